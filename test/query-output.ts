/** The answer to a query as README prints it: columns side by side, numbers to the right. */
import { DuckDBInstance } from '@duckdb/node-api';

/** Asks a DuckDB file, opened as anybody would who has no extension. */
export async function queryOutput(path: string, sql: string): Promise<string> {
  const instance = await DuckDBInstance.create(path, {
    access_mode: 'READ_ONLY',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    const names = reader.columnNames();
    const rows = reader.getRowsJson().map((row) => row.map((value) => String(value ?? '')));
    const isNumber = names.map((_, i) => rows.every((row) => /^-?[\d.]*$/.test(row[i] ?? '')));
    const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
    const line = (cells: readonly string[]) =>
      cells
        .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd();
    return [names, ...rows].map(line).join('\n');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
