/** Which of the names in a text says where it happened. */
import { metresBetween, type Point } from '../gazetteer/metres.ts';
import { VENUE_WORDS } from './common-words.ts';
import { type Cue, cueBefore, isBetween, isCrossing } from './cues.ts';
import type { Candidate, Span } from './find-names.ts';
import { SHORTENED } from './name-variants.ts';
import {
  type MappedPlace,
  meetingPoint,
  metresApart,
  metresOutside,
  metresTo,
  type PlaceMap,
  radiusOf,
  sharedArea,
  smallestArea,
} from './place-map.ts';
import type { FoundPostcode } from './postcodes.ts';
import { STREET_WORDS } from './street-words.ts';

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
] as const;
export type Reason = (typeof REASONS)[number];

/** Where a text says that it happened. */
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

const NO_POINT: Point = { lat: Number.NaN, lng: Number.NaN };
export const NOWHERE: Location = {
  level: 'none',
  place: -1,
  second: -1,
  point: NO_POINT,
  area: -1,
  among: 0,
  confidence: 0,
  reason: 'no name',
};

/** As near as the doors of a street are to the points by which it is known. */
const ON_STREET_METRES = 260;
const NEXT_TO_METRES = 220;
const CROSSING_METRES = 330;
const POSTCODE_METRES = 350;
/** People stretch suburbs; a place further outside one is another place. */
const STRETCH_METRES = 1500;
/** So many times as long as others of its name, a street is the one that people mean. */
const MAIN_STREET = 5;
const FAR_METRES = 900;
/** Businesses of one name that are nearer than this are one. */
const SAME_METRES = 90;

interface Part {
  readonly span: Span;
  readonly cue: Cue;
  candidates: Candidate[];
}

interface Parts {
  readonly places: Part[];
  readonly streets: Part[];
  readonly areas: Part[];
}

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
  const areas = parts.areas.flatMap(({ candidates }) => candidates.map(({ name }) => name.place));
  narrow(map, parts, areas, postcode);
  const street = chooseStreet(map, words, parts);
  const place = chooseVenue(map, words, parts, areas, street);
  if (place && !(street && contradicts(map, place, street)))
    return withContext(map, place, parts, street, areas, postcode);
  if (place && street) return settle(map, place, street);
  if (street) return street;
  return postcode ? fromPostcode(map, postcode, areas) : chooseArea(map, parts.areas);
}

const levelAt = (map: PlaceMap, { name }: Candidate) => map.levels[name.place];

/** The names by what they name; a name that is both a place's and an area's is the place's only where the text says so. */
function sortParts(
  map: PlaceMap,
  words: readonly string[],
  the: readonly boolean[],
  spans: readonly Span[],
  day: number,
): Parts {
  const parts: Parts = { places: [], streets: [], areas: [] };
  let floor = 0;
  for (const span of spans) {
    const cue = cueBefore(words, span.start, floor);
    floor = span.end;
    const candidates = inUse(span.candidates, day);
    const of = (level: string) => candidates.filter((candidate) => levelAt(map, candidate) === level);
    const [places, streets, areas] = [of('place'), of('street'), of('area')];
    const isVenue =
      the[span.start] === true ||
      VENUE_WORDS.has(words[span.end] ?? '') ||
      VENUE_WORDS.has(words[span.start - 1] ?? '') ||
      (areas.length === 0 && streets.length === 0);
    const least = (all: readonly Candidate[]) => Math.min(...all.map(({ cost }) => cost));
    if (places.length > 0 && (isVenue || least(places) < Math.min(least(streets), least(areas))))
      parts.places.push({ span, cue, candidates: cheapest(places) });
    else if (streets.length > 0 && least(streets) <= least(areas))
      parts.streets.push({ span, cue, candidates: cheapest(streets) });
    else if (areas.length > 0) parts.areas.push({ span, cue, candidates: cheapest(areas) });
    else if (places.length > 0) parts.places.push({ span, cue, candidates: cheapest(places) });
  }
  return parts;
}

/** Names in use on the day of the incident; where none was, former ones. */
function inUse(candidates: readonly Candidate[], day: number): readonly Candidate[] {
  const used = candidates.filter(({ name }) => name.from <= day && day <= name.until);
  return used.length > 0 ? used : candidates;
}

/** Those that the text is nearest to; a name in full goes before one that is shortened. */
function cheapest(candidates: readonly Candidate[]): Candidate[] {
  const least = Math.min(...candidates.map(({ cost }) => cost));
  return candidates.filter(({ cost }) => cost <= least + 7);
}

