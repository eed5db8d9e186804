/** Where the rows of a gazetteer are, and which lie near or within which. */
import { levelOf, type Place, type PlaceLevel } from '../../schemas/gazetteer.ts';
import { metresBetween, middleOf, onPlane, type Point } from '../gazetteer/metres.ts';
import { wordsOf } from './words.ts';

export interface PlaceMap {
  readonly places: readonly MappedPlace[];
  readonly levels: readonly PlaceLevel[];
  /** Points of each row, several of a street, as metres east and north of a middle: x, y, x, y … */
  readonly points: readonly Float64Array[];
  readonly middle: Point;
  readonly areaNumbers: ReadonlyMap<string, number>;
  readonly streetNumbers: ReadonlyMap<string, number>;
  /** First word of each name, by which two rows at one spot are known as one. */
  readonly firstWords: readonly string[];
  /** Whether the point of a row stands for all of it: not of a long street. */
  readonly isCompact: readonly boolean[];
}

export type MappedPlace = Place & { readonly cell: bigint };

/** An area without a radius is a suburb. */
const SUBURB_METRES = 1200;
/** A street whose points are further apart is known, but where on it is not. */
const LONG_STREET_METRES = 450;

export function createPlaceMap(places: readonly MappedPlace[]): PlaceMap {
  const levels = places.map(levelOf);
  const near = places.filter((_, i) => levels[i] !== 'elsewhere');
  const middle = middleOf(near.length > 0 ? near : [{ lat: 0, lng: 0 }]);
  const points = places.map(({ points: along, lat, lng }) =>
    Float64Array.from(
      (along && along.length > 0 ? along : [[lat, lng]]).flatMap(([a = 0, b = 0]) =>
        onPlane(middle, { lat: a, lng: b }),
      ),
    ),
  );
  const numbersOf = (level: PlaceLevel) =>
    new Map(places.flatMap(({ id }, i) => (levels[i] === level ? [[id, i] as const] : [])));
  return {
    places,
    levels,
    points,
    middle,
    areaNumbers: numbersOf('area'),
    streetNumbers: numbersOf('street'),
    firstWords: places.map(({ name }) => wordsOf(name).words[0] ?? ''),
    isCompact: places.map(
      (place, i) => farthest(points[i] as Float64Array, onPlane(middle, place)) <= LONG_STREET_METRES,
    ),
  };
}

/** Metres between two rows: of streets, between their nearest points. */
export const metresApart = (map: PlaceMap, a: number, b: number): number =>
  nearest(map.points[a] as Float64Array, map.points[b] as Float64Array);

/** Metres from a row to a point. */
export const metresTo = (map: PlaceMap, a: number, point: Point): number =>
  nearest(map.points[a] as Float64Array, Float64Array.from(onPlane(map.middle, point)));

function nearest(a: Float64Array, b: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i += 2) {
    for (let j = 0; j < b.length; j += 2) {
      const east = (a[i] as number) - (b[j] as number);
      const north = (a[i + 1] as number) - (b[j + 1] as number);
      const square = east * east + north * north;
      if (square < least) least = square;
    }
  }
  return Math.sqrt(least);
}

function farthest(points: Float64Array, [x, y]: readonly [number, number]): number {
  let most = 0;
  for (let i = 0; i < points.length; i += 2)
    most = Math.max(most, Math.hypot((points[i] as number) - x, (points[i + 1] as number) - y));
  return most;
}

/** Metres by which a row lies outside an area; 0 within. */
export function metresOutside(map: PlaceMap, place: number, area: number): number {
  const row = map.places[area] as MappedPlace;
  if ((map.places[place] as MappedPlace).areas?.includes(row.id)) return 0;
  const far = metresApart(map, place, area);
  return Math.max(0, far - radiusOf(row));
}

export const radiusOf = ({ radius }: Place): number => radius ?? SUBURB_METRES;

/** The middle of the two points at which two rows come nearest to each other. */
export function meetingPoint(map: PlaceMap, a: number, b: number): Point {
  const [one, other] = [pointsOf(map, a), pointsOf(map, b)];
  let best = { lat: Number.NaN, lng: Number.NaN };
  let least = Number.POSITIVE_INFINITY;
  for (const p of one) {
    for (const q of other) {
      const metres = metresBetween(p, q);
      if (metres >= least) continue;
      least = metres;
      best = { lat: (p.lat + q.lat) / 2, lng: (p.lng + q.lng) / 2 };
    }
  }
  return best;
}

function pointsOf({ places }: PlaceMap, row: number): Point[] {
  const { points = [], lat, lng } = places[row] as MappedPlace;
  return points.length > 0 ? points.map(([a, b]) => ({ lat: a, lng: b })) : [{ lat, lng }];
}

/** The smallest area that all rows lie in; -1 where there is none. */
export function sharedArea(map: PlaceMap, rows: readonly number[]): number {
  const [first = [], ...others] = rows.map((row) => (map.places[row] as MappedPlace).areas ?? []);
  return smallestArea(
    map,
    first.filter((id) => others.every((ids) => ids.includes(id))),
  );
}

/** The smallest of some areas, by their ids; -1 where none of them is listed. */
export function smallestArea(map: PlaceMap, ids: readonly string[]): number {
  const rows = ids.flatMap((id) => map.areaNumbers.get(id) ?? []);
  const radius = (row: number) => radiusOf(map.places[row] as MappedPlace);
  return rows.reduce((best, row) => (best < 0 || radius(row) < radius(best) ? row : best), -1);
}
