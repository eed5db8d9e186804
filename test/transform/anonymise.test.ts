import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { latLngToGrid } from '../../ingest/synth/national-grid.ts';
import { AE_LEGACY, AeLegacyRecord } from '../../schemas/ae-legacy.ts';
import { AMBULANCE, AmbulanceRecord } from '../../schemas/ambulance.ts';
import { ECDS_CSV, ECDS_XML, EcdsRecord } from '../../schemas/ecds.ts';
import { allocateIncidents } from '../../schemas/incident.ts';
import { ISTV, IstvRecord } from '../../schemas/istv.ts';
import { NIBRS, NibrsRecord } from '../../schemas/nibrs.ts';
import { POLICE_RMS, PoliceRmsRecord } from '../../schemas/police-rms.ts';
import { POLICE_UK, POLICE_UK_API, PoliceUkApiRecord, PoliceUkRecord } from '../../schemas/police-uk.ts';
import type { Profile } from '../../schemas/profile.ts';
import { PROFILES } from '../../schemas/profiles.ts';
import { count, emptyTally, total } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { openDoor } from '../../transform/door.ts';
import { gridToDegrees } from '../../transform/national-grid.ts';
import { PROBLEMS } from '../../transform/problems.ts';
import { batchOf, type SourceRow } from '../batch-of.ts';
import { GOOD } from '../canary-planting.ts';
import { ISTV_ROW, inWords, NHS_NUMBER, RMS_ROW, runDoor, settingsFor, TODAY } from './door-run.ts';
import { type Meaning, type PlainIncident, referenceFate } from './reference-door.ts';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  Walkabout: 0,
  'outside the WALKIE!!': 0,
  'St Mary Street': 1,
  '65 St Mary Street, Walkabout': 0,
  '65 St Mary Street': 'perhaps home',
  'CF24 4AB': 'perhaps home',
  "pt's home": 'home',
  'Flat 3, 12 Cathays Terrace': 'home',
  'Walkabout or Dempsey’s': 'one of several',
  'OPERA  HOUSE': 2,
  town: 'nothing',
  'Jenny Quillfeather, 07700 900123': 'nothing',
  '<script>alert(1)</script>': 'nothing',
  "'; DROP TABLE incident; --": 'nothing',
  'The Home Inn': 3,
  '   ': 'nothing',
};
const TEXTS = ['', ...Object.keys(MEANINGS)];
const TIMES = [
  '',
  ' ',
  '2025-09-06T23:15:00',
  '2025-09-06 23:15',
  '2025-09-06T00:00:00',
  '2025-09-06',
  ' 2025-09-07T01:05:59.9 ',
  '2025-09-06T22:15:00Z',
  '2025-09-06T23:30:00+01:00',
  '2025-03-30T01:30:00',
  '2025-03-30T00:30:00',
  '2024-10-27T01:30:00',
  '2024-10-27T03:30:00',
  '2025-10-01T23:59:59',
  '2025-10-02T00:00:00',
  '1995-12-31T23:59:59',
  '1996-01-01T00:00:01',
  '2025-02-29T10:00:00',
  '2024-02-29T10:00:00',
  '06/09/2025 23:15',
  '2025-09-06T24:00:00',
  'yesterday',
  '2025-09-05T21:00:00',
  '2025-09-07T23:15:00',
  '2025-09-16T23:15:00',
  '2025-09-06T23:15:00; DROP',
  '0000-00-00T00:00:00',
  '２０２５-09-06',
];
const LATS = [
  '',
  '51.479',
  '51.4790001',
  ' 51.48',
  '0',
  '0.000000',
  '91',
  '-90',
  '51,48',
  'N/A',
  '5.1479e1',
  'NaN',
  '1e400',
  '-0',
];
const LNGS = ['', '-3.178', '-3.1781', '0', '0.0', '181', '180', '-3,17', 'west', '+3', '-180.0001'];
const EASTINGS = ['', '318350', '318350.5', '0', '-1', '700001', 'ST1876', '700000'];
const NORTHINGS = ['', '176450', '0', '1300001', 'n/a', '1300000', '-0.1'];
const AGES = [
  '',
  '0',
  '10',
  '10.9',
  '11',
  '17',
  '18',
  '30',
  '31',
  '50',
  '51',
  '120',
  '121',
  '-1',
  'forty',
  ' 44 ',
  '1e9',
];
const SEXES_WRITTEN = ['', 'M', 'f', 'Male', 'FEMALE', ' 2 ', '9', 'X', 'woman', '\u00a0M'];

