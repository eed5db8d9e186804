// The released tier of one source and period, and what must be frozen with it.
import type { Policy } from '../../schemas/policy.ts';
import type { GeographyRow, Released, ReleasedRow, StarredRow } from '../../schemas/released.ts';
import { protectCuts } from './cuts.ts';
import {
  type Frozen,
  geographyRows,
  readFrozenMonths,
  readGeography,
  readReleased,
  readReleasePeriod,
  readShown,
  readStarred,
} from './frozen.ts';
import { deriveSubkey, keyedChoices, keyedPhase } from './keyed.ts';
import { findLate } from './late.ts';
import { extendSeries, type FrozenMonth, type MonthAtom } from './month-series.ts';
import { type NearestRow, protectNearest, roundNearest } from './nearest.ts';
import { type Area, FROZEN_CUTS, type FrozenCut, freezeGeography, type Geography } from './partition.ts';
import {
  isQuarter,
  monthDate,
  monthsLabel,
  monthText,
  parseMonth,
  parseQuarter,
  quarterText,
} from './period.ts';
import { release } from './release.ts';
import { nominalInterval } from './rounding.ts';
import { mergeTallies, type Query, readTallies, type Span, type Tally } from './tally.ts';

export interface CubeInput {
  readonly query: Query;
  /** At least 32 secret bytes. The same key must be used for all releases of a store. */
  readonly key: Uint8Array;
  readonly policy: Policy;
  /** What holds in each year of months that are not frozen yet; by default the same policy in all. */
  readonly policyOfYear?: (year: number) => Policy;
  readonly source: string;
  /** A month (2025-09) or a quarter (2025-Q3). */
  readonly period: string;
  readonly areas: readonly Area[];
  readonly addresses?: ReadonlyMap<bigint, number>;
  /** The first month (2025-01) that the source covers completely; by default the first with a record. */
  readonly firstMonth?: string;
}

export interface Cube {
  /** The month's row, or those of the quarter's months and then of its cuts. Empty where nothing may be shown. */
  readonly rows: Released<ReleasedRow>[];
  /** What stands beside them as a star, where the policy has stars. */
  readonly starred: Released<StarredRow>[];
  /** The frozen geography that the cuts of a quarter were made with. */
  readonly geography: Released<GeographyRow>[];
  /** What a reader should know, in plain words: no figure in it is about the period. */
  readonly notes: readonly string[];
  /** To be written in the same transaction; null where the period was frozen before. */
  readonly frozen: Frozen | null;
}

const NOTHING: Tally = { records: 0, persons: null };
const QUARTERS_FROZEN = 4;
const HISTORY_MONTHS = 24;

/**
 * Builds the released rows of a period, or reads them where the period is frozen. All months from the source's first
 * that are not frozen yet are frozen with it, in order. A quarter has cuts only where its start and its end are
 * boundaries of the month series, so that each cut adds exactly to the sum of its months.
 */
export async function buildReleased(input: CubeInput): Promise<Cube> {
  const { query, source, period } = input;
  const quarter = isQuarter(period);
  const from = quarter ? parseQuarter(period) : parseMonth(period);
  const to = quarter ? from + 2 : from;
  const ofMonths = months(from, to).map(monthText);
  const known = await readReleasePeriod(query, source, period);
  const frozenMonths = await readFrozenMonths(query, source);
  if (known || (!quarter && frozenMonths.some((m) => m.month === from))) {
    const periods = quarter ? [...ofMonths, period] : [period];
    const notes = known?.note ? known.note.split('\n') : [];
    const used = known?.geography
      ? await readGeography(query, source, parseQuarter(known.geography))
      : undefined;
    return {
      rows: await readReleased(query, source, periods),
      starred: await readStarred(query, source, periods),
      geography: used ? geographyRows(used) : [],
      notes,
      frozen: null,
    };
  }
  if (quarter) await refuseOutOfOrder(input);

  const first = await findFirstMonth(input, frozenMonths);
  if (first > to) {
    const notes = ['The source has no records up to the period.'];
    return { rows: [], starred: [], geography: [], notes, frozen: null };
  }
  const series = await freezeMonths(input, frozenMonths, first, to);
  const monthRows = series.atoms.map((atom) => toMonthRow(input, atom));
  const cuts = quarter
    ? await buildCuts(input, from, series.all, series.fresh, first)
    : { rows: [], notes: [], geography: null, isNew: false };
  const fresh = series.fresh.map((m) => m.month);
  // A quarter's cuts, and twelve months of places up to a quarter later.
  const oldest = to - 14;
  const remember = series.atoms.flatMap((atom) => months(atom.first, atom.last)).filter((m) => m >= oldest);
  const late = quarter
    ? await findLate({ ...input, frozen: frozenMonths.map((m) => m.month) })
    : { rows: [], counted: [] };
  const made = [...monthRows, ...cuts.rows, ...late.rows];
  const rows = release(made.filter((row): row is ReleasedRow => row.value !== null));
  const starred = release(made.filter((row): row is StarredRow => row.value === null));
  const notes = [...cuts.notes];
  if (!quarter && !series.all.some((m) => m.month === from && m.closed)) {
    notes.push('The month is below the threshold and is shown together with the next one that reaches it.');
  }
  const frozen: Frozen = {
    source,
    period,
    policy: input.policy.name,
    note: notes.join('\n'),
    geography: cuts.geography && quarterText(cuts.geography.first),
    newGeography: cuts.isNew ? cuts.geography : null,
    months: series.fresh,
    remember,
    forgetBefore: oldest,
    rows,
    starred,
    late: late.counted,
  };
  const frozenBefore = ofMonths.filter((month) => !fresh.includes(parseMonth(month)));
  const isOwn = (row: ReleasedRow | StarredRow) => row.period === period || ofMonths.includes(row.period);
  return {
    rows: [...(await readReleased(query, source, frozenBefore)), ...rows.filter(isOwn)].toSorted(
      byPlaceInFile,
    ),
    starred: [...(await readStarred(query, source, frozenBefore)), ...starred.filter(isOwn)].toSorted(
      byPlaceInFile,
    ),
    geography: cuts.geography ? geographyRows(cuts.geography) : [],
    notes,
    frozen,
  };
}

