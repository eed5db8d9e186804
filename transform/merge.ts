/** Incidents into the store: what is new, what is there already, and what corrects it. */
import {
  AGE_BANDS,
  type IncidentColumns,
  LOCATED_BY,
  NO_DAY,
  NO_HOUR_OF_WEEK,
  NO_TERM,
  PLACE_KINDS,
  ROW_KEY,
  SEXES,
  TIME_PRECISIONS,
  WEAPONS,
  WITHDRAWN,
} from '../schemas/incident.ts';
import type { Store } from './store.ts';

const list = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/**
 * Tables of the store: incidents, and the ledger of files that they came from. Incidents hold the numbers of their few
 * texts, which takes a third of the time to write; everything reads them from the view `incident`.
 */
export const STORE_TABLES = `
CREATE TABLE IF NOT EXISTS term (id INTEGER, text VARCHAR);
CREATE TABLE IF NOT EXISTS incident_row (
  source INTEGER, supplier INTEGER, key0 UBIGINT, key1 UBIGINT, occurrence UINTEGER, person0 UBIGINT, person1 UBIGINT,
  occurred_on DATE, month DATE, hour_of_week UTINYINT, time_precision ENUM (${list(TIME_PRECISIONS)}),
  window_from TIMESTAMP, window_to TIMESTAMP, cell UBIGINT, located_by ENUM (${list(LOCATED_BY)}),
  place_kind ENUM (${list(PLACE_KINDS)}), weapon ENUM (${list(WEAPONS)}), age_band ENUM (${list(AGE_BANDS)}),
  sex ENUM (${list(SEXES)}), area_code INTEGER, place_id INTEGER, offence INTEGER, file_id INTEGER, noted USMALLINT
);
-- A store of an earlier version: what was not noted then stays empty.
ALTER TABLE incident_row ADD COLUMN IF NOT EXISTS noted USMALLINT;
CREATE OR REPLACE VIEW incident AS
  SELECT incident_row.* REPLACE (source.text AS source, supplier.text AS supplier, area.text AS area_code,
    place.text AS place_id, offence.text AS offence)
  FROM incident_row JOIN term source ON source.id = incident_row.source
  LEFT JOIN term supplier ON supplier.id = incident_row.supplier LEFT JOIN term area ON area.id = incident_row.area_code
  LEFT JOIN term place ON place.id = incident_row.place_id LEFT JOIN term offence ON offence.id = incident_row.offence;
CREATE TABLE IF NOT EXISTS file (
  id INTEGER, source VARCHAR, name VARCHAR, bytes UBIGINT, modified DOUBLE, digest VARCHAR, reading VARCHAR, covered_to DATE, read INTEGER,
  accepted INTEGER, corrected INTEGER, duplicate INTEGER, superseded INTEGER, tally VARCHAR
);
CREATE TABLE IF NOT EXISTS record_version (key0 UBIGINT, key1 UBIGINT, version DOUBLE);
CREATE TABLE IF NOT EXISTS store_key (fingerprint VARCHAR);
CREATE TABLE IF NOT EXISTS last_success (task VARCHAR PRIMARY KEY, at_time VARCHAR);
`;

const COLUMNS = [
  'source',
  'supplier',
  'key0',
  'key1',
  'occurrence',
  'person0',
  'person1',
  'occurred_on',
  'month',
  'hour_of_week',
  'time_precision',
  'window_from',
  'window_to',
  'cell',
  'located_by',
  'place_kind',
  'weapon',
  'age_band',
  'sex',
  'area_code',
  'place_id',
  'offence',
  'file_id',
  'noted',
];
/**
 * Gives a store that an earlier version made the levels by which incidents are located now. Its rows keep theirs; what
 * files said that are still there is read anew, as the gazetteer says more.
 */
export async function widenLevels(store: Store): Promise<void> {
  const type = `ENUM (${list(LOCATED_BY)})`;
  const [column] = await store.query<{ type: string }>(
    "SELECT data_type AS type FROM duckdb_columns() WHERE table_name = 'incident_row' AND column_name = 'located_by'",
  );
  if (LOCATED_BY.every((level) => column?.type.includes(`'${level}'`))) return;
  await store.run(
    `ALTER TABLE incident_row ALTER COLUMN located_by SET DATA TYPE ${type} USING located_by::VARCHAR::${type}`,
  );
}

