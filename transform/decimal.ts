/** What became of a text that should be a number. */
export const DECIMAL_STATUS = { OK: 0, MISSING: 1, NOT_A_NUMBER: 2 } as const;

const { OK, MISSING, NOT_A_NUMBER } = DECIMAL_STATUS;
// Up to here whole numbers and powers of ten are exact, so that one division or product is rounded correctly.
const EXACT_MANTISSA = 2 ** 53;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const LARGEST_EXPONENT = 9999;

/**
 * Reads n plain decimal numbers, `bytes` from starts[i] up to ends[i]: a sign, digits with or without a decimal
 * point, an exponent, spaces around. `values` gets exactly what Number(text) gives; where the status is not OK it
 * gets NaN. MISSING is an empty text or one of spaces; NOT_A_NUMBER is all else, a decimal comma and a number too
 * large for a double included.
 */
export function parseDecimals(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  n: number,
  values: Float64Array,
  status: Uint8Array,
): void {
  for (let i = 0; i < n; i++) {
    let at = starts[i] as number;
    let end = ends[i] as number;
    while (at < end && isSpace(bytes[at] as number)) at++;
    while (end > at && isSpace(bytes[end - 1] as number)) end--;
    const value = at === end ? Number.NaN : parseTrimmed(bytes, at, end);
    const isNumber = Number.isFinite(value);
    values[i] = isNumber ? value : Number.NaN;
    status[i] = isNumber ? OK : at === end ? MISSING : NOT_A_NUMBER;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** The number, or NaN, of a text without spaces around it and not empty. */
function parseTrimmed(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at] as number;
  if (sign === 0x2d || sign === 0x2b) at++;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    digits++;
  }
  if (at < end && bytes[at] === 0x2e) {
    for (at++; at < end; at++) {
      const digit = (bytes[at] as number) - 0x30;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      digits++;
      decimals++;
    }
  }
  if (digits === 0) return Number.NaN;
  let exponent = -decimals;
  if (at < end) {
    const written = parseExponent(bytes, at, end);
    if (Number.isNaN(written)) return Number.NaN;
    exponent += written;
  }
  if (mantissa >= EXACT_MANTISSA || exponent < -22 || exponent > 22) return numberOfText(bytes, start, end);
  const size =
    exponent < 0
      ? mantissa / (POWERS_OF_TEN[-exponent] as number)
      : mantissa * (POWERS_OF_TEN[exponent] as number);
  return sign === 0x2d ? -size : size;
}

/** The value of "e+5", held within bounds where nothing more changes, or NaN. */
function parseExponent(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (((bytes[at] as number) | 0x20) !== 0x65) return Number.NaN;
  at++;
  const sign = at < end ? (bytes[at] as number) : 0;
  if (sign === 0x2d || sign === 0x2b) at++;
  if (at === end) return Number.NaN;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    exponent = Math.min(exponent * 10 + digit, LARGEST_EXPONENT);
  }
  return sign === 0x2d ? -exponent : exponent;
}

function numberOfText(bytes: Uint8Array, start: number, end: number): number {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return Number(text);
}
