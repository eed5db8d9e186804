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
