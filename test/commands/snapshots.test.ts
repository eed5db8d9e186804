import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { projectFolder, startNode } from '../cardiff-process.ts';
import { findProgram } from '../reports/board/chromium.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

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

/** Where a tool is missing the test is skipped by name; on CI it fails. */
const needs = process.env['CI'] ? test : test.skipIf(findProgram('pdftotext') === undefined);

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

  test.each(['partnership_places', 'places'])(
    '%s: GeoJSON holds the same rows, each with the shape of what it counts',
    async (name) => {
      const folder = join(released, 'releases/2025-Q3/tables');
      const { type, features } = JSON.parse(await readFile(join(folder, `${name}.geojson`), 'utf8')) as {
        type: string;
        features: {
          geometry: { type: string; coordinates: unknown[] } | null;
          properties: Record<string, unknown>;
        }[];
      };
      expect(type).toBe('FeatureCollection');
      const parquet = await ask(':memory:', `SELECT * FROM '${join(folder, name)}.parquet'`);
      expect(asTexts(features.map(({ properties }) => properties))).toEqual(asTexts(parquet));
      const cells = await ask(data('board.duckdb'), 'SELECT text, boundary FROM cell');
      const wkt = new Map(cells.map(({ text, boundary }) => [text, boundary]));
      const shapes: Record<string, string[]> = {
        cell: ['Polygon'],
        area: ['Polygon', 'MultiPolygon'],
        place: ['Point'],
      };
      for (const { geometry, properties } of features) {
        expect(shapes[String(properties['level'])] ?? [undefined]).toContain(geometry?.type);
        if (properties['level'] !== 'cell') continue;
        const [ring = []] = (geometry?.coordinates ?? []) as number[][][];
        expect(`POLYGON ((${ring.map((point) => point.join(' ')).join(', ')}))`).toBe(
          wkt.get(properties['atom']),
        );
      }
    },
  );

  test.each(['', 'public/'])('%sdatapackage.json lists every table beside it, as it is', async (folder) => {
    const base = join(released, 'releases/2025-Q3', folder);
    const { resources } = JSON.parse(await readFile(join(base, 'datapackage.json'), 'utf8'));
    const paths = resources.map(({ path }: { path: string }) => path);
    expect(paths.toSorted()).toEqual(
      readdirSync(join(base, 'tables'))
        .map((name) => `tables/${name}`)
        .sort(),
    );
    expect(new Set(resources.map(({ name }: { name: string }) => name)).size).toBe(paths.length);
    for (const { path, format, bytes, hash, schema } of resources) {
      const content = await readFile(join(base, path));
      if (format !== 'parquet') {
        expect(bytes).toBe(content.length);
        expect(hash).toBe(`sha256:${createHash('sha256').update(content).digest('hex')}`);
      }
      if (format !== 'csv') continue;
      const [head = '', ...lines] = content.toString('utf8').trimEnd().split('\n');
      const fields = schema.fields as { name: string; constraints: { required: boolean; enum?: string[] } }[];
      expect(fields.map(({ name }) => name)).toEqual(head.split(','));
      // A label may hold a comma; what comes before it does not.
      for (const line of lines) {
        for (const [i, value] of line.split(',').slice(0, 4).entries()) {
          const { constraints } = fields[i] as (typeof fields)[number];
          if (constraints.required) expect(value).not.toBe('');
          if (constraints.enum && value !== '') expect(constraints.enum).toContain(value);
        }
      }
    }
  });

  needs('every page of every PDF of a release says its tier and the policy', () => {
    const folder = join(released, 'releases/2025-Q3');
    const pdfs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.pdf'),
    );
    expect(pdfs.length).toBeGreaterThan(4);
    for (const pdf of pdfs) {
      const pages = execFileSync('pdftotext', [join(folder, pdf), '-'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).split('\f');
      const tier = pdf.startsWith('operational')
        ? 'Operational'
        : pdf === 'board.pdf'
          ? 'Partnership'
          : 'Released';
      for (const [i, page] of pages.slice(0, -1).entries())
        expect(page, `${pdf}, page ${i + 1}`).toContain(`${tier} tier, policy additive-10-5`);
    }
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
    '%s: every table, view, column and macro says what it means, and its dictionary says the same',
    async (name) => {
      const said = await ask(
        data(name),
        `SELECT 'table' AS kind, table_name AS name, NULL AS part, comment FROM duckdb_tables() WHERE NOT internal
         UNION ALL SELECT 'view', view_name, NULL, comment FROM duckdb_views() WHERE NOT internal
         UNION ALL SELECT if(t.table_oid IS NULL, 'view', 'table'), c.table_name, c.column_name, c.comment
           FROM duckdb_columns() c LEFT JOIN duckdb_tables() t USING (table_oid, database_oid) WHERE NOT c.internal
         UNION ALL SELECT 'macro', function_name, NULL, comment FROM duckdb_functions() WHERE NOT internal`,
      );
      expect(said.length).toBeGreaterThan(60);
      expect(said.filter(({ comment }) => !comment)).toEqual([]);
      const listed = await ask(data(name), 'SELECT kind, name, part, meaning FROM dictionary');
      const texts = (rows: Record<string, unknown>[]) =>
        rows.map((row) => JSON.stringify(Object.values(row))).sort();
      const isMacro = ({ kind }: Record<string, unknown>) => kind === 'macro';
      expect(texts(listed.filter((row) => !isMacro(row)))).toEqual(
        texts(said.filter((row) => !isMacro(row))),
      );
      for (const { name: macro, comment } of said.filter(isMacro)) {
        const parts = listed.filter((row) => row['name'] === macro);
        expect(parts.length).toBeGreaterThan(1);
        for (const { part, meaning } of parts)
          expect(comment).toContain(part === null ? meaning : `${part}: ${meaning}`);
      }
    },
  );

  test('every view has rows', async () => {
    for (const name of ['analyst.duckdb', 'board.duckdb']) {
      const views = await ask(data(name), 'SELECT view_name AS view FROM duckdb_views() WHERE NOT internal');
      expect(views.length).toBeGreaterThan(5);
      for (const { view } of views) {
        // A year of months is not there to compare: the city has fifteen.
        if (name === 'board.duckdb' && view === 'change_on_year') continue;
        // No cell that the partnership sees by itself stands out in this city.
        if (name === 'board.duckdb' && view === 'hotspots') continue;
        const [row] = await ask(data(name), `SELECT count(*)::INTEGER AS rows FROM ${view}`);
        expect(row?.['rows'], `${name}: ${view}`).toBeGreaterThan(0);
      }
    }
  });

  test('sums over views are sums over incidents', async () => {
    const [row] = await ask(
      data('analyst.duckdb'),
      `WITH year AS (SELECT * FROM incident WHERE source = 'ed' AND month BETWEEN DATE '2024-10-01' AND DATE '2025-09-01')
       SELECT (SELECT count(*) FROM year) = (SELECT sum(now) FROM change_on_year WHERE source = 'ed') AS areas,
         (SELECT count(*) FROM year) = (SELECT sum(incidents) FROM weapon_where WHERE source = 'ed') AS weapons,
         (SELECT count(hour_of_week) FROM year) = (SELECT sum(incidents) FROM nights_and_bands WHERE source = 'ed') AS bands,
         (SELECT count(*) FROM incident) = (SELECT sum(incidents) FROM completeness) AS all_of_them,
         (SELECT count(hour_of_week) FROM incident) = (SELECT sum(incidents) FROM by_hour) AS hours,
         (SELECT count(hour_of_week) FROM incident) = (SELECT round(sum(aoristic), 6) FROM by_hour) AS parts_of_hours,
         (SELECT bool_or(incidents <> aoristic) FROM by_hour WHERE source = 'police') AS windows`,
    );
    expect(row).toEqual({
      areas: true,
      weapons: true,
      bands: true,
      all_of_them: true,
      hours: true,
      parts_of_hours: true,
      windows: true,
    });
    const hours = await ask(
      data('analyst.duckdb'),
      'SELECT source, count(*)::INTEGER AS n FROM by_hour GROUP BY ALL ORDER BY ALL',
    );
    expect(hours).toEqual(['ed', 'miu', 'police'].map((source) => ({ source, n: 168 })));
  });

  test('a window lies in equal parts in each of its hours, on the nights when clocks change too', async () => {
    const parts = await ask(
      data('analyst.duckdb'),
      `WITH wanted AS (
         SELECT source, unnest(range(window_from, window_to + INTERVAL 1 HOUR, INTERVAL 1 HOUR)) AS utc,
           1 / (date_diff('hour', window_from, window_to) + 1) AS part
         FROM incident WHERE window_from IS NOT NULL AND hour_of_week IS NOT NULL AND source = 'police')
       SELECT epoch(utc)::BIGINT AS utc, part FROM wanted`,
    );
    const hours = new Float64Array(168);
    for (const { utc, part } of parts) {
      const at = Temporal.Instant.fromEpochMilliseconds(Number(utc) * 1000).toZonedDateTimeISO(
        'Europe/London',
      );
      hours[(at.dayOfWeek - 1) * 24 + at.hour]! += Number(part);
    }
    for (const { hour_of_week } of await ask(
      data('analyst.duckdb'),
      `SELECT hour_of_week FROM incident WHERE window_from IS NULL AND hour_of_week IS NOT NULL AND source = 'police'`,
    ))
      hours[Number(hour_of_week)]! += 1;
    const shown = await ask(
      data('analyst.duckdb'),
      `SELECT aoristic FROM by_hour WHERE source = 'police' ORDER BY hour_of_week`,
    );
    expect(shown.length).toBe(168);
    for (const [hour, { aoristic }] of shown.entries()) expect(Number(aoristic)).toBeCloseTo(hours[hour]!, 6);
    const utcs = Array.from({ length: 4 * 366 * 24 }, (_, i) => Date.UTC(2023, 0, 1) / 1000 + i * 3600);
    const [local] = await ask(
      data('analyst.duckdb'),
      `SELECT list(epoch(local_time(make_timestamp(utc * 1000000)))::BIGINT ORDER BY utc) AS locals
       FROM range(${utcs[0]}, ${utcs.at(-1)! + 3600}, 3600) AS hours(utc)`,
    );
    const locals = utcs.map((utc) => {
      const at = Temporal.Instant.fromEpochMilliseconds(utc * 1000).toZonedDateTimeISO('Europe/London');
      return utc + at.offsetNanoseconds / 1e9;
    });
    expect(JSON.parse(JSON.stringify(local?.['locals'])).map(Number)).toEqual(locals);
  });

  test.each([
    // 2025-09-27 was a Saturday; its night ends on Sunday at six.
    ['Saturday at noon', 5 * 24 + 12, 'Sat', '12-18'],
    ['Saturday at 23', 5 * 24 + 23, 'Sat', '21-00'],
    ['Sunday at 00', 6 * 24, 'Sat', '00-03'],
    ['Sunday at 05', 6 * 24 + 5, 'Sat', '03-06'],
    ['Sunday at 06', 6 * 24 + 6, 'Sun', '06-12'],
    ['Monday at 00', 0, 'Sun', '00-03'],
    ['Monday at 20', 20, 'Mon', '18-21'],
  ])('%s belongs to its night and band', async (_, hour, night, band) => {
    const [row] = await ask(
      data('analyst.duckdb'),
      `SELECT night(${hour}) AS night, band(${hour}) AS band, night_number(${hour})::INTEGER AS number`,
    );
    expect(row).toEqual({
      night,
      band,
      number: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(night) + 1,
    });
  });

  test('around a point are the incidents of the cells whose centre is near, by an independent formula', async () => {
    const file = data('analyst.duckdb');
    const [centre] = await ask(
      file,
      `SELECT lat, lng FROM cell WHERE cell IN (SELECT cell FROM incident) ORDER BY cell LIMIT 1`,
    );
    const { lat, lng } = centre as { lat: number; lng: number };
    const found = await ask(
      file,
      `SELECT count(*)::INTEGER AS n, max(distance)::INTEGER AS far FROM around(${lat}, ${lng}, 900)`,
    );
    const near = (await ask(file, 'SELECT cell, lat, lng FROM cell')).filter((cell) => {
      const unit = (a: number, b: number) => [
        Math.cos(a) * Math.cos(b),
        Math.cos(a) * Math.sin(b),
        Math.sin(a),
      ];
      const [p, q] = [
        [lat, lng],
        [Number(cell['lat']), Number(cell['lng'])],
      ].map(([a = 0, b = 0]) => unit((a * Math.PI) / 180, (b * Math.PI) / 180)) as [number[], number[]];
      const chord = Math.hypot(...p.map((x, i) => x - (q[i] as number)));
      return 6371008.8 * 2 * Math.asin(chord / 2) <= 900;
    });
    const [all] = await ask(
      file,
      `SELECT count(*)::INTEGER AS n FROM incident WHERE cell IN (${near.map(({ cell }) => cell).join(', ')})`,
    );
    expect(near.length).toBeGreaterThan(10);
    expect(found[0]?.['n']).toBe(all?.['n']);
    expect(Number(found[0]?.['far'])).toBeLessThanOrEqual(900);
  });

  test.each([
    ['one hour, one cell', 'hours := 1, metres := 0'],
    ['three hours, 400 m', ''],
    ['six hours, 1 km', 'hours := 6, metres := 1000'],
  ])('the share unknown to police is near the truth of the invented city: %s', async (_, limits) => {
    const [row] = await ask(
      data('analyst.duckdb'),
      `FROM unknown_to_police(${limits}) WHERE hospital = 'ed' AND area = 'all'`,
    );
    const truth = (await readFile(join(released, 'truth-records.csv'), 'utf8'))
      .split('\n')
      .map((line) => line.split(','));
    const [head = [], ...records] = truth;
    const column = (name: string) => head.indexOf(name);
    const own = records.filter(
      (record) =>
        record[column('source')] === 'ed' &&
        record[column('place_id')] !== '' &&
        (record[column('month')] ?? '') >= '2024-10',
    );
    const unknown = own.filter((record) => record[column('known_to_police')] === '0').length / own.length;
    expect(own.length).toBeGreaterThan(300);
    // Chance alone moves a share of 500 by 4 points either way.
    expect(Math.abs(Number(row?.['unknown_percent']) - 100 * unknown)).toBeLessThan(9);
  });

  test('hotspots are those of the quarter and of the twelve months to its end', async () => {
    const periods = await ask(data('analyst.duckdb'), 'SELECT DISTINCT period FROM hotspot ORDER BY ALL');
    expect(periods.map(({ period }) => period)).toEqual(['12m-2025-Q3', '2025-Q3']);
  });

  test('no file is for other users, and nothing is left beside them', () => {
    const names = readdirSync(join(released, 'data')).sort();
    expect(names).toEqual(['analyst.duckdb', 'board.duckdb', 'store.duckdb']);
    for (const name of ['analyst.duckdb', 'board.duckdb'])
      expect(statSync(data(name)).mode & 0o777).toBe(0o600);
  });
});

