/** One source file into the store: all of it in one transaction, or nothing. */
import { createHash, type Hash } from 'node:crypto';
import { basename } from 'node:path';
import { BATCH_ROWS } from '../ingest/csv.ts';
import type { FileHeader } from '../ingest/header.ts';
import type { FileState } from '../ingest/inbox.ts';
import { readAhead } from '../ingest/read-ahead.ts';
import { SourceError } from '../ingest/source-error.ts';
import type { SourceFile } from '../ingest/source-file.ts';
import { allocateIncidents, hasVersions, type IncidentColumns, incidentsFrom } from '../schemas/incident.ts';
import type { Profile } from '../schemas/profile.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { emptyTally, type Tally, total } from '../schemas/tally.ts';
import { anonymise } from '../transform/anonymise.ts';
import { beginFile, type Door } from '../transform/door.ts';
import {
  beginMerge,
  type MergeCounts,
  mergeStaged,
  readMergeCounts,
  stageIncidents,
} from '../transform/merge.ts';
import type { Store } from '../transform/store.ts';
import type { Partnership } from './partnership.ts';
import { printable } from './printable.ts';
import { startProgress } from './progress.ts';
import { openSourceDoor } from './source-door.ts';
import { openingOf, readingOf } from './source-profile.ts';

/** Incidents that wait in memory before they are merged; two such batches exist, so that reading never waits. */
const MERGE_ROWS = 8 * BATCH_ROWS;
/** A file of fewer bytes needs no more than the smallest batch. */
const SMALL_FILE = 4 << 20;

const MOST_LISTED = 40;

/** What reading the files of one source takes. */
export interface SourceReader {
  readonly partnership: Partnership;
  readonly store: Store;
  readonly source: SourceSettings;
  readonly profile: Profile;
  readonly door: Door;
  /** What decides how files are read, as a digest. */
  readonly reading: string;
  /** Whether the source says where things happened in words alone. */
  readonly needsPlaces: boolean;
}

/** What became of one file. */
export interface FileOutcome {
  readonly tally: Tally;
  readonly merged: MergeCounts;
  /** What a person should know: columns that were dropped, a file that is not as it was. */
  readonly notes: readonly string[];
  /** Which columns were found, and which of them the profile does not know. */
  readonly header: FileHeader;
  /** Which file it was; another may have taken its place since. */
  readonly state: FileState;
}

/** Prepares the reading of a source's files; points beyond the cells of the agreed area are counted. */
export function openSourceReader(
  partnership: Partnership,
  store: Store,
  source: SourceSettings,
  agreed?: ReadonlySet<bigint>,
): SourceReader {
  const door = openSourceDoor(partnership, source, { agreed });
  const { profile } = door.settings;
  const needsPlaces = door.columns.has('place_text') && !door.columns.has('easting');
  return { partnership, store, source, profile, door, reading: readingOf(source, partnership), needsPlaces };
}

/** Thrown to undo a transaction whose file turns out to have been read before. */
class AlreadyRead extends Error {
  readonly digest: string;
  constructor(digest: string) {
    super();
    this.digest = digest;
  }
}

/**
 * Reads a file into the store. The same bytes read twice in the same way add nothing, even where corrections came in
 * between; after a change of settings or gazetteer they are read anew.
 *
 * @throws SourceError where the file cannot be read as a whole; the store is then as it was.
 */
export async function ingestFile(reader: SourceReader, path: string): Promise<FileOutcome> {
  const { partnership, store, source, profile } = reader;
  const file = await readAhead(path, profile, openingOf(source, partnership));
  // Of what the store would get of the file, which is a tenth of its bytes and all that matters.
  const hash = createHash('sha256');
  const name = basename(path);
  const tally = emptyTally();
  const merged: MergeCounts = { accepted: 0, corrected: 0, duplicate: 0, withdrawn: 0 };
  const notes: string[] = [];
  const progress = startProgress(`reading ${printable(name)}`, process.stderr, partnership.now);
  const update = () => {
    const share = file.bytes === 0 ? 1 : file.position() / file.bytes;
    progress.update(share, `${tally.read.toLocaleString('en-GB')} rows`);
  };
  try {
    await store.transaction(async () => {
      const fileId = await nextFileId(store);
      await readInto(reader, file, fileId, tally, hash, update);
      const digest = hash.update(JSON.stringify([tally, reader.door.terms])).digest('hex');
      refuseAllRejected(profile, tally);
      refuseAmerican(tally);
      Object.assign(merged, await readMergeCounts(store));
      const { unknown = [] } = file.header() ?? {};
      if (unknown.length > 0)
        notes.push(`dropped columns that ${profile.id} does not know: ${listed(unknown)}`);
      const earlier = await store.query<{ same: boolean; read: number }>(
        'SELECT digest || reading = $2 AS same, read FROM file WHERE source = $1 AND (same OR name = $3) ORDER BY id',
        [source.id, digest + reader.reading, name],
      );
      if (tally.read > 0 && earlier.some(({ same }) => same)) throw new AlreadyRead(digest);
      const before = earlier.at(-1);
      if (before)
        notes.push(
          `the file is not as it was: ${before.read} rows when it was read before, ${tally.read} now`,
        );
      await writeLedger(reader, file, fileId, name, digest, tally, merged);
    });
  } catch (error) {
    if (!(error instanceof AlreadyRead)) throw error;
    notes.push('the same file was read before: nothing new');
    Object.assign(merged, { accepted: 0, corrected: 0, duplicate: tally.passed, withdrawn: 0 });
    // Known by this name as well from now on, so that it is not read again.
    await store.transaction(async () =>
      writeLedger(reader, file, await nextFileId(store), name, error.digest, tally, merged),
    );
  } finally {
    progress.done();
  }
  const header = file.header() ?? { columns: new Int32Array(0), unknown: [], present: [] };
  return { tally, merged, notes, header, state: { size: file.bytes, mtimeMs: file.modified } };
}

