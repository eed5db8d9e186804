/** What erasing promises: no byte of a record is left, whatever else is kept, and a kill in between changes nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { erase, readErasure } from '../../commands/erase.ts';
import { openPartnership, openPartnershipStore } from '../../commands/partnership.ts';
import { filesUnder, searchFor } from '../canary-search.ts';
import { cardiff, startCardiff } from '../cardiff-process.ts';
import { hashFolder } from '../folder-contents.ts';
import { copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/** Everything is read and the third quarter is released; the files lie in the inbox still. */
let released: string;

beforeAll(async () => {
  released = await makeCity(15);
  await inTown(released, async ({ read, publish }) => {
    await read();
    await publish();
  });
});
afterAll(() => rm(released, { recursive: true, force: true }));

/** The keys that a hospital knows three of its September records by. */
function someKeys(folder: string): string[] {
  const [header = '', ...lines] = readFileSync(join(folder, 'inbox/ed/ISTV_2025-09.csv'), 'utf8').split('\n');
  const at = header.split(',').findIndex((name) => /attendance id/i.test(name));
  const keys = lines.map((line) => line.split(',')[at] ?? '').filter((key) => /^[A-Z]+-\d+/.test(key));
  return [...new Set(keys)].slice(40, 43);
}

async function keyFile(keys: readonly string[]): Promise<string> {
  const path = join(tmpdir(), `cardiff-keys-${process.pid}-${keys.length}.txt`);
  onTestFinished(() => rm(path, { force: true }));
  await writeFile(path, `${keys.join('\r\n')}\r\n`);
  return path;
}

type Digests = readonly { readonly key0: bigint; readonly key1: bigint }[];

const digestsOf = (folder: string, table = 'incident'): Promise<Digests> =>
  inTown(folder, ({ store }) =>
    store.query(`SELECT DISTINCT key0, key1 FROM ${table} WHERE source = 'ed' ORDER BY ALL`),
  );

const withoutThose = (all: Digests, left: Digests) => {
  const kept = new Set(left.map(({ key0, key1 }) => `${key0} ${key1}`));
  return all.filter(({ key0, key1 }) => !kept.has(`${key0} ${key1}`));
};

/** Files of a folder that hold a digest as DuckDB writes it where it does not compress. */
function filesWith(folder: string, digests: Digests): string[] {
  const bytes = digests.flatMap(({ key0, key1 }) =>
    [key0, key1].map((half) => Buffer.from(BigUint64Array.of(half).buffer)),
  );
  return filesUnder(folder).filter((path) => {
    const content = readFileSync(path);
    return bytes.some((each) => content.includes(each));
  });
}

/** Writes the store anew with nothing compressed, so that every value of it can be found by its bytes. */
async function uncompress(folder: string): Promise<void> {
  const path = join(folder, 'data/store.duckdb');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const statement of [
    `PRAGMA force_compression = 'uncompressed'`,
    `ATTACH '${path}' AS old (READ_ONLY)`,
    `ATTACH '${path}.plain' AS plain`,
    'COPY FROM DATABASE old TO plain',
    'DETACH plain',
    'DETACH old',
  ])
    await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
  await rename(`${path}.plain`, path);
}

test('no byte of an erased record is in any file, read uncompressed; everything else is as it was', async () => {
  const folder = await copyOf(released);
  const keys = someKeys(folder);
  expect(keys).toHaveLength(3);
  // Exact counts of the operational tier go as well.
  const board = () =>
    Object.entries(hashFolder(join(folder, 'releases'))).filter(([path]) => !path.includes('/operational/'));
  const releases = board();
  const before = await digestsOf(folder);
  const countedBefore = await digestsOf(folder, 'counted');
  await uncompress(folder);

  const { code, stdout } = await cardiff([
    ...['erase', '--dir', folder, '--source', 'ed', '--key-file', await keyFile(keys), '--json'],
  ]);
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, source: 'ed', records: 3, unknown: 0 });

  const gone = withoutThose(before, await digestsOf(folder));
  expect(gone).toHaveLength(3);
  expect(withoutThose(countedBefore, await digestsOf(folder, 'counted'))).toEqual(gone);
  expect(filesWith(folder, gone)).toEqual([]);
  await uncompress(folder);
  expect(filesWith(folder, gone)).toEqual([]);
  // What was planted in the invented city is no file of ours.
  expect(await searchFor(keys).inFolder(folder, ['truth-records.csv'])).toEqual([]);
  expect(existsSync(join(folder, 'data/store.duckdb.wal'))).toBe(false);
  // The control: what was kept is found in the same way.
  const kept = (await digestsOf(folder)).slice(0, 1);
  await uncompress(folder);
  expect(filesWith(folder, kept).map((path) => path.slice(folder.length))).toContain('/data/store.duckdb');

  expect(board()).toEqual(releases);
  expect((await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }))).made).toBe(false);
  const analysts = await DuckDBInstance.create(join(folder, 'data/analyst.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  expect((await (await analysts.connect()).runAndReadAll('FROM incident')).currentRowCount).toBeGreaterThan(
    1000,
  );
  analysts.closeSync();
});

