import { writeFileSync } from 'node:fs';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SourceSummary } from '../../commands/ingest.ts';
import { allocateIncidents, NO_TERM, SUPPLIER_KEY } from '../../schemas/incident.ts';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import { emptyTally, total } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { openDoor } from '../../transform/door.ts';
import {
  beginMerge,
  type MergeCounts,
  mergeStaged,
  readMergeCounts,
  STORE_TABLES,
  stageIncidents,
  widenLevels,
} from '../../transform/merge.ts';
import { openStore, type Store } from '../../transform/store.ts';
import { batchOf, type SourceRow } from '../batch-of.ts';
import { type Opened, openFolder } from '../partnership-folder.ts';

// ---- Merging by itself, in a store in memory.

/** Few keys and few contents, so that records repeat, correct one another and lack a key. */
const record = fc.record({
  attendance_id: fc.constantFrom('', '', 'A', 'B', 'C'),
  age: fc.constantFrom('20', '40', '60'),
});
type Row = { attendance_id: string; age: string };

const sourceRow = ({ attendance_id, age }: Row): SourceRow => ({
  site_code: '7A4BV',
  assault_at: '2025-09-06T23:15:00',
  method: '01',
  location_type: '02',
  attendance_id,
  age,
});

async function mergeFiles(
  store: Store,
  files: readonly (readonly Row[])[],
  sizes: readonly number[],
  sharesHalf = false,
): Promise<MergeCounts[]> {
  const counts: MergeCounts[] = [];
  for (const [file, rows] of files.entries()) {
    const door = openDoor(
      { source: 'ed', profile: ISTV, key: new Uint8Array(32).fill(7), places: [], sites: [], today: 20_362 },
      64,
    );
    await store.transaction(async () => {
      const merge = await beginMerge(store, 'ed', file + 1);
      for (let at = 0, portion = 0; at < rows.length; portion++) {
        const part = rows.slice(at, at + (sizes[portion % sizes.length] as number));
        const incidents = allocateIncidents(64, door.terms);
        anonymise(door, batchOf(ISTV, part.map(sourceRow)), incidents, emptyTally());
        if (sharesHalf) incidents.key0.fill(1n);
        await stageIncidents(store, merge, incidents);
        await mergeStaged(store, merge);
        at += part.length;
      }
      counts.push(await readMergeCounts(store));
    });
  }
  return counts;
}

const incidentsOf = (store: Store) =>
  store.query<{ row: string }>('SELECT t::VARCHAR AS row FROM incident t ORDER BY key0, key1, occurrence');

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(':memory:');
  try {
    await store.run(STORE_TABLES);
    return await work(store);
  } finally {
    store.close();
  }
}

/** What merging means, one row at a time: the last word on each record, and the file that said it. */
function referenceMerge(files: readonly (readonly Row[])[]): { counts: MergeCounts[]; ages: string[] } {
  const store = new Map<string, string>();
  const counts = files.map((rows) => {
    const sum = { accepted: 0, corrected: 0, duplicate: 0, withdrawn: 0 };
    const occurrences = new Map<string, number>();
    for (const { attendance_id, age } of rows) {
      const occurrence = (occurrences.get(age) ?? 0) + 1;
      if (attendance_id === '') occurrences.set(age, occurrence);
      const key = attendance_id === '' ? `no key, ${age}, ${occurrence}` : attendance_id;
      const before = store.get(key);
      if (before === age) sum.duplicate++;
      else sum.accepted++;
      if (before !== undefined && before !== age) sum.corrected++;
      store.set(key, age);
    }
    return sum;
  });
  return { counts, ages: [...store.values()].sort() };
}

const BAND_AGES: Readonly<Record<string, string>> = { '18-30': '20', '31-50': '40', '51+': '60' };

test('the same rows in any portions give the same store and the same counts, those of a plain reference', async () => {
  const files = fc.array(fc.array(record, { maxLength: 14 }), { minLength: 1, maxLength: 3 });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(files, sizes, async (given, portions) => {
      const whole = await withStore(async (store) => ({
        counts: await mergeFiles(store, given, [64]),
        rows: await incidentsOf(store),
        bands: await store.query<{ band: string }>('SELECT age_band::VARCHAR AS band FROM incident'),
      }));
      const parts = await withStore(async (store) => ({
        counts: await mergeFiles(store, given, portions),
        rows: await incidentsOf(store),
      }));
      expect(parts.rows).toEqual(whole.rows);
      expect(parts.counts).toEqual(whole.counts);
      // Records are told apart by all of their keys, though they are looked for by half.
      expect(await withStore((store) => mergeFiles(store, given, portions, true))).toEqual(whole.counts);
      const expected = referenceMerge(given);
      expect(whole.counts).toEqual(expected.counts);
      expect(whole.bands.map(({ band }) => BAND_AGES[band]).sort()).toEqual(expected.ages);
    }),
    { numRuns: 20, seed: 21 },
  );
}, 60_000);

