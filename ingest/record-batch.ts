/**
 * Record batches as brokers send them: kafkajs makes some twenty objects of each message, which takes longer than all
 * that is done with it afterwards. Only what nearly all topics hold is read here; whatever else there is remains kafkajs's.
 */

import { KafkaError } from './kafka-error.ts';

/** A message: nothing is made of those that only pass by. */
export interface Message {
  readonly offset: number;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

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
export function readMessages(bytes: Buffer, from: number): Message[] {
  // A Buffer's own views take several times as long to make.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const messages: Message[] = [];
  for (let at = 0; isWhole(bytes, at); at = endOf(bytes, at)) {
    const first = firstOffset(bytes, at);
    const end = endOf(bytes, at);
    cursor = at + RECORDS_AT;
    for (let left = bytes.readInt32BE(at + COUNT_AT); left > 0; left--) {
      const length = varint(plain);
      const recordEnd = cursor + length;
      if (recordEnd > end) throw broken();
      const message = readMessage(plain, first);
      if (cursor > recordEnd) throw broken();
      if (message.offset >= from) messages.push(message);
      cursor = recordEnd;
    }
  }
  return messages;
}

const broken = () =>
  new KafkaError('the broker sent messages that cannot be taken apart: they are fetched again', true);

/** Where the next byte of a record is read. */
let cursor = 0;

function readMessage(bytes: Uint8Array, first: number): Message {
  // Attributes, of which there are none, and the time, which may be longer than other numbers.
  for (cursor++; (bytes[cursor++] as number) >= 128; );
  const offset = first + varint(bytes);
  const keyLength = varint(bytes);
  cursor += Math.max(0, keyLength);
  const value = sized(bytes);
  const count = varint(bytes);
  return { offset, value, headers: count > 0 ? readHeaders(bytes, count) : undefined };
}

/** Headers by their names; of those that are there several times, all values. */
function readHeaders(bytes: Uint8Array, count: number): Record<string, unknown> {
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
