// Sources: Mann (1945), Kendall (1975) with the variance for ties; slope, Theil (1950), Sen (1968), limits by order
// statistics as in Gilbert (1987), section 16.5.

import { normalQuantile, normalUpperTail } from './special-functions.ts';

/** Mann-Kendall test with Sen's slope per step; tau is tau-b, its denominator corrected for ties. */
export interface TrendTest {
  s: number;
  variance: number;
  tau: number;
  z: number;
  p: number;
  slope: number;
  lower: number;
  upper: number;
}

/** Test for a steady rise or fall in equally spaced values, at least three, with limits of the slope at confidence. */
export function mannKendall(values: number[], confidence = 0.95): TrendTest {
  const n = values.length;
  const slopes: number[] = [];
  let s = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const change = values[j]! - values[i]!;
      s += Math.sign(change);
      slopes.push(change / (j - i));
    }
  }
  slopes.sort((a, b) => a - b);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  let tied = 0;
  let tiedPairs = 0;
  for (const t of ties.values()) {
    tied += t * (t - 1) * (2 * t + 5);
    tiedPairs += (t * (t - 1)) / 2;
  }
  const pairs = slopes.length;
  const variance = (n * (n - 1) * (2 * n + 5) - tied) / 18;
  const z = variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance);
  return {
    s,
    variance,
    tau: s / Math.sqrt(pairs * (pairs - tiedPairs)),
    z,
    p: Math.min(1, 2 * normalUpperTail(Math.abs(z))),
    slope: (slopes[(pairs - 1) >> 1]! + slopes[pairs >> 1]!) / 2,
    lower: slopes[Math.max(0, Math.round((pairs - reach) / 2) - 1)]!,
    upper: slopes[Math.min(pairs - 1, Math.round((pairs + reach) / 2))]!,
  };
}
