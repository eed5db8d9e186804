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

/** The true numbers, all at least threshold, that a rounded value can stand for. */
export function nominalInterval(
  value: number,
  threshold: number,
  base: number,
): { low: number; high: number } {
  return { low: Math.max(threshold, value - base + 1), high: value + base - 1 };
}
