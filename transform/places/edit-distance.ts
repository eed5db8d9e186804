/** Slips of the finger between two words: letters left out, put in, changed, or swapped with the next. */

const LONGEST = 48;
const rows = [new Uint8Array(LONGEST + 1), new Uint8Array(LONGEST + 1), new Uint8Array(LONGEST + 1)] as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/**
 * The number of slips that turn one word into the other, no letter being touched twice (optimal string alignment);
 * `limit` + 1 where there are more than `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  const [m, n] = [a.length, b.length];
  if (Math.abs(m - n) > limit || m > LONGEST || n > LONGEST) return limit + 1;
  let [before, last, row] = rows;
  for (let j = 0; j <= n; j++) last[j] = j;
  for (let i = 1; i <= m; i++) {
    row[0] = i;
    let least = i;
    const letter = a.charCodeAt(i - 1);
    for (let j = 1; j <= n; j++) {
      const other = b.charCodeAt(j - 1);
      let cost = (last[j - 1] as number) + (letter === other ? 0 : 1);
      cost = Math.min(cost, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && other === a.charCodeAt(i - 2))
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    [before, last, row] = [last, row, before];
  }
  return Math.min(last[n] as number, limit + 1);
}
