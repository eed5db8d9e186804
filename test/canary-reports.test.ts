/**
 * Canaries through the whole pipeline, to every file that is made of records: in every row of a city that is
 * published, in every field of every profile, in files that are refused, and in commands that fail or are killed.
 * Each format that a release has is proved to be searched: what a city calls itself is found in all of them.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { synth } from '../commands/synth.ts';
import { POLICE_UK } from '../schemas/police-uk.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { openStore } from '../transform/store.ts';
import { CANARIES, CODE_LIST, fileOf, INBOX, MORE_SOURCES, plantedFiles, quoted } from './canary-planting.ts';
import { filesUnder, type Leak, searchFor } from './canary-search.ts';
import { type Ended, startCardiff, startNode } from './cardiff-process.ts';
import { changeSettings } from './partnership-folder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const search = searchFor(CANARIES);
const PERIOD = '2025-Q3';
/** What is given to the city and so is no leak; the rest was made. */
const GIVEN = [
  'agreements',
  'codes',
  'inbox',
  'secrets',
  'gazetteer',
  'geography',
  'cardiff.yaml',
  'truth.json',
  'truth-records.csv',
];
/** Formats of which every release, draft and snapshot is made. */
const FORMATS = ['.pdf', '.html', '.csv', '.parquet', '.geojson', '.json', '.duckdb'];

/** A city that is read but not published, and what its reading printed. */
let city: string;
/** The current folder and TMPDIR of every process. */
let elsewhere: string;
/** What memory holds before anything is put into it, with the GNU C library: in a file, it could be what was there. */
const AS_FOUND = Buffer.alloc(16, 0xa5);
const environment = () => ({ TMPDIR: elsewhere, MALLOC_PERTURB_: String(0xff - 0xa5) });
const ended: Ended[] = [];

async function cardiff(...args: readonly string[]): Promise<Ended> {
  const result = await startCardiff(args, { cwd: elsewhere, env: environment() }).ended;
  ended.push(result);
  return result;
}

// Each of the many planted files is a transaction of its own.
beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'cardiff-elsewhere-'));
  city = join(mkdtempSync(join(tmpdir(), 'cardiff-canaries-')), 'city');
  await synth(city, { seed: 5, months: 15, scale: 1 });
  plantInEveryRow(city);
  plantPoliceUk(city);
  mkdirSync(join(city, 'codes'));
  writeFileSync(join(city, 'codes/ecds.csv'), CODE_LIST);
  await changeSettings(city, 'sources:\n', `sources:\n${POLICE_UK_SOURCE}${OTHER_SOURCES}`);
  const clean = await cardiff('ingest', '--dir', city, '--json');
  expect(clean.code).toBe(0);
  for (const profile of Object.values(PROFILES)) {
    mkdirSync(join(city, 'inbox', INBOX[profile.id] as string), { recursive: true });
    for (const [name, text] of Object.entries(plantedFiles(profile)))
      writeFileSync(join(city, 'inbox', INBOX[profile.id] as string, name), text);
  }
  const broken = await cardiff('ingest', '--dir', city, '--json');
  expect(broken.code).toBe(1);
  for (const [{ stdout }, id, least] of [
    [clean, 'ed', 1000],
    [clean, 'police', 1000],
    [clean, 'police-uk', 2000],
    [broken, 'ed', 50],
    [broken, 'police', 50],
  ] as const) {
    const { accepted, duplicate } = JSON.parse(stdout).sources[id];
    expect(accepted + duplicate, id).toBeGreaterThan(least);
  }
}, 180_000);

afterAll(() => {
  rmSync(join(city, '..'), { recursive: true, force: true });
  rmSync(elsewhere, { recursive: true, force: true });
});

const POLICE_UK_SOURCE = `  - id: police-uk
    profile: police-uk-csv
    name: Police, published
    expected: false
    covers_within_days: 31
    after_commit: keep 30 days
`;

// The invented city has an ambulance service of its own.
const OTHER_SOURCES = MORE_SOURCES.replace(/ {2}- id: (police-uk|ambulance)\n(?: {4}.*\n)*/g, '');

