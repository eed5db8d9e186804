/** Reads gazetteer/*.csv: the public places of a partnership. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Place } from '../schemas/gazetteer.ts';
import { isPrintedName, PRINTED_NAME } from './printed-name.ts';
import { SourceError } from './source-error.ts';
import { readTable } from './table.ts';

const COLUMNS = ['id', 'name', 'aliases', 'kind', 'lat', 'lng', 'capacity'];

/**
 * All public places, in the order of files and rows. These are no personal data, so errors name the value.
 *
 * @throws SourceError with file and line, where a row is no place or an id occurs twice.
 */
export async function readGazetteer(folder: string): Promise<Place[]> {
  const directory = join(folder, 'gazetteer');
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.csv')).sort();
  const places: Place[] = [];
  const ids = new Set<string>();
  for (const name of names) {
    const path = join(directory, name);
    for await (const { line, values } of readTable(path, COLUMNS)) {
      const [id, placeName, aliases = '', kind, lat, lng, capacity = ''] = values;
      const parsed = Place.safeParse({
        id,
        name: placeName,
        aliases: aliases
          .split('|')
          .map((alias) => alias.trim())
          .filter((alias) => alias !== ''),
        kind,
        lat: Number(lat || Number.NaN),
        lng: Number(lng || Number.NaN),
        capacity: capacity === '' ? null : Number(capacity),
      });
      const issue = parsed.error?.issues[0];
      if (issue) throw new SourceError(`${path}:${line}: ${issue.path.join('.')}: ${issue.message}`);
      const place = parsed.data as Place;
      if (!isPrintedName(place.name)) throw new SourceError(`${path}:${line}: name: wanted ${PRINTED_NAME}`);
      if (ids.has(place.id))
        throw new SourceError(`${path}:${line}: two places have the id ${place.id}: give each its own`);
      ids.add(place.id);
      places.push(place);
    }
  }
  return places;
}
