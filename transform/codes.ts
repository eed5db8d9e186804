/** Short coded values (weapon, kind of place, offence …) to small numbers, without making a string of each. */

/**
 * A closed list of codes. Codes are compared without case and surrounding spaces, and a leading zero of a
 * two-digit code may be missing, since spreadsheets drop it.
 */
export interface CodeTable {
  readonly slots: Int32Array;
  readonly mask: number;
  readonly texts: readonly Uint8Array[];
  readonly values: Int32Array;
}

/** No code at all (an empty value), and a code that is not in the list. */
export const NO_CODE = -1;
export const UNKNOWN_CODE = -2;

/** Builds the table from code to a number >= 0. */
export function createCodeTable(codes: Readonly<Record<string, number>>): CodeTable {
  const entries = new Map<string, number>();
  for (const [code, value] of Object.entries(codes)) entries.set(code.trim().toLowerCase(), value);
  for (const [code, value] of [...entries]) {
    const short = /^0\d$/.test(code) ? code.slice(1) : undefined;
    if (short !== undefined && !entries.has(short)) entries.set(short, value);
  }
  let size = 16;
  while (size < entries.size * 4) size *= 2;
  const table = {
    slots: new Int32Array(size).fill(-1),
    mask: size - 1,
    texts: [...entries.keys()].map((code) => new Uint8Array(Buffer.from(code, 'utf8'))),
    values: Int32Array.from(entries.values()),
  };
  table.texts.forEach((text, i) => {
    let slot = hashLower(text, 0, text.length) & table.mask;
    while (table.slots[slot] !== -1) slot = (slot + 1) & table.mask;
    table.slots[slot] = i;
  });
  return table;
}

const lower = (byte: number) => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** FNV-1a of the length and of up to eight bytes, spread evenly: codes are few, and a hit is compared in full. */
function hashLower(bytes: Uint8Array, start: number, end: number): number {
  const step = 1 + ((end - start) >> 3);
  let hash = 0x811c9dc5 ^ (end - start);
  for (let i = start; i < end; i += step) hash = Math.imul(hash ^ lower(bytes[i] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Codes whose meaning holds from one day to another: the number of a code in `table` is where its first span is. */
export interface DatedCodes {
  readonly table: CodeTable;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly values: Int32Array;
  /** The next span of the same code, -1 after the last. */
  readonly next: Int32Array;
}

/** Builds the table of codes with the days on which each means what; of spans that overlap the first counts. */
export function createDatedCodes(
  codes: readonly {
    readonly code: string;
    readonly from: number;
    readonly to: number;
    readonly value: number;
  }[],
): DatedCodes {
  const first: Record<string, number> = {};
  const last: Record<string, number> = {};
  const next = new Int32Array(codes.length).fill(-1);
  codes.forEach(({ code }, i) => {
    const name = code.trim().toLowerCase();
    const before = last[name];
    if (before === undefined) first[name] = i;
    else next[before] = i;
    last[name] = i;
  });
  return {
    table: createCodeTable(first),
    from: Int32Array.from(codes, ({ from }) => from),
    to: Int32Array.from(codes, ({ to }) => to),
    values: Int32Array.from(codes, ({ value }) => value),
    next,
  };
}

/** Replaces what `table` gave for each code by its value on the day of its row; UNKNOWN_CODE where none is valid then. */
export function resolveDates(codes: DatedCodes, days: Int32Array, n: number, values: Int32Array): void {
  for (let i = 0; i < n; i++) {
    let span = values[i] as number;
    if (span < 0) continue;
    const day = days[i] as number;
    while (span >= 0 && (day < (codes.from[span] as number) || day > (codes.to[span] as number)))
      span = codes.next[span] as number;
    values[i] = span < 0 ? UNKNOWN_CODE : (codes.values[span] as number);
  }
}

/** The number of each code in a column; NO_CODE where the value is empty, UNKNOWN_CODE where it is not listed. */
export function lookUpCodes(
  table: CodeTable,
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  n: number,
  values: Int32Array,
): void {
  for (let i = 0; i < n; i++) {
    let start = starts[i] as number;
    let end = ends[i] as number;
    while (start < end && bytes[start] === 32) start++;
    while (end > start && bytes[end - 1] === 32) end--;
    values[i] = start === end ? NO_CODE : lookUp(table, bytes, start, end);
  }
}

function lookUp(table: CodeTable, bytes: Uint8Array, start: number, end: number): number {
  let slot = hashLower(bytes, start, end) & table.mask;
  for (;;) {
    const entry = table.slots[slot] as number;
    if (entry < 0) return UNKNOWN_CODE;
    const text = table.texts[entry] as Uint8Array;
    if (text.length === end - start) {
      let same = 0;
      while (same < text.length && text[same] === lower(bytes[start + same] as number)) same++;
      if (same === text.length) return table.values[entry] as number;
    }
    slot = (slot + 1) & table.mask;
  }
}
