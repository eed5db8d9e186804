/** NHS numbers: ten digits of which the last is a check digit (modulus 11). */

/**
 * Copies the ten digits of the NHS number in bytes[start .. end) to `digits` at `at`, leaving out spaces and hyphens.
 * False where there are not exactly ten digits or the check digit is wrong; `digits` is then not to be read.
 */
export function readNhsNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  digits: Uint8Array,
  at: number,
): boolean {
  let n = 0;
  let sum = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === 32 || byte === 45) continue;
    if (byte < 48 || byte > 57 || n === 10) return false;
    digits[at + n] = byte;
    // Weights 10 to 2 for the first nine, 1 for the check digit: the sum of a valid number is divisible by 11.
    sum += (byte - 48) * (10 - n);
    n++;
  }
  return n === 10 && sum % 11 === 0 && sum > 0;
}