/**
 * A quarter between others that are out would be counted from records that have moved on since, with a geography that
 * the later one knows nothing of.
 */
async function refuseOutOfOrder({ query, source, period }: CubeInput): Promise<void> {
  const [later] = await query<{ period: string | null }>(
    `SELECT min(period) AS period FROM release_period WHERE source = ? AND period LIKE '%Q%' AND period > ?`,
    [source, period],
  );
  if (later?.period == null) return;
  throw new Error(
    `${period} of ${source} cannot be frozen after ${later.period}: quarters are published in order, and one that was left out stays out`,
  );
}

// The order in which frozen rows are read back: the first build and every later one give the same file.
function byPlaceInFile(a: ReleasedRow | StarredRow, b: ReleasedRow | StarredRow): number {
  for (const column of ['period', 'cut', 'level', 'atom'] as const) {
    if (a[column] !== b[column]) return a[column] < b[column] ? -1 : 1;
  }
  return 0;
}

function months(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

async function findFirstMonth(input: CubeInput, frozen: readonly FrozenMonth[]): Promise<number> {
  if (frozen[0]) return frozen[0].month;
  if (input.firstMonth !== undefined) return parseMonth(input.firstMonth);
  const rows = await input.query<{ month: string | null }>(
    'SELECT CAST(min(month) AS VARCHAR) AS month FROM reported WHERE source = ?',
    [input.source],
  );
  const month = rows[0]?.month;
  return month == null ? Number.POSITIVE_INFINITY : parseMonth(month.slice(0, 7));
}

async function freezeMonths(input: CubeInput, frozen: readonly FrozenMonth[], first: number, to: number) {
  const { query, source } = input;
  const through = frozen.at(-1)?.month ?? first - 1;
  if (first > to || through >= to) return { all: [...frozen], fresh: [], atoms: [] };
  const yearPhase = yearPhaseOf(input);
  const lastClosed = frozen.findLast((m) => m.closed)?.month ?? first - 1;
  const next = through + 1;
  const from = Math.max(lastClosed + 1, next - (next % 12), first);
  const [tallies] = await readTallies(query, { source, from, to }, 'month');
  // Each year is a series of its own, by the policy that holds in it: a source may join after another year began.
  const years = [from, ...months(from + 1, to).filter((month) => month % 12 === 0)];
  const series = years.map((start, i) =>
    extendSeries({
      from: start,
      tallies: months(start, (years[i + 1] ?? to + 1) - 1).map(
        (month) => tallies.get(`${monthText(month)}-01`) ?? NOTHING,
      ),
      frozenThrough: through,
      phase: i === 0 ? phaseBefore(from, frozen, first, yearPhase) : 0,
      yearPhase,
      policy: policyOf(input, start),
    }),
  );
  const fresh = series.flatMap((year) => year.months);
  return { all: [...frozen, ...fresh], fresh, atoms: series.flatMap((year) => year.atoms) };
}

/** The policy of the year that a month is in. */
const policyOf = ({ policy, policyOfYear }: CubeInput, month: number): Policy =>
  policyOfYear?.(Math.floor(month / 12)) ?? policy;

/** Where the rounding of a year's months begins. */
const yearPhaseOf =
  (input: CubeInput) =>
  (year: number): number =>
    keyedPhase(deriveSubkey(input.key, input.source, String(year), 'month'), policyOf(input, year * 12).base);

function phaseBefore(
  month: number,
  all: readonly FrozenMonth[],
  first: number,
  yearPhase: (year: number) => number,
): number {
  if (month % 12 === 0 || month === first) return yearPhase(Math.floor(month / 12));
  return all.find((m) => m.month === month - 1)!.phase;
}

function toMonthRow(input: CubeInput, atom: MonthAtom): ReleasedRow | StarredRow {
  const policy = policyOf(input, atom.last);
  const { threshold, base, rounding } = policy;
  const last = monthText(atom.last);
  return {
    source: input.source,
    period: last,
    cut: 'month',
    atom: atom.first === atom.last ? last : `${monthText(atom.first)}/${last}`,
    level: 'month',
    label: monthsLabel(atom.first, atom.last),
    threshold_on: atom.tally.persons === null ? 'records' : 'persons',
    ...(rounding === 'nearest'
      ? roundNearest(atom.tally, policy)
      : { value: atom.value, ...nominalInterval(atom.value, threshold, base) }),
  };
}

interface Cuts {
  readonly rows: readonly (ReleasedRow | StarredRow)[];
  readonly notes: readonly string[];
  readonly geography: Geography | null;
  readonly isNew: boolean;
}

async function buildCuts(
  input: CubeInput,
  from: number,
  all: readonly FrozenMonth[],
  fresh: readonly FrozenMonth[],
  first: number,
): Promise<Cuts> {
  const { query, key, source, period, policy } = input;
  const none = (note: string): Cuts => ({ rows: [], notes: [note], geography: null, isNew: false });
  const startsSeries = from % 12 === 0 || from === first;
  const before = all.find((m) => m.month === from - 1);
  const closed = all.filter((m) => m.month >= from && m.month <= from + 2 && m.closed);
  if (from < first) return none('The source does not cover the whole quarter: months only.');
  if (!(startsSeries || before?.closed) || closed.at(-1)?.month !== from + 2) {
    return none('A month at the edge of the quarter is below the threshold: months only.');
  }
  // One atom would be the quarter's exact sum of two others; with two, no cut narrows a month.
  if (closed.length < 2) return none('The months of the quarter are shown together: no breakdown.');

  const { geography, isNew } = await findGeography(input, from, first);
  if (geography === null) return none('There is too little history to freeze a partition: months only.');
  const frozen = months(from, from + 2).filter((month) => !fresh.some((m) => m.month === month));
  const span = { source, from, to: from + 2, frozen };
  const read = await readTallies(query, span, ...FROZEN_CUTS.map((cut) => classesOf(cut, policy)));
  const tallies = new Map(FROZEN_CUTS.map((cut, i) => [cut, read[i]!]));
  const counted = mergeTallies([...tallies.get('place')!.values()]).records;
  if (counted !== closed.reduce((sum, m) => sum + m.records, 0)) {
    return none('Records were removed after their month was frozen: months only.');
  }
  const yearPhase = yearPhaseOf(input);
  const protectedCuts: NearestRow[] =
    policy.rounding === 'nearest'
      ? protectNearest({ geography, tallies, policy }, await ofMonths(input, span, policy))
      : protectCuts({
          geography,
          tallies,
          policy,
          phase: phaseBefore(from, all, first, yearPhase),
          choose: (cut) => keyedChoices(deriveSubkey(key, source, period, cut)),
        });
  const rows = protectedCuts.map((row) => ({ source, period, ...row }) as ReleasedRow | StarredRow);
  return { rows, notes: [`Partition: ${geography.note}.`], geography, isNew };
}

/** The months of a quarter as a policy of stars shows them. */
async function ofMonths({ query }: CubeInput, span: Span, policy: Policy) {
  const [tallies] = await readTallies(query, span, 'month');
  return months(span.from, span.to).map((m) => roundNearest(tallies.get(monthDate(m)) ?? NOTHING, policy));
}

/** Sexual offences are told apart from the cells of the others, unless the policy lets them take part. */
const classesOf = (cut: FrozenCut, { sexualOffencesByPlace }: Policy) =>
  cut === 'place' && sexualOffencesByPlace !== 'never' ? 'place_all' : cut;

async function findGeography(input: CubeInput, from: number, first: number) {
  const { query, source, policy, areas, addresses } = input;
  const newest = await readGeography(query, source, from);
  if (newest && from < newest.first + 3 * QUARTERS_FROZEN) return { geography: newest, isNew: false };
  const shown = newest ? await readShown(query, newest) : new Map<string, number>();
  const span = { source, from: Math.max(first, from - HISTORY_MONTHS), to: from - 1, recordsOnly: true };
  const cuts = [classesOf('place', policy), 'weapon', 'place_kind', 'night_band'] as const;
  const [ofMonths, ...ofCuts] = await readTallies(query, span, 'month', ...cuts);
  const [places, weapons, kinds, bands] = ofCuts.map(
    (tallies) => new Map([...tallies].map(([atom, { records }]) => [atom, records])),
  );
  const geography = freezeGeography({
    source,
    first: from,
    policy,
    areas,
    addresses,
    history: {
      months: ofMonths.size,
      counts: { place: places!, weapon: weapons!, place_kind: kinds!, night_band: bands! },
    },
    shownBefore: (cut, atom) => shown.get(`${cut} ${atom}`),
    heldBefore: (cell) => newest?.cells.get(cell),
  });
  return { geography, isNew: geography !== null };
}
