/** The same city through several shapes of file: the same incidents, up to what each shape tells. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synth } from '../../commands/synth.ts';
import { AE_LEGACY } from '../../schemas/ae-legacy.ts';
import { ECDS_CSV } from '../../schemas/ecds.ts';
import { ISTV } from '../../schemas/istv.ts';
import type { Profile } from '../../schemas/profile.ts';
import type { SourceRow } from '../batch-of.ts';
import { fileOf } from '../canary-planting.ts';
import { changeSettings, makeFolder, openFolder } from '../partnership-folder.ts';

const DATA = join(import.meta.dirname, '../../../shared/data');
// Continuous integration must not pass for want of the files.
const canRun = existsSync(DATA) || process.env['CI'] !== undefined;

/** The values of a small CSV file by row. */
const readRows = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g), ([, inner, plain]) =>
        inner === undefined ? (plain ?? '') : inner.replaceAll('""', '"'),
      ),
    );

/** Codes that mean nothing anywhere, for each method of the older standard and for home and other places. */
const METHODS = Object.fromEntries(Object.keys(ISTV.weapons).map((code) => [code, `9000000001${code}001`]));
const PLACES: Readonly<Record<string, string>> = { '01': '900000000201001', '02': '900000000202001' };
const ASSAULT = '900000000300001';
const CODES = [
  'SNOMED_Code,REFSET_UniqueID,Counts_As_Assault,Weapon,Place_Kind',
  `${ASSAULT},991431000000101,yes,,`,
  ...Object.entries(METHODS).map(([code, snomed]) => `${snomed},991281000000103,,${ISTV.weapons[code]},`),
  ...Object.entries(PLACES).map(([code, snomed]) => `${snomed},991291000000101,,,${ISTV.placeTypes[code]}`),
  '',
].join('\n');

const WHEN = /^(\d{4}-\d\d-\d\d)T(.*)$/;
const dateOf = (at: string) => WHEN.exec(at)?.[1] ?? at;
const timeOf = (at: string) => WHEN.exec(at)?.[2] ?? '';

const asEcds = (row: SourceRow): SourceRow => ({
  ident: row['attendance_id'] ?? '',
  site_code: row['site_code'] ?? '',
  arrival_date: dateOf(row['arrival_at'] ?? ''),
  arrival_time: timeOf(row['arrival_at'] ?? ''),
  attendance_category: '1',
  injury_date: dateOf(row['assault_at'] ?? ''),
  injury_time: timeOf(row['assault_at'] ?? ''),
  intent: ASSAULT,
  mechanism: METHODS[row['method'] ?? ''] ?? '',
  place: PLACES[row['location_type'] ?? ''] ?? '',
  latitude: row['latitude'] ?? '',
  longitude: row['longitude'] ?? '',
  location_text: row['location_text'] ?? '',
  nhs_number: row['nhs_number'] ?? '',
  age: row['age'] ?? '',
  sex: row['sex'] ?? '',
});

const asLegacy = (row: SourceRow): SourceRow => ({
  attendance_number: row['attendance_id'] ?? '',
  site_code: row['site_code'] ?? '',
  patient_group: '20',
  attendance_category: '1',
  arrival_date: dateOf(row['arrival_at'] ?? ''),
  arrival_time: timeOf(row['arrival_at'] ?? ''),
  incident_date: dateOf(row['assault_at'] ?? ''),
  incident_time: timeOf(row['assault_at'] ?? ''),
  location_type: { '01': '10', '02': '91' }[row['location_type'] ?? ''] ?? '',
  location_text: row['location_text'] ?? '',
  weapon: ISTV.weapons[row['method'] ?? ''] ?? '',
  latitude: row['latitude'] ?? '',
  longitude: row['longitude'] ?? '',
  nhs_number: row['nhs_number'] ?? '',
  age: row['age'] ?? '',
  sex: row['sex'] ?? '',
});

let city: string;
let rows: SourceRow[];

beforeAll(async () => {
  city = mkdtempSync(join(tmpdir(), 'cardiff-shapes-'));
  await synth(join(city, 'city'), { seed: 11, months: 3, scale: 1 });
  const inbox = join(city, 'city/inbox/ed');
  const fieldOf = new Map<string, string>(
    Object.entries(ISTV.fields).map(([field, { header }]) => [header, field]),
  );
  rows = readdirSync(inbox).flatMap((name) => {
    const [header = [], ...values] = readRows(join(inbox, name));
    return values.map((row) =>
      Object.fromEntries(header.map((column, i) => [fieldOf.get(column) ?? column, row[i] ?? ''])),
    );
  });
}, 60_000);
afterAll(() => rmSync(city, { recursive: true, force: true }));

