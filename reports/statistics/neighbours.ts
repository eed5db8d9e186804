/**
 * Who borders on whom, in compressed rows: the neighbours of cell i are indices[offsets[i]] to
 * indices[offsets[i + 1] - 1], without i itself. Cells at an edge of the area have fewer than six.
 */
export interface Neighbours {
  offsets: Int32Array;
  indices: Int32Array;
}

/** Number of cells in the star of cell i: the cell itself and its neighbours. */
export function starSize(neighbours: Neighbours, i: number): number {
  return neighbours.offsets[i + 1]! - neighbours.offsets[i]! + 1;
}

/** Sum of values over each cell's star, written to sums (one place per cell, allocated by the caller). */
export function sumStars(values: ArrayLike<number>, neighbours: Neighbours, sums: Float64Array): void {
  const { offsets, indices } = neighbours;
  const n = sums.length;
  for (let i = 0; i < n; i++) {
    const end = offsets[i + 1] as number;
    let sum = values[i] as number;
    for (let at = offsets[i] as number; at < end; at++) sum += values[indices[at] as number] as number;
    sums[i] = sum;
  }
}
