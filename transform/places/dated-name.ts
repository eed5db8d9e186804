/** Names with the dates between which they were in use: "Oceana [2004..2013-06]". */

export interface DatedName {
  readonly name: string;
  /** First and last day, days since 1970-01-01; infinite where the name does not say. */
  readonly from: number;
  readonly until: number;
}

const DAY_MS = 86_400_000;

/** Reads a name with or without dates; undefined where what stands in brackets is no pair of dates. */
export function readDatedName(text: string): DatedName | undefined {
  const match = /^(.*?)\s*\[([^\]]*)\]$/.exec(text);
  if (!match) return { name: text, from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  const [, name = '', dates = ''] = match;
  const range = /^(\d{4}(?:-\d\d){0,2})?\.\.(\d{4}(?:-\d\d){0,2})?$/.exec(dates);
  if (!range || name === '') return undefined;
  const from = range[1] === undefined ? Number.NEGATIVE_INFINITY : firstDay(range[1]);
  const until = range[2] === undefined ? Number.POSITIVE_INFINITY : lastDay(range[2]);
  return Number.isNaN(from) || Number.isNaN(until) ? undefined : { name, from, until };
}

const firstDay = (date: string) => Date.parse(`${date}${'-01'.repeat((10 - date.length) / 3)}`) / DAY_MS;

function lastDay(date: string): number {
  const [year = 0, month, day] = date.split('-').map(Number);
  if (day !== undefined) return firstDay(date);
  return (month === undefined ? Date.UTC(year + 1, 0, 1) : Date.UTC(year, month, 1)) / DAY_MS - 1;
}
