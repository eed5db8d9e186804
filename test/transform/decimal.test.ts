import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DECIMAL_STATUS, parseDecimals } from '../../transform/decimal.ts';

const { OK, MISSING, NOT_A_NUMBER } = DECIMAL_STATUS;

function parse(texts: readonly string[]) {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(encoded.reduce((total, text) => total + text.length + 1, 0)).fill(0x39);
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  for (const [i, text] of encoded.entries()) {
    bytes.set(text, at);
    starts[i] = at;
    ends[i] = at + text.length;
    at += text.length + 1;
  }
  const values = new Float64Array(texts.length);
  const status = new Uint8Array(texts.length);
  parseDecimals(bytes, starts, ends, texts.length, values, status);
  return { values: [...values], status: [...status] };
}

const decimalText = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.stringMatching(/^[0-9]{1,25}$/),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[.][0-9]{0,30}$/)),
    fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][-+]?[0-9]{1,2}$/)),
    fc.constantFrom('', ' ', '\t '),
  )
  .map(([sign, whole, fraction, exponent, space]) => space + sign + whole + fraction + exponent + space);

test('decimal numbers have exactly the value that Number gives', () => {
  fc.assert(
    fc.property(fc.array(decimalText, { minLength: 1, maxLength: 50 }), (texts) => {
      const { values, status } = parse(texts);
      expect(values).toEqual(texts.map(Number));
      expect(status).toEqual(texts.map(() => OK));
    }),
    { seed: 9, numRuns: 300 },
  );
});

test('the shortest text of any double gives that double back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parse([String(value)]).values).toEqual([Number(String(value))]);
    }),
    { seed: 9, numRuns: 2000 },
  );
});

test('coordinates as files write them are read without their text being decoded', () => {
  expect(parse(['51.481583', '-3.179090', ' -0.1 ', '+51', '.5', '-.25', '7.', '1e-7', '-0'])).toEqual({
    values: [51.481583, -3.17909, -0.1, 51, 0.5, -0.25, 7, 1e-7, -0],
    status: Array.from({ length: 9 }, () => OK),
  });
});

test('empty texts are missing', () => {
  expect(parse(['', ' ', '\t  '])).toEqual({
    values: [Number.NaN, Number.NaN, Number.NaN],
    status: [MISSING, MISSING, MISSING],
  });
});

test('what is not a plain decimal number is not guessed at', () => {
  const texts = [
    '51,48',
    '1,234.5',
    'NaN',
    'Infinity',
    '-',
    '+',
    '.',
    '-.',
    '1e',
    '1e+',
    '1e5.5',
    '1.2.3',
    '0x10',
    '1 2',
    '--1',
    '5%',
    '£5',
    'text',
    '1e400',
    '-1e99999999999',
    '１',
    '1_000',
    '1n',
    '\u00a05',
  ];
  const { values, status } = parse(texts);
  expect(status).toEqual(texts.map(() => NOT_A_NUMBER));
  expect(values).toEqual(texts.map(() => Number.NaN));
});

test('any text at all is OK only when Number agrees', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789.eE+-, n') }), (text) => {
      const { values, status } = parse([text]);
      if (status[0] === OK) expect(values[0]).toBe(Number(text));
      else expect(text.trim() === '' || !Number.isFinite(Number(text))).toBe(true);
    }),
    { seed: 9, numRuns: 5000 },
  );
});
