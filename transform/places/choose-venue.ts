/** The place with a door that a text speaks of. */
import { isBetween } from './cues.ts';
import type { Candidate } from './find-names.ts';
import { type Location, located, NO_POINT, NOWHERE, oneOfSeveral } from './location.ts';
import { costOf, NEXT_TO_METRES, ON_STREET_METRES, type Part, type Parts, STRETCH_METRES } from './parts.ts';
import { type MappedPlace, meetingPoint, metresApart, metresOutside, type PlaceMap } from './place-map.ts';

const BETWEEN_METRES = 330;
const CLEARLY = 10;
/** What lies in a park or a shopping centre may be so far from its middle. */
const WITHIN_METRES = 1000;

/** The place where it happened, or what the places that it may be share; undefined where the text names none. */
export function chooseVenue(
  map: PlaceMap,
  words: readonly string[],
  { places }: Parts,
  areas: readonly number[],
  street: Location | undefined,
  day: number,
): Location | undefined {
  const inReach = (part: Part) => ({
    ...part,
    candidates: part.candidates.filter(({ name }) => isInAreas(map, name.place, areas)),
  });
  const usable = places.map(inReach).filter(({ candidates }) => candidates.length > 0);
  if (usable.length === 0) return undefined;
  const least = Math.min(...usable.map(costOf));
  const likely = usable.filter((part) => costOf(part) < least + CLEARLY);
  const [a, b] = likely as [Part, Part | undefined];
  if (b && isBetween(words)) return between(map, a, b);
  const here = likely.filter(({ cue }) => cue === 'at');
  const [first, second] = (here.length > 0 ? here : likely) as [Part, Part | undefined];
  if (!second) return single(map, first, street, day);
  return oneOfTwo(map, first, second, day) ?? either(map, [first, second]);
}

const either = (map: PlaceMap, parts: readonly Part[]): Location =>
  oneOfSeveral(
    map,
    parts.flatMap(({ candidates }) => candidates),
    'names that contradict',
  );

/** Of two names at one spot the first, or the one that lies within the other: a shop, not the arcade that it is in. */
function oneOfTwo(map: PlaceMap, first: Part, second: Part, day: number): Location | undefined {
  const row = ({ name }: Candidate) => map.places[name.place] as MappedPlace;
  const isWide = (candidate: Candidate) =>
    row(candidate).kind === 'park' || row(candidate).id.startsWith('b-');
  for (const a of first.candidates) {
    for (const b of second.candidates) {
      const reach = isWide(a) || isWide(b) ? WITHIN_METRES : NEXT_TO_METRES;
      if (metresApart(map, a.name.place, b.name.place) > reach) continue;
      const inner = isWide(a) && !isWide(b) ? b : a;
      return { ...located(map, inner, 'place', day), reason: 'name and another name' };
    }
  }
  return undefined;
}

/** A place in an area that the text names, or not far outside it; any where it names none. */
const isInAreas = (map: PlaceMap, place: number, areas: readonly number[]) =>
  areas.every((area) => metresOutside(map, place, area) <= STRETCH_METRES);

function single(map: PlaceMap, { candidates }: Part, street: Location | undefined, day: number): Location {
  const [first] = candidates as [Candidate];
  if (candidates.length === 1) return located(map, first, 'place', day);
  const near =
    street && street.place >= 0
      ? candidates.filter(({ name }) => metresApart(map, name.place, street.place) <= ON_STREET_METRES)
      : [];
  const [only] = near;
  return only && near.length === 1
    ? located(map, only, 'place', day)
    : oneOfSeveral(map, candidates, 'one of several');
}

function between(map: PlaceMap, a: Part, b: Part): Location {
  let best: [Candidate, Candidate] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const one of a.candidates) {
    for (const other of b.candidates) {
      const metres = metresApart(map, one.name.place, other.name.place);
      if (metres < least) [best, least] = [[one, other], metres];
    }
  }
  if (!best) return NOWHERE;
  const [one, other] = best.map(({ name }) => map.places[name.place] as MappedPlace) as [
    MappedPlace,
    MappedPlace,
  ];
  const street = one.street === other.street ? (map.streetNumbers.get(one.street ?? '') ?? -1) : -1;
  if (least > BETWEEN_METRES && street < 0)
    return oneOfSeveral(map, [...a.candidates, ...b.candidates], 'between two names');
  const [{ name: from }, { name: to }] = best;
  const point = least > BETWEEN_METRES ? NO_POINT : meetingPoint(map, from.place, to.place);
  return {
    ...NOWHERE,
    level: 'street',
    place: street,
    point,
    among: 1,
    confidence: 75,
    reason: 'between two names',
  };
}
