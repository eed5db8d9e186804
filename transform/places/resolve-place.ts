/**
 * Free text of a location to a public place, street, junction, postcode or area of the gazetteer. The text is looked
 * at here and nowhere else, and forgotten; what comes out are numbers of rows of the gazetteer, or that it speaks of
 * somebody's home, or nothing.
 */
import { choosePlace, isPartOfStreet, type Location, NOWHERE } from './choose-place.ts';
import { findByOneWord, findNames, type Span, splitRunOns } from './find-names.ts';
import { homeSign, isNumbered } from './home-words.ts';
import { createNameIndex, type Name, type NameIndex } from './name-index.ts';
import { hasPersonalDetails } from './personal-details.ts';
import { createPlaceMap, type MappedPlace, type PlaceMap } from './place-map.ts';
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
}

/** Indexes a gazetteer: places, streets, areas and postcodes in any order. */
export function createPlaceResolver(places: readonly MappedPlace[]): PlaceResolver {
  return {
    index: createNameIndex(places),
    map: createPlaceMap(places),
    postcodes: createPostcodeIndex(places),
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
  const spans = chooseSpans(resolver, words, postcode);
  const venues = spans.filter((span) =>
    span.candidates.some(({ name }) => map.levels[name.place] === 'place'),
  );
  // The words of a public place's name say nothing of a home: the Home Inn is none.
  const named = venues.filter((span) =>
    span.candidates.some(({ cost, name }) => cost === 0 && map.levels[name.place] === 'place'),
  );
  const rest = words.map((word, i) => (named.some(({ start, end }) => i >= start && i < end) ? '#' : word));
  const sign = homeSign(rest, isName);
  if (sign === 'private' || homeSignOfRunOn(before, words, isName)) return { ...PRIVATE, isPersonal };
  const isHouse = isNumbered(withoutNumberedNames(words, spans));
  const isDoubtful = isHouse || sign === 'unsure';
  const public_ = venues.filter((span) => makesUp(resolver, span, words, isHouse));
  const used = spans.length > 0 || isDoubtful ? spans : findByOneWord(index, words, nameOf(map));
  const location = choosePlace(map, words, the, used, postcode, day);
  return { gate: isDoubtful && public_.length === 0 ? 'unsure' : 'none', location, isPersonal };
}

/** Words that were run together may speak of a home before or after they are taken apart. */
const homeSignOfRunOn = (
  before: readonly string[],
  after: readonly string[],
  isName: (word: string) => boolean,
): boolean => before.length !== after.length && homeSign(before, isName) === 'private';

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

/** Numbers that belong to a place's name are no house's. */
const withoutNumberedNames = (words: readonly string[], spans: readonly Span[]): string[] =>
  words.map((word, i) =>
    /^\d/.test(word) &&
    spans.some(
      ({ start, end, candidates }) =>
        i >= start && i < end && candidates.some(({ cost, name }) => cost === 0 && name.isSure),
    )
      ? '#'
      : word,
  );

const NEARNESS = /^(?:near|nr|by|opp|opposite|behind|next|beside|above|over|round|around|off)$/;

/** Whether a name makes up for words that may be of a home: a place's, exact but for a slip, and no mere landmark of a house. */
function makesUp(
  { map }: PlaceResolver,
  { start, candidates }: Span,
  words: readonly string[],
  isHouse: boolean,
): boolean {
  const isSure = candidates.some(
    ({ cost, name }) => cost <= SURE_COST && name.isSure && map.levels[name.place] === 'place',
  );
  return isSure && !(isHouse && NEARNESS.test(words[start - 1] ?? ''));
}

/** The names of a text without those that overlap a longer one. */
function chooseSpans(
  { index }: PlaceResolver,
  words: readonly string[],
  postcode: FoundPostcode | undefined,
): Span[] {
  const isOfPostcode = ({ start, end }: Span) =>
    postcode !== undefined && start < postcode.end && postcode.start < end;
  const found = findNames(index, words)
    .filter((span) => !isOfPostcode(span))
    .map((span) => ({ span, score: scoreOf(words, span) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.span.start - b.span.start);
  const chosen: Span[] = [];
  for (const { span } of found) {
    const isCut = isPartOfStreet(words, span) && !found.some(({ span: next }) => next.start === span.end);
    if (!isCut && !chosen.some((other) => span.start < other.end && other.start < span.end))
      chosen.push(span);
  }
  return chosen.sort((a, b) => a.start - b.start);
}

/** Letters that a name explains, less what it costs. */
function scoreOf(words: readonly string[], { start, end, candidates }: Span): number {
  let letters = 0;
  for (let i = start; i < end; i++) letters += (words[i] as string).length + 0.5;
  return letters - Math.min(...candidates.map(({ cost }) => cost)) * 0.3;
}
