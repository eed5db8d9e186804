// SHA-256's compression (FIPS 180-4) of four blocks at once, one in each 32-bit lane of WebAssembly's vectors: about
// three times as fast as in JavaScript. The module is written below, opcode by opcode, as the file is loaded. In its
// memory a block and a state are bytes, their words big-endian, as in the standard.

/** The memory that the lanes work in: one user at a time, who asks for it anew with `reserveLanes`. */
export interface LaneMemory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  /** By lane: the address of the block that it takes in next, and of the state that it takes it into. */
  readonly blockAt: Int32Array;
  readonly stateAt: Int32Array;
}

export const LANES = 4;
export const BLOCK_BYTES = 64;
export const STATE_BYTES = 32;

const CONSTANTS_AT = 0;
const BLOCK_TABLE_AT = 256;
const STATE_TABLE_AT = 272;
/** The address of the state that every hash begins from. */
export const INITIAL_STATE_AT = 320;
/** The address of room for two states of the user's own. */
export const USER_STATES_AT = INITIAL_STATE_AT + STATE_BYTES;
const RESULTS_AT = 512;
const MESSAGES_AT = 1024;
const PAGE_BYTES = 65536;

/**
 * The address of the state that `compress` leaves in a lane. The bytes after it make a block of it: the last one of a
 * message whose first block came before and whose other 32 bytes are this state, as in the outer hash of HMAC.
 */
export const resultAt = (lane: number): number => RESULTS_AT + lane * BLOCK_BYTES;

/** The address of a lane's own room for a message, where each was given `room` bytes. */
export const messageAt = (lane: number, room: number): number => MESSAGES_AT + lane * room;

/** The memory, with at least `room` bytes (a multiple of 64) for a message in each lane; earlier views may be dead. */
export function reserveLanes(room: number): LaneMemory {
  const missing = messageAt(LANES, room) - memory.buffer.byteLength;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    current = viewMemory();
  }
  return current;
}

function viewMemory(): LaneMemory {
  const { buffer } = memory;
  return {
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    view: new DataView(buffer),
    blockAt: new Int32Array(buffer, BLOCK_TABLE_AT, LANES),
    stateAt: new Int32Array(buffer, STATE_TABLE_AT, LANES),
  };
}

