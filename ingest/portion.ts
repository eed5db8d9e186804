/** Messages as one thread hands them to another: columns of numbers, and the values in one piece of memory. */
import type { Fetched, Partition } from './kafka.ts';

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
  /** The values, bytes of 0 between them and after the last; those longer than MOST_VALUE_BYTES are left out. */
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
export function packPortion(
  { topic, partition, messages, high }: Fetched,
  from: number,
  memory: ArrayBuffer,
): Portion {
  const most = Math.min(messages.n, from + PORTION_MESSAGES);
  const first = messages.starts[from] as number;
  const sizeOf = (i: number) => {
    const length = messages.lengths[i] as number;
    return length > MOST_VALUE_BYTES ? 0 : Math.max(0, length);
  };
  const sizeUpTo = (i: number) => (messages.starts[i] as number) + sizeOf(i) - first + 1;
  let to = from + 1;
  while (to < most && sizeUpTo(to) <= memory.byteLength) to++;
  const size = sizeUpTo(to - 1);
  const n = to - from;
  const bytes = new Uint8Array(size <= memory.byteLength ? memory : new ArrayBuffer(size), 0, size);
  // All are copied at once, with what stands between them, which is then wiped.
  bytes.set(messages.bytes.subarray(first, first + size - 1));
  const starts = new Int32Array(n);
  let at = 0;
  for (let i = 0; i < n; i++) {
    const start = (messages.starts[from + i] as number) - first;
    starts[i] = start;
    while (at < start) bytes[at++] = 0;
    at += sizeOf(from + i);
  }
  bytes[at] = 0;
  const statedOf = new Uint16Array(n);
  const stated: Stated[] = [{ schema: undefined, contentType: undefined }];
  const numbers = new Map<string, number>();
  for (const [i, headers] of messages.headers) {
    const { schema, 'content-type': contentType } = headers;
    if (i < from || i >= to || (schema === undefined && contentType === undefined)) continue;
    const said = { schema: textOf(schema), contentType: textOf(contentType) };
    const name = JSON.stringify(said);
    const number = numbers.get(name) ?? stated.push(said) - 1;
    numbers.set(name, number);
    statedOf[i - from] = number;
  }
  return {
    topic,
    partition,
    n,
    offsets: messages.offsets.slice(from, to),
    starts,
    lengths: messages.lengths.slice(from, to),
    statedOf,
    stated,
    bytes,
    high,
  };
}

/** What a header says; nothing known where it is there several times. */
const textOf = (header: unknown): string | undefined =>
  header === undefined
    ? undefined
    : header instanceof Uint8Array || typeof header === 'string'
      ? Buffer.from(header.slice(0, MOST_HEADER)).toString('latin1')
      : '';
