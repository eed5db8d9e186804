/** cardiff init: a partnership folder with every setting explained. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises';
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
#                       police-rms-csv, police-uk-csv, police-uk-json, nibrs-csv, or one of your own (see below);
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
#                       An ambulance service's records do not tell homes: they are mapped where they are at a public place of
#                       the gazetteer, or where a column of theirs tells public from private places, for example:
#                       headers: { place_type: SCENE } and codes: { place_types: { "street": street, "dwelling": home } }
#   sheet               the sheet of a workbook; without it the first is read
#   password_file       for workbooks with a password: a file that only its owner may read, for example
#                       secrets/ed-workbook.txt, with the password in its first line
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
  # ecds-8-5: 1 to 7 are shown as *, others to the nearest 5, zeros as they are; a total is the sum of what is shown.
  # Or one of your own, with every rule, as manifest.json prints it:
  #   policy: { name: ours, rounding: additive, threshold: 12, base: 6, reserve: 1.5, historyMonths: 12,
  #     minAddresses: 8, partnershipThreshold: 6, partnershipBands: [6, 12, 24, 48] }
  # A policy holds for a calendar year: it can be changed before the first month of a year is published.
  policy: additive-10-5
  # What is recorded as a sexual offence: never counted, or a number: counted, and the number is the threshold of all figures by place.
  sexual_offences_by_place: never

publish:
  # When "cardiff run" looks whether a period is ready: minute, hour, day of month, month, day of week.
  schedule: "0 7 * * *"
  # draft: a person reads it and runs "cardiff publish"; release: it is published at once.
  on_schedule: draft
  # How many people must approve a period's draft ("cardiff approve") before it is frozen; 0: none.
  approvals: 0

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
#     needed: [MECHANISM]       columns without which a file is refused, beside those of the day, the key and what counts
#     arrival_stands_in: true   an incident of which no day is told is taken to be of the day of arrival; else it is rejected

# Where records come over Kafka as well, or instead of files: "cardiff listen". Take the "# " away from what you need.
#   mode      store: raw records into this store. hospital: raw records are depersonalised here and sent on.
#             board: what hospitals send, into this store; a board's folder takes no raw records, of files neither.
#   cluster   brokers (host:port), tls ("off", or files: { ca, cert, key }) and sasl ("off", or { mechanism, username,
#             password_file }; mechanism plain, scram-sha-256 or scram-sha-512)
#   partnership           mode hospital: the cluster that incidents are sent to
#   group                 workers of one hospital that share their work have one name here
#   stop_above_bad_share  a source stops where more of its latest thousand records than this share cannot be read
#   metrics_port          /metrics and /health on 127.0.0.1, or "off"
#   topics                by source: its topic, and for how many hours the broker keeps it (raw records 168 at most);
#                         partitions (3), where the topic is made by "listen --create-topics"; generation (1), raised by
#                         one where the topic was made anew; mode hospital: sends_to: { topic, keep_hours, partitions }
# kafka:
#   mode: store
#   cluster: { brokers: ["127.0.0.1:9092"], tls: "off", sasl: "off" }
#   group: cardiff
#   stop_above_bad_share: 0.2
#   metrics_port: 9464
#   topics:
#     ed: { topic: ed-attendances, keep_hours: 72 }
#     police: { topic: police-crimes, keep_hours: 72 }
`;

const AMBULANCE = `  - id: ambulance
    profile: ambulance-csv
    name: Ambulance
    expected: false
    after_commit: keep 30 days
`;

/** An agreement with every term explained; in force nowhere, since its name does not end with .yaml. */
const AGREEMENT = `# An agreement with one partner: what it may receive, at which detail, until when. Copy this file to PARTNER.yaml and
# change it. A term that is not known is an error. Nothing is made for a partner outside the dates of its agreement.

# Names the folder releases/PERIOD/partners/PARTNER; the file is PARTNER.yaml.
partner: licensing
name: Licensing team of the city council
# Who has agreed, what the partner may use it for, and the lawful basis of sharing.
parties: [City council, University hospital, Police]
purpose: To review licences of public places at which people are hurt
lawful_basis: Crime and Disorder Act 1998, sections 17A and 115

# released      the public tables: counts from 10, rounded to 5
# partnership   the same and, with the cut place, places over twelve months in bands from 5; not for publication
# operational   by place or cell for one purpose; needs "operational" below
# analyst       data/analyst.duckdb is made while such an agreement is in force: pseudonymised personal data
tier: partnership
# Sources of cardiff.yaml, and breakdowns: month, place, weapon, place_kind, night_band, located.
sources: [ed, police]
cuts: [month, place, night_band]
# csv, parquet, pdf
formats: [csv, pdf]

# Nothing is made before the first day, after the last, or once the review is overdue.
in_force_from: 2026-01-01
review_due: 2026-10-01
expires: 2026-12-31
# Stands on every page of extract.pdf; at most 120 characters.
notice: For the licensing team alone. Do not pass on.

# Everything for this partner is encrypted to its public key (age: "age-keygen" makes a pair; only the partner has the
# private one). Without a key nothing is made, unless you write instead: "unencrypted: true".
public_key: age1uhjplc82nkx7yfwn2qj7ga6ptpqtwlfzrum7jrfcqyv6s30a5g5qk7fmtx

# Only for the tier operational:
# operational:
#   dpia: Where the data protection impact assessment is kept, and its date
#   legal_basis: Legal basis beside that of the partnership
#   no_reidentification: true
#   contact: Whom to ask, and whom to tell of a mistake
#   use_as_evidence: Whether the figures may be used as evidence, and how
`;

