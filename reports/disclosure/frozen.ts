// The tables of the store that hold what was frozen. `month_phase` and `counted` are secrets of the store.
import {
  GeographyRow,
  PartnershipRow,
  type Released,
  ReleasedRow,
  type StarredRow,
} from '../../schemas/released.ts';
import { insertRows } from '../sql.ts';
import type { FrozenMonth } from './month-series.ts';
import type { FrozenAtom, Geography } from './partition.ts';
import { monthDate, parseMonth, parseQuarter, quarterText } from './period.ts';
import { release } from './release.ts';
import type { Query } from './tally.ts';

type Value = string | number | bigint | boolean | null;
/** Runs one statement for its effect. */
export type Run = (sql: string, params?: readonly Value[]) => Promise<unknown>;

/** What a build froze, as plain data; `writeFrozen` puts it in the store. */
export interface Frozen {
  readonly source: string;
  readonly period: string;
  readonly policy: string;
  readonly note: string;
  /** First quarter of the geography that the cuts were made with; null where there are none. */
  readonly geography: string | null;
  readonly newGeography: Geography | null;
  readonly months: readonly FrozenMonth[];
  /** Months whose records must be remembered as they were counted, until no cut needs them any more. */
  readonly remember: readonly number[];
  /** The first month that a later cut can need. */
  readonly forgetBefore: number;
  readonly rows: readonly Released<ReleasedRow>[];
  readonly starred: readonly Released<StarredRow>[];
  /** "month supplier" of suppliers that came late and are shown now, as atoms of their own. */
  readonly late: readonly string[];
}