/** The values of a small CSV file by row. */
const readRows = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, inner, plain]) =>
        inner === undefined ? (plain ?? '') : inner.replaceAll('""', '"'),
      ),
    );

/** Columns that take a canary instead of their value, or beside it; what decides where and when stays. */
const REPLACED = /^(PATIENT NAME|DATE OF BIRTH|POSTCODE|ASSAULT METHOD OTHER DESCRIPTION|offence)$/;
const LENGTHENED = /^(ATTENDANCE ID|crime_ref|ASSAULT LOCATION DESCRIPTION|location_text|premises)$/;

function plantInEveryRow(folder: string): void {
  for (const path of filesUnder(join(folder, 'inbox'))) {
    const [header = [], ...rows] = readRows(path);
    const planted = rows.map((row, i) => {
      const canary = CANARIES[i % CANARIES.length] as string;
      const values = row.map((value, column) => {
        const name = header[column] as string;
        if (REPLACED.test(name) || (name === 'NHS NUMBER' && i % 20 === 0)) return canary;
        return LENGTHENED.test(name) ? `${value} ${canary}` : value;
      });
      // A column of which no profile knows.
      return [...values, canary];
    });
    const text = [[...header, CANARIES[7] as string], ...planted];
    writeFileSync(path, text.map((row) => row.map(quoted).join(',')).join('\n'));
  }
}

function plantPoliceUk(folder: string): void {
  const places = readRows(join(folder, 'gazetteer/places.csv')).slice(1);
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const canary = CANARIES[i % CANARIES.length] as string;
    const place = places[i % places.length] as string[];
    const month = new Date(Date.UTC(2024, 6 + (i % 15), 1)).toISOString().slice(0, 7);
    return {
      crime_id: `${canary} ${i}`,
      month,
      reported_by: 'South Wales Police',
      falls_within: canary,
      longitude: place[5] as string,
      latitude: place[4] as string,
      location: canary,
      lsoa_code: 'W01001475',
      lsoa_name: canary,
      crime_type: 'Violence and sexual offences',
      outcome: canary,
      context: canary,
    };
  });
  const inbox = join(folder, 'inbox/police-uk');
  mkdirSync(inbox);
  writeFileSync(join(inbox, 'street.csv'), fileOf(POLICE_UK, rows));
}

