// The frozen partition: which cells, areas and categories may ever be shown, fixed for four quarters beforehand.
import type { Policy } from '../../schemas/policy.ts';
import type { Cut } from '../../schemas/released.ts';
import { APART } from './tally.ts';

export interface Area {
  readonly code: string;
  readonly name: string;
  /** The cells whose centre lies in the area. */
  readonly cells: readonly bigint[];
}

/** A block can be shown by itself; a member of the pool never is. */
export interface FrozenAtom {
  readonly cut: Cut;
  readonly atom: string;
  readonly level: 'cell' | 'area' | 'category';
  readonly label: string;
  readonly role: 'block' | 'reserve';
}

export interface Geography {
  readonly source: string;
  /** The number of the first month of the first of its four quarters. */
  readonly first: number;
  readonly note: string;
  readonly atoms: readonly FrozenAtom[];
  /** The atom of the place cut that each cell belongs to; a cell not named here is elsewhere, in the reserve. */
  readonly cells: ReadonlyMap<bigint, string>;
}

/** Records of the months before the first quarter, by class of each cut (see tally.ts). */
export interface History {
  readonly months: number;
  readonly counts: Readonly<Record<FrozenCut, ReadonlyMap<string, number>>>;
}
/** Cuts whose classes are told apart in the records; `located` follows from the place cut. */
export type FrozenCut = CategoryCut | 'place';
export type CategoryCut = 'weapon' | 'place_kind' | 'night_band';
export const CATEGORY_CUTS: readonly CategoryCut[] = ['weapon', 'place_kind', 'night_band'];
export const FROZEN_CUTS: readonly FrozenCut[] = ['place', ...CATEGORY_CUTS];

export interface PartitionInput {
  readonly source: string;
  readonly first: number;
  readonly policy: Policy;
  readonly history: History;
  readonly areas: readonly Area[];
  /** Addresses of each cell; undefined where they were not supplied (a missing cell then has none). */
  readonly addresses: ReadonlyMap<bigint, number> | undefined;
  /**
   * For an atom that was a block of the geography before: the share of that geography's quarters in which it was
   * shown; undefined for any other. Public, so that what it decides tells nothing about a quarter that was not shown.
   */
  readonly shownBefore: (cut: Cut, atom: string) => number | undefined;
}

/** With fewer months than this nothing can be expected of a category or an area. */
const LEAST_HISTORY = 3;
const HOME = 'home';
const UNLOCATED = 'unlocated';

/**
 * Freezes the partition of one source: as blocks the cells, the areas without these cells and the categories of which
 * enough is expected a quarter. What was a block before stays one if it was shown often enough, whatever its history: history would speak about quarters in which it was not shown.
 * Null where there is too little history: then only the area as a whole can be shown.
 */
export function freezeGeography(input: PartitionInput): Geography | null {
  const { history, policy } = input;
  if (history.months === 0) return null;
  const whole = history.months >= LEAST_HISTORY;
  const place = whole ? history.counts.place : spreadByAddresses(input);
  if (place === null) return null;
  const expected = (count: number) => (count * 3) / history.months;
  const wanted = policy.reserve * policy.threshold;

  const { candidates, elsewhere, cells } = layGeography(input, place, expected);
  const outside = [HOME, UNLOCATED].map((atom) => expected(place.get(atom) ?? 0)) as [number, number];
  const homeIsBlock = keeps(input, 'located', { atom: HOME, level: 'category', expected: outside[0] });
  const unlocatedIsBlock = outside[1] + (homeIsBlock ? 0 : outside[0]) >= wanted;
  const inReserve =
    elsewhere + (unlocatedIsBlock ? 0 : outside[1]) + (homeIsBlock || unlocatedIsBlock ? 0 : outside[0]);

  const atoms: FrozenAtom[] = [
    located(HOME, 'At home or in private', homeIsBlock),
    located(UNLOCATED, 'Not located', unlocatedIsBlock),
    ...setReserveAside(input, 'place', candidates, inReserve),
  ];
  if (whole) {
    for (const cut of CATEGORY_CUTS) {
      const counts = [...history.counts[cut]].filter(([atom]) => !(cut === 'place_kind' && atom === HOME));
      const categories = counts.map(([atom, count]) => ({
        atom,
        level: 'category' as const,
        label: atom.replaceAll('_', ' '),
        expected: expected(count),
      }));
      atoms.push(...setReserveAside(input, cut, categories, 0));
    }
  }
  return { source: input.source, first: input.first, note: basis(input), atoms, cells };
}

interface Candidate {
  readonly atom: string;
  readonly level: FrozenAtom['level'];
  readonly label: string;
  readonly expected: number;
}

function located(atom: string, label: string, isBlock: boolean): FrozenAtom {
  return { cut: 'located', atom, level: 'category', label, role: isBlock ? 'block' : 'reserve' };
}

/**
 * What makes a block, in thresholds of expected records and in the share of quarters in which it was shown before.
 * A cell that fails takes its incidents out of their area, so it must be likely to succeed. An area or a category that
 * fails costs nothing: with half a threshold, 60% instead of 50% of an emergency department's incidents (80 a month)
 * stand within a named ward. What protects those that fail is the reserve, whatever was expected of them.
 */
