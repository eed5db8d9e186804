import { describe, expect, test } from 'vitest';
import { levelOf, type Place } from '../../../schemas/gazetteer.ts';
import { partsOfAddress } from '../../../transform/gazetteer/address.ts';
import { type Business, buildGazetteer } from '../../../transform/gazetteer/build-gazetteer.ts';
import { kindOfBusiness } from '../../../transform/gazetteer/business-kinds.ts';
import { findDuplicates } from '../../../transform/gazetteer/find-duplicates.ts';
import { mergeGazetteers } from '../../../transform/gazetteer/merge-gazetteers.ts';
import { cardiffGazetteer, hasCardiffLists } from '../../cardiff-lists.ts';

describe('an address line is taken apart', () => {
  const streets = new Set(['penarth road', 'heol y deri']);
  test.each([
    ['12 Church Street', '', '12', 'Church Street'],
    ['Elgin House, 106 - 107 St Mary Street', 'Elgin House', '106 - 107', 'St Mary Street'],
    ['Admiral Napier Hotel, 239 Cowbridge Road East', 'Admiral Napier Hotel', '239', 'Cowbridge Road East'],
    ['Sleeperz Hotel Saunders Road', 'Sleeperz Hotel', '', 'Saunders Road'],
    ['Marriot House Penarth Road', 'Marriot House', '', 'Penarth Road'],
    ['Deri Inn Heol y Deri', 'Deri Inn', '', 'Heol y Deri'],
    [
      'Unit 6, The Old Brewery Quarter St Mary Street',
      'Unit 6, The Old Brewery Quarter',
      '',
      'St Mary Street',
    ],
    ['Stall 82 To 86 Even, Central Market', 'Stall 82 To 86 Even, Central Market', '', ''],
    ['Blue Anchor Inn', 'Blue Anchor Inn', '', ''],
  ])('%s', (line, building, number, street) => {
    expect(partsOfAddress(line, streets)).toEqual({ building, number, street });
  });
});

test('what may be a home is no public place, whatever its type', () => {
  expect(kindOfBusiness('Hospitals/Childcare/Caring Premises', 'Cadoc House', '')).toBeUndefined();
  expect(kindOfBusiness('Hospitals/Childcare/Caring Premises', 'Waverley Care Home', '')).toBeUndefined();
  expect(kindOfBusiness('Other catering premises', 'Mrs Jane Hunt', '')).toBeUndefined();
  expect(kindOfBusiness('Mobile caterer', 'Burger Van', '')).toBeUndefined();
  expect(kindOfBusiness('Restaurant/Cafe/Canteen', 'Cafe', 'Talybont Student Halls')).toBeUndefined();
  expect(kindOfBusiness('Hospitals/Childcare/Caring Premises', 'St Davids Hospital', '')).toBe('public');
  expect(kindOfBusiness('Pub/bar/nightclub', 'The Cricketers', 'Managers Flat, The Cricketers')).toBe(
    'licensed',
  );
});

const business = (
  id: string,
  name: string,
  line: string,
  postcode: string,
  lat = 51.48,
  lng = -3.18,
): Business => ({
  id,
  name,
  type: 'Pub/bar/nightclub',
  address: [line, 'Cathays'],
  postcode,
  lat,
  lng,
  register: 'register',
});
const POSTCODES = [
  { postcode: 'CF101AA', lat: 51.48, lng: -3.18, ward: 'W1' },
  { postcode: 'CF101AB', lat: 51.481, lng: -3.18, ward: 'W1' },
];
const AREAS = [
  {
    id: 'W1',
    name: 'Cathays',
    aliases: ['Cathays Gymraeg'],
    polygons: [
      [
        [
          [-3.2, 51.4],
          [-3.1, 51.4],
          [-3.1, 51.5],
          [-3.2, 51.5],
          [-3.2, 51.4],
        ],
      ],
    ] as [number, number][][][],
    provenance: 'wards',
  },
];
const build = (businesses: Business[]) => buildGazetteer({ businesses, postcodes: POSTCODES, areas: AREAS });
const ofLevel = (places: readonly Place[], level: string) =>
  places.filter((place) => levelOf(place) === level);

