// Binomial or beta-binomial test of cells and stars given the people about; the null is described in exposure-tail.ts.

import { exposureTail, total } from './exposure-tail.ts';
import { type Neighbours, sumStars } from './neighbours.ts';
import { type ExposedField, findSurprisingCells } from './surprising-cells.ts';

/** Extra incidents one person or one brawl is taken to bring into one cell when the field shows no lone cell. */
const ONE_BUNCH = 2;

/**
 * One-sided (high) p-value of each cell alone given its exposure; 1 where nobody is about. Nothing is set aside here:
 * a single person's many visits can make a cell stand out alone, which is why that is never called a cluster.
 */
export function exposureCellPs(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  factor: number,
): Float64Array {
  const incidents = total(counts);
  const everybody = total(exposure);
  return Float64Array.from(exposure, (people, i) =>
    people > 0 ? exposureTail(counts[i]!, incidents, people / everybody, factor) : 1,
  );
}

/**
 * One-sided (high) p-value of each star given the exposure of its cells. A star with nobody about cannot be judged:
 * its p is 1 whatever it holds. What one person's visits or one brawl may have put into one cell is set aside first,
 * since no dispersion factor covers a few very large bunches: a cell beyond its own 0.1% point is lowered by the
 * largest such excess of any lone cell elsewhere, or by `ONE_BUNCH`, but not below that point.
 */
export function exposureStarPs(
  counts: ArrayLike<number>,
  exposure: ArrayLike<number>,
  neighbours: Neighbours,
  factor: number,
): Float64Array {
  const n = counts.length;
  const ps = new Float64Array(n);
  const people = new Float64Array(n);
  sumStars(counts, neighbours, ps);
  sumStars(exposure, neighbours, people);
  const incidents = total(counts);
  const everybody = total(exposure);
  const bunches = setAside({ counts, exposure, neighbours, factor, starCounts: ps, starExposure: people });
  for (let i = 0; i < n; i++) {
    const count = ps[i]! - (bunches.get(i) ?? 0);
    ps[i] = people[i]! > 0 ? exposureTail(count, incidents, people[i]! / everybody, factor) : 1;
  }
  return ps;
}

/** How many incidents to set aside in each star that holds a surprising cell. */
function setAside(field: ExposedField): Map<number, number> {
  const { offsets, indices } = field.neighbours;
  const surprises = findSurprisingCells(field);
  const lone = surprises.filter((surprise) => surprise.lone).sort((a, b) => b.excess - a.excess);
  const bySurprise = new Map(surprises.map((surprise) => [surprise.cell, surprise]));
  const starOf = (i: number): number[] => [i, ...indices.subarray(offsets[i], offsets[i + 1])];
  const result = new Map<number, number>();
  for (const { cell } of surprises) {
    for (const i of starOf(cell)) {
      if (result.has(i)) continue;
      const star = starOf(i);
      const elsewhere = lone.find((surprise) => !star.includes(surprise.cell));
      const allowance = Math.max(ONE_BUNCH, Math.round(elsewhere?.excess ?? 0));
      let aside = 0;
      for (const member of star) aside += Math.min(allowance, bySurprise.get(member)?.spare ?? 0);
      result.set(i, aside);
    }
  }
  return result;
}
