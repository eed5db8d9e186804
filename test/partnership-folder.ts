/** Partnership folders for tests: made by `cardiff init`, removed with the test. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ingest } from '../commands/ingest.ts';
import { init } from '../commands/init.ts';
import { openPartnership, openPartnershipStore, type Partnership } from '../commands/partnership.ts';
import type { Store } from '../transform/store.ts';

/** A key that tests share, so that what they make is the same every time. */
export const TEST_KEY = '0123456789abcdef'.repeat(4);
/** Noon on 1 October 2025: the day on which tests read their files. */
export const TEST_NOW = Date.UTC(2025, 9, 1, 11);

export const GAZETTEER = `id,name,aliases,kind,lat,lng,capacity
walkabout,Walkabout,The Walkie,licensed,51.4790,-3.1780,400
st-mary,St Mary Street,St Mary St,street,51.4785,-3.1775,
`;

/** A folder as `cardiff init` makes it, with a small gazetteer and a key that does not change. */
export async function makeFolder(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'cardiff-test-')), 'town');
  onTestFinished(() => rm(join(folder, '..'), { recursive: true, force: true }));
  await init(folder);
  await writeFile(join(folder, 'secrets/partnership.key'), `${TEST_KEY}\n`);
  await writeFile(join(folder, 'gazetteer/places.csv'), GAZETTEER);
  return folder;
}

/** Changes a line or more of the folder's settings. */
export async function changeSettings(folder: string, from: string, to: string): Promise<void> {
  const path = join(folder, 'cardiff.yaml');
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Error(`cardiff.yaml lacks "${from}"`);
  await writeFile(path, text.replace(from, to));
}

export interface Opened {
  readonly folder: string;
  readonly partnership: Partnership;
  readonly store: Store;
  /** `cardiff ingest` with its arguments, on the day of the tests. */
  readonly read: (paths?: readonly string[], source?: string) => ReturnType<typeof ingest>;
}

/** A partnership whose store is open, as during `cardiff ingest`. */
export async function openFolder(folder?: string): Promise<Opened> {
  const path = folder ?? (await makeFolder());
  const partnership = { ...(await openPartnership(path)), now: () => TEST_NOW, today: () => 20_362 };
  const store = await openPartnershipStore(path);
  onTestFinished(() => store.close());
  return {
    folder: path,
    partnership,
    store,
    read: (paths = [], source) => ingest(partnership, store, paths, source),
  };
}
