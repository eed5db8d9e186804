/**
 * Rounds counts so that they stay additive: the running sum is rounded, and each count gets the difference.
 * Every run of counts in `order` sums to a multiple of base less than base away from the truth, and a count that is
 * a multiple of base is not changed. `phase` (0..base-1) is where the pass starts; the phase after it is returned,
 * and a pass over other parts of the same whole from the same phase adds up to the same rounded whole.
 */
export function roundCumulative(
  counts: Int32Array,
  order: Int32Array,
  n: number,
  base: number,
  phase: number,
  out: Int32Array,
): number {
  let rest = phase;
  for (let j = 0; j < n; j++) {
    const i = order[j] as number;
    rest += counts[i] as number;
    const left = rest % base;
    out[i] = rest - left;
    rest = left;
  }
  return rest;
}

/**
 * Rolls counts up a tree: `sums` gets for each of n nodes its own count and all those below it. Nodes come after their
 * children; `parent` is -1 for a root.
 */
export function rollUp(counts: Int32Array, parent: Int32Array, n: number, sums: Int32Array): void {
  for (let i = 0; i < n; i++) sums[i] = counts[i] as number;
  for (let i = 0; i < n; i++) {
    const up = parent[i] as number;
    if (up >= 0) sums[up] = (sums[up] as number) + (sums[i] as number);
  }
}

/**
 * Lists in `shown` those of n atoms whose sum reaches the threshold, in their order, and returns how many; `rest` gets
 * what the others hold together, in its first place.
 */
export function splitAt(
  sums: Int32Array,
  atoms: Int32Array,
  n: number,
  threshold: number,
  shown: Int32Array,
  rest: Int32Array,
): number {
  let kept = 0;
  let left = 0;
  for (let i = 0; i < n; i++) {
    const atom = atoms[i] as number;
    const sum = sums[atom] as number;
    if (sum >= threshold) shown[kept++] = atom;
    else left += sum;
  }
  rest[0] = left;
  return kept;
}

/** The true numbers, all at least threshold, that a rounded value can stand for. */
export function nominalInterval(
  value: number,
  threshold: number,
  base: number,
): { low: number; high: number } {
  return { low: Math.max(threshold, value - base + 1), high: value + base - 1 };
}

/**
 * Whether the values of a pass leave every atom at least `base` numbers, though somebody knows where the carry stands
 * before and after it, as exact totals from elsewhere tell. `leading` stand first in this order, `others` behind them
 * in an order that nobody knows.
 *
 * An atom that shows the threshold itself has its number from there up, so the carry cannot fall over it. Where the
 * carry is at its highest before such an atom, or at 0 behind it, only one number is left. A value of a base more has
 * room: its carry goes from any to any. So one of these must stand at the start, another one can be last, and between
 * them everything may be as it is.
 */
export function hasRoomInPass(
  leading: readonly number[],
  others: readonly number[],
  threshold: number,
  base: number,
): boolean {
  const roomy = others.filter((value) => value >= threshold + base).length;
  const [first] = leading;
  return first === undefined ? roomy >= 2 : first >= threshold + base && roomy >= 1;
}
