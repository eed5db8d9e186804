// Sources: likelihood ratio of two multinomials (Agresti, Categorical Data Analysis, 2013, section 3.2.1); the segment
// that differs most from the rest of its stretch, found again and again, Olshen and others (2004), after Sen and
// Srivastava (1975); Bonferroni over the segments; variance beyond the multinomial as Pearson's statistic over its
// degrees of freedom (McCullagh and Nelder 1989, section 4.5.2), here between neighbouring months, so that a break
// counts once, and as a median; the median of a chi-square by Wilson and Hilferty (1931); categories whose expected
// count is below five are held together (Cochran 1954).
import { upperGamma } from './special-functions.ts';

/** Months of one and the same coding: from..to, both within, and the shares of the categories in them. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly records: number;
  readonly shares: readonly number[];
}

/** Where the shares change: the first month of the new coding. */
export interface SharesBreak {
  readonly at: number;
  readonly before: Stretch;
  readonly after: Stretch;
  /** The category whose share changes most, and by how much. */
  readonly category: number;
  readonly change: number;
  /** Of the segment that showed it, over all segments that it could have been. */
  readonly p: number;
}

export interface BreakSettings {
  /** Chance of finding any break where there is none. */
  readonly alpha?: number;
  /** A change of a category's share below this is no change of coding. */
  readonly leastChange?: number;
  /** Segments of fewer records are not looked at. */
  readonly leastRecords?: number;
}

const LEAST_EXPECTED = 5;
const ALIKE = 0.8;

/**
 * Finds where the make-up of a series changes, in periods by categories of counts: once, for a while, or in a single
 * period. Periods without records belong to what is around them.
 */
export function findBreaks(
  counts: readonly (readonly number[])[],
  { alpha = 0.001, leastChange = 0.1, leastRecords = 20 }: BreakSettings = {},
): { readonly stretches: Stretch[]; readonly breaks: SharesBreak[] } {
  if (counts.length === 0) return { stretches: [], breaks: [] };
  const sums = cumulate(counts);
  const spread = dispersionOf(counts);
  const found = new Map<number, number>();
  const look = (from: number, to: number) => {
    const best = mostDifferent(sums, from, to, leastRecords, spread);
    if (!best || best.p >= alpha || largestChange(best.inside, best.outside).change < leastChange) return;
    for (const edge of [best.from, best.to]) if (edge > from && edge < to) found.set(edge, best.p);
    look(from, best.from);
    look(best.from, best.to);
    look(best.to, to);
  };
  look(0, counts.length);
  // Where a segment is cut out, what is left of and right of it may turn out to be alike after all.
  const edges = [...found.keys()].toSorted((a, b) => a - b);
  for (let i = 0; i < edges.length; ) {
    const [left, right] = [edges[i - 1] ?? 0, edges[i + 1] ?? counts.length];
    const [before, after] = [stretchOf(sums, left, edges[i]!), stretchOf(sums, edges[i]!, right)];
    if (largestChange(before.shares, after.shares).change >= leastChange) i++;
    else edges.splice(i, 1);
  }
  const bounds = [0, ...edges, counts.length];
  const stretches = bounds.slice(1).map((to, i) => stretchOf(sums, bounds[i]!, to));
  const breaks = edges.map((at, i): SharesBreak => {
    const [before, after] = [stretches[i]!, stretches[i + 1]!];
    const { category, change } = largestChange(before.shares, after.shares);
    const signed = after.shares[category]! - before.shares[category]!;
    return { at, before, after, category, change: signed < 0 ? -change : change, p: found.get(at)! };
  });
  return { stretches, breaks };
}

type Sums = readonly (readonly number[])[];

function cumulate(counts: readonly (readonly number[])[]): Sums {
  const sums: number[][] = [counts[0]!.map(() => 0)];
  for (const [i, row] of counts.entries()) sums.push(row.map((n, c) => sums[i]![c]! + n));
  return sums;
}

const between = (sums: Sums, from: number, to: number): number[] =>
  sums[to]!.map((n, c) => n - sums[from]![c]!);
const total = (row: readonly number[]) => row.reduce((a, b) => a + b, 0);
const sharesOf = (row: readonly number[]) => {
  const all = total(row);
  return row.map((n) => (all === 0 ? 0 : n / all));
};

