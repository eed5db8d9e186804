/** The clock: the only place that asks what time it is. */

/** Milliseconds since 1970-01-01T00:00Z. */
export const now = (): number => Date.now();

/** The local calendar date (YYYY-MM-DD) of an instant in a time zone. */
export function localDate(time: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(time);
}

/** An instant as the clock on the wall shows it in a time zone: local time in milliseconds, read as if it were UTC. */
export function wallClock(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(time);
  return Date.parse(`${parts.replace(' ', 'T')}Z`);
}
