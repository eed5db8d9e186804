/** board.duckdb: the protected cube alone, for people who query. Nothing in it from which more could be learnt. */
import { rm } from 'node:fs/promises';
import { PartnershipRow, ReleasedRow } from '../schemas/released.ts';
import { ANALYST_TABLES, type AnalystCell } from './analyst-snapshot.ts';
import { quoted, type RunSql } from './sql.ts';

export interface BoardFileContent {
  readonly cells: readonly AnalystCell[];
  readonly areas: readonly {
    readonly code: string;
    readonly name: string;
    readonly population: number | null;
  }[];
}

/** The two tiers, whose columns their schemas explain. */
const TIERS = {
  released: [
    'Released tier: rounded counts of every frozen period; the rows of one cut add up to the period',
    ReleasedRow,
  ],
  partnership: [
    'Partnership tier, not for publication: twelve months in bands; rows do not overlap',
    PartnershipRow,
  ],
} as const;

type Described = (typeof ANALYST_TABLES)[string];

/** What lies beside them. */
const RELEASE: Described = {
  title: 'Periods that were frozen and released',
  columns: {
    period: ['VARCHAR', 'Month (2025-09) or quarter (2025-Q3)'],
    policy: ['VARCHAR', 'Disclosure policy that was in force'],
    sources: ['VARCHAR', 'Sources in it, as JSON'],
    absent: ['VARCHAR', 'Sources whose absence was recorded, as JSON'],
    notes: ['VARCHAR', 'Remarks printed in its reports, as JSON'],
  },
};
const AREA: Described = {
  title: 'Named areas',
  columns: {
    code: ['VARCHAR', 'Code; the atom of rows of level "area"'],
    name: ['VARCHAR', 'Name'],
    population: ['BIGINT', 'Residents, where the outline says how many'],
  },
};
const { cell: CELL, dictionary: DICTIONARY } = ANALYST_TABLES as { cell: Described; dictionary: Described };

/** Writes the file to `path`, which must not be in use; the caller puts it in the place of the old one. */
export async function writeBoardFile(
  run: RunSql,
  path: string,
  { cells, areas }: BoardFileContent,
): Promise<void> {
  await rm(path, { force: true });
  await run(`ATTACH ${quoted(path)} AS board`);
  try {
    await create(run, 'dictionary', DICTIONARY);
    for (const [table, [title, schema]] of Object.entries(TIERS)) {
      const columns = Object.entries(schema.shape);
      await run(
        `CREATE TABLE board.${table} AS SELECT ${columns.map(([name]) => name).join(', ')} FROM ${table} ORDER BY ALL`,
      );
      await describe(
        run,
        table,
        title,
        columns.map(([column, { description }]) => [column, description ?? '']),
      );
    }
    await create(run, 'release', RELEASE);
    await run(
      `INSERT INTO board.release SELECT ${Object.keys(RELEASE.columns).join(', ')} FROM release ORDER BY period`,
    );
    await create(run, 'area', AREA);
    await load(
      run,
      'area',
      AREA,
      areas.map(({ code, name, population }) => ({ code, name, population })),
    );
    await create(run, 'cell', CELL);
    await load(run, 'cell', CELL, cells);
  } finally {
    await run('DETACH board');
  }
}

async function create(run: RunSql, table: string, { title, columns }: Described): Promise<void> {
  const list = Object.entries(columns).map(([name, [type]]) => `${name} ${type}`);
  await run(`CREATE TABLE board.${table} (${list.join(', ')})`);
  const meanings = Object.entries(columns).map(([name, [, meaning]]) => [name, meaning] as const);
  await describe(run, table, title, meanings);
}

async function describe(
  run: RunSql,
  table: string,
  title: string,
  columns: readonly (readonly [name: string, meaning: string])[],
): Promise<void> {
  await run(`COMMENT ON TABLE board.${table} IS ${quoted(title)}`);
  for (const [column, meaning] of columns) {
    await run(`COMMENT ON COLUMN board.${table}.${column} IS ${quoted(meaning)}`);
    await run('INSERT INTO board.dictionary VALUES ($1, $2, $3)', [table, column, meaning]);
  }
}

async function load(
  run: RunSql,
  table: string,
  { columns }: Described,
  rows: readonly object[],
): Promise<void> {
  const shape = [Object.fromEntries(Object.entries(columns).map(([name, [type]]) => [name, type]))];
  const json = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  await run(
    `INSERT INTO board.${table} SELECT unnest(from_json($1::JSON, ${quoted(JSON.stringify(shape))}), recursive := true)`,
    [json],
  );
}
