/** When an incident occurred: read from text, checked, and written to the hour. */
import { type IncidentColumns, NO_DAY, NO_HOUR_OF_WEEK, TIME_PRECISIONS } from '../schemas/incident.ts';
import type { Role } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { columnOf, type Door, type TextColumn } from './door.ts';
import { noteTimes } from './incident-noted.ts';
import {
  dayFromCivil,
  hourOfWeek,
  type LocalTimes,
  localToUtcHour,
  monthStart,
  parseLocalTimes,
  TIME_STATUS,
} from './london-time.ts';
import { problem } from './problems.ts';

const { OK: TIME_OK, MISSING, NOT_A_DATE, IN_GAP, IN_FOLD } = TIME_STATUS;
const PRECISION = Object.fromEntries(TIME_PRECISIONS.map((value, i) => [value, i])) as Record<
  (typeof TIME_PRECISIONS)[number],
  number
>;
const TIME_MISSING = problem('time', 'missing');
const TIME_NOT_A_DATE = problem('time', 'not a date');
const TIME_FUTURE = problem('time', 'in the future');
const TIME_TOO_OLD = problem('time', 'before 1996');
const TIME_AFTER_KNOWN = problem('time', 'later than it was known');

const FIRST_DAY = dayFromCivil(1996, 1, 1);

/** The first day of the month of each day that an incident can have: a look-up is cheaper than the calendar. */
const MONTH_STARTS = Int32Array.from({ length: 75_000 }, (_, day) => monthStart(FIRST_DAY + day));
/** The longest window, in hours, that is allotted one of its hours. */
const MAX_WINDOW = 24;

export function parseTimes(door: Door, batch: TextBatch, role: Role, live: number, out: LocalTimes): boolean {
  const column = columnOf(door, batch, role, live);
  if (!column) return false;
  parseLocalTimes(batch.bytes, column.starts, column.ends, live, door.settings.profile.dates, out);
  return true;
}

/** Reads when each incident occurred and was known, and marks what cannot be. */
export function readTimes(door: Door, batch: TextBatch, live: number): void {
  const { occurred, until, known, problem: problems } = door.scratch;
  const byMonth = columnOf(door, batch, 'occurred_month', live);
  if (byMonth) parseMonths(batch.bytes, byMonth, live, occurred);
  else {
    const start: Role = door.columns.has('occurred_from') ? 'occurred_from' : 'occurred';
    parseTimes(door, batch, start, live, occurred);
  }
  if (!parseTimes(door, batch, 'occurred_to', live, until)) until.status.fill(MISSING, 0, live);
  if (!parseTimes(door, batch, 'known_at', live, known)) known.status.fill(MISSING, 0, live);
  noteTimes(door, live);
  const { today } = door.settings;
  for (let i = 0; i < live; i++) {
    const status = occurred.status[i] as number;
    const day = occurred.days[i] as number;
    if (status === MISSING) problems[i] = TIME_MISSING;
    else if (status === NOT_A_DATE) problems[i] = TIME_NOT_A_DATE;
    else if (day > today) problems[i] = TIME_FUTURE;
    else if (day < FIRST_DAY) problems[i] = TIME_TOO_OLD;
    else if (isDate(known.status[i] as number) && !byMonth) {
      const later = day - (known.days[i] as number);
      if (later > 1) problems[i] = TIME_AFTER_KNOWN;
      // Within a day it is a slip of the clock or of midnight: the day stands, the hour is not known.
      else if (
        later === 1 ||
        (later === 0 &&
          hasTime(occurred, i) &&
          hasTime(known, i) &&
          (occurred.seconds[i] as number) > (known.seconds[i] as number))
      ) {
        occurred.seconds[i] = -1;
        if (later === 1) occurred.days[i] = day - 1;
      }
    }
  }
}

export const isDate = (status: number) => status !== MISSING && status !== NOT_A_DATE;

const hasTime = (times: LocalTimes, i: number) => (times.seconds[i] as number) >= 0;

/** Months as YYYY-MM, to the first day of each. */
function parseMonths(bytes: Uint8Array, column: TextColumn, live: number, out: LocalTimes): void {
  for (let i = 0; i < live; i++) {
    const start = column.starts[i] as number;
    const length = (column.ends[i] as number) - start;
    let year = 0;
    let month = 0;
    let digits = length === 7 && bytes[start + 4] === 45;
    for (let k = 0; digits && k < 7; k++) {
      if (k === 4) continue;
      const digit = (bytes[start + k] as number) - 48;
      if (digit < 0 || digit > 9) digits = false;
      if (k < 4) year = year * 10 + digit;
      else month = month * 10 + digit;
    }
    const sound = digits && month >= 1 && month <= 12;
    out.status[i] = length === 0 ? MISSING : sound ? TIME_OK : NOT_A_DATE;
    out.days[i] = sound ? dayFromCivil(year, month, 1) : NO_DAY;
    out.seconds[i] = -1;
  }
}

/** Writes when each incident occurred, to the hour; a window of up to a day is allotted one of its hours. */
export function writeTimes(door: Door, kept: number, incidents: IncidentColumns): void {
  const { kept: keptRows, occurred, until } = door.scratch;
  const keyWords = new Uint32Array(incidents.key0.buffer, incidents.key0.byteOffset, kept * 2);
  const onlyMonth = door.columns.has('occurred_month');
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    let day = occurred.days[i] as number;
    let second = occurred.seconds[i] as number;
    incidents.windowFrom[k] = NO_DAY;
    incidents.windowTo[k] = NO_DAY;
    const status = occurred.status[i] as number;
    let precision =
      status === IN_GAP ? PRECISION.clock_gap : status === IN_FOLD ? PRECISION.clock_fold : PRECISION.exact;
    const window =
      isDate(until.status[i] as number) && second >= 0 && hasTime(until, i)
        ? windowSeconds(occurred, until, i)
        : 0;
    if (onlyMonth) precision = PRECISION.month;
    else if (window >= 3600) {
      precision = PRECISION.window;
      incidents.windowFrom[k] = localToUtcHour(day, second);
      incidents.windowTo[k] = localToUtcHour(until.days[i] as number, until.seconds[i] as number);
      if (window <= MAX_WINDOW * 3600) {
        // Proportional to the part of each hour that the window covers, and the same whenever the record is read.
        second += Math.floor(((keyWords[2 * k] as number) / 2 ** 32) * window);
        day += Math.floor(second / 86400);
        second %= 86400;
      } else second = -1;
    } else if (second <= 0) {
      // Midnight to the second is how systems write that the time is not known.
      precision = PRECISION.day;
      second = -1;
    }
    incidents.timePrecision[k] = precision;
    incidents.month[k] = MONTH_STARTS[day - FIRST_DAY] as number;
    incidents.occurredOn[k] = onlyMonth ? NO_DAY : day;
    incidents.hourOfWeek[k] = second < 0 ? NO_HOUR_OF_WEEK : hourOfWeek(day, second);
  }
}

/** Length of a window in seconds of the clock on the wall; 0 where it ends before it begins. */
function windowSeconds(from: LocalTimes, to: LocalTimes, i: number): number {
  const days = (to.days[i] as number) - (from.days[i] as number);
  return Math.max(0, days * 86400 + (to.seconds[i] as number) - (from.seconds[i] as number));
}