/** A copy of the city with the times of its files, that goes with the test. */
async function copyOfCity(): Promise<string> {
  const copy = join(mkdtempSync(join(tmpdir(), 'cardiff-copy-')), 'city');
  onTestFinished(() => rmSync(join(copy, '..'), { recursive: true, force: true }));
  await cp(city, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

const report = (leaks: readonly Leak[]) => leaks.map(({ canary, where }) => `${canary}: ${where}`);

/** Every leak in what was made in a folder, left lying about, or printed since the last look. */
async function leaksOf(folder: string): Promise<string[]> {
  const printed = ended.splice(0).map(({ stdout, stderr }) => stdout + stderr);
  const asFound = [...madeIn(folder), ...filesUnder(elsewhere)].filter((path) =>
    readFileSync(path).includes(AS_FOUND),
  );
  return [
    ...report([
      ...(await search.inFolder(folder, GIVEN)),
      ...(await search.inFolder(elsewhere)),
      ...search.inText(printed.join('\n'), 'what was printed'),
    ]),
    ...asFound.map((path) => `memory as it was found: ${path}`),
  ];
}

/** Files of a city that were not given to it. */
const madeIn = (folder: string) =>
  filesUnder(folder).filter((path) => {
    const name = relative(folder, path);
    return !GIVEN.some((given) => name === given || name.startsWith(`${given}/`));
  });

/** Files that a command should have taken away when it ended: unfinished releases, spill, write-ahead logs. */
const leftovers = (folder: string) =>
  [...filesUnder(folder), ...filesUnder(elsewhere)]
    .map((path) => relative(folder, path))
    .filter(
      (path) => /\.wal$|\.tmp\b|\.new\b|\.unfinished-|^\.\.\//.test(path) && !path.startsWith('inbox/'),
    );

const formatsOf = (folder: string) => [...new Set(filesUnder(folder).map((path) => extname(path)))];

test('no value of a record is in a draft, a release, a snapshot, the store, or in what was printed', async () => {
  const folder = await copyOfCity();
  const draft = await cardiff('publish', '--draft', '--dir', folder, '--period', PERIOD);
  expect(draft).toMatchObject({ code: 0 });
  expect(await cardiff('publish', '--dir', folder, '--period', PERIOD, '--json')).toMatchObject({ code: 0 });
  expect(await cardiff('publish', '--dir', folder, '--period', PERIOD)).toMatchObject({ code: 0 });
  expect(await cardiff('publish', '--dir', folder, '--period', '2025-09')).toMatchObject({ code: 0 });
  expect(await cardiff('status', '--dir', folder)).toMatchObject({ code: 0 });
  expect(formatsOf(folder)).toEqual(expect.arrayContaining(FORMATS));
  // It is a release of something: of every source, with places and with cells that are shown.
  const months = readFileSync(join(folder, 'releases', PERIOD, 'tables/months.csv'), 'utf8');
  for (const id of ['ed', 'police', 'police-uk']) expect(months).toContain(id);
  expect(
    readFileSync(join(folder, 'releases', PERIOD, 'tables/partnership_places.geojson'), 'utf8'),
  ).toContain('"cell"');
  expect(await rowsOf(join(folder, 'data/analyst.duckdb'), 'incident')).toBeGreaterThan(1000);
  expect(await rowsOf(join(folder, 'data/board.duckdb'), 'released')).toBeGreaterThan(100);
  expect(await leaksOf(folder)).toEqual([]);
  expect(leftovers(folder)).toEqual([]);
});

// Without this, a column with some NULLs would hold what the process had in its memory: lines of a source file.
test.skipIf(process.platform !== 'linux')(
  'a database as DuckDB makes it by itself would hold memory as it was found',
  async () => {
    const script = `import { DuckDBInstance } from '@duckdb/node-api';
      const instance = await DuckDBInstance.create(process.argv[1]);
      const connection = await instance.connect();
      await connection.run('CREATE TABLE t AS SELECT (CASE WHEN range < 3000 THEN NULL ELSE range % 168 END)::UTINYINT AS hour FROM range(6000)');
      connection.closeSync();
      instance.closeSync();`;
    const path = join(elsewhere, 'plain.duckdb');
    onTestFinished(() => rmSync(path));
    const env = environment();
    await startNode(['--input-type=module', '-e', script, path], { env }).ended;
    expect(readFileSync(path).includes(AS_FOUND)).toBe(true);
  },
);

async function rowsOf(path: string, table: string): Promise<number> {
  const store = await openStore(path);
  const [row] = await store.query<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${table}`);
  store.close();
  return row?.n ?? 0;
}

describe('nor where publishing fails or is killed', () => {
  const breakings: [what: string, breakIt: (folder: string) => Promise<void> | void, says: RegExp][] = [
    [
      'an outline is no GeoJSON',
      (folder) => writeFileSync(join(folder, 'geography/areas.geojson'), '{"type":'),
      /areas\.geojson is not valid JSON/,
    ],
    [
      'releases/ cannot be written',
      (folder) => writeFileSync(join(folder, 'releases'), ''),
      /releases cannot be used/,
    ],
    [
      'a snapshot cannot be replaced',
      (folder) => mkdirSync(join(folder, 'data/board.duckdb/in-the-way'), { recursive: true }),
      /board\.duckdb/,
    ],
  ];
  test.each(breakings)('%s', async (_, breakIt, says) => {
    const folder = await copyOfCity();
    await breakIt(folder);
    const failed = await cardiff('publish', '--dir', folder, '--period', PERIOD);
    expect(failed.code).toBe(1);
    expect(failed.stderr.trimEnd().split('\n').at(-1)).toMatch(says);
    expect(failed.stderr).not.toMatch(/unexpected|^ +at /m);
    rmSync(join(folder, 'data/board.duckdb'), { recursive: true, force: true });
    expect(await leaksOf(folder)).toEqual([]);
  });

  test('killed at several instants', async () => {
    const folder = await copyOfCity();
    for (const after of [600, 1000, 1400]) {
      const { child, ended: end } = startCardiff(['publish', '--dir', folder, '--period', PERIOD], {
        cwd: elsewhere,
        env: environment(),
      });
      await Promise.race([sleep(after), end]);
      child.kill('SIGKILL');
      ended.push(await end);
    }
    expect(await leaksOf(folder)).toEqual([]);
  });
});

test('nor in what "cardiff run" makes and says', async () => {
  const folder = await copyOfCity();
  const {
    child,
    ended: end,
    says,
  } = startCardiff(['run', '--dir', folder], {
    cwd: elsewhere,
    env: environment(),
  });
  await says(`made ${join(folder, 'drafts')}`);
  child.kill('SIGTERM');
  const done = await end;
  expect(done.code).toBe(0);
  ended.push(done);
  expect(existsSync(join(folder, 'drafts', PERIOD, 'board.pdf'))).toBe(true);
  expect(await leaksOf(folder)).toEqual([]);
  expect(leftovers(folder)).toEqual([]);
});

test('every file of a release, a draft and the snapshots is searched: what a city calls itself is found in each', async () => {
  const [name, id] = [CANARIES[0] as string, CANARIES[6] as string];
  const folder = await copyOfCity();
  rmSync(join(folder, 'data'), { recursive: true });
  await changeSettings(folder, 'invented city', `invented city of ${name}`);
  await changeSettings(folder, '- id: police\n', `- id: ${id}\n`);
  await rename(join(folder, 'inbox/police'), join(folder, 'inbox', id));
  for (const partner of ['analysts', 'tasking']) {
    const agreement = join(folder, 'agreements', `${partner}.yaml`);
    writeFileSync(agreement, readFileSync(agreement, 'utf8').replace('miu, police]', `miu, ${id}]`));
  }
  for (const path of readdirSync(join(folder, 'inbox', id)))
    if (!path.startsWith('rms_')) rmSync(join(folder, 'inbox', id, path));
  expect(await cardiff('ingest', '--dir', folder, '--source', id)).toMatchObject({ code: 0 });
  const without = ['--without', 'ed', '--without', 'miu', '--dir', folder, '--period', PERIOD];
  expect(await cardiff('publish', '--draft', ...without)).toMatchObject({ code: 0 });
  expect(await cardiff('publish', ...without)).toMatchObject({ code: 0 });
  const leaky = new Set((await search.inFolder(folder, GIVEN)).map(({ where }) => where.split(',')[0]));
  const made = madeIn(folder).map((path) => relative(folder, path));
  // Checksums alone hold no word.
  const silent = made.filter((path) => !leaky.has(path) && !path.endsWith('/SHA256SUMS'));
  expect(silent).toEqual([]);
  expect(formatsOf(join(folder, 'releases'))).toEqual(
    expect.arrayContaining(FORMATS.filter((format) => format !== '.duckdb')),
  );
  expect(search.inText(ended.map(({ stdout }) => stdout).join(), 'stdout')).not.toEqual([]);
  // In Parquet and databases it is the values that were read, not only the bytes.
  const values = (await search.inFolder(folder, GIVEN)).filter(({ where }) => where.endsWith('its values'));
  expect([...new Set(values.map(({ where }) => extname(where.split(',')[0] as string)))].sort()).toEqual([
    '.duckdb',
    '.parquet',
  ]);
  ended.length = 0;
});

test('what lies in a folder of DuckDB, in an unfinished release or in the temporary folder is searched as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cardiff-left-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of [
    'data/store.duckdb.tmp/block.tmp',
    'releases/.unfinished-x/a',
    'data/board.duckdb.new',
  ]) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), `\0\0${CANARIES[0]}\0`);
  }
  writeFileSync(join(elsewhere, 'left.tmp'), CANARIES[3] as string);
  expect(new Set((await leaksOf(folder)).map((leak) => leak.split(': ')[1]))).toEqual(
    new Set([
      'data/store.duckdb.tmp/block.tmp',
      'releases/.unfinished-x/a',
      'data/board.duckdb.new',
      'left.tmp',
    ]),
  );
  expect(leftovers(folder)).toHaveLength(4);
  rmSync(join(elsewhere, 'left.tmp'));
});
