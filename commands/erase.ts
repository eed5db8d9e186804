/** cardiff erase: removes records, after which no byte of them is in any file of ours. */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { FROZEN_TABLES } from '../reports/disclosure/frozen.ts';
import { ALL_THAT_WAS_READ, limitToAgreedArea } from '../reports/disclosure/reported.ts';
import { forgetOperational } from '../reports/operational/rows.ts';
import { clearUnfinished } from '../reports/write-release.ts';
import type { RegisterEvent, RegisterLine } from '../schemas/register.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { digestRows } from '../transform/digest.ts';
import { recordHmac } from '../transform/door.ts';
import type { Store } from '../transform/store.ts';
import { readAgreements } from './agreements.ts';
import { isMonth } from './coverage.ts';
import { COUNTS_ERASED } from './partner-extracts.ts';
import { checkKey, openPartnershipStore, type Partnership, readGeography } from './partnership.ts';
import { printable } from './printable.ts';
import { flushLines, linesOf, openLines, recordLines } from './register.ts';
import { RELEASE_TABLE } from './release-record.ts';
import { ERASING, rewriteStore } from './rewrite-store.ts';
import { profileOf } from './source-profile.ts';
import { UsageError } from './usage-error.ts';
import { writeSnapshots } from './write-snapshots.ts';

/** Which records of a source: those of the keys that its supplier knows them by, or those of whole months. */
export type Erasure = { readonly source: string } & (
  | { readonly keys: readonly (readonly string[])[] }
  | { readonly from: string; readonly to: string }
);

export interface Erased {
  readonly source: string;
  readonly records: number;
  /** Keys that the store had no record of; null for months. */
  readonly unknown: number | null;
  /** Source files that were removed from the inbox, since they may hold what was erased. */
  readonly files: number;
}

export interface EraseOptions {
  readonly source?: string | undefined;
  readonly 'key-file'?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Reads from the command line which records are meant. Keys come from a file or, for "-", from stdin, one a line, never
 * from the command line itself, which other users of the machine can see.
 *
 * @throws UsageError naming what is missing, and never a key.
 */
export async function readErasure(partnership: Partnership, options: EraseOptions): Promise<Erasure> {
  const { source: id, 'key-file': file, from, to } = options;
  const source = sourceOf(partnership.settings.sources, id);
  if ((file === undefined) === (from === undefined && to === undefined))
    throw new UsageError('which records? wanted --key-file FILE (- for stdin), or --from MONTH --to MONTH');
  if (file === undefined) {
    if (!from || !to || !isMonth(from) || !isMonth(to) || from > to)
      throw new UsageError('wanted --from and --to as months (2025-09), the first not after the last');
    return { source: source.id, from, to };
  }
  const { key } = profileOf(source, partnership);
  if (key.length === 0)
    throw new UsageError(`the records of ${source.id} have no key: wanted --from MONTH --to MONTH`);
  const lines =
    file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(() => undefined);
  if (lines === undefined) throw new UsageError(`${file} cannot be read: wanted a file of keys, one a line`);
  const keys = lines
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split('\t').map((part) => part.trim()));
  const wrong = keys.findIndex((parts) => parts.length !== key.length || parts.some((part) => part === ''));
  if (wrong >= 0 || keys.length === 0)
    throw new UsageError(
      `${file === '-' ? 'stdin' : file}: ${keys.length === 0 ? 'there is no key' : `key ${wrong + 1} is incomplete`}: wanted ${key.join(' and ')}${key.length > 1 ? ' with a tab between them' : ''}, one record a line`,
    );
  return { source: source.id, keys };
}

function sourceOf(sources: readonly SourceSettings[], id: string | undefined): SourceSettings {
  const source = sources.find((each) => each.id === id);
  if (!source)
    throw new UsageError(`wanted --source with one of ${sources.map((each) => each.id).join(', ')}`);
  return source;
}

/**
 * Removes the records from the store, from what is remembered as counted, and from the analysts' file; and makes the
 * store's file anew, since DuckDB keeps deleted bytes. Counts of the operational tier are exact, and a record may have
 * been counted before it was corrected: all that were frozen of the source go, with the files that hold them, and the
 * register says so. Other released files hold no record and stay as they are. Killed at
 * any instant, whoever opens the store next completes it.
 */
export async function erase(partnership: Partnership, erasure: Erasure): Promise<Erased> {
  const { folder } = partnership;
  const data = join(folder, 'data');
  let store = await openPartnershipStore(folder);
  try {
    await checkKey(partnership, store);
    const lines = await openLines(partnership, store);
    for (const statement of [...FROZEN_TABLES, RELEASE_TABLE]) await store.run(statement);
    await writeFile(join(data, ERASING), '', { mode: 0o600 });
    const files = await removeReadFiles(folder, store, erasure.source);
    await removeUnfinished(join(folder, 'releases'));
    const { records, unknown } = await store.transaction(async () => {
      const removed = await removeRecords(partnership, store, erasure);
      await forgetOperational(store.run, erasure.source);
      const withheld = await removeTasking(folder, lines, erasure.source);
      await recordLines(partnership, store, [{ event: 'erasure', source: erasure.source }, ...withheld]);
      return removed;
    });
    store = await rewriteStore(folder, store);
    await flushLines(partnership, store);
    const geography = await readGeography(partnership);
    await limitToAgreedArea(store.run, geography.cells, ALL_THAT_WAS_READ);
    const agreements = await readAgreements(
      folder,
      partnership.settings.sources.map(({ id }) => id),
    );
    await writeSnapshots(partnership, store, geography, agreements);
    return { source: erasure.source, records, unknown, files };
  } finally {
    store.close();
  }
}

/** What copying a folder may change of a file's time. */
const COPIED_MS = 2000;

