/** A partnership folder made ready: settings, key, public places, geography. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readCodeLists } from '../ingest/code-list.ts';
import type { WorkbookPassword } from '../ingest/encrypted-workbook.ts';
import { readGazetteer } from '../ingest/gazetteer.ts';
import { type Polygons, readCellFigures, readOutlines } from '../ingest/geography.ts';
import { isPrintedName, PRINTED_NAME } from '../ingest/printed-name.ts';
import { ECDS_REFSETS } from '../schemas/ecds.ts';
import { levelOf, type Place } from '../schemas/gazetteer.ts';
import type { CodeLists } from '../schemas/profile.ts';
import type { Settings } from '../schemas/settings.ts';
import { subkey } from '../transform/digest.ts';
import { cellsWithin, createCellIndex, pointsToCells, textToCell } from '../transform/h3-cell.ts';
import { dayFromCivil } from '../transform/london-time.ts';
import { STORE_TABLES, widenLevels } from '../transform/merge.ts';
import { openStore, type Store } from '../transform/store.ts';
import { STREAM_TABLES } from '../transform/stream.ts';
import { localDate, now } from './clock.ts';
import { inFolder, loadKey, loadPasswords, loadSettings } from './load-settings.ts';
import { printable } from './printable.ts';
import { isErasing, rewriteStore } from './rewrite-store.ts';
import { UsageError } from './usage-error.ts';

export interface Partnership {
  readonly folder: string;
  readonly settings: Settings;
  readonly key: Uint8Array;
  /** Public places and streets of the gazetteer. */
  readonly places: readonly (Place & { cell: bigint })[];
  /** Its areas, postcodes and towns elsewhere, of which texts speak too. */
  readonly wider: readonly (Place & { cell: bigint })[];
  /** The lists of codes that a source's records are understood by, by source. */
  readonly codeLists: ReadonlyMap<string, CodeLists>;
  /** What opens the workbooks of a source, by source. */
  readonly passwords: ReadonlyMap<string, WorkbookPassword>;
  /** Cells of the agreed area; undefined while its outline is not there or cannot be read. */
  readonly agreed: () => Promise<ReadonlySet<bigint> | undefined>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Local day, as days since 1970-01-01. */
  readonly today: () => number;
}

