import { describe, expect, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import type { Profile } from '../../schemas/profile.ts';
import type { SourceRow } from '../batch-of.ts';
import { ISTV_ROW, RMS_ROW, runDoor } from './door-run.ts';
import type { PlainIncident } from './reference-door.ts';

/** Said outright, whatever the type of place: not located even in a "street". */
const HOMES = [
  "pt's home",
  'pts home address',
  'own home',
  'At Home',
  '@home',
  'HOME',
  'home',
  'athome',
  'h0me',
  'ho\u00adme',
  'ho\u200bme',
  'ＨＯＭＥ',
  'patient’s house',
  "partner's flat",
  'ex partners house',
  "mum's house",
  'his mums',
  'at mums',
  "nan's place",
  'friends house',
  "a friend's bedroom",
  "victim's address",
  'same address',
  'home, 12 Cathays Terrace',
  'Flat 3, St Mary Street',
  'flat b, 12 Queen Street',
  'FLAT12',
  'flt 2 Queen Street',
  'Apt 4 Opera House',
  'top floor flat',
  'block of flats, Queen Street',
  'flat above Walkabout',
  'his flat above Walkabout',
  'at home near Walkabout',
  'Walkabout then home',
  'in her living room',
  'asleep in bed',
  'domestic incident',
  'DV',
  'private address',
  'private party at Opera House',
  'womens refuge',
  'house party',
  'in the house',
  'outside house',
  'lives at Queen Street',
  'gartref',
  'yn ei thŷ',
  'boyfriends gaff',
  'neighbours garden',
  'care home',
  'room in halls of residence',
  'my own back garden',
  'someone elses house',
];
/** May be a home: not located as long as neither the type of place nor another text says that it is public. */
const PERHAPS_HOMES = [
  '65 St Mary Street',
  '12 Cathays Terrace',
  '12a Some Unheard-of Road',
  'Queen Street 12',
  'no 7',
  'number 12b',
  'CF24 4AB',
  'cf244ab',
  'Cathays, CF10 1AA',
  'rose cottage',
  'on the doorstep',
  'front garden',
  'driveway',
  'property',
  'a hostel',
  "Dave's house",
  'student halls',
  'as above',
  'same',
  'in the stairwell',
  'front door',
  'next door',
  'sheltered housing',
  '12 Heol y Deri',
  '4-6 Queen Street',
];
const PUBLIC: readonly [text: string, id: string | null][] = [
  ['The Home Inn', 'home-inn'],
  ['outside home inn', 'home-inn'],
  ['Opera House', 'opera'],
  ['outside Flat Iron pub', 'flat-iron'],
  ['The Flat Iron', 'flat-iron'],
  ['65 St Mary Street, Walkabout', 'walkabout'],
  ['Walkabout, 65 St Mary Street', 'walkabout'],
  ['WALKABOUT', 'walkabout'],
  ['o/s the walkie', 'walkabout'],
  ['St. Mary Street', 'st-mary'],
  ['St Mary St 2am', 'st-mary'],
  ['bute park, near the bridge', 'bute'],
  ['walking home along Queen Street', 'queen'],
  ['on the way home from Walkabout', 'walkabout'],
  ['Garden Bar', 'garden'],
  ['beer garden of Walkabout', 'walkabout'],
  ["Mum's Cafe", 'mums'],
  ["Dempsey's", 'dempsey'],
  ['Dempsey’s', 'dempsey'],
  ['dempseys', 'dempsey'],
  ['UHW', 'heath'],
  ['toilets, Cardiff Central', 'station'],
  ['by the front door of Walkabout', 'walkabout'],
  ['Walkabout CF10 1AA', 'walkabout'],
  ['The Hollies', 'hollies'],
  ['in a taxi', null],
  ['town centre', null],
  ['some pub', null],
  ['bus stop', null],
  ['', null],
  ['the home end of the stadium', null],
  ['10 past 2, outside', null],
  ['place of work', null],
  ['homeless shelter queue', null],
  ['public house', null],
  ['walking past', null],
];

const istvWith = (location_text: string, extra: SourceRow = {}) => ({ ...ISTV_ROW, location_text, ...extra });
const rmsWith = (location_text: string, premises_type: string, extra: SourceRow = {}) => ({
  ...RMS_ROW,
  location_text,
  premises_type,
  ...extra,
});
const isPlaceless = (incident: PlainIncident | undefined) =>
  incident !== undefined &&
  incident.cell === null &&
  incident.place_id === null &&
  incident.located_by === 'none';
/** The texts, by themselves, for which the one row that is made of them is not as it should be. */
const failing = (texts: readonly string[], isRight: (text: string) => boolean) =>
  texts.filter((text) => !isRight(text));

describe('the home gate', () => {
  test('at least 40 ways of saying home are not located, whatever the type of place', () => {
    expect(HOMES.length).toBeGreaterThan(40);
    expect(failing(HOMES, (text) => isPlaceless(runDoor(ISTV, [istvWith(text)]).incidents[0]))).toEqual([]);
    expect(
      failing(HOMES, (text) => isPlaceless(runDoor(POLICE_RMS, [rmsWith(text, 'Street')]).incidents[0])),
    ).toEqual([]);
    const inPremises = (text: string) =>
      runDoor(POLICE_RMS, [rmsWith('Walkabout', 'Bar', { premises: text })]).incidents[0];
    expect(failing(HOMES, (text) => isPlaceless(inPremises(text)))).toEqual([]);
  });

  test('they count as homes', () => {
    expect(
      failing(HOMES, (text) => runDoor(ISTV, [istvWith(text)]).incidents[0]?.place_kind === 'home'),
    ).toEqual([]);
    expect(
      runDoor(
        ISTV,
        HOMES.map((text) => istvWith(text)),
      ).tally.homeGated,
    ).toBe(HOMES.length);
  });

  test('what may be a home is not located unless the type of place says otherwise', () => {
    expect(
      failing(PERHAPS_HOMES, (text) => isPlaceless(runDoor(ISTV, [istvWith(text)]).incidents[0])),
    ).toEqual([]);
    expect(
      failing(PERHAPS_HOMES, (text) =>
        isPlaceless(runDoor(POLICE_RMS, [rmsWith(text, 'Other')]).incidents[0]),
      ),
    ).toEqual([]);
    const licensed = (text: string) => runDoor(POLICE_RMS, [rmsWith(text, 'Licensed premises')]).incidents[0];
    expect(failing(PERHAPS_HOMES, (text) => licensed(text)?.located_by === 'coordinates')).toEqual([]);
  });

  test('what may be a home is located where another text names a public place, in either order', () => {
    const [a, b] = runDoor(POLICE_RMS, [
      rmsWith('65 St Mary Street', 'Other', { premises: 'Walkabout' }),
      rmsWith('Walkabout', 'Other', { premises: '65 St Mary Street' }),
    ]).incidents;
    expect([a?.place_id, b?.place_id]).toEqual(['walkabout', 'walkabout']);
    expect(a?.located_by).toBe('coordinates');
  });

  test('at least 25 public places are located', () => {
    expect(PUBLIC.length).toBeGreaterThan(25);
    const wrong = PUBLIC.filter(([text, id]) => {
      const [incident] = runDoor(ISTV, [istvWith(text)]).incidents;
      return incident?.located_by !== 'coordinates' || incident.place_id !== id;
    });
    expect(wrong.map(([text]) => text)).toEqual([]);
  });

  test('a named public place stands in for missing coordinates', () => {
    const named = PUBLIC.filter(([, id]) => id !== null);
    const levelOf = (text: string) =>
      runDoor(ISTV, [istvWith(text, { latitude: '', longitude: '' })]).incidents[0]?.located_by;
    const isStreet = (id: string | null) => id === 'st-mary' || id === 'queen';
    const wrong = named.filter(([text, id]) => levelOf(text) !== (isStreet(id) ? 'street' : 'place'));
    expect(wrong.map(([text]) => text)).toEqual([]);
  });

  const types: [what: string, profile: Profile, row: SourceRow, located: boolean][] = [
    ['type 01', ISTV, { ...ISTV_ROW, location_type: '01', location_text: 'Walkabout' }, false],
    ['type 1', ISTV, { ...ISTV_ROW, location_type: '1', location_text: 'Walkabout' }, false],
    ['type 01 with spaces', ISTV, { ...ISTV_ROW, location_type: ' 01 ' }, false],
    ['a type that no list explains', ISTV, { ...ISTV_ROW, location_type: 'Home/Private' }, false],
    ['type 01 in wide digits', ISTV, { ...ISTV_ROW, location_type: '０１' }, false],
    ['type 02', ISTV, { ...ISTV_ROW, location_type: '02' }, true],
    ['a dwelling', POLICE_RMS, { ...RMS_ROW, premises_type: 'DWELLING' }, false],
    [
      'premises that no list explains',
      POLICE_RMS,
      { ...RMS_ROW, premises_type: 'Dwelling - semi-detached' },
      false,
    ],
    ['a domestic incident in the street', POLICE_RMS, { ...RMS_ROW, domestic: 'Y' }, false],
    ['a domestic mark that no list explains', POLICE_RMS, { ...RMS_ROW, domestic: 'DA' }, false],
    ['a street', POLICE_RMS, RMS_ROW, true],
  ];
  for (const [what, profile, row, located] of types) {
    test(`${what} is ${located ? '' : 'not '}located`, () => {
      expect(isPlaceless(runDoor(profile, [row]).incidents[0])).toBe(!located);
    });
  }

  test('codes that no list explains are counted', () => {
    const { tally } = runDoor(POLICE_RMS, [
      { ...RMS_ROW, premises_type: 'Yurt', domestic: 'DA', victim_sex: 'woman' },
    ]);
    expect(tally.unmapped).toEqual({ premises_type: 1, domestic: 1, victim_sex: 1 });
  });
});
