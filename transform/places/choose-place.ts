/** Which of the names in a text says where it happened. */
import { metresBetween } from '../gazetteer/metres.ts';
import { chooseStreet } from './choose-street.ts';
import { chooseVenue } from './choose-venue.ts';
import type { Span } from './find-names.ts';
import { type FoundLevel, type Location, NOWHERE, oneOfSeveral, type Reason } from './location.ts';
import {
  costOf,
  narrow,
  ON_STREET_METRES,
  type Part,
  type Parts,
  POSTCODE_METRES,
  sortParts,
} from './parts.ts';
import {
  type MappedPlace,
  metresApart,
  metresOutside,
  type PlaceMap,
  radiusOf,
  sharedArea,
  smallestArea,
} from './place-map.ts';
import type { FoundPostcode } from './postcodes.ts';
import { STREET_WORDS } from './street-words.ts';

const FAR_METRES = 900;
const CLEARLY = 8;

/** Decides where a text happened, from the names and the postcode that were found in it. */
export function choosePlace(
  map: PlaceMap,
  words: readonly string[],
  the: readonly boolean[],
  spans: readonly Span[],
  postcode: FoundPostcode | undefined,
  day: number,
): Location {
  const parts = sortParts(map, words, the, spans, day);
  if (parts.elsewhere.some(({ cue }) => cue === 'at' || cue === 'near'))
    return { ...NOWHERE, reason: 'elsewhere' };
  const areas = parts.areas
    .filter(({ cue }) => cue === 'at' || cue === 'near')
    .flatMap(({ candidates }) => candidates.map(({ name }) => name.place));
  narrow(map, parts, areas, postcode);
  const either = [...parts.places, ...parts.streets];
  if (either.length > 1 && either.some(({ isAlternative }) => isAlternative))
    return oneOfSeveral(
      map,
      either.flatMap(({ candidates }) => candidates),
      'names that contradict',
    );
  const street = chooseStreet(map, words, parts, day);
  const place = isLandmark(parts) ? undefined : chooseVenue(map, words, parts, areas, street, day);
  if (place && !(street && contradicts(map, place, street)))
    return withContext(map, place, parts, street, areas, postcode);
  if (place && street) return settle(map, place, street);
  if (street) return street;
  return postcode ? fromPostcode(map, postcode, areas) : chooseArea(map, parts.areas);
}

/** True where the text's places only say where on a street it was: "City Road, near the Globe". */
const isLandmark = ({ places, streets }: Parts): boolean =>
  places.length > 0 && places.every(({ cue }) => cue !== 'at') && streets.some(({ cue }) => cue === 'at');

/** True where a place and a street that a text names lie apart. */
function contradicts(map: PlaceMap, place: Location, street: Location): boolean {
  if (place.place < 0 || place.level !== 'place') return street.place >= 0;
  return street.place >= 0 && street.among === 1 && metresApart(map, place.place, street.place) > FAR_METRES;
}

/** Of a place and a street that contradict each other, the one that is surer; else what both share. */
function settle(map: PlaceMap, place: Location, street: Location): Location {
  const isKnown = (location: Location) => location.place >= 0 && location.among === 1;
  if (!isKnown(place)) {
    const sure = isKnown(street) ? street : narrower(place, street);
    // One of several on a street: the street is what they share.
    return place.reason === 'one of several' && place.place === sure.place
      ? { ...sure, among: place.among, reason: place.reason }
      : sure;
  }
  if (!isKnown(street)) return place;
  if (place.confidence + CLEARLY < street.confidence) return street;
  if (street.confidence + CLEARLY < place.confidence) return place;
  const area = sharedArea(map, [place.place, street.place]);
  const shared: Location = { ...NOWHERE, among: 2, confidence: 45, reason: 'names that contradict' };
  return area < 0 ? shared : { ...shared, level: 'area', area };
}

const RANK: Readonly<Record<FoundLevel, number>> = {
  place: 6,
  junction: 5,
  street: 4,
  postcode: 3,
  sector: 2,
  area: 1,
  none: 0,
};
const narrower = (a: Location, b: Location): Location => (RANK[b.level] > RANK[a.level] ? b : a);

/** Says what else in the text agrees with the place that was found. */
function withContext(
  map: PlaceMap,
  location: Location,
  parts: Parts,
  street: Location | undefined,
  areas: readonly number[],
  postcode: FoundPostcode | undefined,
): Location {
  if (location.place < 0 || location.level !== 'place') return location;
  const { place } = location;
  const plain = location.reason === 'name' || location.reason === 'other name';
  const agree = (reason: Reason): Location => ({
    ...location,
    confidence: Math.min(99, location.confidence + 4),
    reason: plain && parts.places.length === 1 ? reason : location.reason,
  });
  if (street && street.place >= 0 && metresApart(map, place, street.place) <= ON_STREET_METRES)
    return agree('name and street');
  if (postcode && postcode.unit >= 0 && metresApart(map, place, postcode.unit) <= POSTCODE_METRES)
    return agree('name and postcode');
  if (areas.some((area) => metresOutside(map, place, area) === 0)) return agree('name and area');
  return location;
}

function fromPostcode(
  map: PlaceMap,
  { unit, sector, isDistrict }: FoundPostcode,
  areas: readonly number[],
): Location {
  if (unit >= 0) {
    return {
      ...NOWHERE,
      level: 'postcode',
      point: map.places[unit] as MappedPlace,
      among: 1,
      confidence: 80,
      reason: 'postcode',
    };
  }
  if (areas.length > 0) {
    const area = smallestArea(
      map,
      areas.map((row) => (map.places[row] as MappedPlace).id),
    );
    return { ...NOWHERE, level: 'area', area, among: 1, confidence: 70, reason: 'area' };
  }
  if (!sector || isDistrict) return NOWHERE;
  return {
    ...NOWHERE,
    level: 'sector',
    area: smallestArea(map, sector.areas),
    among: 1,
    confidence: 60,
    reason: 'postcode sector',
  };
}

function chooseArea(map: PlaceMap, parts: readonly Part[]): Location {
  const here = parts.filter(({ cue }) => cue !== 'leaving' && cue !== 'towards');
  const chosen = here.length > 0 ? here : parts;
  const rows = [...new Set(chosen.flatMap(({ candidates }) => candidates.map(({ name }) => name.place)))];
  if (rows.length === 0) return NOWHERE;
  const row = (number: number) => map.places[number] as MappedPlace;
  const smallest = smallestArea(
    map,
    rows.map((number) => row(number).id),
  );
  // Areas that lie in one another are one; two that lie apart are two.
  const isNested = rows.every(
    (other) =>
      other === smallest ||
      metresBetween(row(other), row(smallest)) <=
        1.5 * Math.max(radiusOf(row(other)), radiusOf(row(smallest))),
  );
  const cost = Math.min(...chosen.map(costOf));
  if (isNested)
    return {
      ...NOWHERE,
      level: 'area',
      area: smallest,
      among: 1,
      confidence: Math.max(40, 85 - cost),
      reason: 'area',
    };
  return {
    ...NOWHERE,
    among: rows.length,
    confidence: Math.round(85 / rows.length),
    reason: 'one of several',
  };
}

/** True where a name is followed by a street's type that is none of its own: part of a street that is not listed. */
export const isPartOfStreet = (words: readonly string[], { end }: Span): boolean =>
  STREET_WORDS.test(words[end] ?? '') &&
  !(words[end] === 'close' && /^(?:to|by)$/.test(words[end + 1] ?? ''));
