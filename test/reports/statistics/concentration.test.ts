import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  cellsHolding,
  concentration,
  generalisedGini,
  gini,
  unbiasedGeneralisedGini,
  unbiasedGini,
} from '../../../reports/statistics/concentration.ts';

const VECTORS = '../shared/vectors/statistics/concentration';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);

interface GiniCase {
  x: number[];
  gini_biased: number;
  generalised_biased?: number;
  gini_unbiased?: number;
}

withVectors('Gini coefficients equal the published ones', () => {
  const cases: GiniCase[] = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8')).gini;
  for (const { x, gini_biased, generalised_biased, gini_unbiased } of cases) {
    expect(gini(x)).toBeCloseTo(gini_biased, 12);
    if (generalised_biased !== undefined) expect(generalisedGini(x)).toBeCloseTo(generalised_biased, 12);
    if (gini_unbiased !== undefined) expect(unbiasedGini(x)).toBeCloseTo(gini_unbiased, 12);
  }
});

test('half is held by the fewest cells that reach it', () => {
  expect(cellsHolding([1, 6, 0, 3, 2], 0.5)).toBe(1);
  expect(cellsHolding([1, 5, 0, 3, 2], 0.5)).toBe(2);
  expect(cellsHolding([0, 0], 0.5)).toBe(0);
});

test('an even spread of few incidents is not concentration', () => {
  expect(generalisedGini([1, 1, 0, 0, 0, 0])).toBeCloseTo(0, 12);
  expect(unbiasedGeneralisedGini([2, 0, 0, 0])).toBeCloseTo(1, 12);
  expect(concentration([1, 6, 0, 3, 2])).toMatchObject({ cellsHoldingHalf: 1, occupied: 4 });
});
