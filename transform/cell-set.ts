/** A set of cells that is asked for each row: numbers in place of the bigints that a Set would make. */

/** Cells by their low and high words, in open addressing. */
export interface CellSet {
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
  readonly mask: number;
}

const slotOf = (low: number, high: number, mask: number): number => {
  const hash = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (hash ^ (hash >>> 15)) & mask;
};

/** The set of the given cells; 0, which is no cell, is in none. */
export function createCellSet(cells: ReadonlySet<bigint>): CellSet {
  let size = 16;
  while (size < cells.size * 3) size *= 2;
  const set = { lows: new Uint32Array(size), highs: new Uint32Array(size), mask: size - 1 };
  for (const cell of cells) {
    const low = Number(cell & 0xffffffffn);
    const high = Number(cell >> 32n);
    let slot = slotOf(low, high, set.mask);
    while (set.highs[slot] !== 0) slot = (slot + 1) & set.mask;
    set.lows[slot] = low;
    set.highs[slot] = high;
  }
  return set;
}

/** How many of the first n cells are cells and not in the set; those whose row in `skip` is not 0 are passed over. */
export function countOutside(
  set: CellSet,
  cells: BigUint64Array,
  n: number,
  skip: (k: number) => number,
): number {
  // The words of a 64-bit number lie low before high on every machine that Node runs on.
  const words = new Uint32Array(cells.buffer, cells.byteOffset, n * 2);
  let outside = 0;
  for (let k = 0; k < n; k++) {
    const low = words[2 * k] as number;
    const high = words[2 * k + 1] as number;
    if ((low | high) === 0 || skip(k) !== 0) continue;
    let slot = slotOf(low, high, set.mask);
    while (set.highs[slot] !== 0 && (set.lows[slot] !== low || set.highs[slot] !== high))
      slot = (slot + 1) & set.mask;
    if (set.highs[slot] === 0) outside++;
  }
  return outside;
}
