/**
 * The door written for reading instead of speed: one row at a time, with h3-js, node:crypto, Temporal and Zod. What
 * a text of a location means is given by the caller. transform/anonymise.ts must agree with it in everything.
 */
import { createHmac } from 'node:crypto';
import { latLngToCell } from 'h3-js';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Place } from '../../schemas/gazetteer.ts';
import type { Profile, Role } from '../../schemas/profile.ts';
import { gridToDegrees } from '../../transform/national-grid.ts';
import type { SourceRow } from '../batch-of.ts';

/** What a text says: the number of a place, one of several in the cell of the first, surely or perhaps a home, or nothing. */
export type Meaning = number | 'one of several' | 'home' | 'perhaps home' | 'nothing';

export interface ReferenceSettings {
  readonly source: string;
  readonly profile: Profile;
  readonly key: Uint8Array;
  readonly places: readonly (Place & { cell: bigint })[];
  readonly sites: readonly string[];
  readonly sexualOffences?: boolean;
  readonly today: number;
  readonly meaning: (text: string) => Meaning;
}

/** An incident in words; what is not known is null. */
export interface PlainIncident {
  key: string;
  keyed: boolean;
  person: string | null;
  occurred_on: string | null;
  month: string;
  hour_of_week: number | null;
  time_precision: string;
  window_from: number | null;
  window_to: number | null;
  cell: string | null;
  located_by: string;
  place_kind: string;
  weapon: string;
  age_band: string;
  sex: string;
  supplier: string;
  area_code: string | null;
  place_id: string | null;
  offence: string | null;
}

export type Fate =
  | { readonly fate: 'rejected' | 'excluded'; readonly field: string; readonly reason: string }
  | {
      readonly fate: 'kept';
      readonly incident: PlainIncident;
      readonly speaksFor: number;
      readonly personalTexts: number;
    };

const LONDON = 'Europe/London';
const EPOCH = Temporal.PlainDate.from('1970-01-01');
const FIRST_DAY = Temporal.PlainDate.from('1996-01-01');
const dayOf = (date: Temporal.PlainDate) => EPOCH.until(date, { largestUnit: 'day' }).days;

interface When {
  date: Temporal.PlainDate;
  /** Undefined where only the date is known. */
  time: Temporal.PlainTime | undefined;
  precision: 'exact' | 'clock_gap' | 'clock_fold';
}

const IsoTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-](0\d|1[0-8]):[0-5]\d)?)?$/);

/** A local time; undefined where the text is empty, 'bad' where it is none. */
function readTime(text: string): When | 'bad' | undefined {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '');
  if (trimmed === '') return undefined;
  if (!IsoTime.safeParse(trimmed).success) return 'bad';
  const [, day, clock, zone] = /^(.{10})(?:.([\d:.]+)(.*))?$/.exec(trimmed) as string[];
  try {
    const date = Temporal.PlainDate.from(day as string, { overflow: 'reject' });
    if (date.year < 1) return 'bad';
    if (!clock) return { date, time: undefined, precision: 'exact' };
    if (zone) {
      const zoned = Temporal.Instant.from(`${day}T${clock}${zone}`).toZonedDateTimeISO(LONDON);
      return { date: zoned.toPlainDate(), time: zoned.toPlainTime(), precision: 'exact' };
    }
    const written = date.toPlainDateTime(Temporal.PlainTime.from(clock));
    const zoned = written.toZonedDateTime(LONDON);
    const isGap = !zoned.toPlainDateTime().equals(written);
    const isFold = !isGap && !written.toZonedDateTime(LONDON, { disambiguation: 'later' }).equals(zoned);
    return {
      date: zoned.toPlainDate(),
      time: zoned.toPlainTime(),
      precision: isGap ? 'clock_gap' : isFold ? 'clock_fold' : 'exact',
    };
  } catch {
    return 'bad';
  }
}

/** A number; undefined where the text is empty, 'bad' where it is none. */
function readNumber(text: string): number | 'bad' | undefined {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '');
  if (trimmed === '') return undefined;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : 'bad';
}

