/** Points that are no places of incidents: they are counted by what is wrong with them, and not mapped. */
import type { Door } from './door.ts';
import { NO_PLACE } from './places/location.ts';

/**
 * What can be wrong with where a record is, by its number; 0 is nothing. That it could be a home is said of points and
 * texts alike. The last is mapped all the same, elsewhere.
 */
export const POINT_FLAGS = [
  '',
  'at 0,0',
  'where the supplier itself is',
  'repeated implausibly often',
  'could be a home',
  'outside the agreed area',
] as const;
export const AT_ZERO = POINT_FLAGS.indexOf('at 0,0');
export const COULD_BE_HOME = POINT_FLAGS.indexOf('could be a home');
export const OUTSIDE = POINT_FLAGS.indexOf('outside the agreed area');
export const AT_SUPPLIER = POINT_FLAGS.indexOf('where the supplier itself is');
const REPEATED = POINT_FLAGS.indexOf('repeated implausibly often');

/** Where a supplier is, in degrees, and how far around a point stands for it. */
export interface OwnPoint {
  readonly lat: number;
  readonly lng: number;
  readonly metres: number;
}

const METRES_PER_DEGREE = 111_195;
const RADIANS = Math.PI / 180;
/** Fewer repetitions than this are no pattern, however small the delivery. */
const LEAST_REPETITIONS = 30;

/**
 * Flags the points of live rows that are the supplier's own, or that a larger share of the points of this batch repeat
 * to the metre than the settings allow; a row whose text names a public place may repeat its point. Flagged points become
 * none. A batch holds any month's delivery as a whole, so that memory stays flat without reading a file twice.
 */
export function flagPoints(door: Door, live: number): void {
  const { lat, lng, flag } = door.scratch;
  const { ownPoints = [], repeatedShare = 1 } = door.settings;
  for (const own of ownPoints)
    for (let i = 0; i < live; i++)
      if (isAt(own, lat.values[i] as number, lng.values[i] as number)) flag[i] = AT_SUPPLIER;
  if (repeatedShare < 1) flagRepeated(door, live, repeatedShare);
  for (let i = 0; i < live; i++) if (flag[i] !== 0) lat.values[i] = Number.NaN;
}

/** Whether a point stands for the supplier itself. */
export function isAt(own: OwnPoint, lat: number, lng: number): boolean {
  const north = (lat - own.lat) * METRES_PER_DEGREE;
  const east = (lng - own.lng) * METRES_PER_DEGREE * Math.cos(own.lat * RADIANS);
  return north * north + east * east <= own.metres * own.metres;
}

function flagRepeated(door: Door, live: number, share: number): void {
  const { lat, lng, flag, place, gate, problem, pointKeys, pointCounts } = door.scratch;
  pointCounts.fill(0);
  const mask = pointKeys.length - 1;
  let points = 0;
  let most = 0;
  for (let i = 0; i < live; i++) {
    if (flag[i] !== 0 || gate[i] !== 0 || problem[i] !== 0) continue;
    const key = pointKey(lat.values[i] as number, lng.values[i] as number);
    if (Number.isNaN(key)) continue;
    const slot = slotOf(pointKeys, pointCounts, key, mask);
    pointKeys[slot] = key;
    pointCounts[slot] = (pointCounts[slot] as number) + 1;
    most = Math.max(most, pointCounts[slot] as number);
    points++;
  }
  const limit = Math.max(LEAST_REPETITIONS, share * points);
  if (most <= limit) return;
  for (let i = 0; i < live; i++) {
    const key = pointKey(lat.values[i] as number, lng.values[i] as number);
    if (Number.isNaN(key) || flag[i] !== 0 || place[i] !== NO_PLACE) continue;
    if ((pointCounts[slotOf(pointKeys, pointCounts, key, mask)] as number) > limit) flag[i] = REPEATED;
  }
}

/** Where a key stands in the table, or where it would. */
function slotOf(keys: Float64Array, counts: Int32Array, key: number, mask: number): number {
  let slot = Math.imul(key % 0x7fffffff, 0x9e3779b1) >>> 7;
  slot &= mask;
  while (counts[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask;
  return slot;
}

/** A number for a point to about a metre; NaN for none. */
const pointKey = (lat: number, lng: number): number =>
  Math.round((lat + 90) * 1e5) * 40_000_000 + Math.round((lng + 180) * 1e5);
