// Sources: the statistic, Getis and Ord (1992), Ord and Getis (1995), equation 14.2 (divisor n). The p-values are not
// its normal approximation, which calls far too much at counts like these, nor a sample of shuffles, which cannot
// reach the small p that thousands of cells need, but the exact permutation distribution: counts are whole numbers
// and weights 0 or 1, so the ways to draw j counts with sum s are found value by value (a generating function).

import { type Neighbours, starSize, sumStars } from './neighbours.ts';

/**
 * P(sum of j counts drawn without replacement >= s) for each j <= maxDraws, in rows of `width` columns.
 * Made by `drawTails`, read by `tailProbability`.
 */
export interface DrawTails {
  width: number;
  tails: Float64Array;
}

/**
 * Share of occupied cells left uncapped. Measured (2026-11-21) on twelve shuffled quarters of police violence (Cardiff,
 * Swansea, Vale of Glamorgan with Bridgend; 60 fields each), 20 planted on each of seven cells: all seven called in
 * every field for any share from 0.96 to 0.975; in 45% of one Cardiff quarter's at 0.95, in 50% of another's at 0.985.
 */
const UNCAPPED_SHARE = 0.97;

/** In sparse fields a lower cap than this throws away what distinguishes a spot, and extremes are no nuisance. */
const LEAST_CAP = 5;

/**
 * The cap for a period: the 97th percentile (nearest rank, at least 5) of the occupied cells among the counts of
 * earlier periods. Taken from the field itself when there are none: shuffling leaves it alone, so the test is exact
 * all the same. Another share of the occupied cells may be asked for.
 */
export function capFromHistory(counts: ArrayLike<number>, share = UNCAPPED_SHARE): number {
  const occupied = Float64Array.from(counts)
    .filter((count) => count > 0)
    .sort();
  if (occupied.length === 0) return LEAST_CAP;
  return Math.max(LEAST_CAP, occupied[Math.ceil(share * occupied.length) - 1]!);
}

/**
 * Counts held down to cap, a whole number of at least 1. Without it one extreme cell makes every star that touches
 * it hot and, being drawn by chance often enough, hides all the others.
 */
export function capCounts(counts: ArrayLike<number>, cap: number): Int32Array {
  const capped = new Int32Array(counts.length);
  for (let i = 0; i < capped.length; i++) capped[i] = Math.min(counts[i] as number, cap);
  return capped;
}

/** How often each count occurs: values ascending and their frequencies. */
function histogram(counts: Int32Array): { values: number[]; frequencies: number[] } {
  const frequency = new Map<number, number>();
  for (const count of counts) frequency.set(count, (frequency.get(count) ?? 0) + 1);
  const values = [...frequency.keys()].sort((a, b) => a - b);
  return { values, frequencies: values.map((value) => frequency.get(value)!) };
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k; i++) ways *= (n - i) / (i + 1);
  return ways;
}

function tailsOfHistogram(values: number[], frequencies: number[], maxDraws: number): DrawTails {
  const width = maxDraws * Math.max(0, ...values) + 1;
  const ways = new Float64Array((maxDraws + 1) * width);
  ways[0] = 1;
  let total = 0;
  values.forEach((value, at) => {
    const frequency = frequencies[at]!;
    total += frequency;
    const below = values[at - 1] ?? 0;
    for (let j = maxDraws; j > 0; j--) {
      const row = j * width;
      for (let t = 1; t <= Math.min(j, frequency); t++) {
        const factor = choose(frequency, t);
        const from = (j - t) * width;
        const last = (j - t) * below;
        const shift = row + t * value;
        for (let s = 0; s <= last; s++) ways[shift + s]! += ways[from + s]! * factor;
      }
    }
  });
  for (let j = 0; j <= maxDraws; j++) {
    const all = choose(total, j);
    let sum = 0;
    for (let at = (j + 1) * width - 1; at >= j * width; at--) {
      sum += ways[at]!;
      ways[at] = Math.min(1, sum / all);
    }
  }
  return { width, tails: ways };
}

