/**
 * The operational tier: public places over twelve months, by night and part of the day and by weapon, as counted. For
 * one partner and one purpose under an agreement that names this tier. No home, no person, no date, no hour, nothing
 * sexual; and no place or cell below the threshold of the partnership tier, since a lone record is a row.
 */
import { z } from 'zod';
import { NIGHT_BANDS } from '../../schemas/released.ts';
import { insertRows, type QuerySql, type RunSql } from '../sql.ts';

export const NIGHTS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
export const BREAKDOWNS = ['night', 'weapon'] as const;

/** One number of the tier. The rows of a place and breakdown add up to its records. */
export const OperationalRow = z.object({
  source: z.string().describe('Source of the records. Sources are never added together'),
  period: z.string().describe('The quarter (2025-Q3) that ends the twelve months'),
  level: z
    .enum(['place', 'cell'])
    .describe('place: a named public place; cell: a cell without the places shown'),
  atom: z.string().describe('Id of the place, or H3 cell of resolution 9 in hexadecimal'),
  label: z.string().describe('The same in plain words'),
  area: z.string().describe('Named area; empty where it lies in none'),
  breakdown: z
    .enum(BREAKDOWNS)
    .describe('night: by night and part of the day; weapon: by weapon. Each counts all records of the place'),
  night: z
    .string()
    .describe('Day on which the night began; empty where the time is not known, and for weapons'),
  band: z.string().describe('Part of the day, local time; empty where it is not known, and for weapons'),
  weapon: z.string().describe('Group of weapon; empty for nights'),
  records: z.number().int().describe('Number of records in the twelve months'),
});
export type OperationalRow = z.infer<typeof OperationalRow>;

const COLUMNS = Object.keys(OperationalRow.shape).join(', ');

/** DDL of the table that holds what was frozen with a period. */
export const OPERATIONAL_TABLE = `CREATE TABLE IF NOT EXISTS operational (source VARCHAR, period VARCHAR, level VARCHAR,
  atom VARCHAR, label VARCHAR, area VARCHAR, breakdown VARCHAR, night VARCHAR, band VARCHAR, weapon VARCHAR, records INTEGER)`;

export interface OperationalInput {
  readonly sources: readonly string[];
  readonly period: string;
  /** First days of the first and last month of the twelve. */
  readonly year: { readonly from: string; readonly to: string };
  readonly threshold: number;
  /** Public places that may be named: no school. */
  readonly places: readonly { readonly id: string; readonly name: string; readonly cell: string }[];
  /** The name of a cell's area; empty where it lies in none. */
  readonly areaOf: (cell: string) => string;
  /** Whether a cell may be shown by itself: by its postal addresses. */
  readonly mayShow: (cell: string) => boolean;
}

