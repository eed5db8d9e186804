/** Values that no output may hold, and source files in which every field of every profile holds them. */
import { ISTV } from '../schemas/istv.ts';
import { POLICE_RMS } from '../schemas/police-rms.ts';
import { POLICE_UK } from '../schemas/police-uk.ts';
import type { Profile } from '../schemas/profile.ts';
import type { SourceRow } from './batch-of.ts';

/** Values of a person who does not exist: nothing that is made may hold any of them. */
export const CANARIES = [
  'Zebedee Quillfeather',
  '999 000 0042',
  '1961-02-23',
  'ZZ99 3VZ',
  '07700 900734',
  '17 Quorndon Crescent',
  'xqzjvkw-canary',
  "'; DROP TABLE incident; -- quillfeather",
  '<b>Qüîllfëather</b>',
];
/** Told apart from a column's name, and so never shown in its place; words alone may be one. */
export const HEADER_CANARIES = CANARIES.filter((canary) => /[^A-Za-z -]/.test(canary));

/** A row of each profile that is accepted. */
export const GOOD: Readonly<Record<string, SourceRow>> = {
  [ISTV.id]: {
    period_end: '2025-09-30',
    site_code: '7A4BV',
    assault_at: '2025-09-06T23:15:00',
    arrival_at: '2025-09-07T01:20:00',
    method: '12',
    location_type: '02',
    latitude: '51.479',
    longitude: '-3.178',
  },
  [POLICE_RMS.id]: {
    crime_ref: '62A',
    offence_code: '8N',
    recorded_at: '2025-09-20T10:00:00',
    committed_from: '2025-09-06T23:15:00',
    premises_type: 'Street',
    easting: '318350',
    northing: '176450',
  },
  [POLICE_UK.id]: {
    month: '2025-08',
    reported_by: 'South Wales Police',
    crime_type: 'Violence and sexual offences',
    longitude: '-3.178',
    latitude: '51.479',
    lsoa_code: 'W01001475',
  },
};
/** The inbox of each profile. */
export const INBOX: Readonly<Record<string, string>> = {
  [ISTV.id]: 'ed',
  [POLICE_RMS.id]: 'police',
  [POLICE_UK.id]: 'police-uk',
};

export const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

/** A file of a profile with all its columns, and more. */
export function fileOf(
  profile: Profile,
  rows: readonly SourceRow[],
  moreColumns: readonly string[] = [],
): string {
  const fields = Object.keys(profile.fields);
  const header = [...fields.map((field) => profile.fields[field]?.header ?? field), ...moreColumns];
  const lines = rows.map((row) => [...fields.map((field) => row[field] ?? ''), ...moreColumns]);
  return [header, ...lines].map((line) => line.map(quoted).join(',')).join('\n');
}

/** Files of a profile with canaries in one field, in all at once, in headers, in rows that fail and in broken files. */
export function plantedFiles(profile: Profile): Record<string, string> {
  const good = GOOD[profile.id] as SourceRow;
  const fields = Object.keys(profile.fields);
  const everywhere = CANARIES.map((canary) => Object.fromEntries(fields.map((field) => [field, canary])));
  const beside = CANARIES.map((canary) => ({
    ...Object.fromEntries(fields.map((field) => [field, canary])),
    ...good,
  }));
  const broken = `${fileOf(profile, beside)}\n"${CANARIES.join(' ')}`;
  return {
    ...Object.fromEntries(
      fields.map((field) => [
        `field-${field}.csv`,
        fileOf(
          profile,
          CANARIES.map((canary) => ({ ...good, [field]: canary })),
        ),
      ]),
    ),
    'all-at-once.csv': fileOf(profile, everywhere),
    'beside-good-ones.csv': fileOf(profile, beside),
    'within-text.csv': fileOf(
      profile,
      CANARIES.map((canary) => ({
        ...good,
        location_text: `outside Walkabout with ${canary}`,
        premises: `${canary}, Walkabout`,
      })),
    ),
    'headers.csv': fileOf(profile, [good], HEADER_CANARIES),
    'ragged.csv': `${fileOf(profile, [good])}\n${CANARIES.map(quoted).join('\n')}\n`,
    'no-header.csv': everywhere.map((row) => Object.values(row).map(quoted).join(',')).join('\n'),
    'broken-quote.csv': broken,
    'stray-quote.csv': `${fileOf(profile, beside)}\nx "${CANARIES[0]}",y\n`,
    'control.csv': `${fileOf(profile, beside)}\n${CANARIES[0]}\0\n`,
    'cut-short.csv.gz': '',
  };
}
