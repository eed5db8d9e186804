// The partnership tier: twelve months in bands, at the finest place that reaches the threshold of that tier.
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import {
  areaOfPart,
  type GeographyRow,
  type PartnershipRow,
  type Released,
  type ReleasedRow,
  type StarredRow,
} from '../../schemas/released.ts';
import {
  geographyRows,
  readFrozenMonths,
  readGeography,
  readPartnership,
  readReleasePeriod,
} from './frozen.ts';
import { deriveSubkey, keyedDraw } from './keyed.ts';
import { type Banded, type Group, leaveRoom, type Range } from './leave-room.ts';
import type { Area } from './partition.ts';
import { parseQuarter, quarterText } from './period.ts';
import { release } from './release.ts';
import { mergeTallies, type Query, reaches, readTallies, type Tally } from './tally.ts';

/** A named public place of the gazetteer. */
export interface Place {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly cell: bigint;
}

export interface PartnershipInput {
  readonly query: Query;
  readonly key: Uint8Array;
  readonly policy: Policy;
  /** What held in the years of the quarters before; by default the same policy in all. */
  readonly policyOfYear?: (year: number) => Policy;
  readonly source: string;
  /** The released rows of the source up to the quarter, and its stars. */
  readonly released: readonly (ReleasedRow | StarredRow)[];
  /** The frozen geography of the quarter's own cuts. */
  readonly geography: readonly GeographyRow[];
  /** The quarter (2025-Q3) that ends the twelve months. */
  readonly period: string;
  readonly areas: readonly Area[];
  readonly places: readonly Place[];
  /** Months that are frozen with the quarter and in no figure of months: too little at the end of a year. */
  readonly unshown?: readonly number[];
  readonly addresses?: ReadonlyMap<bigint, number>;
  /** Whether schools may be named: that takes a second approval. */
  readonly schools: boolean;
  /** Hotspot labels by atom, for cells (in hexadecimal) and places (by id). */
  readonly hotspots: ReadonlyMap<string, PartnershipRow['hotspot']>;
}

/**
 * The partnership rows of a source for the twelve months to the end of a quarter; or, until four quarters have passed,
 * those that were frozen before. `isNew` says whether they are still to be written.
 */
export async function buildPartnership(
  input: PartnershipInput,
): Promise<{ rows: Released<PartnershipRow>[]; isNew: boolean }> {
  const { query, source, period, areas } = input;
  const frozen = await readPartnership(query, source, period);
  if (frozen) return { rows: frozen, isNew: false };
  const policy = forPlaces(input.policy);
  const to = parseQuarter(period) + 2;
  const classes = policy.sexualOffencesByPlace === 'never' ? 'named_place' : 'named_place_all';
  // As they were counted for the months, so that both tiers speak of the same records.
  const months = await readFrozenMonths(query, source);
  const closed = months.findLast((each) => each.closed)?.month ?? 0;
  const frozenMonths = months.map(({ month }) => month).filter((m) => m >= to - 11 && m <= closed);
  // Nothing was remembered of those that are not shown, whether they are frozen already or only about to be.
  const unshown = input.unshown ?? [];
  const span = { source, from: to - 11, to, frozen: [...new Set([...frozenMonths, ...unshown])] };
  const [records] = await readTallies(query, span, classes);
  records.delete('');
  const named = input.places.filter((place) => input.schools || place.kind !== 'school');
  const selected = selectPartnership({
    records,
    places: new Set(named.map((place) => place.id)),
    areas: areas.map(({ code, cells }) => ({ code, cells: cells.map((cell) => cell.toString(16)) })),
    mayShow: (cell) => hasAddresses(input, cell),
    threshold: policy.partnershipThreshold,
    bands: policy.partnershipBands,
  });
  const subkey = deriveSubkey(input.key, source, period, 'partnership');
  const known = await knownByQuarter(input);
  const groups = groupRows(input, selected, known, records);
  const areaOf = areasOfCells(areas);
  // Where a cell is left out, what is left of its area is not all that is not shown of it.
  const short = new Set<string>();
  const left = new Map<string, readonly Banded[]>();
  const leave = (group: Group): Banded[] => {
    const { name, rows } = group;
    const draw = (of: string) => keyedDraw(subkey, of);
    const parts = [...left.keys()].filter((each) => areaOfPart(each) === name);
    // A row of a quarter has what is too small inside it, whose rows of twelve months are other groups'.
    const cells = [...left.keys()].filter(
      (each) => areaOf.get(each) === name || known.some((of) => of.holders(each).includes(name)),
    );
    const most = Math.max(...known.map((of) => of.mostHeld(name)));
    const heldOf = (names: readonly string[]): Range => {
      const leastOf = (each: string) =>
        sum(left.get(each)!.map(({ low }) => low)) - sum(known.map((of) => of.apart(each)));
      const low = sum([...new Set(names)].map((each) => Math.max(0, leastOf(each))));
      return { low, high: low + most };
    };
    // The quarters of an area are those of its parts too, whose rows are theirs.
    const whole = {
      ...group,
      held: heldOf(cells.filter((each) => !parts.includes(each))),
      others: parts.flatMap((each) => left.get(each)!),
    };
    const alone = {
      quarters: known.map((of) => of.range(name) ?? OPEN),
      held: heldOf([...cells, ...parts]),
    };
    const isArea = areas.some(({ code }) => code === name);
    const kept = leaveRoom(
      isArea ? { ...whole, alone } : whole,
      policy.partnershipBands,
      draw,
      short.has(name) ? 1 : 0,
    );
    left.set(name, kept);
    if (kept.length < rows.length) short.add(areaOfPart(name) || areaOf.get(name) || '');
    return kept;
  };
  const shown = groups
    .flatMap(leave)
    .toSorted((a, b) => (a.level === b.level ? (a.atom < b.atom ? -1 : 1) : a.level < b.level ? -1 : 1));
  const names = new Map(named.map((place) => [place.id, place.name]));
  const areaNames = new Map(areas.map((area) => [area.code, area.name]));
  const cellNames = new Map(areas.flatMap(({ name, cells }) => cells.map((c) => [c.toString(16), name])));
  const label = {
    place: (atom: string) => names.get(atom)!,
    cell: (atom: string) => (cellNames.has(atom) ? `${cellNames.get(atom)}, cell ${atom}` : `Cell ${atom}`),
    area: (atom: string) => `Elsewhere in ${areaNames.get(atom)}`,
  };
  const rows = shown.map(({ level, atom, band, low, high }) => ({
    ...{ source, period, level, atom, label: label[level](atom), band, low, high },
    hotspot: level === 'cell' || level === 'place' ? (input.hotspots.get(atom) ?? '') : ('' as const),
  }));
  return { rows: release(rows), isNew: true };
}

