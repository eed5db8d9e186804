/**
 * Free text of a location to a public place, street, junction, postcode or area of the gazetteer. The text is looked
 * at here and nowhere else, and forgotten; what comes out are numbers of rows of the gazetteer, or that it speaks of
 * somebody's home, or nothing.
 */
import { choosePlace, isPartOfStreet } from './choose-place.ts';
import { COMMON, VENUE_WORDS } from './common-words.ts';
import { findByOneWord, findNames, type Span, splitRunOns } from './find-names.ts';
import { isSomeonesName } from './given-names.ts';
import { homeSign, isNumbered, isNumberedStreet, isNumberWord } from './home-words.ts';
import { type Location, NOWHERE } from './location.ts';
import { createNameIndex, type Name, type NameIndex } from './name-index.ts';
import { ON_STREET_METRES } from './parts.ts';
import { hasPersonalDetails } from './personal-details.ts';
import {
  createPlaceMap,
  type MappedPlace,
  metresApart,
  metresOutside,
  type PlaceMap,
  radiusOf,
} from './place-map.ts';
import { createPostcodeIndex, type FoundPostcode, findPostcode, type PostcodeIndex } from './postcodes.ts';
import { wordsOf } from './words.ts';

/**
 * What a text says of a home. `private`: it names one. `unsure`: it names what may be one (a numbered house, a
 * postcode, a driveway) and no public place that makes up for it. `none`: neither.
 */
export type HomeGate = 'private' | 'unsure' | 'none';

export interface Resolved {
  readonly gate: HomeGate;
  /** Nowhere where the gate is `private`. */
  readonly location: Location;
  /** Whether the text held personal details. */
  readonly isPersonal: boolean;
}

/** The gazetteer, indexed; made once. */
export interface PlaceResolver {
  readonly index: NameIndex;
  readonly map: PlaceMap;
  readonly postcodes: PostcodeIndex;
  /** Whether what a text says depends on the day. */
  readonly isDated: boolean;
  /** Answers already given; emptied when full, so that memory stays flat. */
  readonly answers: Map<string, Resolved>;
}

/** Indexes a gazetteer: places, streets, areas and postcodes in any order. */
export function createPlaceResolver(places: readonly MappedPlace[]): PlaceResolver {
  return {
    index: createNameIndex(places),
    map: createPlaceMap(places),
    postcodes: createPostcodeIndex(places),
    isDated: places.some(({ aliases }) => aliases.some((alias) => alias.endsWith(']'))),
    answers: new Map(),
  };
}

const PRIVATE: Resolved = { gate: 'private', location: NOWHERE, isPersonal: false };
/** A slip and a shortening: what a name may cost that still makes up for words that may be of a home. */
const SURE_COST = 10;

