// Maximum likelihood for negative binomial counts with variance in proportion to the mean (NB1, Cameron and Trivedi
// 1986), counts high enough to be a spot entering only as "at least this many" (a censored likelihood), so that spots
// do not hide themselves.

import { total } from './exposure-tail.ts';
import { type Neighbours, sumStars } from './neighbours.ts';
import { negativeBinomialDensity, negativeBinomialUpperTail, poissonUpperTail } from './special-functions.ts';
import { findSurprisingCells, SURPRISING_AT } from './surprising-cells.ts';

/** Cells whose expected counts are within 2% of each other share a row of the fit, which keeps it fast. */
const ROWS_PER_UNIT_OF_LOG = 50;

const MOST_DISPERSION = 200;

interface FitRow {
  mean: number;
  count: number;
  censored: boolean;
  cells: number;
}

function censorPoint(mean: number): number {
  let count = Math.max(1, Math.floor(mean));
  while (poissonUpperTail(count, mean) >= SURPRISING_AT) count++;
  return count;
}

function fitRows(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  rate: number,
  uncensored: Set<number>,
): FitRow[] {
  const rows = new Map<string, FitRow>();
  const censorPoints = new Map<number, number>();
  for (let i = 0; i < counts.length; i++) {
    const expected = exposure[i]! * rate;
    if (expected <= 0) continue;
    const bin = Math.round(Math.log(expected) * ROWS_PER_UNIT_OF_LOG);
    const mean = Math.exp(bin / ROWS_PER_UNIT_OF_LOG);
    const limit = censorPoints.get(bin) ?? censorPoint(mean);
    censorPoints.set(bin, limit);
    const censored = counts[i]! >= limit && !uncensored.has(i);
    const count = censored ? limit : counts[i]!;
    const key = `${bin} ${count} ${censored}`;
    const row = rows.get(key) ?? { mean, count, censored, cells: 0 };
    row.cells++;
    rows.set(key, row);
  }
  return [...rows.values()];
}

function logLikelihood(rows: FitRow[], factor: number): number {
  let sum = 0;
  for (const { mean, count, censored, cells } of rows) {
    const size = mean / (factor - 1);
    const probability = censored
      ? negativeBinomialUpperTail(count, mean, size)
      : negativeBinomialDensity(count, mean, size);
    sum += cells * Math.log(Math.max(probability, 1e-300));
  }
  return sum;
}

/**
 * Variance of the counts over what independent incidents spread by exposure would show, at least 1; 1 when there is
 * no incident or nobody about. Fitted twice: surprising cells that stand alone are bunches and count in full the
 * second time, while those whose neighbours are high too may be a spot and stay censored.
 */
export function overdispersion(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  neighbours: Neighbours,
): number {
  const incidents = total(counts);
  const people = total(exposure);
  if (incidents === 0 || people <= 0) return 1;
  const rate = incidents / people;
  const first = fitFactor(fitRows(counts, exposure, rate, new Set()));
  const starCounts = new Float64Array(counts.length);
  const starExposure = new Float64Array(counts.length);
  sumStars(counts, neighbours, starCounts);
  sumStars(exposure, neighbours, starExposure);
  const field = { counts, exposure, neighbours, factor: first, starCounts, starExposure };
  const lone = findSurprisingCells(field).filter((surprise) => surprise.lone);
  if (lone.length === 0) return first;
  return Math.max(
    first,
    fitFactor(fitRows(counts, exposure, rate, new Set(lone.map((surprise) => surprise.cell)))),
  );
}

/** The factor of greatest likelihood, by golden section over log(factor - 1), where the likelihood has one peak. */
function fitFactor(rows: FitRow[]): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(1e-4);
  let high = Math.log(MOST_DISPERSION);
  const at = (x: number): number => logLikelihood(rows, 1 + Math.exp(x));
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let atLeft = at(left);
  let atRight = at(right);
  while (high - low > 1e-3) {
    if (atLeft >= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - golden * (high - low);
      atLeft = at(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + golden * (high - low);
      atRight = at(right);
    }
  }
  const factor = 1 + Math.exp((low + high) / 2);
  return factor < 1.001 ? 1 : factor;
}