const one = (...values: string[]) => fc.constantFrom(...values);
/** The good value mostly, so that most rows reach the end of the door. */
const mostly = (good: string, ...others: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, { weight: 3, arbitrary: one('', ...others) });
const hostile = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\u001f', ''));

const istvRow = fc.record({
  period_end: mostly('2025-09-30', '2025-12-31', 'soon'),
  site_code: mostly('7A4BV', '7a4bx ', 'RXX01', '7A4BVV'),
  arrival_at: mostly('2025-09-07T01:20:00', ...TIMES),
  assault_at: mostly('2025-09-06T23:15:00', ...TIMES),
  method: mostly('01', '1', '12', ' 24 ', '23', '07', '6.0', 'fist'),
  method_other: hostile,
  location_type: mostly('02', '01', '1', '2', ' 01', 'home', '03', '０１'),
  location_text: one(...TEXTS),
  attendance_id: mostly('A1', 'A2', 'A1 ', ' ', '\u00e9'),
  nhs_number: mostly(
    NHS_NUMBER,
    '9990000042',
    '999-000-0042',
    '9990000043',
    '0000000000',
    '99900000420',
    'unknown',
  ),
  patient_name: hostile,
  age: one(...AGES),
  sex: one(...SEXES_WRITTEN),
  latitude: mostly('51.479', ...LATS),
  longitude: mostly('-3.178', ...LNGS),
});

const rmsRow = fc.record({
  crime_ref: mostly('62A/1/25', ' ', 'x'),
  offence_code: mostly('8N', '105A', ' 8n ', '20A', '28E', '4/3', hostileCode()),
  offence: hostile,
  recorded_at: mostly('2025-09-20T10:00:00', ...TIMES),
  committed_from: mostly('2025-09-06T23:15:00', ...TIMES),
  committed_to: one(...TIMES),
  location_text: one(...TEXTS),
  premises: one(...TEXTS),
  premises_type: mostly('Street', 'Dwelling', 'licensed premises', 'Other', 'semi-detached', 'PUBLIC HOUSE'),
  easting: one(...EASTINGS),
  northing: one(...NORTHINGS),
  latitude: mostly('', ...LATS),
  longitude: mostly('', ...LNGS),
  victim_age: one(...AGES),
  victim_sex: one(...SEXES_WRITTEN),
  domestic: mostly('N', 'Y', 'true', 'maybe', '0'),
});

function hostileCode(): string {
  return "8N'; --";
}

const policeUkRow = fc.record({
  crime_id: mostly('a'.repeat(64), ' '),
  month: mostly(
    '2025-08',
    '2025-8',
    '2025-13',
    '2025-00',
    '1995-12',
    '2026-01',
    '2025-10',
    '08/2025',
    '2025-08-01',
  ),
  longitude: mostly('-3.178', ...LNGS),
  latitude: mostly('51.479', ...LATS),
  lsoa_code: mostly('W01001475', 'w01001475', 'W0100147', 'X01001475', 'W0100147x', 'É0100147'),
  crime_type: mostly(
    'Violence and sexual offences',
    'VIOLENT CRIME',
    'Burglary',
    'violence  and sexual offences',
  ),
});

const AGREEMENTS = [
  ['istv', ISTV, IstvRecord, istvRow, ['7A4BV', '7A4BX']],
  ['istv without sites', ISTV, IstvRecord, istvRow, []],
  ['police', POLICE_RMS, PoliceRmsRecord, rmsRow, []],
  ['police.uk', POLICE_UK, PoliceUkRecord, policeUkRow, []],
] as const;

describe('the batch agrees with a reference that takes one row at a time', () => {
  for (const [name, profile, record, row, sites] of AGREEMENTS) {
    test(name, () => {
      fc.assert(
        fc.property(fc.array(row as fc.Arbitrary<SourceRow>, { minLength: 1, maxLength: 40 }), (rows) => {
          for (const each of rows) record.partial().parse(each);
          const { incidents, tally } = runDoor(profile, rows, [...sites]);
          const expected = referenceRun(profile, rows, sites);
          expect(incidents).toEqual(expected.incidents);
          expect(tally).toEqual({ ...expected.tally, unmapped: tally.unmapped, flagged: tally.flagged });
        }),
        { numRuns: 150, seed: 7 },
      );
    });
  }
});