// ---- The same through `cardiff ingest`.

const HEADER =
  'SITE CODE (OF TREATMENT),ASSAULT DATE AND TIME,ASSAULT METHOD,ASSAULT LOCATION TYPE,ATTENDANCE ID,AGE';
const line = (id: string, age: number | string, method = '01') =>
  `7A4BV,2025-09-06T23:15:00,${method},02,${id},${age}`;
const fileOf = (...lines: string[]) => `${[HEADER, ...lines].join('\n')}\n`;

/** Drops a file in the inbox and reads it. Every time, no row may be lost between the numbers. */
async function deliver(opened: Opened, name: string, text: string): Promise<SourceSummary> {
  const path = join(opened.folder, 'inbox/ed', name);
  writeFileSync(path, text);
  const { sources, failures } = await opened.read([path]);
  expect(failures).toEqual([]);
  const summary = sources['ed'] as SourceSummary;
  expect(summary.read).toBe(
    summary.accepted + total(summary.rejected) + summary.duplicate + total(summary.excluded),
  );
  await expectBalance(opened);
  return summary;
}

/** The store has as many rows as its ledger says were accepted and not replaced since. */
async function expectBalance({ store }: Opened): Promise<void> {
  const [row] = await store.query<{ rows: number; balance: number }>(
    `SELECT (SELECT count(*)::INTEGER FROM incident) AS rows, coalesce(sum(accepted - superseded), 0)::INTEGER AS balance FROM file`,
  );
  expect(row?.rows).toBe(row?.balance);
}

const bands = async ({ store }: Opened) =>
  (
    await store.query<{ band: string }>('SELECT age_band::VARCHAR AS band FROM incident ORDER BY age_band')
  ).map(({ band }) => band);
const numbers = ({ accepted, corrected, superseded, duplicate }: SourceSummary) => ({
  accepted,
  corrected,
  superseded,
  duplicate,
});

describe('reading', () => {
  test('a file twice adds nothing, under its own name or another, nor written again with other line ends', async () => {
    const opened = await openFolder();
    const text = fileOf(line('A', 20), line('', 30), line('', 30), line('B', 40, '99'), 'ragged');
    expect(numbers(await deliver(opened, 'a.csv', text))).toEqual({
      accepted: 4,
      corrected: 0,
      superseded: 0,
      duplicate: 0,
    });
    for (const [name, again] of [
      ['a.csv', text],
      ['b.csv', text],
      ['c.csv', text.replaceAll('\n', '\r\n')],
    ] as const) {
      expect(numbers(await deliver(opened, name, again))).toEqual({
        accepted: 0,
        corrected: 0,
        superseded: 0,
        duplicate: 4,
      });
    }
    expect((await bands(opened)).length).toBe(4);
  });

  test('the inbox twice reads nothing the second time', async () => {
    const opened = await openFolder();
    await writeFile(join(opened.folder, 'inbox/ed/a.csv'), fileOf(line('A', 20)));
    expect((await opened.read()).sources['ed']?.read).toBe(1);
    expect((await opened.read()).sources['ed']?.read).toBe(0);
  });

  test('a corrected record replaces the earlier', async () => {
    const opened = await openFolder();
    await deliver(opened, 'a.csv', fileOf(line('A', 20), line('B', 20)));
    expect(numbers(await deliver(opened, 'b.csv', fileOf(line('A', 60), line('B', 20))))).toEqual({
      accepted: 1,
      corrected: 1,
      superseded: 1,
      duplicate: 1,
    });
    expect(await bands(opened)).toEqual(['18-30', '51+']);
  });

  test('a record that is corrected and corrected back is as it was at first', async () => {
    const opened = await openFolder();
    await deliver(opened, 'a.csv', fileOf(line('A', 20)));
    await deliver(opened, 'b.csv', fileOf(line('A', 60)));
    expect(await bands(opened)).toEqual(['51+']);
    await deliver(opened, 'c.csv', fileOf(line('A', 20), line('C', 40)));
    expect(await bands(opened)).toEqual(['18-30', '31-50']);
    const within = await deliver(opened, 'd.csv', fileOf(line('A', 60), line('A', 20)));
    expect(numbers(within)).toEqual({ accepted: 2, corrected: 2, superseded: 2, duplicate: 0 });
    expect(await bands(opened)).toEqual(['18-30', '31-50']);
  });

  test('of a record that is in a file several times the last counts', async () => {
    const opened = await openFolder();
    const summary = await deliver(
      opened,
      'a.csv',
      fileOf(line('A', 20), line('A', 20), line('A', 60), line('A', 60), line('A', 40)),
    );
    expect(numbers(summary)).toEqual({ accepted: 3, corrected: 2, superseded: 2, duplicate: 2 });
    expect(await bands(opened)).toEqual(['31-50']);
  });

  test('rows without a key that are alike are as many as one file holds', async () => {
    const opened = await openFolder();
    const alike = line('', 20);
    expect(numbers(await deliver(opened, 'a.csv', fileOf(alike, alike)))).toMatchObject({
      accepted: 2,
      duplicate: 0,
    });
    expect(numbers(await deliver(opened, 'b.csv', fileOf(alike, alike, alike, line('', 60))))).toMatchObject({
      accepted: 2,
      duplicate: 2,
    });
    expect(numbers(await deliver(opened, 'c.csv', fileOf(alike)))).toMatchObject({
      accepted: 0,
      duplicate: 1,
    });
    expect((await bands(opened)).length).toBe(4);
  });

  test('an older file again, after a correction, changes nothing', async () => {
    const opened = await openFolder();
    const older = fileOf(line('A', 20), line('', 30));
    await deliver(opened, 'older.csv', older);
    await deliver(opened, 'newer.csv', fileOf(line('A', 60)));
    expect((await deliver(opened, 'older.csv', older)).files[0]?.notes).toEqual([
      'the same file was read before: nothing new',
    ]);
    expect(await bands(opened)).toEqual(['18-30', '51+']);
  });

  test('a file that has shrunk under its name says so', async () => {
    const opened = await openFolder();
    await deliver(opened, 'month.csv', fileOf(line('A', 20), line('B', 20), line('C', 20)));
    const summary = await deliver(opened, 'month.csv', fileOf(line('A', 20)));
    expect(summary.files[0]?.notes).toEqual([
      'the file is not as it was: 3 rows when it was read before, 1 now',
    ]);
    expect((await bands(opened)).length).toBe(3);
  });

  test('two sources never share a record', async () => {
    const opened = await openFolder();
    await deliver(opened, 'a.csv', fileOf(line('A', 20)));
    writeFileSync(join(opened.folder, 'inbox/miu/a.csv'), fileOf(line('A', 20)));
    expect((await opened.read()).sources['miu']?.accepted).toBe(1);
    expect((await bands(opened)).length).toBe(2);
  });
});

