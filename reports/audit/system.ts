// Everything that the files of one source prove, as one table of sums over its months, quarters and pieces of ground.
import type { LinearTable, Range, Sum, Terms } from './bounds.ts';
import { byPeriod, layGround, type Partition } from './ground.ts';
import type { BandRow, GeographyRow, NamedPolicy, ValueRow } from './read-release.ts';
import { monthName, monthsOf, quarterName } from './read-release.ts';

/** What the attacker is after: a sum of unknowns, with what the policy lets be known of it. */
export interface Aim {
  readonly kind: AimKind;
  readonly where: string;
  readonly terms: Terms;
  readonly nominal: Range;
  /** The rules that it was hidden or shown by. */
  readonly policy: NamedPolicy;
  /** What the row itself says that it stands for. */
  readonly printed?: Range;
}

/** A published figure; a block, category or month too small to be shown; a total; a band
 * within its year and over the years; what a year does not show; a piece nobody published. */
export type AimKind = 'published' | 'hidden' | 'total' | 'year' | 'band' | 'unshown' | 'piece';

/** An exact number from elsewhere. */
export interface Known {
  readonly source: string;
  readonly period: string;
  readonly cut: string;
  readonly atom: string;
  readonly records: number;
}

export interface SourceFiles {
  readonly source: string;
  /** Each statement once: the same figure in two files is one row, two figures for one thing are two. */
  readonly values: readonly ValueRow[];
  readonly bands: readonly BandRow[];
  readonly geography: readonly GeographyRow[];
  readonly knowing: readonly Known[];
}

export interface System {
  readonly table: LinearTable;
  readonly aims: readonly Aim[];
  /** Exact numbers that speak of nothing in the files. */
  readonly idle: readonly Known[];
}

export interface SystemOptions {
  /** Whether the bands of the partnership tier are known too; without, they are aims that nothing is known of. */
  readonly bands: boolean;
  /** What the bands are laid over: the released quarters, each other, or nothing. */
  readonly link: Link;
  /** A block may be missing though it is large: taken into a pool that was too small. */
  readonly mayBeTaken: boolean;
  /** A place or cell may be missing from a year though it is large: rows are left out by chance, too. */
  readonly mayBeLeftOut?: boolean;
}

/**
 * Records that came late are in later years and in no frozen quarter. Where that makes the tables contradict each
 * other, an attacker has to let go of what does not fit.
 */
export type Link = 'quarters' | 'years' | 'nothing';

/** Whether what quarters show of a cell comes to so many in the year that ends with a quarter. */
type IsLarge = (atom: string, end: number, least: number) => boolean;

const FREE: Range = { low: 0, high: Number.POSITIVE_INFINITY };
const YEAR = 4;

