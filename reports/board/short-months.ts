/** Months of which a delivery seems to be missing, read from what is released of them and so from nothing else. */
import type { MonthRun } from './cube.ts';
import { monthsBetween, monthsOf, rangeInWords } from './periods.ts';
import { listText } from './words.ts';

/** The share of a usual month that is missing, at least, where a file did not come: some of its records come with later ones. */
const MISSING = 0.7;
/** Standard deviations of a Poisson count below the usual. */
const SURE = 3;
/** Months, released by themselves, that say what is usual: so many at most and at least. */
const MOST_MONTHS = 12;
const LEAST_MONTHS = 6;

/**
 * The months of a period, by themselves or as they are shown together, that have so few records that a delivery is more
 * likely to be missing than violence. Usual is the median of the months before; where those are few, none is named.
 */
export function shortMonths(runs: readonly MonthRun[], period: string): MonthRun[] {
  const months = monthsOf(period);
  return runs.filter(({ first, last, figure }) => {
    if (!months.includes(last)) return false;
    const before = runs
      .filter((other) => other.first === other.last && other.last < first)
      .slice(-MOST_MONTHS)
      .map((other) => other.figure.value)
      .toSorted((a, b) => a - b);
    if (before.length < LEAST_MONTHS) return false;
    const usual = before[Math.floor(before.length / 2)] as number;
    const expected = usual * monthsBetween(first, last).length;
    const missing = expected - figure.high;
    return missing >= MISSING * usual && missing >= SURE * Math.sqrt(expected);
  });
}

/** What is said of such months in the place of what they are compared with. */
export function shortInWords(short: readonly MonthRun[]): string {
  const names = listText(short.map(({ first, last }) => rangeInWords(first, last)));
  const have = short.length > 1 ? 'have' : 'has';
  return `${names} ${have} so few records that a delivery may be missing; this period is not compared with others.`;
}
