// Which cells hold more than the people about explain, and which of those stand alone: a lone one may be a bunch (one
// person's many visits, one brawl), several side by side are a spot.

import { exposureTail, total } from './exposure-tail.ts';
import type { Neighbours } from './neighbours.ts';

/** A cell is surprising when a count as high as its own is rarer than this. */
export const SURPRISING_AT = 0.001;

/** A surprising cell is alone when what its neighbours hold is no rarer than this. */
const LONE_AT = 0.05;

/** Counts and people about by cell, with their sums over each star, and the dispersion factor in force. */
export interface ExposedField {
  counts: ArrayLike<number>;
  exposure: ArrayLike<number>;
  neighbours: Neighbours;
  factor: number;
  starCounts: Float64Array;
  starExposure: Float64Array;
}

/** A surprising cell: incidents above expectation, incidents above its 0.1% point, and whether it stands alone. */
export interface SurprisingCell {
  cell: number;
  excess: number;
  spare: number;
  lone: boolean;
}

/** The surprising cells of a field, in order of cell. */
export function findSurprisingCells(field: ExposedField): SurprisingCell[] {
  const { counts, exposure, factor, starCounts, starExposure } = field;
  const incidents = total(counts);
  const everybody = total(exposure);
  const surprises: SurprisingCell[] = [];
  for (let i = 0; i < counts.length; i++) {
    const share = exposure[i]! / everybody;
    const count = counts[i]!;
    if (count <= incidents * share || exposureTail(count, incidents, share, factor) >= SURPRISING_AT)
      continue;
    let usual = Math.ceil(incidents * share);
    while (exposureTail(usual + 1, incidents, share, factor) >= SURPRISING_AT) usual++;
    const around = starCounts[i]! - count;
    const aroundShare = Math.max(0, starExposure[i]! - exposure[i]!) / everybody;
    const lone = exposureTail(around, incidents, aroundShare, factor) > LONE_AT;
    surprises.push({ cell: i, excess: count - incidents * share, spare: count - usual, lone });
  }
  return surprises;
}
