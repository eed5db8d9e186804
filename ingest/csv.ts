/** Delimited text by RFC 4180, strictly, into batches of text columns. */
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';
import { SourceError } from './source-error.ts';

/** Rows of one batch: a multiple of DuckDB's chunk of 2,048. */
export const BATCH_ROWS = 16 * 2048;
/** The longest row accepted; a longer one is almost always a quotation mark that is never closed. */
export const MAX_ROW_BYTES = 1 << 20;
/** Text that a batch holds at most. */
export const BATCH_BYTES = 4 << 20;

const MAX_COLUMNS = 10_000;
const NUL = 0;
/** Stands between the fields of a row whose digest is taken, so that no value may hold it. */
const UNIT_SEPARATOR = 0x1f;
/** Ctrl-Z, with which some old systems end a file. */
const END_OF_TEXT = 0x1a;
const LF = 10;
const CR = 13;
const QUOTE = 34;
const DELIMITERS = [',', ';', '\t', '|'];

/** Where each column of a file goes: the number of its field, or -1 where it is not read. */
export type Columns = Int32Array;

interface Scanner {
  /** The batch that is being filled, and its bytes. */
  batch: TextBatch;
  bytes: Buffer;
  words: Int32Array;
  /** How many of the bytes hold text. */
  filled: number;
  atEnd: boolean;
  /** First byte of the next row. */
  position: number;
  /** Line of the file on which the next row starts, from 1. */
  line: number;
}

/** Memory for the next batch; called again once the batch before it has been used. */
export type TakeBatch = () => TextBatch | Promise<TextBatch>;

/** One batch for `fields` columns that is filled again and again. */
export function oneBatch(fields: number): TakeBatch {
  const batch = allocateTextBatch(BATCH_ROWS, fields, BATCH_BYTES);
  return () => batch;
}

/**
 * Reads UTF-8 chunks as delimited text with a header row. `matchHeader` gets the names of the columns and throws
 * where the file is not what was expected; it is tried with each of comma, semicolon, tab and bar that the header
 * holds. Yields batches that are valid until the next is asked for, in memory from `take`. Blank lines are no rows.
 *
 * @throws SourceError with the line, where quoting is broken, a row is longer than MAX_ROW_BYTES, a control
 * character occurs, or there is no header.
 */
export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  matchHeader: (names: readonly string[]) => Columns,
  take: TakeBatch,
): AsyncGenerator<TextBatch> {
  const batch = await take();
  const scanner: Scanner = {
    batch,
    bytes: bufferOf(batch),
    words: new Int32Array(batch.bytes.buffer),
    filled: 0,
    atEnd: false,
    position: 0,
    line: 1,
  };
  let header: Header | undefined;

  async function* scanBuffer(): AsyncGenerator<TextBatch> {
    header ??= readHeader(scanner, matchHeader);
    while (header && scanRows(scanner, header) > 0) {
      yield scanner.batch;
      moveTo(scanner, await take());
    }
    moveTo(scanner, scanner.batch);
    if (scanner.filled > MAX_ROW_BYTES) throw rowTooLong(scanner);
  }

  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + BATCH_BYTES - scanner.filled);
      scanner.bytes.set(part, scanner.filled);
      scanner.filled += part.length;
      refuseControls(scanner, scanner.filled - part.length);
      offset += part.length;
      if (scanner.filled === BATCH_BYTES) yield* scanBuffer();
    }
  }
  scanner.atEnd = true;
  yield* scanBuffer();
  if (!header) throw new SourceError('the file is empty: wanted a header row and rows of data');
  if (scanner.filled > 0) throw neverClosed(scanner.line);
}

const bufferOf = ({ bytes }: TextBatch) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Goes on in `batch`, which may be the same, with what has not been scanned yet. */
function moveTo(scanner: Scanner, batch: TextBatch): void {
  const { bytes, position, filled } = scanner;
  if (batch === scanner.batch) bytes.copyWithin(0, position, filled);
  else {
    scanner.batch = batch;
    scanner.bytes = bufferOf(batch);
    scanner.words = new Int32Array(batch.bytes.buffer);
    scanner.bytes.set(bytes.subarray(position, filled));
  }
  scanner.filled = filled - position;
  scanner.position = 0;
}

interface Header {
  readonly columns: Columns;
  readonly delimiter: number;
}

