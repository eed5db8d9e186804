/** What the door knows of one source: its fields, code lists, keys and public places; and how it reads a column. */
import { levelOf } from '../schemas/gazetteer.ts';
import { PLACE_KINDS, WEAPONS } from '../schemas/incident.ts';
import { OFFENCE_CLASSES, type Profile, type Role } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { type CellSet, createCellSet } from './cell-set.ts';
import {
  type CodeTable,
  createCodeTable,
  createDatedCodes,
  type DatedCodes,
  lookUpCodes,
  NO_CODE,
  resolveDates,
} from './codes.ts';
import { createHmac, type Hmac, subkey } from './digest.ts';
import { type CellIndex, createCellIndex } from './h3-cell.ts';
import { createInclusionRules, type InclusionCheck } from './inclusion.ts';
import type { LocalTimes } from './london-time.ts';
import type { MappedPlace } from './places/place-map.ts';
import { createPlacesAt, type PlacesAt } from './places/places-at.ts';
import { createPlaceResolver, type PlaceResolver } from './places/resolve-place.ts';
import type { OwnPoint } from './point-checks.ts';

export interface DoorSettings {
  readonly source: string;
  readonly profile: Profile;
  /** 32 secret bytes or more; every digest's key is derived from them. */
  readonly key: Uint8Array;
  /** Places with a door, and streets. */
  readonly places: readonly MappedPlace[];
  /** Areas, postcodes and towns elsewhere, of which texts speak too. */
  readonly wider?: readonly MappedPlace[];
  /** True where what the source records as a sexual offence is counted too. */
  readonly sexualOffences?: boolean;
  /** Codes of the sites that may supply; empty where the partnership lists none. */
  readonly sites: readonly string[];
  /** Where the supplier itself is; which share of a batch may repeat one point; the cells of the agreed area. */
  readonly ownPoints?: readonly OwnPoint[];
  readonly repeatedShare?: number;
  readonly agreed?: ReadonlySet<bigint> | undefined;
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
  /** Only where a point can tell that a record is of no home. */
  readonly placesAt: PlacesAt | undefined;
  readonly cells: CellIndex;
  readonly recordKey: Hmac;
  readonly rowKey: Hmac;
  readonly personKey: Hmac;
  readonly codes: Readonly<
    Record<'weapon' | 'place_type' | 'offence' | 'sex' | 'domestic' | 'supplier', CodeTable>
  >;
  /** Codes of weapon and kind of place that are valid on some days only; they replace the ones above. */
  readonly dated: Readonly<Partial<Record<keyof Door['codes'], DatedCodes>>>;
  readonly inclusion: readonly InclusionCheck[];
  readonly agreed: CellSet | undefined;
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
  const { profile, key, source, places, wider = [], sites } = settings;
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
  const named = [...places, ...wider.filter((row) => levelOf(row) === 'area')];
  const terms = [source, ...sites, ...OFFENCE_CLASSES, ...named.map(({ id }) => id)];
  return {
    settings,
    resolver: createPlaceResolver([...named, ...wider.filter((row) => levelOf(row) !== 'area')]),
    // Ambulances do not say what kind of place they were called to; what lies at a public place was there.
    placesAt: profile.kind === 'ambulance' ? createPlacesAt(places) : undefined,
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
      domestic: createCodeTable(
        profile.domestic
          ? mapped(profile.domestic, ['no', 'yes'])
          : { y: 1, yes: 1, true: 1, '1': 1, n: 0, no: 0, false: 0, '0': 0 },
      ),
      supplier: createCodeTable(numbered(sites)),
    },
    dated: datedCodes(profile),
    inclusion: createInclusionRules(profile),
    agreed: settings.agreed && createCellSet(settings.agreed),
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
    scratch: allocateScratch(capacity, columns.has('occurred_time') || columns.has('known_time')),
  };
}

/** The partnership's lists for the fields of weapon and kind of place. */
function datedCodes(profile: Profile): Door['dated'] {
  const meanings = { weapon: WEAPONS, place_type: PLACE_KINDS } as const;
  const dated: Partial<Record<keyof Door['codes'], DatedCodes>> = {};
  for (const [field, codes] of Object.entries(profile.codeLists ?? {})) {
    const role = profile.fields[field]?.role;
    if (role !== 'weapon' && role !== 'place_type') continue;
    const values: readonly string[] = meanings[role];
    dated[role] = createDatedCodes(codes.map((code) => ({ ...code, value: values.indexOf(code.value) })));
  }
  return dated;
}

/** Forgets the area codes of the file before, so that a file gives the same columns whatever was read before it. */
export function beginFile(door: Door): void {
  door.areaTerms.clear();
  door.terms.length = door.fixedTerms;
}

/** Slots of a hash table that stays at most half full. */
function tableSize(capacity: number): number {
  let size = 16;
  while (size < 2 * capacity) size *= 2;
  return size;
}

/** The longest text of a date and a time of day of its own, joined. */
export const JOINED_BYTES = 32;

function allocateScratch(capacity: number, joins: boolean) {
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
    ruled: whole(),
    verdict: whole(),
    joined: new Uint8Array(joins ? capacity * JOINED_BYTES : 0),
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
    flag: new Uint8Array(capacity),
    pointKeys: new Float64Array(tableSize(capacity)),
    pointCounts: new Int32Array(tableSize(capacity)),
    gate: new Uint8Array(capacity),
    noted: new Uint16Array(capacity),
    /** What texts say: rows of the gazetteer, levels (of LOCATED_BY), and a point where a cell is certain. */
    place: whole(),
    area: whole(),
    level: new Uint8Array(capacity),
    personalTexts: new Uint8Array(capacity),
    textLat: new Float64Array(capacity),
    textLng: new Float64Array(capacity),
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

/**
 * The number of each live row's code in a role. Codes that are valid on some days only are taken by the day of
 * occurrence, which must have been read before.
 */
export function readCode(
  door: Door,
  batch: TextBatch,
  role: keyof Door['codes'],
  live: number,
  out: Int32Array,
): boolean {
  const column = columnOf(door, batch, role, live);
  if (!column) {
    out.fill(NO_CODE, 0, live);
    return false;
  }
  const dated = door.dated[role];
  lookUpCodes(
    (dated ?? { table: door.codes[role] }).table,
    batch.bytes,
    column.starts,
    column.ends,
    live,
    out,
  );
  if (dated) resolveDates(dated, door.scratch.occurred.days, live, out);
  return true;
}
