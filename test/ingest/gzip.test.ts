import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decodeText } from '../../ingest/decode.ts';

const FIRST = gzipSync('a,b\n1,2\n');
const SECOND = gzipSync('3,4\n'.repeat(100_000));
const WHOLE = 8 + 400_000;
const zeros = (n: number) => Buffer.alloc(n);

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Bytes of text that come out, or what is said instead. */
async function unpacked(bytes: Buffer, size: number): Promise<number | string> {
  let n = 0;
  try {
    for await (const chunk of decodeText(inPieces(bytes, size), 'auto')) n += chunk.length;
  } catch (error) {
    return (error as Error).message;
  }
  return n;
}

const DAMAGED = 'the gzip file is cut short or damaged: deliver it again';
const CASES: readonly (readonly [what: string, bytes: Buffer, wanted: number | string])[] = [
  ['of two parts', Buffer.concat([FIRST, SECOND]), WHOLE],
  ['filled up with zeros', Buffer.concat([FIRST, SECOND, zeros(5000)]), WHOLE],
  ['whose second part begins with a zero', Buffer.concat([FIRST, zeros(1), SECOND.subarray(1)]), DAMAGED],
  ['with zeros between its parts', Buffer.concat([FIRST, zeros(3), SECOND]), DAMAGED],
  ['with something else behind it', Buffer.concat([FIRST, Buffer.from('xyz')]), DAMAGED],
  ['with something else behind zeros', Buffer.concat([FIRST, zeros(3), Buffer.from('xyz')]), DAMAGED],
  ['that is cut short', SECOND.subarray(0, -3), DAMAGED],
];
describe.each(CASES)('a gzip file %s', (_, bytes, wanted) => {
  // However the pieces lie: within a part, at its end, with all of it.
  test.each([7, 64, FIRST.length, 1 << 20])('in pieces of %i bytes', async (size) => {
    expect(await unpacked(bytes, size)).toBe(wanted);
  });
});
