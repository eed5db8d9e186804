import { expect, test } from 'vitest';
import type { MonthRun } from '../../../reports/board/cube.ts';
import { monthsBetween } from '../../../reports/board/periods.ts';
import { shortInWords, shortMonths, shortOrHidden } from '../../../reports/board/short-months.ts';
import { seededRandom } from '../../../reports/statistics/seeded-random.ts';

/** Months as the additive policy shows them: by themselves from ten on, and with the next ones below that. */
function released(counts: readonly number[], firstMonth = '2024-01'): MonthRun[] {
  const months = monthsBetween(firstMonth, '2030-12');
  const runs: MonthRun[] = [];
  let first = 0;
  let open = 0;
  counts.forEach((count, i) => {
    open += count;
    if (open < 10) return;
    const value = 5 * Math.round(open / 5);
    runs.push({
      first: months[first]!,
      last: months[i]!,
      figure: { value, low: value - 4, high: value + 4 },
    });
    first = i + 1;
    open = 0;
  });
  return runs;
}
const named = (counts: readonly number[], period: string) =>
  shortMonths(released(counts), period).map(({ first, last }) =>
    first === last ? first : `${first}/${last}`,
  );

const YEAR = [90, 85, 95, 80, 100, 90, 85, 95, 90, 100, 85, 90];

test.each([
  ['nothing came, and the month stands with the next', [...YEAR, 95, 0, 90], '2025-Q1', ['2025-02/2025-03']],
  ['a few late records came', [...YEAR, 95, 8, 90], '2025-Q1', ['2025-02/2025-03']],
  ['enough late records came for it to stand by itself', [...YEAR, 95, 12, 90], '2025-Q1', ['2025-02']],
  ['the last month of the period is missing, and is shown later', [...YEAR, 95, 90, 3], '2025-Q1', []],
  ['all is as usual', [...YEAR, 95, 70, 110], '2025-Q1', []],
  ['there are half as many as before', [...YEAR, 45, 50, 40], '2025-Q1', []],
  ['the month is missing in another period', [...YEAR, 95, 8, 90, 85, 90, 95], '2025-Q2', []],
  ['few months are known at all', [90, 85, 95, 80, 12, 90], '2024-Q2', []],
  [
    'a source begins with the few that its first file holds of the month before',
    [4, 70, 90, ...YEAR],
    '2024-Q1',
    [],
  ],
  ['what is usual is told by the months after it', [90, 8, 90, ...YEAR], '2024-Q1', ['2024-02/2024-03']],
  ['the month is asked for by itself', [...YEAR, 95, 12], '2025-02', ['2025-02']],
  ['few are usual: what rolls forward is no gap', [12, 14, 11, 13, 12, 15, 11, 9, 8, 7, 12], '2024-Q3', []],
])('%s', (_, counts, period, short) => {
  expect(named(counts, period)).toEqual(short);
});

test('a month that is not shown is named to the operator, where one below the threshold is not to be expected', () => {
  const hidden = (counts: readonly number[], period: string) => shortOrHidden(released(counts), period, 10);
  expect(hidden([...YEAR, 95, 90, 3], '2025-Q1').map(({ first }) => first)).toEqual(['2025-03']);
  expect(hidden([...YEAR, 95, 3], '2025-02').map(({ first }) => first)).toEqual(['2025-02']);
  expect(hidden([...YEAR, 95, 90, 90], '2025-Q1')).toEqual([]);
  expect(hidden([12, 14, 11, 13, 12, 15, 11, 9, 8], '2024-Q3')).toEqual([]);
});

test('months are named in a sentence', () => {
  const of = (first: string, last: string) => ({ first, last, figure: { value: 10, low: 6, high: 14 } });
  expect(shortInWords([of('2025-08', '2025-08')])).toMatch(/^August 2025 has so few records that/);
  expect(shortInWords([of('2025-08', '2025-09')])).toMatch(/^August to September 2025 have so few/);
});

test('of 2,000 quarters of which all was delivered, at most one in a thousand is thought short', () => {
  const random = seededRandom(11);
  const poisson = (mean: number) => {
    let n = -1;
    let time = 0;
    while (time < mean) {
      time += -Math.log(1 - random());
      n++;
    }
    return n;
  };
  let short = 0;
  for (let i = 0; i < 2000; i++) {
    // A third more spread than chance has, and any usual number from 5 to 150.
    const usual = 5 * 30 ** random();
    const counts = Array.from({ length: 15 }, () => poisson(usual * (0.8 + 0.4 * random())));
    if (named(counts, '2025-Q1').length > 0) short++;
  }
  expect(short).toBeLessThanOrEqual(2);
});

test('where one month of fifty or more did not come, it is named 19 times in 20', () => {
  const random = seededRandom(12);
  let found = 0;
  for (let i = 0; i < 500; i++) {
    const usual = 50 + 100 * random();
    const counts = Array.from({ length: 15 }, () => Math.round(usual * (0.85 + 0.3 * random())));
    counts[13] = Math.round(0.08 * usual);
    if (named(counts, '2025-Q1').length > 0) found++;
  }
  expect(found).toBeGreaterThan(475);
});
