// Months are numbered from year 0 so that they can be counted on; as text they are 2025-09, as a date 2025-09-01.

/** 2025-09 to the number of the month. Throws on anything else. */
export function parseMonth(text: string): number {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (!parts) throw new Error(`got period ${text}, wanted a month such as 2025-09`);
  return Number(parts[1]) * 12 + Number(parts[2]) - 1;
}

/** The first month of 2025-Q3. Throws on anything else. */
export function parseQuarter(text: string): number {
  const parts = /^(\d{4})-Q([1-4])$/.exec(text);
  if (!parts) throw new Error(`got period ${text}, wanted a quarter such as 2025-Q3`);
  return Number(parts[1]) * 12 + (Number(parts[2]) - 1) * 3;
}

/** Whether the text has the form of a quarter rather than of a month. */
export function isQuarter(period: string): boolean {
  return period.includes('Q');
}

/** The number of a month to 2025-09. */
export function monthText(month: number): string {
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** The number of a month to 2025-09-01. */
export function monthDate(month: number): string {
  return `${monthText(month)}-01`;
}

/** The quarter that begins with a month, as 2025-Q3. */
export function quarterText(month: number): string {
  return `${monthText(month).slice(0, 4)}-Q${Math.floor((month % 12) / 3) + 1}`;
}

const MONTH_NAMES =
  'January February March April May June July August September October November December'.split(' ');

/** "September 2025", or "July to September 2025" for several months of a year. */
export function monthsLabel(first: number, last: number): string {
  const end = `${MONTH_NAMES[last % 12]} ${Math.floor(last / 12)}`;
  return first === last ? end : `${MONTH_NAMES[first % 12]} to ${end}`;
}
