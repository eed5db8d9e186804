import { expect, test } from 'vitest';
import { findBreaks } from '../../../reports/statistics/change-in-shares.ts';
import { testIndependence } from '../../../reports/statistics/independence.ts';
import { seededRandom } from '../../../reports/statistics/seeded-random.ts';

const SHARES = [0.7, 0.1, 0.08, 0.06, 0.04, 0.02];

/** Periods of `n` records each, every record drawn with the shares of its period. */
function draw(
  periods: number,
  n: number,
  sharesOf: (period: number) => readonly number[],
  seed: number,
): number[][] {
  const random = seededRandom(seed);
  return Array.from({ length: periods }, (_, period) => {
    const shares = sharesOf(period);
    const counts = shares.map(() => 0);
    for (let i = 0; i < n; i++) {
      let left = random();
      let at = 0;
      while (at < shares.length - 1 && left >= shares[at]!) left -= shares[at++]!;
      counts[at]!++;
    }
    return counts;
  });
}

const breaksOf = (counts: number[][]) => findBreaks(counts).breaks.map(({ at }) => at);

test('where nothing changes nothing is called, in 300 series of any size', () => {
  let called = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const n = [25, 60, 200][seed % 3]!;
    if (breaksOf(draw(27, n, () => SHARES, seed)).length > 0) called++;
  }
  // One in a thousand, and a change of ten points at least.
  expect(called).toBeLessThanOrEqual(1);
});

test('where months differ by more than chance, and nothing changes, nothing is called', () => {
  let called = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const tilt = Array.from({ length: 27 }, () => 0.12 * (random() - 0.5));
    const counts = draw(27, 80, (i) => [0.7 + tilt[i]!, 0.3 - tilt[i]!], seed);
    if (breaksOf(counts).length > 0) called++;
  }
  expect(called).toBeLessThanOrEqual(2);
});

test.each([
  ['for good, in the middle', 13, 27],
  ['for good, from the second period', 1, 27],
  ['for good, in the last period', 26, 27],
  ['in the first period alone', 0, 1],
  ['in one period', 9, 10],
  ['for four periods', 20, 24],
])('another coding %s is found where it is', (_, from, to) => {
  const other = [0.35, 0.1, 0.08, 0.06, 0.04, 0.37];
  for (let seed = 1; seed <= 10; seed++) {
    const counts = draw(27, 80, (i) => (i >= from && i < to ? other : SHARES), seed);
    const { breaks } = findBreaks(counts);
    expect(breaks.map(({ at }) => at)).toEqual([from, to].filter((at) => at > 0 && at < 27));
    for (const { category, p } of breaks) {
      expect([0, 5]).toContain(category);
      expect(p).toBeLessThan(0.001);
    }
  }
});

test('a period in which everything is empty is found, with the share before and after', () => {
  const counts = draw(27, 80, (i) => (i === 11 ? [0, 0, 0, 0, 0, 1] : SHARES), 1);
  const { breaks, stretches } = findBreaks(counts);
  expect(breaks.map(({ at, change }) => [at, Math.sign(change)])).toEqual([
    [11, 1],
    [12, -1],
  ]);
  expect(stretches.map(({ from, to }) => [from, to])).toEqual([
    [0, 10],
    [11, 11],
    [12, 26],
  ]);
  expect(stretches[1]?.shares[5]).toBe(1);
});

test('two changes one after the other are two breaks', () => {
  const second = [0.4, 0.4, 0.08, 0.06, 0.04, 0.02];
  const third = [0.4, 0.1, 0.38, 0.06, 0.04, 0.02];
  const counts = draw(30, 100, (i) => (i < 10 ? SHARES : i < 20 ? second : third), 5);
  expect(breaksOf(counts)).toEqual([10, 20]);
});

test('a change of less than ten points is no change of coding, however sure it is', () => {
  const other = [0.64, 0.16, 0.08, 0.06, 0.04, 0.02];
  expect(breaksOf(draw(27, 5000, (i) => (i < 13 ? SHARES : other), 1))).toEqual([]);
});

test('nothing, one period, and periods without records are no break', () => {
  expect(findBreaks([])).toEqual({ stretches: [], breaks: [] });
  expect(breaksOf([[10, 20]])).toEqual([]);
  const empty = [0, 0, 0, 0, 0, 0];
  const counts = draw(27, 80, () => SHARES, 3).map((row, i) => (i % 5 === 0 ? empty : row));
  expect(breaksOf(counts)).toEqual([]);
  expect(
    breaksOf([
      [0, 0],
      [0, 0],
    ]),
  ).toEqual([]);
});

test('Pearson’s chi-square and Cramér’s V are those of a table of two by two', () => {
  // 30 of 100 against 50 of 100: chi-square 8.3333, V its root over 200.
  const { chiSquare, df, p, v } = testIndependence([
    { have: 30, of: 100 },
    { have: 50, of: 100 },
  ]);
  expect(df).toBe(1);
  expect(chiSquare).toBeCloseTo(25 / 3, 10);
  expect(p).toBeCloseTo(0.0038924, 6);
  expect(v).toBeCloseTo(Math.sqrt(25 / 3 / 200), 10);
});

test('groups too small to be compared are held together, and nothing by itself is no difference', () => {
  const small = Array.from({ length: 6 }, () => ({ have: 1, of: 4 }));
  const { df } = testIndependence([{ have: 30, of: 100 }, { have: 50, of: 100 }, ...small]);
  expect(df).toBe(2);
  expect(testIndependence([])).toMatchObject({ df: 0, p: 1, v: 0 });
  expect(
    testIndependence([
      { have: 5, of: 5 },
      { have: 9, of: 9 },
    ]),
  ).toMatchObject({ p: 1 });
});