test('places, streets, areas and postcodes come with where they are from', () => {
  const built = build([business('1', 'The Flora', 'The Flora Hotel, 12 Church Street', 'CF10 1AA')]);
  expect(ofLevel(built, 'place')).toEqual([
    expect.objectContaining({
      id: 'fsa-1',
      name: 'The Flora',
      aliases: ['The Flora Hotel'],
      kind: 'licensed',
      street: 'st-church-street',
      areas: ['W1'],
      postcode: 'CF10 1AA',
      provenance: 'register 1',
    }),
  ]);
  expect(ofLevel(built, 'street').map(({ id, points }) => [id, points])).toEqual([
    ['st-church-street', [[51.48, -3.18]]],
  ]);
  expect(ofLevel(built, 'area').map(({ id, aliases }) => [id, aliases])).toEqual([
    ['W1', ['Cathays Gymraeg']],
  ]);
  expect(ofLevel(built, 'postcode').map(({ id, areas }) => [id, areas])).toEqual([
    ['CF101AA', ['W1']],
    ['CF101AB', ['W1']],
  ]);
});

test('a point far from its postcode is a mistake of the register, as is any without a postcode', () => {
  const built = build([
    business('1', 'A pub', '1 Church Street', 'CF10 1AA', 52.5, -1.9),
    business('2', 'Another pub', '3 Church Street', '', 52.5, -1.9),
    business('3', 'A third', '1 Nowhere Road', '', 52.5, -1.9),
  ]);
  expect(ofLevel(built, 'place').map(({ id, lat }) => [id, lat])).toEqual([
    ['fsa-1', 51.48],
    ['fsa-2', 51.48],
  ]);
});

test('streets of one name that lie apart are several', () => {
  const built = build([
    business('1', 'A pub', '1 Church Street', 'CF10 1AA'),
    business('2', 'Another pub', '2 Church Street', 'CF62 1AA', 51.41, -3.28),
  ]);
  expect(ofLevel(built, 'street').map(({ id }) => id)).toEqual(['st-church-street', 'st-church-street-2']);
});

test('duplicates are neighbours of like names; merging keeps every name', () => {
  const place = (id: string, name: string, lat = 51.48): Place => ({
    ...{ id, name, aliases: [], kind: 'licensed', lat, lng: -3.18, capacity: null },
  });
  const rows = [
    place('a', 'The Flora'),
    place('b', 'Flora Hotel'),
    place('c', 'The Flora', 51.5),
    place('d', 'Gassy Jacks'),
    place('e', 'Gasy Jacks'),
  ]; // "Flora" is part of "Flora Hotel", and the third Flora is two kilometres away.
  expect(findDuplicates(rows).map(({ id, otherId }) => [id, otherId].sort().join())).toEqual(['d,e', 'a,b']);
  expect(
    mergeGazetteers([[place('a', 'The Flora')], [{ ...place('a', 'Flora Hotel'), capacity: 90 }]]),
  ).toEqual([{ ...place('a', 'The Flora'), aliases: ['Flora Hotel'], capacity: 90 }]);
});

test.skipIf(!hasCardiffLists())(
  'the lists of ../shared/data/geography give thousands of places, none with a careless point',
  async () => {
    const built = await cardiffGazetteer();
    expect(ofLevel(built, 'place').length).toBeGreaterThan(3000);
    expect(ofLevel(built, 'street').length).toBeGreaterThan(800);
    expect(ofLevel(built, 'postcode').length).toBeGreaterThan(23_000);
    expect(new Set(built.map(({ id }) => id)).size).toBe(built.length);
    const named = built.filter((place) => levelOf(place) !== 'postcode');
    expect(named.filter(({ lat, lng }) => lat < 51.3 || lat > 51.6 || lng < -3.7 || lng > -3)).toEqual([]);
  },
  60_000,
);
