/** One source file into the store: all of it in one transaction, or nothing. */
import { basename } from 'node:path';
import { BATCH_ROWS } from '../ingest/csv.ts';
import { readAhead } from '../ingest/read-ahead.ts';
import type { SourceFile } from '../ingest/source-file.ts';
import { allocateIncidents, type IncidentColumns, incidentsFrom } from '../schemas/incident.ts';
import type { Profile } from '../schemas/profile.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { emptyTally, type Tally } from '../schemas/tally.ts';
import { anonymise } from '../transform/anonymise.ts';
import { type Door, openDoor } from '../transform/door.ts';
import { beginMerge, type MergeCounts, mergeStaged, readMergeCounts } from '../transform/merge.ts';
import type { Store } from '../transform/store.ts';
import type { Partnership } from './partnership.ts';
import { startProgress } from './progress.ts';
import { profileOf } from './source-profile.ts';

/** Incidents that wait in memory before they are merged; two such batches exist, so that reading never waits. */
const MERGE_ROWS = 8 * BATCH_ROWS;
/** A file of fewer bytes needs no more than the smallest batch. */
const SMALL_FILE = 4 << 20;

/** What reading the files of one source takes. */
export interface SourceReader {
  readonly partnership: Partnership;
  readonly store: Store;
  readonly source: SourceSettings;
  readonly profile: Profile;
  readonly door: Door;
}

/** What became of one file. */
export interface FileOutcome {
  readonly tally: Tally;
  readonly merged: MergeCounts;
  /** What a person should know: columns that were dropped, a file that is not as it was. */
  readonly notes: readonly string[];
}

/** Prepares the reading of a source's files. */
export function openSourceReader(
  partnership: Partnership,
  store: Store,
  source: SourceSettings,
): SourceReader {
  const profile = profileOf(source);
  const { key, places } = partnership;
  const settings = {
    source: source.id,
    profile,
    key,
    places,
    sites: source.sites,
    today: partnership.today(),
  };
  return { partnership, store, source, profile, door: openDoor(settings, BATCH_ROWS) };
}

/** Thrown to undo a transaction whose file turns out to have been read before. */
class AlreadyRead extends Error {}

/**
 * Reads a file into the store. The same bytes read twice add nothing, even where corrections came in between.
 *
 * @throws SourceError where the file cannot be read as a whole; the store is then as it was.
 */
export async function ingestFile(reader: SourceReader, path: string): Promise<FileOutcome> {
  const { partnership, store, source, profile } = reader;
  const file = await readAhead(path, profile, source.encoding);
  const name = basename(path);
  const tally = emptyTally();
  const merged: MergeCounts = { accepted: 0, corrected: 0, duplicate: 0, withdrawn: 0 };
  const notes: string[] = [];
  const progress = startProgress(`reading ${name}`, process.stderr, partnership.now);
  const update = () => {
    const share = file.bytes === 0 ? 1 : file.position() / file.bytes;
    progress.update(share, `${tally.read.toLocaleString('en-GB')} rows`);
  };
  try {
    await store.transaction(async () => {
      const fileId = await nextFileId(store);
      await readInto(reader, file, fileId, tally, update);
      Object.assign(merged, await readMergeCounts(store));
      const { unknown = [] } = file.header() ?? {};
      if (unknown.length > 0)
        notes.push(`dropped columns that ${profile.id} does not know: ${unknown.join(', ')}`);
      const earlier = await store.query<{ digest: string; read: number }>(
        'SELECT digest, read FROM file WHERE source = $1 AND (digest = $2 OR name = $3) ORDER BY id',
        [source.id, file.digest(), name],
      );
      if (earlier.some(({ digest }) => digest === file.digest())) throw new AlreadyRead();
      const before = earlier.at(-1);
      if (before)
        notes.push(
          `the file is not as it was: ${before.read} rows when it was read before, ${tally.read} now`,
        );
      await writeLedger(reader, file, fileId, name, tally, merged);
    });
  } catch (error) {
    if (!(error instanceof AlreadyRead)) throw error;
    notes.push('the same file was read before: nothing new');
    Object.assign(merged, { accepted: 0, corrected: 0, duplicate: tally.passed, withdrawn: 0 });
    // Known by this name as well from now on, so that it is not read again.
    await store.transaction(async () =>
      writeLedger(reader, file, await nextFileId(store), name, tally, merged),
    );
  } finally {
    progress.done();
  }
  return { tally, merged, notes };
}

async function nextFileId(store: Store): Promise<number> {
  const [row] = await store.query<{ id: number }>('SELECT coalesce(max(id), 0)::INTEGER + 1 AS id FROM file');
  return (row as { id: number }).id;
}

async function writeLedger(
  { store, source }: SourceReader,
  file: SourceFile,
  fileId: number,
  name: string,
  tally: Tally,
  merged: MergeCounts,
): Promise<void> {
  const { read, coveredTo, rejected, excluded, unmapped, located, homeGated, timeKnown } = tally;
  await store.run(
    `INSERT INTO file VALUES ($1, $2, $3, $4, $5, $6, DATE '1970-01-01' + $7::INTEGER, $8, $9, $10, $11, $12, $13)`,
    [
      fileId,
      source.id,
      name,
      BigInt(file.bytes),
      file.modified,
      file.digest(),
      coveredTo ?? null,
      read,
      merged.accepted,
      merged.corrected,
      merged.duplicate,
      merged.corrected + merged.withdrawn,
      JSON.stringify({ rejected, excluded, unmapped, located, homeGated, timeKnown }),
    ],
  );
}

/** Reads all batches of a file. While one lot is merged in DuckDB's threads, the next is read in this one. */
async function readInto(
  { store, source, door }: SourceReader,
  file: SourceFile,
  fileId: number,
  tally: Tally,
  update: () => void,
): Promise<void> {
  const capacity = file.bytes < SMALL_FILE ? BATCH_ROWS : MERGE_ROWS;
  let filling = allocateIncidents(capacity, door.terms);
  let spare: IncidentColumns | undefined;
  let merging = beginMerge(store, source.id, fileId);
  merging.catch(() => undefined);
  const merge = async () => {
    await merging;
    store.stage(filling);
    [filling, spare] = [spare ?? allocateIncidents(capacity, door.terms), filling];
    filling.n = 0;
    merging = mergeStaged(store, door.terms);
    // Awaited before the next merge and at the end; until then a failure must not end the process.
    merging.catch(() => undefined);
  };
  try {
    for await (const batch of file.batches) {
      if (filling.n + batch.n > filling.capacity) await merge();
      const free = incidentsFrom(filling, filling.n);
      anonymise(door, batch, free, tally);
      filling.n += free.n;
      update();
    }
    if (filling.n > 0) await merge();
  } finally {
    await merging;
  }
}