const isAhead = (rejected: Tally['rejected']) =>
  Object.values(rejected).some((reasons) => 'in the future' in reasons);

/** What a supplier can do about a delivery that is wrong throughout. */
const HINTS: Readonly<Record<string, string>> = {
  'a serial number of a spreadsheet':
    'format the column as dates and save it again, or deliver the workbook itself',
  'a year of two digits': 'write years with four digits',
  'month before day': 'write dates as 2025-09-30 or 30/09/2025',
  'a decimal comma': 'write numbers with a decimal point',
  'swapped with the longitude': 'name latitude and longitude the other way round',
};

/** The share of rows with the month first from which a file is American: among its others days pass for months. */
const AMERICAN_SHARE = 0.05;

/**
 * Refuses a file in which the month comes before the day: of the rows that can be read nobody knows which are right.
 *
 * @throws SourceError where more rows are written so than slips of the pen explain.
 */
function refuseAmerican({ read, rejected }: Tally): void {
  const american = Object.values(rejected).reduce(
    (sum, reasons) => sum + (reasons['month before day'] ?? 0),
    0,
  );
  if (american > AMERICAN_SHARE * read)
    throw new SourceError(
      `in ${american} of its ${read} rows the month comes before the day, so that the others cannot be trusted: ${HINTS['month before day']}`,
    );
}

/** A file of which nothing can be read is not a delivery: it stays where it is, and the store as it was. */
function refuseAllRejected(profile: Profile, { read, rejected, passed, excluded }: Tally): void {
  if (read === 0 || passed > 0 || total(excluded) > 0) return;
  const reasons = Object.entries(rejected).flatMap(([field, counts]) =>
    Object.entries(counts).map(([reason, rows]) => ({ field, reason, rows })),
  );
  const [most] = reasons.sort((a, b) => b.rows - a.rows) as [(typeof reasons)[number]];
  const dates = profile.dates === 'iso' ? 'dates: uk (30/09/2025 23:15)' : 'dates: iso (2025-09-30T23:15:00)';
  const hint =
    most.reason === 'not a date'
      ? `set ${dates} if they are written so`
      : (HINTS[most.reason] ?? 'correct the file');
  throw new SourceError(
    `none of its ${read} rows can be read (mostly ${most.field}: ${most.reason}): ${hint}, or the source's headers and codes in cardiff.yaml`,
  );
}

/** Names for a person to read: a file may have a hundred thousand columns. */
function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return `${names.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Adds the columns of a batch to the digest of its file; batches of one file are the same however it is read. */
function hashColumns(hash: Hash, incidents: IncidentColumns): void {
  for (const column of Object.values(incidents)) {
    if (!ArrayBuffer.isView(column)) continue;
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = column as Int32Array;
    hash.update(new Uint8Array(buffer, byteOffset, incidents.n * BYTES_PER_ELEMENT));
  }
}

async function nextFileId(store: Store): Promise<number> {
  const [row] = await store.query<{ id: number }>('SELECT coalesce(max(id), 0)::INTEGER + 1 AS id FROM file');
  return (row as { id: number }).id;
}

async function writeLedger(
  { store, source, reading }: SourceReader,
  file: SourceFile,
  fileId: number,
  name: string,
  digest: string,
  tally: Tally,
  merged: MergeCounts,
): Promise<void> {
  const {
    read,
    coveredTo,
    rejected,
    excluded,
    unmapped,
    flagged,
    located,
    homeGated,
    timeKnown,
    personalTexts,
  } = tally;
  await store.run(
    `INSERT INTO file VALUES ($1, $2, $3, $4, $5, $6, $7, DATE '1970-01-01' + $8::INTEGER, $9, $10, $11, $12, $13, $14)`,
    [
      fileId,
      source.id,
      name,
      BigInt(file.bytes),
      file.modified,
      digest,
      // Rows that lie in the future by this clock may be read once it is right.
      isAhead(rejected) ? '' : reading,
      coveredTo ?? null,
      read,
      merged.accepted,
      merged.corrected,
      merged.duplicate,
      merged.corrected + merged.withdrawn,
      JSON.stringify({ rejected, excluded, unmapped, flagged, located, homeGated, timeKnown, personalTexts }),
    ],
  );
}

/** Reads all batches of a file. While one lot is merged in DuckDB's threads, the next is read in this one. */
async function readInto(
  { store, source, door }: SourceReader,
  file: SourceFile,
  fileId: number,
  tally: Tally,
  hash: Hash,
  update: () => void,
): Promise<void> {
  beginFile(door);
  const capacity = file.bytes < SMALL_FILE ? BATCH_ROWS : MERGE_ROWS;
  let filling = allocateIncidents(capacity, door.terms);
  let spare: IncidentColumns | undefined;
  const beginning = beginMerge(store, source.id, fileId);
  let merging: Promise<unknown> = beginning;
  merging.catch(() => undefined);
  const merge = async () => {
    await merging;
    hashColumns(hash, filling);
    const begun = await beginning;
    await stageIncidents(store, begun, filling);
    const versioned = hasVersions(filling);
    [filling, spare] = [spare ?? allocateIncidents(capacity, door.terms), filling];
    filling.n = 0;
    merging = mergeStaged(store, begun, versioned);
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
