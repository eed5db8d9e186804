import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AMBULANCE } from '../schemas/ambulance.ts';
import { ISTV } from '../schemas/istv.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { createCellIndex, pointsToCells } from '../transform/h3-cell.ts';
import { openStore } from '../transform/store.ts';
import type { SourceRow } from './batch-of.ts';
import { CANARIES, CODE_LIST, fileOf, GOOD, INBOX, MORE_SOURCES, plantedFiles } from './canary-planting.ts';
import { filesUnder, type Leak, searchFor } from './canary-search.ts';
import { type Ended, startCardiff } from './cardiff-process.ts';
import { changeSettings, makeFolder } from './partnership-folder.ts';

const search = searchFor(CANARIES);

/** Runs the command line in a folder that is not the project's, and lets it leave its temporary files there. */
async function cardiff(args: readonly string[], cwd: string, killAfterMs?: number): Promise<Ended> {
  const { child, ended } = startCardiff(args, { cwd, env: { TMPDIR: cwd } });
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? 60_000);
  return ended.finally(() => clearTimeout(timer));
}

function cellsAt(lat: number, lng: number): BigUint64Array {
  const cells = new BigUint64Array(1);
  pointsToCells(createCellIndex(), Float64Array.of(lat), Float64Array.of(lng), 1, cells);
  return cells;
}

const report = (leaks: readonly Leak[]) => leaks.map(({ canary, where }) => `${canary}: ${where}`);
const printed = ({ stdout, stderr }: Ended) => [
  ...search.inText(stdout, 'stdout'),
  ...search.inText(stderr, 'stderr'),
];

