/**
 * Record batches as brokers send them: kafkajs makes some twenty objects of each message, which takes longer than all
 * that is done with it afterwards. Only what nearly all topics hold is read here; whatever else there is remains kafkajs's.
 */

import { KafkaError } from './kafka-error.ts';

export type Headers = Readonly<Record<string, unknown>>;

/** Messages in their order, 0..n-1: nothing is made of any of them. */
export interface Messages {
  n: number;
  readonly offsets: Float64Array;
  /** Where each value begins in `bytes`, in the same order, and how long it is: -1 where there is none. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
  /** By number of the message, where it has any. */
  readonly headers: Map<number, Headers>;
}

const roomFor = (count: number, bytes: Uint8Array): Messages => ({
  n: 0,
  offsets: new Float64Array(count),
  starts: new Int32Array(count),
  lengths: new Int32Array(count),
  bytes,
  headers: new Map(),
});

// Where things stand in a batch of format 2, whose length is counted from what follows it.
const LENGTH_AT = 8;
const AFTER_LENGTH = 12;
const FORMAT_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const FORMAT = 2;
/** Compression, part of a transaction, control batch: in attributes. */
const UNUSUAL = 0x37;

/**
 * The offset of the last message of the whole batches that `bytes` begin with; the last of all may be cut off. Undefined
 * where there is none, or one is of an earlier format, compressed, or has to do with transactions.
 */
export function lastOffsetOf(bytes: Buffer): number | undefined {
  let last: number | undefined;
  for (let at = 0; isWhole(bytes, at); at = endOf(bytes, at)) {
    if (bytes[at + FORMAT_AT] !== FORMAT || (bytes.readInt16BE(at + ATTRIBUTES_AT) & UNUSUAL) !== 0)
      return undefined;
    last = firstOffset(bytes, at) + bytes.readInt32BE(at + LAST_DELTA_AT);
  }
  return last;
}

const endOf = (bytes: Buffer, at: number) => at + AFTER_LENGTH + bytes.readInt32BE(at + LENGTH_AT);
const isWhole = (bytes: Buffer, at: number) =>
  at + RECORDS_AT <= bytes.length && endOf(bytes, at) >= at + RECORDS_AT && endOf(bytes, at) <= bytes.length;
const firstOffset = (bytes: Buffer, at: number) => Number(bytes.readBigInt64BE(at));

/** Messages from offset `from` on of batches for which lastOffsetOf has an answer. @throws KafkaError where they are broken. */
export function readMessages(bytes: Buffer, from: number): Messages {
  let count = 0;
  for (let at = 0; isWhole(bytes, at); at = endOf(bytes, at)) {
    const records = bytes.readInt32BE(at + COUNT_AT);
    if (records < 0 || records > endOf(bytes, at) - at) throw broken();
    count += records;
  }
  // A Buffer's own views take several times as long to read.
  const messages = roomFor(count, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  for (let at = 0; isWhole(bytes, at); at = endOf(bytes, at)) {
    const first = firstOffset(bytes, at);
    const end = endOf(bytes, at);
    cursor = at + RECORDS_AT;
    for (let left = bytes.readInt32BE(at + COUNT_AT); left > 0; left--) {
      const length = varint(messages.bytes);
      const recordEnd = cursor + length;
      if (recordEnd > end) throw broken();
      if (readMessage(messages, first) >= from) messages.n++;
      else messages.headers.delete(messages.n);
      if (cursor > recordEnd) throw broken();
      cursor = recordEnd;
    }
  }
  return messages;
}

/** The same of messages that kafkajs has taken apart. */
export function gatherMessages(
  taken: readonly { readonly offset: string; readonly value: Buffer | null; readonly headers?: Headers }[],
): Messages {
  // A value is followed by a byte at least, as in a batch.
  const between = Buffer.alloc(1);
  const values = taken.flatMap(({ value }) => [value ?? between, between]);
  const messages = roomFor(taken.length, Buffer.concat(values));
  let start = 0;
  for (const { offset, value, headers } of taken) {
    const i = messages.n++;
    messages.offsets[i] = Number(offset);
    messages.starts[i] = start;
    messages.lengths[i] = value?.length ?? -1;
    start += (value ?? between).length + between.length;
    if (headers) messages.headers.set(i, headers);
  }
  return messages;
}

const broken = () =>
  new KafkaError('the broker sent messages that cannot be taken apart: they are fetched again', true);

/** Where the next byte of a record is read. */
let cursor = 0;

/** Reads the record at the cursor as message number n, which is not counted yet; returns its offset. */
function readMessage({ n, bytes, offsets, starts, lengths, headers }: Messages, first: number): number {
  // Attributes, of which there are none, and the time, which may be longer than other numbers.
  for (cursor++; (bytes[cursor++] as number) >= 128; );
  const offset = first + varint(bytes);
  offsets[n] = offset;
  const keyLength = varint(bytes);
  cursor += Math.max(0, keyLength);
  const length = varint(bytes);
  starts[n] = cursor;
  lengths[n] = Math.max(-1, length);
  cursor += Math.max(0, length);
  const count = varint(bytes);
  if (count > 0) headers.set(n, readHeaders(bytes, count));
  return offset;
}

/** Headers by their names; of those that are there several times, all values. */
function readHeaders(bytes: Uint8Array, count: number): Headers {
  const headers = new Map<string, unknown>();
  for (let i = 0; i < count; i++) {
    const name = Buffer.from(sized(bytes) ?? []).toString('utf8');
    const value = sized(bytes);
    headers.set(name, headers.has(name) ? [headers.get(name), value].flat() : value);
  }
  return Object.fromEntries(headers);
}

/** Bytes with their length before them; null where it is -1. */
function sized(bytes: Uint8Array): Uint8Array | null {
  const length = varint(bytes);
  if (length < 0) return null;
  cursor += length;
  return bytes.subarray(cursor - length, cursor);
}

/** A number of up to 32 bits, seven a byte, signs alternating. */
function varint(bytes: Uint8Array): number {
  let byte = bytes[cursor++] as number;
  let sum = byte & 127;
  for (let shift = 7; byte >= 128; shift += 7) {
    byte = bytes[cursor++] as number;
    sum |= (byte & 127) << shift;
  }
  return (sum >>> 1) ^ -(sum & 1);
}
