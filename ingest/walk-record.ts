/**
 * Goes through JSON records whose keys are those that are expected: sixteen bytes are compared at once in WebAssembly's
 * vectors. The module is written below, opcode by opcode.
 */
import {
  BLOCK,
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
  PAGE_BYTES,
  set,
  splat,
  V128_LOAD,
} from './wasm-code.ts';

/** So many keys are expected at most; what leads to the value of each has a slot in memory. */
export const MOST_EXPECTED = 256;
const SLOT_BYTES = 256;
/** A slot is how long the lead is, where the value was that was found after it, and from here on the lead. */
const LEAD_AT = 16;
const TEXT_AT = MOST_EXPECTED * SLOT_BYTES;
const CHUNK_BYTES = 16;
const [SPACE, QUOTE, BACKSLASH] = [32, 34, 92] as const;

/** Numbers in `slots` from one slot to the next; which of a slot's says where the value begins, and where it ends. */
export const SLOT = SLOT_BYTES / 4;
export const VALUE_START = 1;
export const VALUE_END = 2;

export interface Walker {
  /** Where values were found, by key; other memory after each load. */
  slots: Int32Array;
  /** Text to go through, moved to where it can be; any text before is gone. */
  readonly load: (text: Uint8Array) => Uint8Array;
  /** Expects `lead`, which is not empty, before the value of key number i. */
  readonly expect: (i: number, lead: Uint8Array) => void;
  /**
   * Goes through the text from `at` on, which is before `end`, where key number i is expected. Returns the number of the
   * first key whose lead does not stand there or leads to anything but a text without escapes and control characters
   * that ends before `end`. For those before it, their slots say where the texts are, without quotation marks.
   */
  readonly walk: (at: number, end: number, i: number) => number;
}

export function createWalker(): Walker {
  const { memory, run } = instantiate();
  const slots = () => new Int32Array(memory.buffer, 0, TEXT_AT >> 2);
  const walker: Walker = {
    slots: slots(),
    load: (text) => {
      const missing = TEXT_AT + text.length + CHUNK_BYTES - memory.buffer.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
        walker.slots = slots();
      }
      const loaded = new Uint8Array(memory.buffer, TEXT_AT, text.length);
      loaded.set(text);
      return loaded;
    },
    expect: (i, lead) => {
      const fits = lead.length <= SLOT_BYTES - LEAD_AT;
      // The walk ends at a slot of length 0.
      walker.slots[i * SLOT] = fits ? lead.length : 0;
      if (fits) new Uint8Array(memory.buffer).set(lead, i * SLOT_BYTES + LEAD_AT);
    },
    walk: run,
  };
  return walker;
}

const SLOT_BITS = Math.log2(SLOT_BYTES);
const BR = 0x0c;
const I32_LOAD = [0x28, 0];
const I32_LOAD8_U = [0x2d, 0];
const I32_STORE = [0x36, 0];
const I32_EQZ = 0x45;
const I32_NE = 0x47;
const I32_GE_U = 0x4f;
const I32_CTZ = 0x68;
const I32_AND = 0x71;
const I32_OR = 0x72;
const I32_XOR = 0x73;
const I32_SHL = 0x74;
const I32_SHR_U = 0x76;
const I8X16_LT_U = [0xfd, 0x26];

// Parameters, then locals: numbers, then vectors.
const AT = 0;
const UP_TO = 1;
/** The number of the key, and then where its slot is. */
const KEY = 2;
const LENGTH = 3;
const PLACE = 4;
const BITS = 5;
const CHUNK = 6;
const SPACES = 7;
const QUOTES = 8;
const BACKSLASHES = 9;

const add = (a: Code, b: Code): Code => [a, b, I32_ADD];
const both = (a: Code, b: Code): Code => [a, b, I32_AND];
const less = (a: Code, b: Code): Code => [a, b, I32_LT_U];
const is = (value: Code): Code => [get(CHUNK), value, I8X16_EQ];
const chunkAt = (address: Code, offset: number): Code => [address, V128_LOAD, 0, leb(offset)];
/** The number of the lowest bit that is set, or 16 where none is. */
const lowest = (bits: Code): Code => [bits, int(1 << CHUNK_BYTES), I32_OR, I32_CTZ];
const isNoQuote: Code = [get(PLACE), I32_LOAD8_U, leb(TEXT_AT), int(QUOTE), I32_NE];
const note = (value: number): Code => [get(KEY), get(PLACE), I32_STORE, leb(4 * value)];
/** Ends the walk, which is a loop in a block. */
const endIf = (condition: Code): Code => [condition, BR_IF, 1];

const body: Code = [
  set(SPACES, splat(int(SPACE))),
  set(QUOTES, splat(int(QUOTE))),
  set(BACKSLASHES, splat(int(BACKSLASH))),
  set(KEY, [get(KEY), int(SLOT_BITS), I32_SHL]),
  [BLOCK, LOOP],
  endIf([get(KEY), int(TEXT_AT), I32_GE_U]),
  set(LENGTH, [get(KEY), I32_LOAD, 0]),
  endIf([get(LENGTH), I32_EQZ]),
  endIf([add(get(AT), get(LENGTH)), get(UP_TO), I32_GE_U]),
  // Whether the lead is here: PLACE is how much of it is.
  set(PLACE, int(0)),
  LOOP,
  set(BITS, [
    [chunkAt(add(get(AT), get(PLACE)), TEXT_AT), chunkAt(add(get(KEY), get(PLACE)), LEAD_AT), I8X16_EQ],
    [I8X16_BITMASK, int(0xffff), I32_XOR],
  ]),
  set(PLACE, add(get(PLACE), lowest(get(BITS)))),
  [both([get(BITS), I32_EQZ], less(get(PLACE), get(LENGTH))), BR_IF, 0, END],
  endIf(less(get(PLACE), get(LENGTH))),
  set(PLACE, add(get(AT), get(LENGTH))),
  endIf(isNoQuote),
  set(PLACE, add(get(PLACE), int(1))),
  note(VALUE_START),
  LOOP,
  set(CHUNK, chunkAt(get(PLACE), TEXT_AT)),
  set(BITS, [
    or([get(CHUNK), get(SPACES), I8X16_LT_U], or(is(get(QUOTES)), is(get(BACKSLASHES)))),
    I8X16_BITMASK,
  ]),
  set(PLACE, add(get(PLACE), lowest(get(BITS)))),
  [both([get(BITS), I32_EQZ], less(get(PLACE), get(UP_TO))), BR_IF, 0, END],
  endIf([get(PLACE), get(UP_TO), I32_GE_U]),
  endIf(isNoQuote),
  note(VALUE_END),
  set(AT, add(get(PLACE), int(1))),
  set(KEY, add(get(KEY), int(SLOT_BYTES))),
  [BR, 0],
  [END, END],
  [get(KEY), int(SLOT_BITS), I32_SHR_U],
];

const instantiate = compile(TEXT_AT, 3, 3, 4, body);
