import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../transform/store.ts';

const MARK = 'said in the store alone';
/** Texts that fill most of a block, so that DuckDB leaves the rest of it as it was. */
const TEXTS = "SELECT 'text number ' || range AS text FROM range(11500)";

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cardiff-store-'));
  store = await openStore(join(folder, 'store.duckdb'));
});

afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Of twenty files, how many hold what was in the store's memory just before. Which block DuckDB takes is chance. */
async function filesWithMark(write: (path: string) => Promise<void>): Promise<number> {
  let found = 0;
  for (let i = 0; i < 20; i++) {
    await store.run(`CREATE TEMP TABLE said AS SELECT '${MARK} ' || range AS text FROM range(1000000)`);
    await store.run('DROP TABLE said');
    const path = join(folder, 'made.duckdb');
    await write(path);
    if (readFileSync(path, 'latin1').includes(MARK)) found++;
    rmSync(path);
  }
  return found;
}

test('a new file holds nothing of what the store’s memory held', async () => {
  const found = await filesWithMark((path) =>
    store.writeFile(path, async (file) => {
      await file.run('CREATE TABLE texts (text VARCHAR)');
      await file.append('texts', TEXTS);
    }),
  );
  expect(found).toBe(0);
});

test('one that the store attached would', async () => {
  const found = await filesWithMark(async (path) => {
    await store.run(`ATTACH '${path}' AS attached`);
    await store.run(`CREATE TABLE attached.texts AS ${TEXTS}`);
    await store.run('DETACH attached');
  });
  expect(found).toBeGreaterThan(0);
});

test('rows that cannot all be read are not taken for all that there are', async () => {
  const path = join(folder, 'short.duckdb');
  const failing =
    "SELECT CASE WHEN range = 300000 THEN error('lost') ELSE 'kept' END AS text FROM range(400000)";
  await expect(
    store.writeFile(path, async (file) => {
      await file.run('CREATE TABLE texts (text VARCHAR)');
      await file.append('texts', failing);
    }),
  ).rejects.toThrow('data/store.duckdb could not be read to its end');
});

test('a copy has the store’s tables, keys and views, and every row in its place', async () => {
  await store.run("CREATE TABLE texts (id INTEGER PRIMARY KEY, text VARCHAR, kind ENUM ('a', 'b'))");
  await store.run("INSERT INTO texts SELECT range, nullif('t' || range % 7, 't0'), 'b' FROM range(5000)");
  await store.run('CREATE VIEW named AS SELECT * FROM texts WHERE text IS NOT NULL');
  await store.copyTo(join(folder, 'copy.duckdb'));
  const copy = await openStore(join(folder, 'copy.duckdb'));
  try {
    for (const table of ['texts', 'named'])
      expect(await copy.query(`FROM ${table}`)).toEqual(await store.query(`FROM ${table}`));
    await expect(copy.run("INSERT INTO texts VALUES (1, '', 'a')")).rejects.toThrow('constraint');
  } finally {
    copy.close();
  }
});