/**
 * What has been read lies in the inbox still, where settings keep it: raw, with the records in it.
 *
 * @throws Error where one cannot be removed, or another has taken its place: what is to be erased would come back.
 */
async function removeReadFiles(folder: string, store: Store, source: string): Promise<number> {
  const read = await store.query<{ name: string; bytes: bigint; modified: number }>(
    'SELECT DISTINCT name, bytes, modified FROM file WHERE source = $1 ORDER BY ALL',
    [source],
  );
  const there: string[] = [];
  for (const name of new Set(read.map((file) => file.name))) {
    const path = join(folder, 'inbox', source, name);
    const found = await stat(path).catch(absent);
    if (!found) continue;
    const isRead = read.some(
      (file) =>
        file.name === name &&
        file.bytes === BigInt(found.size) &&
        Math.abs(file.modified - found.mtimeMs) <= COPIED_MS,
    );
    if (!isRead)
      throw new Error(
        `nothing was erased: ${printable(path)} is not as it was when it was read. Run "cardiff ingest" or remove it, then run the command again`,
      );
    there.push(path);
  }
  for (const path of there)
    await rm(path).catch(() => {
      throw new Error(
        `nothing was erased: ${printable(path)}, which may hold the records, cannot be removed. Let this user write to the inbox, and run the command again`,
      );
    });
  return there.length;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** What a publication that was killed has left: it may hold exact counts of the operational tier. */
async function removeUnfinished(releases: string): Promise<void> {
  const periods = await readdir(releases).catch(() => []);
  for (const parent of [releases, ...periods.map((period) => join(releases, period, 'operational'))])
    await clearUnfinished(parent);
}

/** Removes the partners' files that count a source exactly; and what the register says of each. */
async function removeTasking(
  folder: string,
  lines: readonly RegisterLine[],
  source: string,
): Promise<RegisterEvent[]> {
  const made = linesOf(lines, 'extract').filter(
    ({ tier, sources }) => tier === 'operational' && sources.includes(source),
  );
  const homes = new Map(made.map(({ period, partner }) => [`${period} ${partner}`, { period, partner }]));
  for (const { period, partner } of homes.values())
    await rm(join(folder, 'releases', period, 'operational', partner), { recursive: true, force: true });
  return [...homes.values()].map(({ period, partner }) => ({
    ...{ event: 'withheld', period, partner },
    because: COUNTS_ERASED,
  }));
}

async function removeRecords(partnership: Partnership, store: Store, erasure: Erasure) {
  const { source } = erasure;
  const own = `source = (SELECT id FROM term WHERE text = $1)`;
  const count = async (sql: string, values: string[]) =>
    (await store.query<{ n: number }>(sql, values))[0]?.n ?? 0;
  if ('from' in erasure) {
    const months = 'month BETWEEN $2::DATE AND $3::DATE';
    const values = [source, `${erasure.from}-01`, `${erasure.to}-01`];
    const records = await count(
      `SELECT count(*)::INTEGER AS n FROM incident_row WHERE ${own} AND ${months}`,
      values,
    );
    await store.run(`DELETE FROM incident_row WHERE ${own} AND ${months}`, values);
    await store.run(`DELETE FROM counted WHERE source = $1 AND ${months}`, values);
    await forgetTerms(store);
    return { records, unknown: null };
  }
  await store.run('CREATE OR REPLACE TEMP TABLE erased (key0 UBIGINT, key1 UBIGINT)');
  await store.run(
    `INSERT INTO erased SELECT DISTINCT k[1]::UBIGINT, k[2]::UBIGINT FROM (SELECT unnest($1::JSON::VARCHAR[][]) AS k)`,
    [JSON.stringify(digestsOf(partnership, erasure))],
  );
  const wanted = await count('SELECT count(*)::INTEGER AS n FROM erased', []);
  const records = await count(
    `SELECT count(*)::INTEGER AS n FROM incident_row SEMI JOIN erased USING (key0, key1) WHERE ${own}`,
    [source],
  );
  for (const [table, of] of [
    ['incident_row', own],
    ['counted', 'source = $1'],
  ]) {
    await store.run(`DELETE FROM ${table} WHERE ${of} AND (key0, key1) IN (SELECT key0, key1 FROM erased)`, [
      source,
    ]);
  }
  await store.run('DROP TABLE erased');
  await forgetTerms(store);
  return { records, unknown: wanted - records };
}

function digestsOf(
  partnership: Partnership,
  erasure: Erasure & { readonly keys: readonly (readonly string[])[] },
) {
  const { keys, source } = erasure;
  const { key, settings } = partnership;
  const parts = profileOf(sourceOf(settings.sources, source), partnership).key.length;
  const values = keys.map((each) => each.map((part) => Buffer.from(part, 'utf8')));
  const starts = Array.from({ length: parts }, () => new Int32Array(keys.length));
  const ends = Array.from({ length: parts }, () => new Int32Array(keys.length));
  let at = 0;
  values.forEach((each, i) => {
    each.forEach((bytes, part) => {
      (starts[part] as Int32Array)[i] = at;
      at += bytes.length;
      (ends[part] as Int32Array)[i] = at;
    });
  });
  const [high, low] = [new BigUint64Array(keys.length), new BigUint64Array(keys.length)];
  digestRows(recordHmac(key, source), Buffer.concat(values.flat()), starts, ends, keys.length, high, low);
  return keys.map((_, i) => [String(high[i]), String(low[i])]);
}

/** Texts that only erased records had. */
const forgetTerms = (store: Store): Promise<void> =>
  store.run(`DELETE FROM term WHERE id NOT IN (
    SELECT id FROM (SELECT unnest([source, supplier, area_code, place_id, offence]) AS id FROM incident_row)
    WHERE id IS NOT NULL)`);
