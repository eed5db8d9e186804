/** The names of a text, sorted by what they name, and narrowed to what agrees with the rest of it. */
import { COMMON, VENUE_WORDS } from './common-words.ts';
import { type Cue, cueBefore, isCrossing, isLater, isNoPlace } from './cues.ts';
import type { Candidate, Span } from './find-names.ts';
import { CROSSING_ONLY } from './name-index.ts';
import {
  type MappedPlace,
  metresApart,
  metresOutside,
  metresTo,
  type PlaceMap,
  radiusOf,
} from './place-map.ts';
import type { FoundPostcode } from './postcodes.ts';

/** As near as the doors of a street are to the points by which it is known. */
export const ON_STREET_METRES = 260;
const DOOR_METRES = 120;
export const NEXT_TO_METRES = 220;
export const POSTCODE_METRES = 350;
/** People stretch suburbs; a place further outside one is another place. */
export const STRETCH_METRES = 1500;
/** Businesses of one name that are nearer than this are one; further, where the text is nearer to one's name. */
const SAME_METRES = 90;
const SAME_SITE_METRES = 300;
/** So many times as long as others of its name, a street is the one that people mean. */
const MAIN_STREET = 5;
/** A name in full goes before one that is shortened. */
const TOLERANCE = 7;
/** A name that the text is so far from does not say which of others is meant. */
const ASIDE = 14;

export interface Part {
  readonly span: Span;
  cue: Cue;
  /** Whether "or" stands between it and the name before. */
  readonly isAlternative: boolean;
  candidates: Candidate[];
  /** Before the text's other names narrowed them. */
  readonly all: readonly Candidate[];
}

export interface Parts {
  readonly places: Part[];
  readonly streets: Part[];
  readonly areas: Part[];
  readonly elsewhere: Part[];
}

/** The names by what they name; a name that is both a place's and an area's is the place's only where the text says so. */
export function sortParts(
  map: PlaceMap,
  words: readonly string[],
  the: readonly boolean[],
  spans: readonly Span[],
  day: number,
): Parts {
  const parts: Parts = { places: [], streets: [], areas: [], elsewhere: [] };
  const crossing = isCrossing(words);
  let floor = 0;
  for (const span of spans) {
    if (isNoPlace(words, span.start, span.end, floor)) {
      floor = span.end;
      continue;
    }
    const cue = words[span.end] === 'end' ? 'near' : cueBefore(words, span.start, floor);
    if (isLater(words, span.start, floor) && cue !== 'towards') {
      for (const part of [...parts.places, ...parts.streets]) part.cue = 'leaving';
    }
    const isAlternative = floor > 0 && words.slice(floor, span.start).includes('or');
    floor = span.end;
    // "The Bay" is an area's name; "bay" is not.
    const isBare =
      span.end === span.start + 1 && COMMON.has(words[span.start] as string) && the[span.start] !== true;
    const candidates = inUse(span.candidates, day).filter(
      ({ name }) => !(isBare && map.levels[name.place] === 'area'),
    );
    const of = (level: string) => candidates.filter(({ name }) => map.levels[name.place] === level);
    const [places, areas, elsewhere] = [of('place'), of('area'), of('elsewhere')];
    const streets = of('street').filter(({ cost }) => crossing || cost < CROSSING_ONLY);
    const isVenue =
      the[span.start] === true ||
      VENUE_WORDS.has(words[span.end] ?? '') ||
      /^(?:tafarn|clwb|caffi)$/.test(words[span.start - 1] ?? '');
    const add = (to: Part[], chosen: readonly Candidate[]) =>
      to.push({ span, cue, isAlternative, candidates: [...chosen], all: chosen });
    const [place, street, area] = [leastCost(places), leastCost(streets), leastCost(areas)];
    if (elsewhere.length > 0 && leastCost(elsewhere) <= Math.min(place, street, area))
      add(parts.elsewhere, elsewhere);
    else if (crossing && streets.length > 0) add(parts.streets, streets);
    else if (places.length > 0 && (isVenue || place < Math.min(street, area))) add(parts.places, places);
    else if (streets.length > 0 && street <= area) add(parts.streets, streets);
    else if (areas.length > 0) add(parts.areas, areas);
  }
  return parts;
}

const leastCost = (candidates: readonly Candidate[]) =>
  candidates.reduce((least, { cost }) => Math.min(least, cost), Number.POSITIVE_INFINITY);

/** What the text is away from the nearest of a part's names. */
export const costOf = ({ candidates }: Part): number => leastCost(candidates);

/** Names in use on the day of the incident; where none was, former ones. */
function inUse(candidates: readonly Candidate[], day: number): readonly Candidate[] {
  const used = candidates.filter(({ name }) => name.from <= day && day <= name.until);
  return used.length > 0 ? used : candidates;
}

