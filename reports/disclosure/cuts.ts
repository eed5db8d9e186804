// The breakdowns of one quarter and source, protected together. Pure: what the oracle of the tests attacks.
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import type { Cut, ReleasedRow } from '../../schemas/released.ts';
import type { CategoryCut, FrozenAtom, FrozenCut, Geography } from './partition.ts';
import { CATEGORY_CUTS } from './partition.ts';
import { hasRoomInPass, nominalInterval, roundCumulative } from './rounding.ts';
import { makeRoom, type PlaceSelection, type Selection, selectBlocks, selectPlaces } from './selection.ts';
import { APART, mergeTallies, type Tally } from './tally.ts';

/** What looks random in a cut to whoever lacks the key. */
export interface Choices {
  readonly order: (names: readonly string[]) => Int32Array;
  readonly pick: (names: readonly string[]) => string;
}

export interface CutsInput {
  readonly geography: Geography;
  /** Tallies of the quarter by class of each cut (see tally.ts). */
  readonly tallies: ReadonlyMap<FrozenCut, ReadonlyMap<string, Tally>>;
  readonly policy: Policy;
  /** Where the month series stands at the quarter's start. */
  readonly phase: number;
  readonly choose: (cut: Cut) => Choices;
}

/** What a cut shows: atoms that come first in this order, then those in keyed order. */
interface Atoms {
  readonly cut: Cut;
  readonly leading: readonly Atom[];
  readonly others: readonly Atom[];
}
interface Atom {
  readonly atom: string;
  readonly level: ReleasedRow['level'];
  readonly label: string;
  readonly tally: Tally;
  /** A lower bound of the true number that follows from the other cuts. */
  readonly least?: number;
}

export type CutRow = Omit<ReleasedRow, 'source' | 'period'>;
const NOTHING: Tally = { records: 0, persons: null };

/**
 * The rows of a quarter's breakdowns. Each adds up to the quarter; the same set has the same value in each, since what
 * several cuts show stands first in all of them. A cut with fewer than two atoms is left out.
 */
export function protectCuts(input: CutsInput): CutRow[] {
  const { geography, policy, phase, choose } = input;
  const places = choosePlaces(input);
  const homeShown = places?.outside.some((block) => block.atom === 'home') ?? false;
  const chosen: (Atoms | null)[] = places ? [placeAtoms(geography, places)] : [];
  for (const cut of CATEGORY_CUTS) {
    chosen.push(categoryAtoms(cut, input, homeShown));
  }
  if (places) chosen.push(locatedAtoms(places));
  const breakdowns = chosen.filter((cut) => cut !== null).filter(isBreakdown);
  return boundByOthers(breakdowns, places, policy).flatMap((cut) =>
    roundCut(cut, policy, phase, choose(cut.cut).order),
  );
}

// A cut of one atom says nothing but the sum of the months, which the months say already.
function isBreakdown(cut: Atoms): boolean {
  return cut.leading.length + cut.others.length > 1;
}

/** The atoms of one cut, by name. */
export function frozenAtoms(geography: Geography, cut: Cut): Map<string, FrozenAtom> {
  return new Map(geography.atoms.filter((atom) => atom.cut === cut).map((atom) => [atom.atom, atom]));
}

function choosePlaces({ geography, tallies, policy, phase, choose }: CutsInput): PlaceSelection | null {
  const place = tallies.get('place')!;
  const grouped = groupByAtom(geography, place);
  const located = frozenAtoms(geography, 'located');
  const { blocks, reserve } = splitByRole(geography, 'place', grouped);
  const { order, pick } = choose('place');
  const { threshold, base } = forPlaces(policy);
  return selectPlaces(
    {
      home: place.get('home') ?? NOTHING,
      homeIsBlock: located.get('home')?.role === 'block',
      unlocated: place.get('unlocated') ?? NOTHING,
      unlocatedIsBlock: located.get('unlocated')?.role === 'block',
    },
    blocks,
    reserve,
    threshold,
    pick,
    {
      atStart: (first) => first.records + phase >= threshold + base,
      inPass: (places) => hasRoom(placeAtoms(geography, places), threshold, base, phase, order),
    },
  );
}

/** What is on the map, by the atom of the place cut that it belongs to; '' for the reserve. */
export function groupByAtom(geography: Geography, place: ReadonlyMap<string, Tally>): Map<string, Tally[]> {
  const grouped = new Map<string, Tally[]>();
  for (const [key, tally] of place) {
    if (key === 'home' || key === 'unlocated') continue;
    const atom = key === APART ? '' : (geography.cells.get(BigInt(`0x${key}`)) ?? '');
    grouped.set(atom, [...(grouped.get(atom) ?? []), tally]);
  }
  return grouped;
}

/** The records of a cut, by what may be shown by itself; and all the others together. */
export function splitByRole(geography: Geography, cut: Cut, grouped: ReadonlyMap<string, readonly Tally[]>) {
  const atoms = frozenAtoms(geography, cut);
  const blocks = [...atoms.values()]
    .filter((atom) => atom.role === 'block')
    .map(({ atom, within }) => ({ atom, within, tally: mergeTallies(grouped.get(atom) ?? []) }));
  const others = [...grouped].filter(([atom]) => atoms.get(atom)?.role !== 'block');
  return { blocks, reserve: mergeTallies(others.flatMap(([, tallies]) => tallies)) };
}

export const AT_HOME = 'At home or in private';

function outsideAtoms(places: PlaceSelection): Atom[] {
  const homeShown = places.outside.some((block) => block.atom === 'home');
  return places.outside.map(({ atom, tally }) => ({
    atom,
    level: 'category',
    label: atom === 'home' ? AT_HOME : homeShown ? 'Not located' : 'Not located, or at home or in private',
    tally,
  }));
}

