import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addJsonRecord, openJsonReader, readFrom } from '../../ingest/json-record.ts';
import { ISTV } from '../../schemas/istv.ts';
import { allocateTextBatch } from '../../schemas/text-batch.ts';

const FIELDS = Object.keys(ISTV.fields);
const HEADERS = FIELDS.map((field) => ISTV.fields[field as keyof typeof ISTV.fields].header);
const READ = FIELDS.filter((field) => ISTV.fields[field as keyof typeof ISTV.fields].fate !== 'drop');
const REQUIRED = { site_code: '7A4BV', assault_at: '2025-09-06', method: '01', location_type: '02' };

/** What the reader makes of messages that come one after the other in one piece of memory: values by field, or why not. */
function readAll(messages: readonly (string | Buffer)[]): (Record<string, string> | string)[] {
  const reader = openJsonReader(ISTV, allocateTextBatch(64, FIELDS.length));
  const values = messages.map((message) => Buffer.from(message as string));
  readFrom(reader, Buffer.concat(values.flatMap((bytes) => [bytes, Buffer.of(0)])));
  let start = 0;
  return values.map(({ length }) => {
    const { batch } = reader;
    const bad = addJsonRecord(reader, start, start + length);
    start += length + 1;
    if (bad) return bad;
    const text = (f: number) =>
      Buffer.from(batch.bytes)
        .subarray((batch.starts[f] as Int32Array)[batch.n - 1], (batch.ends[f] as Int32Array)[batch.n - 1])
        .toString('utf8');
    return Object.fromEntries(READ.map((field) => [field, text(FIELDS.indexOf(field))]));
  });
}

test('halves of one character in two messages are no character', () => {
  const good = JSON.stringify({ ...REQUIRED, location_text: 'é' });
  const [first, second] = [Buffer.from(good).subarray(0, -3), Buffer.from(good).subarray(-3)];
  const [whole] = readAll([good]);
  expect(readAll([first, second, good])).toEqual(['not UTF-8', 'not UTF-8', whole]);
});

/** Text without what no text of records holds. */
const text = fc
  .string({ unit: 'grapheme' })
  .map((value) => value.replaceAll('\u0000', '').replaceAll('\u001f', '').toWellFormed());
const value = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const written = (json: unknown): string => (json === null || json === undefined ? '' : String(json));

test('a record is read as JSON.parse reads it, by the names of columns or fields, in any order and spacing', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          values: fc.dictionary(fc.constantFrom(...READ), value),
          byHeader: fc.boolean(),
          spacing: fc.constantFrom(undefined, 1, '\t'),
          escaped: fc.boolean(),
          more: fc.dictionary(fc.constantFrom('', 'other', 'Zoë', 'a"b', '\n'), value),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      (records) => {
        const rows = records.map(({ values }) => ({ ...REQUIRED, ...values }) as Record<string, unknown>);
        const messages = records.map(({ byHeader, spacing, escaped, more }, i) => {
          const named = Object.entries(rows[i] as object).map(([field, each]) => [
            byHeader ? HEADERS[FIELDS.indexOf(field)] : field,
            each,
          ]);
          const json = JSON.stringify({ ...Object.fromEntries(named), ...more }, null, spacing);
          return escaped
            ? json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
            : json;
        });
        const wanted = rows.map((row) =>
          Object.fromEntries(
            READ.map((field) => [
              field,
              typeof row[field] === 'number' ? JSON.stringify(row[field]) : written(row[field]),
            ]),
          ),
        );
        expect(readAll(messages)).toEqual(wanted);
      },
    ),
    { numRuns: 300 },
  );
});

test('what JSON.parse refuses is refused, and leaves the records around it as they are', () => {
  const good = JSON.stringify(REQUIRED);
  const whole = readAll([good])[0];
  fc.assert(
    fc.property(
      fc.nat(good.length),
      fc.nat(3),
      fc.oneof(
        fc.constantFrom('"', '\\', '{', '}', ',', ':', '0', '-', 'e', ' ', '\n', '\u0001', 'é'),
        fc.string(),
      ),
      (at, removed, put) => {
        const changed = good.slice(0, at) + put + good.slice(at + removed);
        const [before, got, after] = readAll([good, changed, good]);
        expect([before, after]).toEqual([whole, whole]);
        let parses = true;
        try {
          JSON.parse(changed);
        } catch {
          parses = false;
        }
        if (!parses) expect(typeof got).toBe('string');
      },
    ),
    { numRuns: 1000 },
  );
});

/** Messages of much the same keys: names and texts of many lengths, and some that are cut up, a byte at a time. */
const alike = fc
  .record({
    names: fc.uniqueArray(
      fc.oneof(
        fc.constantFrom(...HEADERS, ...FIELDS),
        fc.nat(300).map((length) => 'k'.repeat(length)),
      ),
      { maxLength: 30 },
    ),
    spacing: fc.constantFrom(undefined, 1),
    messages: fc.array(
      fc.record({
        left: fc.nat(40),
        values: fc.array(
          fc.oneof(
            { weight: 4, arbitrary: fc.nat(70).map((length) => 'a'.repeat(length)) },
            fc.string(),
            value,
          ),
          { minLength: 1, maxLength: 30 },
        ),
        at: fc.nat(3000),
        removed: fc.constantFrom(0, 0, 0, 1, 2, 60),
        put: fc.oneof(
          { weight: 3, arbitrary: fc.constant([]) },
          fc.array(fc.constantFrom(...Buffer.from('"\\{}[],:0-eu \n\u0001\u001f\u007fé'), 0, 0xff), {
            maxLength: 3,
          }),
        ),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ names, spacing, messages }) =>
    messages.map(({ left, values, at, removed, put }) => {
      const named = names.slice(0, left).map((key, i) => [key, values[i % values.length]]);
      const json = { ...REQUIRED, ...Object.fromEntries(named) };
      const bytes = Buffer.from(JSON.stringify(json, null, spacing));
      const from = at % bytes.length;
      return Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(from + removed)]);
    }),
  );

test('what messages before have taught a reader changes nothing in what it makes of one', () => {
  fc.assert(
    fc.property(alike, (messages) => {
      expect(readAll(messages)).toEqual(messages.map((message) => readAll([message])[0]));
    }),
    { numRuns: 1000 },
  );
});

test('a record with spaces may follow one without', () => {
  const tight = JSON.stringify(REQUIRED);
  const spaced = tight.replaceAll('":', '": ').replaceAll(',"', ', "');
  const [whole] = readAll([tight]);
  expect(readAll([tight, spaced, tight, tight.replaceAll('":', '":\n')])).toEqual(Array(4).fill(whole));
});

test('half a character, a value within a value and a name twice are refused by their reasons', () => {
  const with_ = (more: string) => JSON.stringify(REQUIRED).replace('{', `{${more},`);
  expect(
    readAll([
      with_('"x":"\\ud800"'),
      with_('"x":"\\u0000"'),
      with_('"x":{}'),
      with_('"x":[1]'),
      with_('"x":01'),
      with_('"x":.5'),
      with_('"AGE":1,"age":2'),
      '{"AGE":1}',
      '{}',
      '{}{}',
      'null',
      '"text"',
    ]),
  ).toEqual([
    'not JSON',
    'a control character',
    'a value within a value',
    'a value within a value',
    'not JSON',
    'not JSON',
    'two values for one field',
    'a required field is missing',
    'a required field is missing',
    'not JSON',
    'not JSON',
    'not an object',
  ]);
});
