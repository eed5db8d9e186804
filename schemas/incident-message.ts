/**
 * What a hospital's worker sends to its partnership over Kafka: the depersonalised incidents of one stretch of a raw
 * partition, with the offsets that they came from. The receiver trusts none of it.
 */
import { z } from 'zod';
import {
  AGE_BANDS,
  LOCATED_BY,
  PLACE_KINDS,
  ROW_KEY,
  SEXES,
  SUPPLIER_KEY,
  TIME_PRECISIONS,
  WEAPONS,
  WITHDRAWN,
} from './incident.ts';
import { MOST_NOTED } from './noted.ts';

/** Rows of a source that one message stands for, at most; as many as a broker's usual limit of 1 MB holds. */
export const MOST_MESSAGE_ROWS = 4096;

const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const list = <T extends z.ZodType>(of: T) => z.array(of).max(MOST_MESSAGE_ROWS);
const digest = z.string().regex(/^[0-9a-f]{32}$/);
// Days of the years 1996 to 2199, in which an incident can lie; hours of the same.
const day = z.number().int().min(9496).max(84_005);
const hour = z.number().int().min(227_000).max(2_017_000);
const words = z.string().regex(/^[^\p{Cc}]{1,120}$/u);
const counts = z.record(words, z.record(words, whole));
const term = whole.max(MOST_MESSAGE_ROWS * 4).nullable();

/** One entry an incident; a WITHDRAWN one says nothing but its key. */
const columns = z.strictObject({
  offset: list(whole),
  key: list(digest),
  keyed: list(z.union([z.literal(ROW_KEY), z.literal(SUPPLIER_KEY), z.literal(WITHDRAWN)])),
  version: list(z.number().nullable()),
  person: list(digest.nullable()),
  occurred_on: list(day.nullable()),
  month: list(day.nullable()),
  hour_of_week: list(whole.max(167).nullable()),
  time_precision: list(z.enum(TIME_PRECISIONS)),
  window_from: list(hour.nullable()),
  window_to: list(hour.nullable()),
  cell: list(
    z
      .string()
      .regex(/^89[0-9a-f]{13}$/)
      .nullable(),
  ),
  located_by: list(z.enum(LOCATED_BY)),
  place_kind: list(z.enum(PLACE_KINDS)),
  weapon: list(z.enum(WEAPONS)),
  age_band: list(z.enum(AGE_BANDS)),
  sex: list(z.enum(SEXES)),
  supplier: list(term),
  area_code: list(term),
  place_id: list(term),
  offence: list(term),
  noted: list(whole.max(MOST_NOTED)),
});

export const IncidentMessage = z
  .strictObject({
    format: z.literal(1),
    source: z.string(),
    profile: z.string(),
    /** Fingerprint of the key that digests were made with: under another, every record would count again. */
    key: z.string().regex(/^[0-9a-f]{16,128}$/),
    /** Where the raw records lie: cluster, topic and which making of it, partition, and from which offset up to which. */
    origin: z.string().regex(/^[\w-]{1,64}$/),
    topic: z.string().regex(/^[A-Za-z0-9._-]{1,249}$/),
    generation: whole,
    partition: whole,
    from: whole,
    next: whole,
    tally: z.strictObject({
      read: whole,
      passed: whole,
      rejected: counts,
      excluded: counts,
      unmapped: z.record(words, whole),
      located: whole,
      homeGated: whole,
      timeKnown: whole,
      // Those that were sent before these were counted have neither.
      personalTexts: whole.default(0),
      flagged: z.record(words, whole).default({}),
      coveredTo: day.nullable(),
    }),
    /** Offsets of rows that became no incident, as often as they did. */
    left_out: list(whole),
    bad: z.array(z.strictObject({ offset: whole, reason: words })).max(MOST_MESSAGE_ROWS * 16),
    terms: z.array(z.string().regex(/^[\p{L}\p{N} ._:'’()&/-]{1,120}$/u)).max(MOST_MESSAGE_ROWS * 4),
    columns,
  })
  .refine(
    ({ columns: all, terms, from, next }) =>
      Object.values(all).every((column) => column.length === all.offset.length) &&
      [all.supplier, all.area_code, all.place_id, all.offence].every((column) =>
        column.every((number) => number === null || number < terms.length),
      ) &&
      all.offset.every((offset) => offset >= from && offset < next) &&
      all.keyed.every(
        (keyed, i) => keyed === WITHDRAWN || (all.supplier[i] !== null && all.month[i] !== null),
      ) &&
      // A home has no place, whoever says so.
      all.place_kind.every(
        (kind, i) =>
          kind !== 'home' || (all.cell[i] === null && all.place_id[i] === null && all.area_code[i] === null),
      ),
  );
export type IncidentMessage = z.infer<typeof IncidentMessage>;
