/** When an incident occurred: read from text, checked, and written to the hour. */
import { type IncidentColumns, NO_DAY, NO_HOUR_OF_WEEK, TIME_PRECISIONS } from '../schemas/incident.ts';
import type { DateFormat, Role } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { columnOf, type Door, JOINED_BYTES, type TextColumn } from './door.ts';
import { noteTimes } from './incident-noted.ts';
import {
  dayFromCivil,
  hourOfWeek,
  type LocalTimes,
  localToUtc,
  localToUtcHour,
  monthStart,
  parseLocalTimes,
  TIME_STATUS,
  utcToLocal,
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

/** Ways of writing a date that are told by name, since a person can mend them at the source. */
const OTHER_DATES: readonly (readonly [pattern: RegExp, problem: number])[] = [
  [/^\s*\d{5}(\.\d+)?\s*$/, problem('time', 'a serial number of a spreadsheet')],
  [/^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(\s|$)/, problem('time', 'a year of two digits')],
  [/^\s*(0?[1-9]|1[0-2])[/.-](1[3-9]|2\d|3[01])[/.-]\d{4}/, problem('time', 'month before day')],
];
/** Longer texts are no date in any writing. */
const LONGEST_DATE = 40;

const FIRST_DAY = dayFromCivil(1996, 1, 1);

/** The first day of the month of each day that an incident can have: a look-up is cheaper than the calendar. */
const MONTH_STARTS = Int32Array.from({ length: 75_000 }, (_, day) => monthStart(FIRST_DAY + day));
/** The longest window, in hours, that is allotted one of its hours. */
const MAX_WINDOW = 24;

/** Columns that hold the time of day of a date in another column. */
const TIME_OF_DAY: Readonly<Partial<Record<Role, Role>>> = {
  occurred: 'occurred_time',
  known_at: 'known_time',
};

export function parseTimes(door: Door, batch: TextBatch, role: Role, live: number, out: LocalTimes): boolean {
  const column = columnOf(door, batch, role, live);
  if (!column) return false;
  const clock = door.columns.get(TIME_OF_DAY[role] ?? role)?.[0];
  if (clock !== undefined && role in TIME_OF_DAY) {
    const { joined } = door.scratch;
    joinTimes(door, batch, column, clock, live);
    parseLocalTimes(joined, column.starts, column.ends, live, door.settings.profile.dates, out);
    return true;
  }
  parseLocalTimes(batch.bytes, column.starts, column.ends, live, door.settings.profile.dates, out);
  return true;
}

const SPACE = 32;
const DATE_BYTES = 10;
const LONGEST_CLOCK = JOINED_BYTES - DATE_BYTES - 1;

/**
 * Writes each row's date and time of day to scratch.joined as one text, whose bounds replace those in `column`. Of a
 * date that comes with a midnight or a zone behind it the date alone is taken. Digits alone are a whole hour: systems
 * that write so leave an hour that is not known empty, so that their 0 is one.
 */
function joinTimes(door: Door, batch: TextBatch, column: TextColumn, clock: number, live: number): void {
  const { rows, joined } = door.scratch;
  const { bytes } = batch;
  const clockStarts = batch.starts[clock] as Int32Array;
  const clockEnds = batch.ends[clock] as Int32Array;
  for (let i = 0; i < live; i++) {
    const row = rows[i] as number;
    const to = i * JOINED_BYTES;
    let start = column.starts[i] as number;
    let end = column.ends[i] as number;
    while (start < end && bytes[start] === SPACE) start++;
    while (end > start && bytes[end - 1] === SPACE) end--;
    let from = clockStarts[row] as number;
    let until = clockEnds[row] as number;
    while (from < until && bytes[from] === SPACE) from++;
    while (until > from && bytes[until - 1] === SPACE) until--;
    const hasClock = until > from;
    const isZoned = end - start === DATE_BYTES + 1 && bytes[end - 1] === 0x5a;
    if (hasClock || isZoned) end = Math.min(end, start + DATE_BYTES);
    let at = to;
    // What is longer than any time is none; a part of it might be one.
    const length = end - start > JOINED_BYTES ? 0 : end - start;
    for (let k = 0; k < length; k++) joined[at++] = bytes[start + k] as number;
    if (length === 0 && end > start) joined[at++] = 0x3f;
    if (hasClock && at > to) {
      joined[at++] = SPACE;
      const digits = until - from <= 2;
      if (digits && until - from === 1) joined[at++] = 0x30;
      if (until - from > LONGEST_CLOCK) joined[at++] = 0x3f;
      else for (let k = from; k < until; k++) joined[at++] = bytes[k] as number;
      if (digits) for (const byte of HALF_PAST) joined[at++] = byte;
    }
    column.starts[i] = to;
    column.ends[i] = at;
  }
}

const HALF_PAST = [...':30'].map((letter) => letter.charCodeAt(0));

/** Reads when each live row occurred; where that is not told, its arrival may stand in, without an hour. */
export function readOccurred(door: Door, batch: TextBatch, live: number): void {
  const { occurred, known } = door.scratch;
  const start: Role = door.columns.has('occurred_from') ? 'occurred_from' : 'occurred';
  parseTimes(door, batch, start, live, occurred);
  if (!door.settings.profile.arrivalStandsIn || !parseTimes(door, batch, 'known_at', live, known)) return;
  for (let i = 0; i < live; i++) {
    if (occurred.status[i] !== MISSING || !isDate(known.status[i] as number)) continue;
    occurred.status[i] = TIME_OK;
    occurred.days[i] = known.days[i] as number;
    occurred.seconds[i] = -1;
  }
}

/** Reads when each incident occurred and was known, and marks what cannot be. */
export function readTimes(door: Door, batch: TextBatch, live: number): void {
  const { occurred, until, known, problem: problems } = door.scratch;
  const byMonth = columnOf(door, batch, 'occurred_month', live);
  if (byMonth) parseMonths(batch.bytes, byMonth, live, occurred);
  else readOccurred(door, batch, live);
  if (!parseTimes(door, batch, 'occurred_to', live, until)) until.status.fill(MISSING, 0, live);
  if (!parseTimes(door, batch, 'known_at', live, known)) known.status.fill(MISSING, 0, live);
  noteTimes(door, live);
  const { today, profile } = door.settings;
  const column = door.columns.get('occurred') ?? door.columns.get('occurred_from');
  for (let i = 0; i < live; i++) {
    const status = occurred.status[i] as number;
    const day = occurred.days[i] as number;
    if (status === MISSING) problems[i] = TIME_MISSING;
    else if (status === NOT_A_DATE)
      problems[i] = column
        ? dateProblem(door, batch, column[0] as number, i, profile.dates)
        : TIME_NOT_A_DATE;
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

/** What is wrong with a text that is no date. The month may only come first where the day is expected first. */
function dateProblem(door: Door, batch: TextBatch, column: number, i: number, dates: DateFormat): number {
  const row = door.scratch.rows[i] as number;
  const start = (batch.starts[column] as Int32Array)[row] as number;
  const end = (batch.ends[column] as Int32Array)[row] as number;
  if (end - start > LONGEST_DATE) return TIME_NOT_A_DATE;
  const text = Buffer.from(batch.bytes.subarray(start, end)).toString('latin1');
  const found = OTHER_DATES.findIndex(([pattern]) => pattern.test(text));
  if (found < 0 || (found === 2 && dates === 'iso')) return TIME_NOT_A_DATE;
  return (OTHER_DATES[found] as (typeof OTHER_DATES)[number])[1];
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
      // The last hour that it reaches into: one that ends at 01:00 has nothing of the hour from then on.
      const end = localToUtc(until.days[i] as number, until.seconds[i] as number);
      incidents.windowTo[k] = Math.floor((end - 1) / 3600);
      if (window <= MAX_WINDOW * 3600) {
        // Proportional to the part of each hour that the window covers, and the same whenever the record is read.
        const drawn = Math.floor(((keyWords[2 * k] as number) / 2 ** 32) * window);
        const local = utcToLocal(localToUtc(day, second) + drawn);
        day = Math.floor(local / 86400);
        second = local - day * 86400;
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

/** Seconds that passed in a window, on the nights when the clocks change too; 0 where it ends before it begins. */
function windowSeconds(from: LocalTimes, to: LocalTimes, i: number): number {
  const begin = localToUtc(from.days[i] as number, from.seconds[i] as number);
  return Math.max(0, localToUtc(to.days[i] as number, to.seconds[i] as number) - begin);
}
