// Given the city's total, incidents spread in proportion to the people about make a binomial count in any part of it
// (the null of Kulldorff 1997). People who come again and brawls with several injured make incidents arrive in
// bunches: then the counts are Dirichlet-multinomial (Mosimann 1962) and every part's count beta-binomial, with the
// variance of the binomial times one factor that is the same for every part.

import { betaBinomialUpperTail, binomialUpperTail } from './special-functions.ts';

/** P(count >= k) in a part of the city with this share of the exposure, given the city's total and the factor. */
export function exposureTail(k: number, incidents: number, share: number, factor: number): number {
  if (k <= 0) return 1;
  if (share >= 1) return 1;
  if (share <= 0) return 0;
  if (factor <= 1 || incidents < 2) return binomialUpperTail(k, incidents, share);
  const weight = Math.max(0.01, (incidents - factor) / (factor - 1));
  return betaBinomialUpperTail(k, incidents, weight * share, weight * (1 - share));
}

/** Sum of values. */
export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
