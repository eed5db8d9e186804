// Keyed digests of many short texts: HMAC (RFC 2104) with SHA-256 (FIPS 180-4), a column at a time. node:crypto
// takes 2 to 3 microseconds a text, most of it outside the hash; here a text of up to 55 bytes is two rounds of
// compression, because those of the padded key are done once a key.
import { createHmac as createNodeHmac } from 'node:crypto';

/** A key made ready for many digests, with the memory that they are made in: one user at a time. */
export interface Hmac {
  /** The hash's state after the inner and after the outer padded key. */
  readonly inner: Int32Array;
  readonly outer: Int32Array;
  /** The state of the digest under way, and the 16 words of its block. */
  readonly state: Int32Array;
  readonly block: Int32Array;
}

const BLOCK_BYTES = 64;
const FIELD_SEPARATOR = 0x1f;

/** The key of one purpose, derived from the master key: 32 bytes. Another purpose gives an unrelated key. */
export function subkey(master: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(createNodeHmac('sha256', master).update(purpose, 'utf8').digest());
}

/** Prepares a key of 1 to 64 bytes (a subkey has 32). Throws at any other length. */
export function createHmac(key: Uint8Array): Hmac {
  if (key.length < 1 || key.length > BLOCK_BYTES)
    throw new Error(`got a key of ${key.length} bytes, wanted 1 to 64`);
  const hmac = {
    inner: Int32Array.from(INITIAL_STATE),
    outer: Int32Array.from(INITIAL_STATE),
    state: new Int32Array(8),
    block: new Int32Array(16),
  };
  const padded = new Uint8Array(BLOCK_BYTES);
  padded.set(key);
  loadBlock(
    padded.map((byte) => byte ^ 0x36),
    0,
    hmac.block,
  );
  compress(hmac.inner, hmac.block);
  loadBlock(
    padded.map((byte) => byte ^ 0x5c),
    0,
    hmac.block,
  );
  compress(hmac.outer, hmac.block);
  return hmac;
}

/**
 * The first 128 bits of HMAC-SHA-256 of each of n texts, `bytes` from starts[i] up to ends[i]: `high` is the first
 * eight bytes of the digest read as a big-endian number, `low` the next eight.
 */
export function digestColumn(
  hmac: Hmac,
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  n: number,
  high: BigUint64Array,
  low: BigUint64Array,
): void {
  const highWords = new Uint32Array(high.buffer, high.byteOffset, high.length * 2);
  const lowWords = new Uint32Array(low.buffer, low.byteOffset, low.length * 2);
  for (let i = 0; i < n; i++) {
    digestText(hmac, bytes, starts[i] as number, ends[i] as number);
    writeDigest(hmac.state, highWords, lowWords, i);
  }
}

/**
 * The same of each whole row: its fields in order, joined by the byte 0x1F. Field f of row i is `bytes` from
 * starts[f][i] up to ends[f][i]. Texts must not hold that byte themselves, or two rows could share a digest.
 */
export function digestRows(
  hmac: Hmac,
  bytes: Uint8Array,
  starts: readonly Int32Array[],
  ends: readonly Int32Array[],
  n: number,
  high: BigUint64Array,
  low: BigUint64Array,
): void {
  const highWords = new Uint32Array(high.buffer, high.byteOffset, high.length * 2);
  const lowWords = new Uint32Array(low.buffer, low.byteOffset, low.length * 2);
  const row = new Uint8Array(longestRow(starts, ends, n));
  for (let i = 0; i < n; i++) {
    let length = 0;
    for (let f = 0; f < starts.length; f++) {
      const end = (ends[f] as Int32Array)[i] as number;
      if (f > 0) row[length++] = FIELD_SEPARATOR;
      for (let at = (starts[f] as Int32Array)[i] as number; at < end; at++)
        row[length++] = bytes[at] as number;
    }
    digestText(hmac, row, 0, length);
    writeDigest(hmac.state, highWords, lowWords, i);
  }
}

function longestRow(starts: readonly Int32Array[], ends: readonly Int32Array[], n: number): number {
  let longest = 0;
  for (let i = 0; i < n; i++) {
    let length = starts.length;
    for (let f = 0; f < starts.length; f++) {
      length += ((ends[f] as Int32Array)[i] as number) - ((starts[f] as Int32Array)[i] as number);
    }
    longest = Math.max(longest, length);
  }
  return longest;
}

