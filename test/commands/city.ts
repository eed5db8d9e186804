/** An invented city for tests of commands: made and read once a test file, copied for each test. */
import { cpSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ingest } from '../../commands/ingest.ts';
import { openPartnership, openPartnershipStore, type Partnership } from '../../commands/partnership.ts';
import { type Publication, publish } from '../../commands/publish.ts';
import { synth } from '../../commands/synth.ts';
import type { Store } from '../../transform/store.ts';
import { TEST_KEY } from '../partnership-folder.ts';

/** Noon on 20 October 2025, when the files of September are there. */
export const NOW = Date.UTC(2025, 9, 20, 11);
const TODAY = NOW / 86_400_000 - (NOW % 86_400_000) / 86_400_000;

/** Invents a city whose key is always the same, in a folder that the caller removes. Nothing is read yet. */
export async function makeCity(months = 15, scale = 1): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-city-'));
  await synth(folder, { seed: 3, months, scale });
  await writeFile(join(folder, 'secrets/partnership.key'), `${TEST_KEY}\n`);
  return folder;
}

/** A copy of a folder, with the times of its files, that goes with the test. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'cardiff-copy-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

/** Replaces a text in a file of a folder, which must hold it. */
export async function changeFile(folder: string, path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(folder, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} lacks "${from}"`);
  await writeFile(join(folder, path), text.replace(from, to));
}

export interface Town {
  readonly partnership: Partnership;
  readonly store: Store;
  readonly read: (paths?: readonly string[]) => ReturnType<typeof ingest>;
  readonly publish: (options?: {
    period?: string;
    draft?: boolean;
    without?: string[];
  }) => Promise<Publication>;
}

/** Does work on a folder whose store is open, on 20 October 2025. */
export async function inTown<T>(folder: string, work: (town: Town) => Promise<T>): Promise<T> {
  const partnership = { ...(await openPartnership(folder)), now: () => NOW, today: () => TODAY };
  const store = await openPartnershipStore(folder);
  try {
    return await work({
      partnership,
      store,
      read: (paths = []) => ingest(partnership, store, paths),
      publish: ({ period, draft = false, without = [] } = {}) =>
        publish(partnership, store, { period, draft, without }),
    });
  } finally {
    store.close();
  }
}