/** What the place cut of a quarter lets anybody know. */
interface Known {
  /** Of an atom: null where it says nothing of it. */
  readonly range: (atom: string) => Range | null;
  /** The part of an area that a cell belongs to, where that may be shown by itself. */
  readonly partOf: (cell: string) => string | undefined;
  /** What it says of an area and of all its parts together: a row holds what is too small within it. */
  readonly areaRange: (area: string) => Range | null;
  /** What holds an atom where it is too small, the finest first: whichever of them has a row. */
  readonly holders: (atom: string) => readonly string[];
  /** The most that an atom has in no row around it: nothing, where it is held or no block. */
  readonly apart: (atom: string) => number;
  /** The most that one of what is too small can have in the row of an atom. */
  readonly mostHeld: (atom: string) => number;
}
const OPEN: Range = { low: 0, high: null };

/** The four quarters as the released tier has them. */
async function knownByQuarter(input: PartnershipInput): Promise<Known[]> {
  const { query, source, period, released, policy } = input;
  const last = parseQuarter(period);
  const known: Known[] = [];
  for (const month of [last - 9, last - 6, last - 3, last]) {
    const quarter = quarterText(month);
    const ofQuarter = input.policyOfYear?.(Math.floor(month / 12)) ?? policy;
    const rows = released.filter((row) => row.cut === 'place' && row.period === quarter);
    const ranges = new Map(rows.map(({ atom, low, high }) => [atom, { low, high }]));
    // With persons, a place of few persons can have had any number of records.
    const hidden = rows.some((row) => row.threshold_on === 'persons')
      ? null
      : { low: 0, high: forPlaces(ofQuarter).threshold - 1 };
    const used = quarter === period ? undefined : await readReleasePeriod(query, source, quarter);
    const geography = used?.geography
      ? await readGeography(query, source, parseQuarter(used.geography))
      : null;
    const atoms = quarter === period ? input.geography : geography ? geographyRows(geography) : [];
    const blocks = atoms.filter(({ cut, role }) => cut === 'place' && role === 'block');
    const names = new Set(blocks.map(({ atom }) => atom));
    const parts = blocks.filter(({ level }) => level === 'part');
    const partOf = new Map(parts.flatMap(({ atom, cells }) => cells.split(' ').map((cell) => [cell, atom])));
    const range = (atom: string) => ranges.get(atom) ?? (rows.length > 0 && names.has(atom) ? hidden : null);
    const areaRange = (area: string) => {
      const apart = parts.filter(
        ({ atom, within }) => areaOfPart(atom) === area && (ranges.has(atom) || within === ''),
      );
      const own = range(area);
      if (apart.length === 0) return own;
      return addUp([own ?? OPEN, ...apart.map(({ atom }) => range(atom) ?? OPEN)]);
    };
    const withinOf = new Map(blocks.map(({ atom, within }) => [atom, within]));
    const holders = (atom: string): string[] => {
      const within = withinOf.get(atom) || partOf.get(atom);
      return within ? [within, ...holders(within)] : [];
    };
    const apart = (atom: string): number => {
      if (rows.length > 0 && !ranges.has(atom) && withinOf.get(atom) !== '') return 0;
      return range(atom)?.high ?? Number.POSITIVE_INFINITY;
    };
    const least = forPlaces(ofQuarter).threshold;
    const mostHeld = (atom: string): number =>
      rows.length > 0 && blocks.some((each) => !ranges.has(each.atom) && holders(each.atom).includes(atom))
        ? least - 1
        : 0;
    known.push({ range, partOf: (cell) => partOf.get(cell), areaRange, holders, apart, mostHeld });
  }
  return known;
}

