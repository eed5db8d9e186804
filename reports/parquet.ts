/** Released tables as Parquet, written by DuckDB; the same rows give the same bytes. */
import { insertRows, quoted, type RunSql } from './sql.ts';
import type { ReleasedTable } from './table.ts';

/** Writes a released table to `path`. */
export async function writeParquet(run: RunSql, table: ReleasedTable, path: string): Promise<void> {
  const type = { string: 'VARCHAR', integer: 'INTEGER' };
  const columns = Object.fromEntries(table.columns.map((column) => [column.name, type[column.type]]));
  const declared = Object.entries(columns).map(([name, its]) => `${name} ${its}`);
  await run(`CREATE OR REPLACE TEMP TABLE parquet_rows (${declared.join(', ')})`);
  await insertRows(run, 'parquet_rows', columns, table.rows);
  await run(`COPY parquet_rows TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`);
  await run('DROP TABLE parquet_rows');
}
