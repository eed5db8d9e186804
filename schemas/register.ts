/** register.jsonl: what left and what did not, one line an event. Names, periods, hashes and reasons; never a count. */
import { z } from 'zod';
import { FORMATS, TIERS } from './agreement.ts';
import type { Policy } from './policy.ts';
import { CUTS } from './released.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const period = z.string();
const because = z.string().min(1);
const files = z.array(z.strictObject({ path: z.string(), sha256 }));

/** What is published of every period of a year: fixed by the first that is frozen. */
export const Plan = z.strictObject({
  policy: z.custom<Policy>((value) => typeof value === 'object' && value !== null && 'name' in value),
  cuts: z.array(z.enum(CUTS)),
  sources: z.array(z.string()),
  partnership: z.string(),
});
export type Plan = z.infer<typeof Plan>;

const EVENTS = [
  z.strictObject({ event: z.literal('draft'), period, manifest: sha256, plan: Plan }),
  z.strictObject({ event: z.literal('approval'), period, draft: sha256, by: z.string().min(1) }),
  z.strictObject({
    event: z.literal('release'),
    period,
    manifest: sha256,
    plan: Plan,
    recipients: z.array(z.string()),
    approved_by: z.array(z.string()),
    files,
  }),
  z.strictObject({
    event: z.literal('extract'),
    period,
    partner: z.string(),
    tier: z.enum(TIERS),
    sources: z.array(z.string()),
    cuts: z.array(z.enum(CUTS)),
    formats: z.array(z.enum(FORMATS)),
    encrypted: z.boolean(),
    manifest: sha256,
    files,
  }),
  z.strictObject({ event: z.literal('withheld'), period, partner: z.string(), because }),
  z.strictObject({ event: z.literal('refusal'), period, because }),
  z.strictObject({
    event: z.literal('retraction'),
    period,
    source: z.string().nullable(),
    cut: z.enum(CUTS).nullable(),
    atom: z.string().nullable(),
    because,
  }),
  z.strictObject({ event: z.literal('geography'), source: z.string(), first_quarter: period, sha256 }),
  z.strictObject({ event: z.literal('erasure'), source: z.string() }),
] as const;

/** An event with its own fields. */
export const RegisterEvent = z.discriminatedUnion('event', EVENTS);
export type RegisterEvent = z.infer<typeof RegisterEvent>;

/** What every line has: its number from 1, when it was written, and the SHA-256 of the line before it. */
export const RegisterHead = z.object({
  n: z.number().int().min(1),
  at: z.iso.datetime(),
  previous: sha256.nullable(),
});
export type RegisterLine = z.infer<typeof RegisterHead> & RegisterEvent;

/** A line of one kind. */
export type LineOf<Event extends RegisterEvent['event']> = Extract<RegisterLine, { event: Event }>;