/** Writes down the sums and the aims of one source. */
export function buildSystem(files: SourceFiles, options: SystemOptions): System {
  const { source, values, bands } = files;
  const cells: Range[] = [];
  const sums: Sum[] = [];
  const aims: Aim[] = [];
  const numbers = new Map<string, number>();
  const unknown = (key: string, range: Range = FREE): number => {
    if (!numbers.has(key)) {
      numbers.set(key, cells.length);
      cells.push(range);
    }
    return numbers.get(key)!;
  };
  const all = (cellNumbers: readonly number[]): Terms => cellNumbers.map((cell) => [cell, 1] as const);
  const state = (terms: Terms, range: Range) => {
    if (terms.length > 0) sums.push({ terms, ...range });
  };
  const minus = (terms: Terms): Terms => terms.map(([cell, factor]) => [cell, -factor] as const);
  const below = (limit: number): Range => ({ low: 0, high: limit - 1 });
  const bucket = (value: number, { threshold, base, nearest }: NamedPolicy): Range => {
    const down = nearest ? Math.floor(base / 2) : base - 1;
    if (nearest && value === 0) return exactly(0);
    return { low: Math.max(threshold, value - down), high: value + (nearest ? base - 1 - down : down) };
  };
  const known = new Map<string, Terms>();
  // A person may have many records: of what is too small in persons, the number of records is not bounded.
  const onRecords = values.every((row) => row.thresholdOn !== 'persons');
  const cap = (terms: Terms, limit: number) => {
    if (onRecords) state(terms, below(limit));
  };

  // What is by place may have a threshold of its own.
  const thresholds = (period: string) => [
    ...new Set(values.filter((row) => row.period === period).map(({ policy }) => policy.threshold)),
  ];

  /** A row of a table: its value is known, and it is an aim. */
  const publish = (row: ValueRow, terms: Terms, inCut: string) => {
    const { policy } = row;
    const { threshold } = policy;
    const printed = row.low === null ? {} : { printed: { low: row.low, high: row.high ?? FREE.high } };
    if (row.value === null) {
      // A star: somebody is there, fewer than the threshold; where it is persons that are few, they can have more records.
      const nominal = { low: 1, high: threshold - 1 };
      state(terms, row.thresholdOn === 'persons' ? { ...nominal, high: FREE.high } : nominal);
      aims.push({ kind: 'hidden', where: inCut, terms, nominal, policy, ...printed });
      return;
    }
    const nominal = bucket(row.value, policy);
    state(terms, nominal);
    // A sum of several atoms of at least the threshold each says so, and tells nothing that they do not.
    const isSum =
      row.low !== null && thresholds(row.period).some((t) => row.low! >= 2 * t && row.low! % t === 0);
    const ofParts = isSum ? row.low! : 0;
    aims.push({
      kind: 'published',
      where: inCut,
      terms,
      nominal: { ...nominal, low: Math.max(nominal.low, ofParts) },
      policy,
      ...printed,
    });
  };
  const words = (row: { period: string; label: string; atom: string }, cut: string) =>
    `${source}, ${row.period}, ${cut}, ${row.label}${row.label.includes(row.atom) ? '' : ` (${row.atom})`}`;

  // Months: one series of rounding a year, of which the carry is unknown.
  const monthRows = values.filter((row) => row.cut === 'month').map((row) => ({ row, ...spanOf(row.atom) }));
  monthRows.sort((a, b) => a.first - b.first || a.last - b.last);
  const closes = new Map<number, number>();
  for (const { row, first, last } of monthRows) {
    const { policy } = row;
    const { threshold, base, nearest } = policy;
    const terms = all(range(first, last).map((month) => unknown(`month ${month}`)));
    publish(row, terms, words(row, 'months'));
    known.set(`${row.period}|month|${row.atom}`, terms);
    for (const end of range(first, last - 1)) {
      const open = terms.slice(0, end - first + 1);
      cap(open, threshold);
      const where = `${source}, ${monthName(end)}, months, the month${end > first ? 's from the last one shown' : ''}`;
      aims.push({ kind: 'hidden', where, terms: open, nominal: below(threshold), policy });
    }
    if (nearest || closes.has(last) || row.value === null) continue;
    const carry = (month: number) => unknown(`carry ${month}`, below(base));
    const startsYear = first % 12 === 0 || !closes.has(first - 1);
    const from = startsYear ? unknown(`carry into ${first}`, below(base)) : carry(first - 1);
    state([[carry(last), 1], [from, -1], ...terms.map(([cell]) => [cell, -1] as const)], exactly(-row.value));
    closes.set(last, row.value);
  }
  const monthsTotal = (quarter: number): { terms: Terms; value: number; nominal: Range } | null => {
    const inside = monthRows.filter(
      ({ first, last, row }) => first >= quarter && last <= quarter + 2 && row.value !== null,
    );
    const covered = inside.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    if (covered !== 3) return null;
    const terms = all(range(quarter, quarter + 2).map((month) => unknown(`month ${month}`)));
    const value = inside.reduce((sum, { row }) => sum + row.value!, 0);
    // Figures that add up are as sure together as one of them; others stand each by itself.
    const each = inside.map(({ row }) => bucket(row.value!, row.policy));
    const { base, nearest } = inside[0]!.row.policy;
    const nominal = nearest ? addUp(each) : { low: value - base + 1, high: value + base - 1 };
    return { terms, value, nominal };
  };

  const ground = layGround(values, bands, files.geography);
  const yearOf = (period: string) => Math.floor((monthsOf(period)?.first ?? 0) / 12);
  const byPlace = [...bands, ...values.filter(({ cut }) => cut === 'place')];
  const rules = new Map([...values, ...byPlace].map(({ period, policy }) => [yearOf(period), policy]));
  // A year without rows of its own is in bands of the next one.
  const rulesOf = (quarter: number): NamedPolicy =>
    rules.get(Math.floor(quarter / 12)) ?? [...bands, ...values][0]!.policy;
  const places = [...new Set(bands.filter((row) => row.level === 'place').map((row) => row.atom))];
  // Of each piece what belongs to a place that some year names, and the rest of it.
  const plain = (n: number, quarter: number, layer = '') => unknown(`${layer}piece ${n} ${quarter}`);
  const named = (n: number, quarter: number, layer = '') =>
    places.length > 0 ? [unknown(`${layer}named ${n} ${quarter}`)] : [];
  const pieceCells = (n: number, quarter: number) => [plain(n, quarter), ...named(n, quarter)];
  const partitionOf = (quarter: number) =>
    ground.partitions.findLast(({ first, last }) => first <= quarter && quarter <= last);
  const allPieces = [...ground.pieces.keys()];

  const quarterRows = values.filter((row) => row.cut !== 'month' && monthsOf(row.period)?.months === 3);
  // Groups of rows are left out by chance, too: a cell that quarters say to have had more was not left out for being small.
  const isLarge: IsLarge = (atom, end, least) => {
    const own = quarterRows.filter(({ cut, atom: of, period }) => {
      const quarter = monthsOf(period)!.first;
      return cut === 'place' && of === atom && quarter <= end && quarter > end - 3 * YEAR;
    });
    const each = own.map((row) => (row.value === null ? 0 : bucket(row.value, row.policy).low));
    return each.reduce((sum, low) => sum + low, 0) >= least;
  };
  for (const [period, rows] of byPeriod(quarterRows)) {
    const quarter = monthsOf(period)!.first;
    const { policy } = rows[0]!;
    const { base, nearest } = policy;
    const partition = partitionOf(quarter);
    const months = monthsTotal(quarter);
    const total: Terms = months?.terms ?? [[unknown(`total ${quarter}`), 1]];
    known.set(`${period}|total|total`, total);
    const home = unknown(`home ${quarter}`);
    const unlocated = unknown(`unlocated ${quarter}`);
    const cuts = byCut(rows);
    const place = cuts.get('place');
    const outer = place ?? cuts.get('located') ?? [];
    const isHomeShown = outer.some((row) => row.atom === 'home');
    const isRestShown = outer.some((row) => row.atom === 'unlocated');
    // Without a pool, what stands for the not located never holds those at home.
    const outside = (atom: string) =>
      atom === 'home' ? [home] : isHomeShown || nearest ? [unlocated] : [home, unlocated];
    const unshown = options.bands ? unshownCells(bands, quarter, isLarge) : new Map<string, number>();
    const everything = [home, unlocated, ...allPieces.flatMap((n) => pieceCells(n, quarter))];
    if (place || cuts.has('located')) state([...all(everything), ...minus(total)], exactly(0));
    if (months)
      aims.push({
        kind: 'total',
        where: `${source}, ${period}, the quarter as a whole`,
        terms: total,
        nominal: months.nominal,
        policy,
      });

    for (const [cut, rowsOfCut] of cuts) {
      const { policy } = rowsOfCut[0]!;
      // The same set stands for the same numbers in each cut: for those of places.
      const own = rowsOfCut.map((row) =>
        row.atom === 'home' && isSameHome([row], outer) ? { ...row, policy: outer[0]!.policy } : row,
      );
      const onGround = cut === 'place' || cut === 'located';
      const figures = new Map(own.map((row) => [row.atom, row.value ?? 0]));
      // A row holds the blocks around which it lies and that have none of their own.
      const hiddenIn = (holder: string): string[] =>
        [...(cut === 'place' ? (partition?.holders ?? []) : [])].flatMap(([atom, within]) =>
          within === holder && !figures.has(atom) ? [atom, ...hiddenIn(atom)] : [],
        );
      const isHeld = (atom: string): boolean => {
        const within = cut === 'place' ? partition?.holders.get(atom) : undefined;
        return within !== undefined && (figures.has(within) || isHeld(within));
      };
      const blockTerms = (atom: string): number[] =>
        atom === 'home' && (onGround || isSameHome(own, outer))
          ? outside('home')
          : atom === 'unlocated' && onGround
            ? outside('unlocated')
            : cut === 'place'
              ? [atom, ...hiddenIn(atom)].flatMap((each) =>
                  ground.atom(partition, each).flatMap((n) => pieceCells(n, quarter)),
                )
              : [unknown(`${cut} ${atom} ${quarter}`)];
      const shown = new Set(
        own
          .filter((row) => row.level !== 'pool' && row.atom !== 'map')
          .flatMap((row) => blockTerms(row.atom)),
      );
      const pool = onGround ? everything.filter((cell) => !shown.has(cell)) : poolOf(cut, quarter);
      for (const row of own) {
        const terms = all(row.level === 'pool' || row.atom === 'map' ? pool : blockTerms(row.atom));
        publish(row, terms, words(row, cut));
        known.set(`${period}|${cut}|${row.atom}`, terms);
      }
      const value = [...figures.values()].reduce((sum, each) => sum + each, 0);
      const hasPool = own.some((row) => row.level === 'pool' || row.atom === 'map');
      if (!onGround) {
        // Where values stand each by itself, what is not shown has no row and may be any number.
        const isWhole = months !== null && value === months.value && !nearest;
        const rest = hasPool
          ? pool
          : isWhole || !(months || nearest)
            ? []
            : [unknown(`${cut} rest ${quarter}`)];
        state([...all([...shown, ...rest]), ...minus(total)], exactly(0));
        const where = `${source}, ${period}, ${cut}, all that is not shown`;
        if (!hasPool)
          for (const cell of rest)
            if (nearest) aims.push({ kind: 'piece', where, terms: all([cell]), nominal: FREE, policy });
            else hide(policy, all([cell]), where);
      }
      // A pass of additive rounding ends less than one base from where it began.
      if (!nearest && (hasPool || months === null || value === months.value))
        state(total, { low: value - base + 1, high: value + base - 1 });
      for (const atom of partition?.blocks.get(cut) ?? [])
        if (!figures.has(atom) && atom !== 'unlocated')
          hide(
            policy,
            all(blockTerms(atom)),
            `${source}, ${period}, ${cut}, ${labelOf(values, files.geography, atom)}`,
            isHeld(atom) ? undefined : partition,
            cut,
            unshown.get(atom),
          );
    }

    /** What is in the pool of a category cut: its blocks that are not shown, and the reserve. */
    function poolOf(cut: string, of: number): number[] {
      const own = new Set(cuts.get(cut)!.map((row) => row.atom));
      const hidden = (partition?.blocks.get(cut) ?? []).filter((atom) => !own.has(atom));
      const reserve =
        !partition?.blocks.has(cut) || partition.reserved.has(cut) ? [unknown(`${cut} reserve ${of}`)] : [];
      return [...hidden.map((atom) => unknown(`${cut} ${atom} ${of}`)), ...reserve];
    }
    if (partition && place && !partition.reserved.has('place') && isHomeShown && isRestShown) {
      const blocks = new Set(partition.blocks.get('place')!.flatMap((atom) => ground.atom(partition, atom)));
      state(all(allPieces.filter((n) => !blocks.has(n)).flatMap((n) => pieceCells(n, quarter))), exactly(0));
    }
  }

  /** `least`: from how many on it would be shown, in the quarter or in a year that holds it. */
  function hide(
    policy: NamedPolicy,
    terms: Terms,
    where: string,
    partition?: Partition,
    cut = '',
    least = policy.threshold,
  ) {
    if (terms.length === 0) return;
    const { threshold } = policy;
    if (!(options.mayBeTaken && partition?.reserved.has(cut))) cap(terms, threshold);
    aims.push({ kind: 'hidden', where, terms, nominal: below(Math.min(threshold, least)), policy });
  }

  // Twelve months of bands: four quarters of the same pieces.
  const cellsEverShown = cellsOf(bands);
  const laid = new Map<string, readonly [quarter: number, layer: string]>();
  for (const [period, rows] of byPeriod(bands)) {
    const end = monthsOf(period)?.first ?? 0;
    const { policy } = rows[0]!;
    const layer = options.link === 'quarters' ? '' : options.link === 'years' ? 'year ' : `year ${period} `;
    const quarters = Array.from({ length: YEAR }, (_, i) => end - 3 * i);
    for (const quarter of quarters) laid.set(`${layer}${quarter}`, [quarter, layer]);
    const isShown = (level: string, atom: string) =>
      rows.some((row) => row.level === level && row.atom === atom);
    const ofPlace = (place: string) =>
      quarters.map((quarter) => unknown(`${layer}place ${place} ${quarter}`));
    // Records of places that this year does not name count in their cells.
    const spill = (n: number) => unknown(`spill ${n} ${period}`);
    const unnamed = places.filter((place) => !isShown('place', place));
    if (places.length > 0) {
      for (const n of allPieces)
        state([...all(quarters.flatMap((quarter) => named(n, quarter, layer))), [spill(n), -1]], FREE);
      state([...all(allPieces.map(spill)), ...minus(all(unnamed.flatMap(ofPlace)))], exactly(0));
    }
    const inYear = ({ level, atom }: { level: string; atom: string }): Terms => {
      if (level === 'place') return all(ofPlace(atom));
      const pieces = ground.band({ level, atom }, rows);
      const cellsOf = pieces.flatMap((n) => quarters.map((quarter) => plain(n, quarter, layer)));
      return all([...cellsOf, ...(places.length > 0 ? pieces.map(spill) : [])]);
    };
    const leastShown = policy.partnershipThreshold;
    const leftOut = new Set(
      cellsEverShown
        .filter((atom) => !isShown('cell', atom) && !isLarge(atom, end, leastShown))
        .flatMap((atom) => ground.band({ level: 'cell', atom }, rows)),
    );
    // A band without an upper end promises none. Where each cell of it is known to have been left out, the board is
    // allowed to know that each had fewer than it is shown from, and so how many all of them can have had.
    const mostOf = (row: BandRow): number => {
      if (Number.isFinite(row.high) || row.level !== 'area' || !onRecords) return row.high;
      const pieces = ground.band(row, rows);
      return pieces.every((n) => leftOut.has(n)) ? pieces.length * (leastShown - 1) : row.high;
    };
    for (const row of rows) {
      const terms = inYear(row);
      if (options.bands) state(terms, row);
      const nominal = { low: row.low, high: mostOf(row) };
      aims.push({ kind: 'band', where: words(row, `twelve months, ${row.level}`), terms, nominal, policy });
    }
    const candidates = [
      ...places.map((atom) => ({ level: 'place', atom })),
      ...cellsEverShown.map((atom) => ({ level: 'cell', atom })),
    ];
    for (const each of candidates) {
      if (!options.bands || isShown(each.level, each.atom) || isLarge(each.atom, end, leastShown)) continue;
      const terms = inYear(each);
      // Its group may have been left out by chance.
      if (!options.mayBeLeftOut) cap(terms, leastShown);
      const where = `${source}, twelve months to ${period}, ${each.level}, ${labelOf(bands, [], each.atom)}`;
      aims.push({ kind: 'unshown', where, terms, nominal: below(leastShown), policy });
    }
  }
  for (const [quarter, layer] of laid.values()) {
    const inCells = allPieces.flatMap((n) => named(n, quarter, layer));
    const inPlaces = places.map((place) => unknown(`${layer}place ${place} ${quarter}`));
    state([...all(inCells), ...minus(all(inPlaces))], exactly(0));
    const ofQuarter = `${source}, ${quarterName(quarter)}`;
    for (const [i, place] of places.entries())
      aims.push({
        kind: 'piece',
        where: `${ofQuarter}, ${labelOf(bands, [], place)}`,
        terms: all([inPlaces[i]!]),
        nominal: FREE,
        policy: rulesOf(quarter),
      });
  }
  // What a star stands for is tried as that already, and held to no less: that somebody is there is what a star says.
  const stars = new Set(
    aims.flatMap(({ kind, terms, nominal }) => (kind === 'hidden' && nominal.low > 0 ? [String(terms)] : [])),
  );
  const quartersWithCuts = new Set(quarterRows.map((row) => monthsOf(row.period)!.first));
  for (const quarter of new Set([...quartersWithCuts, ...[...laid.values()].map(([each]) => each)]))
    for (const n of allPieces)
      if (numbers.has(`piece ${n} ${quarter}`) && !stars.has(String(all(pieceCells(n, quarter))))) {
        const where = `${source}, ${quarterName(quarter)}, ground ${ground.pieces[n]}`;
        aims.push({
          ...{ kind: 'piece' as const, where, terms: all(pieceCells(n, quarter)), nominal: FREE },
          policy: rulesOf(quarter),
        });
      }

  const idle: Known[] = [];
  // What is known exactly, or the sum of such, is nothing to be after.
  const given: Terms[] = [];
  for (const fact of files.knowing) {
    const terms = known.get(`${fact.period}|${fact.cut}|${fact.atom}`);
    if (terms) {
      state(terms, exactly(fact.records));
      given.push(terms);
    } else idle.push(fact);
  }
  const alone = new Set(given.flatMap((terms) => (terms.length === 1 ? [terms[0]![0]] : [])));
  const names = new Set(given.map(String));
  const isGiven = ({ terms }: Aim) => names.has(String(terms)) || terms.every(([cell]) => alone.has(cell));
  return { table: { cells, sums }, aims: aims.filter((aim) => !isGiven(aim)), idle };
}

