// An incident table in memory, and the query function that the reports are given.
import { DuckDBDateValue, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { FROZEN_TABLES, type Run } from '../../../reports/disclosure/frozen.ts';
import type { Query } from '../../../reports/disclosure/tally.ts';

export interface TestIncident {
  readonly source: string;
  /** 2025-09 */
  readonly month: string;
  readonly cell?: bigint | null;
  readonly placeKind?: string;
  readonly weapon?: string;
  readonly hourOfWeek?: number | null;
  readonly person?: bigint | null;
  readonly placeId?: string | null;
  readonly supplier?: string;
  readonly offence?: string | null;
  readonly noted?: number;
}

export interface TestStore {
  readonly query: Query;
  readonly run: Run;
  readonly add: (incidents: readonly TestIncident[]) => Promise<void>;
}

export async function openTestStore(): Promise<TestStore> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const query = async <Row>(
    sql: string,
    params: readonly (string | number | bigint | boolean | null)[] = [],
  ) => {
    const reader = await connection.runAndReadAll(sql, [...params] as DuckDBValue[]);
    return reader.getRowObjectsJS() as Row[];
  };
  const run: Run = (sql, params = []) => connection.run(sql, [...params] as DuckDBValue[]);
  await run(`CREATE TABLE incident (source VARCHAR, supplier VARCHAR, key0 UBIGINT, key1 UBIGINT, occurrence UINTEGER,
    person0 UBIGINT, person1 UBIGINT, occurred_on DATE, month DATE, hour_of_week UTINYINT, time_precision VARCHAR,
    window_from TIMESTAMP, window_to TIMESTAMP, cell UBIGINT, located_by VARCHAR, place_kind VARCHAR, weapon VARCHAR,
    age_band VARCHAR, sex VARCHAR, area_code VARCHAR, place_id VARCHAR, offence VARCHAR, file_id VARCHAR, noted USMALLINT)`);
  await run('CREATE VIEW reported AS SELECT * FROM incident');
  for (const statement of FROZEN_TABLES) await run(statement);
  let key = 0n;
  const add = async (incidents: readonly TestIncident[]) => {
    const appender = await connection.createAppender('incident');
    for (const incident of incidents) {
      const cell = incident.cell ?? null;
      const person = incident.person ?? null;
      appender.appendVarchar(incident.source);
      appender.appendVarchar(incident.supplier ?? 'supplier');
      appender.appendUBigInt(key++);
      appender.appendUBigInt(0n);
      appender.appendUInteger(0);
      if (person === null) {
        appender.appendNull();
        appender.appendNull();
      } else {
        appender.appendUBigInt(person);
        appender.appendUBigInt(person);
      }
      appender.appendNull();
      appender.appendDate(monthToDate(incident.month));
      if (incident.hourOfWeek == null) appender.appendNull();
      else appender.appendUTinyInt(incident.hourOfWeek);
      appender.appendVarchar('exact');
      appender.appendNull();
      appender.appendNull();
      if (cell === null) appender.appendNull();
      else appender.appendUBigInt(cell);
      appender.appendVarchar(cell === null ? 'none' : 'coordinates');
      appender.appendVarchar(incident.placeKind ?? 'street');
      appender.appendVarchar(incident.weapon ?? 'unknown');
      appender.appendNull();
      appender.appendNull();
      appender.appendNull();
      if (incident.placeId == null) appender.appendNull();
      else appender.appendVarchar(incident.placeId);
      if (incident.offence == null) appender.appendNull();
      else appender.appendVarchar(incident.offence);
      appender.appendVarchar('file');
      if (incident.noted == null) appender.appendNull();
      else appender.appendUSmallInt(incident.noted);
      appender.endRow();
    }
    appender.flushSync();
    appender.closeSync();
  };
  return { query, run, add };
}

function monthToDate(month: string) {
  return new DuckDBDateValue(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1) / 86_400_000);
}
