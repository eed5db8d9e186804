/** Values that no output may hold, and source files in which every field of every profile holds them. */

import { gzipSync } from 'node:zlib';
import { AE_LEGACY } from '../schemas/ae-legacy.ts';
import { AMBULANCE } from '../schemas/ambulance.ts';
import { ECDS_CSV, ECDS_XML } from '../schemas/ecds.ts';
import { ISTV } from '../schemas/istv.ts';
import { NIBRS } from '../schemas/nibrs.ts';
import { POLICE_RMS } from '../schemas/police-rms.ts';
import { POLICE_UK, POLICE_UK_API } from '../schemas/police-uk.ts';
import type { Profile } from '../schemas/profile.ts';
import { PROFILES } from '../schemas/profiles.ts';
import type { SourceRow } from './batch-of.ts';
import { jsonOf, messageOf } from './record-files.ts';
import { workbookOf, zipOf } from './workbook.ts';

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

/** A list of codes that mean nothing anywhere: 1 an assault, 2 none, 3 an assault up to June 2025. */
export const CODE_LIST = `SNOMED_Code,REFSET_UniqueID,Valid_From,Valid_To,Counts_As_Assault,Weapon,Place_Kind
900000000000001,991431000000101,,,yes,,
900000000000002,991431000000101,,,no,,
900000000000003,991431000000101,2017-10-01,2025-06-30,yes,,
900000000000003,991431000000101,01/07/2025,,no,,
900000000000004,991431000000101,,,,,
900000000000011,991281000000103,,,,knife_sharp,
900000000000012,991281000000103,,,,body,
900000000000021,991291000000101,,,,,home
900000000000022,991291000000101,,,,,street
900000000000099,991411000000109,,,,,
`;

const ECDS_ROW: SourceRow = {
  site_code: '7A4BV',
  arrival_date: '2025-09-07',
  arrival_time: '01:20:00',
  attendance_category: '1',
  injury_date: '2025-09-06',
  injury_time: '23:15:00',
  intent: '900000000000001',
  mechanism: '900000000000011',
  place: '900000000000022',
  latitude: '51.479',
  longitude: '-3.178',
};

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
  [POLICE_UK_API.id]: {
    month: '2025-08',
    category: 'violent-crime',
    longitude: '-3.178',
    latitude: '51.479',
  },
  [ECDS_CSV.id]: ECDS_ROW,
  [ECDS_XML.id]: ECDS_ROW,
  [AE_LEGACY.id]: {
    site_code: '7A4BV',
    patient_group: '20',
    attendance_category: '1',
    arrival_date: '2025-09-07',
    arrival_time: '01:20:00',
    incident_date: '2025-09-06',
    incident_time: '23:15:00',
    location_type: '60',
    weapon: 'knife',
    latitude: '51.479',
    longitude: '-3.178',
  },
  [AMBULANCE.id]: {
    call_at: '2025-09-06T23:15:00',
    category: 'Assault',
    latitude: '51.479',
    longitude: '-3.178',
  },
  [NIBRS.id]: {
    ori: 'GA0010100',
    offense_code: '13A',
    incident_date: '2025-09-06',
    incident_hour: '23',
    location_type: '13',
    weapon: '20',
    relationship: 'ST',
    latitude: '51.479',
    longitude: '-3.178',
  },
};
/** The inbox of each profile. */
export const INBOX: Readonly<Record<string, string>> = {
  [ISTV.id]: 'ed',
  [POLICE_RMS.id]: 'police',
  [POLICE_UK.id]: 'police-uk',
  [POLICE_UK_API.id]: 'police-api',
  [ECDS_CSV.id]: 'ecds',
  [ECDS_XML.id]: 'ecds-message',
  [AE_LEGACY.id]: 'legacy',
  [AMBULANCE.id]: 'ambulance',
  [NIBRS.id]: 'nibrs',
};

/** Settings of the sources beyond those of a fresh folder; the list of codes is in codes/ecds.csv. */
export const MORE_SOURCES = Object.values(PROFILES)
  .filter(({ id }) => ![ISTV.id, POLICE_RMS.id].includes(id))
  .map(
    ({ id, listed }) =>
      `  - id: ${INBOX[id]}\n    profile: ${id}\n    name: ${INBOX[id]}\n    expected: false\n    after_commit: keep 30 days\n` +
      (listed ? '    code_lists: [codes/ecds.csv]\n' : ''),
  )
  .join('');

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
export function plantedFiles(profile: Profile): Record<string, string | Buffer> {
  if (profile.shape !== 'csv') return plantedMessages(profile);
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
    'cut-short.csv.gz': gzipSync(fileOf(profile, [good])).subarray(0, -9),
    'book.xlsx': workbookOf({
      [CANARIES[0] as string]: [
        [...fields.map((field) => profile.fields[field]?.header as string), ...HEADER_CANARIES],
        ...beside.map((row) => [...Object.values(row), ...CANARIES]),
      ],
    }),
    'bad-book.xlsx': workbookOf({ a: everywhere.map((row) => Object.values(row)) }),
    'not-a-book.xlsx': zipOf([{ name: CANARIES[0] as string, text: CANARIES.join(' ') }]),
  };
}

/** The same for profiles whose files are messages or lists of objects. */
function plantedMessages(profile: Profile): Record<string, string> {
  const good = GOOD[profile.id] as SourceRow;
  const fields = Object.keys(profile.fields);
  const end = profile.shape;
  const make = (rows: readonly SourceRow[]) =>
    profile.shape === 'xml' ? messageOf(rows) : jsonOf(profile, rows);
  const everywhere = CANARIES.map((canary) => Object.fromEntries(fields.map((field) => [field, canary])));
  const beside = everywhere.map((row) => ({ ...row, ...good }));
  return {
    ...Object.fromEntries(
      fields.map((field) => [
        `field-${field}.${end}`,
        make(CANARIES.map((canary) => ({ ...good, [field]: canary }))),
      ]),
    ),
    [`all-at-once.${end}`]: make(everywhere),
    [`beside-good-ones.${end}`]: make(beside),
    [`cut-short.${end}`]: make(beside).slice(0, -40),
    [`broken.${end}`]: make(beside).replace(/[>:]/g, (sign) => `${sign}${CANARIES[6]} <`),
    [`names.${end}`]: make(beside).replaceAll('SchemaVersion', 'xqzjvkw-canary'),
    [`text.${end}`]: CANARIES.join('\n'),
  };
}