function stretchOf(sums: Sums, from: number, to: number): Stretch {
  const row = between(sums, from, to);
  return { from, to: to - 1, records: total(row), shares: sharesOf(row) };
}

/** The segment of a stretch, not all of it, that differs most from what is around it. */
function mostDifferent(sums: Sums, from: number, to: number, least: number, spread: number) {
  const all = between(sums, from, to);
  let best: { from: number; to: number; g: number; df: number } | undefined;
  let tried = 0;
  for (let i = from; i < to; i++)
    for (let j = i + 1; j <= to; j++) {
      if (j - i === to - from) continue;
      const inside = between(sums, i, j);
      const outside = all.map((n, c) => n - inside[c]!);
      if (total(inside) < least || total(outside) < least) continue;
      tried++;
      const { g, df } = likelihoodRatio(inside, outside);
      if (
        df > 0 &&
        (!best || chance(g / spread, df) < chance(best.g / spread, best.df) || (df === best.df && g > best.g))
      )
        best = { from: i, to: j, g, df };
    }
  if (!best) return undefined;
  const inside = between(sums, best.from, best.to);
  return {
    from: best.from,
    to: best.to,
    p: Math.min(1, chance(best.g / spread, best.df) * tried),
    inside: sharesOf(inside),
    outside: sharesOf(all.map((n, c) => n - inside[c]!)),
  };
}

const chance = (statistic: number, df: number) => upperGamma(df / 2, statistic / 2);

/** Two rows without the categories that are too few to be told apart, which are held together. */
function pooled(a: readonly number[], b: readonly number[]): [number[], number[]] {
  const [n, m] = [total(a), total(b)];
  const share = Math.min(n, m) / (n + m);
  const [left, right]: [number[], number[]] = [[], []];
  let [restA, restB] = [0, 0];
  for (const [c, x] of a.entries()) {
    const y = b[c]!;
    if ((x + y) * share >= LEAST_EXPECTED) {
      left.push(x);
      right.push(y);
    } else {
      restA += x;
      restB += y;
    }
  }
  if (restA + restB === 0) return [left, right];
  // What is too few even together joins the smallest of the others.
  if ((restA + restB) * share >= LEAST_EXPECTED || left.length === 0)
    return [
      [...left, restA],
      [...right, restB],
    ];
  const smallest = left.reduce((at, x, c) => (x + right[c]! < left[at]! + right[at]! ? c : at), 0);
  return [
    left.map((x, c) => (c === smallest ? x + restA : x)),
    right.map((y, c) => (c === smallest ? y + restB : y)),
  ];
}

/** G squared of two rows of counts having one make-up, with its degrees of freedom. */
function likelihoodRatio(a: readonly number[], b: readonly number[]): { g: number; df: number } {
  const [left, right] = pooled(a, b);
  const [n, m] = [total(left), total(right)];
  const part = (x: number, expected: number) => (x === 0 ? 0 : x * Math.log(x / expected));
  let g = 0;
  for (const [c, x] of left.entries()) {
    const both = x + right[c]!;
    g += part(x, (both * n) / (n + m)) + part(right[c]!, (both * m) / (n + m));
  }
  return { g: Math.max(0, 2 * g), df: left.length - 1 };
}

/** How many times as much neighbouring periods differ as chance lets them; at least 1. */
function dispersionOf(counts: readonly (readonly number[])[]): number {
  const ratios = counts.slice(1).flatMap((row, i) => {
    if (total(row) === 0 || total(counts[i]!) === 0) return [];
    const { g, df } = likelihoodRatio(row, counts[i]!);
    return df === 0 ? [] : [g / (df * (1 - 2 / (9 * df)) ** 3)];
  });
  const sorted = ratios.toSorted((a, b) => a - b);
  return Math.max(1, sorted[Math.floor(sorted.length / 2)] ?? 1);
}

function largestChange(a: readonly number[], b: readonly number[]): { category: number; change: number } {
  const changes = a.map((share, c) => Math.abs(b[c]! - share));
  const change = Math.max(...changes);
  // What one gains another loses: of those that change alike, the one that is as good as absent on one side says it.
  const category = changes.reduce(
    (best, each, c) =>
      each >= ALIKE * change && (best < 0 || Math.min(a[c]!, b[c]!) < Math.min(a[best]!, b[best]!))
        ? c
        : best,
    -1,
  );
  return { category, change };
}
