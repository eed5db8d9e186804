import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  benjaminiHochberg,
  benjaminiHochbergThreshold,
} from '../../../reports/statistics/benjamini-hochberg.ts';

test('adjusted values are those worked by hand', () => {
  const qs = benjaminiHochberg(Float64Array.of(0.01, 0.04, 0.03, 0.005, 0.5));
  expect([...qs].map((q) => Number(q.toFixed(12)))).toEqual([0.025, 0.05, 0.05, 0.025, 0.5]);
});

test('equal p-values share the lowest q, and untested places stay out of the count', () => {
  const qs = benjaminiHochberg(Float64Array.of(0.02, Number.NaN, 0.02, 0.9));
  expect(qs[0]).toBeCloseTo(0.03, 12);
  expect(qs[2]).toBe(qs[0]);
  expect(qs[1]).toBeNaN();
});

test('an empty list gives an empty list', () => {
  expect(benjaminiHochberg(new Float64Array())).toHaveLength(0);
});

test('the threshold calls exactly the places whose q is at most alpha', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), { minLength: 1 }), (list) => {
      const ps = Float64Array.from(list);
      const threshold = benjaminiHochbergThreshold(ps, 0.05);
      const called = [...ps].map((p) => p <= threshold);
      // A q within a rounding of alpha may fall either way.
      benjaminiHochberg(ps).forEach((q, i) => {
        if (Math.abs(q - 0.05) > 1e-12) expect(q <= 0.05).toBe(called[i]);
      });
    }),
  );
});