// What is used of WebAssembly, which TypeScript knows as a part of browsers only.
interface LaneExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly compress: () => void;
}
declare const WebAssembly: {
  validate(module: Uint8Array): boolean;
  readonly Module: new (module: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: LaneExports };
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

// Opcodes, by WebAssembly's binary format.
const END = 0x0b;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const I32_LOAD = 0x28;
const I32_CONST = 0x41;
const V128_LOAD = simd(0x00);
const V128_LOAD32_SPLAT = simd(0x09);
const V128_STORE = simd(0x0b);
const I8X16_SHUFFLE = simd(0x0d);
const V128_OR = simd(0x50);
const V128_XOR = simd(0x51);
const V128_BITSELECT = simd(0x52);
const I32X4_SHL = simd(0xab);
const I32X4_SHR_U = simd(0xad);
const I32X4_ADD = simd(0xae);
const I32_TYPE = 0x7f;
const V128_TYPE = 0x7b;
const FUNCTION_TYPE = 0x60;

function simd(opcode: number): Code {
  return [0xfd, leb(opcode)];
}

/** A number from 0 to 63, which is its own signed LEB128. */
const int = (value: number): Code => [I32_CONST, value];
const get = (local: number): Code => [LOCAL_GET, local];
const set = (local: number, value: Code): Code => [value, LOCAL_SET, local];
/** The place that a load or store reaches: no alignment promised, and an offset added to the address. */
const reach = (offset: number): Code => [0, leb(offset)];
const load = (address: Code, offset: number): Code => [address, V128_LOAD, reach(offset)];
const store = (offset: number, value: Code): Code => [int(0), value, V128_STORE, reach(offset)];
const xor = (first: Code, ...rest: Code[]): Code => [first, rest.map((x) => [x, V128_XOR])];
const add = (first: Code, ...rest: Code[]): Code => [first, rest.map((x) => [x, I32X4_ADD])];
/** Bits of `ones` where the mask has ones, of `zeros` elsewhere. */
const select = (mask: Code, ones: Code, zeros: Code): Code => [ones, zeros, mask, V128_BITSELECT];
const shift = (x: Code, bits: number): Code => [x, int(bits), I32X4_SHR_U];
const rotate = (x: Code, bits: number): Code => [shift(x, bits), x, int(32 - bits), I32X4_SHL, V128_OR];

/** The chosen parts, of `size` bytes each, of two vectors laid end to end. */
const shuffle = (x: Code, y: Code, size: number, parts: readonly number[]): Code => {
  const picked = parts.flatMap((part) => Array.from({ length: size }, (_, k) => part * size + k));
  return [x, y, I8X16_SHUFFLE, picked];
};
const swapBytes = (x: Code): Code => shuffle(x, x, 1, [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);

// The function's locals: an address for each lane, then vectors. a to h are in ROUND, the last 16 words in WORDS.
const ADDRESS = 0;
const ROUND = 4;
const WORDS = 12;
const STATE = 28;
const SPARE = 36;
const LOCALS = 40;

const four = (first: number) => [first, first + 1, first + 2, first + 3] as const;

/** Turns four words of each of four lanes into four lanes of each of four words, or back. */
function transpose(first: number): Code {
  const [a, b, c, d] = four(first);
  const [ab, cd, abEnd, cdEnd] = four(SPARE);
  return [
    set(ab, shuffle(get(a), get(b), 4, [0, 4, 1, 5])),
    set(cd, shuffle(get(c), get(d), 4, [0, 4, 1, 5])),
    set(abEnd, shuffle(get(a), get(b), 4, [2, 6, 3, 7])),
    set(cdEnd, shuffle(get(c), get(d), 4, [2, 6, 3, 7])),
    set(a, shuffle(get(ab), get(cd), 8, [0, 2])),
    set(b, shuffle(get(ab), get(cd), 8, [1, 3])),
    set(c, shuffle(get(abEnd), get(cdEnd), 8, [0, 2])),
    set(d, shuffle(get(abEnd), get(cdEnd), 8, [1, 3])),
  ];
}

/** Loads `count` words of every lane into locals, each lane's from the address that the table has for it. */
function loadWords(table: number, count: number, first: number): Code {
  const code: Code[] = [];
  for (let lane = 0; lane < LANES; lane++)
    code.push(int(0), I32_LOAD, reach(table + 4 * lane), LOCAL_SET, ADDRESS + lane);
  for (let k = 0; k < count; k += 4) {
    for (let lane = 0; lane < LANES; lane++)
      code.push(set(first + k + lane, swapBytes(load(get(ADDRESS + lane), 4 * k))));
    code.push(transpose(first + k));
  }
  return code;
}

/** Rounds 0 to 63, one after another, so that a to h change their roles by name instead of being moved. */
function rounds(): Code {
  const code: Code[] = [];
  const word = (t: number): Code => get(WORDS + (t & 15));
  for (let t = 0; t < 64; t++) {
    if (t >= 16) {
      const [early, late] = [word(t - 15), word(t - 2)];
      const s0 = xor(rotate(early, 7), rotate(early, 18), shift(early, 3));
      const s1 = xor(rotate(late, 17), rotate(late, 19), shift(late, 10));
      code.push(set(WORDS + (t & 15), add(word(t - 16), s0, word(t - 7), s1)));
    }
    const role = (k: number): number => ROUND + ((k - t) & 7);
    const [a, b, c, d] = [get(role(0)), get(role(1)), get(role(2)), get(role(3))];
    const [e, f, g, h] = [get(role(4)), get(role(5)), get(role(6)), get(role(7))];
    const constant: Code = [int(0), V128_LOAD32_SPLAT, reach(CONSTANTS_AT + 4 * t)];
    const s1 = xor(rotate(e, 6), rotate(e, 11), rotate(e, 25));
    const s0 = xor(rotate(a, 2), rotate(a, 13), rotate(a, 22));
    const choice = select(e, f, g);
    const majority = select(xor(a, b), c, a);
    code.push(set(role(7), add(h, constant, word(t), choice, s1)));
    code.push(set(role(3), add(d, h)));
    code.push(set(role(7), add(h, add(majority, s0))));
  }
  return code;
}

/** All of a block's words are loaded before any result is stored, so a result may be the next block. */
function compression(): Code {
  const code: Code[] = [loadWords(BLOCK_TABLE_AT, 16, WORDS), loadWords(STATE_TABLE_AT, 8, STATE)];
  for (let k = 0; k < 8; k++) code.push(set(ROUND + k, get(STATE + k)));
  code.push(rounds());
  for (let k = 0; k < 8; k++) code.push(set(ROUND + k, swapBytes(add(get(ROUND + k), get(STATE + k)))));
  for (let k = 0; k < 8; k += 4) {
    code.push(transpose(ROUND + k));
    for (let lane = 0; lane < LANES; lane++) code.push(store(resultAt(lane) + 4 * k, get(ROUND + k + lane)));
  }
  return code;
}

/** A module of one function without parameters and one page of memory, both exported. */
function assembleModule(): Uint8Array {
  const sized = (content: Code): Code => {
    const bytes = bytesOf(content);
    return [leb(bytes.length), bytes];
  };
  const name = (text: string): Code => sized([...text].map((letter) => letter.charCodeAt(0)));
  const locals: Code = [2, LANES, I32_TYPE, LOCALS - LANES, V128_TYPE];
  const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, sized([1, FUNCTION_TYPE, 0, 0])];
  const functions = [3, sized([1, 0])];
  const memories = [5, sized([1, 0, 1])];
  const exports = [7, sized([2, name('memory'), 2, 0, name('compress'), 0, 0])];
  const bodies = [10, sized([1, sized([locals, compression(), END])])];
  return Uint8Array.from(bytesOf([magicAndVersion, types, functions, memories, exports, bodies]));
}

function startModule(): LaneExports {
  const module = assembleModule();
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(module))
    throw new Error(
      'keyed digests need WebAssembly SIMD, which this Node lacks: use Node 20.19 or later on x64 or arm64',
    );
  return new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
}

