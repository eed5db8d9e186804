/** Delimited text by RFC 4180, strictly, into batches of text columns. */
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';
import { CONTROLS, markStructure } from './mark-structure.ts';
import { SourceError } from './source-error.ts';

/** Rows of one batch: a multiple of DuckDB's chunk of 2,048. */
export const BATCH_ROWS = 16 * 2048;
/** The longest row accepted; a longer one is almost always a quotation mark that is never closed. */
export const MAX_ROW_BYTES = 1 << 20;
/** Text that a batch holds at most. */
export const BATCH_BYTES = 4 << 20;

const MAX_COLUMNS = 10_000;
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
  /** A bit for each byte that is a delimiter, a line feed or a quotation mark. */
  readonly marks: Int32Array;
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
    marks: new Int32Array(BATCH_BYTES >> 5),
    filled: 0,
    atEnd: false,
    position: 0,
    line: 1,
  };
  let header: Header | undefined;

  async function* scanBuffer(): AsyncGenerator<TextBatch> {
    if (!header) {
      mark(scanner, LF);
      header = readHeader(scanner, matchHeader);
    }
    if (header) {
      mark(scanner, header.delimiter);
      while (scanRows(scanner, header) > 0) {
        yield scanner.batch;
        moveTo(scanner, await take());
        mark(scanner, header.delimiter);
      }
    }
    moveTo(scanner, scanner.batch);
    if (scanner.filled > MAX_ROW_BYTES) throw rowTooLong(scanner);
  }

  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + BATCH_BYTES - scanner.filled);
      scanner.bytes.set(part, scanner.filled);
      scanner.filled += part.length;
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
  const { batch, atEnd, filled } = scanner;
  batch.n = 0;
  while (batch.n < batch.capacity && scanner.position < filled) {
    if (scanPlainRows(scanner, header)) {
      const columns = scanQuotedRow(scanner, header, batch.n);
      if (columns === 0) break;
      batch.ragged[batch.n++] = columns === header.columns.length ? 0 : 1;
    } else if (batch.n < batch.capacity) {
      // What is left has no line feed: at the end of the file it is a row all the same.
      if (atEnd && scanner.position < filled) endRow(scanner, header, filled);
      break;
    }
  }
  return batch.n;
}

/**
 * Scans rows until the batch is full, the buffer has no further line feed (false), or a row holds a quotation mark
 * (true), which is left as it was.
 */
function scanPlainRows(scanner: Scanner, { columns, delimiter }: Header): boolean {
  const { batch, bytes, marks, filled } = scanner;
  const { starts, ends, ragged, capacity } = batch;
  const width = columns.length;
  const words = (filled + 31) >> 5;
  let rowStart = scanner.position;
  let start = rowStart;
  let column = 0;
  let row = batch.n;
  let lines = 0;
  let quoted = false;
  let word = rowStart >> 5;
  let bits = word < words ? (marks[word] as number) & (-1 << (rowStart & 31)) : 0;
  while (row < capacity) {
    while (bits === 0 && ++word < words) bits = marks[word] as number;
    if (bits === 0) break;
    const at = (word << 5) + 31 - Math.clz32(bits & -bits);
    bits &= bits - 1;
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      quoted = true;
      break;
    }
    const isEnd = byte !== delimiter;
    const end = isEnd && at > rowStart && bytes[at - 1] === CR ? at - 1 : at;
    if (column < width) {
      const field = columns[column] as number;
      if (field >= 0) {
        (starts[field] as Int32Array)[row] = start;
        (ends[field] as Int32Array)[row] = end;
      }
    }
    start = at + 1;
    column++;
    if (!isEnd) continue;
    if (at - rowStart > MAX_ROW_BYTES) throw rowTooLong(scanner);
    if (column > 1 || !isBlank(bytes, rowStart, end)) ragged[row++] = column === width ? 0 : 1;
    lines++;
    scanner.position = rowStart = start;
    column = 0;
  }
  scanner.line += lines;
  batch.n = row;
  return quoted;
}

/** Ends the row at hand, which holds no quotation mark and no line feed, where the file ends. */
function endRow(scanner: Scanner, { columns, delimiter }: Header, fileEnd: number): void {
  const { batch, bytes, position } = scanner;
  if (fileEnd - position > MAX_ROW_BYTES) throw rowTooLong(scanner);
  const end = bytes[fileEnd - 1] === CR ? fileEnd - 1 : fileEnd;
  let column = 0;
  for (let start = position; start <= end; ) {
    const next = Math.min(indexOrEnd(bytes, delimiter, start, end), end);
    const field = column < columns.length ? (columns[column] as number) : -1;
    if (field >= 0) {
      (batch.starts[field] as Int32Array)[batch.n] = start;
      (batch.ends[field] as Int32Array)[batch.n] = next;
    }
    column++;
    start = next + 1;
  }
  if (column > 1 || !isBlank(bytes, position, end))
    batch.ragged[batch.n++] = column === columns.length ? 0 : 1;
  scanner.position = fileEnd;
  scanner.line++;
}

/** Whether a row of one column holds nothing, or the Ctrl-Z of old systems. */
const isBlank = (bytes: Uint8Array, start: number, end: number): boolean =>
  end <= start || (end === start + 1 && bytes[start] === END_OF_TEXT);

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

/** Marks what gives the buffer its structure. Throws where it holds a byte that no text has. */
function mark({ bytes, marks, filled, line }: Scanner, delimiter: number): void {
  if (!markStructure(bytes, filled, delimiter, marks)) return;
  const at = Math.min(...CONTROLS.map((control) => indexOrEnd(bytes, control, 0, filled)));
  const before = bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === LF ? 1 : 0), 0);
  throw new SourceError(
    'a control character: this is not a text file; wanted CSV, saved from the program that made it',
    line + before,
  );
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
