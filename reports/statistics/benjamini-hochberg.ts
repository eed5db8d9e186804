// Source: Benjamini and Hochberg (1995), step-up adjustment; q is the least false discovery rate at which the test
// would be called.

/** Adjusted p-values (q) in the order of ps. NaN marks a place that was not tested: it stays NaN and is not counted. */
export function benjaminiHochberg(ps: Float64Array): Float64Array {
  const qs = new Float64Array(ps.length).fill(Number.NaN);
  const sorted = ps.filter((p) => !Number.isNaN(p)).sort();
  const m = sorted.length;
  const adjusted = new Float64Array(m);
  let least = 1;
  for (let i = m - 1; i >= 0; i--) {
    least = Math.min(least, (sorted[i]! * m) / (i + 1));
    adjusted[i] = least;
  }
  for (let i = 0; i < ps.length; i++) {
    const p = ps[i]!;
    if (!Number.isNaN(p)) qs[i] = adjusted[lastAtMost(sorted, p)]!;
  }
  return qs;
}

/** The largest p that Benjamini-Hochberg calls at level alpha, or -1 when it calls none; cheaper than all the qs. */
export function benjaminiHochbergThreshold(ps: Float64Array, alpha: number): number {
  const m = ps.length;
  const small = ps.filter((p) => p <= alpha).sort();
  for (let i = small.length - 1; i >= 0; i--) {
    if (small[i]! * m <= alpha * (i + 1)) return small[i]!;
  }
  return -1;
}

function lastAtMost(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sorted[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
