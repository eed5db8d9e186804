/**
 * The depersonalised incident: the only form in which a record of violence is ever stored.
 * One list of columns from which the batch in memory, the table in the store and the data dictionary derive.
 */

export const WEAPONS = [
  'body',
  'glass_bottle',
  'knife_sharp',
  'blunt',
  'firearm',
  'explosive',
  'vehicle',
  'other',
  'unknown',
  'refused',
] as const;
export type Weapon = (typeof WEAPONS)[number];

export const PLACE_KINDS = [
  'home',
  'licensed',
  'street',
  'transport',
  'school',
  'work',
  'park',
  'shop',
  'public',
  'other',
  'unknown',
] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** How well the time of an incident is known; `clock_gap` and `clock_fold` are exact times on a clock-change night. */
export const TIME_PRECISIONS = ['exact', 'window', 'day', 'month', 'clock_gap', 'clock_fold'] as const;
export type TimePrecision = (typeof TIME_PRECISIONS)[number];

/**
 * How an incident was located. Coordinates and a place, junction or postcode that the text names give its cell, a street
 * where it is short; of a sector and an area no more is known than the area.
 */
export const LOCATED_BY = [
  'coordinates',
  'place',
  'junction',
  'street',
  'postcode',
  'sector',
  'area',
  'none',
] as const;
export type LocatedBy = (typeof LOCATED_BY)[number];

/** The age bands of the National Violence Surveillance Network. */
export const AGE_BANDS = ['0-10', '11-17', '18-30', '31-50', '51+', 'unknown'] as const;
export const SEXES = ['male', 'female', 'other', 'unknown'] as const;

/** "No value" in the integer columns of a batch; stored as NULL. */
export const NO_DAY = -2147483648;
export const NO_HOUR_OF_WEEK = 255;
export const NO_TERM = -1;
export const NO_CELL = 0n;

/** Whether a record is known by a digest of its row or of its supplier's key, or is no longer about violence. */
export const ROW_KEY = 0;
export const SUPPLIER_KEY = 1;
export const WITHDRAWN = 2;

/**
 * A batch of incidents, column by column; rows 0..n-1 are live. Text columns hold numbers into `terms`.
 * Allocated once and filled again for each batch.
 */
export interface IncidentColumns {
  n: number;
  readonly capacity: number;
  /** First 128 bits of the keyed digest of the supplier's key, or of the whole row where there is none. */
  readonly key0: BigUint64Array;
  readonly key1: BigUint64Array;
  /** Place of the record in its file, from 0: later records correct earlier ones. */
  readonly row: Int32Array;
  /** SUPPLIER_KEY, ROW_KEY, or WITHDRAWN: then only the key says anything, and the record leaves the store. */
  readonly keyed: Uint8Array;
  /** The record's version by its profile's version field; NaN where it has none: then the order of reading decides. */
  readonly version: Float64Array;
  /** First 128 bits of the keyed digest of the person; both 0 where the record names none. */
  readonly person0: BigUint64Array;
  readonly person1: BigUint64Array;
  /** Day of occurrence in local time, days since 1970-01-01; NO_DAY where only the month is known. */
  readonly occurredOn: Int32Array;
  /** First day of the month of occurrence, days since 1970-01-01. */
  readonly month: Int32Array;
  /** 0 = Monday 00:00-00:59 local, 167 = Sunday 23:00-23:59; NO_HOUR_OF_WEEK where not known. */
  readonly hourOfWeek: Uint8Array;
  readonly timePrecision: Uint8Array;
  /** First and last hour that the window reaches into, counted since 1970-01-01T00Z; NO_DAY where there is none. */
  readonly windowFrom: Int32Array;
  readonly windowTo: Int32Array;
  readonly cell: BigUint64Array;
  readonly locatedBy: Uint8Array;
  readonly placeKind: Uint8Array;
  readonly weapon: Uint8Array;
  readonly ageBand: Uint8Array;
  readonly sex: Uint8Array;
  readonly supplier: Int32Array;
  readonly areaCode: Int32Array;
  readonly placeId: Int32Array;
  readonly offence: Int32Array;
  /** How well the record was filled in, as codes of schemas/noted.ts. */
  readonly noted: Uint16Array;
  /** The distinct texts that supplier, areaCode, placeId and offence point to; it grows and never shrinks. */
  readonly terms: string[];
}

/** The names of a batch's columns. */
export type ColumnName = Exclude<keyof IncidentColumns, 'n' | 'capacity' | 'terms'>;

/**
 * An empty batch of columns that `columnOf` gives. All batches are made here, so that they have one shape, which code
 * that was compiled for one batch relies on.
 */
const batchOf = (
  capacity: number,
  terms: string[],
  columnOf: <Name extends ColumnName>(
    name: Name,
    type: new (length: number) => IncidentColumns[Name],
  ) => IncidentColumns[Name],
): IncidentColumns => ({
  n: 0,
  capacity,
  key0: columnOf('key0', BigUint64Array),
  key1: columnOf('key1', BigUint64Array),
  row: columnOf('row', Int32Array),
  keyed: columnOf('keyed', Uint8Array),
  version: columnOf('version', Float64Array),
  person0: columnOf('person0', BigUint64Array),
  person1: columnOf('person1', BigUint64Array),
  occurredOn: columnOf('occurredOn', Int32Array),
  month: columnOf('month', Int32Array),
  hourOfWeek: columnOf('hourOfWeek', Uint8Array),
  timePrecision: columnOf('timePrecision', Uint8Array),
  windowFrom: columnOf('windowFrom', Int32Array),
  windowTo: columnOf('windowTo', Int32Array),
  cell: columnOf('cell', BigUint64Array),
  locatedBy: columnOf('locatedBy', Uint8Array),
  placeKind: columnOf('placeKind', Uint8Array),
  weapon: columnOf('weapon', Uint8Array),
  ageBand: columnOf('ageBand', Uint8Array),
  sex: columnOf('sex', Uint8Array),
  supplier: columnOf('supplier', Int32Array),
  areaCode: columnOf('areaCode', Int32Array),
  placeId: columnOf('placeId', Int32Array),
  offence: columnOf('offence', Int32Array),
  noted: columnOf('noted', Uint16Array),
  terms,
});

/** Allocates a batch for `capacity` incidents whose texts are kept in `terms`. */
export const allocateIncidents = (capacity: number, terms: string[]): IncidentColumns =>
  batchOf(capacity, terms, (_, type) => new type(capacity));

/** The free part of a batch from row `start` on, on the same memory, as a batch of its own. */
export const incidentsFrom = (incidents: IncidentColumns, start: number): IncidentColumns =>
  batchOf(
    incidents.capacity - start,
    incidents.terms,
    (name) => incidents[name].subarray(start) as (typeof incidents)[typeof name],
  );

/** Whether any live row has a version. */
export const hasVersions = ({ version, n }: IncidentColumns): boolean => {
  for (let i = 0; i < n; i++) if (!Number.isNaN(version[i])) return true;
  return false;
};
