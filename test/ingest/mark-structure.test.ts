import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTROLS, markStructure } from '../../ingest/mark-structure.ts';

/** The same, a byte at a time. */
function marksOf(bytes: Uint8Array, delimiter: number): number[] {
  return [...bytes.entries()].filter(([, byte]) => [delimiter, 10, 34].includes(byte)).map(([i]) => i);
}

const set = (marks: Int32Array) =>
  [...marks.entries()].flatMap(([word, bits]) =>
    Array.from({ length: 32 }, (_, bit) => bit).flatMap((bit) =>
      (bits >>> bit) & 1 ? [32 * word + bit] : [],
    ),
  );

const byte = fc.oneof(fc.constantFrom(0, 10, 13, 0x1e, 0x1f, 0x20, 34, 44, 59, 0x8a, 0xac), fc.nat(255));

test('marks are the delimiters, line feeds and quotation marks among the first n bytes, and no others', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ max: 255, maxLength: 300 }).chain((most) =>
        fc.record({
          text: fc.array(byte, { minLength: most.length, maxLength: most.length }),
          n: fc.nat(most.length),
        }),
      ),
      fc.constantFrom(44, 59, 9, 124),
      ({ text, n }, delimiter) => {
        const bytes = Uint8Array.from(text);
        const marks = new Int32Array(((n + 31) >> 5) + 1).fill(-1);
        const controls = markStructure(bytes, n, delimiter, marks);
        expect(controls).toBe(text.slice(0, n).some((each) => each === CONTROLS[0] || each === CONTROLS[1]));
        expect(marks.at(-1)).toBe(-1);
        expect(set(marks.subarray(0, -1))).toEqual(marksOf(bytes.subarray(0, n), delimiter));
      },
    ),
  );
});

test('text longer than a block is marked throughout, and what an earlier block held is forgotten', () => {
  const long = new Uint8Array(300_001).fill(44);
  const marks = new Int32Array((long.length + 31) >> 5);
  markStructure(long, long.length, 44, marks);
  expect(set(marks)).toHaveLength(long.length);
  const short = new Uint8Array(17).fill(65);
  expect(markStructure(short, short.length, 44, marks)).toBe(false);
  expect(marks[0]).toBe(0);
});

for (const [name, at] of [
  ['first', 0],
  ['last of the first block', (1 << 17) - 1],
  ['first of the second block', 1 << 17],
  ['last', 200_000],
] as const) {
  test(`a control character is noticed as the ${name} byte`, () => {
    for (const control of CONTROLS) {
      const bytes = new Uint8Array(200_001).fill(65);
      bytes[at] = control;
      expect(markStructure(bytes, bytes.length, 44, new Int32Array(6251))).toBe(true);
    }
  });
}