/** Where a text says that it happened, and what it says of a home. `day` is that of the incident, days since 1970. */
export function resolvePlace(resolver: PlaceResolver, text: string, day = 0): Resolved {
  const { index, map } = resolver;
  const isPersonal = hasPersonalDetails(text);
  const { words, the } = wordsOf(text);
  if (words.length > 60) return { gate: 'unsure', location: NOWHERE, isPersonal };
  const isName = (word: string) => index.wordNumbers.has(word);
  if (words.length === 0) return { gate: 'none', location: NOWHERE, isPersonal };
  const before = [...words];
  splitRunOns(index, words, the);
  const postcode = findPostcode(resolver.postcodes, words);
  const first = chooseSpans(resolver, words, postcode, true);
  const isEnough = first.some(({ candidates }) =>
    candidates.some(({ name }) => map.levels[name.place] === 'place' || map.levels[name.place] === 'street'),
  );
  const spans = isEnough ? first : chooseSpans(resolver, words, postcode, false);
  const venues = spans.filter((span) => isVenue(map, span, words, the));
  // The words of a public place's name say nothing of a home: the Home Inn is none.
  const named = venues.filter((span) =>
    span.candidates.some(({ cost, name }) => cost === 0 && map.levels[name.place] === 'place'),
  );
  // Nor do those of a street's that is written out: Residential Road, Inverness Place.
  const streets = spans.filter(
    ({ start, end, candidates }) =>
      end > start + 1 &&
      candidates.some(({ cost, name }) => cost === 0 && map.levels[name.place] === 'street'),
  );
  named.push(...streets);
  const rest =
    named.length === 0
      ? words
      : words.map((word, i) => (named.some(({ start, end }) => i >= start && i < end) ? '#' : word));
  const sign = homeSign(rest, isName);
  // Words that were run together may speak of a home before they are taken apart, or after.
  const whole = before.length === words.length ? 'none' : homeSign(before, isName);
  if (sign === 'private' || whole === 'private') return { ...PRIVATE, isPersonal };
  const numbered = withoutNumberedNames(words, spans);
  const isHouse =
    isNumbered(numbered) ||
    spans.some(
      ({ start, end, candidates }) =>
        candidates.some(({ name }) => map.levels[name.place] === 'street') &&
        isNumberedStreet(numbered, start, end),
    );
  const isDoubtful = isHouse || sign === 'unsure' || whole === 'unsure';
  const used =
    isDoubtful || isPersonal || venues.length > 0
      ? spans
      : [...spans, ...findPartial(resolver, words, spans)];
  const location = choosePlace(map, words, the, used, postcode, day);
  const isPublic =
    !isDoubtful ||
    (location.level === 'place' && makesUp(resolver, location.place, venues, words, isHouse, spans));
  return { gate: isPublic ? 'none' : 'unsure', location, isPersonal };
}

const MAX_ANSWERS = 50_000;

/** What `resolvePlace` says, remembered: receptionists write the same few hundred texts again and again. */
export function resolveAgain(resolver: PlaceResolver, text: string, day: number): Resolved {
  const { answers, isDated } = resolver;
  const key = isDated ? `${day} ${text}` : text;
  const known = answers.get(key);
  if (known) return known;
  const answer = resolvePlace(resolver, text, day);
  if (answers.size >= MAX_ANSWERS) answers.clear();
  answers.set(key, answer);
  return answer;
}

/** Whether part of a text names a place with a door: not an area or a street of the same name, nor a dwelling's word alone. */
function isVenue(
  map: PlaceMap,
  { start, end, candidates }: Span,
  words: readonly string[],
  the: readonly boolean[],
): boolean {
  const least = (isPlace: boolean) =>
    candidates.reduce(
      (cost, candidate) =>
        (map.levels[candidate.name.place] === 'place') === isPlace ? Math.min(cost, candidate.cost) : cost,
      Number.POSITIVE_INFINITY,
    );
  const isSaid = the[start] === true || VENUE_WORDS.has(words[end] ?? '');
  if (end === start + 1 && !isSaid && homeSign([words[start] as string], () => true) !== 'none') return false;
  return least(true) < Number.POSITIVE_INFINITY && (isSaid || least(true) < least(false));
}

const nameOf =
  (map: PlaceMap) =>
  (place: number): Name => ({
    place,
    cost: 0,
    isSure: false,
    isAlias: false,
    from: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    letters: map.places[place]?.name.length ?? 0,
  });

/** An area that is wider says too little of which place is meant by part of its name. */
const WIDE_METRES = 4000;
const BY_THE_STREET_METRES = 150;

/** Places that a text names by one word: on a street that it names, else in an area, else anywhere where the word is long. */
function findPartial(
  { index, map }: PlaceResolver,
  words: readonly string[],
  spans: readonly Span[],
): Span[] {
  const rows = (level: string) =>
    spans.flatMap(({ candidates }) =>
      candidates.map(({ name }) => name.place).filter((row) => map.levels[row] === level),
    );
  const streets = rows('street');
  const areas = rows('area').filter((row) => radiusOf(map.places[row] as MappedPlace) < WIDE_METRES);
  const isHere = (place: number): boolean => {
    if (streets.length > 0)
      return streets.some((street) => metresApart(map, place, street) <= BY_THE_STREET_METRES);
    return areas.every((area) => metresOutside(map, place, area) === 0);
  };
  const found = findByOneWord(index, words, spans, isHere, streets.length > 0, nameOf(map));
  const isKnown = (word: string) => COMMON.has(word) || /^\d/.test(word);
  // Without a street or an area a word of a name must stand almost alone: else it may be somebody's.
  if (streets.length + areas.length === 0 && words.filter((word) => !isKnown(word)).length > 1) return [];
  const shortest = streets.length > 0 ? 4 : areas.length > 0 ? 5 : 6;
  const isLong = ({ start }: Span) =>
    (words[start] as string).length >= shortest || index.commonNames.has(words[start] as string);
  const sure = found.filter((span) => span.candidates.length === 1 && isLong(span));
  return sure.length === 1 ? sure : [];
}

