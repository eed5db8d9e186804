// Puts the tests together into one verdict per cell: clusters by exact Gi* (gi-star.ts) or against the people about
// (exposure-test.ts), lone cells by own-cell.ts, each under one false discovery rate (Benjamini and Hochberg 1995).

import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { exposureCellPs, exposureStarPs } from './exposure-test.ts';
import { capCounts, capFromHistory, totalPermutationPs } from './gi-star.ts';
import { type Neighbours, starSize, sumStars } from './neighbours.ts';
import { overdispersion } from './overdispersion.ts';
import { ownCellPs } from './own-cell.ts';

/** How sure a call is: strong at q <= 0.01, likely at q <= 0.05, else none. */
export type HotLabel = 'strong' | 'likely' | '';

/** What the hot cells are hotter than: the people about, when they are known, or the rest of the field. */
export type HotspotKind = 'hotter than the people about explain' | 'concentrated';

/** One cell's verdict. Counts are as given, not capped; starCount is the cell and its neighbours together. */
export interface HotspotCell {
  count: number;
  starCount: number;
  /** Chance of so full a star, and its false discovery rate over all cells. */
  p: number;
  q: number;
  label: HotLabel;
  /** The same for the cell by itself: a lone busy venue is not a cluster. */
  ownQ: number;
  ownLabel: HotLabel;
  /** Why the cell is or is not called, in words; empty for a cell with no incident. */
  reason: string;
}

/** Verdicts in the order of the cells, with the settings that were worked out on the way. */
export interface Hotspots {
  kind: HotspotKind;
  /** Counts above it were held down to it in the star test without exposure. */
  cap: number;
  /** Variance over that of independent incidents; 1 without exposure, where it plays no part. */
  dispersion: number;
  cells: HotspotCell[];
}

/** Counts by cell of the agreed area, zeros included, and what is known beside them. */
export interface HotspotInput {
  counts: ArrayLike<number>;
  /** Counts of cells in earlier periods, in any order; the cap comes from them. */
  history?: ArrayLike<number>;
  /** People about in each cell, in any unit, not negative. */
  exposure?: ArrayLike<number>;
  neighbours: Neighbours;
}

const STRONG_Q = 0.01;
const LIKELY_Q = 0.05;

/** Which cells lie in a cluster, which stand out by themselves, and why the others are not called. */
export function hotspots({ counts, history, exposure, neighbours }: HotspotInput): Hotspots {
  const n = counts.length;
  const cap = capFromHistory(history?.length ? history : counts);
  const capped = capCounts(counts, cap);
  const { ps, dispersion } = exposure
    ? judgeStars(counts, exposure, neighbours)
    : { ps: totalPermutationPs(capped, neighbours), dispersion: 1 };
  const ownPs = exposure ? exposureCellPs(counts, exposure, dispersion) : ownCellPs(counts, capped);
  const qs = falseDiscoveryRates(ps, counts, exposure);
  const ownQs = falseDiscoveryRates(ownPs, counts, exposure);
  const starCounts = new Float64Array(n);
  sumStars(counts, neighbours, starCounts);
  const expected = exposure ? expectedStars(counts, exposure, neighbours) : undefined;
  const cells: HotspotCell[] = [];
  for (let i = 0; i < n; i++) {
    const count = counts[i]!;
    const cell: HotspotCell = {
      count,
      starCount: starCounts[i]!,
      p: ps[i]!,
      q: qs[i]!,
      label: labelOf(qs[i]!, count),
      ownQ: ownQs[i]!,
      ownLabel: labelOf(ownQs[i]!, count),
      reason: '',
    };
    if (count > 0) cell.reason = reasonFor(cell, starSize(neighbours, i) - 1, expected?.[i]);
    cells.push(cell);
  }
  return { kind: exposure ? 'hotter than the people about explain' : 'concentrated', cap, dispersion, cells };
}

const MOST_ROUNDS = 5;