/** The settings with their part about Kafka in force, where a broker is named. */
function withKafka(settings: string, broker: string | undefined): string {
  if (broker === undefined) return settings;
  const [before, kafka] = settings.split(/^(?=# kafka:)/m) as [string, string];
  return before + kafka.replace(/^# /gm, '').replace('127.0.0.1:9092', broker);
}

/** Makes a partnership folder in `folder`, which must not hold one. Returns the files made. */
export async function init(
  folder: string,
  partnership = 'Violence Prevention Board',
  broker?: string,
  withAmbulance = false,
): Promise<string[]> {
  if (broker !== undefined && !/^[A-Za-z0-9._-]+:\d{1,5}$/.test(broker))
    throw new UsageError('--kafka: wanted host:port, for example 127.0.0.1:9092');
  if (await stat(join(folder, 'cardiff.yaml')).catch(() => undefined)) {
    throw new UsageError(
      `${join(folder, 'cardiff.yaml')} exists: choose another folder, or change the settings there`,
    );
  }
  for (const name of ['agreements', 'gazetteer', 'geography', 'inbox/ed', 'inbox/miu', 'inbox/police']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  for (const name of ['secrets', 'data']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    await chmod(join(folder, name), 0o700);
  }
  const files: [string, string][] = [
    ['agreements/licensing.yaml.example', AGREEMENT],
    ['secrets/partnership.key', `${randomBytes(32).toString('hex')}\n`],
    ['gazetteer/places.csv', 'id,name,aliases,kind,lat,lng,capacity\n'],
    [
      'cardiff.yaml',
      withKafka(
        SETTINGS(partnership).replace('\ngeography:\n', `${withAmbulance ? AMBULANCE : ''}\ngeography:\n`),
        broker,
      ),
    ],
  ];
  // The settings last: while they are not there, the folder can be made again.
  for (const [name, text] of files) await place(join(folder, name), text);
  return files.map(([name]) => name);
}

/** Makes a file whole or not at all; one that is there already, such as a key, stays as it is. */
async function place(path: string, text: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  await writeFile(`${path}.unfinished`, text, { mode: 0o600 });
  await rename(`${path}.unfinished`, path);
}