function referenceRun(profile: Profile, rows: readonly SourceRow[], sites: readonly string[]) {
  const settings = {
    ...settingsFor(profile, [...sites]),
    meaning: (text: string) => MEANINGS[text] ?? 'nothing',
  };
  const tally = emptyTally();
  const incidents: PlainIncident[] = [];
  for (const row of rows) {
    const fate = referenceFate(settings, row);
    tally.read++;
    if (fate.fate !== 'kept') {
      count(tally[fate.fate], fate.field, fate.reason);
      continue;
    }
    const { incident, speaksFor, personalTexts } = fate;
    tally.personalTexts += personalTexts;
    incidents.push(incident);
    tally.passed++;
    if (incident.located_by !== 'none') tally.located++;
    if (incident.place_kind === 'home') tally.homeGated++;
    if (incident.hour_of_week !== null) tally.timeKnown++;
    if (speaksFor <= TODAY) tally.coveredTo = Math.max(tally.coveredTo ?? speaksFor, speaksFor);
  }
  return { incidents, tally };
}

test('a door says the same whatever batches came through it before', () => {
  const rows = fc.sample(istvRow, { numRuns: 300, seed: 3 });
  const whole = runDoor(ISTV, rows).incidents;
  const door = openDoor(settingsFor(ISTV), 64);
  const tally = emptyTally();
  const parts: PlainIncident[] = [];
  for (let at = 0, size = 1; at < rows.length; at += size, size = (size * 7) % 64 || 1) {
    const incidents = allocateIncidents(64, door.terms);
    anonymise(door, batchOf(ISTV, rows.slice(at, at + size)), incidents, tally);
    for (let i = 0; i < incidents.n; i++) parts.push(inWords(incidents, i));
  }
  expect(parts).toEqual(whole);
  expect(tally).toEqual(runDoor(ISTV, rows).tally);
});

const PROBLEM_ROWS: readonly [
  profile: Profile,
  base: SourceRow,
  change: SourceRow,
  field: string,
  reason: string,
][] = [
  [ISTV, ISTV_ROW, { assault_at: ' ' }, 'ASSAULT DATE AND TIME', 'missing'],
  [ISTV, ISTV_ROW, { assault_at: '31/09/2025' }, 'ASSAULT DATE AND TIME', 'not a date'],
  [ISTV, ISTV_ROW, { assault_at: '2025-10-02T00:00:00' }, 'ASSAULT DATE AND TIME', 'in the future'],
  [ISTV, ISTV_ROW, { assault_at: '1995-12-31T23:59:59' }, 'ASSAULT DATE AND TIME', 'before 1996'],
  [ISTV, ISTV_ROW, { assault_at: '2025-09-09T00:00:00' }, 'ASSAULT DATE AND TIME', 'later than it was known'],
  [POLICE_RMS, RMS_ROW, { committed_from: 'x' }, 'committed_from', 'not a date'],
  [POLICE_UK, { crime_type: 'Violent crime' }, { month: '2025-13' }, 'Month', 'not a date'],
  [ISTV, ISTV_ROW, { latitude: 'N51' }, 'LATITUDE', 'not a number'],
  [ISTV, ISTV_ROW, { latitude: '51,479' }, 'LATITUDE', 'a decimal comma'],
  [ISTV, ISTV_ROW, { longitude: '-3,178' }, 'LONGITUDE', 'a decimal comma'],
  [ISTV, ISTV_ROW, { latitude: '-3.178', longitude: '51.479' }, 'LATITUDE', 'swapped with the longitude'],
  [
    ISTV,
    ISTV_ROW,
    { assault_at: '45906.96875' },
    'ASSAULT DATE AND TIME',
    'a serial number of a spreadsheet',
  ],
  [ISTV, ISTV_ROW, { assault_at: '06/09/25 23:15' }, 'ASSAULT DATE AND TIME', 'a year of two digits'],
  [
    { ...ISTV, dates: 'uk' },
    { ...ISTV_ROW, arrival_at: '' },
    { assault_at: '09/16/2025 23:15' },
    'ASSAULT DATE AND TIME',
    'month before day',
  ],
  [
    POLICE_RMS,
    RMS_ROW,
    { latitude: '', longitude: '', easting: '318350,5', northing: '1' },
    'easting',
    'a decimal comma',
  ],
  [
    POLICE_RMS,
    RMS_ROW,
    { latitude: '', longitude: '', easting: '1', northing: '176450,5' },
    'northing',
    'a decimal comma',
  ],
  [ISTV, ISTV_ROW, { latitude: '90.1' }, 'LATITUDE', 'out of range'],
  [ISTV, ISTV_ROW, { latitude: '' }, 'LATITUDE', 'missing'],
  [ISTV, ISTV_ROW, { longitude: 'W3' }, 'LONGITUDE', 'not a number'],
  [ISTV, ISTV_ROW, { longitude: '-180.1' }, 'LONGITUDE', 'out of range'],
  [ISTV, ISTV_ROW, { longitude: '' }, 'LONGITUDE', 'missing'],
  [
    POLICE_RMS,
    RMS_ROW,
    { latitude: '', longitude: '', easting: 'x', northing: '1' },
    'easting',
    'not a number',
  ],
  [
    POLICE_RMS,
    RMS_ROW,
    { latitude: '', longitude: '', easting: '1', northing: 'x' },
    'northing',
    'not a number',
  ],
  [
    POLICE_RMS,
    RMS_ROW,
    { latitude: '', longitude: '', easting: '1', northing: '-1' },
    'easting',
    'not on the National Grid',
  ],
  [ISTV, ISTV_ROW, { site_code: 'RXX01' }, 'SITE CODE (OF TREATMENT)', 'not a listed site'],
  [ISTV, ISTV_ROW, { record_version: 'second' }, 'RECORD VERSION', 'not a number or a time'],
];