const lanes = startModule();
const { memory } = lanes;
let current = viewMemory();

/**
 * Takes the block at blockAt[lane] into the state at stateAt[lane], in all four lanes, and leaves the new states at
 * resultAt(lane). Either address may be resultAt of the same lane. A lane without work must still hold addresses
 * within the memory, which those of its last block and state are.
 */
export const compress: () => void = lanes.compress;

// FIPS 180-4: the first 32 bits of the fractions of the primes' cube roots and square roots.
const PRIMES = Array.from({ length: 310 }, (_, k) => k + 2).filter((number) => {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
});
const fractionBits = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);

for (const [t, prime] of PRIMES.slice(0, 64).entries())
  current.view.setUint32(CONSTANTS_AT + 4 * t, fractionBits(Math.cbrt(prime)), true);
for (const [k, prime] of PRIMES.slice(0, 8).entries())
  current.view.setUint32(INITIAL_STATE_AT + 4 * k, fractionBits(Math.sqrt(prime)));
for (let lane = 0; lane < LANES; lane++) {
  current.view.setUint8(resultAt(lane) + STATE_BYTES, 0x80);
  current.view.setUint32(resultAt(lane) + BLOCK_BYTES - 4, 8 * (BLOCK_BYTES + STATE_BYTES));
}
