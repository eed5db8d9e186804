// A lone busy venue is no cluster, so each cell is also tested by itself: against a negative binomial fitted by moments
// (Anscombe 1950) to the capped counts of the field, or, when the people about are known, as in exposure-test.ts.

import { negativeBinomialUpperTail, poissonUpperTail } from './special-functions.ts';

/**
 * One-sided (high) p-value of each cell's own count against what the rest of the field says. The capped counts set
 * the yardstick, the uncapped ones are measured by it. Equal counts have equal p.
 */
export function ownCellPs(counts: ArrayLike<number>, capped: Int32Array): Float64Array {
  const n = capped.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += capped[i]! / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (capped[i]! - mean) ** 2 / Math.max(1, n - 1);
  const known = new Map<number, number>();
  return Float64Array.from(counts, (count) => {
    const p = known.get(count) ?? upperTail(count, mean, variance);
    known.set(count, p);
    return p;
  });
}

function upperTail(count: number, mean: number, variance: number): number {
  if (variance <= mean * 1.000001) return poissonUpperTail(count, mean);
  return negativeBinomialUpperTail(count, mean, mean ** 2 / (variance - mean));
}
