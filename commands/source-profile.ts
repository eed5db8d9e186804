/** Which source is meant, and how its files are read. */
import { createHash } from 'node:crypto';
import type { Profile } from '../schemas/profile.ts';
import { PROFILES } from '../schemas/profiles.ts';
import type { Settings, SourceSettings } from '../schemas/settings.ts';
import type { Partnership } from './partnership.ts';
import { UsageError } from './usage-error.ts';

/** A source of the settings, or a profile with its defaults. */
export function findSource(settings: Settings, id: string): SourceSettings {
  const source = settings.sources.find((candidate) => candidate.id === id);
  if (source) return source;
  const profile = Object.hasOwn(PROFILES, id) ? PROFILES[id] : undefined;
  if (!profile) {
    const known = [...settings.sources.map((candidate) => candidate.id), ...Object.keys(PROFILES)].join(', ');
    throw new UsageError(`"${id}" is no source: wanted one of ${known}`);
  }
  return {
    id,
    profile: id,
    name: profile.title,
    expected: false,
    after_commit: 'keep 36500 days',
    covers_within_days: 3,
    encoding: 'auto',
    sites: [],
    headers: {},
    codes: { weapons: {}, place_types: {}, offences: {} },
  };
}

/** A board's folder takes no raw records, whatever they are called. @throws UsageError in such a folder. */
export function refuseRawRecords({ kafka }: Settings): void {
  if (kafka?.mode === 'board')
    throw new UsageError(
      'this folder is a board\'s (kafka.mode: board) and takes no raw records: read files where they are supplied, and "cardiff listen" here',
    );
}

/** What decides how a source's files are read, as a digest: profile, settings and public places. */
export function readingOf(
  source: SourceSettings,
  { places, wider }: Pick<Partnership, 'places' | 'wider'>,
): string {
  const { encoding, sites } = source;
  const named = [...places, ...wider].map(({ cell, capacity, provenance, ...row }) => [row, cell.toString()]);
  return createHash('sha256')
    .update(JSON.stringify([profileOf(source), encoding, sites, named]))
    .digest('hex');
}

/** The profile of a source with the partnership's own columns, codes and dates. */
export function profileOf(source: SourceSettings): Profile {
  const profile = PROFILES[source.profile] as Profile;
  const fields = { ...profile.fields };
  for (const [field, header] of Object.entries(source.headers)) {
    const decision = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!decision) {
      throw new UsageError(
        `source ${source.id}: headers: "${field}" is no field of ${profile.id}: wanted one of ${Object.keys(fields).join(', ')}`,
      );
    }
    fields[field] = { ...decision, header };
  }
  return {
    ...profile,
    dates: source.dates ?? profile.dates,
    fields,
    weapons: { ...profile.weapons, ...source.codes.weapons },
    placeTypes: { ...profile.placeTypes, ...source.codes.place_types },
    offences: { ...profile.offences, ...source.codes.offences },
  };
}