/** What a record says, as opposed to which record it is and where it was read. */
const CONTENT = COLUMNS.filter(
  (name) => !['source', 'key0', 'key1', 'occurrence', 'file_id'].includes(name),
).join(', ');

const hours = (column: string) =>
  `CASE WHEN ${column} <> ${NO_DAY} THEN epoch_ms(${column}::BIGINT * 3600000) END AS ${column}`;

/** Rows of staging as they will stand in the store. */
const STAGED_INCIDENTS = `
SELECT getvariable('merge_source') AS source, nullif(supplier, 0) AS supplier, key0, key1,
  nullif(person0, 0) AS person0, CASE WHEN person0 <> 0 THEN person1 END AS person1,
  CASE WHEN occurred_on <> ${NO_DAY} THEN DATE '1970-01-01' + occurred_on END AS occurred_on,
  DATE '1970-01-01' + month AS month, nullif(hour_of_week, ${NO_HOUR_OF_WEEK}) AS hour_of_week, time_precision,
  ${hours('window_from')}, ${hours('window_to')}, nullif(cell, 0) AS cell, located_by, place_kind, weapon, age_band, sex,
  nullif(area_code, 0) AS area_code, nullif(place_id, 0) AS place_id, nullif(offence, 0) AS offence,
  getvariable('merge_file')::INTEGER AS file_id, noted, keyed, row
FROM (SELECT * EXCLUDE (rest), unnest(rest) FROM staging)`;

/** What became of incidents on their way into the store. */
export interface MergeCounts {
  /** Incidents that are new, or that say something new of a record already known (`corrected`). */
  accepted: number;
  corrected: number;
  duplicate: number;
  /** Records that left the store because they are no longer about violence; counted among the excluded rows too. */
  withdrawn: number;
}

/** Incidents of one source on their way into the store, within one transaction. */
export interface Merge {
  /** The table that counts records without a key. */
  readonly seen: string;
  /**
   * The store's numbers of texts, by their places in the terms of the batches, which are one list for all and may grow;
   * 0 where a text was not looked up yet.
   */
  numbers: Int32Array;
}

/**
 * Prepares the temporary tables for one file of a source; ids are letters, digits and hyphens. Where `seen` names a table,
 * it counts records without a key for good, and is made where it is not there.
 */
export async function beginMerge(
  store: Store,
  source: string,
  fileId: number,
  seen?: string,
): Promise<Merge> {
  const number = (await numberTexts(store, [source])).get(source) as number;
  const seenTable = seen ? `CREATE TABLE IF NOT EXISTS ${seen}` : 'CREATE OR REPLACE TEMP TABLE seen';
  await store.run(`
    SET VARIABLE merge_source = ${number};
    SET VARIABLE merge_file = ${fileId};
    ${seenTable} (key0 UBIGINT, key1 UBIGINT, n UINTEGER);
    CREATE OR REPLACE TEMP TABLE merge_count (accepted INTEGER, corrected INTEGER, duplicate INTEGER, withdrawn INTEGER);
    DELETE FROM staging`);
  return { seen: seen ?? 'seen', numbers: new Int32Array(0) };
}

/**
 * The numbers of texts, each given one for good where it has none. An area says where a record is, and an error quotes
 * the statement: the texts are no part of it.
 */
async function numberTexts(store: Store, texts: readonly string[]): Promise<Map<string, number>> {
  const rows = await store.query<{ id: number; text: string }>(
    'SELECT id, text FROM term WHERE text IN (SELECT unnest($1::JSON::VARCHAR[]))',
    [JSON.stringify(texts)],
  );
  const numbers = new Map(rows.map(({ id, text }) => [text, id]));
  const added = [...new Set(texts)].filter((text) => !numbers.has(text));
  if (added.length === 0) return numbers;
  const [last] = await store.query<{ id: number }>('SELECT coalesce(max(id), 0)::INTEGER AS id FROM term');
  let id = (last as { id: number }).id;
  for (const text of added) numbers.set(text, ++id);
  await store.run('INSERT INTO term SELECT unnest($1::JSON::INTEGER[]), unnest($2::JSON::VARCHAR[])', [
    JSON.stringify(added.map((text) => numbers.get(text))),
    JSON.stringify(added),
  ]);
  return numbers;
}

