/**
 * Where the bytes stand that give delimited text its structure: sixteen bytes are compared at once in WebAssembly's
 * vectors, so that scanning visits these bytes alone. The module is written below, opcode by opcode.
 */
import {
  BR_IF,
  type Code,
  compile,
  END,
  get,
  I8X16_BITMASK,
  I8X16_EQ,
  I32_ADD,
  I32_LT_U,
  int,
  LOOP,
  leb,
  or,
  set,
  splat,
  V128_LOAD,
} from './wasm-code.ts';

/** Characters that no text of records holds; one of them also stands between fields of which a digest is taken. */
export const CONTROLS = [0x00, 0x1f] as const;
const LF = 10;
const QUOTE = 34;

/** Bytes that are marked in one go; their marks follow them in the module's memory. */
const BLOCK_BYTES = 1 << 17;

/**
 * Sets bit i of `marks` (bit i % 32 of word i >> 5) where byte i of `bytes`, up to `n`, is the delimiter, a line feed
 * or a quotation mark, and clears the others of these words. `marks` holds a word for each 32 bytes begun, in whole
 * blocks of 16 bytes. Returns whether one of CONTROLS is among the bytes.
 */
export function markStructure(bytes: Uint8Array, n: number, delimiter: number, marks: Int32Array): boolean {
  let controls = 0;
  for (let from = 0; from < n; from += BLOCK_BYTES) {
    const size = Math.min(BLOCK_BYTES, n - from);
    text.set(bytes.subarray(from, from + size));
    // What is left of an earlier block must not be marked: a letter has no structure.
    const whole = (size + 31) & ~31;
    text.fill(0x61, size, whole);
    controls |= module.run(whole, delimiter);
    marks.set(found.subarray(0, whole >> 5), from >> 5);
  }
  return controls !== 0;
}

const I32_SHR_U = 0x76;
const I32_STORE16 = 0x3b;
const V128_ANY_TRUE = [0xfd, 0x53];

// Parameters, then locals: numbers, then vectors.
const N = 0;
const DELIMITER = 1;
const AT = 2;
const CHUNK = 3;
const DELIMITERS = 4;
const CONTROL = 5;
const is = (value: Code): Code => [get(CHUNK), value, I8X16_EQ];

const body: Code = [
  set(DELIMITERS, splat(get(DELIMITER))),
  LOOP,
  set(CHUNK, [get(AT), V128_LOAD, 0, 0]),
  set(CONTROL, or(get(CONTROL), or(is(splat(int(CONTROLS[0]))), is(splat(int(CONTROLS[1])))))),
  // The mark of byte i is bit i, so those of the chunk at AT are two bytes at AT / 8.
  [get(AT), int(3), I32_SHR_U],
  [or(is(get(DELIMITERS)), or(is(splat(int(LF))), is(splat(int(QUOTE))))), I8X16_BITMASK],
  [I32_STORE16, 0, leb(BLOCK_BYTES)],
  set(AT, [get(AT), int(16), I32_ADD]),
  [get(AT), get(N), I32_LT_U, BR_IF, 0, END],
  [get(CONTROL), V128_ANY_TRUE],
];

const module = compile(BLOCK_BYTES + BLOCK_BYTES / 8, 2, 1, 3, body)();
const text = new Uint8Array(module.memory.buffer, 0, BLOCK_BYTES);
const found = new Int32Array(module.memory.buffer, BLOCK_BYTES, BLOCK_BYTES >> 5);