/** Reads rows in the shape of a profile in a folder of its own, as one source. */
async function read(profile: Profile, shaped: readonly SourceRow[]) {
  const folder = await makeFolder();
  mkdirSync(join(folder, 'codes'));
  writeFileSync(join(folder, 'codes/list.csv'), CODES);
  writeFileSync(
    join(folder, 'gazetteer/places.csv'),
    readFileSync(join(city, 'city/gazetteer/places.csv'), 'utf8'),
  );
  const lists = profile.listed ? '    code_lists: [codes/list.csv]\n' : '';
  // The hospital writes the canonical words for weapons, and a place that is no home is only that.
  const codes =
    profile.id === AE_LEGACY.id
      ? `    codes: { weapons: { ${['glass_bottle', 'knife_sharp'].map((word) => `${word}: ${word}`).join(', ')} }, place_types: { '91': unknown } }\n`
      : '';
  await changeSettings(
    folder,
    'sources:\n',
    `sources:\n  - id: one\n    profile: ${profile.id}\n    name: One\n    expected: false\n    after_commit: keep 30 days\n${lists}${codes}`,
  );
  const opened = await openFolder(folder);
  const path = join(folder, 'one.csv');
  writeFileSync(path, fileOf(profile, shaped));
  const { sources, failures } = await opened.read([path], 'one');
  expect(failures).toEqual([]);
  const incidents = await opened.store.query(
    `SELECT hex(key0) AS key, occurrence, person0, occurred_on::VARCHAR AS day, hour_of_week, time_precision, cell, located_by,
      place_kind, weapon, age_band, sex, place_id FROM incident ORDER BY ALL`,
  );
  return { summary: sources['one'], incidents };
}

describe('one city of a hospital through ISTV, ECDS and the older shape', () => {
  test('gives the same incidents, and each report says what its shape tells', async () => {
    // Rows without a number are known by all that they say, which differs from shape to shape.
    const keyed = rows.filter((row) => (row['attendance_id'] ?? '').trim() !== '');
    expect(keyed.length).toBeGreaterThan(150);
    const istv = await read(ISTV, keyed);
    const ecds = await read(ECDS_CSV, keyed.map(asEcds));
    // Where no time is told at all, the older shape falls back on the arrival; the others reject the row.
    const timed = keyed.filter((row) => (row['assault_at'] ?? '').trim() !== '');
    expect(keyed.length - timed.length).toBeGreaterThan(0);
    const legacy = await read(AE_LEGACY, timed.map(asLegacy));
    expect(istv.incidents.length).toBeGreaterThan(150);
    const differing = (other: { incidents: unknown[] }) =>
      istv.incidents.filter(
        (incident, i) => JSON.stringify(plain(incident)) !== JSON.stringify(plain(other.incidents[i])),
      );
    expect(ecds.incidents.length).toBe(istv.incidents.length);
    expect(differing(ecds)).toEqual([]);
    expect(legacy.incidents.length).toBe(istv.incidents.length);
    expect(differing(legacy)).toEqual([]);
    expect(istv.summary?.loss.lacks).toEqual(['window of time', 'offence']);
    expect(ecds.summary?.loss.lacks).toEqual(['window of time', 'offence']);
    expect(ecds.summary?.loss.gated).toContain('EC_Injury_Intent_SNOMED_CT');
    expect(legacy.summary?.loss.gated).toContain('A AND E PATIENT GROUP');
    expect(legacy.summary?.loss.dropped).toContain('LSOA OF RESIDENCE');
  }, 60_000);

  test('without what the older standard did not ask for, the day of arrival stands in without an hour', async () => {
    const bare = rows.slice(0, 50).map((row) => ({
      ...asLegacy(row),
      arrival_date: '2025-09-07',
      arrival_time: '01:20:00',
      incident_date: '',
      incident_time: '',
    }));
    const { incidents, summary } = await read(AE_LEGACY, bare);
    expect(summary?.time_known).toBe(0);
    for (const incident of incidents as Record<string, unknown>[])
      expect([incident['day'], incident['time_precision']]).toEqual(['2025-09-07', 'day']);
  });
});

