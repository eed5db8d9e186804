// The frozen partition: which cells, areas and categories may ever be shown, fixed for four quarters beforehand.
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import type { Cut } from '../../schemas/released.ts';
import { CELL_RESOLUTION, cellText, parentCell } from '../../transform/h3-cell.ts';
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
  readonly level: 'cell' | 'part' | 'area' | 'category';
  readonly label: string;
  readonly role: 'block' | 'reserve';
  /** The block whose row holds this one where it is too small to be shown; undefined for the pool. */
  readonly within?: string;
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
  /** The atom of the geography before that a cell belonged to; undefined where there was none. */
  readonly heldBefore: (cell: bigint) => string | undefined;
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
  // What is by place may be shown from a higher number only.
  const byPlace = { ...input, policy: forPlaces(policy) };

  const { candidates, elsewhere, cells } = layGeography(byPlace, place, expected);
  const outside = [HOME, UNLOCATED].map((atom) => expected(place.get(atom) ?? 0)) as [number, number];
  const homeIsBlock = keeps(byPlace, 'located', { atom: HOME, expected: outside[0] }, WANTED_OF.category);
  const unlocatedIsBlock = outside[1] + (homeIsBlock ? 0 : outside[0]) >= leastReserve(byPlace.policy);
  const inReserve =
    elsewhere + (unlocatedIsBlock ? 0 : outside[1]) + (homeIsBlock || unlocatedIsBlock ? 0 : outside[0]);

  const atoms: FrozenAtom[] = [
    located(HOME, 'At home or in private', homeIsBlock),
    located(UNLOCATED, 'Not located', unlocatedIsBlock),
    ...hold(byPlace, setReserveAside(byPlace, 'place', candidates, inReserve), candidates),
  ];
  if (whole) {
    for (const cut of CATEGORY_CUTS) {
      const counts = [...history.counts[cut]].filter(([atom]) => !(cut === 'place_kind' && atom === HOME));
      const categories = counts.map(([atom, count]) => ({
        atom,
        level: 'category' as const,
        label: atom.replaceAll('_', ' '),
        expected: expected(count),
        inside: [],
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
  /** What it lies in, the finer first. */
  readonly inside: readonly string[];
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
  heldCell: { expected: 0.5, shown: 0.25 },
  part: { expected: 1, shown: 0.5 },
  area: { expected: 0.5, shown: 0.25 },
  category: { expected: 0.5, shown: 0.25 },
} as const;
interface Wanted {
  readonly expected: number;
  readonly shown: number;
}

function keeps(
  input: PartitionInput,
  cut: Cut,
  candidate: Pick<Candidate, 'atom' | 'expected'>,
  wanted: Wanted,
): boolean {
  const before = input.shownBefore(cut, candidate.atom);
  if (before !== undefined) return before >= wanted.shown;
  return candidate.expected >= wanted.expected * input.policy.threshold;
}

/** Resolutions of the H3 parents by which what is left of an area is divided further, the finer first. */
const PART_RESOLUTIONS = [8, 7, 6];

function layGeography(
  input: PartitionInput,
  place: ReadonlyMap<string, number>,
  expected: (count: number) => number,
) {
  const { policy } = input;
  const candidates: Candidate[] = [];
  const cells = new Map<bigint, string>();
  const counts = new Map<bigint, number>();
  for (const [key, count] of place)
    if (key !== HOME && key !== UNLOCATED && key !== APART) counts.set(BigInt(`0x${key}`), count);
  const sum = (members: Iterable<bigint>) => {
    let total = 0;
    for (const cell of members) total += counts.get(cell) ?? 0;
    return total;
  };
  const isOld = (atom: string) => input.shownBefore('place', atom) !== undefined;
  // What lay in something that was itself hidden would, as a block of its own, speak about what was hidden.
  const wasShown = (cell: bigint) => {
    const holder = input.heldBefore(cell);
    return holder === undefined || (input.shownBefore('place', holder) ?? 1) === 1;
  };
  const mayTake = (candidate: Candidate, members: readonly bigint[], wanted: Wanted) =>
    input.history.months >= policy.historyMonths &&
    hasAddresses(input, members) &&
    keeps(input, 'place', candidate, wanted);
  /** Makes blocks of cells that are left, the largest first, as long as `least` is still expected of the others. */
  const takeCells = (rest: Set<bigint>, area: Area | undefined, wanted: Wanted, least: number) => {
    let left = sum(rest);
    const order = [...rest].toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
    for (const cell of order) {
      const atom = cellText(cell);
      const own = counts.get(cell) ?? 0;
      if (expected(left - own) < least || !(isOld(atom) || wasShown(cell))) continue;
      const label = area ? `${area.name}, cell ${atom}` : `Cell ${atom}`;
      const inside = area ? chain(area, cell, CELL_RESOLUTION) : [];
      const candidate: Candidate = { atom, level: 'cell', label, expected: expected(own), inside };
      if (!mayTake(candidate, [cell], wanted)) continue;
      candidates.push(candidate);
      cells.set(cell, atom);
      rest.delete(cell);
      left -= own;
    }
  };
  const seen = new Set<bigint>();
  for (const area of input.areas) {
    const rest = new Set(area.cells);
    for (const cell of rest) {
      if (seen.has(cell))
        throw new Error(`got cell ${cellText(cell)} in two areas, wanted areas that do not overlap`);
      seen.add(cell);
    }
    takeCells(rest, area, WANTED_OF.cell, 0);
    const blocks: { of: Omit<Candidate, 'expected'>; members: Set<bigint> }[] = [];
    for (const resolution of PART_RESOLUTIONS) {
      let left = sum(rest);
      for (const [parent, all] of byParent(rest, resolution)) {
        const atom = `${area.code}/${cellText(parent)}`;
        const members = all.filter((cell) =>
          isOld(atom) ? input.heldBefore(cell) === atom : wasShown(cell),
        );
        const own = sum(members);
        // What is left of the area must still be able to hold what is too small of it.
        if (members.length === 0 || (!isOld(atom) && expected(left - own) < leastReserve(policy))) continue;
        const label = `${area.name}, around cell ${cellText(parent)}`;
        const of = { atom, level: 'part' as const, label, inside: chain(area, parent, resolution) };
        if (!mayTake({ ...of, expected: expected(own) }, members, WANTED_OF.part)) continue;
        blocks.push({ of, members: new Set(members) });
        for (const cell of members) rest.delete(cell);
        left -= own;
      }
    }
    blocks.push({
      of: { atom: area.code, level: 'area', label: `Elsewhere in ${area.name}`, inside: [] },
      members: rest,
    });
    for (const { of, members } of blocks) {
      if (policy.rounding === 'additive') takeCells(members, area, WANTED_OF.heldCell, leastReserve(policy));
      for (const cell of members) cells.set(cell, of.atom);
      candidates.push({ ...of, expected: expected(sum(members)) });
    }
  }
  const outside = new Set([...counts.keys()].filter((cell) => !seen.has(cell)));
  takeCells(outside, undefined, WANTED_OF.cell, 0);
  return { candidates, elsewhere: expected((place.get(APART) ?? 0) + sum(outside)), cells };
}

/** The parts and the area that a cell lies in, coarser than a resolution, the finer first. */
const chain = (area: Area, cell: bigint, finer: number): string[] => [
  ...PART_RESOLUTIONS.filter((each) => each < finer).map(
    (each) => `${area.code}/${cellText(parentCell(cell, each))}`,
  ),
  area.code,
];

function byParent(cells: Iterable<bigint>, resolution: number): Map<bigint, bigint[]> {
  const groups = new Map<bigint, bigint[]>();
  for (const cell of cells) {
    const parent = parentCell(cell, resolution);
    const group = groups.get(parent);
    if (group) group.push(cell);
    else groups.set(parent, [cell]);
  }
  return groups;
}

/** What is expected at least of a reserve: of a pool's, or of what a block alone is made of that holds others. */
const leastReserve = ({ reserve, threshold }: Policy) => reserve * threshold;

/**
 * Says of each block of places which one holds it where it is too small: the finest around it that is a pool with a
 * reserve of its own, of which no row is ever about. One that was not always shown would speak, by what is expected of
 * it, about the quarters in which it was not.
 */
function hold(
  input: PartitionInput,
  atoms: readonly FrozenAtom[],
  candidates: readonly Candidate[],
): FrozenAtom[] {
  if (input.policy.rounding === 'nearest') return [...atoms];
  const found = new Map(candidates.map((each) => [each.atom, each]));
  const blocks = new Set(atoms.filter(({ role }) => role === 'block').map(({ atom }) => atom));
  const canHold = (atom: string) =>
    blocks.has(atom) &&
    (input.shownBefore('place', atom) ?? 1) === 1 &&
    found.get(atom)!.expected >= leastReserve(input.policy);
  return atoms.map((each) => {
    const within = each.role === 'block' ? found.get(each.atom)!.inside.find(canHold) : undefined;
    return within === undefined ? each : { ...each, within };
  });
}

function hasAddresses({ addresses, policy }: PartitionInput, cells: readonly bigint[]): boolean {
  const known = cells.reduce((sum, cell) => sum + (addresses?.get(cell) ?? 0), 0);
  return known === 0 || known >= policy.minAddresses;
}

// What is below the threshold is in the reserve at once; then the unknown, and the smallest of the coarsest level,
// until the reserve is as large as the policy wants it.
function setReserveAside(
  input: PartitionInput,
  cut: Cut,
  candidates: readonly Candidate[],
  start: number,
): FrozenAtom[] {
  const wanted = leastReserve(input.policy);
  const rank = (c: Candidate) =>
    c.atom === 'unknown' ? 0 : c.level === 'cell' ? 3 : c.level === 'part' ? 2 : 1;
  const order = candidates.toSorted(
    (a, b) => rank(a) - rank(b) || a.expected - b.expected || (a.atom < b.atom ? -1 : 1),
  );
  // Cells and parts are blocks already.
  const isKept = (c: Candidate) =>
    c.level === 'cell' || c.level === 'part' || keeps(input, cut, c, WANTED_OF[c.level]);
  const small = order.filter((c) => c.atom === 'unknown' || !isKept(c));
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
  return `cells, parts of areas and named areas, expected from ${months} of history`;
}
