import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packPortion, valueIn } from '../../ingest/portion.ts';
import { gatherMessages, lastOffsetOf, type Messages, readMessages } from '../../ingest/record-batch.ts';

// What kafkajs itself writes and reads is the truth.
const require = createRequire(import.meta.url);
const kafkajs = (path: string) => require(`kafkajs/src/${path}`);
const encodeBatch = kafkajs('protocol/recordBatch/v0/index').RecordBatch;
const encodeRecord = kafkajs('protocol/recordBatch/record/v0/index');
const decodeMessages = kafkajs('protocol/requests/fetch/v4/decodeMessages');
const Decoder = kafkajs('protocol/decoder');
const Long = kafkajs('utils/long');

interface Sent {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly gap: number;
  readonly time: number;
}

async function encode(first: number, sent: readonly Sent[], more: object = {}): Promise<Buffer> {
  let next = 0;
  const records = sent.map(({ gap, time, ...rest }) => {
    const offsetDelta = next + gap;
    next = offsetDelta + 1;
    return encodeRecord({ ...rest, offsetDelta, timestampDelta: time });
  });
  const firstOffset = Long.fromNumber(first);
  const batch = await encodeBatch({ firstOffset, lastOffsetDelta: next - 1, records, ...more });
  return batch.buffer;
}

const latin1 = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('latin1');

/** A message as plain texts, so that kinds of arrays make no difference. */
interface Plain {
  readonly offset: unknown;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, unknown>>;
}
const plain = ({ offset, value, headers = {} }: Plain) => ({
  offset: Number(offset),
  value: latin1(value),
  headers: Object.entries(headers).map(([name, values]) => [name, [values as Uint8Array].flat().map(latin1)]),
});

const messagesOf = ({ n, offsets, starts, lengths, bytes, headers }: Messages) =>
  Array.from({ length: n }, (_, i) => {
    const [start, length] = [starts[i] as number, lengths[i] as number];
    const value = length < 0 ? null : bytes.subarray(start, start + length);
    return plain({ offset: offsets[i], value, headers: headers.get(i) ?? {} });
  });

async function readByKafkajs(bytes: Buffer, from: number) {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([size, bytes])));
  return messages.filter(({ offset }: { offset: string }) => Number(offset) >= from);
}

/** What portions hold of messages, the first into a piece of `memory`, and whether what is no value is wiped. */
function packAll(messages: Messages, memory: number) {
  const packed = [];
  for (let from = 0; from < messages.n; ) {
    const fetched = { topic: 't', partition: 0, high: 0, messages };
    const portion = packPortion(fetched, from, new ArrayBuffer(memory));
    const { n, offsets, starts, lengths, stated, statedOf, bytes } = portion;
    from += n;
    const rest = new Uint8Array(bytes);
    for (let i = 0; i < n; i++) {
      const { schema, contentType } = stated[statedOf[i] as number] as (typeof stated)[number];
      const value = (lengths[i] as number) < 0 ? null : latin1(valueIn(portion, i));
      packed.push({ offset: offsets[i], value, schema, contentType });
      expect(bytes[(starts[i] as number) + Math.max(0, lengths[i] as number)]).toBe(0);
      rest.fill(0, starts[i], (starts[i] as number) + Math.max(0, lengths[i] as number));
    }
    expect(Buffer.alloc(rest.length).equals(rest)).toBe(true);
  }
  return packed;
}
const stated = (value: Uint8Array | Uint8Array[] | undefined) =>
  value && (Array.isArray(value) ? '' : latin1(value));

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map((array) => Buffer.from(array));
const headerValue = fc.string({ maxLength: 80 });
const sent: fc.Arbitrary<Sent> = fc.record({
  key: fc.option(bytes(200)),
  value: fc.option(bytes(20_000), { freq: 8 }),
  headers: fc.dictionary(
    fc.constantFrom('schema', 'content-type', 'é', ''),
    fc.oneof(headerValue, fc.array(headerValue, { minLength: 2, maxLength: 3 })),
  ),
  gap: fc.integer({ min: 0, max: 300 }),
  time: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
});

