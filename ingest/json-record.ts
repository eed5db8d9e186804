/** One source record as a JSON object of plain values, into a batch of text columns. */
import { isUtf8 } from 'node:buffer';
import type { Profile } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { plainName } from './header.ts';
import { CONTROLS } from './mark-structure.ts';
import { SourceError } from './source-error.ts';
import { createWalker, MOST_EXPECTED, SLOT, VALUE_END, VALUE_START, type Walker } from './walk-record.ts';

/** What is remembered of a key: the field of the profile, or -1 where it is not read. */
interface Key {
  /** All that led from the value before, or the beginning of the record, to this key's value, as it was written. */
  readonly lead: Uint8Array;
  readonly field: number;
  readonly known: number;
}

export interface JsonReader {
  readonly batch: TextBatch;
  /** Whether all the bytes that are read from are UTF-8, which one look settles. */
  isUtf8: boolean;
  readonly required: readonly number[];
  readonly profile: Profile;
  /** Fields by the names that a key may have: the column's, or the field's own. */
  readonly names: ReadonlyMap<string, number>;
  /** The keys of the record before, in order: nearly always those of the next; the walker expects them too. */
  readonly expected: Key[];
  readonly walker: Walker;
  /** In which record a field was found last, for finding it twice and for finding what is missing. */
  readonly foundIn: Int32Array;
  record: number;
  /** So many rows of the batch may not be empty, though they do not count yet or any more. */
  used: number;
  /** Values under keys that no field takes; the keys are a sender's text and are not kept. */
  unknown: number;
}

/** Why a message is not read, in words that hold nothing of it. */
export type BadRecord =
  | 'not JSON'
  | 'not an object'
  | 'not UTF-8'
  | 'a value within a value'
  | 'two values for one field'
  | 'a control character'
  | 'a required field is missing';

const [SPACE, TAB, LF, CR, QUOTE, COMMA, COLON, BACKSLASH] = [32, 9, 10, 13, 34, 44, 58, 92] as const;
const [OPEN, CLOSE, OPEN_LIST] = [123, 125, 91] as const;
const DROPPED = -1;

/**
 * Prepares the reading of a profile's records into `batch`.
 *
 * @throws SourceError where two fields are read from one name.
 */
export function openJsonReader(profile: Profile, batch: TextBatch): JsonReader {
  const fields = Object.keys(profile.fields);
  const names = new Map<string, number>();
  const headers = fields.map((field) => plainName(profile.fields[field]?.header ?? field));
  headers.forEach((header, i) => {
    if (names.has(header))
      throw new SourceError(
        `two fields are read from "${profile.fields[fields[i] as string]?.header}": correct "headers" in cardiff.yaml`,
      );
    names.set(header, i);
  });
  fields.forEach((field, i) => {
    if (!names.has(plainName(field))) names.set(plainName(field), i);
  });
  return {
    batch,
    isUtf8: false,
    required: fields.flatMap((field, i) => (profile.fields[field]?.required ? [i] : [])),
    profile,
    names,
    expected: [],
    walker: createWalker(),
    foundIn: new Int32Array(fields.length),
    record: 0,
    used: 0,
    unknown: 0,
  };
}

/**
 * Reads from a copy of `text` from now on, and forgets the batch's rows. The batch's text lies in that copy; records in it
 * are followed by a byte below 128 that is none of theirs.
 */
export function readFrom(reader: JsonReader, text: Uint8Array): void {
  const bytes = reader.walker.load(text);
  reader.batch.bytes = bytes;
  reader.batch.n = 0;
  reader.isUtf8 = isUtf8(bytes);
}

/**
 * Adds the record from `start` up to `end` to the batch, which must have room for a row, or says why it cannot be read;
 * the batch is then as it was. Values are texts, numbers (as they are written), true, false and null (nothing). Keys are
 * matched as the columns of a file are. Escapes are resolved in place.
 */
export function addJsonRecord(reader: JsonReader, start: number, end: number): BadRecord | undefined {
  const { batch } = reader;
  const { bytes, n } = batch;
  if (!reader.isUtf8 && !isUtf8(bytes.subarray(start, end))) return 'not UTF-8';
  reader.record = (reader.record + 1) | 0;
  if (n === 0) empty(batch, 0, reader.used);
  const bad = readObject(reader, skipSpace(bytes, start, end), end);
  reader.used = n + 1;
  if (bad !== undefined) {
    empty(batch, n, n + 1);
    return bad;
  }
  batch.ragged[n] = 0;
  batch.n = n + 1;
  return undefined;
}

/** Empties rows of all columns. */
function empty({ starts, ends }: TextBatch, from: number, to: number): void {
  for (const columns of [starts, ends]) for (const column of columns) column.fill(0, from, to);
}

