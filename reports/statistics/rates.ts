// Sources: Byar's limits, Breslow and Day (1987), with exact limits (Garwood 1936) below 10 as in English public health
// practice; Wilson (1927) for shares; the ratio of two Poisson counts given their sum, Przyborowski and Wilenski
// (1940), limits by Clopper and Pearson (1934).

import {
  binomialDensity,
  binomialUpperTail,
  lowerGamma,
  normalQuantile,
  regularisedBeta,
  solveIncreasing,
} from './special-functions.ts';

/** Lower and upper confidence limit. */
export interface Limits {
  lower: number;
  upper: number;
}

const EXACT_BELOW = 10;

function quantileFor(confidence: number): number {
  return normalQuantile((1 + confidence) / 2);
}

/** Byar's limits for a count (at least 1 for a lower limit above 0). */
export function byarLimits(count: number, confidence = 0.95): Limits {
  const z = quantileFor(confidence);
  const next = count + 1;
  return {
    lower: count === 0 ? 0 : Math.max(0, count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3),
    upper: next * (1 - 1 / (9 * next) + z / (3 * Math.sqrt(next))) ** 3,
  };
}

/** Exact limits for a Poisson count. */
export function exactPoissonLimits(count: number, confidence = 0.95): Limits {
  const tail = (1 - confidence) / 2;
  const far = count + 20 + 20 * Math.sqrt(count + 1);
  return {
    lower: count === 0 ? 0 : solveIncreasing((x) => lowerGamma(count, x), tail, 0, far),
    upper: solveIncreasing((x) => lowerGamma(count + 1, x), 1 - tail, 0, far),
  };
}

/** Limits for a count: exact below 10, Byar's from 10 on. Divide by the same base as the count for a rate's limits. */
export function countLimits(count: number, confidence = 0.95): Limits {
  return count < EXACT_BELOW ? exactPoissonLimits(count, confidence) : byarLimits(count, confidence);
}

/** Wilson's limits for a share count / total, total above 0. */
export function wilsonLimits(count: number, total: number, confidence = 0.95): Limits {
  const z = quantileFor(confidence);
  const middle = 2 * count + z * z;
  const spread = z * Math.sqrt(z * z + 4 * count * (1 - count / total));
  const base = 2 * (total + z * z);
  return { lower: (middle - spread) / base, upper: (middle + spread) / base };
}

/** Exact Clopper-Pearson limits for a share count / total. */
export function exactShareLimits(count: number, total: number, confidence = 0.95): Limits {
  const tail = (1 - confidence) / 2;
  return {
    lower: count === 0 ? 0 : solveIncreasing((x) => regularisedBeta(x, count, total - count + 1), tail, 0, 1),
    upper:
      count === total
        ? 1
        : solveIncreasing((x) => regularisedBeta(x, count + 1, total - count), 1 - tail, 0, 1),
  };
}

/** Ratio of two rates with its exact limits and two-sided p; upper limits may be Infinity. */
export interface RateRatio extends Limits {
  ratio: number;
  p: number;
}

/**
 * Rate of the first count over the rate of the second, each over its base (days, people), given their sum. The p is
 * the chance of all splits of the sum no likelier than the one seen. NaN and p = 1 when both counts are 0.
 */
export function rateRatio(
  first: { count: number; base: number },
  second: { count: number; base: number },
  confidence = 0.95,
): RateRatio {
  const sum = first.count + second.count;
  const ratio = first.count / first.base / (second.count / second.base);
  if (sum === 0) return { ratio: Number.NaN, lower: 0, upper: Number.POSITIVE_INFINITY, p: 1 };
  const share = exactShareLimits(first.count, sum, confidence);
  const odds = (x: number): number => ((x / (1 - x)) * second.base) / first.base;
  return {
    ratio,
    lower: odds(share.lower),
    upper: share.upper === 1 ? Number.POSITIVE_INFINITY : odds(share.upper),
    p: twoSidedP(first.count, sum, first.base / (first.base + second.base)),
  };
}

/** Sum of the probabilities of all outcomes no likelier than k (as R's binom.test), by the tails on both sides. */
function twoSidedP(k: number, n: number, p: number): number {
  const probability = (x: number): number => binomialDensity(x, n, p, 1 - p);
  const seen = probability(k) * (1 + 1e-7);
  const mode = Math.floor((n + 1) * p);
  if (k === mode) return 1;
  if (k > mode) {
    let low = -1;
    while (low + 1 < mode && probability(low + 1) <= seen) low++;
    return Math.min(1, binomialUpperTail(k, n, p) + binomialUpperTail(n - low, n, 1 - p));
  }
  let high = n + 1;
  while (high - 1 > mode && probability(high - 1) <= seen) high--;
  return Math.min(1, binomialUpperTail(n - k, n, 1 - p) + binomialUpperTail(high, n, p));
}
