/** The command line of the gazetteer tools. */
import { resolve } from 'node:path';
import { readGazetteer } from '../ingest/gazetteer.ts';
import type { PlaceLevel } from '../schemas/gazetteer.ts';
import { findDuplicates } from '../transform/gazetteer/find-duplicates.ts';
import { addAlias, buildLists, mergeRows } from './gazetteer.ts';
import type { Options, Outcome } from './options.ts';
import { UsageError } from './usage-error.ts';

const SEVERAL: Readonly<Record<PlaceLevel, string>> = {
  place: 'places',
  street: 'streets',
  area: 'areas',
  postcode: 'postcodes',
  elsewhere: 'towns elsewhere',
};

/** Runs `cardiff gazetteer`. @throws UsageError where no such task is known. */
export async function gazetteerCommand({ dir, positionals, since, until }: Options): Promise<Outcome> {
  const [task, ...rest] = positionals;
  const folder = resolve(dir);
  const [first = '', second = ''] = rest;
  switch (task) {
    case 'build': {
      const built = await buildLists(folder, rest);
      const counts = Object.entries(built.rows).map(([level, n]) => `${n} ${SEVERAL[level as PlaceLevel]}`);
      return {
        result: built,
        text: `Made ${built.path}: ${counts.join(', ')}. Next: cardiff gazetteer duplicates`,
      };
    }
    case 'duplicates': {
      const duplicates = findDuplicates(await readGazetteer(folder));
      const lines = duplicates.map(
        ({ id, name, otherId, otherName, metres }) =>
          `  ${name} (${id}) and ${otherName} (${otherId}), ${metres} m apart`,
      );
      const said =
        lines.length === 0 ? ['No two rows look like one place'] : ['Perhaps one place each:', ...lines];
      return { result: { duplicates }, text: said.join('\n') };
    }
    case 'merge':
      await mergeRows(folder, first, second);
      return { result: { kept: first }, text: `${second} is now part of ${first}` };
    case 'alias':
      await addAlias(folder, first, second, since, until);
      return { result: { place: second }, text: `Remembered as a name of ${second}` };
    default:
      throw new UsageError('what about the gazetteer? wanted build, duplicates, merge or alias');
  }
}
