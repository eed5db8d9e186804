/** agreements/PARTNER.yaml: who may receive what, at which detail, until when. A safety term has no default. */
import { z } from 'zod';
import { CUTS } from './released.ts';
import { SourceSettings } from './settings.ts';

export const TIERS = ['released', 'partnership', 'operational', 'analyst'] as const;
export type Tier = (typeof TIERS)[number];
export const FORMATS = ['csv', 'parquet', 'pdf'] as const;

const text = z.string().trim().min(1);
const day = z.iso.date('wanted a day such as 2026-03-31');
const each = <Item extends z.ZodType<string>>(item: Item) =>
  z
    .array(item)
    .min(1)
    .refine((items) => new Set(items).size === items.length, 'something is named twice');

/** What a tier of rows asks for beside the rest. */
const OperationalTerms = z.strictObject({
  dpia: text.describe('Where the data protection impact assessment is kept, and its date'),
  legal_basis: text.describe('Legal basis beside that of the partnership'),
  no_reidentification: z.literal(true).describe('The partner has promised to identify nobody'),
  contact: text.describe('Whom to ask, and whom to tell of a mistake'),
  use_as_evidence: text.describe('Whether the figures may be used as evidence, and how'),
});

export const Agreement = z
  .strictObject({
    partner: SourceSettings.shape.id.describe("Names the partner's folder; the file is PARTNER.yaml"),
    name: text.describe('What reports call the partner'),
    parties: each(text).describe('Who has agreed'),
    purpose: text.describe('What the partner may use it for'),
    lawful_basis: text,
    tier: z.enum(TIERS).describe('Detail: released, partnership, operational or analyst'),
    sources: each(z.string()).describe('Sources of cardiff.yaml that it may see'),
    cuts: each(z.enum(CUTS)).describe('Breakdowns that it may see'),
    formats: each(z.enum(FORMATS)),
    in_force_from: day,
    review_due: day.describe('Last day before the agreement must have been looked at again'),
    expires: day.describe('Last day in force'),
    notice: text
      .max(120, 'wanted at most 120 characters, since it stands on every page')
      .describe('Stands on every page of the extract'),
    public_key: z
      .string()
      .regex(/^age1[a-z0-9]+$/, 'wanted an age public key (age1…)')
      .optional()
      .describe('What is made for the partner is encrypted to this key'),
    unencrypted: z.literal(true).optional().describe('What is made for the partner is not encrypted'),
    operational: OperationalTerms.optional(),
  })
  .superRefine((agreement, context) => {
    const refuse = (key: keyof typeof agreement, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (agreement.public_key === undefined && !agreement.unencrypted)
      refuse('public_key', 'is missing: name an age public key, or write "unencrypted: true"');
    if (agreement.public_key !== undefined && agreement.unencrypted)
      refuse('unencrypted', 'there is a public_key as well: keep one of the two');
    if (agreement.review_due < agreement.in_force_from)
      refuse('review_due', 'lies before in_force_from: correct one of the two');
    if (agreement.expires < agreement.review_due)
      refuse('expires', 'lies before review_due: correct one of the two');
    if (agreement.tier === 'operational' && !agreement.operational)
      refuse(
        'operational',
        `is missing: the tier operational needs ${Object.keys(OperationalTerms.shape).join(', ')}`,
      );
    if (agreement.tier !== 'operational' && agreement.operational)
      refuse('operational', `belongs to the tier operational alone, and this is ${agreement.tier}`);
  });
export type Agreement = z.infer<typeof Agreement>;