const WANTED_OF = {
  cell: { expected: 1, shown: 0.5 },
  area: { expected: 0.5, shown: 0.25 },
  category: { expected: 0.5, shown: 0.25 },
} as const;

function keeps(input: PartitionInput, cut: Cut, candidate: Omit<Candidate, 'label'>): boolean {
  const wanted = WANTED_OF[candidate.level];
  const before = input.shownBefore(cut, candidate.atom);
  if (before !== undefined) return before >= wanted.shown;
  return candidate.expected >= wanted.expected * input.policy.threshold;
}

function layGeography(
  input: PartitionInput,
  place: ReadonlyMap<string, number>,
  expected: (count: number) => number,
) {
  const { policy, addresses } = input;
  const useCells = input.history.months >= policy.historyMonths;
  const candidates: Candidate[] = [];
  const cells = new Map<bigint, string>();
  const seen = new Set<string>();
  const addCell = (atom: string, count: number, name: string): boolean => {
    const cell = BigInt(`0x${atom}`);
    const known = addresses?.get(cell) ?? 0;
    const hasAddresses = addresses === undefined || known === 0 || known >= policy.minAddresses;
    if (
      !useCells ||
      !hasAddresses ||
      !keeps(input, 'place', { atom, level: 'cell', expected: expected(count) })
    )
      return false;
    candidates.push({ atom, level: 'cell', label: name, expected: expected(count) });
    cells.set(cell, atom);
    return true;
  };
  let elsewhere = 0;
  for (const area of input.areas) {
    // A cell that leaves a rest which was itself hidden would speak about that rest.
    const restShown = input.shownBefore('place', area.code) ?? 1;
    let rest = 0;
    for (const cell of area.cells) {
      const atom = cell.toString(16);
      if (seen.has(atom)) throw new Error(`got cell ${atom} in two areas, wanted areas that do not overlap`);
      seen.add(atom);
      const count = place.get(atom) ?? 0;
      const isOld = input.shownBefore('place', atom) !== undefined;
      if (!((isOld || restShown === 1) && addCell(atom, count, `${area.name}, cell ${atom}`))) {
        rest += count;
        cells.set(cell, area.code);
      }
    }
    candidates.push({
      atom: area.code,
      level: 'area',
      label: `Elsewhere in ${area.name}`,
      expected: expected(rest),
    });
  }
  for (const [atom, count] of place) {
    if (atom === HOME || atom === UNLOCATED || seen.has(atom)) continue;
    if (atom === APART) elsewhere += expected(count);
    else if (!addCell(atom, count, `Cell ${atom}`)) elsewhere += expected(count);
  }
  return { candidates, elsewhere, cells };
}

// What is below the threshold is in the reserve at once; then the unknown, and the smallest of the coarsest level,
// until the reserve is as large as the policy wants it.
function setReserveAside(
  input: PartitionInput,
  cut: Cut,
  candidates: readonly Candidate[],
  start: number,
): FrozenAtom[] {
  const wanted = input.policy.reserve * input.policy.threshold;
  const rank = (c: Candidate) => (c.atom === 'unknown' ? 0 : c.level === 'cell' ? 2 : 1);
  const order = candidates.toSorted(
    (a, b) => rank(a) - rank(b) || a.expected - b.expected || (a.atom < b.atom ? -1 : 1),
  );
  const small = order.filter((c) => c.atom === 'unknown' || !keeps(input, cut, c));
  const reserve = new Set(small.map((c) => c.atom));
  let size = start + small.reduce((sum, c) => sum + c.expected, 0);
  for (const candidate of order) {
    if (size >= wanted) break;
    if (reserve.has(candidate.atom)) continue;
    reserve.add(candidate.atom);
    size += candidate.expected;
  }
  return candidates
    .toSorted((a, b) => (a.atom < b.atom ? -1 : 1))
    .map(({ atom, level, label }) => ({
      cut,
      atom,
      level,
      label,
      role: reserve.has(atom) ? 'reserve' : 'block',
    }));
}

// One or two months say how much there is in all; addresses say where it may be expected.
function spreadByAddresses(input: PartitionInput): Map<string, number> | null {
  const { addresses, areas, history } = input;
  if (addresses === undefined || areas.length === 0) return null;
  const place = history.counts.place;
  const spread = new Map<string, number>();
  let located = 0;
  for (const [atom, count] of place) {
    if (atom === HOME || atom === UNLOCATED || atom === APART) spread.set(atom, count);
    else located += count;
  }
  let all = 0;
  for (const area of areas) for (const cell of area.cells) all += addresses.get(cell) ?? 0;
  if (all === 0) return null;
  for (const area of areas) {
    for (const cell of area.cells) {
      spread.set(cell.toString(16), (located * (addresses.get(cell) ?? 0)) / all);
    }
  }
  return spread;
}

function basis({ history, policy }: PartitionInput): string {
  const months = `${history.months} month${history.months === 1 ? '' : 's'}`;
  if (history.months < LEAST_HISTORY) return `named areas, expected from ${months} and address counts`;
  if (history.months < policy.historyMonths) return `named areas, expected from ${months} of history`;
  return `cells and named areas, expected from ${months} of history`;
}