const cellsOf = (bands: readonly BandRow[]) => [
  ...new Set(bands.filter((row) => row.level === 'cell').map((row) => row.atom)),
];

/**
 * Cells that some year shows, and a year that holds the quarter does not: whoever has the years may know that each of
 * them had fewer in the quarter than that year shows from.
 */
function unshownCells(bands: readonly BandRow[], quarter: number, isLarge: IsLarge): Map<string, number> {
  const holding = [...byPeriod(bands)].filter(([period]) => {
    const end = monthsOf(period)?.first ?? 0;
    return quarter <= end && quarter > end - 3 * YEAR;
  });
  return new Map(
    cellsOf(bands).flatMap((cell) => {
      const without = holding.filter(
        ([period, rows]) =>
          !rows.some((row) => row.level === 'cell' && row.atom === cell) &&
          !isLarge(cell, monthsOf(period)?.first ?? 0, rows[0]!.policy.partnershipThreshold),
      );
      const least = Math.min(...without.map(([, rows]) => rows[0]!.policy.partnershipThreshold));
      return without.length > 0 ? [[cell, least] as const] : [];
    }),
  );
}

const addUp = (ranges: readonly Range[]): Range => ({
  low: ranges.reduce((sum, { low }) => sum + low, 0),
  high: ranges.reduce((sum, { high }) => sum + high, 0),
});
const exactly = (value: number): Range => ({ low: value, high: value });
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** The first and last month of a month's atom, which may hold several: 2024-01/2024-02. */
function spanOf(atom: string): { first: number; last: number } {
  const [first = 0, last = first] = atom.split('/').map((month) => monthsOf(month)?.first ?? 0);
  return { first, last };
}

function byCut(rows: readonly ValueRow[]): Map<string, ValueRow[]> {
  const cuts = new Map<string, ValueRow[]>();
  for (const row of rows) cuts.set(row.cut, [...(cuts.get(row.cut) ?? []), row]);
  return cuts;
}

// "At home" is the same set in two cuts where both call it the same.
const isSameHome = (own: readonly ValueRow[], outer: readonly ValueRow[]) => {
  const label = outer.find((row) => row.atom === 'home')?.label;
  return label !== undefined && own.some((row) => row.atom === 'home' && row.label === label);
};

function labelOf(
  rows: readonly { atom: string; label: string }[],
  geography: readonly GeographyRow[],
  atom: string,
): string {
  const label = [...rows, ...geography].find((row) => row.atom === atom)?.label;
  return label === undefined || label.includes(atom) ? (label ?? atom) : `${label} (${atom})`;
}
