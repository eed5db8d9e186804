/** Where the rows of a gazetteer are, and which lie near or within which. */
import { levelOf, type Place, type PlaceLevel } from '../../schemas/gazetteer.ts';
import { metresBetween, type Point } from '../gazetteer/metres.ts';

export interface PlaceMap {
  readonly places: readonly MappedPlace[];
  readonly levels: readonly PlaceLevel[];
  readonly points: readonly (readonly Point[])[];
  readonly areaNumbers: ReadonlyMap<string, number>;
  readonly streetNumbers: ReadonlyMap<string, number>;
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
  const points = places.map((place) =>
    place.points && place.points.length > 0 ? place.points.map(([lat, lng]) => ({ lat, lng })) : [place],
  );
  const numbersOf = (level: PlaceLevel) =>
    new Map(places.flatMap(({ id }, i) => (levels[i] === level ? [[id, i] as const] : [])));
  return {
    places,
    levels,
    points,
    areaNumbers: numbersOf('area'),
    streetNumbers: numbersOf('street'),
    isCompact: places.map((place, i) =>
      (points[i] as readonly Point[]).every((point) => metresBetween(point, place) <= LONG_STREET_METRES),
    ),
  };
}

/** Metres between two rows: of streets, between their nearest points. */
export function metresApart(map: PlaceMap, a: number, b: number): number {
  return metresTo(map, a, map.points[b] as readonly Point[]);
}

/** Metres from a row to the nearest of some points. */
export function metresTo(map: PlaceMap, a: number, points: readonly Point[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const p of map.points[a] as readonly Point[]) {
    for (const q of points) least = Math.min(least, metresBetween(p, q));
  }
  return least;
}

/** Metres by which a row lies outside an area; 0 within. */
export function metresOutside(map: PlaceMap, place: number, area: number): number {
  const row = map.places[area] as MappedPlace;
  if ((map.places[place] as MappedPlace).areas?.includes(row.id)) return 0;
  const far = metresTo(map, place, [row]);
  return Math.max(0, far - radiusOf(row));
}

export const radiusOf = ({ radius }: Place): number => radius ?? SUBURB_METRES;

/** The middle of the two points at which two rows come nearest to each other. */
export function meetingPoint(map: PlaceMap, a: number, b: number): Point {
  let best = { lat: Number.NaN, lng: Number.NaN };
  let least = Number.POSITIVE_INFINITY;
  for (const p of map.points[a] as readonly Point[]) {
    for (const q of map.points[b] as readonly Point[]) {
      const metres = metresBetween(p, q);
      if (metres >= least) continue;
      least = metres;
      best = { lat: (p.lat + q.lat) / 2, lng: (p.lng + q.lng) / 2 };
    }
  }
  return best;
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