/** A code; undefined where the text is empty, 'unlisted' where no list has it. */
function readCode(codes: Readonly<Record<string, string>>, text: string): string | undefined {
  const code = text.replace(/^ +| +$/g, '').toLowerCase();
  if (code === '') return undefined;
  const found = Object.entries(codes).find(
    ([listed]) => listed.toLowerCase() === code || (/^0\d$/.test(listed) && listed.slice(1) === code),
  );
  return found ? found[1] : 'unlisted';
}

const SEXES = {
  m: 'male',
  male: 'male',
  1: 'male',
  f: 'female',
  female: 'female',
  2: 'female',
  9: 'other',
  other: 'other',
  x: 'unknown',
  u: 'unknown',
  0: 'unknown',
};
const DOMESTIC = { y: 'yes', yes: 'yes', true: 'yes', 1: 'yes', n: 'no', no: 'no', false: 'no', 0: 'no' };

const hmac = (key: Uint8Array, text: string | Buffer) => createHmac('sha256', key).update(text).digest();

const listed = (code: string | undefined) => (code === undefined || code === 'unlisted' ? 'unknown' : code);

export function referenceFate(settings: ReferenceSettings, row: SourceRow): Fate {
  const { profile, today } = settings;
  const names = Object.keys(profile.fields);
  const fieldsOf = (role: Role) => names.filter((name) => profile.fields[name]?.role === role);
  const header = (role: Role) => profile.fields[fieldsOf(role).at(-1) ?? '']?.header ?? role;
  const text = (role: Role) => row[fieldsOf(role)[0] ?? ''] ?? '';
  const has = (role: Role) => fieldsOf(role).length > 0;
  const reject = (field: string, reason: string): Fate => ({ fate: 'rejected', field, reason });

  let offence: string | null = null;
  if (has('offence')) {
    const code = readCode(profile.offences, text('offence'));
    if (code === undefined || code === 'unlisted')
      return { fate: 'excluded', field: header('offence'), reason: 'not listed as violence' };
    if ((code === 'sexual offence' && !settings.sexualOffences) || code === 'not violence')
      return { fate: 'excluded', field: header('offence'), reason: code };
    offence = code;
  }

  // When.
  const timeRole: Role = has('occurred')
    ? 'occurred'
    : has('occurred_from')
      ? 'occurred_from'
      : 'occurred_month';
  const byMonth = timeRole === 'occurred_month';
  const occurred = byMonth ? readMonth(text(timeRole)) : readTime(text(timeRole));
  if (occurred === undefined) return reject(header(timeRole), 'missing');
  if (occurred === 'bad')
    return reject(header(timeRole), byMonth ? 'not a date' : dateReason(text(timeRole)));
  if (dayOf(occurred.date) > today) return reject(header(timeRole), 'in the future');
  if (Temporal.PlainDate.compare(occurred.date, FIRST_DAY) < 0)
    return reject(header(timeRole), 'before 1996');
  const known = readTime(text('known_at'));
  if (known !== undefined && known !== 'bad' && !byMonth) {
    const later = dayOf(occurred.date) - dayOf(known.date);
    if (later > 1) return reject(header(timeRole), 'later than it was known');
    const isLaterThatDay =
      later === 0 && occurred.time && known.time && Temporal.PlainTime.compare(occurred.time, known.time) > 0;
    if (later === 1) occurred.date = known.date;
    if (later === 1 || isLaterThatDay) occurred.time = undefined;
  }

  // Where: the home gate comes before coordinates are looked at.
  const type = readCode(profile.placeTypes, text('place_type'));
  const domestic = readCode(DOMESTIC, text('domestic'));
  let kind = listed(type);
  let isGated = type === 'home' || type === 'unlisted' || domestic === 'yes' || domestic === 'unlisted';
  // A type that is missing, of a supplier that gives types, may stand for a home.
  let isUnsure = has('place_type') && type === undefined;
  let place: number | undefined;
  let isShared = false;
  let personalTexts = 0;
  const isPublicUnsure = () => ['unknown', 'public', 'other'].includes(kind);
  const isStreet = (at: number | undefined) => at === undefined || settings.places[at]?.kind === 'street';
  for (const field of fieldsOf('place_text')) {
    const said = row[field] ?? '';
    if (isGated || said === '') continue;
    if (/07700 \d{6}/.test(said)) personalTexts++;
    const meaning = settings.meaning(said);
    if (meaning === 'home') {
      isGated = true;
      kind = 'home';
    } else if (meaning === 'perhaps home') isUnsure ||= isPublicUnsure();
    else if (meaning !== 'nothing' && isStreet(place)) {
      place = meaning === 'one of several' ? undefined : meaning;
      isShared = meaning === 'one of several';
    }
  }
  isGated ||= isUnsure && isStreet(place);
  if (isGated) place = undefined;
  if (isGated) isShared = false;
  const point = isGated ? undefined : readPoint();
  if (typeof point === 'object' && 'reason' in point) return reject(header(point.role), point.reason);

  const site = settings.sites.find(
    (code) =>
      code.toLowerCase() ===
      text('supplier')
        .replace(/^ +| +$/g, '')
        .toLowerCase(),
  );
  if (settings.sites.length > 0 && site === undefined) return reject(header('supplier'), 'not a listed site');

  // Which record, which person.
  const keyTexts = profile.key.map((field) => row[field] ?? '');
  const keyed = keyTexts.every((part) => part.replace(/ /g, '') !== '');
  const rowTexts = names
    // A version tells which of two is the later, and is no part of what a record says.
    .filter((name) => profile.fields[name]?.fate !== 'drop' && profile.fields[name]?.role !== 'version')
    .map((name) => row[name] ?? '');
  const digest = hmac(
    hmac(settings.key, `${keyed ? 'record' : 'row'}|${settings.source}`),
    (keyed ? keyTexts : rowTexts).join('\u001f'),
  ).subarray(0, 16);
  const number = has('person') ? text('person').replace(/[ -]/g, '') : '';
  const person = isNhsNumber(number)
    ? hmac(hmac(settings.key, 'person'), number).subarray(0, 16).toString('hex')
    : null;

  // A window of up to a day is allotted one of its moments by the digest.
  const until = readTime(text('occurred_to'));
  const from = occurred.time && occurred.date.toPlainDateTime(occurred.time);
  const to =
    until !== undefined && until !== 'bad' && until.time ? until.date.toPlainDateTime(until.time) : undefined;
  const begin = from?.toZonedDateTime(LONDON);
  const seconds =
    begin && to ? (to.toZonedDateTime(LONDON).epochMilliseconds - begin.epochMilliseconds) / 1000 : 0;
  let moment = from;
  let precision: string = occurred.precision;
  let window: { from: number; to: number } | undefined;
  const utcHour = (at: Temporal.PlainDateTime) =>
    Math.floor(at.toZonedDateTime(LONDON).epochMilliseconds / 3_600_000);
  if (byMonth) precision = 'month';
  else if (from && to && seconds >= 3600) {
    precision = 'window';
    window = { from: utcHour(from), to: utcHour(to.subtract({ seconds: 1 })) };
    moment =
      seconds <= 86_400
        ? begin?.add({ seconds: Math.floor((digest.readUInt32BE(4) / 2 ** 32) * seconds) }).toPlainDateTime()
        : undefined;
  } else if (!from || occurred.time?.equals(Temporal.PlainTime.from('00:00'))) {
    precision = 'day';
    moment = undefined;
  }
  const date = moment?.toPlainDate() ?? occurred.date;

  const cell = typeof point === 'string' ? point : undefined;
  const named = place === undefined ? undefined : settings.places[place];
  const area = text('area_code');
  return {
    fate: 'kept',
    speaksFor: speaksFor(),
    personalTexts,
    incident: {
      key: digest.toString('hex'),
      keyed,
      person,
      occurred_on: byMonth ? null : date.toString(),
      month: date.with({ day: 1 }).toString(),
      hour_of_week: moment ? (date.dayOfWeek - 1) * 24 + moment.hour : null,
      time_precision: precision,
      window_from: window?.from ?? null,
      window_to: window?.to ?? null,
      cell: cell ?? (isShared ? settings.places[0] : named)?.cell.toString(16) ?? null,
      located_by: cell
        ? 'coordinates'
        : isShared || named?.kind === 'street'
          ? 'street'
          : named
            ? 'place'
            : 'none',
      place_kind: named && isPublicUnsure() ? named.kind : kind,
      weapon: listed(readCode(profile.weapons, text('weapon'))),
      age_band: ageBand(readNumber(text('age'))),
      sex: listed(readCode(SEXES, text('sex'))),
      supplier: site ?? settings.source,
      area_code: !isGated && /^[EWSN]\d{8}$/.test(area) ? area : null,
      place_id: named?.id ?? null,
      offence,
    },
  };

  /** A cell, undefined where there is no point, or what is wrong with it. */
  function readPoint(): string | undefined | { role: Role; reason: string } {
    const [lat, lng] = [readNumber(text('latitude')), readNumber(text('longitude'))];
    const [easting, northing] = [readNumber(text('easting')), readNumber(text('northing'))];
    if (lat === undefined && lng === undefined) {
      if (easting === 'bad') return { role: 'easting', reason: numberReason(text('easting')) };
      if (northing === 'bad') return { role: 'northing', reason: numberReason(text('northing')) };
      if (easting === undefined || northing === undefined || (easting === 0 && northing === 0))
        return undefined;
      if (easting < 0 || easting > 700_000 || northing < 0 || northing > 1_300_000)
        return { role: 'easting', reason: 'not on the National Grid' };
      const [longitude, latitude] = gridToDegrees(easting, northing);
      return latLngToCell(latitude, longitude, 9);
    }
    if (lat === undefined) return { role: 'latitude', reason: 'missing' };
    if (lat === 'bad') return { role: 'latitude', reason: numberReason(text('latitude')) };
    if (lng === undefined) return { role: 'longitude', reason: 'missing' };
    if (lng === 'bad') return { role: 'longitude', reason: numberReason(text('longitude')) };
    if (Math.abs(lat) > 90) return { role: 'latitude', reason: 'out of range' };
    if (Math.abs(lng) > 180) return { role: 'longitude', reason: 'out of range' };
    if (lat >= -11 && lat <= 2 && lng >= 49 && lng <= 61)
      return { role: 'latitude', reason: 'swapped with the longitude' };
    return lat === 0 && lng === 0 ? undefined : latLngToCell(lat, lng, 9);
  }

  /** The day up to which the row shows that its supplier has delivered. */
  function speaksFor(): number {
    const covered = readTime(text('covered_to'));
    if (covered !== undefined && covered !== 'bad') return dayOf(covered.date);
    if (known !== undefined && known !== 'bad') return dayOf(known.date);
    const { date } = occurred as When;
    return byMonth ? Math.min(today, dayOf(date.add({ months: 1 }).subtract({ days: 1 }))) : dayOf(date);
  }
}