// A 64-bit number's lower half comes first in memory.
function writeDigest(state: Int32Array, highWords: Uint32Array, lowWords: Uint32Array, i: number): void {
  highWords[2 * i] = state[1] as number;
  highWords[2 * i + 1] = state[0] as number;
  lowWords[2 * i] = state[3] as number;
  lowWords[2 * i + 1] = state[2] as number;
}

/** Leaves the digest of one text in hmac.state. */
function digestText(
  { inner, outer, state, block }: Hmac,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  for (let k = 0; k < 8; k++) state[k] = inner[k] as number;
  let at = start;
  for (; end - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
    loadBlock(bytes, at, block);
    compress(state, block);
  }
  loadTail(bytes, at, end, block);
  if (end - at >= BLOCK_BYTES - 8) {
    compress(state, block);
    block.fill(0);
  }
  const bits = 8 * (BLOCK_BYTES + end - start);
  block[14] = bits / 2 ** 32;
  block[15] = bits;
  compress(state, block);

  for (let k = 0; k < 8; k++) {
    block[k] = state[k] as number;
    state[k] = outer[k] as number;
  }
  block[8] = 0x80000000;
  for (let k = 9; k < 15; k++) block[k] = 0;
  block[15] = 8 * (BLOCK_BYTES + 32);
  compress(state, block);
}

function loadBlock(bytes: Uint8Array, at: number, block: Int32Array): void {
  for (let k = 0; k < 16; k++) block[k] = wordAt(bytes, at + 4 * k);
}

/** Loads what is left of a text, less than a block, with the one bit and the zeros that follow it. */
function loadTail(bytes: Uint8Array, start: number, end: number, block: Int32Array): void {
  const whole = (end - start) >> 2;
  for (let k = 0; k < whole; k++) block[k] = wordAt(bytes, start + 4 * k);
  let last = 0;
  let shift = 24;
  for (let at = start + 4 * whole; at < end; at++, shift -= 8) last |= (bytes[at] as number) << shift;
  block[whole] = last | (0x80 << shift);
  for (let k = whole + 1; k < 16; k++) block[k] = 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

// FIPS 180-4: the first 32 bits of the fractions of the primes' cube roots and square roots.
const PRIMES = Array.from({ length: 310 }, (_, k) => k + 2).filter((number) => {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
});
const fractionBits = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);
const ROUND_CONSTANTS = Int32Array.from(PRIMES.slice(0, 64), (prime) => fractionBits(Math.cbrt(prime)) | 0);
const INITIAL_STATE = Int32Array.from(PRIMES.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)) | 0);

/**
 * FIPS 180-4's compression of a block of 16 words into `state`. Sixteen rounds and sixteen new words a turn of the
 * loop, so that variables change their roles by name instead of being moved, and written out, because functions
 * this many are not inlined and cost three times as much (760 against 200 ns). The readable form of a round:
 *
 *   h += S1(e) + choose(e, f, g) + k[t] + w[t]; d += h; h += S0(a) + majority(a, b, c)
 *
 * and of a word: w[t] = w[t - 16] + s0(w[t - 15]) + w[t - 7] + s1(w[t - 2]).
 */
