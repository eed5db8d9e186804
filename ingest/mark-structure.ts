/**
 * Where the bytes stand that give delimited text its structure: sixteen bytes are compared at once in WebAssembly's
 * vectors, so that scanning visits these bytes alone. The module is written below, opcode by opcode.
 */

/** Characters that no text of records holds; one of them also stands between fields of which a digest is taken. */
export const CONTROLS = [0x00, 0x1f] as const;
const LF = 10;
const QUOTE = 34;

/** Bytes that are marked in one go; their marks follow them in the module's memory. */
const BLOCK_BYTES = 1 << 17;
const PAGE_BYTES = 1 << 16;

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
    controls |= module.mark(whole, delimiter);
    marks.set(found.subarray(0, whole >> 5), from >> 5);
  }
  return controls !== 0;
}

// What is used of WebAssembly, which TypeScript knows as a part of browsers only.
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly mark: (n: number, delimiter: number) => number;
}
declare const WebAssembly: {
  readonly Module: new (module: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};

/** Code to be flattened: it nests as expressions do, operands first. */
type Code = number | readonly Code[];

function bytesOf(code: Code, bytes: number[] = []): number[] {
  if (typeof code === 'number') bytes.push(code);
  else for (const part of code) bytesOf(part, bytes);
  return bytes;
}

/** LEB128, seven bits a byte, of a number that is not negative. */
const leb = (value: number): Code => (value < 128 ? value : [(value & 127) | 128, leb(value >>> 7)]);
const sized = (code: Code): Code => [leb(bytesOf(code).length), code];
const section = (id: number, code: Code): Code => [id, sized(code)];

// Opcodes, by WebAssembly's binary format.
const I32 = 0x7f;
const V128 = 0x7b;
const LOOP = [0x03, 0x40];
const BR_IF_LOOP = [0x0d, 0];
const END = 0x0b;
const I32_CONST = 0x41;
const I32_LT_U = 0x49;
const I32_ADD = 0x6a;
const I32_SHR_U = 0x76;
const I32_STORE16 = 0x3b;
const V128_LOAD = [0xfd, 0x00];
const I8X16_SPLAT = [0xfd, 0x0f];
const I8X16_EQ = [0xfd, 0x23];
const V128_OR = [0xfd, 0x50];
const V128_ANY_TRUE = [0xfd, 0x53];
const I8X16_BITMASK = [0xfd, 0x64];

const int = (value: number): Code => [I32_CONST, value];
const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [value, 0x21, local];
const splat = (value: Code): Code => [value, I8X16_SPLAT];
const or = (a: Code, b: Code): Code => [a, b, V128_OR];

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
  [get(AT), get(N), I32_LT_U, BR_IF_LOOP, END],
  [get(CONTROL), V128_ANY_TRUE, END],
];

const name = (text: string): Code => sized([...Buffer.from(text)]);
const bytes = bytesOf([
  [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  section(1, [1, 0x60, [2, I32, I32], [1, I32]]),
  section(3, [1, 0]),
  section(5, [1, 0, leb((BLOCK_BYTES + BLOCK_BYTES / 8 + PAGE_BYTES - 1) >> 16)]),
  section(7, [2, name('memory'), 2, 0, name('mark'), 0, 0]),
  section(10, [1, sized([2, [1, I32], [3, V128], body])]),
]);

const module = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes))).exports;
const text = new Uint8Array(module.memory.buffer, 0, BLOCK_BYTES);
const found = new Int32Array(module.memory.buffer, BLOCK_BYTES, BLOCK_BYTES >> 5);