test('a file that fails after much of it was merged leaves the store as it was, and can be read once it is whole', async () => {
  const opened = await openFolder();
  await deliver(opened, 'a.csv', fileOf(line('1', 20), line('x', 30)));
  const before = await incidentsOf(opened.store);
  // More rows than are merged at once: 262,144.
  const rows = Array.from({ length: 265_000 }, (_, i) => `S,2025-09-06T23:15:00,1,02,${i},60`).join('\n');
  const path = join(opened.folder, 'inbox/ed/big.csv');
  await writeFile(path, `${HEADER}\n${rows}\nS,"2025-09-06,1,02,z,60\n`);
  const { sources, failures } = await opened.read([path]);
  expect(failures.map(({ message }) => message)).toEqual([
    `${path}:265002: a quotation mark that is opened in the row starting here is never closed: close it`,
  ]);
  expect(sources['ed']).toMatchObject({ read: 0, accepted: 0, files: [] });
  expect(await incidentsOf(opened.store)).toEqual(before);
  expect(await opened.store.query('SELECT 1 AS row FROM staging')).toEqual([]);
  const whole = await deliver(opened, 'big.csv', `${HEADER}\n${rows}\n`);
  expect(numbers(whole)).toEqual({ accepted: 265_000, corrected: 1, superseded: 1, duplicate: 0 });
}, 30_000);

describe('what becomes of a file once its records are in the store', () => {
  const DAY = 86_400_000;
  async function present(opened: Opened, after: string, days: number): Promise<boolean> {
    const path = join(opened.folder, 'inbox/ed/a.csv');
    await writeFile(path, fileOf(line('A', 20)));
    // Written by its supplier long before it was delivered.
    await utimes(path, new Date('2020-01-01'), new Date('2020-01-01'));
    const arrived = Date.now();
    for (const source of opened.partnership.settings.sources) Object.assign(source, { after_commit: after });
    Object.assign(opened.partnership, { now: () => arrived });
    await opened.read();
    Object.assign(opened.partnership, { now: () => arrived + days * DAY });
    await opened.read();
    return rm(path).then(
      () => true,
      () => false,
    );
  }
  const cases: [after: string, days: number, stays: boolean][] = [
    ['delete', 0, false],
    ['keep 30 days', 0, true],
    ['keep 30 days', 29, true],
    ['keep 30 days', 31, false],
  ];
  for (const [after, days, stays] of cases) {
    test(`"${after}": after ${days} days it is ${stays ? 'there' : 'gone'}`, async () => {
      expect(await present(await openFolder(), after, days)).toBe(stays);
    });
  }
});

