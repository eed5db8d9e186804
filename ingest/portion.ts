/** Messages as one thread hands them to another: columns of numbers, and the values in one piece of memory. */
import type { Fetched, Partition } from './kafka.ts';
import type { Message } from './record-batch.ts';

/** What a message's headers say of its value; undefined where they say nothing. Other headers are not looked at. */
export interface Stated {
  readonly schema: string | undefined;
  readonly contentType: string | undefined;
}

/** Messages of one partition in their order. */
export interface Portion extends Partition {
  /** One or more. */
  readonly n: number;
  readonly offsets: Float64Array;
  /** Where each value begins in `bytes`, and how long it is: -1 where there is none. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** By message, the number of what its headers say in `stated`. */
  readonly statedOf: Uint16Array;
  readonly stated: readonly Stated[];
  /** The values, a byte of 0 after each; those longer than MOST_VALUE_BYTES are left out. */
  readonly bytes: Uint8Array;
  /** The offset after the partition's last message. */
  readonly high: number;
}

/** A longer value is known by its length alone. */
export const MOST_VALUE_BYTES = 2 << 20;
/** Memory of a portion; only a portion of a single value may have more. */
export const PORTION_BYTES = 512 << 10;
const PORTION_MESSAGES = 1 << 14;
/** All that is known is shorter. */
const MOST_HEADER = 100;

/** The value of message i, where it lies. */
export const valueIn = ({ bytes, starts, lengths }: Portion, i: number): Uint8Array =>
  bytes.subarray(starts[i] as number, (starts[i] as number) + (lengths[i] as number));

/** Puts messages from number `from` on into `memory`, or into new memory where the first is too large for it. */
export function packPortion(fetched: Fetched, from: number, memory: ArrayBuffer): Portion {
  const { topic, partition, messages, high } = fetched;
  const most = Math.min(messages.length, from + PORTION_MESSAGES);
  let to = from;
  let size = 0;
  for (; to < most; to++) {
    const more = sizeOf(messages[to] as Message) + 1;
    if (to > from && size + more > memory.byteLength) break;
    size += more;
  }
  const n = to - from;
  const bytes = new Uint8Array(size <= memory.byteLength ? memory : new ArrayBuffer(size), 0, size);
  const offsets = new Float64Array(n);
  const [starts, lengths, statedOf] = [new Int32Array(n), new Int32Array(n), new Uint16Array(n)];
  const stated: Stated[] = [{ schema: undefined, contentType: undefined }];
  const numbers = new Map<string, number>();
  let at = 0;
  for (let i = 0; i < n; i++) {
    const { offset, value, headers } = messages[from + i] as Message;
    offsets[i] = offset;
    starts[i] = at;
    lengths[i] = value === null ? -1 : value.length;
    if (value !== null && value.length <= MOST_VALUE_BYTES) {
      bytes.set(value, at);
      at += value.length;
    }
    bytes[at++] = 0;
    const schema = headers?.['schema'];
    const contentType = headers?.['content-type'];
    if (schema === undefined && contentType === undefined) continue;
    const said = { schema: textOf(schema), contentType: textOf(contentType) };
    const name = JSON.stringify(said);
    const number = numbers.get(name) ?? stated.push(said) - 1;
    numbers.set(name, number);
    statedOf[i] = number;
  }
  return { topic, partition, n, offsets, starts, lengths, statedOf, stated, bytes, high };
}

const sizeOf = ({ value }: Message) => (value === null || value.length > MOST_VALUE_BYTES ? 0 : value.length);

/** What a header says; nothing known where it is there several times. */
const textOf = (header: unknown): string | undefined =>
  header === undefined
    ? undefined
    : header instanceof Uint8Array || typeof header === 'string'
      ? Buffer.from(header.slice(0, MOST_HEADER)).toString('latin1')
      : '';