function readObject(reader: JsonReader, start: number, end: number): BadRecord | undefined {
  const { batch, required, foundIn, record, expected, walker } = reader;
  const { slots } = walker;
  const { bytes, starts, ends, n } = batch;
  let at = start;
  if (at >= end) return 'not JSON';
  if (bytes[at] !== OPEN)
    return bytes[at] === OPEN_LIST || bytes[at] === QUOTE ? 'not an object' : 'not JSON';
  for (let i = 0; ; i++) {
    // Nearly always what is left of a record is keys as they were in the record before, and plain texts.
    const walked = walker.walk(at, end, i);
    for (; i < walked; i++) {
      const { known, field } = expected[i] as Key;
      if (!isNew(reader, known)) return 'two values for one field';
      const valueEnd = slots[i * SLOT + VALUE_END] as number;
      if (field >= 0) {
        (starts[field] as Int32Array)[n] = slots[i * SLOT + VALUE_START] as number;
        (ends[field] as Int32Array)[n] = valueEnd;
      }
      at = valueEnd + 1;
    }
    let key = expected[i];
    const afterLead = at + (key?.lead.length ?? end);
    if (key && afterLead < end && isSame(bytes, at, afterLead, key.lead))
      at = skipSpace(bytes, afterLead, end);
    else {
      const before = at;
      if (i > 0) {
        at = skipSpace(bytes, at, end);
        if (at >= end || bytes[at] !== COMMA) break;
      }
      at = skipSpace(bytes, at + 1, end);
      if (i === 0 && bytes[at] === CLOSE) break;
      if (at >= end || bytes[at] !== QUOTE) return 'not JSON';
      const keyStart = at + 1;
      const keyEnd = stringEnd(bytes, keyStart, end);
      if (keyEnd < 0) return keyEnd === BAD_CONTROL ? 'a control character' : 'not JSON';
      const hasEscapes = escapes;
      at = skipSpace(bytes, keyEnd + 1, end);
      if (at >= end || bytes[at] !== COLON) return 'not JSON';
      at = skipSpace(bytes, at + 1, end);
      // What is remembered are the bytes as they came: escapes are resolved in place.
      const lead = new Uint8Array(bytes.subarray(before, at));
      const textEnd = hasEscapes ? resolveEscapes(bytes, keyStart, keyEnd) : keyEnd;
      if (textEnd < 0) return textEnd === BAD_CONTROL ? 'a control character' : 'not JSON';
      key = keyOf(reader, lead, bytes.subarray(keyStart, textEnd));
      // A record with very many keys is not worth remembering.
      if (i < MOST_EXPECTED) {
        expected[i] = key;
        walker.expect(i, lead);
      }
    }
    if (!isNew(reader, key.known)) return 'two values for one field';
    const byte = bytes[at] as number;
    if (at < end && byte === QUOTE) {
      const valueEnd = stringEnd(bytes, at + 1, end);
      if (valueEnd < 0) return valueEnd === BAD_CONTROL ? 'a control character' : 'not JSON';
      let textEnd = valueEnd;
      if (escapes) {
        textEnd = resolveEscapes(bytes, at + 1, valueEnd);
        if (textEnd < 0) return textEnd === BAD_CONTROL ? 'a control character' : 'not JSON';
      }
      if (key.field >= 0) {
        (starts[key.field] as Int32Array)[n] = at + 1;
        (ends[key.field] as Int32Array)[n] = textEnd;
      }
      at = valueEnd + 1;
    } else if (at < end && (byte === OPEN || byte === OPEN_LIST)) return 'a value within a value';
    else {
      const valueStart = at;
      while (at < end && !isAfterValue(bytes[at] as number)) at++;
      const kind = plainValue(bytes, valueStart, at);
      if (kind === BAD) return 'not JSON';
      if (key.field >= 0 && kind !== NOTHING) {
        (starts[key.field] as Int32Array)[n] = valueStart;
        (ends[key.field] as Int32Array)[n] = at;
      }
    }
  }
  if (at >= end || bytes[at] !== CLOSE) return 'not JSON';
  if (skipSpace(bytes, at + 1, end) !== end) return 'not JSON';
  for (let i = 0; i < required.length; i++)
    if (foundIn[required[i] as number] !== record) return 'a required field is missing';
  return undefined;
}

/** Notes that a key was found; false where it was found in this record before. */
function isNew(reader: JsonReader, known: number): boolean {
  const { foundIn, record } = reader;
  if (known < 0) reader.unknown++;
  else if (foundIn[known] === record) return false;
  else foundIn[known] = record;
  return true;
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const byte = bytes[at] as number;
    if (byte !== SPACE && byte !== LF && byte !== TAB && byte !== CR) break;
    at++;
  }
  return at;
}

