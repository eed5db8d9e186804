/** cardiff gazetteer: builds the list of public places out of public lists, finds duplicates, adds names. */
import { open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { ALIASES_FILE, readGazetteer, readPlaces } from '../ingest/gazetteer.ts';
import { readOutlines } from '../ingest/geography.ts';
import { readFeatures } from '../ingest/places/feature-list.ts';
import { readFoodRegister } from '../ingest/places/food-register.ts';
import { readPostcodeList } from '../ingest/places/postcode-list.ts';
import { isPrintedName, PRINTED_NAME } from '../ingest/printed-name.ts';
import { levelOf, type Place, type PlaceLevel } from '../schemas/gazetteer.ts';
import {
  type AreaOutline,
  type Business,
  buildGazetteer,
  type PostcodePoint,
} from '../transform/gazetteer/build-gazetteer.ts';
import { featuresToPlaces } from '../transform/gazetteer/feature-places.ts';
import { gazetteerCsv } from '../transform/gazetteer/gazetteer-csv.ts';
import { absorb, mergeGazetteers } from '../transform/gazetteer/merge-gazetteers.ts';
import { gridToDegrees, isOnGrid } from '../transform/national-grid.ts';
import { UsageError } from './usage-error.ts';

/** The file that is built, and built anew; what a person writes is in other files of the folder. */
const BUILT_FILE = 'lists.csv';
/** Rows that a person has made one of two. */
const MERGED_FILE = 'merged.csv';
const mergedInto = (provenance: string) =>
  [...provenance.matchAll(/; merged (\S+)/g)].map(([, id]) => id as string);
const AREA_ID = /^[A-Za-z0-9][A-Za-z0-9:_-]{0,39}$/;

export interface Built {
  readonly path: string;
  readonly rows: Readonly<Partial<Record<PlaceLevel, number>>>;
}

/**
 * Builds gazetteer/lists.csv out of files: food-hygiene registers (.xml), outlines of areas or named points and lines (.geojson, .json), postcode
 * lists and gazetteers (.csv). Rows that other files of the gazetteer have by the same id are left out, so that what a
 * person has written stays.
 *
 * @throws UsageError or SourceError naming the file, before anything is written.
 */
export async function buildLists(folder: string, paths: readonly string[]): Promise<Built> {
  if (paths.length === 0)
    throw new UsageError(
      'which files? for example: cardiff gazetteer build register.xml postcodes.csv wards.geojson',
    );
  const businesses: Business[] = [];
  const postcodes: PostcodePoint[] = [];
  const areas: AreaOutline[] = [];
  const lists: Place[][] = [];
  for (const path of paths.map((path) => resolve(path))) {
    const kind = extname(path).toLowerCase();
    if (kind === '.xml') businesses.push(...(await readBusinesses(path)));
    else if (kind === '.geojson' || kind === '.json') {
      const features = await readFeatures(path);
      if (features) lists.push(featuresToPlaces(features.filter(hasPrintedName), basename(path)));
      else areas.push(...(await readAreas(path)));
    } else if (kind !== '.csv')
      throw new UsageError(`${path}: wanted a register (.xml), outlines (.geojson), or a list (.csv)`);
    else if (await isGazetteer(path)) lists.push((await readPlaces(path)).map(({ place }) => place));
    else postcodes.push(...(await readPostcodes(path)));
  }
  const directory = join(folder, 'gazetteer');
  const built = join(directory, BUILT_FILE);
  const kept = new Set(
    (await readOthers(folder)).flatMap(({ id, provenance = '' }) => [id, ...mergedInto(provenance)]),
  );
  const merged = mergeGazetteers([...lists, buildGazetteer({ businesses, postcodes, areas })]).filter(
    ({ id }) => !kept.has(id),
  );
  await replaceFile(built, gazetteerCsv(merged));
  const rows: Partial<Record<PlaceLevel, number>> = {};
  for (const place of merged) rows[levelOf(place)] = (rows[levelOf(place)] ?? 0) + 1;
  return { path: built, rows };
}

const hasPrintedName = ({ name }: { readonly name: string }) => isPrintedName(name);

/** Rows of the gazetteer that were not built. */
async function readOthers(folder: string): Promise<Place[]> {
  const path = join(folder, 'gazetteer', BUILT_FILE);
  const all = await readGazetteer(folder);
  if (!(await stat(path).catch(() => undefined))) return all;
  const built = new Set((await readPlaces(path)).map(({ place }) => place.id));
  return all.filter(({ id }) => !built.has(id));
}

async function readBusinesses(path: string): Promise<Business[]> {
  const businesses: Business[] = [];
  for await (const establishment of readFoodRegister(path))
    businesses.push({ ...establishment, register: basename(path, extname(path)) });
  return businesses;
}

async function readPostcodes(path: string): Promise<PostcodePoint[]> {
  const postcodes: PostcodePoint[] = [];
  for await (const { postcode, easting, northing, ward } of readPostcodeList(path)) {
    if (!isOnGrid(easting, northing)) continue;
    const [lng, lat] = gridToDegrees(easting, northing);
    postcodes.push({ postcode, lat, lng, ward });
  }
  return postcodes;
}

/** Outlines with their code, name and, where they have one, name in Welsh, however statistical offices call the columns. */
async function readAreas(path: string): Promise<AreaOutline[]> {
  return (await readOutlines(path)).map(({ polygons, properties }) => {
    const text = (pattern: RegExp) => {
      const key = Object.keys(properties).find(
        (name) => pattern.test(name) && typeof properties[name] === 'string',
      );
      return key === undefined ? '' : String(properties[key]);
    };
    const [id, name, welsh] = [text(/^code$|\d\dCD$/i), text(/^name$|\d\dNM$/i), text(/^name_cy$|\d\dNMW$/i)];
    if (!AREA_ID.test(id) || !isPrintedName(name))
      throw new UsageError(
        `${path}: an outline lacks a code or a name: wanted properties "code" and "name", or as in WD13CD and WD13NM`,
      );
    return {
      id,
      name,
      aliases: welsh === '' || welsh === name ? [] : [welsh],
      polygons,
      provenance: basename(path),
    };
  });
}

/** A CSV whose header has a gazetteer's columns, so that it is told which of them it lacks; a postcode list has none. */
async function isGazetteer(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => {
    throw new UsageError(`${path} is not there: supply the file`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split(/[\r\n]/);
    return /(?:^|[,;\t|"])(?:id|name|lat|lng)(?:$|[,;\t|"])/i.test(header.replace(/^\ufeff/, ''));
  } finally {
    await file.close();
  }
}

const DATE = /^(?:\d{4}(?:-\d\d(?:-\d\d)?)?)?$/;

/** Remembers another name of a place, with the dates between which it was in use where they are known. */
export async function addAlias(
  folder: string,
  alias: string,
  id: string,
  since = '',
  until = '',
): Promise<void> {
  const place = (await readGazetteer(folder)).find((row) => row.id === id);
  if (!place || levelOf(place) === 'postcode')
    throw new UsageError(`no place, street or area of the gazetteer has the id "${id}": see gazetteer/*.csv`);
  if (!isPrintedName(alias) || /[|[\]"\n]/.test(alias))
    throw new UsageError(`the name: wanted ${PRINTED_NAME}, quotes, | or brackets`);
  if (!DATE.test(since) || !DATE.test(until))
    throw new UsageError('--since and --until: wanted a date such as 2013, 2013-06 or 2013-06-30');
  const dated = since === '' && until === '' ? alias : `${alias} [${since}..${until}]`;
  if (place.name === alias || place.aliases.includes(dated)) return;
  const path = join(folder, 'gazetteer', ALIASES_FILE);
  const isNew = !(await stat(path).catch(() => undefined));
  const row = `${/,/.test(alias) ? `"${alias}"` : alias},${id},${since},${until}\n`;
  await writeFile(path, `${isNew ? 'alias,place,since,until\n' : ''}${row}`, { mode: 0o600, flag: 'a' });
}

/**
 * Makes one row of two that are one place: the names of the other go to the kept one. The row goes to merged.csv, where
 * building the lists anew leaves it, and does not bring the other back.
 */
export async function mergeRows(folder: string, keep: string, drop: string): Promise<void> {
  const all = await readGazetteer(folder);
  const [kept, other] = [keep, drop].map((id) => all.find((row) => row.id === id));
  if (!kept || !other || keep === drop)
    throw new UsageError(
      'which two places? for example: cardiff gazetteer merge KEPT_ID OTHER_ID, both in gazetteer/*.csv',
    );
  const directory = join(folder, 'gazetteer');
  const merged = join(directory, MERGED_FILE);
  const rows = [...(await readIfThere(merged)).filter(({ id }) => id !== keep && id !== drop)];
  rows.push({ ...absorb(kept, other), provenance: `${kept.provenance ?? 'by hand'}; merged ${drop}` });
  await replaceFile(merged, gazetteerCsv(rows));
  for (const name of (await readdir(directory)).filter(
    (file) => file.endsWith('.csv') && file !== MERGED_FILE,
  )) {
    const path = join(directory, name);
    if (name === ALIASES_FILE)
      await replaceFile(path, withoutAliasesOf(await readFile(path, 'utf8'), [keep, drop]));
    else if (await isGazetteer(path)) {
      const before = (await readPlaces(path)).map(({ place }) => place);
      const after = before.filter(({ id }) => id !== keep && id !== drop);
      if (after.length < before.length) await replaceFile(path, gazetteerCsv(after));
    }
  }
}

const readIfThere = async (path: string): Promise<Place[]> =>
  (await stat(path).catch(() => undefined)) ? (await readPlaces(path)).map(({ place }) => place) : [];

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

/** Lines of aliases.csv without those of some places, whose rows have the names now. */
const withoutAliasesOf = (text: string, ids: readonly string[]): string =>
  text
    .split('\n')
    .filter((line) => !ids.some((id) => new RegExp(`,${id},[^,]*,[^,]*$`).test(line.trimEnd())))
    .join('\n');