/**
 * Star tests given exposure, with the dispersion fitted to what is not hot: stars that are called are left out and the
 * rest is fitted again, as long as that lowers the dispersion. Spots would otherwise pass for dispersion and hide one
 * another. Where nothing is called at first nothing changes, so that a field without spots keeps its error rate.
 */
function judgeStars(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  neighbours: Neighbours,
): { ps: Float64Array; dispersion: number } {
  let dispersion = overdispersion(counts, exposure, neighbours);
  let ps = exposureStarPs(counts, exposure, neighbours, dispersion);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const restCounts = Float64Array.from(counts);
    const restExposure = Float64Array.from(exposure);
    let called = 0;
    falseDiscoveryRates(ps, counts, exposure).forEach((q, i) => {
      if (labelOf(q, counts[i]!) === '') return;
      called++;
      for (const cell of [
        i,
        ...neighbours.indices.subarray(neighbours.offsets[i]!, neighbours.offsets[i + 1]!),
      ]) {
        restCounts[cell] = 0;
        restExposure[cell] = 0;
      }
    });
    if (called === 0 || !restExposure.some((people) => people > 0)) break;
    const refitted = overdispersion(restCounts, restExposure, neighbours);
    if (refitted >= dispersion) break;
    dispersion = refitted;
    ps = exposureStarPs(counts, exposure, neighbours, dispersion);
  }
  return { ps, dispersion };
}

/**
 * Benjamini-Hochberg over the cells that can be asked about. Where nobody is about, nothing is to be expected; as long
 * as nothing happened there either (fields, water), the cell is no question, and would only water down the others.
 * The exposure is fixed before any count is seen, so leaving such cells out keeps the error rate. Their q is 1.
 */
function falseDiscoveryRates(
  ps: Float64Array,
  counts: ArrayLike<number>,
  exposure: ArrayLike<number> | undefined,
): Float64Array {
  if (exposure === undefined) return benjaminiHochberg(ps);
  const asked = ps.map((p, i) => (exposure[i]! > 0 || counts[i]! > 0 ? p : Number.NaN));
  return benjaminiHochberg(asked).map((q) => (Number.isNaN(q) ? 1 : q));
}

/** An empty cell is never hot, however full its neighbours. */
function labelOf(q: number, count: number): HotLabel {
  if (count === 0 || q > LIKELY_Q) return '';
  return q <= STRONG_Q ? 'strong' : 'likely';
}

function expectedStars(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  neighbours: Neighbours,
): Float64Array {
  let incidents = 0;
  let people = 0;
  for (let i = 0; i < counts.length; i++) {
    incidents += counts[i]!;
    people += exposure[i]!;
  }
  const expected = new Float64Array(counts.length);
  sumStars(exposure, neighbours, expected);
  return expected.map((about) => (people > 0 ? (about * incidents) / people : 0));
}

const NUMBER_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

function reasonFor(cell: HotspotCell, around: number, expected: number | undefined): string {
  const { count, starCount, label, q, ownQ } = cell;
  const others = starCount - count;
  const words = NUMBER_WORDS[around] ?? String(around);
  const here = `${count} here, ${others} in the ${words} ${around === 1 ? 'cell' : 'cells'} around`;
  const alone = `the cell alone: q = ${inWords(ownQ)}`;
  if (label !== '') return `${here}; q = ${inWords(q)}`;
  if (expected === 0)
    return `nobody is counted as being about here or around, so it cannot be judged: ${here}`;
  if (expected !== undefined) {
    const usual = `${expected.toFixed(1)} to be expected in all from the people about`;
    const why =
      starCount > expected
        ? 'not far enough above what the people about explain'
        : 'the people about explain it';
    return `${why}: ${here}, ${usual}; q = ${inWords(q)}; ${alone}`;
  }
  if (others < count * 2) return `few incidents around it: ${here}; q = ${inWords(q)}; ${alone}`;
  return `stars as full as this come about by chance: ${here}; q = ${inWords(q)}; ${alone}`;
}

function inWords(q: number): string {
  if (q < 0.0001) return 'under 0.0001';
  return String(Number(q.toPrecision(q < 0.1 ? 1 : 2)));
}
