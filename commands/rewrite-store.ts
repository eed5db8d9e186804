/** The store's file made anew, without what was deleted from it. */
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore, type Store } from '../transform/store.ts';

/** A file in data/ that is there from before records are erased until no byte of them is left. */
export const ERASING = 'erasing';
const STORE = 'store.duckdb';

/**
 * Copies what the store holds to a new file, puts that in the old one's place and opens it. The old file, its log and
 * its overflow are gone afterwards, and so are the files that were made from it for analysts: they are made anew by
 * whoever erases, or with the next release.
 */
export async function rewriteStore(folder: string, store: Store): Promise<Store> {
  const data = join(folder, 'data');
  const remove = (...names: string[]) =>
    Promise.all(names.map((name) => rm(join(data, name), { recursive: true, force: true })));
  await remove('analyst.duckdb', 'analyst.duckdb.wal', 'analyst.duckdb.new', 'analyst.duckdb.new.wal');
  await remove(`${STORE}.new`, `${STORE}.new.wal`);
  await store.copyTo(join(data, `${STORE}.new`));
  store.close();
  // A log that outlived its file would be read as the new file's.
  if (await stat(join(data, `${STORE}.wal`)).catch(() => undefined)) {
    (await openStore(join(data, STORE))).close();
    await remove(`${STORE}.wal`);
  }
  await rename(join(data, `${STORE}.new`), join(data, STORE));
  await remove(`${STORE}.tmp`, `${STORE}.new.tmp`, ERASING);
  return openStore(join(data, STORE));
}

/** Whether records were being erased when a process was killed. */
export const isErasing = (folder: string): Promise<boolean> =>
  stat(join(folder, 'data', ERASING)).then(
    () => true,
    () => false,
  );