/** The exact tails for sums of up to maxDraws of these counts (whole, not negative; cap them first). */
export function drawTails(counts: Int32Array, maxDraws: number): DrawTails {
  const { values, frequencies } = histogram(counts);
  return tailsOfHistogram(values, frequencies, maxDraws);
}

/** P(sum of `draws` counts >= sum). */
export function tailProbability(table: DrawTails, draws: number, sum: number): number {
  return sum >= table.width ? 0 : table.tails[draws * table.width + sum]!;
}

function largestStar(neighbours: Neighbours, n: number): number {
  let largest = 1;
  for (let i = 0; i < n; i++) largest = Math.max(largest, starSize(neighbours, i));
  return largest;
}

/** Looks the star of every cell up in a table that reaches its size; ps is allocated by the caller. */
export function starTails(
  counts: Int32Array,
  neighbours: Neighbours,
  table: DrawTails,
  ps: Float64Array,
): void {
  sumStars(counts, neighbours, ps);
  const n = counts.length;
  for (let i = 0; i < n; i++) {
    ps[i] = tailProbability(table, starSize(neighbours, i), ps[i] as number);
  }
}

/** Table for the stars of these cells: one serves every cell and every shuffle of the same counts. */
export function starTable(counts: Int32Array, neighbours: Neighbours): DrawTails {
  return drawTails(counts, largestStar(neighbours, counts.length));
}

/**
 * Exact one-sided (high) Gi* p-value of each cell under total randomisation: the chance that as many counts as the
 * star has cells, drawn from the whole field without replacement, sum to at least what the star holds.
 */
export function totalPermutationPs(counts: Int32Array, neighbours: Neighbours): Float64Array {
  const ps = new Float64Array(counts.length);
  starTails(counts, neighbours, starTable(counts, neighbours), ps);
  return ps;
}

/** As above with the cell's own count held in place and only its neighbours drawn from the others (Anselin 1995). */
export function conditionalPermutationPs(counts: Int32Array, neighbours: Neighbours): Float64Array {
  const n = counts.length;
  const draws = largestStar(neighbours, n) - 1;
  const { values, frequencies } = histogram(counts);
  const tables = new Map<number, DrawTails>();
  values.forEach((value, at) => {
    const others = frequencies.slice();
    others[at]!--;
    tables.set(value, tailsOfHistogram(values, others, draws));
  });
  const ps = new Float64Array(n);
  sumStars(counts, neighbours, ps);
  for (let i = 0; i < n; i++) {
    const own = counts[i]!;
    ps[i] = tailProbability(tables.get(own)!, starSize(neighbours, i) - 1, ps[i]! - own);
  }
  return ps;
}

/** Gi* as a z-score, for comparison with other tools only: its normal p-values do not hold for small counts. */
export function giStarZ(values: ArrayLike<number>, neighbours: Neighbours): Float64Array {
  const n = values.length;
  const z = new Float64Array(n);
  const { mean, deviation } = moments(values);
  sumStars(values, neighbours, z);
  for (let i = 0; i < n; i++) {
    const m = starSize(neighbours, i);
    z[i] = (z[i]! - m * mean) / (deviation * Math.sqrt((n * m - m * m) / (n - 1)));
  }
  return z;
}

/** Gi (without the cell itself) as a z-score; mean and deviation leave the cell out. */
export function giZ(values: ArrayLike<number>, neighbours: Neighbours): Float64Array {
  const n = values.length;
  const z = new Float64Array(n);
  const { mean, deviation } = moments(values);
  sumStars(values, neighbours, z);
  for (let i = 0; i < n; i++) {
    const own = values[i]!;
    const m = starSize(neighbours, i) - 1;
    const others = (mean * n - own) / (n - 1);
    const squares = ((deviation ** 2 + mean ** 2) * n - own ** 2) / (n - 1);
    const spread = Math.sqrt((squares - others ** 2) * ((m * (n - 1) - m * m) / (n - 2)));
    z[i] = (z[i]! - own - m * others) / spread;
  }
  return z;
}

function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (values[i]! - mean) ** 2 / n;
  return { mean, deviation: Math.sqrt(variance) };
}
