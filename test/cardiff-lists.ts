/** The real registers, wards and postcodes of Cardiff and the Vale, as a gazetteer; they lie beside the project. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readGazetteer } from '../ingest/gazetteer.ts';
import { readOutlines } from '../ingest/geography.ts';
import { readFoodRegister } from '../ingest/places/food-register.ts';
import { readPostcodeList } from '../ingest/places/postcode-list.ts';
import type { Place } from '../schemas/gazetteer.ts';
import {
  type AreaOutline,
  type Business,
  buildGazetteer,
  type PostcodePoint,
} from '../transform/gazetteer/build-gazetteer.ts';
import { gazetteerCsv } from '../transform/gazetteer/gazetteer-csv.ts';
import { createCellIndex, pointsToCells } from '../transform/h3-cell.ts';
import { gridToDegrees } from '../transform/national-grid.ts';

const DATA = join(import.meta.dirname, '..', '..', 'shared', 'data', 'geography');

/** True where the real lists are there; on CI they must be. */
export const hasCardiffLists = (): boolean => existsSync(DATA) || process.env['CI'] !== undefined;

/** Areas, stations, parks and names that no list has, as a partnership would add them by hand. */
const BY_HAND = join(import.meta.dirname, 'fixtures');

/** The gazetteer of a partnership there: the lists, what it adds by hand, and the names that it has learnt. */
export async function cardiffPartnershipGazetteer(): Promise<(Place & { cell: bigint })[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-gazetteer-'));
  try {
    await mkdir(join(folder, 'gazetteer'));
    await writeFile(join(folder, 'gazetteer/lists.csv'), gazetteerCsv(await cardiffGazetteer()));
    await copyFile(join(BY_HAND, 'cardiff-places.csv'), join(folder, 'gazetteer/places.csv'));
    await copyFile(join(BY_HAND, 'cardiff-aliases.csv'), join(folder, 'gazetteer/aliases.csv'));
    return withCells(await readGazetteer(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Places with the cells of their points. */
export function withCells(places: readonly Place[]): (Place & { cell: bigint })[] {
  const cells = new BigUint64Array(places.length);
  const axis = (of: 'lat' | 'lng') => Float64Array.from(places, (place) => place[of]);
  pointsToCells(createCellIndex(), axis('lat'), axis('lng'), places.length, cells);
  return places.map((place, i) => ({ ...place, cell: cells[i] as bigint }));
}

/** A gazetteer built from them, and from nothing else. */
export async function cardiffGazetteer(): Promise<Place[]> {
  const businesses: Business[] = [];
  for (const file of ['FHRS556en-GB.xml', 'FHRS570en-GB.xml']) {
    for await (const establishment of readFoodRegister(join(DATA, 'licensed_premises', file)))
      businesses.push({ ...establishment, register: basename(file, '.xml') });
  }
  const postcodes: PostcodePoint[] = [];
  for await (const { postcode, easting, northing, ward } of readPostcodeList(
    join(DATA, 'postcodes/codepoint_open_cf.csv'),
  )) {
    const [lng, lat] = gridToDegrees(easting, northing);
    postcodes.push({ postcode, lat, lng, ward });
  }
  const areas: AreaOutline[] = [];
  for (const authority of ['W06000015', 'W06000014']) {
    for (const { polygons, properties } of await readOutlines(
      join(DATA, 'wards_by_lad', `${authority}.json`),
    )) {
      const [name, welsh] = [String(properties['WD13NM']), String(properties['WD13NMW'])];
      areas.push({
        id: String(properties['WD13CD']),
        name,
        aliases: welsh === name ? [] : [welsh],
        polygons,
        provenance: `wards ${authority}`,
      });
    }
  }
  return buildGazetteer({ businesses, postcodes, areas });
}
