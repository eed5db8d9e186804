/** What the door knows of one source: its fields, code lists, keys and public places; and how it reads a column. */
import type { Place } from '../schemas/gazetteer.ts';
import { PLACE_KINDS, WEAPONS } from '../schemas/incident.ts';
import { OFFENCE_CLASSES, type Profile, type Role } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { type CodeTable, createCodeTable, lookUpCodes, NO_CODE } from './codes.ts';
import { createHmac, type Hmac, subkey } from './digest.ts';
import { type CellIndex, createCellIndex } from './h3-cell.ts';
import type { LocalTimes } from './london-time.ts';
import { createPlaceResolver, type PlaceResolver } from './resolve-place.ts';

export interface DoorSettings {
  readonly source: string;
  readonly profile: Profile;
  /** 32 secret bytes or more; every digest's key is derived from them. */
  readonly key: Uint8Array;
  readonly places: readonly (Place & { cell: bigint })[];
  /** Codes of the sites that may supply; empty where the partnership lists none. */
  readonly sites: readonly string[];
  /** Local day on which the file is read: what is later lies in the future. */
  readonly today: number;
}

/** A column of text: row i is bytes[starts[i] .. ends[i]). */
export interface TextColumn {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Everything that reading one source needs; made once, used for each of its batches. */
export interface Door {
  readonly settings: DoorSettings;
  readonly resolver: PlaceResolver;
  readonly cells: CellIndex;
  readonly recordKey: Hmac;
  readonly rowKey: Hmac;
  readonly personKey: Hmac;
  readonly codes: Readonly<
    Record<'weapon' | 'place_type' | 'offence' | 'sex' | 'domestic' | 'supplier', CodeTable>
  >;
  /** Columns of the fields that play each role, and of the record's key, by their place in the batch. */
  readonly columns: ReadonlyMap<Role, readonly number[]>;
  readonly keyColumns: readonly number[];
  /** Every column that is read but the version: what a record without a key is recognised by. */
  readonly rowColumns: readonly number[];
  readonly headers: ReadonlyMap<Role, string>;
  readonly areaTerms: Map<number, number>;
  readonly terms: string[];
  /** How many of the terms are known before a file is read. */
  readonly fixedTerms: number;
  readonly scratch: ReturnType<typeof allocateScratch>;
}

const numbered = (values: readonly string[]) => Object.fromEntries(values.map((value, i) => [value, i]));
const mapped = (codes: Readonly<Record<string, string>>, values: readonly string[]) =>
  Object.fromEntries(Object.entries(codes).map(([code, value]) => [code, values.indexOf(value)]));

/** Prepares the reading of one source in batches of up to `capacity` rows. */
export function openDoor(settings: DoorSettings, capacity: number): Door {
  const { profile, key, source, places, sites } = settings;
  const names = Object.keys(profile.fields);
  const columns = new Map<Role, number[]>();
  const headers = new Map<Role, string>();
  names.forEach((name, i) => {
    const { role, header } = profile.fields[name] as Profile['fields'][string];
    if (!role) return;
    columns.set(role, [...(columns.get(role) ?? []), i]);
    headers.set(role, header);
  });
  // Terms of an incident come from closed lists alone: sites, classes of offence, places, and area codes as they come.
  const terms = [source, ...sites, ...OFFENCE_CLASSES, ...places.map((place) => place.id)];
  return {
    settings,
    resolver: createPlaceResolver(places),
    cells: createCellIndex(),
    recordKey: recordHmac(key, source),
    rowKey: createHmac(subkey(key, `row|${source}`)),
    personKey: createHmac(subkey(key, 'person')),
    codes: {
      weapon: createCodeTable(mapped(profile.weapons, WEAPONS)),
      place_type: createCodeTable(mapped(profile.placeTypes, PLACE_KINDS)),
      offence: createCodeTable(mapped(profile.offences, OFFENCE_CLASSES)),
      sex: createCodeTable({
        m: 0,
        male: 0,
        '1': 0,
        f: 1,
        female: 1,
        '2': 1,
        '9': 2,
        other: 2,
        x: 3,
        u: 3,
        '0': 3,
      }),
      domestic: createCodeTable({ y: 1, yes: 1, true: 1, '1': 1, n: 0, no: 0, false: 0, '0': 0 }),
      supplier: createCodeTable(numbered(sites)),
    },
    columns,
    keyColumns: profile.key.map((name) => names.indexOf(name)),
    rowColumns: names.flatMap((name, i) => {
      const field = profile.fields[name];
      return field?.fate === 'drop' || field?.role === 'version' ? [] : [i];
    }),
    headers,
    areaTerms: new Map(),
    terms,
    fixedTerms: terms.length,
    scratch: allocateScratch(capacity),
  };
}

/** Forgets the area codes of the file before, so that a file gives the same columns whatever was read before it. */
export function beginFile(door: Door): void {
  door.areaTerms.clear();
  door.terms.length = door.fixedTerms;
}

function allocateScratch(capacity: number) {
  const whole = () => new Int32Array(capacity);
  const column = (): TextColumn => ({ starts: whole(), ends: whole() });
  const times = (): LocalTimes => ({ days: whole(), seconds: whole(), status: new Uint8Array(capacity) });
  const number = () => ({ values: new Float64Array(capacity), status: new Uint8Array(capacity) });
  const columns: TextColumn[] = [];
  return {
    rows: whole(),
    kept: whole(),
    withdrawn: whole(),
    offence: whole(),
    weapon: whole(),
    placeType: whole(),
    sex: whole(),
    domestic: whole(),
    supplier: whole(),
    text: column(),
    columnScratch: (c: number): TextColumn => {
      columns[c] ??= column();
      return columns[c];
    },
    part: whole(),
    partRows: whole(),
    digest0: new BigUint64Array(capacity),
    digest1: new BigUint64Array(capacity),
    occurred: times(),
    until: times(),
    known: times(),
    covered: times(),
    lat: number(),
    lng: number(),
    easting: number(),
    northing: number(),
    age: number(),
    version: number(),
    versionTime: times(),
    keptLats: new Float64Array(capacity),
    keptLngs: new Float64Array(capacity),
    problem: new Uint8Array(capacity),
    gate: new Uint8Array(capacity),
    noted: new Uint16Array(capacity),
    place: whole(),
    person: new Uint8Array(capacity * 10),
  };
}

/** Gathers the values of one column for the first n of `rows`. */
export function gather(
  batch: TextBatch,
  column: number,
  rows: Int32Array,
  n: number,
  out: TextColumn,
): TextColumn {
  const starts = batch.starts[column] as Int32Array;
  const ends = batch.ends[column] as Int32Array;
  for (let i = 0; i < n; i++) {
    const row = rows[i] as number;
    out.starts[i] = starts[row] as number;
    out.ends[i] = ends[row] as number;
  }
  return out;
}

/** What a supplier's own key of a record is digested with. */
export const recordHmac = (key: Uint8Array, source: string): Hmac =>
  createHmac(subkey(key, `record|${source}`));

/** The values of the rows that are still live, for a role that one field plays; undefined where none does. */
export function columnOf(door: Door, batch: TextBatch, role: Role, live: number): TextColumn | undefined {
  const column = door.columns.get(role)?.[0];
  return column === undefined ? undefined : gather(batch, column, door.scratch.rows, live, door.scratch.text);
}

export function readCode(
  door: Door,
  batch: TextBatch,
  role: keyof Door['codes'],
  live: number,
  out: Int32Array,
): boolean {
  const column = columnOf(door, batch, role, live);
  if (column) lookUpCodes(door.codes[role], batch.bytes, column.starts, column.ends, live, out);
  else out.fill(NO_CODE, 0, live);
  return column !== undefined;
}
