/** What lies at a point: the named public places of a gazetteer by where they are, as quick to ask as a table. */
import { levelOf } from '../../schemas/gazetteer.ts';
import { metresBetween } from '../gazetteer/metres.ts';
import { NO_PLACE } from './location.ts';
import type { MappedPlace } from './place-map.ts';

/** Rows of a gazetteer by squares of the map; squares are wider than the reach everywhere but at the poles. */
export interface PlacesAt {
  readonly places: readonly MappedPlace[];
  readonly squares: ReadonlyMap<number, readonly number[]>;
}

/** A point so near to a place is at it: about as exact as a telephone's or an address's point is. */
export const AT_PLACE_METRES = 20;
const SQUARES_PER_DEGREE = 1500;
const COLUMNS = 1_000_000;

const squareOf = (lat: number, lng: number): number =>
  Math.floor((lat + 90) * SQUARES_PER_DEGREE) * COLUMNS + Math.floor((lng + 180) * SQUARES_PER_DEGREE);

/** Prepares the look-up of places with a door; streets and areas lie at no point. */
export function createPlacesAt(places: readonly MappedPlace[]): PlacesAt {
  const squares = new Map<number, number[]>();
  places.forEach((place, row) => {
    if (levelOf(place) !== 'place') return;
    const square = squareOf(place.lat, place.lng);
    const rows = squares.get(square) ?? [];
    squares.set(square, rows);
    rows.push(row);
  });
  return { places, squares };
}

/** The number of the place within AT_PLACE_METRES that is nearest to a point; NO_PLACE where there is none, or no point. */
export function placeAtPoint({ places, squares }: PlacesAt, lat: number, lng: number): number {
  if (!(Math.abs(lat) <= 90 && Math.abs(lng) <= 180)) return NO_PLACE;
  const middle = squareOf(lat, lng);
  let nearest = NO_PLACE;
  let least = AT_PLACE_METRES;
  for (let north = -1; north <= 1; north++) {
    for (let east = -1; east <= 1; east++) {
      for (const row of squares.get(middle + north * COLUMNS + east) ?? []) {
        const metres = metresBetween(places[row] as MappedPlace, { lat, lng });
        if (metres > least || (metres === least && nearest !== NO_PLACE)) continue;
        nearest = row;
        least = metres;
      }
    }
  }
  return nearest;
}