const TASKING = 'releases/2025-Q3/operational/tasking';

test('exact counts that the record may be among go with it, from the store and from the partner’s folder', async () => {
  const folder = await copyOf(released);
  expect(readdirSync(join(folder, TASKING))).toContain('places.csv');
  const frozen = (source: string) =>
    inTown(folder, ({ store }) =>
      store.query(`SELECT * FROM operational WHERE source = '${source}' ORDER BY ALL`),
    );
  const others = await frozen('police');
  expect((await frozen('ed')).length).toBeGreaterThan(0);
  await uncompress(folder);
  const keys = someKeys(folder);
  const args = ['erase', '--dir', folder, '--source', 'ed', '--key-file', await keyFile(keys)];
  expect((await cardiff(args)).code).toBe(0);
  expect(await frozen('ed')).toEqual([]);
  expect(await frozen('police')).toEqual(others);
  expect(existsSync(join(folder, TASKING))).toBe(false);
  const lines = readFileSync(join(folder, 'register.jsonl'), 'utf8').trimEnd().split('\n');
  const because = 'a record that may be among its counts was erased, and they were removed with it';
  expect(lines.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
    { event: 'erasure', source: 'ed' },
    { event: 'withheld', period: '2025-Q3', partner: 'tasking', because },
  ]);
  // Asked for the period again, it says so, and makes no sheet of what is left that would look like all.
  const { notes } = await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
  expect(notes.join()).toContain(`Nothing is made for Neighbourhood policing: ${because}`);
  expect(existsSync(join(folder, TASKING))).toBe(false);
});

test('the search finds what a DELETE alone leaves behind', async () => {
  const folder = await copyOf(released);
  await uncompress(folder);
  const [first] = await digestsOf(folder);
  await inTown(folder, ({ store }) => store.run('DELETE FROM incident_row WHERE key0 = $1', [first!.key0]));
  expect(await digestsOf(folder)).not.toContainEqual(first);
  expect(filesWith(folder, [first!]).length).toBeGreaterThan(0);
});

test('whole months of a source go, and no others', async () => {
  const folder = await copyOf(released);
  const partnership = await openPartnership(folder);
  const count = (where: string) =>
    inTown(folder, async ({ store }) => {
      const [row] = await store.query<{ n: number }>(
        `SELECT count(*)::INTEGER AS n FROM incident WHERE ${where}`,
      );
      return row!.n;
    });
  const within = `source = 'ed' AND month BETWEEN DATE '2024-10-01' AND DATE '2024-12-01'`;
  const [some, others] = [await count(within), await count(`NOT (${within})`)];
  const erased = await erase(partnership, { source: 'ed', from: '2024-10', to: '2024-12' });
  expect(erased).toMatchObject({ records: some, unknown: null });
  expect([await count(within), await count(`NOT (${within})`)]).toEqual([0, others]);
});

