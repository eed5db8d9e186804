import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastOffsetOf, type Message, readMessages } from '../../ingest/record-batch.ts';

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

/** A message as plain lists, so that kinds of arrays make no difference. */
const plain = ({ offset, value, headers = {} }: Partial<Message> & { readonly offset: unknown }) => ({
  offset: Number(offset),
  value: value && [...value],
  headers: Object.entries(headers).map(([name, values]) => [
    name,
    [values as Uint8Array].flat().map((each) => [...each]),
  ]),
});

async function readByKafkajs(bytes: Buffer, from: number) {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  const messages = await decodeMessages(new Decoder(Buffer.concat([size, bytes])));
  return messages.map(plain).filter(({ offset }: { offset: number }) => offset >= from);
}

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
      async (all, first, skipped, cut) => {
        const encoded = await Promise.all(all.map((each, i) => encode(first + i * 100_000, each)));
        // Where what answers a fetch ends is not where a batch does.
        const fetched = Buffer.concat([Buffer.alloc(7), ...encoded, (encoded[0] as Buffer).subarray(0, cut)]);
        const whole = cut >= (encoded[0] as Buffer).length ? [...all, all[0] as Sent[]] : all;
        const set = fetched.subarray(7);
        const expected = await readByKafkajs(set, first + skipped);
        const last = whole.at(-1) as Sent[];
        const lastFirst = whole.length > all.length ? first : first + (all.length - 1) * 100_000;
        expect(lastOffsetOf(set)).toBe(lastFirst + last.reduce((sum, { gap }) => sum + gap + 1, -1));
        expect(readMessages(set, first + skipped).map(plain)).toEqual(expected);
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

test('bytes that are broken are no messages', async () => {
  const broken = await encode(5, [ONE, ONE]);
  // The length of the first record, which then goes on beyond the batch.
  broken[61] = 0x7e;
  expect(() => readMessages(broken, 0)).toThrow('cannot be taken apart');
});