/** Leaves, of each name's places, those that agree with the rest of the text, where some do. */
function narrow(
  map: PlaceMap,
  { places, streets }: Parts,
  areas: readonly number[],
  postcode: FoundPostcode | undefined,
): void {
  const keep = (part: Part, test: (place: number) => boolean) => {
    const kept = part.candidates.filter(({ name }) => test(name.place));
    if (kept.length > 0) part.candidates = kept;
  };
  const all = [...places, ...streets];
  if (postcode) {
    const { unit, sector } = postcode;
    for (const part of all) {
      if (unit >= 0) keep(part, (place) => metresApart(map, place, unit) <= POSTCODE_METRES);
      else if (sector)
        keep(part, (place) => metresTo(map, place, [sector.point]) <= sector.radius + POSTCODE_METRES);
    }
  }
  // Nested areas: the smaller says more.
  const bySize = [...areas].sort(
    (a, b) => radiusOf(map.places[b] as MappedPlace) - radiusOf(map.places[a] as MappedPlace),
  );
  for (const part of all)
    for (const area of bySize) keep(part, (place) => metresOutside(map, place, area) === 0);
  for (const part of all) {
    for (const other of all) {
      if (other === part || (part.candidates.length === 1 && other.candidates.length === 1)) continue;
      const reach = streets.includes(other) || streets.includes(part) ? ON_STREET_METRES : NEXT_TO_METRES;
      keep(part, (place) =>
        other.candidates.some(({ name }) => metresApart(map, place, name.place) <= reach),
      );
    }
  }
  for (const part of all) part.candidates = withoutTwins(map, part.candidates);
  for (const part of streets) part.candidates = mainOne(map, part.candidates);
}

/** Of streets of one name, the one that is many times as long as any other; all, where there is none such. */
function mainOne(map: PlaceMap, candidates: Candidate[]): Candidate[] {
  const length = ({ name }: Candidate) => (map.points[name.place] as readonly Point[]).length;
  const [longest, next] = [...candidates].sort((a, b) => length(b) - length(a));
  return longest && next && length(longest) >= MAIN_STREET * length(next) ? [longest] : candidates;
}

/** One of each group of places that bear one name at one spot. */
function withoutTwins(map: PlaceMap, candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of [...candidates].sort((a, b) => a.cost - b.cost)) {
    const { place } = candidate.name;
    if (!kept.some(({ name }) => name.place === place || metresApart(map, name.place, place) <= SAME_METRES))
      kept.push(candidate);
  }
  return kept;
}

function chooseStreet(
  map: PlaceMap,
  words: readonly string[],
  { streets, places }: Parts,
): Location | undefined {
  if (streets.length >= 2) {
    const crossing = findCrossing(map, words, streets);
    if (crossing) return crossing;
  }
  const here = streets.filter(({ cue }) => cue !== 'leaving' && cue !== 'towards');
  const chosen = here.length > 0 ? here : streets;
  if (chosen.length === 0) return undefined;
  if (chosen.length > 1) {
    const [best, next] = [...chosen].sort((a, b) => costOf(a) - costOf(b)) as [Part, Part];
    if (costOf(next) - costOf(best) >= 10) return located(map, best, 'street');
    return oneOfSeveral(
      map,
      chosen.flatMap(({ candidates }) => candidates),
      'names that contradict',
    );
  }
  const [part] = chosen as [Part];
  // A street that is crossed or neared is known better than the place by which it is.
  return part.candidates.length === 1 || places.length > 0
    ? located(map, part, 'street')
    : oneOfSeveral(map, part.candidates, 'one of several');
}

const costOf = ({ candidates }: Part) => Math.min(...candidates.map(({ cost }) => cost));

/** Where two streets meet, if they do: of all that bear the names, the two that come nearest to each other. */
function findCrossing(
  map: PlaceMap,
  words: readonly string[],
  streets: readonly Part[],
): Location | undefined {
  let best: { a: Candidate; b: Candidate; metres: number } | undefined;
  for (const [i, one] of streets.entries()) {
    for (const other of streets.slice(i + 1)) {
      for (const a of one.candidates) {
        for (const b of other.candidates) {
          const metres = metresApart(map, a.name.place, b.name.place);
          if (a.name.place !== b.name.place && (!best || metres < best.metres)) best = { a, b, metres };
        }
      }
    }
  }
  const reach = isCrossing(words) || isBetween(words) ? CROSSING_METRES * 1.5 : CROSSING_METRES;
  if (!best || best.metres > reach) return undefined;
  const { a, b } = best;
  return {
    level: 'junction',
    place: a.name.place,
    second: b.name.place,
    point: meetingPoint(map, a.name.place, b.name.place),
    area: -1,
    among: 1,
    confidence: Math.max(55, 92 - a.cost - b.cost),
    reason: 'two streets',
  };
}

