/** A partnership folder made ready: settings, key, public places, geography. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readGazetteer } from '../ingest/gazetteer.ts';
import { type Polygons, readCellFigures, readOutlines } from '../ingest/geography.ts';
import type { Place } from '../schemas/gazetteer.ts';
import type { Settings } from '../schemas/settings.ts';
import { cellsWithin, createCellIndex, pointsToCells, textToCell } from '../transform/h3-cell.ts';
import { dayFromCivil } from '../transform/london-time.ts';
import { STORE_TABLES } from '../transform/merge.ts';
import { openStore, type Store } from '../transform/store.ts';
import { localDate, now } from './clock.ts';
import { inFolder, loadKey, loadSettings } from './load-settings.ts';
import { UsageError } from './usage-error.ts';

export interface Partnership {
  readonly folder: string;
  readonly settings: Settings;
  readonly key: Uint8Array;
  readonly places: readonly (Place & { cell: bigint })[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Local day, as days since 1970-01-01. */
  readonly today: () => number;
}

/** Reads a partnership folder. @throws UsageError or SourceError in one sentence where something is missing. */
export async function openPartnership(folder: string): Promise<Partnership> {
  const settings = await loadSettings(folder);
  const key = await loadKey(folder, settings);
  const places = await readGazetteer(folder);
  const cells = new BigUint64Array(places.length);
  pointsToCells(
    createCellIndex(),
    Float64Array.from(places, (p) => p.lat),
    Float64Array.from(places, (p) => p.lng),
    places.length,
    cells,
  );
  return {
    folder,
    settings,
    key,
    places: places.map((place, i) => ({ ...place, cell: cells[i] as bigint })),
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

/** Opens the partnership's store, making it where there is none. */
export async function openPartnershipStore(folder: string): Promise<Store> {
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const store = await openStore(join(folder, 'data', 'store.duckdb'));
  await store.run(STORE_TABLES);
  return store;
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

/** Reads the outlines that the settings name and lays the cells out over them; a cell belongs to one area at most. */
export async function readGeography({ folder, settings }: Partnership): Promise<Geography> {
  const { geography } = settings;
  const outline = (await readOutlines(inFolder(folder, geography.agreed_area))).flatMap(
    (feature) => feature.polygons,
  );
  const cells = cellsWithin(outline);
  if (cells.length === 0)
    throw new UsageError(`${geography.agreed_area} holds no cell: check that it is an outline in degrees`);
  const free = new Set(cells);
  const areas = (await readOutlines(inFolder(folder, geography.named_areas))).map(
    ({ polygons, properties }): NamedArea => {
      const code = properties[geography.code_property];
      const name = properties[geography.name_property];
      if (typeof code !== 'string' || typeof name !== 'string') {
        throw new UsageError(
          `${geography.named_areas}: an area lacks "${geography.code_property}" or "${geography.name_property}": set code_property and name_property`,
        );
      }
      const population = properties['population'];
      return {
        code,
        name,
        population: typeof population === 'number' ? population : null,
        polygons,
        cells: cellsWithin(polygons).filter((cell) => free.delete(cell)),
      };
    },
  );
  const figures = async (path: string, column: string) =>
    path === 'not supplied'
      ? undefined
      : new Map(
          [...(await readCellFigures(inFolder(folder, path), column))].map(([cell, figure]) => [
            textToCell(cell),
            figure,
          ]),
        );
  return {
    outline,
    cells,
    areas: areas.filter((area) => area.cells.length > 0),
    addresses: await figures(geography.addresses, 'addresses'),
    exposure: await figures(geography.exposure, 'people'),
  };
}
