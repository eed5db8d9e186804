// The ground of one source: the smallest pieces of the map that its tables, in any quarter, tell apart.
import type { BandRow, GeographyRow, ValueRow } from './read-release.ts';
import { monthsOf } from './read-release.ts';

/** A partition that is in force for four quarters, as far as it is public or follows from what was shown. */
export interface Partition {
  /** Its first and last quarter, each by the number of its first month. */
  readonly first: number;
  readonly last: number;
  /** What can be shown by itself, by cut. */
  readonly blocks: ReadonlyMap<string, readonly string[]>;
  /** Cuts whose pool holds more than blocks that were too small. */
  readonly reserved: ReadonlySet<string>;
  /** The block of places whose row holds another one that is too small. */
  readonly holders: ReadonlyMap<string, string>;
}

/** Pieces by number, and the sets of them that rows speak of. */
export interface Ground {
  readonly partitions: readonly Partition[];
  readonly pieces: readonly string[];
  /** The pieces of an atom of the place cut under a partition. */
  readonly atom: (partition: Partition | undefined, atom: string) => readonly number[];
  /**
   * The pieces of a row of the partnership tier, given the rows that the same year shows. Named places are none: their
   * records lie where their coordinates say, which nobody outside knows.
   */
  readonly band: (row: Pick<BandRow, 'level' | 'atom'>, shown: readonly BandRow[]) => readonly number[];
}

const QUARTERS_OF_A_PARTITION = 4;
const CELL = /^8[0-9a-f]{14}$/;
const ELSEWHERE = 'elsewhere';

/** Lays out the ground from all rows of one source. */
export function layGround(
  values: readonly ValueRow[],
  bands: readonly BandRow[],
  geography: readonly GeographyRow[],
): Ground {
  const partitions = findPartitions(values, geography);
  const explicit = geography.filter((row) => row.cells.length > 0);
  const areaOf = findAreas(values, bands, explicit);
  const areas = new Set([...areaOf.values(), ...namedAreas(values, bands)]);
  const cells = new Set([
    ...explicit.flatMap((row) => row.cells),
    ...[...values.filter((row) => row.cut === 'place'), ...bands]
      .map((row) => row.atom)
      .filter((a) => CELL.test(a)),
  ]);
  // Where the cells of areas are not public, what is left of an area is one piece.
  const rests = explicit.length > 0 ? [] : [...areas].map((area) => [`rest of ${area}`, area] as const);
  // A cell; or what nobody tells apart of an area, or outside all of them. Sets of them are lists of their numbers.
  const elements = [...cells, ...rests.map(([rest]) => rest), ELSEWHERE];
  const numberOf = new Map(elements.map((element, i) => [element, i]));
  const numbersOf = (names: Iterable<string>) => [...names].flatMap((name) => numberOf.get(name) ?? []);
  const inArea = new Map([...areas].map((area): [string, number[]] => [area, []]));
  for (const [element, area] of [...areaOf, ...rests])
    if (numberOf.has(element)) inArea.get(area)?.push(numberOf.get(element)!);
  const without = (set: readonly number[], taken: ReadonlySet<number>) => set.filter((i) => !taken.has(i));

  const ofAtom = (partition: Partition | undefined, atom: string): readonly number[] => {
    const named = explicit.find(
      (row) =>
        row.cut === 'place' && row.atom === atom && monthsOf(row.firstQuarter)?.first === partition?.first,
    );
    if (named) return numbersOf(named.cells);
    if (CELL.test(atom)) return numbersOf([atom]);
    const blocks = (partition?.blocks.get('place') ?? []).filter((each) => CELL.test(each));
    return without(inArea.get(atom) ?? [], new Set(numbersOf(blocks)));
  };
  const ofBand = (
    { level, atom }: Pick<BandRow, 'level' | 'atom'>,
    shown: readonly BandRow[],
  ): readonly number[] => {
    if (level === 'cell') return numbersOf([atom]);
    const names = (kind: string) => shown.flatMap((row) => (row.level === kind ? [row.atom] : []));
    const apart = new Set(numbersOf(names('cell')));
    if (level === 'area') return without(inArea.get(atom) ?? [], apart);
    for (const area of names('area')) for (const i of inArea.get(area) ?? []) apart.add(i);
    return level === 'whole' ? without([...elements.keys()], apart) : [];
  };

  // What every row treats alike is one piece: each set parts those that it holds from the others.
  const pieceOf = new Int32Array(elements.length);
  let last = 0;
  const part = (set: readonly number[]) => {
    const parted = new Map<number, number>();
    for (const i of new Set(set)) {
      const before = pieceOf[i]!;
      if (!parted.has(before)) parted.set(before, ++last);
      pieceOf[i] = parted.get(before)!;
    }
  };
  for (const partition of [undefined, ...partitions])
    for (const atom of new Set([...(partition?.blocks.get('place') ?? []), ...shownPlaces(values)]))
      part(ofAtom(partition, atom));
  for (const [, shown] of byPeriod(bands)) for (const row of shown) part(ofBand(row, shown));
  for (const row of bands) if (row.level === 'cell') part(numbersOf([row.atom]));
  // Numbered in the order of their first elements.
  const numbers = new Map<number, number>();
  const pieces: string[] = [];
  for (const [i, element] of elements.entries())
    if (!numbers.has(pieceOf[i]!)) numbers.set(pieceOf[i]!, pieces.push(element) - 1);
  const piecesOf = (set: readonly number[]) => [
    ...new Set(set.toSorted((a, b) => a - b).map((i) => numbers.get(pieceOf[i]!)!)),
  ];
  return {
    partitions,
    pieces,
    atom: (partition, atom) => piecesOf(ofAtom(partition, atom)),
    band: (row, shown) => piecesOf(ofBand(row, shown)),
  };
}

