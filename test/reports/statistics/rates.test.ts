import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  byarLimits,
  countLimits,
  exactPoissonLimits,
  exactShareLimits,
  rateRatio,
  wilsonLimits,
} from '../../../reports/statistics/rates.ts';

const VECTORS = '../shared/vectors/statistics/rates';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);

withVectors("Byar's and Wilson's limits equal the public health tool's", () => {
  const lines = readFileSync(`${VECTORS}/phe_Byars_Wilson__testdata_B_W.csv`, 'utf8').split('\n').slice(1);
  let checked = 0;
  for (const line of lines) {
    const [x, n, lower, upper, confidence, method] = line.trim().split(',');
    if (!x) continue;
    const level = confidence === '95%' ? 0.95 : 0.998;
    const limits =
      method === 'Byars' ? byarLimits(Number(x), level) : wilsonLimits(Number(x), Number(n), level);
    if (lower) expect(limits.lower).toBeCloseTo(Number(lower), 9);
    expect(limits.upper).toBeCloseTo(Number(upper), 9);
    checked++;
  }
  expect(checked).toBe(13);
});

withVectors('exact rate ratios equal those of R', () => {
  const expected = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8'));
  const cases = [
    ['poisson_test_11_800_vs_21_3011', { count: 11, base: 800 }, { count: 21, base: 3011 }],
    ['poisson_test_30_vs_18', { count: 30, base: 1 }, { count: 18, base: 1 }],
  ] as const;
  for (const [name, first, second] of cases) {
    const got = rateRatio(first, second);
    expect(got.ratio).toBeCloseTo(expected[name].RR, 9);
    expect(got.lower).toBeCloseTo(expected[name].ci95[0], 9);
    expect(got.upper).toBeCloseTo(expected[name].ci95[1], 9);
    expect(got.p).toBeCloseTo(expected[name].p, 8);
  }
});

test('counts below 10 have exact limits, counts from 10 on Byar ones', () => {
  expect(countLimits(9)).toEqual(exactPoissonLimits(9));
  expect(countLimits(10)).toEqual(byarLimits(10));
  expect(exactPoissonLimits(0).lower).toBe(0);
  expect(exactPoissonLimits(0).upper).toBeCloseTo(-Math.log(0.025), 12);
  expect(exactPoissonLimits(1).lower).toBeCloseTo(-Math.log(0.975), 12);
  expect(exactPoissonLimits(3).upper).toBeCloseTo(8.767273, 5);
});

test('shares of none and all have one open side', () => {
  expect(exactShareLimits(0, 10)).toEqual({ lower: 0, upper: expect.closeTo(1 - 0.025 ** 0.1, 12) });
  expect(exactShareLimits(10, 10).upper).toBe(1);
});

test('ratios with an empty side stay meaningful', () => {
  const none = rateRatio({ count: 0, base: 1 }, { count: 0, base: 1 });
  expect(none.p).toBe(1);
  expect(none.ratio).toBeNaN();
  const before = rateRatio({ count: 5, base: 1 }, { count: 0, base: 1 });
  expect(before.upper).toBe(Number.POSITIVE_INFINITY);
  expect(before.p).toBeCloseTo(0.0625, 12);
});