test('no value of a record is printed or kept, whichever field, header, row or broken file it is in', async () => {
  const folder = await makeFolder();
  const elsewhere = mkdtempSync(join(tmpdir(), 'cardiff-elsewhere-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  mkdirSync(join(folder, 'codes'));
  writeFileSync(join(folder, 'codes/ecds.csv'), CODE_LIST);
  await changeSettings(folder, 'sources:\n', `sources:\n${MORE_SOURCES}`);
  for (const profile of Object.values(PROFILES)) {
    const inbox = join(folder, 'inbox', INBOX[profile.id] as string);
    mkdirSync(inbox, { recursive: true });
    for (const [name, text] of Object.entries(plantedFiles(profile))) writeFileSync(join(inbox, name), text);
  }
  const runs = [
    await cardiff(['ingest', '--dir', folder, '--json'], elsewhere),
    await cardiff(['ingest', '--dir', folder], elsewhere),
    await cardiff(
      [
        'ingest',
        ...filesUnder(join(folder, 'inbox/police-uk')),
        '--source',
        'police-uk-csv',
        '--dir',
        folder,
      ],
      elsewhere,
    ),
  ];
  expect(runs.map(({ code }) => code)).toEqual([1, 1, 1]);
  const { sources } = JSON.parse(runs[0]?.stdout.trim().split('\n').at(-1) as string);
  // Most of what was planted was read, and the rest was refused: the test is about something.
  expect(sources.ed.read).toBeGreaterThan(100);
  for (const profile of Object.values(PROFILES)) {
    const { accepted, duplicate } = sources[INBOX[profile.id] as string];
    expect(accepted + duplicate, profile.id).toBeGreaterThan(profile.kind === 'police.uk' ? 10 : 50);
  }
  const delimited = Object.values(PROFILES).filter(({ shape }) => shape === 'csv').length;
  expect(runs[0]?.stderr.split('\n').filter((line) => line.includes('broken-quote.csv')).length).toBe(
    delimited,
  );
  expect(runs[0]?.stderr).not.toContain('unexpected');

  expect(report(runs.flatMap(printed))).toEqual([]);
  expect(report(await search.inFolder(folder, ['inbox']))).toEqual([]);
  expect(report(await search.inFolder(elsewhere))).toEqual([]);
}, 120_000);

test('nor is it in what a process leaves that was killed while it read', async () => {
  const folder = await makeFolder();
  const good = GOOD[ISTV.id] as SourceRow;
  const row = (i: number) => ({
    ...good,
    attendance_id: `${CANARIES[6]} ${i}`,
    patient_name: CANARIES[0] as string,
    nhs_number: CANARIES[1] as string,
    location_text: `${CANARIES[5]} ${i}`,
  });
  writeFileSync(
    join(folder, 'inbox/ed/many.csv'),
    fileOf(
      ISTV,
      Array.from({ length: 40_000 }, (_, i) => row(i)),
    ),
  );
  let killed = 0;
  for (const after of [350, 500, 700]) {
    const run = await cardiff(['ingest', '--dir', folder], tmpdir(), after);
    if (run.code === null) killed++;
    expect(report(printed(run))).toEqual([]);
    expect(report(await search.inFolder(folder, ['inbox']))).toEqual([]);
  }
  expect(killed).toBeGreaterThan(0);
  const whole = await cardiff(['ingest', '--dir', folder, '--json'], tmpdir());
  expect(whole.code).toBe(0);
  expect(report(await search.inFolder(folder, ['inbox']))).toEqual([]);
}, 120_000);

test('where an ambulance called at a home was is nowhere, and told of nobody', async () => {
  const folder = await makeFolder();
  await changeSettings(folder, 'sources:\n', `sources:\n${MORE_SOURCES}`);
  mkdirSync(join(folder, 'codes'));
  writeFileSync(join(folder, 'codes/ecds.csv'), CODE_LIST);
  // A pub with a home next door but one: 25 metres to the north.
  const [lat, lng] = [51.484218, -3.171539];
  const home = { ...(GOOD[AMBULANCE.id] as SourceRow), latitude: '51.484443', longitude: '-3.171539' };
  const [cell = 0n] = cellsAt(lat + 0.000225, lng);
  const points = searchFor(['51.484443', '3.171539', cell.toString(), cell.toString(16)]);
  writeFileSync(
    join(folder, 'gazetteer/places.csv'),
    `id,name,aliases,kind,lat,lng,capacity\nquill,The Quill,,licensed,${lat},${lng},\n`,
  );
  mkdirSync(join(folder, 'inbox/ambulance'), { recursive: true });
  const rows = [
    { incident_id: '1' },
    { incident_id: '2', location_text: '17 Quorndon Crescent' },
    { incident_id: '3', location_text: 'flat above The Quill' },
    { incident_id: '4', place_type: 'dwelling', location_text: 'The Quill' },
    { incident_id: '5', latitude: String(lat) },
  ].map((row) => ({ ...home, ...row }));
  writeFileSync(join(folder, 'inbox/ambulance/calls.csv'), fileOf(AMBULANCE, rows));
  const run = await cardiff(['ingest', '--dir', folder], tmpdir());
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('not mapped: could be a home: 3');
  const store = await openStore(join(folder, 'data/store.duckdb'));
  const located = await store.query(
    `SELECT place_id, cell IS NOT NULL AS mapped, located_by::VARCHAR AS by, area_code, place_kind::VARCHAR AS kind, count(*)::INTEGER AS n
     FROM incident GROUP BY ALL ORDER BY ALL`,
  );
  store.close();
  expect(located).toEqual([
    { place_id: 'quill', mapped: true, by: 'place', area_code: null, kind: 'licensed', n: 1 },
    { place_id: null, mapped: false, by: 'none', area_code: null, kind: 'home', n: 1 },
    { place_id: null, mapped: false, by: 'none', area_code: null, kind: 'unknown', n: 3 },
  ]);
  expect(report([...points.inText(run.stdout, 'stdout'), ...points.inText(run.stderr, 'stderr')])).toEqual(
    [],
  );
  expect(report(await points.inFolder(folder, ['inbox', 'gazetteer']))).toEqual([]);
}, 30_000);

describe('the search itself finds a leak that is planted', () => {
  const NAME = CANARIES[0] as string;
  const pdf = (stream: Buffer) =>
    Buffer.concat([
      Buffer.from('%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode>>\nstream\n'),
      stream,
      Buffer.from('\nendstream\nendobj\n'),
    ]);
  const entry = (text: string) => {
    const packed = deflateRawSync(text);
    const head = Buffer.alloc(30);
    head.write('PK\x03\x04', 'latin1');
    head.writeUInt16LE(1, 26);
    return Buffer.concat([head, Buffer.from('a'), packed]);
  };
  const database = (sql: string) => async (folder: string) => {
    const store = await openStore(join(folder, 'leak.duckdb'));
    await store.run(sql);
    store.close();
  };
  const write = (name: string, bytes: string | Buffer) => async (folder: string) =>
    writeFileSync(join(folder, name), bytes);
  const leaks: [what: string, plant: (folder: string) => Promise<void>][] = [
    ['in a log', write('run.log', `reading ${NAME}\n`)],
    ['in CSV', write('table.csv', `a,b\n1,${NAME.toUpperCase()}\n`)],
    ['in JSON, escaped', write('a.json', JSON.stringify({ name: CANARIES[8] }))],
    ['in HTML, escaped', write('a.html', `<p>${NAME.replaceAll(' ', ' ')}</p>`)],
    ['in HTML, with entities', write('b.html', `<p>${(CANARIES[8] as string).replaceAll('<', '&lt;')}</p>`)],
    ['in SVG', write('a.svg', `<svg><title>${NAME}</title></svg>`)],
    ['in an address, encoded', write('a.txt', `?q=${encodeURIComponent(NAME)}`)],
    ['in base 64', write('a.b64', Buffer.from(NAME).toString('base64'))],
    ['in UTF-16', write('a.bin', Buffer.from(NAME, 'utf16le'))],
    ['without its spaces', write('a.id', '9990000042')],
    ['in the name of a file', write(`${NAME}.txt`, '')],
    ['in a gzip', write('a.csv.gz', gzipSync(NAME))],
    ['in a zip archive', write('a.xlsx', entry(NAME))],
    ['in a stream of a PDF', write('a.pdf', pdf(deflateSync(`BT (${NAME}) Tj ET`)))],
    [
      'in a PDF of Typst, where letters are numbers of glyphs',
      async (folder) => {
        const compiler = NodeCompiler.create({
          fontArgs: [{ fontPaths: [join(import.meta.dirname, '../node_modules/source-sans/TTF')] }],
        });
        writeFileSync(
          join(folder, 'a.pdf'),
          compiler.pdf({ mainFileContent: `#set text(font: "Source Sans 3")\n${NAME}` }),
        );
      },
    ],
    ['in a table', database(`CREATE TABLE t AS SELECT '${NAME}' AS name`)],
    [
      'in a compressed table',
      database(
        `CREATE TABLE t AS SELECT CASE WHEN i % 5000 = 7 THEN '${NAME}' ELSE 'row ' || i % 9 END AS name FROM range(50000) r(i)`,
      ),
    ],
    ['in a list within a table', database(`CREATE TABLE t AS SELECT [{'who': '${NAME}'}] AS list`)],
    ['in a comment of a column', database(`CREATE TABLE t (a INTEGER); COMMENT ON COLUMN t.a IS '${NAME}'`)],
    ['in a view', database(`CREATE VIEW v AS SELECT '${NAME}' AS a`)],
    [
      'in a write-ahead log',
      async (folder) => {
        const store = await openStore(join(folder, 'held.duckdb'));
        await store.run(`CREATE TABLE t (a VARCHAR); CHECKPOINT; INSERT INTO t VALUES ('${NAME}')`);
        await cp(join(folder, 'held.duckdb.wal'), join(folder, 'copy.wal'));
        store.close();
        for (const name of readdirSync(folder)) if (name.startsWith('held')) rmSync(join(folder, name));
      },
    ],
    [
      'in Parquet',
      async (folder) => {
        const store = await openStore(':memory:');
        await store.run(
          `COPY (SELECT '${NAME}' || ' ' || i % 3 AS a FROM range(9000) r(i)) TO '${join(folder, 'a.parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
        );
        store.close();
      },
    ],
  ];
  for (const [what, plant] of leaks) {
    test(what, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'cardiff-leak-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      await plant(folder);
      expect((await search.inFolder(folder)).length).toBeGreaterThan(0);
      expect(await search.inFolder(folder, readdirSync(folder))).toEqual([]);
    });
  }

  test('and nothing where nothing is', async () => {
    const folder = await makeFolder();
    expect(existsSync(join(folder, 'cardiff.yaml'))).toBe(true);
    expect(await search.inFolder(folder)).toEqual([]);
    expect(search.inText('a quill, a feather and 999 people in ZZ', 'here')).toEqual([]);
  });
});