const TEXT_COLUMNS = ['supplier', 'areaCode', 'placeId', 'offence'] as const;

/** Appends a batch, which stays as it is, to what mergeStaged will merge, within the caller's transaction. */
export async function stageIncidents(store: Store, merge: Merge, incidents: IncidentColumns): Promise<void> {
  const { n, keyed, terms } = incidents;
  if (merge.numbers.length < terms.length) {
    const grown = new Int32Array(2 * terms.length);
    grown.set(merge.numbers);
    merge.numbers = grown;
  }
  const { numbers } = merge;
  // A gazetteer has thousands of texts, and a batch few.
  const wanted = new Set<number>();
  for (const name of TEXT_COLUMNS) {
    const codes = incidents[name];
    for (let i = 0; i < n; i++) {
      const code = codes[i] as number;
      if (code !== NO_TERM && numbers[code] === 0 && keyed[i] !== WITHDRAWN) wanted.add(code);
    }
  }
  if (wanted.size > 0) {
    const found = await numberTexts(
      store,
      [...wanted].map((code) => terms[code] as string),
    );
    for (const code of wanted) numbers[code] = found.get(terms[code] as string) as number;
  }
  const numbered = TEXT_COLUMNS.map((name) => [name, numbersOf(incidents[name], numbers, n)]);
  store.stage({ ...incidents, ...Object.fromEntries(numbered) });
}

function numbersOf(codes: Int32Array, numbers: Int32Array, n: number): Int32Array {
  const values = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const code = codes[i] as number;
    values[i] = code === NO_TERM ? 0 : (numbers[code] as number);
  }
  return values;
}

/**
 * Merges what is staged into the store, within the caller's transaction, and empties the staging. Rows count in
 * the order in which they were read: a row that says what the store says of the same record is a duplicate, one
 * that says something else replaces it. A record without a key of its own is known by its content and by how
 * often that has occurred in the file so far, so that reading a file in other portions gives the same; so does a record
 * that is corrected and corrected back, which counts as this file's. Where no staged record has a version, `versioned`
 * may be false, which saves looking for late ones.
 */
export async function mergeStaged(store: Store, { seen }: Merge, versioned = true): Promise<void> {
  // One call for all: the caller's thread is busy reading, and each answer would have to wait for it.
  await store.run(`${versioned ? DROP_LATE : ''} ${mergeSql(seen)}`);
}

/** What became of all that was merged since beginMerge. */
export async function readMergeCounts(store: Store): Promise<MergeCounts> {
  const [counts] = await store.query<MergeCounts>(`
    SELECT coalesce(sum(accepted), 0)::INTEGER AS accepted, coalesce(sum(corrected), 0)::INTEGER AS corrected,
      coalesce(sum(duplicate), 0)::INTEGER AS duplicate, coalesce(sum(withdrawn), 0)::INTEGER AS withdrawn FROM merge_count`);
  return counts as MergeCounts;
}

/**
 * Records whose version is lower than one that was read before them say nothing new: they are duplicates, in whatever
 * order the versions come and however they are divided into batches. A record that left the store stays known by its
 * version, so that an older one does not bring it back.
 */
