/** A DuckDB file for people who query: tables, views and macros, each with what it and its columns mean. */
import { rm } from 'node:fs/promises';
import { type FileSql, insertRows, quoted, type WriteFile } from './sql.ts';

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
    for (const [name, { parameters, sql }] of Object.entries(values))
      await run(`CREATE MACRO ${name}(${Object.keys(parameters).join(', ')}) AS ${sql}`);
    for (const [name, { sql }] of Object.entries(views)) await run(`CREATE VIEW ${name} AS ${sql}`);
    for (const [name, { parameters, sql }] of Object.entries(macros))
      await run(`CREATE MACRO ${name}(${Object.keys(parameters).join(', ')}) AS TABLE ${sql}`);
    const described: Described[] = [
      ...Object.entries(all).map(([name, { title, columns }]): Described => {
        const parts = Object.entries(columns).map(([column, [, meaning]]) => [column, meaning] as const);
        return { kind: 'table', name, title, parts };
      }),
      ...Object.entries(values).map(([name, { title, parameters }]): Described => {
        return { kind: 'macro', name, title, parts: Object.entries(parameters) };
      }),
      ...Object.entries(views).map(([name, { title, columns }]): Described => {
        return { kind: 'view', name, title, parts: Object.entries(columns) };
      }),
      ...Object.entries(macros).map(([name, { title, parameters, columns = {} }]): Described => {
        return {
          kind: 'macro',
          name,
          title,
          parts: [...Object.entries(parameters), ...Object.entries(columns)],
        };
      }),
    ];
    const comments = [
      ...described.filter(({ kind }) => kind !== 'macro').flatMap(commentsOn),
      ...Object.entries(values).map(
        ([name, macro]) => `COMMENT ON MACRO ${name} IS ${quoted(macroComment(macro))}`,
      ),
      ...Object.entries(macros).map(
        ([name, macro]) => `COMMENT ON MACRO TABLE ${name} IS ${quoted(macroComment(macro))}`,
      ),
    ];
    await run(comments.join('; '));
    await insertRows(run, 'dictionary', typesOf(DICTIONARY), described.flatMap(dictionaryRows));
  });
}

/** The types of a table's columns, as insertRows wants them. */
export const typesOf = ({ columns }: DescribedTable): Record<string, string> =>
  Object.fromEntries(Object.entries(columns).map(([column, [type]]) => [column, type]));

interface Described {
  readonly kind: 'table' | 'view' | 'macro';
  readonly name: string;
  readonly title: string;
  readonly parts: readonly (readonly [part: string, meaning: string])[];
}

const commentsOn = ({ kind, name, title, parts }: Described): string[] => [
  `COMMENT ON ${kind} ${name} IS ${quoted(title)}`,
  ...parts.map(([part, meaning]) => `COMMENT ON COLUMN ${name}.${part} IS ${quoted(meaning)}`),
];

const dictionaryRows = ({ kind, name, title, parts }: Described) =>
  [[null, title] as const, ...parts].map(([part, meaning]) => ({ kind, name, part, meaning }));

/** A macro's columns cannot carry comments of their own. */
function macroComment({ title, parameters, columns }: DescribedMacro): string {
  const said = (parts: Readonly<Record<string, string>>) =>
    Object.entries(parts).map(([part, meaning]) => `${part}: ${meaning}`);
  const lines = [...said(parameters), ...(columns ? ['Gives', ...said(columns)] : [])];
  return [title, ...lines].join('\n');
}