function readHeader(
  scanner: Scanner,
  matchHeader: (names: readonly string[]) => Columns,
): Header | undefined {
  const { bytes, filled, atEnd } = scanner;
  let line = '';
  // Blank lines before the header, and the line "sep=," that spreadsheets write, are passed over.
  while (scanner.position < filled && (line.trim() === '' || /^sep=.$/i.test(line.trim()))) {
    const end = indexOrEnd(bytes, LF, scanner.position, filled);
    if (end === filled && !atEnd) return undefined;
    line = bytes.toString('utf8', scanner.position, end);
    scanner.position = Math.min(end + 1, filled);
    scanner.line++;
  }
  if (line.trim() === '') return undefined;
  let failure: unknown;
  for (const delimiter of DELIMITERS.filter((d) => d === ',' || line.includes(d))) {
    try {
      const columns = matchHeader(splitHeader(line, delimiter, scanner.line - 1));
      return { columns, delimiter: delimiter.charCodeAt(0) };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** The names in a header row; a name in quotation marks may hold the delimiter. */
function splitHeader(line: string, delimiter: string, lineNumber: number): string[] {
  const names: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i <= line.length; i++) {
    if (line[i] === '"') quoted = !quoted;
    else if (i === line.length || (line[i] === delimiter && !quoted)) {
      if (names.push(line.slice(start, i)) > MAX_COLUMNS) {
        throw new SourceError(`more than ${MAX_COLUMNS} columns: this is no file of records`, lineNumber);
      }
      start = i + 1;
    }
  }
  if (quoted) throw neverClosed(lineNumber);
  return names.map((name) =>
    name
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}

/**
 * Scans whole rows into the batch until it is full or the buffer holds no further whole row, and returns how many.
 * A row that is not whole is left for the next call, untouched.
 */
function scanRows(scanner: Scanner, header: Header): number {
  const { batch, bytes, words, filled, atEnd } = scanner;
  const { columns, delimiter } = header;
  const { starts, ends, ragged, capacity } = batch;
  const width = columns.length;
  let rows = 0;
  let nextQuote = -1;
  while (rows < capacity && scanner.position < filled) {
    const rowStart = scanner.position;
    if (nextQuote < rowStart) nextQuote = indexOrEnd(bytes, QUOTE, rowStart, filled);
    const lineEnd = indexOrEnd(bytes, LF, rowStart, filled);
    if (lineEnd === filled && !atEnd) break;
    if (lineEnd - rowStart > MAX_ROW_BYTES) throw rowTooLong(scanner);
    let column = 0;
    if (nextQuote < lineEnd) {
      column = scanQuotedRow(scanner, header, rows);
      if (column === 0) break;
    } else {
      const rowEnd = lineEnd > rowStart && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
      scanner.position = Math.min(lineEnd + 1, filled);
      scanner.line++;
      if (rowEnd === rowStart || (rowEnd - rowStart === 1 && bytes[rowStart] === END_OF_TEXT)) continue;
      column = scanPlainRow(bytes, words, rowStart, rowEnd, delimiter, columns, starts, ends, rows);
    }
    ragged[rows++] = column === width ? 0 : 1;
  }
  batch.n = rows;
  return rows;
}

/** Scans one row without quotation marks, and returns how many columns it has. */
function scanPlainRow(
  bytes: Uint8Array,
  words: Int32Array,
  rowStart: number,
  rowEnd: number,
  delimiter: number,
  columns: Int32Array,
  starts: readonly Int32Array[],
  ends: readonly Int32Array[],
  row: number,
): number {
  const width = columns.length;
  let column = 0;
  let start = rowStart;
  const pattern = delimiter * 0x01010101;
  for (let p = rowStart; ; p++) {
    // Four bytes at a time: a word less the delimiter in each place has a zero byte only where one stands.
    if ((p & 3) === 0) {
      while (p + 4 <= rowEnd) {
        const word = (words[p >> 2] as number) ^ pattern;
        if (((word - 0x01010101) & ~word & 0x80808080) !== 0) break;
        p += 4;
      }
    }
    if (p >= rowEnd) break;
    if (bytes[p] !== delimiter) continue;
    const field = column < width ? (columns[column] as number) : -1;
    if (field >= 0) {
      (starts[field] as Int32Array)[row] = start;
      (ends[field] as Int32Array)[row] = p;
    }
    column++;
    start = p + 1;
  }
  const field = column < width ? (columns[column] as number) : -1;
  if (field >= 0) {
    (starts[field] as Int32Array)[row] = start;
    (ends[field] as Int32Array)[row] = rowEnd;
  }
  return column + 1;
}

/** The next place of a byte from `from` on, `end` where there is none before it. */
function indexOrEnd(bytes: Buffer, byte: number, from: number, end: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 || at > end ? end : at;
}

/** Columns of the row at hand whose value holds doubled quotation marks. */
const escaped: number[] = [];

/** Scans one row in which a value is quoted and returns its columns; 0, and nothing changed, where it is not whole. */
function scanQuotedRow(scanner: Scanner, header: Header, row: number): number {
  const { batch, bytes, filled, atEnd } = scanner;
  const { columns, delimiter } = header;
  let { position: p, line } = scanner;
  let column = 0;
  escaped.length = 0;
  for (;;) {
    const field = column < columns.length ? (columns[column] as number) : -1;
    let start = p;
    let end: number;
    if (p < filled && bytes[p] === QUOTE) {
      start = ++p;
      for (;;) {
        while (p < filled && bytes[p] !== QUOTE) {
          if (bytes[p] === LF) line++;
          p++;
        }
        if (p + 1 >= filled || bytes[p + 1] !== QUOTE) break;
        if (field >= 0 && escaped.at(-1) !== field) escaped.push(field);
        p += 2;
      }
      if (p >= filled) return 0;
      end = p++;
      if (p < filled && bytes[p] === CR) p++;
      if (p < filled && bytes[p] !== delimiter && bytes[p] !== LF) throw strayQuote(line);
    } else {
      while (p < filled && bytes[p] !== delimiter && bytes[p] !== LF) {
        if (bytes[p] === QUOTE) throw strayQuote(line);
        p++;
      }
      end = p < filled && bytes[p] === LF && p > start && bytes[p - 1] === CR ? p - 1 : p;
    }
    if (field >= 0) {
      (batch.starts[field] as Int32Array)[row] = start;
      (batch.ends[field] as Int32Array)[row] = end;
    }
    column++;
    if (p >= filled || bytes[p] !== delimiter) break;
    p++;
  }
  if (p - scanner.position > MAX_ROW_BYTES) throw rowTooLong(scanner);
  // Without its line end a row is whole only at the end of the file.
  if (p >= filled && !atEnd) return 0;
  for (const field of escaped)
    halveQuotes(bytes, batch.starts[field] as Int32Array, batch.ends[field] as Int32Array, row);
  scanner.position = Math.min(p + 1, filled);
  scanner.line = line + 1;
  return column;
}

/** Halves the doubled quotation marks of one value in place; it can only become shorter. */
function halveQuotes(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, row: number): void {
  let write = starts[row] as number;
  const end = ends[row] as number;
  for (let read = write; read < end; read++) {
    const byte = bytes[read] as number;
    bytes[write++] = byte;
    if (byte === QUOTE) read++;
  }
  ends[row] = write;
}

/** Throws where the text from `from` on holds a byte that no text has. */
function refuseControls({ bytes, filled, position, line }: Scanner, from: number): void {
  for (const control of [NUL, UNIT_SEPARATOR]) {
    const at = indexOrEnd(bytes, control, from, filled);
    if (at === filled) continue;
    const before = bytes.subarray(position, at).reduce((lines, byte) => lines + (byte === LF ? 1 : 0), 0);
    throw new SourceError(
      'a control character: this is not a text file; wanted CSV, saved from the program that made it',
      line + before,
    );
  }
}

const strayQuote = (line: number) =>
  new SourceError(
    'a quotation mark inside a value: quote the whole value and double the mark, or remove it',
    line,
  );
const neverClosed = (line: number) =>
  new SourceError('a quotation mark that is opened in the row starting here is never closed: close it', line);
const rowTooLong = (scanner: Scanner) =>
  new SourceError(
    scanner.bytes.subarray(0, scanner.filled).includes(QUOTE)
      ? 'a row of more than 1 MB starts here, most likely with a quotation mark that is never closed'
      : 'a row of more than 1 MB starts here: wanted line ends (LF or CRLF) between rows',
    scanner.line,
  );
