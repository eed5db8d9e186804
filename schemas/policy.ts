/** Disclosure policies as data. */
import { z } from 'zod';

export const Policy = z
  .strictObject({
    name: z.string(),
    threshold: z
      .number()
      .int()
      .min(3)
      .describe('Smallest number of persons and of records that may be shown'),
    base: z.number().int().min(2).describe('Rounding base'),
    reserve: z.number().min(1).describe('Expected size of the frozen reserve of the pool, in thresholds'),
    historyMonths: z
      .number()
      .int()
      .min(3)
      .describe('Months of history that a geography of cells is frozen from'),
    minAddresses: z.number().int().describe('A published cell has at least so many addresses, or none'),
    partnershipThreshold: z.number().int().min(3),
    partnershipBands: z.array(z.number().int()).describe('Lower ends of the bands of the partnership tier'),
  })
  .refine((policy) => policy.threshold % policy.base === 0, 'threshold must be a multiple of base')
  .refine(
    (policy) => policy.partnershipBands[0] === policy.partnershipThreshold,
    'bands start at the threshold',
  );
export type Policy = z.infer<typeof Policy>;

/** The default: 10 persons and records, additive keyed rounding to base 5. */
export const ADDITIVE_10_5: Policy = {
  name: 'additive-10-5',
  threshold: 10,
  base: 5,
  reserve: 1.5,
  historyMonths: 12,
  minAddresses: 8,
  partnershipThreshold: 5,
  partnershipBands: [5, 10, 20, 40],
};

export const POLICIES: Readonly<Record<string, Policy>> = { [ADDITIVE_10_5.name]: ADDITIVE_10_5 };
