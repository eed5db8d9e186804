/** A DuckDB file for people who query: tables, views and macros, each with what it and its columns mean. */
import { rm } from 'node:fs/promises';
import { type FileSql, quoted, type RunSql, type WriteFile } from './sql.ts';

/** Columns by name, with their type and meaning. */
export interface DescribedTable {
  readonly title: string;
  readonly columns: Readonly<Record<string, readonly [type: string, meaning: string]>>;
}

export interface DescribedView {
  readonly title: string;
  /** Meaning of each column that the query has. */
  readonly columns: Readonly<Record<string, string>>;
  readonly sql: string;
}

/** A macro that stands for a value, or for a table: then its query's columns have meanings too. */
export interface DescribedMacro {
  readonly title: string;
  /** Parameters as they are declared ("n := 10"), with their meaning. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly columns?: Readonly<Record<string, string>>;
  readonly sql: string;
}

export interface DuckdbSchema {
  readonly tables: Readonly<Record<string, DescribedTable>>;
  /** Macros that stand for a value; views may use them. */
  readonly values: Readonly<Record<string, DescribedMacro>>;
  readonly views: Readonly<Record<string, DescribedView>>;
  /** Macros that stand for a table; they may use views. */
  readonly macros: Readonly<Record<string, DescribedMacro>>;
}

/** The table of every such file that explains the others. */
export const DICTIONARY: DescribedTable = {
  title: 'What each table, view and macro, each of their columns and each parameter holds',
  columns: {
    kind: ['VARCHAR', 'table, view or macro'],
    name: ['VARCHAR', 'Table, view or macro'],
    part: ['VARCHAR', 'Column, or parameter as it is declared; empty where the whole is described'],
    meaning: ['VARCHAR', 'What it holds'],
  },
};

/**
 * Makes a DuckDB file at `path`, which must not be in use; `fill` puts rows into its tables. Nothing in it needs an
 * extension.
 */
export async function writeDuckdbFile(
  writeFile: WriteFile,
  path: string,
  { tables, values, views, macros }: DuckdbSchema,
  fill: (file: FileSql) => Promise<void>,
): Promise<void> {
  const all = { ...tables, dictionary: DICTIONARY };
  await rm(path, { force: true });
  await writeFile(path, async (file) => {
    const { run } = file;
    for (const [name, { columns }] of Object.entries(all)) {
      const list = Object.entries(columns).map(([column, [type]]) => `${column} ${type}`);
      await run(`CREATE TABLE ${name} (${list.join(', ')})`);
    }
    await fill(file);
    for (const [name, { title, columns }] of Object.entries(all)) {
      const meanings = Object.entries(columns).map(([column, [, meaning]]) => [column, meaning] as const);
      await describe(run, 'table', name, title, meanings);
    }
    for (const [name, macro] of Object.entries(values)) {
      await run(`CREATE MACRO ${name}(${Object.keys(macro.parameters).join(', ')}) AS ${macro.sql}`);
      await run(`COMMENT ON MACRO ${name} IS ${quoted(macroComment(macro))}`);
      await explain(run, 'macro', name, macro.title, Object.entries(macro.parameters));
    }
    for (const [name, { title, columns, sql }] of Object.entries(views)) {
      await run(`CREATE VIEW ${name} AS ${sql}`);
      await describe(run, 'view', name, title, Object.entries(columns));
    }
    for (const [name, macro] of Object.entries(macros)) {
      await run(`CREATE MACRO ${name}(${Object.keys(macro.parameters).join(', ')}) AS TABLE ${macro.sql}`);
      await run(`COMMENT ON MACRO TABLE ${name} IS ${quoted(macroComment(macro))}`);
      const parts = [...Object.entries(macro.parameters), ...Object.entries(macro.columns ?? {})];
      await explain(run, 'macro', name, macro.title, parts);
    }
  });
}

/** Puts rows, as objects by column name, into a table of the file. */
export async function insertRows(
  run: RunSql,
  name: string,
  { columns }: DescribedTable,
  rows: readonly object[],
): Promise<void> {
  const shape = [Object.fromEntries(Object.entries(columns).map(([column, [type]]) => [column, type]))];
  const json = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  await run(
    `INSERT INTO ${name} SELECT unnest(from_json($1::JSON, ${quoted(JSON.stringify(shape))}), recursive := true)`,
    [json],
  );
}

async function describe(
  run: RunSql,
  kind: 'table' | 'view',
  name: string,
  title: string,
  columns: readonly (readonly [column: string, meaning: string])[],
): Promise<void> {
  await run(`COMMENT ON ${kind} ${name} IS ${quoted(title)}`);
  for (const [column, meaning] of columns)
    await run(`COMMENT ON COLUMN ${name}.${column} IS ${quoted(meaning)}`);
  await explain(run, kind, name, title, columns);
}

async function explain(
  run: RunSql,
  kind: string,
  name: string,
  title: string,
  parts: readonly (readonly [part: string, meaning: string])[],
): Promise<void> {
  for (const [part, meaning] of [[null, title] as const, ...parts])
    await run('INSERT INTO dictionary VALUES ($1, $2, $3, $4)', [kind, name, part, meaning]);
}

/** A macro's columns cannot carry comments of their own. */
function macroComment({ title, parameters, columns }: DescribedMacro): string {
  const said = (parts: Readonly<Record<string, string>>) =>
    Object.entries(parts).map(([part, meaning]) => `${part}: ${meaning}`);
  const lines = [...said(parameters), ...(columns ? ['Gives', ...said(columns)] : [])];
  return [title, ...lines].join('\n');
}