/** Those that fit best; of their kind those too whose names only say besides what they are: the Royal Oak, the Royal Oak Pub. */
function cheapest(map: PlaceMap, candidates: readonly Candidate[]): Candidate[] {
  if (candidates.length < 2) return [...candidates];
  const least = leastCost(candidates);
  const kindOf = ({ name }: Candidate) => (map.places[name.place] as MappedPlace).kind;
  const kinds = new Set(candidates.filter(({ cost }) => cost === least).map(kindOf));
  return candidates.filter(
    (candidate) => candidate.cost <= least + (kinds.has(kindOf(candidate)) ? TOLERANCE : 0),
  );
}

/** Leaves, of each name's places, those that agree with the rest of the text, where some do. */
export function narrow(
  map: PlaceMap,
  { places, streets }: Parts,
  areas: readonly number[],
  postcode: FoundPostcode | undefined,
): void {
  const all = [...places, ...streets];
  if (postcode) {
    const { unit, sector } = postcode;
    for (const part of all) {
      if (unit >= 0) keep(part, (place) => metresApart(map, place, unit) <= POSTCODE_METRES);
      else if (sector)
        keep(part, (place) => metresTo(map, place, sector.point) <= sector.radius + POSTCODE_METRES);
    }
  }
  // Of nested areas the smaller says more.
  const bySize = [...areas].sort(
    (a, b) => radiusOf(map.places[b] as MappedPlace) - radiusOf(map.places[a] as MappedPlace),
  );
  for (const part of all) {
    for (const area of bySize) {
      const least = Math.min(...part.candidates.map(({ name }) => metresOutside(map, name.place, area)));
      if (least <= STRETCH_METRES)
        keep(part, (place) => metresOutside(map, place, area) <= (least > 0 ? least + SAME_SITE_METRES : 0));
    }
  }
  const isAside = (part: Part) => costOf(part) >= ASIDE && all.some((other) => costOf(other) < ASIDE);
  for (const part of all) {
    if (areas.length === 0 && !postcode && all.length === 1) part.candidates = cheapest(map, part.candidates);
    for (const other of all) if (!isAside(other) && other !== part) narrowBy(map, part, other, streets);
  }
  for (const part of all) part.candidates = withoutTwins(map, cheapest(map, part.candidates));
  for (const part of streets) part.candidates = mainOne(map, part.candidates);
}

function narrowBy(map: PlaceMap, part: Part, other: Part, streets: readonly Part[]): void {
  if (part.candidates.length === 1) return;
  const isNear = (reach: number) => (place: number) =>
    other.candidates.some(({ name }) => metresApart(map, place, name.place) <= reach);
  if (!streets.includes(other)) {
    keep(part, isNear(streets.includes(part) ? ON_STREET_METRES : NEXT_TO_METRES));
    return;
  }
  const ids = new Set(other.candidates.map(({ name }) => (map.places[name.place] as MappedPlace).id));
  if (keep(part, (place) => ids.has((map.places[place] as MappedPlace).street ?? ''))) return;
  if (!keep(part, isNear(DOOR_METRES))) keep(part, isNear(ON_STREET_METRES));
}

/** Leaves the candidates that pass, where any does. */
function keep(part: Part, test: (place: number) => boolean): boolean {
  const kept = part.candidates.filter(({ name }) => test(name.place));
  if (kept.length > 0) part.candidates = kept;
  return kept.length > 0;
}

/** One of each group of places that bear one name at one spot. */
function withoutTwins(map: PlaceMap, candidates: readonly Candidate[]): Candidate[] {
  if (candidates.length < 2) return [...candidates];
  const kept: Candidate[] = [];
  for (const candidate of [...candidates].sort((a, b) => a.cost - b.cost)) {
    const isTwin = kept.some(({ name, cost }) => {
      if (name.place === candidate.name.place) return true;
      const reach = cost < candidate.cost ? SAME_SITE_METRES : SAME_METRES;
      const apart = (p: number, q: number) => metresApart(map, p, q);
      const [a = '', b = ''] = [name.place, candidate.name.place].map((place) => map.firstWords[place]);
      if (
        name.isAlias !== candidate.name.isAlias &&
        apart(name.place, candidate.name.place) <= SAME_SITE_METRES
      )
        return true;
      return a === b && apart(name.place, candidate.name.place) <= reach;
    });
    if (!isTwin) kept.push(candidate);
  }
  return kept;
}

/** Of streets of one name, the one that is many times as long as any other; all, where there is none such. */
function mainOne(map: PlaceMap, candidates: Candidate[]): Candidate[] {
  const length = ({ name }: Candidate) => (map.points[name.place] as Float64Array).length;
  const [longest, next] = [...candidates].sort((a, b) => length(b) - length(a));
  return longest && next && length(longest) >= MAIN_STREET * length(next) ? [longest] : candidates;
}