function placeAtoms(geography: Geography, places: PlaceSelection): Atoms {
  const frozen = frozenAtoms(geography, 'place');
  const { shown, pool } = places.geography;
  const others: Atom[] = shown.map(({ atom, tally }) => ({
    atom,
    level: frozen.get(atom)!.level,
    label: frozen.get(atom)!.label,
    tally,
  }));
  others.push({ atom: 'pool', level: 'pool', label: 'All other places together', tally: pool });
  return { cut: 'place', leading: outsideAtoms(places), others };
}

// The same sets as in the place cut, one level up: so that both round to the same.
function locatedAtoms(places: PlaceSelection): Atoms {
  const { shown, pool } = places.geography;
  const tally = mergeTallies([...shown.map((block) => block.tally), pool]);
  const rest: Atom = places.outside.some((block) => block.atom === 'unlocated')
    ? { atom: 'map', level: 'category', label: 'On the map', tally }
    : { atom: 'pool', level: 'pool', label: 'On the map, or too few to be shown', tally };
  return { cut: 'located', leading: outsideAtoms(places), others: [rest] };
}

function categoryAtoms(cut: CategoryCut, input: CutsInput, homeShown: boolean): Atoms | null {
  const { geography, policy, phase, choose } = input;
  const { order, pick } = choose(cut);
  const frozen = frozenAtoms(geography, cut);
  if (frozen.size === 0) return null;
  // Violence at home has the same value wherever it is shown, and is never what a small pool is merged with.
  const homeApart = cut === 'place_kind' && homeShown;
  const grouped = new Map([...input.tallies.get(cut)!].map(([atom, tally]) => [atom, [tally]]));
  const home = mergeTallies(grouped.get('home') ?? []);
  if (homeApart) grouped.delete('home');
  const { blocks, reserve } = splitByRole(geography, cut, grouped);
  // The same set stands for the same numbers as in the cuts of places, whose threshold may be higher.
  const least = forPlaces(policy).threshold;
  const leading: Atom[] = homeApart
    ? [{ atom: 'home', level: 'category', label: AT_HOME, tally: home, least }]
    : [];
  const toAtoms = ({ shown, pool }: Selection): Atoms => ({
    cut,
    leading,
    others: [
      ...shown.map(({ atom, tally }) => ({
        ...{ atom, level: 'category' as const, label: frozen.get(atom)!.label, tally },
      })),
      { atom: 'pool', level: 'pool', label: 'Unknown or too few to be shown', tally: pool },
    ],
  });
  const { threshold, base } = policy;
  const selection = selectBlocks(blocks, reserve, threshold, pick);
  const roomy =
    selection && makeRoom(selection, pick, (left) => hasRoom(toAtoms(left), threshold, base, phase, order));
  return roomy && toAtoms(roomy);
}

// Where one cut shows as a single atom what another shows in parts, each part's threshold bounds it from below.
function boundByOthers(cuts: readonly Atoms[], places: PlaceSelection | null, policy: Policy): Atoms[] {
  const size = (cut: Cut) => cuts.find((c) => c.cut === cut)?.others.length ?? 0;
  const homeShown = places?.outside.some((block) => block.atom === 'home') ?? false;
  const restShown = places?.outside.some((block) => block.atom === 'unlocated') ?? false;
  const atPlaces = forPlaces(policy).threshold;
  const ofKinds = homeShown && !restShown ? policy.threshold * size('place_kind') : 0;
  const onMap = Math.max(atPlaces * size('place'), ofKinds);
  const notAtHome = atPlaces * (size('place') + (restShown ? 1 : 0));
  return cuts.map((cut) => {
    if (cut.others.length !== 1) return cut;
    const least = cut.cut === 'place_kind' ? notAtHome : onMap;
    return { ...cut, others: cut.others.map((atom) => ({ ...atom, least })) };
  });
}

function roundCut(cut: Atoms, policy: Policy, phase: number, orderOf: Choices['order']) {
  const atoms = [...cut.leading, ...cut.others];
  const values = valuesOf(cut, policy.base, phase, orderOf);
  const { threshold } = cut.cut === 'place' || cut.cut === 'located' ? forPlaces(policy) : policy;
  const thresholdOn = atoms.some((atom) => atom.tally.persons !== null)
    ? ('persons' as const)
    : ('records' as const);
  return atoms.map(({ atom, level, label, least }, i) => {
    const value = values[i]!;
    const { low, high } = nominalInterval(value, threshold, policy.base);
    return {
      cut: cut.cut,
      atom,
      level,
      label,
      threshold_on: thresholdOn,
      value,
      low: Math.max(low, least ?? 0),
      high,
    };
  });
}

function valuesOf(
  { leading, others }: Atoms,
  base: number,
  phase: number,
  orderOf: Choices['order'],
): Int32Array {
  const keyed = orderOf(others.map((atom) => atom.atom));
  const counts = Int32Array.from([...leading, ...others], (atom) => atom.tally.records);
  const order = Int32Array.from([...leading.keys(), ...keyed.map((i) => i + leading.length)]);
  const values = new Int32Array(counts.length);
  roundCumulative(counts, order, counts.length, base, phase, values);
  return values;
}

function hasRoom(
  cut: Atoms,
  threshold: number,
  base: number,
  phase: number,
  orderOf: Choices['order'],
): boolean {
  const values = [...valuesOf(cut, base, phase, orderOf)];
  const shift = cut.leading.length;
  return hasRoomInPass(values.slice(0, shift), values.slice(shift), threshold, base);
}
