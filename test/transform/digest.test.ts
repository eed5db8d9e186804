import { createHmac as createNodeHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHmac, digestColumn, digestRows, subkey } from '../../transform/digest.ts';

function digestByNode(key: Uint8Array, message: Uint8Array): string {
  return createNodeHmac('sha256', key).update(message).digest('hex').slice(0, 32);
}

const hexOf = (high: bigint, low: bigint) =>
  high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');

/** Lays texts one after another, with bytes between them that belong to none. */
function layOut(texts: readonly Uint8Array[]) {
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  const bytes = new Uint8Array(texts.reduce((total, text) => total + text.length + 3, 0)).fill(0xaa);
  let at = 2;
  for (const [i, text] of texts.entries()) {
    bytes.set(text, at);
    starts[i] = at;
    ends[i] = at + text.length;
    at += text.length + 3;
  }
  return { bytes, starts, ends };
}

function digests(key: Uint8Array, texts: readonly Uint8Array[]): string[] {
  const { bytes, starts, ends } = layOut(texts);
  const high = new BigUint64Array(texts.length);
  const low = new BigUint64Array(texts.length);
  digestColumn(createHmac(key), bytes, starts, ends, texts.length, high, low);
  return Array.from(high, (word, i) => hexOf(word, low[i] as bigint));
}

const key = subkey(new TextEncoder().encode('a master key for tests only'), 'test');

test('digests of every length from 0 to 300 are those of node:crypto', () => {
  const texts = Array.from({ length: 301 }, (_, length) =>
    Uint8Array.from({ length }, (_, k) => (k * 37 + length) & 255),
  );
  expect(digests(key, texts)).toEqual(texts.map((text) => digestByNode(key, text)));
});

test('digests under any key of up to 64 bytes are those of node:crypto', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 }),
      (anyKey, texts) => {
        expect(digests(anyKey, texts)).toEqual(texts.map((text) => digestByNode(anyKey, text)));
      },
    ),
    { seed: 9, numRuns: 100 },
  );
});

test('the published vector of RFC 4231, case 2, comes out', () => {
  const encoder = new TextEncoder();
  expect(digests(encoder.encode('Jefe'), [encoder.encode('what do ya want for nothing?')])).toEqual([
    '5bdcc146bf60754e6a042426089575c7',
  ]);
});

test('the digest of a row is that of its fields joined by 0x1F', () => {
  const field = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 20 }), (rows) => {
      const { bytes, starts, ends } = layOut(rows.flat());
      const column = (positions: Int32Array, f: number) => positions.filter((_, k) => k % 3 === f);
      const high = new BigUint64Array(rows.length);
      const low = new BigUint64Array(rows.length);
      const fields = [0, 1, 2];
      const columnStarts = fields.map((f) => column(starts, f));
      const columnEnds = fields.map((f) => column(ends, f));
      digestRows(createHmac(key), bytes, columnStarts, columnEnds, rows.length, high, low);
      expect(Array.from(high, (word, i) => hexOf(word, low[i] as bigint))).toEqual(
        rows.map(([a, b, c]) => digestByNode(key, Uint8Array.of(...a, 0x1f, ...b, 0x1f, ...c))),
      );
    }),
    { seed: 9, numRuns: 100 },
  );
});

test('subkeys are HMAC-SHA-256 of the purpose, and differ by purpose', () => {
  const master = Uint8Array.from({ length: 32 }, (_, k) => k);
  expect(subkey(master, 'person')).toHaveLength(32);
  expect(Buffer.from(subkey(master, 'person')).toString('hex')).toBe(
    createNodeHmac('sha256', master).update('person').digest('hex'),
  );
  expect(subkey(master, 'person')).not.toEqual(subkey(master, 'attendance'));
});

test('a key that is empty or longer than a block is refused', () => {
  expect(() => createHmac(new Uint8Array(0))).toThrow('got a key of 0 bytes');
  expect(() => createHmac(new Uint8Array(65))).toThrow('got a key of 65 bytes');
});