/** Reads a partnership folder. @throws UsageError or SourceError in one sentence where something is missing. */
export async function openPartnership(folder: string): Promise<Partnership> {
  const settings = await loadSettings(folder);
  const key = await loadKey(folder, settings);
  const rows = await readGazetteer(folder);
  const cells = new BigUint64Array(rows.length);
  pointsToCells(
    createCellIndex(),
    Float64Array.from(rows, (p) => p.lat),
    Float64Array.from(rows, (p) => p.lng),
    rows.length,
    cells,
  );
  const placed = rows.map((place, i) => ({ ...place, cell: cells[i] as bigint }));
  const isNamed = (place: Place) => levelOf(place) === 'place' || levelOf(place) === 'street';
  return {
    folder,
    settings,
    key,
    codeLists: await loadCodeLists(folder, settings),
    passwords: await loadPasswords(folder, settings),
    agreed: once(() => agreedCells(folder, settings)),
    places: placed.filter(isNamed),
    wider: placed.filter((place) => !isNamed(place)),
    now,
    today: () => {
      const [year, month, day] = localDate(now(), settings.time_zone).split('-').map(Number) as [
        number,
        number,
        number,
      ];
      return dayFromCivil(year, month, day);
    },
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

/** Reading needs no outline; a wrong one is told by the commands that do. */
async function agreedCells(folder: string, { geography }: Settings): Promise<Set<bigint> | undefined> {
  try {
    const outline = await readOutlines(inFolder(folder, geography.agreed_area));
    return new Set(
      cellsOf(
        outline.flatMap(({ polygons }) => polygons),
        geography.agreed_area,
      ),
    );
  } catch {
    return undefined;
  }
}

async function loadCodeLists(folder: string, { sources }: Settings): Promise<Map<string, CodeLists>> {
  const lists = new Map<string, CodeLists>();
  for (const { id, code_lists } of sources) {
    if (code_lists.length === 0) continue;
    const paths = code_lists.map((path) => inFolder(folder, path));
    lists.set(id, await readCodeLists(paths, ECDS_REFSETS));
  }
  return lists;
}

/** Opens the partnership's store, making it where there is none. */
export async function openPartnershipStore(folder: string): Promise<Store> {
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  let store = await openStore(join(folder, 'data', 'store.duckdb'));
  // What a process spilled that was killed.
  await rm(join(folder, 'data', 'store.duckdb.tmp'), { recursive: true, force: true });
  if (await isErasing(folder)) store = await rewriteStore(folder, store);
  await store.run(STORE_TABLES + STREAM_TABLES);
  await widenLevels(store);
  return store;
}

/** What a key is known by without being told. */
export const keyFingerprint = (key: Uint8Array): string =>
  Buffer.from(subkey(key, 'fingerprint')).toString('hex');

/**
 * Refuses a store that was made with another key: its records would not be recognised, and would count again.
 *
 * @throws UsageError where the key differs.
 */
export async function checkKey({ key, settings }: Partnership, store: Store): Promise<void> {
  const fingerprint = keyFingerprint(key);
  const [known] = await store.query<{ fingerprint: string }>('SELECT fingerprint FROM store_key');
  if (!known) await store.run('INSERT INTO store_key VALUES ($1)', [fingerprint]);
  else if (known.fingerprint !== fingerprint) {
    throw new UsageError(
      `${settings.key_file} is not the key that data/store.duckdb was made with: restore that key, or begin a new store`,
    );
  }
}

export interface NamedArea {
  readonly code: string;
  readonly name: string;
  readonly population: number | null;
  readonly polygons: Polygons;
  /** Cells of the agreed area whose centre lies within, in ascending order. */
  readonly cells: readonly bigint[];
}

export interface Geography {
  readonly outline: Polygons;
  /** Every cell of the agreed area, in ascending order. */
  readonly cells: readonly bigint[];
  readonly areas: readonly NamedArea[];
  /** Postal addresses by cell; undefined where the partnership supplies none. */
  readonly addresses: ReadonlyMap<bigint, number> | undefined;
  /** People about by cell; undefined where the partnership supplies none. */
  readonly exposure: ReadonlyMap<bigint, number> | undefined;
}

const AREA_CODE = /^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,39}$/;
/** Names that rows of reports have for what is not a named area. */
const RESERVED_CODE = /^(home|unlocated|pool|all|8[0-9a-f]{14})$/i;
/** The largest rectangles that may be laid over an outline, together: four times the largest English county. */
const MOST_KM2 = 40_000;
const KM_PER_DEGREE = 111.2;

/** Cells of an outline. @throws UsageError for one that is no surface or far larger than any partnership. */
function cellsOf(polygons: Polygons, file: string): bigint[] {
  let km2 = 0;
  for (const [ring = []] of polygons) {
    let [west, east, south, north] = [180, -180, 90, -90];
    for (const [lng, lat] of ring) {
      [west, east] = [Math.min(west, lng), Math.max(east, lng)];
      [south, north] = [Math.min(south, lat), Math.max(north, lat)];
    }
    const width = (east - west) * Math.cos((((south + north) / 2) * Math.PI) / 180);
    km2 += width * (north - south) * KM_PER_DEGREE ** 2;
  }
  if (km2 > MOST_KM2)
    throw new UsageError(
      `${file}: an outline covers ${Math.round(km2)} km\u00b2: wanted at most ${MOST_KM2}, in degrees, longitude before latitude`,
    );
  try {
    return [...cellsWithin(polygons)];
  } catch {
    throw new UsageError(`${file}: an outline encloses nothing: check its corners`);
  }
}

/** Reads the outlines that the settings name and lays the cells out over them; a cell belongs to one area at most. */
export async function readGeography({ folder, settings }: Partnership): Promise<Geography> {
  const { geography } = settings;
  const outline = (await readOutlines(inFolder(folder, geography.agreed_area))).flatMap(
    (feature) => feature.polygons,
  );
  const cells = cellsOf(outline, geography.agreed_area);
  if (cells.length === 0)
    throw new UsageError(`${geography.agreed_area} holds no cell: check that it is an outline in degrees`);
  const free = new Set(cells);
  const codes = new Set<string>();
  const areas = (await readOutlines(inFolder(folder, geography.named_areas))).map(
    ({ polygons, properties }): NamedArea => {
      const code = properties[geography.code_property];
      const name = properties[geography.name_property];
      if (typeof code !== 'string' || typeof name !== 'string') {
        throw new UsageError(
          `${geography.named_areas}: an area lacks "${geography.code_property}" or "${geography.name_property}": set code_property and name_property to two of its properties: ${printable(Object.keys(properties).slice(0, 20).join(', ')) || 'it has none'}`,
        );
      }
      if (!AREA_CODE.test(code) || RESERVED_CODE.test(code))
        throw new UsageError(
          `${geography.named_areas}: the code ${JSON.stringify(code.slice(0, 60))} cannot be used: wanted letters, digits and " ._:-", and no word or cell index that reports use`,
        );
      if (!isPrintedName(name))
        throw new UsageError(
          `${geography.named_areas}: the name of ${code} cannot be printed: wanted ${PRINTED_NAME}`,
        );
      if (codes.has(code))
        throw new UsageError(
          `${geography.named_areas}: two areas have the code ${code}: make one feature of them`,
        );
      codes.add(code);
      const population = properties['population'] ?? null;
      if (population !== null && !(Number.isSafeInteger(population) && (population as number) > 0))
        throw new UsageError(
          `${geography.named_areas}: the population of ${code}: wanted a whole number above 0, or none`,
        );
      return {
        code,
        name,
        population: population as number | null,
        polygons,
        cells: cellsOf(polygons, geography.named_areas).filter((cell) => free.delete(cell)),
      };
    },
  );
  if (!areas.some((area) => area.cells.length > 0))
    throw new UsageError(
      `${geography.named_areas}: no area lies in ${geography.agreed_area}: check that both are in degrees, longitude before latitude`,
    );
  const figures = async (setting: 'addresses' | 'exposure', column: string) => {
    const path = geography[setting];
    if (path === 'not supplied') return undefined;
    if (!existsSync(inFolder(folder, path)))
      throw new UsageError(
        `${path} is not there: supply it, or write in cardiff.yaml "${setting}: not supplied"`,
      );
    const read = await readCellFigures(inFolder(folder, path), column);
    return new Map([...read].map(([cell, figure]) => [textToCell(cell), figure]));
  };
  return {
    outline,
    cells,
    areas: areas.filter((area) => area.cells.length > 0),
    addresses: await figures('addresses', 'addresses'),
    exposure: await figures('exposure', 'people'),
  };
}