describe('a row that cannot be an incident is counted by field and reason', () => {
  for (const [profile, base, change, field, reason] of PROBLEM_ROWS) {
    test(`${profile.id}: ${field}: ${reason}`, () => {
      const sites = profile.id === ISTV.id ? ['7A4BV'] : [];
      const { incidents, tally } = runDoor(profile, [{ ...base, ...change }], sites);
      expect(incidents).toEqual([]);
      expect(tally.rejected).toEqual({ [field]: { [reason]: 1 } });
    });
  }

  test('every reason is in this table', () => {
    const reached = new Set(
      PROBLEM_ROWS.map(([profile, , , field, reason]) => {
        const role = Object.values(profile.fields).find(({ header }) => header === field)?.role as string;
        return `${role.startsWith('occurred') ? 'time' : role}: ${reason}`;
      }),
    );
    expect(
      PROBLEMS.slice(1)
        .map(([role, reason]) => `${role}: ${reason}`)
        .filter((name) => !reached.has(name)),
    ).toEqual([]);
  });

  test('what is wrong with the point of a home does not matter', () => {
    const { tally } = runDoor(ISTV, [{ ...ISTV_ROW, location_type: '01', latitude: 'x', longitude: '999' }]);
    expect(total(tally.rejected)).toBe(0);
  });

  test('rows of other offences are left out by class before anything else is read', () => {
    const { tally } = runDoor(POLICE_RMS, [
      { ...RMS_ROW, offence_code: '20A', committed_from: 'x' },
      { ...RMS_ROW, offence_code: '28E' },
      { ...RMS_ROW, offence_code: '' },
    ]);
    expect(tally.excluded).toEqual({ offence_code: { 'sexual offence': 1, 'not listed as violence': 2 } });
    expect(tally.passed).toBe(0);
  });

  test('a sexual offence counts where the settings ask for it, and says what it is', () => {
    const rows = [RMS_ROW, { ...RMS_ROW, crime_ref: 'another', offence_code: '20A' }];
    const { incidents, tally } = runDoor(POLICE_RMS, rows, [], { sexualOffences: true });
    expect(tally.excluded).toEqual({});
    expect(incidents.map(({ offence }) => offence)).toEqual(['violence with injury', 'sexual offence']);
  });
});

test('codes mean the same without their leading zero, in any case, with spaces', () => {
  for (const [written, weapon] of [
    ['01', 'body'],
    ['1', 'body'],
    [' 1', 'body'],
    ['12', 'knife_sharp'],
    ['012', 'unknown'],
    ['001', 'unknown'],
    ['', 'unknown'],
  ]) {
    expect(runDoor(ISTV, [{ ...ISTV_ROW, method: written as string }]).incidents[0]?.weapon).toBe(weapon);
  }
});

