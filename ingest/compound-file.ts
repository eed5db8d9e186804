/** Streams of a compound file ([MS-CFB]), the box into which Office puts what it encrypts. Nothing in it is trusted. */
import { SourceError } from './source-error.ts';

/** The first bytes of a compound file. */
export const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** Numbers from here on end a chain. */
const END = 0xfffffffe;
const ENTRY_BYTES = 128;
const STREAM = 2;
const ROOT = 5;
/** Smaller streams lie in the root's own, in pieces of 64 bytes. */
const SMALL = 4096;
const PIECE = 64;
/** An encrypted package has some ten entries, at least four to a sector. */
const MOST_DIRECTORY = 100;

/**
 * The streams of those names that a file holds. Whatever the file says of itself, what is made in memory is no larger
 * than it.
 *
 * @throws SourceError where it is damaged, or its chains lead round in a circle or out of it.
 */
export function readStreams(file: Buffer, names: readonly string[]): Map<string, Buffer> {
  try {
    return findStreams(file, names);
  } catch {
    throw new SourceError(
      'the file is an old Excel or Word file, or a workbook that is damaged: save it again as CSV or as an XLSX, and deliver that',
    );
  }
}

function findStreams(file: Buffer, names: readonly string[]): Map<string, Buffer> {
  const bytes = 2 ** file.readUInt16LE(30);
  if (bytes !== 512 && bytes !== 4096) throw new RangeError('sectors');
  const sectors = Math.ceil(file.length / bytes);
  const tables = Math.ceil(sectors / (bytes / 4));
  const body = file.subarray(bytes);

  // The table of what comes after each sector lies in sectors itself: 109 are listed in the header, more in a chain.
  const nextList = (n: number) => body.readUInt32LE((n + 1) * bytes - 4);
  const lists = follow(file.readUInt32LE(68), nextList, tables);
  const listed = Buffer.concat([
    file.subarray(76, 512),
    ...lists.map((n) => body.subarray(n * bytes, (n + 1) * bytes - 4)),
  ]);
  const numbers = Array.from({ length: listed.length / 4 }, (_, i) => listed.readUInt32LE(4 * i));
  const table = join(body, numbers.filter((n) => n < END).slice(0, tables), bytes);
  const next = (n: number) => table.readUInt32LE(4 * n);
  const read = (first: number, most = sectors) => join(body, follow(first, next, most), bytes);

  const streams = new Map<string, Buffer>();
  let small: { readonly body: Buffer; readonly table: Buffer } | undefined;
  const directory = read(file.readUInt32LE(48), MOST_DIRECTORY);
  for (let at = 0; at < directory.length; at += ENTRY_BYTES) {
    const entry = directory.subarray(at, at + ENTRY_BYTES);
    const type = entry.readUInt8(66);
    const name = entry.toString('utf16le', 0, Math.max(0, entry.readUInt16LE(64) - 2));
    const first = entry.readUInt32LE(116);
    const size = entry.readUInt32LE(120);
    if (type === ROOT && !small) small = { body: read(first), table: read(file.readUInt32LE(60)) };
    if (type !== STREAM || !names.includes(name) || streams.has(name)) continue;
    const stream = size < SMALL ? readSmall(small as NonNullable<typeof small>, first) : read(first);
    if (stream.length < size) throw new RangeError('cut short');
    streams.set(name, stream.subarray(0, size));
  }
  return streams;
}

const readSmall = ({ body, table }: { readonly body: Buffer; readonly table: Buffer }, first: number) =>
  join(
    body,
    follow(first, (n) => table.readUInt32LE(4 * n), SMALL / PIECE),
    PIECE,
  );

/** The numbers of a chain. A chain that is longer than it can be leads round in a circle. */
function follow(first: number, next: (n: number) => number, most: number): number[] {
  const chain: number[] = [];
  for (let n = first; n < END; n = next(n)) if (chain.push(n) > most) throw new RangeError('a circle');
  return chain;
}

/** The pieces with those numbers, one after the other; the file's last may be shorter. */
const join = (body: Buffer, numbers: readonly number[], bytes: number): Buffer =>
  Buffer.concat(
    numbers.map((n) => {
      if (n * bytes >= body.length) throw new RangeError('outside');
      return body.subarray(n * bytes, (n + 1) * bytes);
    }),
  );
