/** Bytes of a file to UTF-8: gzip, byte-order marks, UTF-16, Latin-1. */
import { isAscii, isUtf8 } from 'node:buffer';
import { pipeline } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { SourceError } from './source-error.ts';

export const ENCODINGS = ['auto', 'utf-8', 'utf-16', 'latin-1'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const startsWith = (bytes: Uint8Array, prefix: readonly number[]) =>
  prefix.every((byte, i) => bytes[i] === byte);

/** What the first bytes of a file say it is, where it is none of the forms that can be read. */
function foreignFormat(head: Uint8Array): string | undefined {
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return 'a spreadsheet (XLSX) or zip archive';
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0]))
    return 'an old Excel or Word file, or a workbook with a password';
  if (startsWith(head, [0x25, 0x50, 0x44, 0x46])) return 'a PDF';
  if (startsWith(head, [0x53, 0x51, 0x4c, 0x69])) return 'a database';
  return undefined;
}

/**
 * The text of a file as UTF-8 chunks without a byte-order mark, unpacked where it is gzipped. `auto` goes by the
 * byte-order mark, then by NUL bytes (UTF-16), then by whether the bytes are valid UTF-8; what is not is read as
 * Latin-1 (Windows-1252, as every spreadsheet writes it), as long as it holds no UTF-8 beyond ASCII too.
 *
 * @throws SourceError for a truncated or damaged gzip, a format that is not text, and mixed encodings.
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<Uint8Array> {
  const bytes = unzip(chunks);
  const first = await bytes.next();
  if (first.done) return;
  const head = first.value;
  const foreign = foreignFormat(head);
  if (foreign)
    throw new SourceError(
      `the file is ${foreign}, whatever its name: save it as CSV or as an XLSX, and deliver that`,
    );
  const all = prepend(head, bytes);
  const utf16 = utf16Label(head, encoding);
  if (utf16) yield* reencode(all, new TextDecoder(utf16, { fatal: true }), 'UTF-16');
  else yield* checkUtf8(all, encoding);
}

async function* prepend(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* rest;
}

/** Yields at least four bytes first where the file has them, so that its format can be told. */
async function* gatherHead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (!head) yield chunk;
    else {
      head = Buffer.concat([head, chunk]);
      if (head.length >= 4) {
        yield head;
        head = undefined;
      }
    }
  }
  if (head && head.length > 0) yield head;
}

async function* unzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const raw = gatherHead(chunks);
  const first = await raw.next();
  if (first.done) return;
  if (!startsWith(first.value, [0x1f, 0x8b])) {
    yield* prepend(first.value, raw);
    return;
  }
  // DuckDB and others read a truncated gzip as far as it goes without complaint; zlib here does not. But it passes over
  // all that follows a part and begins with a zero, which may only be zeros.
  const packed = prepend(first.value, raw);
  let read = 0;
  let written = 0;
  const next = async () => {
    const { done, value } = await packed.next();
    if (done) return undefined;
    const last = value.findLastIndex((byte) => byte !== 0);
    if (last >= 0) written = read + last + 1;
    read += value.length;
    return value;
  };
  const feed = async function* () {
    for (let chunk = await next(); chunk; chunk = await next()) yield chunk;
  };
  let cause: unknown;
  const gunzip = createGunzip({ chunkSize: 1 << 20 });
  pipeline(feed, gunzip, (error) => {
    cause = error;
  });
  try {
    yield* gatherHead(gunzip);
    while (await next());
    if (written > gunzip.bytesWritten) throw new Error();
  } catch {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError('the gzip file is cut short or damaged: deliver it again');
  } finally {
    await packed.return(undefined);
  }
}

function utf16Label(head: Uint8Array, encoding: Encoding): string | undefined {
  if (startsWith(head, [0xff, 0xfe])) return 'utf-16le';
  if (startsWith(head, [0xfe, 0xff])) return 'utf-16be';
  if (encoding === 'utf-8' || encoding === 'latin-1') return undefined;
  const sample = head.subarray(0, 1024);
  const nuls = [0, 0];
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) nuls[i & 1] = (nuls[i & 1] as number) + 1;
  const [even, odd] = nuls as [number, number];
  // A few letters (U+0100, U+2000) have their NUL on the other side.
  if (odd > sample.length / 4 && odd > even * 8) return 'utf-16le';
  if (even > sample.length / 4 && even > odd * 8) return 'utf-16be';
  return encoding === 'utf-16' ? 'utf-16le' : undefined;
}

async function* reencode(
  chunks: AsyncIterable<Uint8Array>,
  decoder: TextDecoder,
  name: string,
): AsyncGenerator<Uint8Array> {
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      throw new SourceError(`the file is not valid ${name}: save it again as UTF-8, or set its encoding`);
    }
  };
  for await (const chunk of chunks) yield Buffer.from(decode(chunk), 'utf8');
  const tail = decode();
  if (tail !== '') yield Buffer.from(tail, 'utf8');
}

async function* checkUtf8(chunks: AsyncIterable<Uint8Array>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  let settled: 'utf-8' | 'latin-1' | undefined = encoding === 'latin-1' ? 'latin-1' : undefined;
  if (encoding === 'utf-8') settled = 'utf-8';
  let carry: Uint8Array = new Uint8Array(0);
  let first = true;
  for await (const chunk of chunks) {
    let bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
    carry = new Uint8Array(0);
    if (first && startsWith(bytes, [0xef, 0xbb, 0xbf])) {
      bytes = bytes.subarray(3);
      settled = 'utf-8';
    }
    first = false;
    if (settled !== 'latin-1' && !isAscii(bytes)) {
      const whole = bytes.subarray(0, bytes.length - unfinishedTail(bytes));
      if (isUtf8(whole)) {
        carry = bytes.slice(whole.length);
        if (!isAscii(whole)) settled = 'utf-8';
        bytes = whole;
      } else if (settled === 'utf-8') throw notUtf8();
      else settled = 'latin-1';
    }
    if (settled === 'latin-1' && encoding === 'auto') {
      // What may be cut in two at the end waits for the next chunk, so that the answer does not hang on the chunks.
      const end = bytes.length - unfinishedTail(bytes);
      carry = bytes.slice(end);
      bytes = bytes.subarray(0, end);
      if (holdsUtf8(bytes)) throw notUtf8();
    }
    yield settled === 'latin-1' ? Buffer.from(decodeWestern(bytes), 'utf8') : bytes;
  }
  if (carry.length === 0) return;
  if (settled === 'utf-8') throw notUtf8();
  yield Buffer.from(decodeWestern(carry), 'utf8');
}

/** What Windows-1252 has at 0x80 to 0x9F, where Latin-1 has control characters; five of them are not used. */
const WINDOWS_LETTERS =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Text in Windows-1252. TextDecoder of Node 20 takes it for Latin-1 and loses the apostrophe of "Dempsey's". */
const decodeWestern = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (letter) => WINDOWS_LETTERS[letter.charCodeAt(0) - 0x80] as string);

/** True where two or more bytes in a row are a character of UTF-8 beyond ASCII, which text in Latin-1 hardly ever has. */
function holdsUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    if (length > 1 && i + length <= bytes.length && isUtf8(bytes.subarray(i, i + length))) return true;
  }
  return false;
}

const notUtf8 = () =>
  new SourceError(
    'the file is part UTF-8 and part another encoding: save it again as UTF-8, or set its encoding',
  );

/** Bytes at the end that begin a UTF-8 character without finishing it (0 to 3). */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}
