// Sources: share of places that hold half, Weisburd (2015); Gini coefficient generalised for fewer incidents than
// places, Bernasco and Steenbeek (2017).

/** How concentrated incidents are over cells. */
export interface Concentration {
  /** Fewest cells that together hold at least half of the incidents. */
  cellsHoldingHalf: number;
  occupied: number;
  gini: number;
  /** Gini measured from the most even spread that so few incidents allow. */
  generalisedGini: number;
}

/** Fewest cells that together hold at least this share of the incidents; 0 when there is none. */
export function cellsHolding(counts: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(counts).sort().reverse();
  const wanted = sorted.reduce((sum, count) => sum + count, 0) * share;
  let held = 0;
  let cells = 0;
  while (held < wanted) held += sorted[cells++]!;
  return cells;
}

/** Gini coefficient: 0 all cells alike, (n - 1) / n all incidents in one. NaN without incidents. */
export function gini(counts: ArrayLike<number>): number {
  const sorted = Float64Array.from(counts).sort();
  const n = sorted.length;
  let sum = 0;
  let ranked = 0;
  sorted.forEach((count, i) => {
    sum += count;
    ranked += (i + 1) * count;
  });
  return (2 * ranked) / (n * sum) - (n + 1) / n;
}

/** Gini coefficient corrected for its largest value (n - 1) / n. */
export function unbiasedGini(counts: ArrayLike<number>): number {
  return (gini(counts) * counts.length) / (counts.length - 1);
}

/** Gini coefficient with the most even spread possible as its zero: max(1, n / c) (G - 1) + 1 for c incidents. */
export function generalisedGini(counts: ArrayLike<number>): number {
  const incidents = Float64Array.from(counts).reduce((sum, count) => sum + count, 0);
  return Math.max(1, counts.length / incidents) * (gini(counts) - 1) + 1;
}

/** The same corrected for its largest value with so many cells and incidents (both at least 2). */
export function unbiasedGeneralisedGini(counts: ArrayLike<number>): number {
  const incidents = Float64Array.from(counts).reduce((sum, count) => sum + count, 0);
  const least = Math.min(counts.length, incidents);
  return (generalisedGini(counts) * least) / (least - 1);
}

/** All of them for one field, zeros included. */
export function concentration(counts: ArrayLike<number>): Concentration {
  return {
    cellsHoldingHalf: cellsHolding(counts, 0.5),
    occupied: Float64Array.from(counts).filter((count) => count > 0).length,
    gini: gini(counts),
    generalisedGini: generalisedGini(counts),
  };
}
