/** A line of CSV (RFC 4180, LF). A text that a spreadsheet would run as a formula is made harmless. */
export const csvLine = (values: readonly (string | number | null)[]): string =>
  `${values.map(csvValue).join(',')}\n`;

function csvValue(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Quotation marks alone do not stop a spreadsheet; a leading apostrophe does. Full-width forms count as well.
  const harmless = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
