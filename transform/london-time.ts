// Europe/London by its rule since 1996: an hour ahead of UTC from 01:00 UTC on the last Sunday of March to 01:00
// UTC on the last Sunday of October (directive 2000/84/EC; Summer Time Order 2002). No time zone of the machine,
// no Date and no Intl. Days are counted from 1970-01-01, in the local calendar. Before 1996 the hour may be wrong
// in some weeks of spring and autumn; dates are right in any year.

/** What became of a text that should be a time. IN_GAP and IN_FOLD are good times that deserve to be counted. */
export const TIME_STATUS = {
  OK: 0,
  /** Empty. */
  MISSING: 1,
  /** Malformed or not in the calendar. */
  NOT_A_DATE: 2,
  /** A local time that was skipped in March: taken as an hour later. */
  IN_GAP: 4,
  /** A local time that came twice in October: the first was taken. */
  IN_FOLD: 8,
} as const;

/** 'iso' is YYYY-MM-DD and 'uk' is DD/MM/YYYY, each with or without a time of day. */
export type TimeFormat = 'iso' | 'uk';

/** Times as columns; the caller allocates them. */
export interface LocalTimes {
  /** Local days since 1970-01-01; 0 when the status is MISSING or NOT_A_DATE. */
  days: Int32Array;
  /** Local second of the day, 0 to 86,399; -1 when only a date was given, or none. */
  seconds: Int32Array;
  /** One of TIME_STATUS. */
  status: Uint8Array;
}

export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

const { OK, MISSING, NOT_A_DATE, IN_GAP, IN_FOLD } = TIME_STATUS;
const DAY = 86_400;
const HOUR = 3_600;
const NONE = -1;
const NO_OFFSET = 100_000;
const BAD_OFFSET = 100_001;

/**
 * Reads n local times, `bytes` from starts[i] up to ends[i], spaces around allowed.
 * iso: YYYY-MM-DD, then T or a space and HH:MM, :SS, .fff, and Z or +hh:mm, which is converted to local time.
 * uk: DD/MM/YYYY (also with - or . between), then a space and HH:MM, :SS. Years have four digits.
 */
export function parseLocalTimes(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  n: number,
  format: TimeFormat,
  out: LocalTimes,
): void {
  const { days, seconds, status } = out;
  const isIso = format === 'iso';
  for (let i = 0; i < n; i++) {
    let at = starts[i] as number;
    let end = ends[i] as number;
    while (at < end && isSpace(bytes[at] as number)) at++;
    while (end > at && isSpace(bytes[end - 1] as number)) end--;
    days[i] = 0;
    seconds[i] = NONE;
    status[i] = at === end ? MISSING : NOT_A_DATE;
    if (end - at < 10) continue;

    const year = digitsAt(bytes, isIso ? at : at + 6, 4);
    const month = digitsAt(bytes, isIso ? at + 5 : at + 3, 2);
    const date = digitsAt(bytes, isIso ? at + 8 : at, 2);
    const areSeparated = isIso
      ? bytes[at + 4] === 0x2d && bytes[at + 7] === 0x2d
      : isUkSeparator(bytes[at + 2] as number) && bytes[at + 2] === bytes[at + 5];
    if (!areSeparated || year < 1 || month < 1 || month > 12 || date < 1) continue;
    if (date > daysInMonth(year, month)) continue;
    const day = dayFromCivil(year, month, date);
    if (end - at === 10) {
      days[i] = day;
      status[i] = OK;
      continue;
    }

    const gap = bytes[at + 10];
    if (gap !== 0x20 && !(isIso && gap === 0x54)) continue;
    const clock = at + 11;
    const clockEnd = endOfClock(bytes, clock, end, isIso);
    const second = clockEnd === NONE ? NONE : secondOfClock(bytes, clock, clockEnd);
    if (second === NONE) continue;
    const offset = clockEnd === end ? NO_OFFSET : isIso ? offsetMinutes(bytes, clockEnd, end) : BAD_OFFSET;
    if (offset === BAD_OFFSET) continue;

    let local = day * DAY + second;
    status[i] = OK;
    if (offset !== NO_OFFSET) {
      const utc = local - offset * 60;
      local = utc + (isSummerUtc(utc) ? HOUR : 0);
    } else if (second >= HOUR && second < 2 * HOUR) {
      if (day === lastSunday(year, 3)) {
        local += HOUR;
        status[i] = IN_GAP;
      } else if (day === lastSunday(year, 10)) status[i] = IN_FOLD;
    }
    const localDay = Math.floor(local / DAY);
    days[i] = localDay;
    seconds[i] = local - localDay * DAY;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

function isUkSeparator(byte: number): boolean {
  return byte === 0x2f || byte === 0x2d || byte === 0x2e;
}

/** The number written in `count` digits, or -1. */
function digitsAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let k = 0; k < count; k++) {
    const digit = (bytes[at + k] as number) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return NONE;
    value = value * 10 + digit;
  }
  return value;
}