test('messages are what kafkajs makes of the same bytes, wherever they begin and are cut off', async () => {
  const batches = fc.array(fc.array(sent, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.nat({ max: 2 ** 52 }),
      fc.nat({ max: 100 }),
      fc.nat({ max: 200 }),
      fc.integer({ min: 1, max: 60_000 }),
      async (all, first, skipped, cut, memory) => {
        const encoded = await Promise.all(all.map((each, i) => encode(first + i * 100_000, each)));
        // Where what answers a fetch ends is not where a batch does.
        const fetched = Buffer.concat([Buffer.alloc(7), ...encoded, (encoded[0] as Buffer).subarray(0, cut)]);
        const whole = cut >= (encoded[0] as Buffer).length ? [...all, all[0] as Sent[]] : all;
        const set = fetched.subarray(7);
        const expected = await readByKafkajs(set, first + skipped);
        const last = whole.at(-1) as Sent[];
        const lastFirst = whole.length > all.length ? first : first + (all.length - 1) * 100_000;
        expect(lastOffsetOf(set)).toBe(lastFirst + last.reduce((sum, { gap }) => sum + gap + 1, -1));
        const messages = readMessages(set, first + skipped);
        expect(messagesOf(messages)).toEqual(expected.map(plain));
        expect(messagesOf(gatherMessages(expected))).toEqual(expected.map(plain));
        const values = expected.map(({ offset, value, headers }: Plain) => ({
          offset: Number(offset),
          value: latin1(value),
          schema: stated(headers?.['schema'] as Uint8Array),
          contentType: stated(headers?.['content-type'] as Uint8Array),
        }));
        expect(packAll(messages, memory)).toEqual(values);
        expect(packAll(gatherMessages(expected), memory)).toEqual(values);
      },
    ),
    { numRuns: 60 },
  );
});

const ONE: Sent = { key: null, value: Buffer.from('{}'), headers: {}, gap: 0, time: 0 };

test('what is compressed, part of a transaction, of an older format or cut off is left to kafkajs', async () => {
  const usual = await encode(5, [ONE]);
  expect(lastOffsetOf(usual)).toBe(5);
  for (const more of [{ compression: 1 }, { transactional: true }]) {
    const unusual = await encode(5, [ONE], more);
    expect(lastOffsetOf(unusual)).toBeUndefined();
    expect(lastOffsetOf(Buffer.concat([usual, unusual]))).toBeUndefined();
  }
  const [older, control] = [Buffer.from(usual), Buffer.from(usual)];
  older[16] = 1;
  control[22] = 0x20;
  for (const other of [older, control, usual.subarray(0, -1), usual.subarray(0, 11), Buffer.alloc(0)])
    expect(lastOffsetOf(other)).toBeUndefined();
});

test('a value that is too long is known by its length alone, and spares those beside it', async () => {
  const long = { ...ONE, value: Buffer.alloc((2 << 20) + 1, 'x') };
  const messages = readMessages(await encode(5, [ONE, long, ONE]), 0);
  const pack = (from: number) => {
    const fetched = { topic: 't', partition: 0, high: 0, messages };
    const portion = packPortion(fetched, from, new ArrayBuffer(1 << 19));
    return { lengths: [...portion.lengths], value: Buffer.from(valueIn(portion, 0)).toString() };
  };
  expect(pack(0)).toEqual({ lengths: [2, long.value.length], value: '{}' });
  expect(pack(2)).toEqual({ lengths: [2], value: '{}' });
});

test('bytes that are broken are no messages', async () => {
  const broken = await encode(5, [ONE, ONE]);
  // The length of the first record, which then goes on beyond the batch.
  broken[61] = 0x7e;
  expect(() => readMessages(broken, 0)).toThrow('cannot be taken apart');
});