/** Counts the tier anew, from the view `reported`. */
export async function countOperational(
  run: RunSql,
  query: QuerySql,
  { sources, period, year, threshold, places, areaOf, mayShow }: OperationalInput,
): Promise<OperationalRow[]> {
  await run(
    `CREATE OR REPLACE TEMP TABLE operational_record AS
     SELECT source, lower(to_hex(cell)) AS cell, place_id, hour_of_week, weapon::VARCHAR AS weapon, person0, person1
     FROM reported WHERE source IN (SELECT unnest($1::JSON::VARCHAR[])) AND month BETWEEN $2::DATE AND $3::DATE
       AND cell IS NOT NULL AND place_kind <> 'home' AND offence IS DISTINCT FROM 'sexual offence'`,
    [JSON.stringify(sources), year.from, year.to],
  );
  // Where a source tells persons, a record without one adds nobody.
  const reaches = `count(*) >= $2 AND (source NOT IN (FROM keyed) OR count(DISTINCT (person0, person1)) FILTER (person0 IS NOT NULL) >= $2)`;
  const counted = await query<{
    source: string;
    level: 'place' | 'cell';
    atom: string;
    hour: number | null;
    weapon: string;
    records: number;
  }>(
    `WITH keyed AS (SELECT DISTINCT source FROM operational_record WHERE person0 IS NOT NULL),
    shown_place AS (SELECT source, place_id FROM operational_record
      WHERE place_id IN (SELECT unnest($1::JSON::VARCHAR[])) GROUP BY source, place_id HAVING ${reaches}),
    atoms AS (SELECT r.* EXCLUDE (cell, place_id), if(p.place_id IS NULL, 'cell', 'place') AS level, coalesce(p.place_id, cell) AS atom
      FROM operational_record r LEFT JOIN shown_place p ON p.source = r.source AND p.place_id = r.place_id),
    shown AS (SELECT source, level, atom FROM atoms GROUP BY source, level, atom HAVING ${reaches})
    SELECT source, level, atom, hour_of_week::INTEGER AS hour, weapon, count(*)::INTEGER AS records
    FROM atoms JOIN shown USING (source, level, atom) GROUP BY ALL ORDER BY ALL`,
    [JSON.stringify(places.map(({ id }) => id)), threshold],
  );
  await run('DROP TABLE operational_record');
  const placeById = new Map(places.map((place) => [place.id, place]));
  const sums = new Map<string, OperationalRow>();
  const add = (row: OperationalRow) => {
    const key = JSON.stringify({ ...row, records: 0 });
    const found = sums.get(key);
    if (found) found.records += row.records;
    else sums.set(key, row);
  };
  for (const { source, level, atom, hour, weapon, records } of counted) {
    if (level === 'cell' && !mayShow(atom)) continue;
    const place = placeById.get(atom);
    const area = areaOf(level === 'place' ? (place?.cell ?? '') : atom);
    const label = place?.name ?? (area ? `Cell in ${area}` : 'Cell outside the named areas');
    const base = { source, period, level, atom, label, area, records };
    add({ ...base, breakdown: 'night', ...nightOf(hour), weapon: '' });
    add({ ...base, breakdown: 'weapon', night: '', band: '', weapon });
  }
  return [...sums.values()].sort(inOrder);
}

/** The night that an hour of the week belongs to, and the part of the day. */
function nightOf(hour: number | null): { night: string; band: string } {
  if (hour === null) return { night: '', band: '' };
  const ofDay = hour % 24;
  const band = NIGHT_BANDS.find((name) => {
    const [from = 0, to = 0] = name.split('-').map(Number);
    return ofDay >= from && ofDay < (to || 24);
  });
  return { night: NIGHTS[Math.floor(((hour + 162) % 168) / 24)] ?? '', band: band ?? '' };
}

const ORDER = ['source', 'level', 'atom', 'breakdown'] as const;
const rank = (list: readonly string[], value: string) =>
  (list.indexOf(value) + list.length + 1) % (list.length + 1);

/** One order for rows just counted and rows read: nights and bands as they follow each other, what is not known last. */
function inOrder(a: OperationalRow, b: OperationalRow): number {
  for (const column of ORDER) if (a[column] !== b[column]) return a[column] < b[column] ? -1 : 1;
  return (
    rank(NIGHTS, a.night) - rank(NIGHTS, b.night) ||
    rank(NIGHT_BANDS, a.band) - rank(NIGHT_BANDS, b.band) ||
    (a.weapon < b.weapon ? -1 : 1)
  );
}

/** Writes the rows down, in the caller's transaction. */
export async function freezeOperational(run: RunSql, rows: readonly OperationalRow[]): Promise<void> {
  await run(OPERATIONAL_TABLE);
  const types = Object.keys(OperationalRow.shape).map((name) => [
    name,
    name === 'records' ? 'INTEGER' : 'VARCHAR',
  ]);
  await insertRows(run, 'operational', Object.fromEntries(types), rows);
}

/** Forgets all that was frozen of a source, in the caller's transaction: a count of one is a record. */
export async function forgetOperational(run: RunSql, source: string): Promise<void> {
  await run(OPERATIONAL_TABLE);
  await run('DELETE FROM operational WHERE source = $1', [source]);
}

/** The frozen rows of a period and sources; none where none were frozen with it. */
export async function readOperational(
  run: RunSql,
  query: QuerySql,
  period: string,
  sources: readonly string[],
): Promise<OperationalRow[]> {
  await run(OPERATIONAL_TABLE);
  const rows = await query<OperationalRow>(
    `SELECT ${COLUMNS} FROM operational WHERE period = $1 AND source IN (SELECT unnest($2::JSON::VARCHAR[]))`,
    [period, JSON.stringify(sources)],
  );
  return rows.map((row) => OperationalRow.parse(row)).sort(inOrder);
}