test('a record that is classified anew as no violence leaves the store, whatever lies between', async () => {
  const record = (ref: string, code: string, at: string) =>
    sourcePoliceRow({ crime_ref: ref, offence_code: code, committed_from: at, premises_type: 'Street' });
  const violence = record('1', '8N', '2025-09-01T22:00:00');
  const theft = record('1', '30C', '2025-09-01T22:00:00');
  const later = record('1', '8N', '2025-09-02T22:00:00');
  const cases: [string, PoliceRow[][], MergeCounts[], number][] = [
    ['in a later file', [[violence], [theft]], [counted(1, 0, 0, 0), counted(0, 0, 0, 1)], 0],
    ['in the same file', [[violence, theft]], [counted(1, 0, 0, 1)], 0],
    ['before it was violence', [[theft], [violence]], [counted(0, 0, 0, 0), counted(1, 0, 0, 0)], 1],
    ['and back again', [[violence, theft, later]], [counted(2, 0, 0, 1)], 1],
    ['twice', [[violence], [theft, theft]], [counted(1, 0, 0, 0), counted(0, 0, 0, 1)], 0],
  ];
  for (const [what, files, expected, rows] of cases) {
    for (const size of [1, 64]) {
      await withStore(async (store) => {
        const counts = await mergePoliceFiles(store, files, size);
        expect({ what, counts }).toEqual({ what, counts: expected });
        expect((await incidentsOf(store)).length).toBe(rows);
      });
    }
  }
});

type PoliceRow = Readonly<Record<string, string>>;
const sourcePoliceRow = (row: PoliceRow) => row;
const counted = (accepted: number, corrected: number, duplicate: number, withdrawn: number): MergeCounts => ({
  accepted,
  corrected,
  duplicate,
  withdrawn,
});

async function mergePoliceFiles(
  store: Store,
  files: readonly (readonly PoliceRow[])[],
  size: number,
): Promise<MergeCounts[]> {
  const counts: MergeCounts[] = [];
  for (const [file, rows] of files.entries()) {
    const door = openDoor(
      {
        source: 'police',
        profile: POLICE_RMS,
        key: new Uint8Array(32).fill(7),
        places: [],
        sites: [],
        today: 20_362,
      },
      64,
    );
    const tally = emptyTally();
    await store.transaction(async () => {
      const merge = await beginMerge(store, 'police', file + 1);
      for (let at = 0; at < rows.length; at += size) {
        const incidents = allocateIncidents(64, door.terms);
        anonymise(door, batchOf(POLICE_RMS, rows.slice(at, at + size)), incidents, tally);
        await stageIncidents(store, merge, incidents);
        await mergeStaged(store, merge);
      }
      counts.push(await readMergeCounts(store));
    });
  }
  return counts;
}

test('a store that an earlier version made learns the levels of location, and keeps its rows', async () => {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  await store.run(
    STORE_TABLES.replace(/located_by ENUM \([^)]*\)/, "located_by ENUM ('coordinates', 'place', 'none')"),
  );
  await store.run("INSERT INTO incident_row (key0, located_by) VALUES (1, 'place'), (2, 'none')");
  await widenLevels(store);
  await widenLevels(store);
  await store.run("INSERT INTO incident_row (key0, located_by) VALUES (3, 'junction')");
  expect(await store.query('SELECT located_by::VARCHAR AS level FROM incident_row ORDER BY key0')).toEqual([
    { level: 'place' },
    { level: 'none' },
    { level: 'junction' },
  ]);
});

test('what goes wrong while texts are numbered names none of them', async () => {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  await store.run(STORE_TABLES);
  const merge = await beginMerge(store, 'ed', 1);
  const incidents = allocateIncidents(1, ['W01001939']);
  incidents.n = 1;
  incidents.keyed[0] = SUPPLIER_KEY;
  for (const name of ['supplier', 'placeId', 'offence'] as const) incidents[name][0] = NO_TERM;
  await store.run('ALTER TABLE term RENAME COLUMN text TO words');
  const said = await stageIncidents(store, merge, incidents).catch((error: Error) => error.message);
  expect(said).toContain('the store failed');
  expect(said).not.toContain('W01');
  await store.run(
    'ALTER TABLE term RENAME COLUMN words TO text; ALTER TABLE term ALTER COLUMN id TYPE UTINYINT',
  );
  await store.run("INSERT INTO term SELECT 255, 'the last'");
  const full = await stageIncidents(store, merge, incidents).catch((error: Error) => error.message);
  expect(full).toContain('the store failed');
  expect(full).not.toContain('W01');
});