test('the analysts’ file holds the sources that each agreement in force names, and says for whom it is', async () => {
  const folder = await copyOf(released);
  const agreement = await readFile(join(folder, 'agreements/analysts.yaml'), 'utf8');
  const second = agreement
    .replace('partner: analysts', 'partner: second')
    .replace(/^name: .*$/m, 'name: Second analysts')
    .replace('sources: [ed, miu, police]', 'sources: [ed, police]');
  await writeFile(join(folder, 'agreements/second.yaml'), second);
  await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
  const path = join(folder, 'data/analyst.duckdb');
  for (const table of ['incident', 'hotspot', 'quality']) {
    const sources = await ask(path, `SELECT DISTINCT source FROM ${table} ORDER BY ALL`);
    expect(sources.map(({ source }) => source)).toEqual(['ed', 'police']);
  }
  const [about] = await ask(path, 'SELECT marking, recipients, period, year_from, year_to FROM about');
  expect(about).toEqual({
    marking:
      'OFFICIAL-SENSITIVE - PERSONAL DATA (pseudonymised): for the analysts named in the agreement alone, not evidence',
    recipients: 'Analysts of the board until 2999-12-31; Second analysts until 2999-12-31',
    period: '2025-Q3',
    year_from: '2024-10-01',
    year_to: '2025-09-01',
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
import { Temporal } from 'temporal-polyfill';
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
