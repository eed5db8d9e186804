/** Released tables as Parquet, written by DuckDB; the same rows give the same bytes. */
import { quoted, type RunSql } from './sql.ts';
import type { ReleasedTable } from './table.ts';

/** Writes a released table to `path`. */
export async function writeParquet(run: RunSql, table: ReleasedTable, path: string): Promise<void> {
  const type = { string: 'VARCHAR', integer: 'INTEGER' };
  const shape = JSON.stringify([
    Object.fromEntries(table.columns.map((column) => [column.name, type[column.type]])),
  ]);
  await run(
    `CREATE OR REPLACE TEMP TABLE parquet_rows (${table.columns.map((column) => `${column.name} ${type[column.type]}`).join(', ')})`,
  );
  await run(
    `INSERT INTO parquet_rows SELECT unnest(from_json($1::JSON, ${quoted(shape)}), recursive := true)`,
    [JSON.stringify(table.rows)],
  );
  await run(`COPY parquet_rows TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`);
  await run('DROP TABLE parquet_rows');
}
