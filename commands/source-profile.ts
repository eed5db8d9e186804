/** Which source is meant, and how its files are read. */
import { createHash } from 'node:crypto';
import type { Opening } from '../ingest/source-file.ts';
import type { CodeLists, InclusionRule, Profile } from '../schemas/profile.ts';
import { profileFromSettings } from '../schemas/profile-settings.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { type Settings, SourceSettings } from '../schemas/settings.ts';
import type { Partnership } from './partnership.ts';
import { UsageError } from './usage-error.ts';

/** What a partnership adds to the built-in profiles: profiles of its own, and lists of codes by source. */
export interface Known {
  readonly settings?: Pick<Settings, 'profiles'>;
  readonly codeLists?: ReadonlyMap<string, CodeLists>;
}

/** A source of the settings, or a profile with its defaults. */
export function findSource(settings: Settings, id: string): SourceSettings {
  const source = settings.sources.find((candidate) => candidate.id === id);
  if (source) return source;
  const profile = profileNamed(id, { settings });
  if (!profile) {
    const known = [
      ...settings.sources.map((candidate) => candidate.id),
      ...Object.keys(PROFILES),
      ...Object.keys(settings.profiles),
    ].join(', ');
    throw new UsageError(`"${id}" is no source: wanted one of ${known}`);
  }
  return SourceSettings.parse({
    id,
    profile: id,
    name: profile.title,
    expected: false,
    after_commit: 'keep 36500 days',
  });
}

/** A built-in profile or one of the partnership's own. */
export function profileNamed(id: string, { settings }: Known): Profile | undefined {
  if (Object.hasOwn(PROFILES, id)) return PROFILES[id];
  const own = settings && Object.hasOwn(settings.profiles, id) ? settings.profiles[id] : undefined;
  return own && profileFromSettings(id, own);
}

/** A board's folder takes no raw records, whatever they are called. @throws UsageError in such a folder. */
export function refuseRawRecords({ kafka }: Settings): void {
  if (kafka?.mode === 'board')
    throw new UsageError(
      'this folder is a board\'s (kafka.mode: board) and takes no raw records: read files where they are supplied, and "cardiff listen" here',
    );
}

/** Whether what a source records as a sexual offence is counted: where settings give it a threshold of its own. */
export const countsSexualOffences = ({ disclosure }: Settings): boolean =>
  disclosure.policy.sexualOffencesByPlace !== 'never';

/** What decides how a source's files are read, as a digest: profile, settings and public places. */
export function readingOf(
  source: SourceSettings,
  partnership: Pick<Partnership, 'places' | 'wider' | 'settings'> & Known,
): string {
  const { encoding, sites, own_points, repeated_share } = source;
  const { places, wider, settings } = partnership;
  const named = [...places, ...wider].map(({ cell, capacity, provenance, ...row }) => [row, cell.toString()]);
  const profile = profileOf(source, partnership);
  return createHash('sha256')
    .update(
      JSON.stringify([
        profile,
        encoding,
        sites,
        own_points,
        repeated_share,
        named,
        ...(countsSexualOffences(settings) ? ['sexual offences'] : []),
      ]),
    )
    .digest('hex');
}

/** How the files of a source are opened. Its password is no part of how they are read, and is in no digest. */
export const openingOf = ({ id, encoding }: SourceSettings, { passwords }: Partnership): Opening => ({
  encoding,
  password: passwords.get(id),
});

/** The profile of a source with the partnership's own columns, codes and dates. */
export function profileOf(source: SourceSettings, known: Known): Profile {
  const profile = profileNamed(source.profile, known);
  if (!profile) throw new UsageError(`source ${source.id}: "${source.profile}" is no profile`);
  const fields = { ...profile.fields };
  const wrongField = (setting: string, field: string, wanted: readonly string[]) =>
    new UsageError(
      `source ${source.id}: ${setting}: "${field}" is no field of ${profile.id}: wanted one of ${wanted.join(', ')}`,
    );
  for (const [field, header] of Object.entries(source.headers)) {
    const decision = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!decision) throw wrongField('headers', field, Object.keys(fields));
    fields[field] = { ...decision, header };
  }
  const inclusion: Record<string, InclusionRule | undefined> = { ...profile.inclusion };
  for (const [field, codes] of Object.entries(source.codes.counts)) {
    const rule = Object.hasOwn(inclusion, field) ? inclusion[field] : undefined;
    if (!rule) throw wrongField('codes.counts', field, Object.keys(inclusion));
    inclusion[field] = { ...rule, codes: { ...rule.codes, ...codes } };
  }
  const codeLists = known.codeLists?.get(source.id);
  return {
    ...profile,
    dates: source.dates ?? profile.dates,
    fields,
    weapons: { ...profile.weapons, ...source.codes.weapons },
    placeTypes: { ...profile.placeTypes, ...source.codes.place_types },
    offences: { ...profile.offences, ...source.codes.offences },
    inclusion: inclusion as Profile['inclusion'],
    ...(source.sheet === undefined ? {} : { sheet: source.sheet }),
    ...(codeLists ? { codeLists } : {}),
  };
}