const DROP_LATE = `
CREATE OR REPLACE TEMP TABLE late AS SELECT row, keyed FROM (
  SELECT row, keyed, staging.version, greatest(coalesce(record_version.version, '-infinity'::DOUBLE),
    coalesce(max(staging.version) OVER (PARTITION BY key0, key1 ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity'::DOUBLE)) AS newest
  FROM staging LEFT JOIN record_version USING (key0, key1) WHERE NOT isnan(staging.version) AND keyed <> ${ROW_KEY}
) WHERE version < newest;
INSERT INTO merge_count SELECT 0, 0, count(*), 0 FROM late WHERE keyed <> ${WITHDRAWN};
DELETE FROM staging USING late WHERE staging.row = late.row;
CREATE OR REPLACE TEMP TABLE newest AS SELECT key0, key1, max(version) AS version FROM staging
  WHERE NOT isnan(version) AND keyed <> ${ROW_KEY} GROUP BY ALL;
DELETE FROM record_version USING newest WHERE record_version.key0 = newest.key0 AND record_version.key1 = newest.key1;
INSERT INTO record_version FROM newest;`;

/**
 * Records in staging that are in the store too, or several times in staging: those that need a closer look. Half of their
 * keys finds them sooner, and the closer look tells apart what shares only that.
 */
const FIND_CONTESTED = `
CREATE OR REPLACE TEMP TABLE contested AS
  SELECT key0 FROM staging SEMI JOIN incident_row USING (key0)
  UNION SELECT key0 FROM staging GROUP BY key0 HAVING count(*) > 1`;

const INSERT_PLAIN = `
INSERT INTO merge_count SELECT count(*), 0, 0, 0 FROM staging ANTI JOIN contested USING (key0) WHERE keyed <> ${WITHDRAWN};
INSERT INTO incident_row BY NAME SELECT * EXCLUDE (keyed, row), CASE keyed WHEN ${ROW_KEY} THEN 1 ELSE 0 END AS occurrence
  FROM (${STAGED_INCIDENTS} ANTI JOIN contested USING (key0)) WHERE keyed <> ${WITHDRAWN}`;

const settleContested = (seen: string) => `
CREATE OR REPLACE TEMP TABLE settled AS
  WITH numbered AS (
    SELECT staged.*, CASE keyed WHEN ${ROW_KEY} THEN coalesce(earlier.n, 0)
        + row_number() OVER (PARTITION BY key0, key1 ORDER BY row) ELSE 0 END::UINTEGER AS occurrence
    FROM (${STAGED_INCIDENTS} SEMI JOIN contested USING (key0)) staged
    LEFT JOIN (SELECT key0, key1, sum(n) AS n FROM ${seen} SEMI JOIN contested USING (key0) GROUP BY ALL) earlier USING (key0, key1)
  ), stored AS (
    SELECT key0, key1, occurrence, hash(${CONTENT}) AS content FROM incident_row SEMI JOIN contested USING (key0)
  ), compared AS (
    SELECT numbered.*, CASE WHEN keyed <> ${WITHDRAWN} THEN hash(${CONTENT}) END AS content, stored.content AS stored_content
    FROM numbered LEFT JOIN stored USING (key0, key1, occurrence)
  )
  SELECT *, lag(content, 1, stored_content) OVER (same_record ORDER BY row) AS before,
    row = max(row) OVER same_record
      AND (stored_content IS NULL OR bool_or(content IS DISTINCT FROM stored_content) OVER same_record) AS is_kept
  FROM compared WINDOW same_record AS (PARTITION BY key0, key1, occurrence);
INSERT INTO merge_count SELECT count(*) FILTER (content IS NOT NULL AND (before IS NULL OR before <> content)),
  count(*) FILTER (before <> content), count(*) FILTER (before = content),
  count(*) FILTER (content IS NULL AND before IS NOT NULL) FROM settled;
DELETE FROM incident_row USING settled WHERE incident_row.key0 = settled.key0 AND incident_row.key1 = settled.key1
  AND incident_row.occurrence = settled.occurrence AND settled.is_kept;
INSERT INTO incident_row BY NAME SELECT ${COLUMNS.join(', ')} FROM settled WHERE is_kept AND content IS NOT NULL;
DROP TABLE settled`;

const mergeSql = (seen: string) => `${FIND_CONTESTED}; ${INSERT_PLAIN}; ${settleContested(seen)};
INSERT INTO ${seen} SELECT key0, key1, count(*) FROM staging WHERE keyed = ${ROW_KEY} GROUP BY ALL;
DELETE FROM staging`;
