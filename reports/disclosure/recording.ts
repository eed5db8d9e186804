// How a quarter's records were filled in, as classes of shares: what can be said of sets that lie within a shown atom.
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import {
  RECORDING_MEASURES,
  type RecordingMeasure,
  RecordingRow,
  type Share,
} from '../../schemas/recording.ts';
import type { Cut, GeographyRow, Released, ReleasedRow } from '../../schemas/released.ts';
import { insertRows } from '../sql.ts';
import { type Run, readFrozenMonths } from './frozen.ts';
import { isQuarter, parseQuarter } from './period.ts';
import { release } from './release.ts';
import { mergeTallies, type Query, readTallies, type Tally } from './tally.ts';

/** The table that holds what was frozen; `recording_made` says for which sources and periods, if with no rows. */
export const RECORDING_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS recording (source VARCHAR, period VARCHAR, measure VARCHAR, from_share VARCHAR,
    to_share VARCHAR, low INTEGER, PRIMARY KEY (source, period, measure))`,
  'CREATE TABLE IF NOT EXISTS recording_made (source VARCHAR, period VARCHAR, PRIMARY KEY (source, period))',
];

/** What is published of a set that holds the measure's: its value and the smallest true number that this stands for. */
export interface Whole {
  readonly value: number;
  readonly low: number;
}

/** Where one class ends and the next begins, as a number of records and the share that it is called by. */
export interface Bound {
  readonly at: number;
  readonly share: Share;
}

const VALUES: Readonly<Record<Share, number>> = {
  '1/20': 1 / 20,
  '1/10': 1 / 10,
  '1/5': 1 / 5,
  '1/3': 1 / 3,
  '1/2': 1 / 2,
  '2/3': 2 / 3,
};
const OF_A_PART: readonly Share[] = ['1/3', '1/2', '2/3'];
const OF_ALL: readonly Share[] = ['1/20', '1/10', '1/5'];

/**
 * The bounds of the classes, out of what is published alone. Each class holds at least as many numbers as the threshold,
 * the lowest all below it. A bound lies so far below the smallest true number of `within` that whatever class the part
 * is in, the whole keeps all of its numbers, and the highest class five or more even for somebody who knows the whole.
 */
export function classBounds(
  shares: readonly Share[],
  of: number,
  within: Whole,
  { threshold, base }: Pick<Policy, 'threshold' | 'base'>,
): Bound[] {
  const bounds: Bound[] = [];
  for (const share of shares) {
    const at = Math.round(of * VALUES[share]);
    if (at - (bounds.at(-1)?.at ?? 0) >= threshold && at <= within.low - base + 1) bounds.push({ at, share });
  }
  return bounds;
}

/** The class of a number: how many bounds it reaches. */
export const classOf = (bounds: readonly Bound[], n: number): number =>
  bounds.filter(({ at }) => n >= at).length;

interface Measured {
  /** The atom or atoms that hold the set; undefined where the quarter does not show them, or may not speak of the set. */
  readonly within: (shown: Shown) => Whole | undefined;
  /** What shares are of, where it is not the same. */
  readonly of?: (shown: Shown) => number;
  readonly shares: readonly Share[];
  /** Where the set is an atom itself, what the atom tells already is told without counting. */
  readonly alone?: (shown: Shown) => ReleasedRow | undefined;
  readonly has: (record: Recorded) => boolean;
}

/** What a quarter publishes of one source. */
interface Shown {
  readonly rows: readonly ReleasedRow[];
  readonly geography: readonly GeographyRow[];
}

/** Which records are counted alike; "" where an earlier version noted nothing. */
interface Recorded {
  readonly where: string;
  readonly text: string;
  readonly arrival: string;
  readonly copied: string;
  readonly timed: string;
  readonly weapon: string;
}

const NIGHT = ['21-00', '00-03', '03-06'];
const atomOf = ({ rows }: Shown, cut: Cut, atom: string): Whole | undefined =>
  rows.find((row) => row.cut === cut && row.atom === atom && row.level !== 'pool');
/** Where homes are not shown by themselves they are among what is not located. */
const unlocated = (shown: Shown): Whole | undefined =>
  atomOf(shown, 'located', 'home') && atomOf(shown, 'located', 'unlocated');
function everything({ rows }: Shown): Whole | undefined {
  const located = rows.filter(({ cut }) => cut === 'located');
  const sum = (of: 'value' | 'low') => located.reduce((total, row) => total + row[of], 0);
  return located.length === 0 ? undefined : { value: sum('value'), low: sum('low') };
}
const all = (shown: Shown) => everything(shown)?.value ?? 0;
/**
 * The pool that holds what is unknown: only where something else is always in it. What would be left of it otherwise is
 * known to be too small, and a class would narrow the pool from above.
 */
function poolOf(shown: Shown, cut: Cut): Whole | undefined {
  const isOther = (row: GeographyRow) => row.cut === cut && row.role === 'reserve' && row.atom !== 'unknown';
  return shown.geography.some(isOther)
    ? shown.rows.find((row) => row.cut === cut && row.level === 'pool')
    : undefined;
}

/** The pool where it is what is unknown and nothing else: every block is shown. */
function aloneInPool(shown: Shown, cut: Cut): ReleasedRow | undefined {
  const isHidden = (row: GeographyRow) =>
    row.cut === cut &&
    row.atom !== 'unknown' &&
    !shown.rows.some((each) => each.cut === cut && each.atom === row.atom);
  return shown.geography.some(isHidden)
    ? undefined
    : shown.rows.find((row) => row.cut === cut && row.level === 'pool');
}

const MEASURED: Readonly<Record<RecordingMeasure, Measured>> = {
  place_undescribed: {
    within: unlocated,
    shares: OF_A_PART,
    has: ({ where, text }) => where === 'unlocated' && text === 'nothing',
  },
  place_at_night: {
    within: unlocated,
    shares: OF_A_PART,
    has: ({ where, arrival }) => where === 'unlocated' && NIGHT.includes(arrival),
  },
  home_described: {
    within: (shown) => atomOf(shown, 'located', 'home'),
    shares: OF_A_PART,
    has: ({ where, text }) => where === 'home' && text === 'something',
  },
  time_copied: { within: everything, shares: OF_ALL, has: ({ copied }) => copied === 'yes' },
  time_unknown: {
    within: (shown) => poolOf(shown, 'night_band'),
    alone: (shown) => aloneInPool(shown, 'night_band'),
    of: all,
    shares: OF_ALL,
    has: ({ timed }) => timed === 'no',
  },
  weapon_unknown: {
    within: (shown) => poolOf(shown, 'weapon'),
    alone: (shown) => aloneInPool(shown, 'weapon'),
    of: all,
    shares: OF_ALL,
    has: ({ weapon }) => weapon === 'unknown',
  },
};

export interface RecordingInput {
  readonly query: Query;
  readonly policy: Policy;
  readonly source: string;
  readonly period: string;
  /** The released rows of the source and period, and the geography that they were made with. */
  readonly rows: readonly Released<ReleasedRow>[];
  readonly geography: readonly Released<GeographyRow>[];
}

/**
 * The classes of a quarter that is about to be frozen, counted from the records that its breakdowns are counted from. A
 * measure of which nothing may be said is left out, by what is published and never by what is counted.
 */
export async function buildRecording(input: RecordingInput): Promise<Released<RecordingRow>[]> {
  const { query, policy, source, period } = input;
  if (!isQuarter(period)) return [];
  const rows = input.rows.filter((row) => row.source === source && row.period === period);
  const shown: Shown = { rows, geography: input.geography.filter((row) => row.source === source) };
  const from = parseQuarter(period);
  const frozen = (await readFrozenMonths(query, source))
    .map(({ month }) => month)
    .filter((month) => month >= from && month <= from + 2);
  const [recorded] = await readTallies(query, { source, from, to: from + 2, frozen }, 'recorded');
  const tallies = [...recorded].map(([name, tally]) => ({ record: recordOf(name), tally }));
  // What was read by an earlier version says nothing of how it was filled in.
  if (tallies.some(({ record, tally }) => record.text === '' && tally.records > 0)) return [];
  const threshold = Math.max(policy.threshold, forPlaces(policy).threshold);
  return release(
    RECORDING_MEASURES.flatMap((measure) => {
      const { within, of, alone, shares, has } = MEASURED[measure];
      const atom = alone?.(shown);
      if (atom) return impliedBy(atom, measure, shares, of?.(shown) ?? 0);
      const whole = within(shown);
      if (!whole) return [];
      const bounds = classBounds(shares, of?.(shown) ?? whole.value, whole, { ...policy, threshold });
      if (bounds.length === 0) return [];
      const counted = mergeTallies(tallies.filter(({ record }) => has(record)).map(({ tally }) => tally));
      const at = classOf(bounds, numberOf(counted));
      const [lower, upper] = [bounds[at - 1], bounds[at]];
      return [
        RecordingRow.parse({
          ...{ source, period, measure, low: lower?.at ?? 0 },
          ...{ from_share: lower?.share ?? '', to_share: upper?.share ?? '' },
        }),
      ];
    }),
  );
}

/** What an atom's promised numbers say of its share: nothing that was counted comes in. */
function impliedBy(
  { source, period, low, high }: ReleasedRow,
  measure: RecordingMeasure,
  shares: readonly Share[],
  of: number,
): RecordingRow[] {
  const from = shares.findLast((share) => low >= VALUES[share] * of) ?? '';
  const to = shares.find((share) => high < VALUES[share] * of) ?? '';
  return from === '' && to === ''
    ? []
    : [{ source, period, measure, from_share: from, to_share: to, low: from === '' ? 0 : low }];
}

/** People, where the source tells them apart: one who comes often is no pattern of a reception's. */
const numberOf = ({ records, persons }: Tally): number => (persons === null ? records : persons.size);

function recordOf(name: string): Recorded {
  const [where = '', text = '', arrival = '', copied = '', timed = '', weapon = ''] = name.split('|');
  return { where, text, arrival, copied, timed, weapon };
}

/** Writes what was built with a period, in the caller's transaction. */
export async function writeRecording(
  run: Run,
  source: string,
  period: string,
  rows: readonly Released<RecordingRow>[],
): Promise<void> {
  await run('INSERT INTO recording_made VALUES (?, ?)', [source, period]);
  const columns = ['source', 'period', 'measure', 'from_share', 'to_share'];
  const types = { ...Object.fromEntries(columns.map((name) => [name, 'VARCHAR'])), low: 'INTEGER' };
  await insertRows(run, 'recording', types, rows);
}

/** What was frozen with a period; undefined where it was frozen by a version that did not know of it. */
export async function readRecording(
  query: Query,
  source: string,
  period: string,
): Promise<Released<RecordingRow>[] | undefined> {
  const made = await query('SELECT 1 FROM recording_made WHERE source = ? AND period = ?', [source, period]);
  if (made.length === 0) return undefined;
  const rows = await query<RecordingRow>('SELECT * FROM recording WHERE source = ? AND period = ?', [
    source,
    period,
  ]);
  const place = ({ measure }: RecordingRow) => RECORDING_MEASURES.indexOf(measure);
  return release(rows.map((row) => RecordingRow.parse(row)).toSorted((a, b) => place(a) - place(b)));
}
