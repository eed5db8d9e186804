/** What reports know of the store: that it answers SQL. */
export type SqlValue = string | number | bigint | boolean | null;
export type QuerySql = <Row>(sql: string, values?: readonly SqlValue[]) => Promise<Row[]>;
export type RunSql = (sql: string, values?: readonly SqlValue[]) => Promise<void>;

/** A text as a literal of SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