/** Numbers that belong to a place's name are no house's. */
const withoutNumberedNames = (words: readonly string[], spans: readonly Span[]): string[] =>
  words.map((word, i) =>
    (/^\d/.test(word) || isNumberWord(word)) &&
    spans.some(
      ({ start, end, candidates }) =>
        i >= start && i < end && candidates.some(({ cost, name }) => cost === 0 && name.isSure),
    )
      ? '#'
      : word,
  );

const NEARNESS = /^(?:near|nr|by|opp|opposite|behind|next|beside|above|over|round|around|off)$/;

/**
 * Whether the place that a text was taken for makes up for words that may be of a home: named in full but for a slip, no
 * mere landmark of a house, and where a house is numbered, on that street.
 */
function makesUp(
  { map }: PlaceResolver,
  place: number,
  venues: readonly Span[],
  words: readonly string[],
  isHouse: boolean,
  spans: readonly Span[],
): boolean {
  const span = venues.find(({ candidates }) =>
    candidates.some(({ cost, name }) => name.place === place && cost <= SURE_COST && name.isSure),
  );
  if (!span || NEARNESS.test(words[span.start - 1] ?? '')) return false;
  if (!isHouse) return true;
  const streets = spans.flatMap(({ candidates }) =>
    candidates.map(({ name }) => name.place).filter((row) => map.levels[row] === 'street'),
  );
  if (streets.length > 0)
    return streets.some((street) => metresApart(map, place, street) <= ON_STREET_METRES);
  // Of a house in a street that is not listed, only a gazetteer that knows no streets of places can say nothing.
  return (map.places[place] as MappedPlace).street === undefined;
}

/** The names of a text without those that overlap a longer one. */
function chooseSpans(
  { index }: PlaceResolver,
  words: readonly string[],
  postcode: FoundPostcode | undefined,
  isStrict: boolean,
): Span[] {
  const isOfPostcode = ({ start, end }: Span) =>
    postcode !== undefined && start < postcode.end && postcode.start < end;
  const found = findNames(index, words, isStrict)
    .filter((span) => !isOfPostcode(span))
    .map((span) => ({ span, score: scoreOf(words, span) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.span.start - b.span.start);
  const chosen: Span[] = [];
  for (const { span } of found) {
    const isCut =
      isSomebodys(words, span) ||
      (isPartOfStreet(words, span) && !found.some(({ span: next }) => next.start === span.end));
    if (!isCut && !chosen.some((other) => span.start < other.end && other.start < span.end))
      chosen.push(span);
  }
  return chosen.sort((a, b) => a.start - b.start);
}

/** True of one word before a dwelling: "Sarahs house" is no café of that name. */
const isSomebodys = (words: readonly string[], { start, end }: Span): boolean =>
  end === start + 1 &&
  ((words[start - 1] === 'round' &&
    isSomeonesName(words[start] as string) &&
    !VENUE_WORDS.has(words[end] ?? '')) ||
    /^(?:house|hse|flat|home|gaff|place|crib|pad|room|address|addr)$/.test(words[end] ?? ''));

/** Letters that a name explains, less what it costs. */
function scoreOf(words: readonly string[], { start, end, candidates }: Span): number {
  let letters = 0;
  for (let i = start; i < end; i++) letters += (words[i] as string).length + 0.5;
  return letters - Math.min(...candidates.map(({ cost }) => cost)) * 0.3;
}
