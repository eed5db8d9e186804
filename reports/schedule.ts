/** When to look whether a period is ready: the only place that touches node-cron. */
import { createTask, parse, validate } from 'node-cron';

const MINUTE_MS = 60_000;
/** How far back a missed time is looked for. */
const MAX_DAYS_BACK = 400;

/** Whether a text is a cron expression of plain numbers and names: wasDue cannot tell "the last Friday" and the like. */
export function isSchedule(expression: string): boolean {
  if (!validate(expression)) return false;
  const { dayOfMonth, dayOfWeek } = parse(expression);
  return [...dayOfMonth, ...dayOfWeek].every((value) => typeof value === 'number');
}

/**
 * Calls `look` at the times of the expression, one call at a time, until the function that it returns is called.
 * A time that the clock skips in spring does not come: see wasDue.
 */
export function startSchedule(expression: string, timeZone: string, look: () => Promise<void>): () => void {
  const silent = {
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    debug: () => undefined,
  };
  const task = createTask(expression, look, { timezone: timeZone, noOverlap: true, logger: silent });
  void task.start();
  return () => void task.destroy();
}

/**
 * Whether a time of the expression lies after `from` and not after `to`, both in milliseconds of the clock on the
 * wall (local time read as if it were UTC). Times that the clock skipped count, and so do those while nothing ran.
 */
export function wasDue(expression: string, from: number, to: number): boolean {
  const fields = parse(expression);
  const has = (values: readonly (number | string)[], value: number) => values.includes(value);
  let minute = Math.floor(to / MINUTE_MS) * MINUTE_MS;
  const earliest = Math.max(from, to - MAX_DAYS_BACK * 1440 * MINUTE_MS);
  for (; minute > earliest; minute -= MINUTE_MS) {
    const date = new Date(minute);
    const due =
      has(fields.minute, date.getUTCMinutes()) &&
      has(fields.hour, date.getUTCHours()) &&
      has(fields.dayOfMonth, date.getUTCDate()) &&
      has(fields.month, date.getUTCMonth() + 1) &&
      has(fields.dayOfWeek, date.getUTCDay());
    if (due) return true;
  }
  return false;
}
