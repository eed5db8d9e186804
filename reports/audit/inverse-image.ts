// What a pass of cumulative rounding proves to someone who knows how it is made, but neither its start nor its order.
import type { Range } from './bounds.ts';
import type { NamedPolicy, ValueRow } from './read-release.ts';

/** The numbers that each atom of a breakdown can have, over every start and every order of the atoms behind the first. */
export interface Support {
  readonly row: ValueRow;
  readonly numbers: readonly number[];
}

/** Violence at home and what is not located come first in every breakdown, so that they are the same in each. */
const LEADING = ['home', 'unlocated'];
const MOST_ATOMS = 6;

/**
 * Tries these starts of the carry and every order; null for a breakdown of more than six atoms that stand in keyed
 * order, where each may stand anywhere. `drift` is what is known of the carry's way from start to end.
 */
export function invertRounding(
  rows: readonly ValueRow[],
  { threshold, base }: NamedPolicy,
  starts: readonly number[],
  drift: Range,
): Support[] | null {
  const leading = LEADING.flatMap((atom) => rows.filter((row) => row.atom === atom));
  const others = rows.filter((row) => !LEADING.includes(row.atom));
  if (others.length > MOST_ATOMS || rows.some((row) => row.value === null)) return null;
  const found = new Map<ValueRow, Set<number>>(rows.map((row) => [row, new Set()]));
  /** How much the carry gains over an atom at least, since no number is below the threshold. */
  const least = (row: ValueRow) => threshold - row.value!;
  for (const order of orders(others)) {
    const pass = [...leading, ...order];
    for (const start of starts) {
      // What is possible is always a range: of carries before each atom, from its lowest; of an atom's numbers.
      const lowest = [start];
      for (const row of pass) lowest.push(Math.max(0, lowest.at(-1)! + least(row)));
      const highest = (i: number) => (i === 0 ? start : base - 1);
      let low = Math.max(lowest[pass.length]!, start + drift.low);
      let high = Math.min(highest(pass.length), start + drift.high);
      if (low > high || lowest.some((carry) => carry >= base)) continue;
      for (let i = pass.length - 1; i >= 0; i--) {
        const row = pass[i]!;
        const from = { low: lowest[i]!, high: Math.min(highest(i), high - least(row)) };
        const numbers = found.get(row)!;
        const gained = Math.max(least(row), low - from.high);
        for (let gain = gained; gain <= high - from.low; gain++) numbers.add(row.value! + gain);
        ({ low, high } = from);
      }
    }
  }
  return [...found].map(([row, numbers]) => ({ row, numbers: [...numbers].sort((a, b) => a - b) }));
}

/** A month's atom of the series of a year: what it shows, and its exact number where that is known. */
export interface SeriesStep {
  readonly value: number;
  readonly records?: number | undefined;
}

/** The carries that are possible before each step of a year's series, and after the last. */
export function possibleCarries(steps: readonly SeriesStep[], { threshold, base }: NamedPolicy): number[][] {
  const all = Array.from({ length: base }, (_, carry) => carry);
  const fits = ({ value, records }: SeriesStep, from: number, to: number) =>
    records === undefined ? value + to - from >= threshold : value + to - from === records;
  const forward = [all];
  for (const step of steps)
    forward.push(all.filter((to) => forward.at(-1)!.some((from) => fits(step, from, to))));
  const possible: number[][] = [forward.at(-1)!];
  for (let i = steps.length - 1; i >= 0; i--)
    possible.unshift(forward[i]!.filter((from) => possible[0]!.some((to) => fits(steps[i]!, from, to))));
  return possible;
}

function* orders<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries())
    for (const rest of orders([...items.slice(0, i), ...items.slice(i + 1)])) yield [item, ...rest];
}