function compress(state: Int32Array, block: Int32Array): void {
  const k = ROUND_CONSTANTS;
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  let w0 = block[0] as number;
  let w1 = block[1] as number;
  let w2 = block[2] as number;
  let w3 = block[3] as number;
  let w4 = block[4] as number;
  let w5 = block[5] as number;
  let w6 = block[6] as number;
  let w7 = block[7] as number;
  let w8 = block[8] as number;
  let w9 = block[9] as number;
  let w10 = block[10] as number;
  let w11 = block[11] as number;
  let w12 = block[12] as number;
  let w13 = block[13] as number;
  let w14 = block[14] as number;
  let w15 = block[15] as number;
  // biome-ignore format: one step a line
  for (let t = 0; ; t += 16) {
    h = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + (g ^ (e & (f ^ g))) + (k[t] as number) + w0) | 0;
    d = (d + h) | 0;
    h = (h + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0;
    g = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) + (f ^ (d & (e ^ f))) + (k[t + 1] as number) + w1) | 0;
    c = (c + g) | 0;
    g = (g + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10))) + ((h & a) | (b & (h | a)))) | 0;
    f = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) + (e ^ (c & (d ^ e))) + (k[t + 2] as number) + w2) | 0;
    b = (b + f) | 0;
    f = (f + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10))) + ((g & h) | (a & (g | h)))) | 0;
    e = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) + (d ^ (b & (c ^ d))) + (k[t + 3] as number) + w3) | 0;
    a = (a + e) | 0;
    e = (e + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10))) + ((f & g) | (h & (f | g)))) | 0;
    d = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) + (c ^ (a & (b ^ c))) + (k[t + 4] as number) + w4) | 0;
    h = (h + d) | 0;
    d = (d + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10))) + ((e & f) | (g & (e | f)))) | 0;
    c = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) + (b ^ (h & (a ^ b))) + (k[t + 5] as number) + w5) | 0;
    g = (g + c) | 0;
    c = (c + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10))) + ((d & e) | (f & (d | e)))) | 0;
    b = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) + (a ^ (g & (h ^ a))) + (k[t + 6] as number) + w6) | 0;
    f = (f + b) | 0;
    b = (b + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10))) + ((c & d) | (e & (c | d)))) | 0;
    a = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) + (h ^ (f & (g ^ h))) + (k[t + 7] as number) + w7) | 0;
    e = (e + a) | 0;
    a = (a + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10))) + ((b & c) | (d & (b | c)))) | 0;
    h = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + (g ^ (e & (f ^ g))) + (k[t + 8] as number) + w8) | 0;
    d = (d + h) | 0;
    h = (h + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) | (c & (a | b)))) | 0;
    g = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7))) + (f ^ (d & (e ^ f))) + (k[t + 9] as number) + w9) | 0;
    c = (c + g) | 0;
    g = (g + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10))) + ((h & a) | (b & (h | a)))) | 0;
    f = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7))) + (e ^ (c & (d ^ e))) + (k[t + 10] as number) + w10) | 0;
    b = (b + f) | 0;
    f = (f + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10))) + ((g & h) | (a & (g | h)))) | 0;
    e = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7))) + (d ^ (b & (c ^ d))) + (k[t + 11] as number) + w11) | 0;
    a = (a + e) | 0;
    e = (e + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10))) + ((f & g) | (h & (f | g)))) | 0;
    d = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7))) + (c ^ (a & (b ^ c))) + (k[t + 12] as number) + w12) | 0;
    h = (h + d) | 0;
    d = (d + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10))) + ((e & f) | (g & (e | f)))) | 0;
    c = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7))) + (b ^ (h & (a ^ b))) + (k[t + 13] as number) + w13) | 0;
    g = (g + c) | 0;
    c = (c + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10))) + ((d & e) | (f & (d | e)))) | 0;
    b = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7))) + (a ^ (g & (h ^ a))) + (k[t + 14] as number) + w14) | 0;
    f = (f + b) | 0;
    b = (b + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10))) + ((c & d) | (e & (c | d)))) | 0;
    a = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7))) + (h ^ (f & (g ^ h))) + (k[t + 15] as number) + w15) | 0;
    e = (e + a) | 0;
    a = (a + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10))) + ((b & c) | (d & (b | c)))) | 0;
    if (t === 48) break;
    w0 = (w0 + (((w1 >>> 7) | (w1 << 25)) ^ ((w1 >>> 18) | (w1 << 14)) ^ (w1 >>> 3)) + w9 + (((w14 >>> 17) | (w14 << 15)) ^ ((w14 >>> 19) | (w14 << 13)) ^ (w14 >>> 10))) | 0;
    w1 = (w1 + (((w2 >>> 7) | (w2 << 25)) ^ ((w2 >>> 18) | (w2 << 14)) ^ (w2 >>> 3)) + w10 + (((w15 >>> 17) | (w15 << 15)) ^ ((w15 >>> 19) | (w15 << 13)) ^ (w15 >>> 10))) | 0;
    w2 = (w2 + (((w3 >>> 7) | (w3 << 25)) ^ ((w3 >>> 18) | (w3 << 14)) ^ (w3 >>> 3)) + w11 + (((w0 >>> 17) | (w0 << 15)) ^ ((w0 >>> 19) | (w0 << 13)) ^ (w0 >>> 10))) | 0;
    w3 = (w3 + (((w4 >>> 7) | (w4 << 25)) ^ ((w4 >>> 18) | (w4 << 14)) ^ (w4 >>> 3)) + w12 + (((w1 >>> 17) | (w1 << 15)) ^ ((w1 >>> 19) | (w1 << 13)) ^ (w1 >>> 10))) | 0;
    w4 = (w4 + (((w5 >>> 7) | (w5 << 25)) ^ ((w5 >>> 18) | (w5 << 14)) ^ (w5 >>> 3)) + w13 + (((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10))) | 0;
    w5 = (w5 + (((w6 >>> 7) | (w6 << 25)) ^ ((w6 >>> 18) | (w6 << 14)) ^ (w6 >>> 3)) + w14 + (((w3 >>> 17) | (w3 << 15)) ^ ((w3 >>> 19) | (w3 << 13)) ^ (w3 >>> 10))) | 0;
    w6 = (w6 + (((w7 >>> 7) | (w7 << 25)) ^ ((w7 >>> 18) | (w7 << 14)) ^ (w7 >>> 3)) + w15 + (((w4 >>> 17) | (w4 << 15)) ^ ((w4 >>> 19) | (w4 << 13)) ^ (w4 >>> 10))) | 0;
    w7 = (w7 + (((w8 >>> 7) | (w8 << 25)) ^ ((w8 >>> 18) | (w8 << 14)) ^ (w8 >>> 3)) + w0 + (((w5 >>> 17) | (w5 << 15)) ^ ((w5 >>> 19) | (w5 << 13)) ^ (w5 >>> 10))) | 0;
    w8 = (w8 + (((w9 >>> 7) | (w9 << 25)) ^ ((w9 >>> 18) | (w9 << 14)) ^ (w9 >>> 3)) + w1 + (((w6 >>> 17) | (w6 << 15)) ^ ((w6 >>> 19) | (w6 << 13)) ^ (w6 >>> 10))) | 0;
    w9 = (w9 + (((w10 >>> 7) | (w10 << 25)) ^ ((w10 >>> 18) | (w10 << 14)) ^ (w10 >>> 3)) + w2 + (((w7 >>> 17) | (w7 << 15)) ^ ((w7 >>> 19) | (w7 << 13)) ^ (w7 >>> 10))) | 0;
    w10 = (w10 + (((w11 >>> 7) | (w11 << 25)) ^ ((w11 >>> 18) | (w11 << 14)) ^ (w11 >>> 3)) + w3 + (((w8 >>> 17) | (w8 << 15)) ^ ((w8 >>> 19) | (w8 << 13)) ^ (w8 >>> 10))) | 0;
    w11 = (w11 + (((w12 >>> 7) | (w12 << 25)) ^ ((w12 >>> 18) | (w12 << 14)) ^ (w12 >>> 3)) + w4 + (((w9 >>> 17) | (w9 << 15)) ^ ((w9 >>> 19) | (w9 << 13)) ^ (w9 >>> 10))) | 0;
    w12 = (w12 + (((w13 >>> 7) | (w13 << 25)) ^ ((w13 >>> 18) | (w13 << 14)) ^ (w13 >>> 3)) + w5 + (((w10 >>> 17) | (w10 << 15)) ^ ((w10 >>> 19) | (w10 << 13)) ^ (w10 >>> 10))) | 0;
    w13 = (w13 + (((w14 >>> 7) | (w14 << 25)) ^ ((w14 >>> 18) | (w14 << 14)) ^ (w14 >>> 3)) + w6 + (((w11 >>> 17) | (w11 << 15)) ^ ((w11 >>> 19) | (w11 << 13)) ^ (w11 >>> 10))) | 0;
    w14 = (w14 + (((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3)) + w7 + (((w12 >>> 17) | (w12 << 15)) ^ ((w12 >>> 19) | (w12 << 13)) ^ (w12 >>> 10))) | 0;
    w15 = (w15 + (((w0 >>> 7) | (w0 << 25)) ^ ((w0 >>> 18) | (w0 << 14)) ^ (w0 >>> 3)) + w8 + (((w13 >>> 17) | (w13 << 15)) ^ ((w13 >>> 19) | (w13 << 13)) ^ (w13 >>> 10))) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}