/** Rows by period. */
export function byPeriod<Row extends { readonly period: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.period, [...(groups.get(row.period) ?? []), row]);
  return groups;
}

const shownPlaces = (values: readonly ValueRow[]) =>
  values
    .filter((row) => row.cut === 'place' && ['cell', 'part', 'area'].includes(row.level))
    .map((row) => row.atom);

// The partitions that are public; where none is, a new one begins with the first quarter and every four after it.
function findPartitions(values: readonly ValueRow[], geography: readonly GeographyRow[]): Partition[] {
  const cuts = values.filter((row) => row.cut !== 'month' && monthsOf(row.period)?.months === 3);
  const firsts = [...new Set(geography.map((row) => monthsOf(row.firstQuarter)?.first ?? 0))].sort(
    (a, b) => a - b,
  );
  if (firsts.length > 0)
    return firsts.map((first, i) => {
      const own = geography.filter((row) => monthsOf(row.firstQuarter)?.first === first);
      const blocks = new Map<string, string[]>();
      for (const row of own)
        if (!row.isReserve) blocks.set(row.cut, [...(blocks.get(row.cut) ?? []), row.atom]);
      const reserved = new Set(own.filter((row) => row.isReserve).map((row) => row.cut));
      const held = own.filter((row) => row.cut === 'place' && row.within !== '');
      const holders = new Map(held.map(({ atom, within }) => [atom, within]));
      const last = (firsts[i + 1] ?? first + 3 * QUARTERS_OF_A_PARTITION) - 3;
      return { first, last, blocks, reserved, holders };
    });
  const quarters = [...new Set(cuts.map((row) => monthsOf(row.period)!.first))].sort((a, b) => a - b);
  const partitions: Partition[] = [];
  for (const quarter of quarters) {
    if (partitions.some(({ first, last }) => quarter >= first && quarter <= last)) continue;
    const last = quarter + 3 * (QUARTERS_OF_A_PARTITION - 1);
    const blocks = new Map<string, string[]>();
    for (const row of cuts) {
      const { first } = monthsOf(row.period)!;
      if (
        first < quarter ||
        first > last ||
        row.level === 'pool' ||
        ['home', 'unlocated', 'map'].includes(row.atom)
      )
        continue;
      const known = blocks.get(row.cut) ?? [];
      if (!known.includes(row.atom)) blocks.set(row.cut, [...known, row.atom]);
    }
    const reserved = new Set(cuts.map((row) => row.cut));
    partitions.push({ first: quarter, last, blocks, reserved, holders: new Map() });
  }
  return partitions;
}

const namedAreas = (values: readonly ValueRow[], bands: readonly BandRow[]) =>
  [...values.filter((row) => row.cut === 'place'), ...bands]
    .filter((row) => row.level === 'area')
    .map((row) => row.atom);

// A cell belongs to the area that lists it, or whose name its label begins with ("Elsewhere in NAME"; "NAME, cell X").
function findAreas(
  values: readonly ValueRow[],
  bands: readonly BandRow[],
  explicit: readonly GeographyRow[],
): Map<string, string> {
  const areaOf = new Map<string, string>();
  const rows = [...values.filter((row) => row.cut === 'place'), ...bands, ...explicit];
  const byName = new Map(
    rows
      .filter((row) => !CELL.test(row.atom) && row.label.startsWith('Elsewhere in '))
      .map((row) => [row.label.slice('Elsewhere in '.length), row.atom]),
  );
  for (const { atom, label } of rows) {
    const area = CELL.test(atom)
      ? byName.get(label.slice(0, Math.max(0, label.lastIndexOf(', cell '))))
      : undefined;
    if (area !== undefined) areaOf.set(atom, area);
  }
  // A part of an area goes by the area's code, a slash and the cell around it.
  for (const { atom, cells } of explicit)
    if (!CELL.test(atom)) for (const cell of cells) areaOf.set(cell, atom.replace(/\/8[0-9a-f]{14}$/, ''));
  return areaOf;
}