const sum = (of: readonly number[]): number => of.reduce((total, n) => total + n, 0);

const addUp = (ranges: readonly Range[]): Range => ({
  low: ranges.reduce((sum, { low }) => sum + low, 0),
  high: ranges.reduce<number | null>(
    (sum, { high }) => (sum === null || high === null ? null : sum + high),
    0,
  ),
});

const areasOfCells = (areas: readonly Area[]): Map<string, string> =>
  new Map(areas.flatMap(({ code, cells }) => cells.map((cell) => [cell.toString(16), code])));

/**
 * Rows by what they share records with in the released tier: a cell that is a block there in any of the quarters with
 * its places; what else is in such a part of a named area; what else is in the area with the area's rest; and
 * everything else with the pool. In this order.
 */
function groupRows(
  input: PartnershipInput,
  rows: readonly Banded[],
  known: readonly Known[],
  records: ReadonlyMap<string, Tally>,
): Group[] {
  const most = forPlaces(input.policy).partnershipThreshold - 1;
  // A person may have many records, and a cell of few addresses as well: what is left out of these has no upper end.
  const onRecords = [...records.values()].every(({ persons }) => persons === null);
  const mostOf = (cells: readonly string[]): number | null =>
    onRecords && cells.every((cell) => hasAddresses(input, cell)) ? cells.length * most : null;
  const shown = new Set(rows.filter(({ level }) => level === 'cell').map(({ atom }) => atom));
  const cellOfPlace = new Map(input.places.map(({ id, cell }) => [id, cell.toString(16)]));
  const areaOf = areasOfCells(input.areas);
  const groupOf = ({ level, atom }: Banded): string => {
    if (level === 'area') return atom;
    const cell = level === 'cell' ? atom : (cellOfPlace.get(atom) ?? '');
    if (known.some(({ range }) => range(cell))) return cell;
    // The finest, where quarters differ.
    const [part] = known
      .flatMap(({ partOf }) => partOf(cell) ?? [])
      .toSorted()
      .reverse();
    return part ?? areaOf.get(cell) ?? 'pool';
  };
  const grouped = new Map<string, Banded[]>();
  for (const row of rows) grouped.set(groupOf(row), [...(grouped.get(groupOf(row)) ?? []), row]);
  const places = new Set(rows.filter(({ level }) => level === 'place').map(({ atom }) => atom));
  const keys = [...records.keys()].map((key) => key.split(' ') as [string, string]);
  const placed = new Set(keys.filter(([, place]) => places.has(place)).map(([cell]) => cell));
  const groups = [...grouped].map(([name, own]): Group & { readonly rank: number } => {
    const area = input.areas.find(({ code }) => code === name);
    const around = input.areas.find(({ code }) => code === areaOfPart(name));
    const inPart = (cell: string) => known.some(({ partOf }) => partOf(cell) === name);
    const cells = area
      ? area.cells.map((cell) => cell.toString(16))
      : around
        ? around.cells.map((cell) => cell.toString(16)).filter(inPart)
        : [name];
    const isPool = name === 'pool';
    // What is left of a cell or an area has a row of its own, or is what its cells that are left out can have.
    const hasRest = isPool || own.some(({ atom }) => atom === name);
    const mostLeft = mostOf(cells.filter((cell) => !shown.has(cell)));
    const isOther =
      around || (area && cells.some((cell) => known.some((of) => of.range(cell) || of.partOf(cell))));
    return {
      ...{ name, rows: own, rank: isPool ? 3 : area ? 2 : around ? 1 : 0 },
      isExact: !isPool && !isOther && !cells.some((cell) => placed.has(cell)),
      unshown: hasRest ? null : { low: 0, high: mostLeft },
      mostLeft,
      // The pool holds more than what is shown of nowhere else.
      quarters: known.map((of) => {
        const { low, high } = (area ? of.areaRange(name) : of.range(name)) ?? { low: 0, high: null };
        return { low: isPool ? 0 : low, high };
      }),
    };
  });
  return groups.toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
}

