/** Records that do not tell whether they were at a home: none of them has a place that nothing public is known of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AMBULANCE } from '../../schemas/ambulance.ts';
import type { Profile } from '../../schemas/profile.ts';
import { ProfileSettings, profileFromSettings } from '../../schemas/profile-settings.ts';
import { openDoor } from '../../transform/door.ts';
import { gridToDegrees } from '../../transform/national-grid.ts';
import { placeAtPoint } from '../../transform/places/places-at.ts';
import type { SourceRow } from '../batch-of.ts';
import { runDoor, settingsFor } from './door-run.ts';

/** Where all public places of the small town are. */
const TOWN = { lat: 51.479, lng: -3.178 };
const METRE = 1 / 111_195;

const call = (lat: number, lng: number, more: SourceRow = {}): SourceRow => ({
  call_at: '2025-09-06T23:15:00',
  category: 'Assault',
  latitude: lat.toFixed(7),
  longitude: lng.toFixed(7),
  ...more,
});
const north = (metres: number, more: SourceRow = {}) => call(TOWN.lat + metres * METRE, TOWN.lng, more);

const NO_PLACE_AT_ALL = { cell: null, located_by: 'none', place_id: null, area_code: null };
const TOLD: Profile = { ...AMBULANCE, placeTypes: { street: 'street', dwelling: 'home', pub: 'licensed' } };

function one(row: SourceRow, profile: Profile = AMBULANCE) {
  const { incidents, tally } = runDoor(profile, [row]);
  expect(tally.passed).toBe(1);
  return { incident: incidents[0], flagged: tally.flagged };
}

describe('an ambulance called to nobody knows what kind of place', () => {
  test('is not mapped, keeps its kind unknown, and is counted', () => {
    expect(one(north(400))).toMatchObject({
      incident: { ...NO_PLACE_AT_ALL, place_kind: 'unknown' },
      flagged: { 'could be a home': 1 },
    });
  });

  test('wherever its point is, in degrees or on the grid, but at a public place', () => {
    const away = fc.double({ min: 21, max: 5000, noNaN: true });
    const turn = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
    fc.assert(
      fc.property(away, turn, (metres, angle) => {
        const lat = TOWN.lat + metres * Math.cos(angle) * METRE;
        const lng = TOWN.lng + (metres * Math.sin(angle) * METRE) / Math.cos((TOWN.lat * Math.PI) / 180);
        expect(one(call(lat, lng)).incident).toMatchObject(NO_PLACE_AT_ALL);
      }),
      { numRuns: 300, seed: 3 },
    );
    const [easting, northing] = [318_350, 176_950];
    const [lng, lat] = gridToDegrees(easting, northing);
    expect(Math.hypot((lat - TOWN.lat) / METRE, (lng - TOWN.lng) / METRE)).toBeGreaterThan(100);
    const grid = { latitude: '', longitude: '', easting: `${easting}`, northing: `${northing}` };
    expect(one(north(0, grid))).toMatchObject({
      incident: NO_PLACE_AT_ALL,
      flagged: { 'could be a home': 1 },
    });
  });

  test('is mapped as the public place that it was at', () => {
    const door = openDoor(settingsFor(AMBULANCE), 1);
    const at = door.placesAt && placeAtPoint(door.placesAt, TOWN.lat, TOWN.lng);
    expect(at).toBe(0);
    for (const metres of [0, 19, -19])
      expect(one(north(metres))).toEqual({
        incident: expect.objectContaining({
          located_by: 'place',
          place_id: 'walkabout',
          place_kind: 'licensed',
        }),
        flagged: {},
      });
    for (const metres of [21, -21]) expect(one(north(metres)).incident).toMatchObject(NO_PLACE_AT_ALL);
  });

  test('is mapped at the place that its text names, not at its point', () => {
    const { incident } = one(north(3000, { location_text: 'outside Walkabout' }));
    expect(incident).toMatchObject({ located_by: 'place', place_id: 'walkabout' });
    expect(incident?.cell).toBe(one(north(0)).incident?.cell);
  });

  test.each([
    'at home',
    'flat above Walkabout',
    '12 Queen Street',
    'Queen Street',
    'pts home near Walkabout',
  ])('with the text "%s" it is mapped nowhere', (location_text) => {
    expect(one(north(400, { location_text })).incident).toMatchObject(NO_PLACE_AT_ALL);
  });

  test.each(['at home', 'flat above Walkabout', '12 Queen Street'])(
    'with the text "%s" not even at the point of a public place',
    (location_text) => {
      expect(one(north(0, { location_text })).incident).toMatchObject(NO_PLACE_AT_ALL);
    },
  );

  test('at the hospital itself it is not mapped there', () => {
    const door = { ownPoints: [{ ...TOWN, metres: 50 }] };
    const { incidents, tally } = runDoor(AMBULANCE, [north(0)], [], door);
    expect(incidents[0]).toMatchObject(NO_PLACE_AT_ALL);
    expect(tally.flagged).toEqual({ 'where the supplier itself is': 1 });
  });
});

describe('an ambulance service whose column tells public from private places', () => {
  test('is mapped at its points where it was public', () => {
    const { incident, flagged } = one(north(400, { place_type: 'Street' }), TOLD);
    expect(incident).toMatchObject({ located_by: 'coordinates', place_kind: 'street' });
    expect(flagged).toEqual({});
  });

  test.each([
    ['a home', 'dwelling', 'home', {}],
    ['a value that is not listed', 'bungalow', 'unknown', { 'could be a home': 1 }],
    ['no value', '', 'unknown', { 'could be a home': 1 }],
  ])('is not mapped at %s', (_, place_type, place_kind, flagged) => {
    expect(one(north(400, { place_type }), TOLD)).toMatchObject({
      incident: { ...NO_PLACE_AT_ALL, place_kind },
      flagged,
    });
  });

  test('is not mapped at a home that has the point or the text of a public place', () => {
    for (const more of [{}, { location_text: 'Walkabout' }])
      expect(one(north(0, { place_type: 'dwelling', ...more }), TOLD).incident).toMatchObject({
        ...NO_PLACE_AT_ALL,
        place_kind: 'home',
      });
  });
});

test('a source described without a kind of place is mapped where a text names a public place alone', () => {
  const profile = profileFromSettings(
    'own',
    ProfileSettings.parse({
      title: 'Own',
      kind: 'emergency department',
      columns: { occurred: 'WHEN', place_text: 'WHERE', latitude: 'LAT', longitude: 'LNG' },
    }),
  );
  const row = (place_text: string): SourceRow => ({
    occurred: '2025-09-06T23:15:00',
    place_text,
    latitude: '51.480',
    longitude: '-3.178',
  });
  for (const text of ['', 'Queen Street', '12 Queen Street', 'somewhere'])
    expect(one(row(text), profile)).toMatchObject({
      incident: NO_PLACE_AT_ALL,
      flagged: { 'could be a home': 1 },
    });
  expect(one(row('Walkabout'), profile).incident).toMatchObject({ place_id: 'walkabout' });
});