const plain = (incident: unknown) =>
  Object.fromEntries(
    Object.entries(incident as Record<string, unknown>).map(([name, value]) => [name, String(value)]),
  );

describe('police.uk', () => {
  /** Rows of a CSV file as the API would answer them. */
  const asAnswer = (paths: readonly string[]) =>
    paths.flatMap((path) => {
      const [header = [], ...values] = readRows(path);
      return values.map((row) => {
        const at = (column: string) => row[header.indexOf(column)] ?? '';
        const outcome = at('Last outcome category');
        return {
          category: at('Crime type')
            .toLowerCase()
            .replaceAll(' ', '-')
            .replace('violence-and-sexual-offences', 'violent-crime'),
          location_type: at('Longitude') ? 'Force' : null,
          location: at('Longitude')
            ? {
                latitude: at('Latitude'),
                street: { id: 1, name: at('Location') },
                longitude: at('Longitude'),
              }
            : null,
          context: '',
          outcome_status: outcome ? { category: outcome, date: at('Month') } : null,
          persistent_id: at('Crime ID'),
          id: 1,
          location_subtype: '',
          month: at('Month'),
        };
      });
    });

  test.runIf(canRun)(
    'gives the same incidents as CSV and as the API answers',
    async () => {
      const folder = join(DATA, 'police_uk/gwent');
      const paths = readdirSync(folder)
        .filter((name) => name.endsWith('.csv'))
        .map((name) => join(folder, name));
      const opened = await openFolder();
      const incidents = async () =>
        (
          await opened.store.query(
            'SELECT source, key0, key1, month::VARCHAR AS month, cell, offence, located_by FROM incident ORDER BY source, key0, key1, month',
          )
        ).map(plain);
      await opened.read(paths, 'police-uk-csv');
      const csv = await incidents();
      const answer = join(opened.folder, 'answer.json');
      writeFileSync(answer, JSON.stringify(asAnswer(paths)));
      const settings = opened.partnership.settings;
      Object.assign(settings, {
        sources: [{ ...settings.sources[0], id: 'police-uk-csv', profile: 'police-uk-json', headers: {} }],
      });
      const { sources, failures } = await opened.read([answer], 'police-uk-csv');
      expect(failures).toEqual([]);
      expect(csv.length).toBeGreaterThan(1000);
      const { read, accepted, corrected } = sources['police-uk-csv'] ?? {};
      // Nothing is new: the answers tell no statistical area, so that each is a correction and says the same else.
      expect([accepted, corrected]).toEqual([accepted, accepted]);
      expect(read).toBeGreaterThan(csv.length);
      expect(await incidents()).toEqual(csv);
    },
    60_000,
  );

  test.runIf(canRun)('answers as the service gave them are read', async () => {
    const opened = await openFolder();
    const folder = join(DATA, 'police_uk/api_json');
    for (const name of readdirSync(folder)) {
      const objects = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { category: string }[];
      const violent = objects.filter(({ category }) => category === 'violent-crime').length;
      const { sources, failures } = await opened.read([join(folder, name)], 'police-uk-json');
      expect(failures).toEqual([]);
      const summary = sources['police-uk-json'];
      expect(summary?.read).toBe(objects.length);
      expect((summary?.accepted ?? 0) + (summary?.duplicate ?? 0)).toBe(violent);
    }
  });

  const bad: [what: string, text: string][] = [
    ['no list', '{"month":"2025-08"}'],
    ['a list that breaks off', '[{"month":"2025-08","persistent_id":"a"'],
    ['text', 'Quillfeather'],
    ['an object that is none', '[{"month":Quillfeather}]'],
    ['what goes on after the list', '[{"month":"2025-08"}] []'],
    ['an object without end', `[{"a":"${'x'.repeat(3 << 20)}`],
    ['brackets without end', `[${'{"a":['.repeat(100_000)}`],
  ];
  for (const [what, text] of bad) {
    test(`${what} in the place of an answer is refused in our words`, async () => {
      const opened = await openFolder();
      const path = join(opened.folder, 'bad.json');
      writeFileSync(path, text);
      const { failures } = await opened.read([path], 'police-uk-json');
      expect(failures[0]?.message).toMatch(/list of objects|the objects lack|more than 1 MB/);
      expect(failures[0]?.message).not.toContain('Quillfeather');
    });
  }
});