test('a person is the same however the NHS number is spaced, in every source, and nobody without a valid one', () => {
  const persons = [
    '999 000 0042',
    '9990000042',
    '999-000-0042',
    '9990000043',
    '',
    'unknown',
    '0000000000',
  ].map((nhs_number) => runDoor(ISTV, [{ ...ISTV_ROW, nhs_number }]).incidents[0]?.person);
  expect(new Set(persons.slice(0, 3)).size).toBe(1);
  expect(persons[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(persons.slice(3)).toEqual([null, null, null, null]);
});

test('a key of spaces is no key, so that rows without one stay apart', () => {
  const { incidents } = runDoor(
    ISTV,
    [1, 2, 3].map((age) => ({ ...ISTV_ROW, attendance_id: '  ', age: `${age}` })),
  );
  expect(incidents.map(({ keyed }) => keyed)).toEqual([false, false, false]);
  expect(new Set(incidents.map(({ key }) => key)).size).toBe(3);
});

test('zeros on the National Grid are no point', () => {
  const [incident] = runDoor(POLICE_RMS, [
    { ...RMS_ROW, latitude: '', longitude: '', easting: '0', northing: '0' },
  ]).incidents;
  expect(incident?.located_by).toBe('none');
});

test('the National Grid and degrees agree to two metres all over South Wales', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 51.3, max: 51.9, noNaN: true }),
      fc.double({ min: -4.3, max: -2.6, noNaN: true }),
      (lat, lng) => {
        const { easting, northing } = latLngToGrid(lat, lng);
        const [longitude, latitude] = gridToDegrees(easting, northing);
        expect(Math.abs(latitude - lat) * 111_000).toBeLessThan(2);
        expect(Math.abs(longitude - lng) * 69_000).toBeLessThan(2);
      },
    ),
    { numRuns: 200, seed: 5 },
  );
});

describe('every field of every profile', () => {
  const records: Readonly<Record<string, { readonly shape: object }>> = {
    [ISTV.id]: IstvRecord,
    [POLICE_RMS.id]: PoliceRmsRecord,
    [POLICE_UK.id]: PoliceUkRecord,
    [POLICE_UK_API.id]: PoliceUkApiRecord,
    [ECDS_CSV.id]: EcdsRecord,
    [ECDS_XML.id]: EcdsRecord,
    [AE_LEGACY.id]: AeLegacyRecord,
    [AMBULANCE.id]: AmbulanceRecord,
    [NIBRS.id]: NibrsRecord,
  };
  for (const profile of Object.values(PROFILES)) {
    test(`${profile.id}: has a decision with a reason, and what needs a role has one`, () => {
      expect(Object.keys(profile.fields).sort()).toEqual(
        Object.keys(records[profile.id]?.shape ?? {}).sort(),
      );
      for (const [name, { header, fate, role, why }] of Object.entries(profile.fields)) {
        expect(header.length * why.length, name).toBeGreaterThan(0);
        if (fate === 'drop') expect(role, name).toBeUndefined();
        else expect(role !== undefined || profile.key.includes(name), name).toBe(true);
      }
      for (const name of profile.key) expect(profile.fields[name]?.fate, name).not.toBe('drop');
    });

    test(`${profile.id}: no field that is dropped changes anything`, () => {
      const base = { ...GOOD[profile.id], ...(profile.id === ISTV.id ? ISTV_ROW : {}) };
      const dropped = Object.entries(profile.fields).filter(([, { fate }]) => fate === 'drop');
      const changed = Object.fromEntries(dropped.map(([name]) => [name, 'Quillfeather']));
      expect(runDoor(profile, [{ ...base, ...changed }])).toEqual(runDoor(profile, [base]));
    });
  }
});

test('nothing depends on the time zone of the machine', () => {
  const rows = fc.sample(rmsRow, { numRuns: 400, seed: 9 });
  const answers = ['UTC', 'Pacific/Auckland', 'America/St_Johns'].map((zone) => {
    vi.stubEnv('TZ', zone);
    try {
      return { offset: new Date(0).getTimezoneOffset(), answer: runDoor(POLICE_RMS, rows) };
    } finally {
      vi.unstubAllEnvs();
    }
  });
  expect(new Set(answers.map(({ offset }) => offset)).size).toBe(3);
  for (const { answer } of answers) expect(answer).toEqual(answers[0]?.answer);
});