/** Statements that make the tables where they do not exist yet. */
export const FROZEN_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS released (source VARCHAR, period VARCHAR, cut VARCHAR, atom VARCHAR, level VARCHAR,
    label VARCHAR, threshold_on VARCHAR, value INTEGER, low INTEGER, high INTEGER, PRIMARY KEY (source, period, cut, atom))`,
  `CREATE TABLE IF NOT EXISTS partnership (source VARCHAR, period VARCHAR, level VARCHAR, atom VARCHAR, label VARCHAR,
    band VARCHAR, low INTEGER, high INTEGER, hotspot VARCHAR, PRIMARY KEY (source, period, level, atom))`,
  `CREATE TABLE IF NOT EXISTS release_period (source VARCHAR, period VARCHAR, policy VARCHAR, geography VARCHAR,
    note VARCHAR, PRIMARY KEY (source, period))`,
  `CREATE TABLE IF NOT EXISTS month_phase (source VARCHAR, month DATE, closed BOOLEAN, phase INTEGER, records INTEGER,
    PRIMARY KEY (source, month))`,
  `CREATE TABLE IF NOT EXISTS geography (source VARCHAR, first_quarter VARCHAR, cut VARCHAR, atom VARCHAR, level VARCHAR,
    label VARCHAR, reserve BOOLEAN, note VARCHAR, PRIMARY KEY (source, first_quarter, cut, atom))`,
  `CREATE TABLE IF NOT EXISTS geography_cell (source VARCHAR, first_quarter VARCHAR, cell UBIGINT, atom VARCHAR,
    PRIMARY KEY (source, first_quarter, cell))`,
  `CREATE TABLE IF NOT EXISTS counted (source VARCHAR, month DATE, supplier VARCHAR, key0 UBIGINT, key1 UBIGINT,
    occurrence INTEGER, cell UBIGINT, place_kind VARCHAR, weapon VARCHAR, hour_of_week UTINYINT, person0 UBIGINT,
    person1 UBIGINT, offence VARCHAR, place_id VARCHAR, noted USMALLINT)`,
  'ALTER TABLE geography ADD COLUMN IF NOT EXISTS within VARCHAR',
  'ALTER TABLE counted ADD COLUMN IF NOT EXISTS noted USMALLINT',
  `CREATE TABLE IF NOT EXISTS counted_supplier (source VARCHAR, month DATE, supplier VARCHAR,
    PRIMARY KEY (source, month, supplier))`,
  `CREATE TABLE IF NOT EXISTS partnership_made (source VARCHAR, period VARCHAR, PRIMARY KEY (source, period))`,
  `CREATE TABLE IF NOT EXISTS policy_of_year (year INTEGER PRIMARY KEY, policy VARCHAR)`,
];

const TEXT = 'VARCHAR';
const INTERVAL = { low: 'INTEGER', high: 'INTEGER' };

/** Writes what was frozen. The caller holds one transaction from the build on, so that both see the same records. */
export async function writeFrozen(run: Run, frozen: Frozen): Promise<void> {
  const { source } = frozen;
  await insertRows(
    run,
    'month_phase',
    { source: TEXT, month: 'DATE', closed: 'BOOLEAN', phase: 'INTEGER', records: 'INTEGER' },
    frozen.months.map((each) => ({ source, ...each, month: monthDate(each.month) })),
  );
  const ofMonths = 'source = ? AND month IN (SELECT unnest(?::JSON::DATE[]))';
  const dates = (months: readonly number[]) => JSON.stringify(months.map(monthDate));
  await run(
    `INSERT INTO counted_supplier SELECT DISTINCT source, month, supplier FROM reported WHERE ${ofMonths}`,
    [source, dates(frozen.months.map(({ month }) => month))],
  );
  await insertRows(
    run,
    'counted_supplier',
    { source: TEXT, month: 'DATE', supplier: TEXT },
    frozen.late.map((of) => ({ source, month: `${of.slice(0, 7)}-01`, supplier: of.slice(8) })),
  );
  await run(
    `INSERT INTO counted SELECT source, month, supplier, key0, key1, occurrence, cell, place_kind, weapon,
      hour_of_week, person0, person1, offence, place_id, noted FROM reported WHERE ${ofMonths}`,
    [source, dates(frozen.remember)],
  );
  await run('DELETE FROM counted WHERE source = ? AND month < CAST(? AS DATE)', [
    source,
    monthDate(frozen.forgetBefore),
  ]);
  if (frozen.newGeography) await writeGeography(run, frozen.newGeography);
  await insertRows(
    run,
    'released',
    {
      ...{ source: TEXT, period: TEXT, cut: TEXT, atom: TEXT, level: TEXT, label: TEXT, threshold_on: TEXT },
      ...{ value: 'INTEGER', ...INTERVAL },
    },
    [...frozen.rows, ...frozen.starred],
  );
  const { period, policy, geography, note } = frozen;
  await run('INSERT INTO release_period VALUES (?, ?, ?, ?, ?)', [source, period, policy, geography, note]);
}

/** Writes the partnership rows of one source and period, in the caller's transaction; there may be none. */
export async function writePartnership(
  run: Run,
  source: string,
  period: string,
  rows: readonly Released<PartnershipRow>[],
): Promise<void> {
  await run('INSERT INTO partnership_made VALUES (?, ?)', [source, period]);
  const texts = {
    source: TEXT,
    period: TEXT,
    level: TEXT,
    atom: TEXT,
    label: TEXT,
    band: TEXT,
    hotspot: TEXT,
  };
  await insertRows(run, 'partnership', { ...texts, ...INTERVAL }, rows);
}

async function writeGeography(run: Run, geography: Geography): Promise<void> {
  const { source, note } = geography;
  const of = { source, first_quarter: quarterText(geography.first) };
  await insertRows(
    run,
    'geography',
    {
      ...{ source: TEXT, first_quarter: TEXT, cut: TEXT, atom: TEXT, level: TEXT, label: TEXT },
      ...{ reserve: 'BOOLEAN', note: TEXT, within: TEXT },
    },
    geography.atoms.map((atom) => ({ ...of, ...atom, reserve: atom.role === 'reserve', note })),
  );
  const cells = [...geography.cells].toSorted(([a], [b]) => (a < b ? -1 : 1));
  await insertRows(
    run,
    'geography_cell',
    { source: TEXT, first_quarter: TEXT, cell: 'UBIGINT', atom: TEXT },
    cells.map(([cell, atom]) => ({ ...of, cell, atom })),
  );
}

/** The frozen rows of a source and its periods, always in the same order. */
export async function readReleased(
  query: Query,
  source: string,
  periods: readonly string[],
): Promise<Released<ReleasedRow>[]> {
  if (periods.length === 0) return [];
  const rows = await query<ReleasedRow>(
    `SELECT * FROM released WHERE source = ? AND period IN (${periods.map(() => '?').join(', ')})
    AND value IS NOT NULL ORDER BY period, cut, level, atom`,
    [source, ...periods],
  );
  return release(rows.map((row) => ReleasedRow.parse(row)));
}

/** The frozen rows of a source and its periods that are shown as stars, always in the same order. */
export async function readStarred(
  query: Query,
  source: string,
  periods: readonly string[],
): Promise<Released<StarredRow>[]> {
  if (periods.length === 0) return [];
  return release(
    await query<StarredRow>(
      `SELECT * FROM released WHERE source = ? AND period IN (${periods.map(() => '?').join(', ')})
      AND value IS NULL ORDER BY period, cut, level, atom`,
      [source, ...periods],
    ),
  );
}

/** A geography as it is released: which atoms there are, and which cells they hold. */
export function geographyRows({ source, first, atoms, cells }: Geography): Released<GeographyRow>[] {
  const of = new Map<string, string[]>();
  for (const cell of [...cells.keys()].toSorted((a, b) => (a < b ? -1 : 1))) {
    const atom = cells.get(cell)!;
    of.set(atom, [...(of.get(atom) ?? []), cell.toString(16)]);
  }
  const rows = atoms.map(({ cut, atom, level, label, role, within }) => ({
    ...{ source, first_quarter: quarterText(first), cut, atom, level, label, role, within: within ?? '' },
    cells: cut === 'place' ? (of.get(atom) ?? []).join(' ') : '',
  }));
  const key = (row: GeographyRow) => `${row.cut} ${row.atom}`;
  return release(rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map((row) => GeographyRow.parse(row)));
}

/**
 * The frozen partnership rows that hold in a quarter, always in the same order: its own, or those of up to three
 * quarters before it. Undefined where there are none yet.
 */
export async function readPartnership(
  query: Query,
  source: string,
  period: string,
): Promise<Released<PartnershipRow>[] | undefined> {
  const oldest = quarterText(parseQuarter(period) - 3 * (QUARTERS_HELD - 1));
  const [made] = await query<{ period: string | null }>(
    'SELECT max(period) AS period FROM partnership_made WHERE source = ? AND period BETWEEN ? AND ?',
    [source, oldest, period],
  );
  if (made?.period == null) return undefined;
  const rows = await query<PartnershipRow>(
    'SELECT * FROM partnership WHERE source = ? AND period = ? ORDER BY level, atom',
    [source, made.period],
  );
  return release(rows.map((row) => PartnershipRow.parse(row)));
}

/** Rows of twelve months hold for four quarters: years that overlap would tell what came and what went. */
const QUARTERS_HELD = 4;

/** What was noted when a period was frozen; undefined where it is not frozen. */
export async function readReleasePeriod(query: Query, source: string, period: string) {
  const rows = await query<{ policy: string; geography: string | null; note: string }>(
    'SELECT policy, geography, note FROM release_period WHERE source = ? AND period = ?',
    [source, period],
  );
  return rows[0];
}

/** The frozen months of a source in order. */
export async function readFrozenMonths(query: Query, source: string): Promise<FrozenMonth[]> {
  const rows = await query<{ month: string; closed: boolean; phase: number; records: number }>(
    `SELECT CAST(month AS VARCHAR) AS month, closed, phase, records FROM month_phase WHERE source = ?
    ORDER BY month_phase.month`,
    [source],
  );
  return rows.map((row) => ({ ...row, month: parseMonth(row.month.slice(0, 7)) }));
}

/** The newest geography of a source whose first quarter is not after `month`; undefined where there is none. */
export async function readGeography(
  query: Query,
  source: string,
  month: number,
): Promise<Geography | undefined> {
  const firsts = await query<{ first: string }>(
    'SELECT DISTINCT first_quarter AS first FROM geography WHERE source = ? AND first_quarter <= ? ORDER BY first DESC',
    [source, quarterText(month)],
  );
  const first = firsts[0]?.first;
  if (first === undefined) return undefined;
  const atoms = await query<
    Omit<FrozenAtom, 'role' | 'within'> & { reserve: boolean; note: string; within: string | null }
  >(
    `SELECT cut, atom, level, label, reserve, note, within FROM geography WHERE source = ? AND first_quarter = ?
    ORDER BY cut, atom`,
    [source, first],
  );
  const cells = await query<{ cell: bigint; atom: string }>(
    'SELECT cell, atom FROM geography_cell WHERE source = ? AND first_quarter = ? ORDER BY cell',
    [source, first],
  );
  return {
    source,
    first: parseQuarter(first),
    note: atoms[0]?.note ?? '',
    atoms: atoms.map(({ cut, atom, level, label, reserve, within }) => ({
      ...{ cut, atom, level, label },
      role: reserve ? 'reserve' : 'block',
      ...(within === null ? {} : { within }),
    })),
    cells: new Map(cells.map(({ cell, atom }) => [cell, atom])),
  };
}

/** For each block of a geography, by "cut atom": the share of its frozen quarters in which it was shown. */
export async function readShown(query: Query, geography: Geography): Promise<Map<string, number>> {
  const { source } = geography;
  const first = quarterText(geography.first);
  const rows = await query<{ block: string; share: number }>(
    `WITH quarters AS (SELECT period FROM release_period WHERE source = ? AND geography = ?)
    SELECT g.cut || ' ' || g.atom AS block, CAST(count(r.atom) AS DOUBLE) / count(*) AS share
    FROM geography g CROSS JOIN quarters q
    LEFT JOIN released r ON r.source = g.source AND r.period = q.period AND r.cut = g.cut AND r.atom = g.atom
    WHERE g.source = ? AND g.first_quarter = ? AND NOT g.reserve GROUP BY block ORDER BY block`,
    [source, first, source, first],
  );
  return new Map(rows.map(({ block, share }) => [block, share]));
}