/** Where HH:MM, HH:MM:SS or HH:MM:SS.fff ends, or -1. */
function endOfClock(bytes: Uint8Array, at: number, end: number, mayHaveFraction: boolean): number {
  if (end - at < 5 || bytes[at + 2] !== 0x3a) return NONE;
  if (end - at === 5 || bytes[at + 5] !== 0x3a) return at + 5;
  if (end - at < 8) return NONE;
  if (!mayHaveFraction || end - at === 8 || bytes[at + 8] !== 0x2e) return at + 8;
  let last = at + 9;
  while (last < end && digitsAt(bytes, last, 1) !== NONE) last++;
  return last === at + 9 ? NONE : last;
}

/** The second of the day, its fraction dropped, or -1. */
function secondOfClock(bytes: Uint8Array, at: number, end: number): number {
  const hour = digitsAt(bytes, at, 2);
  const minute = digitsAt(bytes, at + 3, 2);
  const second = end - at === 5 ? 0 : digitsAt(bytes, at + 6, 2);
  const isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  return isTime ? hour * HOUR + minute * 60 + second : NONE;
}

/** Minutes ahead of UTC of Z or +hh:mm, or BAD_OFFSET. */
function offsetMinutes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at === 1) return bytes[at] === 0x5a ? 0 : BAD_OFFSET;
  const sign = bytes[at];
  if (end - at !== 6 || bytes[at + 3] !== 0x3a || (sign !== 0x2b && sign !== 0x2d)) return BAD_OFFSET;
  const hours = digitsAt(bytes, at + 1, 2);
  const minutes = digitsAt(bytes, at + 4, 2);
  if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) return BAD_OFFSET;
  return (sign === 0x2b ? 1 : -1) * (hours * 60 + minutes);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The last Sunday of a month that has 31 days: the days on which clocks change in March and in October. */
function lastSunday(year: number, month: number): number {
  const last = dayFromCivil(year, month, 31);
  return last - ((dayOfWeek(last) + 1) % 7);
}

function yearOf(day: number): number {
  // Within one day of the turn of a year the estimate may be out, and no clock changes there.
  return Math.floor((day + 719_528 - 0.5) / 365.2425);
}

function isSummerUtc(utcSeconds: number): boolean {
  const year = yearOf(Math.floor(utcSeconds / DAY));
  return utcSeconds >= lastSunday(year, 3) * DAY + HOUR && utcSeconds < lastSunday(year, 10) * DAY + HOUR;
}

/** Monday 0 to Sunday 6. */
export function dayOfWeek(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Hour of the local week: 0 is Monday 00:00 to 00:59, 167 Sunday 23:00 to 23:59; -1 when `second` is -1. */
export function hourOfWeek(day: number, second: number): number {
  return second < 0 ? NONE : dayOfWeek(day) * 24 + Math.floor(second / HOUR);
}

/**
 * Whole hours from 1970-01-01T00:00Z to a local time. A time that came twice is taken as the first; one that was
 * skipped as an hour later.
 */
export function localToUtcHour(day: number, second: number): number {
  return Math.floor(localToUtc(day, second) / HOUR);
}

/** Seconds from 1970-01-01T00:00Z to a local time, taken as localToUtcHour takes it. */
export function localToUtc(day: number, second: number): number {
  const year = yearOf(day);
  const local = day * DAY + second;
  const isSummer =
    local >= lastSunday(year, 3) * DAY + 2 * HOUR && local < lastSunday(year, 10) * DAY + 2 * HOUR;
  return local - (isSummer ? HOUR : 0);
}

/** Local seconds from 1970-01-01T00:00 on the clock on the wall, of seconds from 1970-01-01T00:00Z. */
export const utcToLocal = (utcSeconds: number): number => utcSeconds + (isSummerUtc(utcSeconds) ? HOUR : 0);

/** Days from 1970-01-01 to a date of the Gregorian calendar; months and days count from 1. */
export function dayFromCivil(year: number, month: number, day: number): number {
  // Years that begin in March put the leap day last, so that days before a month follow one straight line.
  const y = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + day - 719_469;
}

/** The date of a day counted from 1970-01-01: the inverse of dayFromCivil. */
export function civilFromDay(day: number): CivilDate {
  let year = yearOf(day);
  if (day < dayFromCivil(year, 1, 1)) year--;
  else if (day >= dayFromCivil(year + 1, 1, 1)) year++;
  let month = 12;
  while (day < dayFromCivil(year, month, 1)) month--;
  return { year, month, day: day - dayFromCivil(year, month, 1) + 1 };
}

/** The first day of the month that a day is in. */
export function monthStart(day: number): number {
  return day - civilFromDay(day).day + 1;
}

/**
 * The night, or day, that an hour of the local week belongs to: the day of the week on which it began (Monday 0)
 * and its band, 0 to 5: 06-12, 12-18, 18-21, 21-00, 00-03, 03-06. The last two belong to the day before.
 */
export function nightOf(weekHour: number): { dayOfWeek: number; band: number } {
  const hour = weekHour % 24;
  const today = Math.floor(weekHour / 24);
  return { dayOfWeek: hour < 6 ? (today + 6) % 7 : today, band: NIGHT_BAND_OF_HOUR[hour] as number };
}

const NIGHT_BAND_OF_HOUR = [4, 4, 4, 5, 5, 5, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3];
