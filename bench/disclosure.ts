/** What protecting costs: rolling leaf cells up a tree, rounding them, and all cuts of a city's quarter. */
import { protectCuts } from '../reports/disclosure/cuts.ts';
import { deriveSubkey, keyedChoices } from '../reports/disclosure/keyed.ts';
import { type FrozenCut, freezeGeography } from '../reports/disclosure/partition.ts';
import { rollUp, roundCumulative, splitAt } from '../reports/disclosure/rounding.ts';
import type { Tally } from '../reports/disclosure/tally.ts';
import { ADDITIVE_10_5 } from '../schemas/policy.ts';

/** Seven to the power of seven and its parents: about what a country has of cells at resolution 9. */
const LEAVES = 1_730_000;
const LEVELS = 7;
const RUNS = 5;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

function time(work: () => void): number {
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const from = process.hrtime.bigint();
    work();
    runs.push(Number(process.hrtime.bigint() - from) / 1e6);
  }
  return median(runs);
}

function fractions(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Writes a line for each, in milliseconds: the median of five runs. */
export function benchDisclosure(write: (line: string) => void): void {
  const random = fractions(7);
  // Leaves first, then their parents level by level, each of seven; the root is last.
  const parents: number[] = [];
  let [from, n] = [0, LEAVES];
  for (let level = 0; level < LEVELS && n > 1; level++) {
    for (let i = 0; i < n; i++) parents.push(from + n + Math.floor(i / 7));
    from += n;
    n = Math.ceil(n / 7);
  }
  const parent = Int32Array.from([...parents, ...Array<number>(n).fill(-1)]);
  const counts = new Int32Array(parent.length);
  for (let i = 0; i < LEAVES; i++) counts[i] = Math.floor(random() ** 8 * 60);
  const sums = new Int32Array(parent.length);
  const shown = new Int32Array(parent.length);
  const rest = new Int32Array(1);
  const values = new Int32Array(parent.length);
  const leaves = Int32Array.from({ length: LEAVES }, (_, i) => i);
  const kernel = time(() => {
    rollUp(counts, parent, parent.length, sums);
    const kept = splitAt(sums, leaves, LEAVES, ADDITIVE_10_5.threshold, shown, rest);
    roundCumulative(sums, shown, kept, ADDITIVE_10_5.base, 3, values);
  });
  write(
    `roll-up and rounding of ${(LEAVES / 1e6).toFixed(2)} million leaf cells: ${kernel.toFixed(0)} ms (wanted under 1,000)`,
  );

  const cells = Array.from({ length: 1500 }, (_, i) => 0x891958a0003ffffn + BigInt(i) * 0x40000n);
  const areas = Array.from({ length: 30 }, (_, a) => ({
    ...{ code: `W${a}`, name: `Ward ${a}` },
    cells: cells.slice(a * 50, a * 50 + 50),
  }));
  const count = (scale: number): Map<string, number> =>
    new Map([
      ...cells.map((cell) => [cell.toString(16), Math.floor(random() ** 10 * scale)] as const),
      ...(['home', 'unlocated'] as const).map((atom) => [atom, scale] as const),
    ]);
  const kinds = new Map(['street', 'licensed', 'shop', 'unknown'].map((kind, i) => [kind, 100 * (i + 1)]));
  const history = { place: count(400), weapon: kinds, place_kind: kinds, night_band: kinds };
  const geography = freezeGeography({
    ...{ source: 'ed', first: 24_300, policy: ADDITIVE_10_5, areas, addresses: undefined },
    history: { months: 12, counts: history },
    shownBefore: () => undefined,
    heldBefore: () => undefined,
  });
  if (geography === null) throw new Error('got no geography of twelve months, wanted one');
  const tally = (of: ReadonlyMap<string, number>): Map<string, Tally> =>
    new Map([...of].map(([atom, records]) => [atom, { records, persons: null }]));
  const tallies = new Map<FrozenCut, Map<string, Tally>>([
    ['place', tally(count(100))],
    ...(['weapon', 'place_kind', 'night_band'] as const).map((cut) => [cut, tally(kinds)] as const),
  ]);
  const key = Buffer.alloc(32, 7);
  const plan = time(() => {
    protectCuts({
      ...{ geography, tallies, policy: ADDITIVE_10_5, phase: 2 },
      choose: (cut) => keyedChoices(deriveSubkey(key, 'ed', '2025-Q3', cut)),
    });
  });
  write(
    `the whole plan of a city's quarter, 1,500 cells and 30 areas: ${plan.toFixed(1)} ms (wanted under 100)`,
  );
}
