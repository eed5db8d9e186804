import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { oneBatch, readCsv } from '../../ingest/csv.ts';
import { decodeText, type Encoding } from '../../ingest/decode.ts';

interface Read {
  readonly header: readonly string[];
  /** A row with another number of columns than the header is undefined. */
  readonly rows: readonly (readonly string[] | undefined)[];
}

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length))), bytes.length].sort(
    (a, b) => a - b,
  );
  let start = 0;
  for (const end of ends) {
    yield bytes.slice(start, end);
    start = end;
  }
}

/** Reads every column of a file as text, through the same two stages as a supplier's file. */
async function read(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  encoding: Encoding = 'auto',
): Promise<Read> {
  let header: readonly string[] = [];
  const match = (names: readonly string[]) => {
    if (names.length < 2) throw new Error('one column');
    header = names;
    return Int32Array.from(names.keys());
  };
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const rows: (string[] | undefined)[] = [];
  for await (const batch of readCsv(decodeText(chunksOf(bytes, cuts), encoding), match, oneBatch(20))) {
    for (let i = 0; i < batch.n; i++) {
      const value = (f: number) =>
        decoder.decode(
          batch.bytes.subarray((batch.starts[f] as Int32Array)[i], (batch.ends[f] as Int32Array)[i]),
        );
      rows.push(batch.ragged[i] === 1 ? undefined : header.map((_, f) => value(f)));
    }
  }
  return { header, rows };
}

interface Style {
  readonly delimiter: string;
  readonly lineEnd: string;
  /** Whether values are quoted that need not be. */
  readonly quoteAll: boolean;
  readonly endsWithLineEnd: boolean;
}

function print(rows: readonly (readonly string[])[], style: Style): string {
  const quoted = (value: string) =>
    style.quoteAll || /["\r\n]/.test(value) || value.includes(style.delimiter)
      ? `"${value.replaceAll('"', '""')}"`
      : value;
  const lines = rows.map((row) => row.map(quoted).join(style.delimiter));
  return lines.join(style.lineEnd) + (style.endsWithLineEnd ? style.lineEnd : '');
}

const utf16be = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());
const WINDOWS_1252: Readonly<Record<string, number>> = { '€': 0x80, '’': 0x92 };
const latin1 = (text: string) =>
  Uint8Array.from(text, (letter) => WINDOWS_1252[letter] ?? letter.charCodeAt(0));

const any = fc.string({ unit: 'binary', maxLength: 12 });
/** Letters beyond ASCII stand alone, as in real text: several in a row may happen to be UTF-8. */
const western = fc
  .array(fc.constantFrom('a', 'é ', 'Ö-', '’s', '€5', '"', ',', '\n', '\r\n', ' ', ';'), { maxLength: 8 })
  .map((parts) => parts.join(''));

const ENCODERS: readonly [
  name: string,
  encode: (text: string) => Uint8Array,
  values: fc.Arbitrary<string>,
  Encoding,
][] = [
  ['UTF-8', (text) => Buffer.from(text), any, 'auto'],
  ['UTF-8, as set', (text) => Buffer.from(text), any, 'utf-8'],
  ['UTF-8 with a byte-order mark', (text) => Buffer.from(`\ufeff${text}`), any, 'auto'],
  [
    'UTF-16 little-endian with a byte-order mark',
    (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
    any,
    'auto',
  ],
  ['UTF-16 big-endian with a byte-order mark', (text) => utf16be(`\ufeff${text}`), any, 'auto'],
  ['UTF-16 little-endian', (text) => Buffer.from(text, 'utf16le'), western, 'auto'],
  ['UTF-16 big-endian', utf16be, western, 'auto'],
  ['UTF-16 little-endian, as set', (text) => Buffer.from(text, 'utf16le'), any, 'utf-16'],
  ['Latin-1', latin1, western, 'auto'],
  ['Latin-1, as set', latin1, western, 'latin-1'],
];

const style = fc.record<Style>({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  endsWithLineEnd: fc.boolean(),
});
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

describe('what was printed is read again, however the bytes arrive', () => {
  for (const [name, encode, values, encoding] of ENCODERS) {
    test(name, async () => {
      const value = values.map((text) => text.replaceAll('\0', '').replaceAll('\u001f', ''));
      const table = fc
        .integer({ min: 2, max: 5 })
        .chain((width) =>
          fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 6 }),
        );
      await fc.assert(
        fc.asyncProperty(table, style, cuts, fc.boolean(), async (rows, how, where, zipped) => {
          const width = rows[0]?.length ?? 2;
          const header = Array.from({ length: width }, (_, f) => `column ${f}`);
          const bytes = encode(print([header, ...rows], how));
          const answer = await read(zipped ? gzipSync(bytes) : bytes, where, encoding);
          expect(answer.header).toEqual(header);
          expect(answer.rows).toEqual(rows);
        }),
        { numRuns: 25, seed: 11 },
      );
    });
  }
});

test('a file of many buffers is read whole, with quoted line ends across their bounds', async () => {
  const rows = Array.from({ length: 60_000 }, (_, i) => [
    `${i}`,
    `"x" ${'line\n'.repeat(i % 97)}`,
    i % 3 ? '' : 'z',
  ]);
  const bytes = Buffer.from(
    print([['a', 'b', 'c'], ...rows], {
      delimiter: ',',
      lineEnd: '\r\n',
      quoteAll: false,
      endsWithLineEnd: true,
    }),
  );
  expect(bytes.length).toBeGreaterThan(12 << 20);
  const answer = await read(bytes, [0.1, 0.1003, 0.5, 0.7]);
  expect(answer.rows.length).toBe(rows.length);
  expect(answer.rows.every((row, i) => row?.join('|') === rows[i]?.join('|'))).toBe(true);
});

describe('rows', () => {
  const cases: [what: string, text: string, rows: (string[] | undefined)[]][] = [
    [
      'blank lines are no rows',
      'a,b\n\n1,2\r\n\r\n\n3,4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a row of empty values is one', 'a,b\n,\n', [['', '']]],
    ['too few columns', 'a,b\n1\n2,3\n', [undefined, ['2', '3']]],
    ['too many columns', 'a,b\n1,2,3\n"1","2","3"\n', [undefined, undefined]],
    ['a comma more at the end of each line', 'a,b,\n1,2,\n', [['1', '2', '']]],
    ['no line end at the end', 'a,b\n1,"2"', [['1', '2']]],
    ['a carriage return inside quotes is kept', 'a,b\n"1\r",2\n', [['1\r', '2']]],
    ['spaces are kept', 'a,b\n 1 , 2 \n', [[' 1 ', ' 2 ']]],
    ['a header alone', 'a,b\n', []],
    ['a header alone without line end', 'a,b', []],
    ['a quoted header', '"a","b"\r\n1,2', [['1', '2']]],
  ];
  for (const [what, text, rows] of cases) {
    test(what, async () => {
      expect((await read(Buffer.from(text))).rows).toEqual(rows);
    });
  }
});
