/** What is read of the store for data quality: counts of records that were filled in alike, and what became of files. */
import { type NotedName, notedSql } from '../../schemas/noted.ts';
import type { QuerySql } from '../sql.ts';

/** Records that were filled in alike, by month of occurrence. */
export interface RecordClass {
  readonly source: string;
  readonly supplier: string;
  /** 2025-09. */
  readonly month: string;
  /** The part of the day of the arrival: whose shift it was. Empty where it was not noted. */
  readonly arrival: string;
  readonly delay: string;
  readonly time: string;
  readonly copied: string;
  readonly weapon_code: string;
  readonly place_code: string;
  readonly place_text: string;
  /** The part of the day of the incident; "unknown" where its hour is. */
  readonly band: string;
  readonly weapon: string;
  readonly home: boolean;
  readonly mapped: boolean;
  readonly located_by: string;
  readonly age: boolean;
  readonly sex: boolean;
  /** How many months after that of the incident its file was delivered; null where files do not tell. */
  readonly months_late: number | null;
  readonly n: number;
}

/** What became of the rows of a source's files, by the month that they end with; undelivered months are not there. */
export interface FileMonth {
  readonly source: string;
  readonly month: string;
  readonly read: number;
  readonly rejected: number;
  readonly duplicate: number;
  readonly unmapped: number;
}

/** Records on the map by cell and by what decides whether a record gets there. */
export interface MappedClass {
  readonly source: string;
  /** H3 cell; null where the record has none. */
  readonly cell: bigint | null;
  readonly band: string;
  readonly arrival: string;
  readonly n: number;
}

/** Which records: all that are reported, or those that analysts may see. */
export type RecordScope = 'all' | 'public';

const BAND = `coalesce(['00-03', '03-06', '06-12', '06-12', '12-18', '12-18', '18-21', '21-00'][hour_of_week::INTEGER % 24 // 3 + 1], 'unknown')`;
const noted = (name: NotedName) => `coalesce(${notedSql(name)}, '') AS ${name}`;
const NOTED_COLUMNS = (
  ['arrival', 'delay', 'time', 'copied', 'weapon_code', 'place_code', 'place_text'] as const
)
  .map(noted)
  .join(', ');
const inScope = (scope: RecordScope) =>
  scope === 'all' ? 'true' : `place_kind <> 'home' AND offence IS DISTINCT FROM 'sexual offence'`;

/**
 * Counts the records of the view `reported`. A file tells when its records were delivered where it is about a month: one
 * that brings years at once, or a topic, says nothing of it.
 */
export const readRecordClasses = (query: QuerySql, scope: RecordScope): Promise<RecordClass[]> =>
  query<RecordClass>(recordSql(scope));

const recordSql = (scope: RecordScope) => `
WITH delivered AS (
  SELECT file.id, date_trunc('month', file.covered_to) AS month FROM file JOIN (
    SELECT file_id, quantile_disc(month, 0.1) AS early FROM reported GROUP BY file_id) own ON own.file_id = file.id
  WHERE file.bytes > 0 AND date_diff('month', own.early, file.covered_to) <= 1)
SELECT source, supplier, strftime(reported.month, '%Y-%m') AS month, ${NOTED_COLUMNS}, ${BAND} AS band,
  coalesce(weapon::VARCHAR, 'unknown') AS weapon, place_kind = 'home' AS home, cell IS NOT NULL AS mapped,
  located_by::VARCHAR AS located_by, age_band <> 'unknown' AS age, sex <> 'unknown' AS sex,
  greatest(0, date_diff('month', reported.month, delivered.month))::INTEGER AS months_late, count(*)::INTEGER AS n
FROM reported LEFT JOIN delivered ON delivered.id = reported.file_id
WHERE ${inScope(scope)} GROUP BY ALL ORDER BY ALL`;

/** Counts what became of the rows of files. */
export const readFileMonths = (query: QuerySql): Promise<FileMonth[]> =>
  query<FileMonth>(`
WITH told AS (
  SELECT source, strftime(covered_to, '%Y-%m') AS month, read, duplicate, tally::JSON AS tally
  FROM file WHERE covered_to IS NOT NULL),
summed AS (
  SELECT source, month, read, duplicate,
    coalesce(list_sum(json_extract(tally, '$.rejected.*.*')::INTEGER[]), 0) AS rejected,
    coalesce(list_sum(json_extract(tally, '$.unmapped.*')::INTEGER[]), 0) AS unmapped FROM told)
SELECT source, month, sum(read)::INTEGER AS read, sum(rejected)::INTEGER AS rejected,
  sum(duplicate)::INTEGER AS duplicate, sum(unmapped)::INTEGER AS unmapped
FROM summed GROUP BY ALL ORDER BY ALL`);

/** Counts a source's records of public places from a month (2025-01) to another by cell. */
export const readMappedClasses = (
  query: QuerySql,
  source: string,
  from: string,
  to: string,
): Promise<MappedClass[]> =>
  query<MappedClass>(
    `SELECT source, cell, ${BAND} AS band, coalesce(${notedSql('arrival')}, '') AS arrival, count(*)::INTEGER AS n
     FROM reported WHERE source = $1 AND ${inScope('public')} AND month BETWEEN $2::DATE AND $3::DATE
     GROUP BY ALL ORDER BY ALL`,
    [source, `${from}-01`, `${to}-01`],
  );
