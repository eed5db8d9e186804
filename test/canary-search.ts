/**
 * Looks for values of somebody's record in everything that was made: in bytes, in what compression hides, and in
 * every value of every database. Used with its positive controls: test/canary.test.ts plants a leak in each format.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { openStore, type Store } from '../transform/store.ts';

/** Where a canary was found. */
export interface Leak {
  readonly canary: string;
  readonly where: string;
}

/** A text in the forms in which it may have been written: in other case, without spaces, in other encodings. */
function formsOf(canary: string): Buffer[] {
  const bare = canary.replace(/[\s-]/g, '');
  const texts = new Set([canary, bare].flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()]));
  const escaped = [...texts].flatMap((text) => [
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    text.replaceAll('&', '&amp;').replaceAll("'", '&#39;').replaceAll('<', '&lt;'),
  ]);
  const all = new Set([...texts, ...escaped].filter((text) => text.length >= 4));
  const forms = [...all].flatMap((text) => [
    Buffer.from(text, 'utf8'),
    Buffer.from(text, 'utf16le'),
    Buffer.from(text, 'latin1'),
    Buffer.from(Buffer.from(text, 'utf8').toString('hex')),
    Buffer.from(Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '').slice(0, -1)),
  ]);
  return [...new Map(forms.map((form) => [form.toString('latin1'), form])).values()];
}

export interface Searcher {
  readonly inText: (text: string, where: string) => Leak[];
  readonly inBytes: (bytes: Uint8Array, where: string) => Leak[];
  /** Every file under a folder but those under `except`; databases, Parquet and PDF are opened too. */
  readonly inFolder: (folder: string, except?: readonly string[]) => Promise<Leak[]>;
}

/** Prepares the search for canaries of four characters or more that occur nowhere by themselves. */
export function searchFor(canaries: readonly string[]): Searcher {
  const forms = canaries.map((canary) => ({ canary, forms: formsOf(canary) }));
  const inBytes = (bytes: Uint8Array, where: string): Leak[] => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return forms
      .filter(({ forms: each }) => each.some((form) => buffer.includes(form)))
      .map(({ canary }) => ({ canary, where }));
  };
  const inText = (text: string, where: string) => inBytes(Buffer.from(text, 'utf8'), where);
  const inFile = async (path: string, where: string): Promise<Leak[]> => {
    const bytes = readFileSync(path);
    const leaks = [...inBytes(bytes, where), ...inText(where, `the name of ${where}`)];
    for (const [i, part] of packedParts(bytes).entries())
      leaks.push(...inBytes(part, `${where}, unpacked part ${i + 1}`));
    const kind = extname(path);
    if (kind === '.duckdb') leaks.push(...(await inDatabase(path, where, inText, inBytes)));
    if (kind === '.parquet') leaks.push(...(await inParquet(path, where, inText)));
    if (kind === '.pdf') leaks.push(...inText(pdfText(path), `${where}, as text`));
    return leaks;
  };
  return {
    inText,
    inBytes,
    inFolder: async (folder, except = []) => {
      const leaks: Leak[] = [];
      for (const path of filesUnder(folder)) {
        const where = relative(folder, path);
        if (except.some((name) => where === name || where.startsWith(`${name}/`))) continue;
        leaks.push(...(await inFile(path, where)));
      }
      return leaks;
    },
  };
}

/** Every file under a folder, hidden and temporary ones too. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : statSync(path).isFile() ? [path] : [];
  });
}

const attempt = <T>(work: () => T): T[] => {
  try {
    return [work()];
  } catch {
    return [];
  }
};

/** What is in a gzip, in the streams of a PDF and in the entries of a zip archive. */
function packedParts(bytes: Buffer): Uint8Array[] {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return attempt(() => gunzipSync(bytes));
  if (bytes.subarray(0, 4).toString() === '%PDF') return pdfStreams(bytes);
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return zipEntries(bytes);
  return [];
}

/** The streams of a PDF, inflated; those that hold objects may hold streams of text in turn. */
function pdfStreams(bytes: Buffer): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = bytes.indexOf('stream'); at >= 0; at = bytes.indexOf('stream', at + 6)) {
    if (bytes.subarray(at - 3, at).toString() === 'end') continue;
    let start = at + 6;
    while (bytes[start] === 13 || bytes[start] === 10) start++;
    const end = bytes.indexOf('endstream', start);
    if (end < 0) break;
    parts.push(...attempt(() => inflateSync(bytes.subarray(start, end), { finishFlush: 2 })));
  }
  return parts;
}

function zipEntries(bytes: Buffer): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (
    let at = bytes.indexOf('PK\x03\x04', 0, 'latin1');
    at >= 0;
    at = bytes.indexOf('PK\x03\x04', at + 4, 'latin1')
  ) {
    const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    parts.push(...attempt(() => inflateRawSync(bytes.subarray(start), { finishFlush: 2 })));
  }
  return parts;
}

/** What a reader sees of a PDF, where pdftotext is installed; glyph numbers say nothing by themselves. */
function pdfText(path: string): string {
  return attempt(() =>
    execFileSync('pdftotext', ['-q', path, '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ).join('');
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const named = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Every value and comment of a database as text, and its bytes once more without compression. */
async function inDatabase(
  path: string,
  where: string,
  inText: Searcher['inText'],
  inBytes: Searcher['inBytes'],
): Promise<Leak[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'cardiff-canary-'));
  const plain = join(scratch, 'plain.duckdb');
  const store = await openStore(':memory:');
  try {
    await store.run(`ATTACH ${quoted(path)} AS leaky (READ_ONLY)`);
    const leaks = inText(await valuesOf(store, 'leaky'), `${where}, its values`);
    await store.run(
      `SET force_compression = 'uncompressed'; ATTACH ${quoted(plain)} AS plain; COPY FROM DATABASE leaky TO plain; DETACH plain`,
    );
    return [...leaks, ...inBytes(readFileSync(plain), `${where}, without compression`)];
  } finally {
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function valuesOf(store: Store, database: string): Promise<string> {
  const tables = await store.query<{ schema: string; name: string }>(
    `SELECT schema_name AS schema, table_name AS name FROM duckdb_tables() WHERE database_name = $1`,
    [database],
  );
  const texts: string[] = [];
  for (const { schema, name } of tables) {
    const rows = await store.query<{ row: string }>(
      `SELECT t::VARCHAR AS row FROM ${database}.${named(schema)}.${named(name)} t`,
    );
    texts.push(name, ...rows.map(({ row }) => row));
  }
  for (const list of ['duckdb_tables', 'duckdb_columns', 'duckdb_views', 'duckdb_functions']) {
    const rows = await store.query<{ row: string }>(
      `SELECT t::VARCHAR AS row FROM ${list}() t WHERE database_name = $1`,
      [database],
    );
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

async function inParquet(path: string, where: string, inText: Searcher['inText']): Promise<Leak[]> {
  const store = await openStore(':memory:');
  try {
    const rows = await store.query<{ row: string }>(
      `SELECT t::VARCHAR AS row FROM read_parquet(${quoted(path)}) t`,
    );
    const meta = await store.query<{ row: string }>(
      `SELECT t::VARCHAR AS row FROM parquet_kv_metadata(${quoted(path)}) t`,
    );
    return inText([...rows, ...meta].map(({ row }) => row).join('\n'), `${where}, its values`);
  } finally {
    store.close();
  }
}
