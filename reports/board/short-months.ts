/** Months of which a delivery seems to be missing, read from what is released of them and so from nothing else. */
import type { MonthRun } from './cube.ts';
import { monthsBetween, monthsOf, rangeInWords } from './periods.ts';
import { listText } from './words.ts';

/** The share of a usual month that is missing at least where a file did not come: some of its records come later. */
const MISSING = 0.7;
/** Standard deviations of a Poisson count below the usual. */
const SURE = 3;
/** Months, released by themselves, that say what is usual: so many at most and at least. */
const MOST_MONTHS = 12;
const LEAST_MONTHS = 6;

/**
 * The months of a period, by themselves or as they are shown together, that have so few records that a delivery is more
 * likely to be missing than violence. Usual is the median of the months before, or of those on both sides where those
 * before are few; where all are few, none is named.
 */
export function shortMonths(runs: readonly MonthRun[], period: string): MonthRun[] {
  const months = monthsOf(period);
  return runs.filter((run) => months.includes(run.last) && isShort(run, runs));
}

/** The same, and months of the period that are not shown: those have fewer than `threshold`. */
export function shortOrHidden(runs: readonly MonthRun[], period: string, threshold: number): MonthRun[] {
  const shown = new Set(runs.flatMap(({ first, last }) => monthsBetween(first, last)));
  const hidden = monthsOf(period)
    .filter((month) => !shown.has(month))
    .map((month) => ({
      first: month,
      last: month,
      figure: { value: 0, low: 0, high: threshold - 1 },
    }));
  return [...shortMonths(runs, period), ...hidden.filter((run) => isShort(run, runs))];
}

function isShort({ first, last, figure }: MonthRun, runs: readonly MonthRun[]): boolean {
  // A source begins with few: what its first file holds of the months before.
  if (!runs.some((other) => other.last < first)) return false;
  const single = runs.filter((other) => other.first === other.last && other.first !== first);
  const before = single.filter((other) => other.last < first).slice(-MOST_MONTHS);
  const after = single.filter((other) => other.first > last);
  const beside = before.length < LEAST_MONTHS ? [...before, ...after].slice(0, MOST_MONTHS) : before;
  if (beside.length < LEAST_MONTHS) return false;
  const values = beside.map((other) => other.figure.value).toSorted((a, b) => a - b);
  const usual = values[Math.floor(values.length / 2)] as number;
  const expected = usual * monthsBetween(first, last).length;
  const missing = expected - figure.high;
  return missing >= MISSING * usual && missing >= SURE * Math.sqrt(expected);
}

/** What is said of such months in the place of what they are compared with. */
export function shortInWords(short: readonly MonthRun[]): string {
  const names = listText(short.map(({ first, last }) => rangeInWords(first, last)));
  const isOne = short.length === 1 && short[0]?.first === short[0]?.last;
  return `${names} ${isOne ? 'has' : 'have'} so few records that a delivery may be missing; this period is not compared with others.`;
}
