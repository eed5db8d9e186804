/** Runs rows through the door of a small town, and says in words what came out. */
import type { Place } from '../../schemas/gazetteer.ts';
import {
  AGE_BANDS,
  allocateIncidents,
  type IncidentColumns,
  LOCATED_BY,
  NO_DAY,
  NO_HOUR_OF_WEEK,
  PLACE_KINDS,
  SEXES,
  TIME_PRECISIONS,
  WEAPONS,
} from '../../schemas/incident.ts';
import type { Profile } from '../../schemas/profile.ts';
import { emptyTally, type Tally } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { type DoorSettings, openDoor } from '../../transform/door.ts';
import { createCellIndex, pointsToCells } from '../../transform/h3-cell.ts';
import { batchOf, type SourceRow } from '../batch-of.ts';
import type { PlainIncident } from './reference-door.ts';

const KEY = new Uint8Array(Buffer.from('0123456789abcdef'.repeat(4), 'hex'));
/** 2025-10-01. */
export const TODAY = 20_362;
/** Of the block that is kept for tests: nobody has it. */
export const NHS_NUMBER = '999 000 0042';

const place = (id: string, name: string, kind: Place['kind'], aliases: string[] = []) => ({
  id,
  name,
  aliases,
  kind,
  lat: 51.479,
  lng: -3.178,
  capacity: null,
});
const PLACES = withCells([
  place('walkabout', 'Walkabout', 'licensed', ['The Walkie']),
  place('st-mary', 'St Mary Street', 'street', ['St Mary St']),
  place('opera', 'Opera House', 'public'),
  place('home-inn', 'The Home Inn', 'licensed'),
  place('flat-iron', 'The Flat Iron', 'licensed'),
  place('bute', 'Bute Park', 'park'),
  place('heath', 'University Hospital', 'other', ['The Heath', 'UHW']),
  place('hollies', 'The Hollies', 'licensed', ['Home', 'The House', 'Flat']),
  place('queen', 'Queen Street', 'street'),
  place('garden', 'Garden Bar', 'licensed'),
  place('mums', 'Mums Cafe', 'shop'),
  place('dempsey', "Dempsey's", 'licensed'),
  place('station', 'Central Station', 'transport', ['Cardiff Central']),
]);

function withCells(places: Place[]) {
  const cells = new BigUint64Array(places.length);
  const axis = (of: 'lat' | 'lng') => Float64Array.from(places, (p) => p[of]);
  pointsToCells(createCellIndex(), axis('lat'), axis('lng'), places.length, cells);
  return places.map((p, i) => ({ ...p, cell: cells[i] as bigint }));
}

export const settingsFor = (profile: Profile, sites: string[] = []): DoorSettings => ({
  source: 'test',
  profile,
  key: KEY,
  places: PLACES,
  sites,
  today: TODAY,
});

export function runDoor(
  profile: Profile,
  rows: readonly SourceRow[],
  sites: string[] = [],
  more: Partial<DoorSettings> = {},
): { incidents: PlainIncident[]; tally: Tally } {
  const door = openDoor({ ...settingsFor(profile, sites), ...more }, Math.max(1, rows.length));
  const incidents = allocateIncidents(Math.max(1, rows.length), door.terms);
  const tally = emptyTally();
  anonymise(door, batchOf(profile, rows), incidents, tally);
  return { incidents: Array.from({ length: tally.passed }, (_, i) => inWords(incidents, i)), tally };
}

const isoDate = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const hex = (high: bigint, low: bigint) =>
  high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');

/** An incident of a batch, in the words of the reference. */
export function inWords(columns: IncidentColumns, i: number): PlainIncident {
  const at = <T>(values: ArrayLike<T>) => values[i] as T;
  const day = (value: number) => (value === NO_DAY ? null : isoDate(value));
  const number = (value: number, none: number) => (value === none ? null : value);
  const term = (code: number) => (code < 0 ? null : (columns.terms[code] as string));
  const person = at(columns.person0) === 0n ? null : hex(at(columns.person0), at(columns.person1));
  return {
    key: hex(at(columns.key0), at(columns.key1)),
    keyed: at(columns.keyed) === 1,
    person,
    occurred_on: day(at(columns.occurredOn)),
    month: isoDate(at(columns.month)),
    hour_of_week: number(at(columns.hourOfWeek), NO_HOUR_OF_WEEK),
    time_precision: TIME_PRECISIONS[at(columns.timePrecision)] as string,
    window_from: number(at(columns.windowFrom), NO_DAY),
    window_to: number(at(columns.windowTo), NO_DAY),
    cell: at(columns.cell) === 0n ? null : at(columns.cell).toString(16),
    located_by: LOCATED_BY[at(columns.locatedBy)] as string,
    place_kind: PLACE_KINDS[at(columns.placeKind)] as string,
    weapon: WEAPONS[at(columns.weapon)] as string,
    age_band: AGE_BANDS[at(columns.ageBand)] as string,
    sex: SEXES[at(columns.sex)] as string,
    supplier: term(at(columns.supplier)) as string,
    area_code: term(at(columns.areaCode)),
    place_id: term(at(columns.placeId)),
    offence: term(at(columns.offence)),
  };
}

/** A good row of each profile. */
export const ISTV_ROW: SourceRow = {
  site_code: '7A4BV',
  assault_at: '2025-09-06T23:15:00',
  arrival_at: '2025-09-07T01:20:00',
  method: '01',
  location_type: '02',
  attendance_id: 'A1',
  nhs_number: NHS_NUMBER,
  latitude: '51.479',
  longitude: '-3.178',
  age: '24',
  sex: 'M',
};
export const RMS_ROW: SourceRow = {
  crime_ref: '62A/1/25',
  offence_code: '8N',
  recorded_at: '2025-09-20T10:00:00',
  committed_from: '2025-09-06T23:15:00',
  premises_type: 'Street',
  latitude: '51.479',
  longitude: '-3.178',
  domestic: 'N',
};