/** The reference reads dates as ISO writes them alone, where a month before the day is no date like any other. */
function dateReason(text: string): string {
  if (text.length > 40) return 'not a date';
  if (/^\s*\d{5}(\.\d+)?\s*$/.test(text)) return 'a serial number of a spreadsheet';
  if (/^\s*\d\d?([/.-])\d\d?[/.-]\d\d(\s|$)/.test(text)) return 'a year of two digits';
  return 'not a date';
}

const numberReason = (text: string) =>
  /^\s*[+-]?\d+,\d+\s*$/.test(text) && text.length <= 40 ? 'a decimal comma' : 'not a number';

function readMonth(text: string): When | 'bad' | undefined {
  if (text === '') return undefined;
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return 'bad';
  return { date: Temporal.PlainDate.from(`${text}-01`), time: undefined, precision: 'exact' };
}

function ageBand(age: number | 'bad' | undefined): string {
  if (age === undefined || age === 'bad' || age < 0 || age > 120) return 'unknown';
  const years = Math.floor(age);
  return years <= 10 ? '0-10' : years <= 17 ? '11-17' : years <= 30 ? '18-30' : years <= 50 ? '31-50' : '51+';
}

function isNhsNumber(digits: string): boolean {
  if (!/^\d{10}$/.test(digits) || /^0+$/.test(digits)) return false;
  const sum = [...digits.slice(0, 9)].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  return (11 - (sum % 11)) % 11 === Number(digits[9]);
}
