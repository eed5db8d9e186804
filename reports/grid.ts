/** The cells of the agreed area with who borders on whom: what hotspots are looked for in. */
import type { Neighbours } from './statistics/neighbours.ts';

export interface Grid {
  /** Every cell of the agreed area, in ascending order. */
  readonly cells: readonly bigint[];
  readonly index: ReadonlyMap<bigint, number>;
  readonly neighbours: Neighbours;
}

/** Lays out the grid; neighbours outside the area do not count. */
export function layGrid(cells: readonly bigint[], neighboursOf: (cell: bigint) => readonly bigint[]): Grid {
  const index = new Map(cells.map((cell, i) => [cell, i]));
  const offsets = new Int32Array(cells.length + 1);
  const indices: number[] = [];
  cells.forEach((cell, i) => {
    for (const other of neighboursOf(cell)) {
      const at = index.get(other);
      if (at !== undefined) indices.push(at);
    }
    offsets[i + 1] = indices.length;
  });
  return { cells, index, neighbours: { offsets, indices: Int32Array.from(indices) } };
}
