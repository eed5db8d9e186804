/** cardiff ingest: new files of the inboxes, or the named ones, into the store. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { disposeOf, type FileState, listInbox, sourceOfPath } from '../ingest/inbox.ts';
import { SourceError } from '../ingest/source-error.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Tally } from '../schemas/tally.ts';
import type { MergeCounts } from '../transform/merge.ts';
import type { Store } from '../transform/store.ts';
import { ingestFile, openSourceReader } from './ingest-file.ts';
import { addLoss, emptyLoss, type LossReport, lossOf } from './loss-report.ts';
import { checkKey, type Partnership } from './partnership.ts';
import { printable } from './printable.ts';
import { findSource, readingOf, refuseRawRecords } from './source-profile.ts';
import { UsageError } from './usage-error.ts';

/** What became of the rows of one source, as `cardiff ingest --json` prints it. */
export interface SourceSummary {
  read: number;
  accepted: number;
  rejected: Tally['rejected'];
  duplicate: number;
  excluded: Tally['excluded'];
  corrected: number;
  superseded: number;
  unmapped: Record<string, number>;
  /** Points that were not mapped, or lie outside the agreed area, by what is wrong with them. */
  flagged: Record<string, number>;
  loss: LossReport;
  located: number | null;
  home_gated: number | null;
  time_known: number | null;
  /** What a person should know of the source as a whole. */
  notes: string[];
  files: { name: string; read: number; accepted: number; notes: readonly string[] }[];
}

const NO_PLACES =
  'the gazetteer is empty, so that no location text was placed: list public places in gazetteer/ and run ingest again';

/** A file that could not be read: the source, the file and what to do. */
export interface FileFailure {
  file: string;
  message: string;
}

/**
 * Reads files into the store, each in a transaction of its own: a file that fails leaves the store as it was, and
 * the next is read all the same. `paths` empty: what is new in every inbox.
 */
export async function ingest(
  partnership: Partnership,
  store: Store,
  paths: readonly string[],
  sourceId?: string,
): Promise<{ sources: Record<string, SourceSummary>; failures: FileFailure[] }> {
  refuseRawRecords(partnership.settings);
  await checkKey(partnership, store);
  const sources: Record<string, SourceSummary> = {};
  const failures: FileFailure[] = [];
  for (const { source, files } of await chooseFiles(partnership, store, paths, sourceId, failures)) {
    const summary = emptySummary();
    const reader = openSourceReader(partnership, store, source, await partnership.agreed());
    sources[source.id] = summary;
    const totals = { located: 0, homes: 0, timed: 0, passed: 0, personal: 0 };
    for (const path of files) {
      let read: FileState | undefined;
      try {
        const { tally, merged, notes, header, state } = await ingestFile(reader, path);
        if (sourceOfPath(partnership.folder, path) === source.id) read = state;
        addLoss(summary.loss, lossOf(reader.profile, header), summary.files.length === 0);
        addFile(summary, printable(basename(path)), tally, merged, notes);
        totals.located += tally.located;
        totals.homes += tally.homeGated;
        totals.timed += tally.timeKnown;
        totals.passed += tally.passed;
        totals.personal += tally.personalTexts;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failures.push({
          file: path,
          message: `${printable(path)}${error.line ? `:${error.line}` : ''}: ${error.message}`,
        });
        continue;
      }
      if (read) await dispose(partnership, source, path, read, failures);
    }
    if (totals.personal > 0)
      summary.notes.push(
        `${totals.personal} texts of a location held what may be personal details (numbers, dates of birth, names); texts are never kept, but tell the supplier`,
      );
    if (files.length > 0 && reader.needsPlaces && partnership.places.length === 0)
      summary.notes.push(NO_PLACES);
    const { profile } = reader;
    if (files.length > 0 && profile.listed && !profile.codeLists)
      summary.notes.push(
        `no list of codes says what the codes in ${profile.listed.map((field) => profile.fields[field]?.header).join(', ')} mean: name the national code sets under code_lists in cardiff.yaml`,
      );
    const share = (part: number) => (totals.passed === 0 ? null : part / totals.passed);
    summary.located = share(totals.located);
    summary.home_gated = share(totals.homes);
    summary.time_known = share(totals.timed);
  }
  return { sources, failures };
}

const emptySummary = (): SourceSummary => ({
  read: 0,
  accepted: 0,
  rejected: {},
  duplicate: 0,
  excluded: {},
  corrected: 0,
  superseded: 0,
  unmapped: {},
  flagged: {},
  loss: emptyLoss(),
  located: null,
  home_gated: null,
  time_known: null,
  notes: [],
  files: [],
});

