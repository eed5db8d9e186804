/** What small WebAssembly modules are written with, opcode by opcode. */

/** Code to be flattened: it nests as expressions do, operands first. */
export type Code = number | readonly Code[];

export function bytesOf(code: Code, bytes: number[] = []): number[] {
  if (typeof code === 'number') bytes.push(code);
  else for (const part of code) bytesOf(part, bytes);
  return bytes;
}

/** LEB128, seven bits a byte, of a number that is not negative. */
export const leb = (value: number): Code => (value < 128 ? value : [(value & 127) | 128, leb(value >>> 7)]);
/** The same as constants have it, whose seventh bit is their sign. */
const signedLeb = (value: number): Code =>
  value < 64 ? value : [(value & 127) | 128, signedLeb(value >>> 7)];
const sized = (code: Code): Code => [leb(bytesOf(code).length), code];
const section = (id: number, code: Code): Code => [id, sized(code)];
const name = (text: string): Code => sized([...Buffer.from(text)]);

const I32 = 0x7f;
const V128 = 0x7b;

// Opcodes, by WebAssembly's binary format. A branch is followed by how many blocks lie around the one that it leaves.
export const BLOCK = [0x02, 0x40];
export const LOOP = [0x03, 0x40];
export const BR_IF = 0x0d;
export const END = 0x0b;
export const I32_LT_U = 0x49;
export const I32_ADD = 0x6a;
export const V128_LOAD = [0xfd, 0x00];
export const I8X16_EQ = [0xfd, 0x23];
export const I8X16_BITMASK = [0xfd, 0x64];
const I8X16_SPLAT = [0xfd, 0x0f];
const V128_OR = [0xfd, 0x50];

/** A number that is not negative. */
export const int = (value: number): Code => [0x41, signedLeb(value)];
export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [value, 0x21, local];
export const splat = (value: Code): Code => [value, I8X16_SPLAT];
export const or = (a: Code, b: Code): Code => [a, b, V128_OR];

// What is used of WebAssembly, which TypeScript knows as a part of browsers only.
export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly run: (...parameters: number[]) => number;
}
declare const WebAssembly: {
  readonly Module: new (module: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
};
export const PAGE_BYTES = 1 << 16;

/**
 * Compiles a module of one function, `run`, that gives a number for numbers, with memory of `bytes` bytes; returns what
 * makes an instance of it. The function's locals are its parameters, then `numbers` numbers, then `vectors` vectors.
 */
export function compile(
  bytes: number,
  parameters: number,
  numbers: number,
  vectors: number,
  body: Code,
): () => Exports {
  const locals = [2, numbers, I32, vectors, V128];
  const code = bytesOf([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, [parameters, Array(parameters).fill(I32)], [1, I32]]),
    section(3, [1, 0]),
    section(5, [1, 0, leb(Math.ceil(bytes / PAGE_BYTES))]),
    section(7, [2, name('memory'), 2, 0, name('run'), 0, 0]),
    section(10, [1, sized([locals, body, END])]),
  ]);
  const module = new WebAssembly.Module(Uint8Array.from(code));
  return () => new WebAssembly.Instance(module).exports;
}
