/** The publication plan: what is published of every period of a year, fixed by the first period that is frozen. */
import type { Plan, RegisterLine } from '../schemas/register.ts';
import { CUTS } from '../schemas/released.ts';
import type { Settings } from '../schemas/settings.ts';
import { Refused } from './refused.ts';

/** The plan that the settings make. */
export const publicationPlan = ({ disclosure, sources }: Settings): Plan => ({
  policy: disclosure.policy,
  cuts: [...CUTS],
  sources: sources.map(({ id }) => id),
  partnership: 'places over twelve months, held for four quarters',
});

const WORDS: Readonly<Record<keyof Plan, string>> = {
  policy: 'policy',
  cuts: 'set of cuts',
  sources: 'set of sources',
  partnership: 'table for the partnership',
};

/** @throws Refused where a period of the same year was frozen with another plan, naming what differs. */
export function checkPlan(period: string, plan: Plan, register: readonly RegisterLine[]): void {
  const year = period.slice(0, 4);
  const first = register.find((line) => line.event === 'release' && line.period.startsWith(`${year}-`));
  if (first?.event !== 'release') return;
  const differs = (Object.keys(plan) as (keyof Plan)[]).filter(
    (part) => canonical(plan[part]) !== canonical(first.plan[part]),
  );
  if (differs.length > 0)
    throw new Refused(
      `${period} is not published: it would have another ${differs.map((part) => WORDS[part]).join(' and another ')} than ${first.period}, which fixed the plan of ${year} (line ${first.n} of the register): restore what cardiff.yaml said, and change it from ${Number(year) + 1} on`,
    );
}

/** A value as text, whatever the order of its keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