function addFile(
  summary: SourceSummary,
  name: string,
  tally: Tally,
  merged: MergeCounts,
  notes: readonly string[],
): void {
  summary.read += tally.read;
  summary.accepted += merged.accepted;
  summary.corrected += merged.corrected;
  // Each correction replaces exactly one row of the store.
  summary.superseded += merged.corrected + merged.withdrawn;
  summary.duplicate += merged.duplicate;
  for (const part of ['rejected', 'excluded'] as const) {
    for (const [field, reasons] of Object.entries(tally[part])) {
      summary[part][field] ??= {};
      const into = summary[part][field];
      for (const [reason, n] of Object.entries(reasons)) into[reason] = (into[reason] ?? 0) + n;
    }
  }
  for (const [field, n] of Object.entries(tally.unmapped))
    summary.unmapped[field] = (summary.unmapped[field] ?? 0) + n;
  for (const [words, n] of Object.entries(tally.flagged))
    summary.flagged[words] = (summary.flagged[words] ?? 0) + n;
  summary.files.push({ name, read: tally.read, accepted: merged.accepted, notes });
}

interface Chosen {
  source: SourceSettings;
  files: string[];
}

async function chooseFiles(
  partnership: Partnership,
  store: Store,
  paths: readonly string[],
  sourceId: string | undefined,
  failures: FileFailure[],
): Promise<Chosen[]> {
  const { settings, folder } = partnership;
  if (paths.length === 0) {
    const wanted = sourceId === undefined ? settings.sources : [findSource(settings, sourceId)];
    return Promise.all(
      wanted.map(async (source) => ({
        source,
        files: await newFiles(partnership, store, source, failures),
      })),
    );
  }
  const chosen = new Map<string, Chosen>();
  for (const path of paths.map((path) => resolve(path))) {
    const id = sourceId ?? sourceOfPath(folder, path);
    if (id === undefined)
      throw new UsageError(`${path} lies in no inbox: say which source it is from with --source ID`);
    const source = findSource(settings, id);
    chosen.set(source.id, { source, files: [...(chosen.get(source.id)?.files ?? []), path] });
  }
  return [...chosen.values()];
}

/**
 * Files of a source's inbox that the ledger does not know by name, size and time of writing (to the millisecond), or that
 * were read with other settings or another gazetteer. Known ones are removed once their time has come; where that
 * fails, or the inbox cannot be looked into, it is added to `failures`.
 */
export async function newFiles(
  partnership: Partnership,
  store: Store,
  source: SourceSettings,
  failures: FileFailure[] = [],
): Promise<string[]> {
  const { unread, read } = await sortInbox(partnership, store, source).catch((error: unknown) => {
    if (!(error instanceof SourceError)) throw error;
    failures.push({ file: join(partnership.folder, 'inbox', source.id), message: error.message });
    return { unread: [], read: [] };
  });
  for (const { path, state } of read) await dispose(partnership, source, path, state, failures);
  return unread;
}

/**
 * The files of a source's inbox: those still to be read, and those that the ledger knows.
 *
 * @throws SourceError where the inbox cannot be looked into.
 */
export async function sortInbox(
  partnership: Partnership,
  store: Store,
  source: SourceSettings,
): Promise<{ unread: string[]; read: { path: string; state: FileState }[] }> {
  const known = await store.query<{ name: string; bytes: bigint; modified: number }>(
    'SELECT name, bytes, modified FROM file WHERE source = $1 AND reading = $2',
    [source.id, readingOf(source, partnership)],
  );
  const seen = new Set(known.map((file) => `${file.name}|${file.bytes}|${Math.trunc(file.modified)}`));
  const unread: string[] = [];
  const read: { path: string; state: FileState }[] = [];
  for (const path of await listInbox(partnership.folder, source.id)) {
    // A file that cannot be looked at is tried all the same, so that its failure is told.
    const state = await stat(path).catch(() => undefined);
    if (state && seen.has(`${basename(path)}|${state.size}|${Math.trunc(state.mtimeMs)}`))
      read.push({ path, state });
    else unread.push(path);
  }
  return { unread, read };
}

/** Removes a file whose time has come. One that cannot be removed must not keep the others from being read. */
async function dispose(
  { now }: Partnership,
  { after_commit }: SourceSettings,
  path: string,
  read: FileState,
  failures: FileFailure[],
): Promise<void> {
  try {
    await disposeOf(path, after_commit, now(), read);
  } catch {
    const message = `${printable(path)}: its records are stored, but it cannot be removed as after_commit asks: let this user write to the inbox`;
    failures.push({ file: path, message });
  }
}