const isAfterValue = (byte: number) =>
  byte === COMMA || byte === CLOSE || byte === SPACE || byte === LF || byte === TAB || byte === CR;

const BAD = -1;
const BAD_CONTROL = -2;
const NOTHING = 0;
const SOMETHING = 1;
/** Whether the text that stringEnd has last gone through holds an escape. */
let escapes = false;

/** Bytes that a text cannot go on over as it is: its end, an escape, a control character. */
const ENDS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH ? 1 : 0,
);

/** The place of the quotation mark that ends a text; BAD where there is none, BAD_CONTROL at a bare control character. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  escapes = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (ENDS_PLAIN[byte] === 0) continue;
    if (byte === QUOTE) return at;
    if (byte !== BACKSLASH) return BAD_CONTROL;
    escapes = true;
    at++;
  }
  return BAD;
}

const ESCAPES: Readonly<Record<number, number>> = {
  34: 34,
  92: 92,
  47: 47,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
};

/** Resolves the escapes of a text in place, which makes it shorter, and returns its end. */
function resolveEscapes(bytes: Uint8Array, start: number, end: number): number {
  let write = start;
  for (let read = start; read < end; ) {
    const byte = bytes[read++] as number;
    if (byte !== BACKSLASH) {
      bytes[write++] = byte;
      continue;
    }
    const letter = bytes[read++] as number;
    if (letter !== 0x75) {
      const meant = ESCAPES[letter];
      if (meant === undefined) return BAD;
      bytes[write++] = meant;
      continue;
    }
    let code = fourDigits(bytes, read, end);
    read += 4;
    if (code >= 0xd800 && code < 0xdc00 && bytes[read] === BACKSLASH && bytes[read + 1] === 0x75) {
      const low = fourDigits(bytes, read + 2, end);
      if (low < 0xdc00 || low > 0xdfff) return BAD;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      read += 6;
    }
    if (code < 0 || (code >= 0xd800 && code <= 0xdfff)) return BAD;
    if (code === CONTROLS[0] || code === CONTROLS[1]) return BAD_CONTROL;
    write = writeUtf8(bytes, write, code);
  }
  return write;
}

/** Four hexadecimal digits, or -1. */
function fourDigits(bytes: Uint8Array, start: number, end: number): number {
  if (start + 4 > end) return BAD;
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i] as number;
    const letter = byte | 0x20;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : letter >= 97 && letter <= 102 ? letter - 87 : BAD;
    if (digit < 0) return BAD;
    code = code * 16 + digit;
  }
  return code;
}

function writeUtf8(bytes: Uint8Array, start: number, code: number): number {
  let at = start;
  if (code < 0x80) bytes[at++] = code;
  else {
    const more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    bytes[at++] = ((0xf0 << (3 - more)) & 0xff) | (code >> (6 * more));
    for (let i = more - 1; i >= 0; i--) bytes[at++] = 0x80 | ((code >> (6 * i)) & 0x3f);
  }
  return at;
}

const WORDS: readonly (readonly [text: Uint8Array, kind: number])[] = [
  [Buffer.from('null'), NOTHING],
  [Buffer.from('true'), SOMETHING],
  [Buffer.from('false'), SOMETHING],
];

/** Whether a value that is no text is one of JSON's. */
function plainValue(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] as number;
  if (end > start && (first === 0x2d || (first >= 48 && first <= 57))) return isNumber(bytes, start, end);
  for (const [word, kind] of WORDS) if (isSame(bytes, start, end, word)) return kind;
  return BAD;
}

/** A number by JSON's grammar. */
function isNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const digits = () => {
    const from = at;
    while (at < end && (bytes[at] as number) >= 48 && (bytes[at] as number) <= 57) at++;
    return at - from;
  };
  if (bytes[at] === 0x2d) at++;
  const leadingZero = bytes[at] === 48;
  const whole = digits();
  if (whole === 0 || (leadingZero && whole > 1)) return BAD;
  if (at < end && bytes[at] === 0x2e) {
    at++;
    if (digits() === 0) return BAD;
  }
  if (at < end && ((bytes[at] as number) | 0x20) === 0x65) {
    at++;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    if (digits() === 0) return BAD;
  }
  return at === end ? SOMETHING : BAD;
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}

/** A key of the profile or another, by its name without escapes. */
function keyOf({ names, profile }: JsonReader, lead: Uint8Array, name: Uint8Array): Key {
  const known = names.get(plainName(Buffer.from(name).toString('utf8'))) ?? DROPPED;
  const field = Object.values(profile.fields)[known];
  const isRead = field !== undefined && field.fate !== 'drop';
  return { lead, known, field: isRead ? known : DROPPED };
}