function hasAddresses({ addresses, policy }: PartnershipInput, cell: string): boolean {
  const known = addresses?.get(BigInt(`0x${cell}`)) ?? 0;
  return known === 0 || known >= policy.minAddresses;
}

/** The band of a number that is at least the first lower end; the last band is open. */
function toBand(
  records: number,
  bands: readonly number[],
): { band: string; low: number; high: number | null } {
  const i = bands.findLastIndex((low) => low <= records);
  const low = bands[i]!;
  const next = bands[i + 1];
  if (next === undefined) return { band: `${low}+`, low, high: null };
  return { band: `${low}-${next - 1}`, low, high: next - 1 };
}

export interface PartnershipSelectionInput {
  /** By "cell place", the place empty where none is named; cells in hexadecimal. */
  readonly records: ReadonlyMap<string, Tally>;
  readonly places: ReadonlySet<string>;
  readonly areas: readonly { readonly code: string; readonly cells: readonly string[] }[];
  readonly mayShow: (cell: string) => boolean;
  readonly threshold: number;
  readonly bands: readonly number[];
}

/**
 * A disjoint partition: places, cells without the places shown, and areas without the cells shown.
 *
 * A rest of m members, each known to be below the threshold, proves each member to be more than 0 as soon as the
 * others cannot hold its band's lower end between them. So its bands stop where they still can, at
 * low <= (m-1)(threshold-1), and the last of them is open; a rest with too few members for any band is not shown.
 * No total is shown in this tier, nor what is left of everything: the months tell how much there is in all, and what is
 * left would follow from the other rows. Nothing here needs a key.
 */
export function selectPartnership(input: PartnershipSelectionInput): Banded[] {
  const { threshold, bands } = input;
  const places = new Map<string, Tally[]>();
  for (const [key, tally] of input.records) {
    const place = key.slice(key.indexOf(' ') + 1);
    if (input.places.has(place)) places.set(place, [...(places.get(place) ?? []), tally]);
  }
  const shownPlaces = [...places]
    .map(([atom, tallies]) => ({ level: 'place' as const, atom, tally: mergeTallies(tallies) }))
    .filter(({ tally }) => reaches(tally, threshold));
  const named = new Set(shownPlaces.map(({ atom }) => atom));

  const cells = new Map<string, Tally[]>();
  for (const [key, tally] of input.records) {
    const [cell, place] = key.split(' ') as [string, string];
    if (!named.has(place)) cells.set(cell, [...(cells.get(cell) ?? []), tally]);
  }
  const remainders = [...cells].map(([atom, tallies]) => ({
    level: 'cell' as const,
    atom,
    tally: mergeTallies(tallies),
  }));
  const shownCells = remainders.filter(({ atom, tally }) => input.mayShow(atom) && reaches(tally, threshold));
  const isShown = new Set(shownCells.map(({ atom }) => atom));
  const unshown = new Map(remainders.filter(({ atom }) => !isShown.has(atom)).map((r) => [r.atom, r.tally]));

  const bandsOfRest = (members: number) => bands.filter((low) => low <= (members - 1) * (threshold - 1));
  const mayShowRest = (tally: Tally, members: number) =>
    bandsOfRest(members).length > 0 && reaches(tally, threshold);
  const rests = input.areas.flatMap(({ code, cells: ofArea }) => {
    const members = ofArea.filter((cell) => !isShown.has(cell));
    if (members.length === 0) return [];
    const tally = mergeTallies(members.flatMap((cell) => unshown.get(cell) ?? []));
    const mayShow = mayShowRest(tally, members.length);
    return [{ level: 'area' as const, atom: code, tally, mayShow, bands: bandsOfRest(members.length) }];
  });
  const full = [...shownPlaces, ...shownCells].map((row) => ({ ...row, bands }));
  return [...full, ...rests.filter((rest) => rest.mayShow)]
    .map(({ level, atom, tally, bands: own }) => ({ level, atom, ...toBand(tally.records, own) }))
    .toSorted((a, b) => (a.level === b.level ? (a.atom < b.atom ? -1 : 1) : a.level < b.level ? -1 : 1));
}
