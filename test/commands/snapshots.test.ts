import { readdirSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { projectFolder, startNode } from '../cardiff-process.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 20_000, hookTimeout: 60_000 });

/** A name that a spreadsheet would run. */
const FORMULA = `=cmd|' /C calc'!A0`;

/** A city of which the third quarter is released. */
let released: string;

beforeAll(async () => {
  released = await makeCity();
  await changeFile(released, 'geography/areas.geojson', '"name":"Ropewalk"', `"name":"${FORMULA}"`);
  await inTown(released, async ({ read, publish }) => {
    await read();
    await publish({ period: '2025-Q2' });
  });
  await inTown(released, ({ publish }) => publish({ period: '2025-Q3' }));
});

afterAll(() => rm(released, { recursive: true, force: true }));

/** Rows of a query on a DuckDB file, opened as anybody would. */
async function ask(path: string, sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(path, path === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows in one order, with every value as text; nothing is told from an empty text, which CSV cannot. */
const asTexts = (rows: readonly Record<string, unknown>[]) =>
  rows.map((row) => JSON.stringify(Object.values(row).map((value) => String(value ?? '')))).sort();

/** The tables of a release, and where the same rows are in board.duckdb. */
const TABLES = {
  months: "released WHERE cut = 'month'",
  places: "released WHERE cut = 'place'",
  weapons: "released WHERE cut = 'weapon'",
  place_kinds: "released WHERE cut = 'place_kind'",
  night_bands: "released WHERE cut = 'night_band'",
  located: "released WHERE cut = 'located'",
  // They hold for four quarters from the first that was released.
  partnership_places: "partnership WHERE period = '2025-Q2'",
};

const data = (name: string) => join(released, 'data', name);

describe('what is released agrees with itself', () => {
  test.each(Object.entries(TABLES))(
    '%s: CSV, Parquet and board.duckdb hold the same rows',
    async (name, rows) => {
      const path = join(released, 'releases/2025-Q3/tables', name);
      // A label that a spreadsheet would run has an apostrophe before it in CSV alone.
      const csv = await ask(
        ':memory:',
        `SELECT * REPLACE (regexp_replace(label, '^''=', '=') AS label) FROM read_csv('${path}.csv', header = true, all_varchar = true)`,
      );
      const parquet = await ask(':memory:', `SELECT * FROM '${path}.parquet'`);
      const board = await ask(join(released, 'data/board.duckdb'), `SELECT * FROM ${rows}`);
      expect(board.length).toBeGreaterThan(0);
      expect(asTexts(parquet)).toEqual(asTexts(board));
      expect(asTexts(csv)).toEqual(asTexts(board));
    },
  );

  test('a name that a spreadsheet would run as a formula is made harmless in CSV', async () => {
    const texts = await Promise.all(
      Object.keys(TABLES).map((name) =>
        readFile(join(released, `releases/2025-Q3/tables/${name}.csv`), 'utf8'),
      ),
    );
    const all = texts.join('');
    expect(all).toContain(FORMULA);
    // A value that begins with a trigger, in quotation marks or not.
    expect(all).not.toMatch(/(^|,)"?[=+@\t]/m);
  });

  test('the manifest holds no number that is exact', async () => {
    const { files, policy, ...about } = JSON.parse(
      await readFile(join(released, 'releases/2025-Q3/manifest.json'), 'utf8'),
    );
    expect(Object.keys(policy)).toContain('threshold');
    expect(files.length).toBeGreaterThan(20);
    const numbers: number[] = [];
    JSON.stringify(about, (_, value: unknown) => {
      if (typeof value === 'number') numbers.push(value);
      return value;
    });
    expect(numbers.length).toBeGreaterThan(3);
    expect(numbers.filter((number) => number % 5 !== 0)).toEqual([]);
    // How many months of history there are is known from the calendar.
    const inWords = JSON.stringify(about.notes).replaceAll(/\d+ months of history/g, '');
    expect(inWords).not.toMatch(/\d/);
  });
});

describe('data/analyst.duckdb', () => {
  test('it holds no home, no person, no digest, and its incidents in no order of the supplier', async () => {
    const columns = await ask(
      data('analyst.duckdb'),
      'SELECT column_name AS name FROM duckdb_columns() WHERE NOT internal',
    );
    expect(
      columns
        .map(({ name }) => name)
        .filter((name) => /key|digest|person|nhs|age|sex|row|file_id/.test(String(name))),
    ).toEqual([]);
    const [homes] = await ask(
      data('analyst.duckdb'),
      "SELECT count(*) FILTER (place_kind = 'home') AS homes, count(*) > 500 AS full_enough FROM incident",
    );
    expect(homes).toEqual({ homes: '0', full_enough: true });
    const stored = await ask(data('analyst.duckdb'), 'SELECT * FROM incident');
    expect(stored).toEqual(await ask(data('analyst.duckdb'), 'SELECT * FROM incident ORDER BY ALL'));
  });

  test.each(['analyst.duckdb', 'board.duckdb'])(
    '%s: every table, view and column says what it means',
    async (name) => {
      const tables = await ask(
        data(name),
        `SELECT table_name FROM duckdb_tables() WHERE NOT internal AND coalesce(comment, '') = ''
       UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''`,
      );
      expect(tables).toEqual([]);
      const columns = await ask(
        data(name),
        `SELECT columns.table_name, columns.column_name, columns.comment FROM duckdb_columns() columns
       JOIN duckdb_tables() tables USING (table_oid, database_oid) WHERE NOT columns.internal ORDER BY ALL`,
      );
      expect(columns.length).toBeGreaterThan(20);
      expect(columns.filter(({ comment }) => !comment)).toEqual([]);
      const dictionary = await ask(
        data(name),
        'SELECT * FROM dictionary WHERE column_name IS NOT NULL ORDER BY ALL',
      );
      expect(dictionary.map((row) => Object.values(row))).toEqual(columns.map((row) => Object.values(row)));
    },
  );

  test('its views answer', async () => {
    const views = await ask(
      data('analyst.duckdb'),
      'SELECT view_name AS name FROM duckdb_views() WHERE NOT internal ORDER BY name',
    );
    expect(views.map(({ name }) => name)).toEqual([
      'by_area',
      'by_hour',
      'by_month',
      'by_place',
      'by_weapon',
    ]);
    for (const { name } of views) {
      const [row] = await ask(
        data('analyst.duckdb'),
        `SELECT count(*)::INTEGER AS rows, sum(incidents)::INTEGER AS incidents FROM ${name}`,
      );
      expect(row?.['rows'], String(name)).toBeGreaterThan(0);
      expect(row?.['incidents'], String(name)).toBeGreaterThan(100);
    }
    const hours = await ask(
      data('analyst.duckdb'),
      'SELECT source, count(*)::INTEGER AS n FROM by_hour GROUP BY ALL ORDER BY ALL',
    );
    expect(hours).toEqual(['ed', 'miu', 'police'].map((source) => ({ source, n: 168 })));
  });

  test('hotspots are those of the quarter and of the twelve months to its end', async () => {
    const periods = await ask(data('analyst.duckdb'), 'SELECT DISTINCT period FROM hotspot ORDER BY ALL');
    expect(periods.map(({ period }) => period)).toEqual(['12m-2025-Q3', '2025-Q3']);
  });

  test('no file is for other users, and nothing is left beside them', () => {
    const names = readdirSync(join(released, 'data')).sort();
    expect(names).toEqual(['analyst.duckdb', 'board.duckdb', 'store.duckdb']);
    // In-process the mask of the command line is not set: see settings.test.ts.
    for (const name of names) expect(statSync(data(name)).size).toBeGreaterThan(0);
  });
});

test('the snapshots are replaced while a reader has the old ones open', async () => {
  const folder = await copyOf(released);
  const reader = startNode(['--input-type=module', '-e', READER, folder], { cwd: projectFolder() });
  onTestFinished(() => {
    reader.child.kill();
  });
  await reader.says('open');
  await inTown(folder, ({ publish }) => publish({ period: '2025-07' }));
  await inTown(folder, ({ publish }) => publish({ period: '2025-Q2' }));
  reader.child.stdin?.end('again\n');
  const { stdout, code } = await reader.ended;
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n').slice(1);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { board: ['2025-Q2', '2025-Q3'], analyst: ['12m-2025-Q3', '2025-Q3'] },
    { board: ['2025-07', '2025-Q2', '2025-Q3'], analyst: ['12m-2025-Q3', '2025-Q3'] },
  ]);
});

/** Opens both snapshots, says "open", waits, and asks the old ones and then the new ones which periods they hold. */
const READER = `
import { DuckDBInstance } from '@duckdb/node-api';
const open = async (name) => (await DuckDBInstance.create(process.argv[1] + '/data/' + name, { access_mode: 'READ_ONLY' })).connect();
const list = async (connection, sql) => (await connection.runAndReadAll(sql)).getRowObjects().map((row) => row.period);
const both = async () => ({ board: await open('board.duckdb'), analyst: await open('analyst.duckdb') });
const ask = async ({ board, analyst }) => console.log(JSON.stringify({
  board: await list(board, 'SELECT period FROM release ORDER BY ALL'),
  analyst: await list(analyst, 'SELECT DISTINCT period FROM hotspot ORDER BY ALL'),
}));
const old = await both();
console.log('open');
for await (const _ of process.stdin) ;
await ask(old);
await ask(await both());
`;
