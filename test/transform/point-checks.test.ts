import { describe, expect, test } from 'vitest';
import { allocateIncidents } from '../../schemas/incident.ts';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import type { Profile } from '../../schemas/profile.ts';
import { emptyTally } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { type DoorSettings, openDoor } from '../../transform/door.ts';
import { cellsWithin } from '../../transform/h3-cell.ts';
import { gridToDegrees } from '../../transform/national-grid.ts';
import { batchOf, type SourceRow } from '../batch-of.ts';
import { ISTV_ROW, RMS_ROW, settingsFor } from './door-run.ts';

function run(profile: Profile, rows: readonly SourceRow[], more: Partial<DoorSettings> = {}) {
  const door = openDoor({ ...settingsFor(profile), ...more }, rows.length);
  const incidents = allocateIncidents(rows.length, door.terms);
  const tally = emptyTally();
  anonymise(door, batchOf(profile, rows), incidents, tally);
  return tally;
}

const at = (lat: number, lng: number, more: SourceRow = {}) => ({
  ...ISTV_ROW,
  latitude: lat.toFixed(6),
  longitude: lng.toFixed(6),
  ...more,
});

describe('a point that is no place of an incident is counted and not mapped', () => {
  test('at 0,0, in degrees and on the grid', () => {
    expect(run(ISTV, [at(0, 0), at(51.479, -3.178)])).toMatchObject({ flagged: { 'at 0,0': 1 }, located: 1 });
    const grid = { ...RMS_ROW, latitude: '', longitude: '', easting: '0', northing: '0' };
    expect(run(POLICE_RMS, [grid])).toMatchObject({ flagged: { 'at 0,0': 1 }, located: 0, passed: 1 });
  });

  test('at the hospital itself, up to the distance that is set', () => {
    const ownPoints = [{ lat: 51.5066, lng: -3.1895, metres: 50 }];
    // 49 m and 51 m to the north; 49 m to the east.
    const rows = [
      at(51.5066, -3.1895),
      at(51.5066 + 49 / 111_195, -3.1895),
      at(51.5066 + 51 / 111_195, -3.1895),
      at(51.5066, -3.1895 + 49 / (111_195 * Math.cos((51.5066 * Math.PI) / 180))),
    ];
    expect(run(ISTV, rows, { ownPoints })).toMatchObject({
      flagged: { 'where the supplier itself is': 3 },
      located: 1,
      passed: 4,
    });
  });

  test('repeated by more than a share of the points, unless the text names the place', () => {
    const spread = Array.from({ length: 80 }, (_, i) => at(51.47 + i / 5000, -3.17));
    const same = (n: number, more: SourceRow = {}) =>
      Array.from({ length: n }, () => at(51.4816, -3.1791, more));
    const flags = (rows: readonly SourceRow[], repeatedShare = 0.25) =>
      run(ISTV, rows, { repeatedShare }).flagged['repeated implausibly often'] ?? 0;
    expect(flags([...spread, ...same(26)])).toBe(0);
    expect(flags([...spread, ...same(31)])).toBe(31);
    expect(flags([...spread, ...same(31)], 1)).toBe(0);
    expect(flags([...spread, ...same(31)], 0.5)).toBe(0);
    expect(flags([...spread, ...same(31, { location_text: 'Walkabout' })])).toBe(0);
    // Thirty are no pattern, whatever their share.
    expect(flags(same(30))).toBe(0);
  });

  test('outside the agreed area it is counted, and stays where it is', () => {
    const square = [
      [-3.2, 51.45],
      [-3.15, 51.45],
      [-3.15, 51.5],
      [-3.2, 51.5],
      [-3.2, 51.45],
    ] as [number, number][];
    const agreed = new Set(cellsWithin([[square]]));
    const tally = run(ISTV, [at(51.479, -3.178), at(51.6, -3.178), at(0, 0)], { agreed });
    expect(tally).toMatchObject({ flagged: { 'outside the agreed area': 1, 'at 0,0': 1 }, located: 2 });
  });
});

/** The points by which the Ordnance Survey checks its transformation OSTN15, from Scilly to Shetland: degrees and metres. */
const SURVEYED: readonly [lat: number, lng: number, easting: number, northing: number][] = [
  [49.9222639, -6.2997775, 91492.1, 11318.8],
  [49.9600614, -5.2030461, 170370.7, 11572.4],
  [50.4388583, -4.1086456, 250359.8, 62016.6],
  [50.5756366, -1.2978228, 449816.4, 75335.9],
  [50.9312794, -1.4505143, 438710.9, 114792.2],
  [51.4007822, -3.5512835, 292184.9, 168003.5],
  [51.3744703, 1.4445473, 639821.8, 169565.9],
  [51.4275474, -2.5440762, 362270.0, 169978.7],
  [51.4893656, -0.1199256, 530625.0, 178388.5],
  [51.858909, -4.3085248, 241124.6, 220332.6],
  [51.8943664, 0.8972433, 599445.6, 225722.8],
  [52.2552938, -2.1545861, 389544.2, 261912.2],
  [52.2516095, -0.9124896, 474336.0, 262047.8],
  [52.7513669, 0.4015355, 562180.5, 319785.0],
  [52.9621911, -1.1974766, 454002.8, 340834.9],
  [53.3448028, -2.6404932, 357455.8, 383290.4],
  [53.4162852, -4.2891807, 247959.0, 393492.9],
  [53.7791103, -3.0404549, 331534.6, 431920.8],
  [53.8002152, -1.6637917, 422242.2, 433818.7],
  [54.0866632, -4.6345217, 227778.3, 468847.4],
  [54.1168514, -0.0777313, 525745.7, 470703.2],
  [54.3291954, -4.3884912, 244780.6, 495254.9],
  [54.8954234, -2.9382774, 339921.1, 556034.8],
  [54.9791227, -1.6165769, 424639.4, 565012.7],
  [55.8539995, -4.2964902, 256340.9, 664697.3],
  [55.9247827, -3.2947922, 319188.4, 670947.5],
  [57.006067, -5.8283669, 167634.2, 797067.1],
  [57.1390252, -2.0485603, 397160.5, 805349.7],
  [57.48625, -4.219264, 267056.8, 846177.0],
  [57.8135184, -8.5785446, 9587.9, 899449.0],
  [58.2126225, -7.5925556, 71713.1, 938516.4],
  [58.5156036, -6.2609146, 151968.7, 966483.8],
  [58.5812046, -3.7263102, 299721.9, 967203.0],
  [59.0374387, -3.21454, 330398.3, 1017347.0],
  [59.0933504, -4.4175767, 261596.8, 1025447.6],
  [59.0967162, -5.8279934, 180862.5, 1029604.1],
  [59.5347079, -1.6251697, 421300.5, 1072147.2],
  [59.8540991, -1.2748691, 440725.1, 1107878.4],
  [60.1330809, -2.0738282, 395999.7, 1138729.0],
];

test('the National Grid becomes WGS84 to within five metres all over Great Britain', () => {
  const metres = SURVEYED.map(([lat, lng, easting, northing]) => {
    const [longitude, latitude] = gridToDegrees(easting, northing);
    return Math.hypot(
      (latitude - lat) * 111_195,
      (longitude - lng) * 111_195 * Math.cos((lat * Math.PI) / 180),
    );
  });
  expect(SURVEYED.length).toBe(39);
  expect(Math.max(...metres)).toBeLessThan(5);
});
