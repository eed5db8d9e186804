/** Reads gazetteer/*.csv: the public places of a partnership, and the names that it has learnt for them. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GAZETTEER_COLUMNS, levelOf, Place } from '../schemas/gazetteer.ts';
import { isPrintedName, PRINTED_NAME } from './printed-name.ts';
import { SourceError } from './source-error.ts';
import { readTable } from './table.ts';

/** Names learnt locally, by place; and digests of forms that a person has dismissed. No places are in them. */
export const ALIASES_FILE = 'aliases.csv';
export const DISMISSED_FILE = 'dismissed.csv';

/**
 * All rows of the gazetteer, in the order of files and rows, with the aliases of aliases.csv. These are no personal
 * data, so errors name the value.
 *
 * @throws SourceError with file and line, where a row is no place, an id occurs twice, or an alias is of no place.
 */
export async function readGazetteer(folder: string): Promise<Place[]> {
  const directory = join(folder, 'gazetteer');
  const names = (await readdir(directory).catch(() => []))
    .filter((name) => name.endsWith('.csv') && name !== ALIASES_FILE && name !== DISMISSED_FILE)
    .sort();
  const places: Place[] = [];
  const lines = new Map<string, string>();
  for (const name of names) {
    const path = join(directory, name);
    for (const { line, place } of await readPlaces(path)) {
      if (lines.has(place.id))
        throw new SourceError(`${path}:${line}: two places have the id ${place.id}: give each its own`);
      lines.set(place.id, `${path}:${line}`);
      places.push(place);
    }
  }
  const aliases = await readAliases(join(directory, ALIASES_FILE), places);
  return places.map((place) => {
    const learnt = aliases.get(place.id);
    return learnt ? { ...place, aliases: [...place.aliases, ...learnt] } : place;
  });
}

/** The rows of one file of places, with their lines. @throws SourceError with file and line. */
export async function readPlaces(path: string): Promise<{ line: number; place: Place }[]> {
  const places: { line: number; place: Place }[] = [];
  for await (const { line, values } of readTable(path, GAZETTEER_COLUMNS)) {
    const parsed = Place.safeParse(placeOf(values));
    const issue = parsed.error?.issues[0];
    if (issue) throw new SourceError(`${path}:${line}: ${issue.path.join('.')}: ${issue.message}`);
    const place = parsed.data as Place;
    if (!isPrintedName(place.name)) throw new SourceError(`${path}:${line}: name: wanted ${PRINTED_NAME}`);
    places.push({ line, place });
  }
  return places;
}

const listed = (text: string) =>
  text
    .split('|')
    .map((value) => value.trim())
    .filter((value) => value !== '');
const numberOf = (text: string) => Number(text || Number.NaN);

function placeOf(values: readonly (string | undefined)[]): Record<string, unknown> {
  const value = (column: (typeof GAZETTEER_COLUMNS)[number]) =>
    values[GAZETTEER_COLUMNS.indexOf(column)] ?? '';
  const optional = (
    column: (typeof GAZETTEER_COLUMNS)[number],
    read: (text: string) => unknown = (text) => text,
  ) => (value(column) === '' ? {} : { [column]: read(value(column)) });
  return {
    id: values[0],
    name: values[1],
    aliases: listed(value('aliases')),
    kind: values[3],
    lat: numberOf(value('lat')),
    lng: numberOf(value('lng')),
    capacity: value('capacity') === '' ? null : Number(value('capacity')),
    ...optional('level'),
    ...optional('street'),
    ...optional('areas', listed),
    ...optional('postcode'),
    ...optional('points', (text) => listed(text).map((point) => point.split(' ').map(numberOf))),
    ...optional('radius', numberOf),
    ...optional('provenance'),
  };
}

const DATE = /^(?:\d{4}(?:-\d\d(?:-\d\d)?)?)?$/;

/** Aliases by id of their place, dated ones as "NAME [FROM..UNTIL]". */
async function readAliases(path: string, places: readonly Place[]): Promise<Map<string, string[]>> {
  const aliases = new Map<string, string[]>();
  const ids = new Set(places.filter((place) => levelOf(place) !== 'postcode').map(({ id }) => id));
  if (!(await stat(path).catch(() => undefined))) return aliases;
  for await (const { line, values } of readTable(path, ['alias', 'place', 'since', 'until'])) {
    const [alias = '', id = '', from = '', until = ''] = values;
    if (!ids.has(id))
      throw new SourceError(
        `${path}:${line}: place: no place, street or area of the gazetteer has the id "${id}"`,
      );
    if (!isPrintedName(alias) || /[|[\]]/.test(alias))
      throw new SourceError(`${path}:${line}: alias: wanted ${PRINTED_NAME}, | or brackets`);
    if (!DATE.test(from) || !DATE.test(until))
      throw new SourceError(`${path}:${line}: since, until: wanted 2013, 2013-06, 2013-06-30 or nothing`);
    const dated = from === '' && until === '' ? alias : `${alias} [${from}..${until}]`;
    aliases.set(id, [...(aliases.get(id) ?? []), dated]);
  }
  return aliases;
}
