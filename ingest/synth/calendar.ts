// Times of the invented city are minutes since 1970-01-01 00:00 on the wall clock ("civil"), or the same in
// UTC where the name says so. Only the UTC functions of Date are used, so that no time zone of a machine counts.

/** Minutes of a day. */
export const DAY = 1440;

/** The month's number (12 x year + month - 1) of a text like 2025-09; throws on any other text. */
export function parseMonth(text: string): number {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (match === null) throw new Error(`got month ${JSON.stringify(text)}, wanted one like 2025-09`);
  return Number(match[1]) * 12 + Number(match[2]) - 1;
}

/** The text of a month's number, like 2025-09. */
export function monthText(month: number): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
}

/** The civil minute at which a month begins. */
export function monthStart(month: number): number {
  return Date.UTC(Math.floor(month / 12), month % 12, 1) / 60_000;
}

/** The number of the month that holds a civil minute. */
export function monthOf(minute: number): number {
  const date = new Date(minute * 60_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** YYYY-MM-DD of a civil minute. */
export function dateText(minute: number): string {
  return new Date(minute * 60_000).toISOString().slice(0, 10);
}

/** YYYY-MM-DDThh:mm:ss of a civil minute, with its seconds (0 to 59). */
export function timeText(minute: number, seconds = 0): string {
  return new Date(minute * 60_000 + seconds * 1000).toISOString().slice(0, 19);
}

/** Hour of the week of a civil minute: 0 is Monday 00:00-00:59, 167 Sunday 23:00-23:59. */
export function hourOfWeek(minute: number): number {
  // 1970-01-01 was a Thursday, which begins at hour 72.
  return (((Math.floor(minute / 60) + 72) % 168) + 168) % 168;
}

/** The civil minute 01:00 (UTC 01:00) of the last Sunday of a month: when the clocks of the United Kingdom change. */
export function lastSundayAtOne(month: number): number {
  const lastDay = monthStart(month + 1) - DAY;
  const weekday = Math.floor(hourOfWeek(lastDay) / 24);
  return lastDay - ((weekday + 1) % 7) * DAY + 60;
}

/** Wall clock of a UTC minute: one hour ahead from the last Sunday of March to the last of October, 01:00 UTC. */
export function utcToCivil(utc: number): number {
  const year = Math.floor(monthOf(utc) / 12);
  const summer = utc >= lastSundayAtOne(year * 12 + 2) && utc < lastSundayAtOne(year * 12 + 9);
  return summer ? utc + 60 : utc;
}

/** UTC of a wall clock minute: the first of the two in October's repeated hour, an hour later in March's missing one. */
export function civilToUtc(civil: number): number {
  return utcToCivil(civil - 60) === civil ? civil - 60 : civil;
}
