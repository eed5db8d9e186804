/** Where a text says that it happened, how surely, and why. */
import type { Point } from '../gazetteer/metres.ts';
import type { Candidate } from './find-names.ts';
import { SHORTENED } from './name-variants.ts';
import { type MappedPlace, type PlaceMap, sharedArea } from './place-map.ts';

export type FoundLevel = 'place' | 'junction' | 'street' | 'postcode' | 'sector' | 'area' | 'none';

/** Why a text is placed as it is. */
export const REASONS = [
  'no name',
  'name',
  'other name',
  'former name',
  'misspelt name',
  'part of a name',
  'name and street',
  'name and area',
  'name and postcode',
  'name and another name',
  'two streets',
  'between two names',
  'postcode',
  'postcode sector',
  'area',
  'one of several',
  'names that contradict',
  'elsewhere',
] as const;
export type Reason = (typeof REASONS)[number];

export interface Location {
  readonly level: FoundLevel;
  /** Number of the place or street; -1 where it is none of the gazetteer's. */
  readonly place: number;
  /** The other street of a junction; -1 where there is none. */
  readonly second: number;
  /** NaN where it is not certain to which cell it belongs. */
  readonly point: Point;
  /** Number of the area, where no more is known; -1 otherwise. */
  readonly area: number;
  /** How many places it could be; 1 where it is certain which. */
  readonly among: number;
  /** From 0 to 100. */
  readonly confidence: number;
  readonly reason: Reason;
}

/** The number of a place where a text names none. */
export const NO_PLACE = -1;
export const NO_POINT: Point = { lat: Number.NaN, lng: Number.NaN };
export const NOWHERE: Location = {
  level: 'none',
  place: NO_PLACE,
  second: -1,
  point: NO_POINT,
  area: -1,
  among: 0,
  confidence: 0,
  reason: 'no name',
};

const FORMER = 10;
const PART_OF_NAME = 20;

/** The place or street of one candidate. */
export function located(
  map: PlaceMap,
  { name, cost, slips }: Candidate,
  level: 'place' | 'street',
  day: number,
): Location {
  const row = map.places[name.place] as MappedPlace;
  const isFormer = day > name.until;
  return {
    level,
    place: name.place,
    second: -1,
    point: level === 'place' || map.isCompact[name.place] ? row : NO_POINT,
    area: -1,
    among: 1,
    confidence: Math.max(40, 95 - cost - (isFormer ? FORMER : 0)),
    reason: reasonFor(isFormer, slips, cost, name.isAlias),
  };
}

function reasonFor(isFormer: boolean, slips: number, cost: number, isAlias: boolean): Reason {
  if (isFormer) return 'former name';
  if (slips > 0) return 'misspelt name';
  if (cost >= PART_OF_NAME) return 'part of a name';
  return isAlias ? 'other name' : 'name';
}

/** Ambiguity kept: what all candidates share, a spot, a street, an area, or nothing. */
export function oneOfSeveral(map: PlaceMap, candidates: readonly Candidate[], reason: Reason): Location {
  const rows = [...new Set(candidates.map(({ name }) => name.place))];
  const shared = {
    ...NOWHERE,
    among: rows.length,
    confidence: Math.round(90 / Math.max(1, rows.length)),
    reason,
  };
  const [first] = rows.map((row) => map.places[row] as MappedPlace) as [MappedPlace];
  const isOneCell = rows.every(
    (row) => (map.places[row] as MappedPlace).cell === first.cell && map.isCompact[row] === true,
  );
  const street = map.streetNumbers.get(first.street ?? '') ?? -1;
  const isOneStreet =
    street >= 0 && rows.every((row) => (map.places[row] as MappedPlace).street === first.street);
  if (isOneCell) return { ...shared, level: 'street', place: isOneStreet ? street : -1, point: first };
  if (isOneStreet) {
    const point = map.isCompact[street] ? (map.places[street] as MappedPlace) : NO_POINT;
    return { ...shared, level: 'street', place: street, point };
  }
  // That a text may mean one of several by part of their names does not even say the area.
  const area = candidates.some(({ cost }) => cost < SHORTENED) ? sharedArea(map, rows) : -1;
  return area < 0 ? shared : { ...shared, level: 'area', area };
}
