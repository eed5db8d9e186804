/** What a user has without us: DuckDB loading the raw file. */
import { rm } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';

/** Seconds that DuckDB takes for CREATE TABLE AS SELECT * FROM read_csv of a file, into a new database on disk. */
export async function loadTime(file: string, database: string): Promise<number> {
  await rm(database, { force: true });
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  const started = performance.now();
  await connection.run(`CREATE TABLE raw AS SELECT * FROM read_csv('${file}')`);
  const seconds = (performance.now() - started) / 1000;
  connection.closeSync();
  instance.closeSync();
  await rm(database, { force: true });
  return seconds;
}