function chooseVenue(
  map: PlaceMap,
  words: readonly string[],
  { places }: Parts,
  areas: readonly number[],
  street: Location | undefined,
): Location | undefined {
  const inReach = (part: Part) => ({
    ...part,
    candidates: part.candidates.filter(({ name }) => isInAreas(map, name.place, areas)),
  });
  const usable = places.map(inReach).filter(({ candidates }) => candidates.length > 0);
  if (usable.length === 0) return undefined;
  if (usable.length === 1) return single(map, usable[0] as Part, street);
  if (isBetween(words)) {
    const [a, b] = usable as [Part, Part];
    return between(map, a, b);
  }
  const here = usable.filter(({ cue }) => cue === 'at');
  const [first, second] = (here.length > 0 ? here : usable) as [Part, Part | undefined];
  if (!second) return single(map, first, street);
  const close = first.candidates.find(({ name: a }) =>
    second.candidates.some(({ name: b }) => metresApart(map, a.place, b.place) <= NEXT_TO_METRES),
  );
  if (close)
    return {
      ...located(map, inner(map, { ...first, candidates: [close] }, second), 'place'),
      reason: 'name and another name',
    };
  if (costOf(second) - costOf(first) >= 10) return single(map, first, street);
  if (costOf(first) - costOf(second) >= 10) return single(map, second, street);
  return oneOfSeveral(map, [...first.candidates, ...second.candidates], 'names that contradict');
}

/** Of two names at one spot the one that lies within the other: a shop rather than the arcade that it is in. */
function inner(map: PlaceMap, first: Part, second: Part): Part {
  const isBuilding = ({ candidates }: Part) =>
    candidates.every(({ name }) => (map.places[name.place] as MappedPlace).id.startsWith('b-'));
  return isBuilding(first) && !isBuilding(second) && second.candidates.length === 1 ? second : first;
}

/** A place in an area that the text names, or not far outside it; any where it names none. */
const isInAreas = (map: PlaceMap, place: number, areas: readonly number[]) =>
  areas.every((area) => metresOutside(map, place, area) <= STRETCH_METRES);

function single(map: PlaceMap, part: Part, street: Location | undefined): Location {
  if (part.candidates.length === 1) return located(map, part, 'place');
  if (street && street.place >= 0) {
    const near = part.candidates.filter(
      ({ name }) => metresApart(map, name.place, street.place) <= ON_STREET_METRES,
    );
    if (near.length > 0 && near.length < part.candidates.length)
      return single(map, { ...part, candidates: near }, street);
  }
  return oneOfSeveral(map, part.candidates, 'one of several');
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
  if (!best || least > CROSSING_METRES)
    return oneOfSeveral(map, [...a.candidates, ...b.candidates], 'between two names');
  const [one, other] = best;
  const streets = [one, other].map(({ name }) => (map.places[name.place] as MappedPlace).street);
  const shared = streets[0] === streets[1] ? (map.streetNumbers.get(streets[0] ?? '') ?? -1) : -1;
  return {
    ...NOWHERE,
    level: 'street',
    place: shared,
    second: -1,
    point: meetingPoint(map, one.name.place, other.name.place),
    among: 1,
    confidence: 75,
    reason: 'between two names',
  };
}

function located(map: PlaceMap, { candidates }: Part, level: 'place' | 'street'): Location {
  if (candidates.length > 1) return oneOfSeveral(map, candidates, 'one of several');
  const [{ name, cost, slips }] = candidates as [Candidate];
  const row = map.places[name.place] as MappedPlace;
  return {
    level,
    place: name.place,
    second: -1,
    point: level === 'place' || map.isCompact[name.place] ? row : NO_POINT,
    area: -1,
    among: 1,
    confidence: Math.max(40, 95 - cost - (name.until < Number.POSITIVE_INFINITY ? 10 : 0)),
    reason:
      slips > 0
        ? 'misspelt name'
        : name.until < Number.POSITIVE_INFINITY
          ? 'former name'
          : cost >= 20
            ? 'part of a name'
            : name.isAlias
              ? 'other name'
              : 'name',
  };
}

/** Ambiguity kept: what all candidates share, a spot, a street, an area, or nothing. */
function oneOfSeveral(map: PlaceMap, candidates: readonly Candidate[], reason: Reason): Location {
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
  if (isOneStreet)
    return {
      ...shared,
      level: 'street',
      place: street,
      point: map.isCompact[street] ? (map.places[street] as MappedPlace) : NO_POINT,
    };
  // That a text may mean one of several by part of their names does not even say the area.
  const area = candidates.some(({ cost }) => cost < SHORTENED) ? sharedArea(map, rows) : -1;
  return area < 0 ? shared : { ...shared, level: 'area', area };
}

/** True where a place and a street that a text names lie apart. */
function contradicts(map: PlaceMap, place: Location, street: Location): boolean {
  if (place.place < 0) return true;
  if (place.level !== 'place') return street.level === 'junction' || street.level === 'street';
  return street.place >= 0 && street.among === 1 && metresApart(map, place.place, street.place) > FAR_METRES;
}

/** Of a place and a street that contradict each other, the one that is surer; else what both share. */
function settle(map: PlaceMap, place: Location, street: Location): Location {
  const isKnown = (location: Location) => location.place >= 0 && location.among === 1;
  if (!isKnown(place)) return isKnown(street) ? street : narrower(place, street);
  if (!isKnown(street)) return place;
  if (place.confidence + 8 < street.confidence) return street;
  if (street.confidence + 8 < place.confidence) return place;
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
        Math.max(radiusOf(row(other)), radiusOf(row(smallest))) * 0.9,
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
