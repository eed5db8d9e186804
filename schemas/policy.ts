/** Disclosure policies as data: two that come with the software, and whatever form of them a partnership writes. */
import { z } from 'zod';

const whole = (low: number, high: number) =>
  z
    .number(`wanted a whole number from ${low} to ${high}`)
    .int(`wanted a whole number from ${low} to ${high}`)
    .min(low, `wanted a whole number from ${low} to ${high}`)
    .max(high, `wanted a whole number from ${low} to ${high}`);

const rules = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'wanted lower-case letters, digits and hyphens')
    .describe('What the policy is called on everything released'),
  rounding: z
    .enum(['additive', 'nearest'], 'wanted additive or nearest')
    .describe(
      'additive: what is below the threshold is pooled, and all parts add up. nearest: what is below it is shown as *, each value stands by itself, and a total is the sum of what is shown',
    ),
  threshold: whole(3, 1000).describe('Smallest number of persons and of records that may be shown'),
  base: whole(2, 100).describe('Rounding base'),
  reserve: z
    .number('wanted a number from 1 to 10')
    .min(1, 'wanted a number from 1 to 10')
    .max(10, 'wanted a number from 1 to 10')
    .describe('Expected size of the frozen reserve of the pool, in thresholds'),
  historyMonths: whole(3, 60).describe('Months of history that a geography of cells is frozen from'),
  minAddresses: whole(1, 1000).describe('A published cell has at least so many addresses, or none'),
  partnershipThreshold: whole(3, 1000).describe('The threshold of the partnership tier'),
  partnershipBands: z
    .array(whole(3, 100_000), 'wanted the lower ends of bands, such as [5, 10, 20, 40]')
    .min(2, 'wanted the lower ends of two bands or more')
    .describe('Lower ends of the bands of the partnership tier'),
};

type Rules = z.infer<ReturnType<typeof rulesObject>>;
const rulesObject = () => z.strictObject(rules);

/**
 * Whether a policy's values can begin at a threshold: an additive one at a multiple of the base, else at the smallest
 * number that rounds to some multiple, so that no value stands for less than others.
 */
export const isSmallestShown = (
  threshold: number,
  { rounding, base }: Pick<Rules, 'rounding' | 'base'>,
): boolean =>
  rounding === 'additive'
    ? threshold % base === 0
    : Math.round(threshold / base) * base - Math.floor(base / 2) === threshold;

/** What is wrong with rules that are numbers each, with the path of the one to change; undefined where nothing is. */
function contradiction(policy: Rules): { readonly path: string; readonly message: string } | undefined {
  const { threshold, base, rounding, partnershipThreshold: least, partnershipBands: bands } = policy;
  if (base > threshold) return { path: 'base', message: 'wanted a base that is not above the threshold' };
  if (rounding === 'additive' && !isSmallestShown(threshold, policy))
    return {
      path: 'threshold',
      message: 'wanted a multiple of the base, so that no value is shown below it',
    };
  if (rounding === 'nearest' && !isSmallestShown(threshold, policy))
    return {
      path: 'threshold',
      message:
        'wanted the smallest number that rounds to some multiple of the base, so that no value stands for less than others',
    };
  if (bands[0] !== least)
    return { path: 'partnershipBands', message: 'wanted the first band to start at partnershipThreshold' };
  if (bands.some((low, i) => i > 0 && low < (bands[i - 1] as number) + 3))
    return { path: 'partnershipBands', message: 'wanted rising bands of three numbers or more' };
  return undefined;
}

const OWN_FORM = 'wanted additive-10-5, ecds-8-5, or a policy of your own in the form of these';

/** The rules of a policy as settings write them. */
export const PolicyRules = z
  .strictObject(rules, { error: (issue) => (issue.code === 'invalid_type' ? OWN_FORM : undefined) })
  .superRefine((policy, context) => {
    const wrong = contradiction(policy);
    if (wrong) context.addIssue({ code: 'custom', path: [wrong.path], message: wrong.message });
  });

/** A policy in force: the rules, and from what count sexual offences take part in places. */
export interface Policy extends z.infer<typeof PolicyRules> {
  /**
   * "never": they are in no cut of places, cells or areas. A number: they are, and that number is the threshold of
   * those cuts, in both tiers.
   */
  readonly sexualOffencesByPlace: 'never' | number;
}

/** The default: 10 persons and records, additive keyed rounding to base 5. */
export const ADDITIVE_10_5: Policy = {
  name: 'additive-10-5',
  rounding: 'additive',
  threshold: 10,
  base: 5,
  reserve: 1.5,
  historyMonths: 12,
  minAddresses: 8,
  partnershipThreshold: 5,
  partnershipBands: [5, 10, 20, 40],
  sexualOffencesByPlace: 'never',
};

/** As NHS statistics of emergency care since 2018: 1 to 7 as *, others to the nearest 5, zeros shown. */
export const ECDS_8_5: Policy = { ...ADDITIVE_10_5, name: 'ecds-8-5', rounding: 'nearest', threshold: 8 };

export const POLICIES: Readonly<Record<string, Policy>> = {
  [ADDITIVE_10_5.name]: ADDITIVE_10_5,
  [ECDS_8_5.name]: ECDS_8_5,
};

/** The policy with its thresholds for cuts of places, where sexual offences are among them. */
export function forPlaces(policy: Policy): Policy {
  const { sexualOffencesByPlace: from, partnershipBands } = policy;
  if (from === 'never') return policy;
  return {
    ...policy,
    threshold: from,
    partnershipThreshold: from,
    partnershipBands: [from, ...partnershipBands.filter((low) => low >= from + 3)],
  };
}
