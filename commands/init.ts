/** cardiff init: a partnership folder with every setting explained. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

const SETTINGS = (
  partnership: string,
) => `# Settings of a violence prevention partnership. A setting that is not known is an error.

# Printed on every report.
partnership: ${partnership}
# Times in source files and the schedule below are read in this time zone.
time_zone: Europe/London
# 64 hexadecimal digits or more that only the owner may read. Keep a copy in a safe place: without the key a
# repeated record cannot be recognised. Never share it.
key_file: secrets/partnership.key

# One entry a supplier. Its files are dropped in inbox/ID/.
#   profile             how its files are read: istv-csv, ecds-csv, ecds-xml, ae-legacy-csv, ambulance-csv,
#                       police-rms-csv, police-uk-csv, police-uk-json, nibrs-csv, or one of your own (see the end);
#                       "cardiff doctor FILE" proposes one. A workbook (XLSX) is read like the CSV of the same columns
#   expected            true: publishing waits until this source covers the period
#   after_commit        what becomes of a file once its records are in the store: delete, or keep N days
#   covers_within_days  a source covers a period when its records reach to within so many days of its end (3)
#   encoding            auto (default), utf-8, utf-16 or latin-1
#   dates               iso (2025-09-30T23:15:00, default) or uk (30/09/2025 23:15)
#   sites               site codes that may supply; without a list the source itself counts as the supplier
#   headers             column names where they differ, for example: { location_text: WHERE }
#   codes               codes of this supplier, for example: { weapons: { stick: blunt } }; what counts as an incident:
#                       { counts: { category: { "04": counts, "17": fall } } }
#   code_lists          for ECDS: CSV files of the national code sets (SNOMED_Code, REFSET_UniqueID, Valid_From,
#                       Valid_To) with the columns Counts_As_Assault, Weapon and Place_Kind filled in by you
#   sheet               the sheet of a workbook; without it the first is read
#   own_points          where the supplier itself is, which systems write for want of a place: [{ lat: 51.5, lng: -3.2 }]
#   repeated_share      a point that more than this share of a delivery repeats is not mapped (0.25; 1 for never)
sources:
  - id: ed
    profile: istv-csv
    name: Emergency department
    expected: true
    after_commit: keep 30 days
  - id: miu
    profile: istv-csv
    name: Minor injuries unit
    expected: true
    after_commit: keep 30 days
  - id: police
    profile: police-rms-csv
    name: Police
    expected: true
    after_commit: keep 30 days

geography:
  # GeoJSON in degrees. Cells and areas outside the agreed area are not mapped.
  agreed_area: geography/area.geojson
  named_areas: geography/areas.geojson
  code_property: code
  name_property: name
  # Postal addresses by cell (columns cell,addresses): a cell with one to seven is never shown by itself.
  # Write "not supplied" where there are none; the rule is then not applied, and reports say so.
  addresses: geography/addresses.csv
  # People about by cell (columns cell,people), for hotspots beyond what crowds explain; or "not supplied".
  exposure: geography/exposure.csv

disclosure:
  # additive-10-5: fewer than 10 records or persons are not shown, others are rounded to 5 so that totals add up.
  policy: additive-10-5

publish:
  # When "cardiff run" looks whether a period is ready: minute, hour, day of month, month, day of week.
  schedule: "0 7 * * *"
  # draft: a person reads it and runs "cardiff publish"; release: it is published at once.
  on_schedule: draft
  # data/analyst.duckdb holds pseudonymised personal data, for named analysts under an agreement only.
  analyst_snapshot: false

# Profiles of your own: the columns of a supplier by the part that they play, without code. What becomes of a column
# follows from its part; columns that are not named are not read. This one is of a Welsh emergency department (EDDS),
# whose codes the health board supplies:
# profiles:
#   valley-edds:
#     title: Emergency department of the valley (EDDS)
#     kind: emergency department
#     dates: uk
#     key: [ATTENDANCE_NO]
#     columns: { supplier: SITE, known_at: ARRIVAL_DATE, known_time: ARRIVAL_TIME, occurred: INCIDENT_DATE,
#                occurred_time: INCIDENT_TIME, weapon: MECHANISM, place_type: LOCATION, place_text: [LOCATION_TEXT],
#                age: AGE, sex: SEX, person: NHS_NUMBER }
#     drop: [SURNAME, FORENAME, POSTCODE]
#     counts: { INTENT: { codes: { "1": counts, "2": self-harm }, missing: not recorded } }
#     codes: { weapons: { "7": knife_sharp }, place_types: { "1": home, "2": public } }
`;

const AMBULANCE = `  - id: ambulance
    profile: ambulance-csv
    name: Ambulance
    expected: false
    after_commit: keep 30 days
`;

/** Makes a partnership folder in `folder`, which must not hold one. Returns the files made. */
export async function init(
  folder: string,
  partnership = 'Violence Prevention Board',
  analystSnapshot = false,
  withAmbulance = false,
): Promise<string[]> {
  if (await stat(join(folder, 'cardiff.yaml')).catch(() => undefined)) {
    throw new UsageError(
      `${join(folder, 'cardiff.yaml')} exists: choose another folder, or change the settings there`,
    );
  }
  for (const name of ['gazetteer', 'geography', 'inbox/ed', 'inbox/miu', 'inbox/police']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (const name of ['secrets', 'data']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    await chmod(join(folder, name), 0o700);
  }
  const files: [string, string, number][] = [
    [
      'cardiff.yaml',
      SETTINGS(partnership)
        .replace('analyst_snapshot: false', `analyst_snapshot: ${analystSnapshot}`)
        .replace('\ngeography:\n', `${withAmbulance ? AMBULANCE : ''}\ngeography:\n`),
      0o600,
    ],
    ['secrets/partnership.key', `${randomBytes(32).toString('hex')}\n`, 0o600],
    ['gazetteer/places.csv', 'id,name,aliases,kind,lat,lng,capacity\n', 0o600],
  ];
  for (const [name, text, mode] of files) await writeFile(join(folder, name), text, { mode, flag: 'wx' });
  return files.map(([name]) => name);
}
