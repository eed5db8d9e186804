/** What reports know of the store: that it answers SQL. */
export type SqlValue = string | number | bigint | boolean | null;
export type QuerySql = <Row>(sql: string, values?: readonly SqlValue[]) => Promise<Row[]>;
export type RunSql = (sql: string, values?: readonly SqlValue[]) => Promise<void>;
/** Makes a DuckDB file at `path` of what `fill` puts into it: by statements of its own, or by rows of the store. */
export type WriteFile = (path: string, fill: (file: FileSql) => Promise<void>) => Promise<void>;
export interface FileSql {
  readonly run: RunSql;
  readonly append: (table: string, sql: string, values?: readonly SqlValue[]) => Promise<void>;
}

/** A text as a literal of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * Puts rows, as objects by column, into a table. `columns` gives the types of those that they have; the others are NULL.
 * Text is read as it is, and a bigint as the number that it is.
 */
export async function insertRows(
  run: (sql: string, values?: readonly SqlValue[]) => Promise<unknown>,
  table: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  const json = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const shape = quoted(JSON.stringify([columns]));
  await run(
    `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) SELECT unnest(from_json($1::JSON, ${shape}), recursive := true)`,
    [json],
  );
}
