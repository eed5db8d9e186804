import { expect, test } from 'vitest';
import {
  adjustForSeason,
  daysInMonth,
  fitPoisson,
  type MonthCount,
  weekendNights,
} from '../../../reports/statistics/season.ts';
import { seededRandom } from '../../../reports/statistics/seeded-random.ts';
import { xmrChart } from '../../../reports/statistics/xmr.ts';

function poisson(mean: number, random: () => number): number {
  let probability = Math.exp(-mean);
  let sum = probability;
  const reach = random();
  let count = 0;
  while (reach > sum && count < 10 * mean + 50) {
    count++;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}

function series(length: number, countOf: (t: number) => number): MonthCount[] {
  return Array.from({ length }, (_, t) => ({
    year: 2022 + Math.floor(t / 12),
    month: (t % 12) + 1,
    count: countOf(t),
  }));
}

test('months have the right days and weekend nights', () => {
  expect(daysInMonth(2024, 2)).toBe(29);
  expect(daysInMonth(2025, 12)).toBe(31);
  // February 2025: Fridays and Saturdays fall on 1, 7, 8, 14, 15, 21, 22, 28.
  expect(weekendNights(2025, 2)).toBe(8);
  // August 2025 begins on a Friday: five of each.
  expect(weekendNights(2025, 8)).toBe(10);
});

test('fewer than 24 months are left as they came, and the words say why', () => {
  const short = adjustForSeason(series(23, () => 100));
  expect(short.adjusted).toBe(false);
  expect(short.values).toEqual(new Array(23).fill(100));
  expect(short.words).toContain('at least 24 months, and there are 23');
  expect(adjustForSeason(series(24, () => 0)).words).toContain('no incident');
});

test('a pure calendar and yearly cycle adjusts to a flat line, a trend stays in', () => {
  const cycle = (t: number): number => 1 + 0.2 * Math.cos((2 * Math.PI * ((t % 12) + 0.5)) / 12);
  const days = (t: number): number => daysInMonth(2022 + Math.floor(t / 12), (t % 12) + 1) / 30.4;
  const flat = adjustForSeason(series(48, (t) => 10_000 * days(t) * cycle(t)));
  expect(flat.harmonics).toBe(2);
  expect(Math.max(...flat.values) / Math.min(...flat.values)).toBeLessThan(1.02);
  const rising = adjustForSeason(series(48, (t) => 10_000 * days(t) * cycle(t) * 1.01 ** t));
  expect(rising.values[47]! / rising.values[0]!).toBeCloseTo(1.01 ** 47, 1);
});

test('the fit is at the greatest likelihood: residuals are orthogonal to every covariate', () => {
  const random = seededRandom(4);
  const rows = Array.from({ length: 30 }, () => [1, random(), random()]);
  const counts = rows.map((row) => poisson(Math.exp(1 + row[1]!), random));
  const fit = fitPoisson(rows, counts, new Array(30).fill(0))!;
  for (let k = 0; k < 3; k++) {
    const score = rows.reduce((sum, row, i) => {
      const mean = Math.exp(row.reduce((total, x, j) => total + x * fit.coefficients[j]!, 0));
      return sum + row[k]! * (counts[i]! - mean);
    }, 0);
    expect(Math.abs(score)).toBeLessThan(1e-8);
  }
  expect(
    fitPoisson(
      rows.map(() => [1, 1]),
      counts,
      new Array(30).fill(0),
    ),
  ).toBeUndefined();
});

test('season in a stable series no longer shows as special cause once adjusted', () => {
  const random = seededRandom(11);
  let before = 0;
  let after = 0;
  let last = 0;
  for (let round = 0; round < 200; round++) {
    const months = series(36, (t) => poisson(120 * (1 + 0.2 * Math.sin((2 * Math.PI * t) / 12)), random));
    const special = (values: number[]): boolean =>
      xmrChart(values).points.some((point) => point.cause !== '');
    if (special(months.map((month) => month.count))) before++;
    const adjusted = adjustForSeason(months).values;
    if (special(adjusted)) after++;
    if (xmrChart(adjusted).icon !== 'common') last++;
  }
  expect(before).toBeGreaterThan(180);
  expect(after).toBeLessThan(70);
  expect(last).toBeLessThan(12);
});
