/** Rows of a gazetteer that are probably one place. */
import { levelOf, type Place } from '../../schemas/gazetteer.ts';
import { editDistance } from '../places/edit-distance.ts';
import { wordsOf } from '../places/words.ts';
import { metresBetween } from './metres.ts';

export interface Duplicate {
  readonly id: string;
  readonly name: string;
  readonly otherId: string;
  readonly otherName: string;
  readonly metres: number;
}

const REACH_METRES = 120;
/** A degree of latitude has 111 km: rows further apart than this need not be compared. */
const REACH_DEGREES = 0.0012;

/** Pairs of places, or of streets, near each other whose names are the same, part of each other, or a slip apart. */
export function findDuplicates(places: readonly Place[]): Duplicate[] {
  const rows = places
    .filter((place) => levelOf(place) === 'place' || levelOf(place) === 'street')
    .map((place) => ({ place, key: wordsOf(place.name).words.join(' ') }))
    .sort((a, b) => a.place.lat - b.place.lat);
  const found: Duplicate[] = [];
  rows.forEach(({ place, key }, i) => {
    for (let j = i + 1; j < rows.length; j++) {
      const other = rows[j] as (typeof rows)[number];
      if (other.place.lat - place.lat > REACH_DEGREES) break;
      if (levelOf(place) !== levelOf(other.place) || !isAlike(key, other.key, levelOf(place) === 'street'))
        continue;
      const metres = Math.round(metresBetween(place, other.place));
      if (metres > REACH_METRES) continue;
      found.push({
        id: place.id,
        name: place.name,
        otherId: other.place.id,
        otherName: other.place.name,
        metres,
      });
    }
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
}

/** A street whose name is part of another's is none of it: David Street, Admiral David Street. */
const isAlike = (a: string, b: string, areStreets: boolean) =>
  a === b ||
  (!areStreets && (` ${a} `.includes(` ${b} `) || ` ${b} `.includes(` ${a} `))) ||
  (a.length > 5 && editDistance(a, b, 1) <= 1);