describe('the raw files in the inbox', () => {
  const asks = async (folder: string) =>
    cardiff(['erase', '--dir', folder, '--source', 'ed', '--key-file', await keyFile(someKeys(folder))]);

  test('one that cannot be removed is told, and nothing is erased', async () => {
    const folder = await copyOf(released);
    const before = await digestsOf(folder);
    const store = await openPartnershipStore(folder);
    // A folder is what nobody can remove so, not even the superuser.
    const there = join(folder, 'inbox/ed/gone.csv');
    mkdirSync(there);
    const { size, mtimeMs } = statSync(there);
    await store.run(
      `INSERT INTO file BY NAME SELECT * REPLACE (9999 AS id, 'gone.csv' AS name, $1::UBIGINT AS bytes, $2::DOUBLE AS modified)
       FROM file WHERE source = 'ed' LIMIT 1`,
      [BigInt(size), mtimeMs],
    );
    store.close();
    const { code, stderr } = await asks(folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^cardiff: nothing was erased: \S+gone\.csv, which may hold the records, cannot be removed\. [^\n]*\n$/,
    );
    expect(await digestsOf(folder)).toEqual(before);
  });

  test('one that has taken the place of what was read stays, and nothing is erased until it is read', async () => {
    const folder = await copyOf(released);
    const before = await digestsOf(folder);
    const path = join(folder, 'inbox/ed/ISTV_2025-08.csv');
    await writeFile(path, `${readFileSync(path, 'utf8').split('\n').slice(0, 40).join('\n')}\n`);
    const { code, stderr } = await asks(folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /nothing was erased: \S+ISTV_2025-08\.csv is not as it was when it was read\. Run "cardiff ingest"/,
    );
    expect(existsSync(path)).toBe(true);
    expect(await digestsOf(folder)).toEqual(before);
    expect((await cardiff(['ingest', '--dir', folder])).code).toBe(0);
    expect((await asks(folder)).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});

describe('killed', () => {
  test('while the store’s overflow lay beside it: that goes with the next command', async () => {
    const folder = await copyOf(released);
    const overflow = join(folder, 'data/store.duckdb.tmp');
    mkdirSync(overflow);
    await writeFile(join(overflow, 'duckdb_temp_storage_S32K-0.tmp'), 'rows');
    expect((await cardiff(['status', '--dir', folder])).code).toBe(0);
    expect(existsSync(overflow)).toBe(false);
  });

  test('while partners’ files were made: what was left of them goes, since it counts exactly', async () => {
    const folder = await copyOf(released);
    for (const left of [
      'releases/.unfinished-a/operational/tasking',
      'releases/2025-Q3/operational/.unfinished-b',
    ]) {
      mkdirSync(join(folder, left), { recursive: true });
      await writeFile(join(folder, left, 'places.csv'), 'records\n1\n');
    }
    expect(
      (
        await cardiff([
          'erase',
          '--dir',
          folder,
          '--source',
          'ed',
          '--key-file',
          await keyFile(someKeys(folder)),
        ])
      ).code,
    ).toBe(0);
    expect(filesUnder(folder).filter((path) => path.includes('.unfinished-'))).toEqual([]);
  });

  test('after the records were deleted and before the file was made anew, the next command completes it', async () => {
    const folder = await copyOf(released);
    await uncompress(folder);
    const [first] = await digestsOf(folder);
    await writeFile(join(folder, 'data/erasing'), '');
    const store = await openPartnershipStore(folder);
    await store.run('DELETE FROM incident_row WHERE key0 = $1', [first!.key0]);
    await store.run('DELETE FROM counted WHERE key0 = $1', [first!.key0]);
    store.close();
    await writeFile(join(folder, 'data/erasing'), '');
    await writeFile(join(folder, 'data/store.duckdb.new'), 'half a file');
    expect((await cardiff(['status', '--dir', folder])).code).toBe(0);
    expect(existsSync(join(folder, 'data/erasing'))).toBe(false);
    expect(existsSync(join(folder, 'data/store.duckdb.new'))).toBe(false);
    await uncompress(folder);
    expect(filesWith(folder, [first!])).toEqual([]);
  });

  test('at any instant, the records are all there or all gone, and asked again they are gone', async () => {
    const folder = await copyOf(released);
    const keys = someKeys(folder);
    const args = ['erase', '--dir', folder, '--source', 'ed', '--key-file', await keyFile(keys)];
    const before = await digestsOf(folder);
    for (const wait of [150, 300, 450, 600, 900]) {
      const { child, ended } = startCardiff(args);
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill('SIGKILL');
      await ended;
      expect([0, 3]).toContain(withoutThose(before, await digestsOf(folder)).length);
    }
    await cardiff(args);
    const gone = withoutThose(before, await digestsOf(folder));
    expect(gone).toHaveLength(3);
    await uncompress(folder);
    expect(filesWith(folder, gone)).toEqual([]);
    expect(readdirSync(join(folder, 'data')).filter((name) => /new|wal|tmp|erasing/.test(name))).toEqual([]);
  });
});

describe('what is asked wrongly is refused in one sentence that holds no key', () => {
  test.each([
    [{}, 'wanted --source with one of ed, miu, police'],
    [{ source: 'ed' }, 'which records? wanted --key-file FILE (- for stdin), or --from MONTH --to MONTH'],
    [{ source: 'ed', 'key-file': 'x', from: '2025-01' }, 'which records?'],
    [{ source: 'ed', from: '2025-02', to: '2025-01' }, 'the first not after the last'],
    [{ source: 'ed', from: '2025-02' }, 'wanted --from and --to as months'],
    [{ source: 'ed', 'key-file': '/nowhere' }, '/nowhere cannot be read'],
  ])('%j', async (options, message) => {
    const partnership = await openPartnership(released);
    await expect(readErasure(partnership, options)).rejects.toThrow(message);
  });

  test('a key with a part too many, and no key at all', async () => {
    const partnership = await openPartnership(released);
    const path = await keyFile(['MHI-SECRET\tmore']);
    const said = await readErasure(partnership, { source: 'ed', 'key-file': path }).catch(
      (error: Error) => error.message,
    );
    expect(said).toMatch(/key 1 is incomplete: wanted attendance_id, one record a line$/);
    await writeFile(path, '\n\n');
    await expect(readErasure(partnership, { source: 'ed', 'key-file': path })).rejects.toThrow(
      'there is no key',
    );
  });
});
