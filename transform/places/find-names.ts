/** The names of the gazetteer that occur in a text, through abbreviations, slips, and words run together or apart. */
import { COMMON, GENERIC, SKIPPED } from './common-words.ts';
import { findSimilar } from './deletion-index.ts';
import {
  eachPlural,
  follow,
  type Name,
  type NameIndex,
  PLURAL,
  type Reading,
  TRANSLATED,
} from './name-index.ts';
import { splitWord } from './split-words.ts';
import { eachUnmutated, STANDS_FOR, WELSH } from './street-words.ts';

/** A place that part of a text may name. */
export interface Candidate {
  readonly name: Name;
  /** How far the text is from the name: 10 a slip. */
  readonly cost: number;
  readonly slips: number;
}

/** Part of a text that names something: words start to end (exclusive). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly candidates: Candidate[];
}

const SLIP = 10;
const MUTATED = 4;
const JOINED = 2;
const KNOWN = 5;
const PARTIAL = 24;
const MOST_SLIPS = 3;

/** Words run together in a text are taken apart, where they are no name as they stand. */
export function splitRunOns(index: NameIndex, words: string[], the: boolean[]): void {
  const isName = (word: string) => index.wordNumbers.has(word);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const [, digits = '', letters = ''] = /^(\d{1,2})([a-z]{4,})$/.exec(word) ?? [];
    const [, first = '', number = ''] = /^([a-z]{3,})(\d{1,3})$/.exec(word) ?? [];
    if (!isName(word) && (letters !== '' || isName(first) || (first !== '' && splitWord(first, isName)))) {
      words.splice(i, 1, ...(letters === '' ? [first, number] : [digits, letters]));
      the.splice(i, 1, the[i] as boolean, false);
      // The street's name may be run together as well.
      if (first.length >= 6 && !isName(first)) i--;
      continue;
    }
    if (word.length < 6 || isName(word) || COMMON.has(word) || STANDS_FOR.has(word)) continue;
    const pieces = splitWord(word, isName)?.filter((piece) => piece !== 'the');
    if (!pieces) continue;
    let isSlip = false;
    findSimilar(index.similar, word, 1, () => {
      isSlip = true;
    });
    if (isSlip) continue;
    words.splice(i, 1, ...pieces);
    the.splice(i, 1, the[i] as boolean, ...pieces.slice(1).map(() => false));
    i += pieces.length - 1;
  }
}

/**
 * Every name in the words, overlapping ones too. Where `isStrict` is false, words that are part of a name as they stand
 * may be slips in another too.
 */
export function findNames(index: NameIndex, words: readonly string[], isStrict: boolean): Span[] {
  const readings = words.map((word, i) => readingsOf(index, word, words[i + 1], isStrict));
  const spans = new Map<number, Span>();
  const walk = (
    start: number,
    at: number,
    node: number,
    cost: number,
    slips: number,
    depth: number,
  ): void => {
    const names = depth > 0 ? index.names[node] : undefined;
    if (names) note(spans, start, at, names, cost, slips, depth, words);
    if (at >= words.length || depth > 8) return;
    for (const reading of readings[at] as readonly Reading[]) {
      if (slips + reading.slips > MOST_SLIPS) continue;
      const next = follow(index, node, reading.word);
      if (next !== 0)
        walk(start, at + reading.span, next, cost + reading.cost, slips + reading.slips, depth + 1);
    }
    if (depth > 0 && SKIPPED.has(words[at] as string)) walk(start, at + 1, node, cost, slips, depth);
  };
  for (let start = 0; start < words.length; start++) {
    if ((readings[start] as readonly Reading[]).length > 0) walk(start, start, 0, 0, 0, 0);
  }
  return [...spans.values()];
}

const NO_READINGS: readonly Reading[] = [];

function readingsOf(
  index: NameIndex,
  word: string,
  next: string | undefined,
  isStrict: boolean,
): readonly Reading[] {
  const { wordNumbers } = index;
  const fixed = index.readings.get(word) ?? NO_READINGS;
  const joined =
    next !== undefined && word.length + next.length < 24 ? wordNumbers.get(word + next) : undefined;
  const isSettled =
    COMMON.has(word) ||
    SKIPPED.has(word) ||
    STANDS_FOR.has(word) ||
    (wordNumbers.has(word) && (isStrict || word.length < 5)) ||
    /\d/.test(word);
  if (isSettled && joined === undefined) return fixed;
  const readings = [...fixed];
  if (joined !== undefined) readings.push({ word: joined, cost: JOINED, slips: 0, span: 2 });
  if (!isSettled) addSlips(index, word, readings);
  return readings;
}

/** Adds what a word may be that is part of no name as it stands, or may be a slip all the same. */
function addSlips({ wordNumbers, similar }: NameIndex, word: string, readings: Reading[]): void {
  const isKnown = wordNumbers.has(word);
  const add = (text: string, cost: number) => {
    const number = wordNumbers.get(text);
    if (number !== undefined) readings.push({ word: number, cost, slips: 0, span: 1 });
  };
  if (!isKnown) {
    eachPlural(word, (other) => add(other, PLURAL));
    eachUnmutated(word, (was) => {
      add(was, MUTATED);
      for (const meaning of WELSH.get(was) ?? []) add(meaning, MUTATED + TRANSLATED);
    });
  }
  findSimilar(similar, word, isKnown ? 1 : 2, (number, slips) => {
    // A word that is right as it stands is less likely a slip in another.
    const cost = slips * SLIP + (isKnown ? KNOWN : 0);
    if (!readings.some((reading) => reading.word === number && reading.span === 1 && reading.cost <= cost))
      readings.push({ word: number, cost, slips, span: 1 });
  });
}

function note(
  spans: Map<number, Span>,
  start: number,
  end: number,
  names: readonly Name[],
  cost: number,
  slips: number,
  depth: number,
  words: readonly string[],
): void {
  const key = start * 1024 + end;
  let span = spans.get(key);
  for (const name of names) {
    // What is left of a name, or a short one in Welsh, is right or not at all.
    if (
      depth === 1 &&
      slips === 0 &&
      cost > JOINED &&
      (name.cost > 0 || (cost >= MUTATED && name.letters < 6))
    )
      continue;
    if (slips > 0 && !forgives(name, slips, depth, words[start] as string)) continue;
    if (!span) {
      span = { start, end, candidates: [] };
      spans.set(key, span);
    }
    const total = cost + name.cost;
    const at = span.candidates.findIndex((other) => other.name === name);
    if (at < 0) span.candidates.push({ name, cost: total, slips });
    else if ((span.candidates[at] as Candidate).cost > total)
      span.candidates[at] = { name, cost: total, slips };
  }
}

/** A name of one short word is right or not at all: a slip would lead to it from anywhere. */
function forgives({ letters, cost }: Name, slips: number, depth: number, first: string): boolean {
  if (cost > 0 && depth === 1) return letters >= 8 && slips === 1;
  if (depth === 1) return letters >= (slips === 1 ? 6 : 9) && first.length >= 5;
  return letters >= 3.3 * (slips + 1);
}

/**
 * A word that is in no name found, and that only one place's name has of those that `isHere` lets through, may stand for
 * that place: on the street, or in the area, that the text names.
 */
export function findByOneWord(
  index: NameIndex,
  words: readonly string[],
  spans: readonly Span[],
  isHere: (place: number) => boolean,
  isOnStreet: boolean,
  nameOf: (place: number) => Name,
): Span[] {
  const found: Span[] = [];
  words.forEach((word, start) => {
    for (const place of index.commonNames.get(word) ?? []) {
      if (isOnStreet && isHere(place))
        found.push({ start, end: start + 1, candidates: [{ name: nameOf(place), cost: PARTIAL, slips: 0 }] });
    }
    if (word.length < 4 || COMMON.has(word) || GENERIC.has(word) || STANDS_FOR.has(word)) return;
    if (spans.some((span) => start >= span.start && start < span.end)) return;
    const places = new Set<number>();
    for (const form of [word, `${word}s`, word.replace(/s$/, '')]) {
      for (const place of index.placesOfWord.get(index.wordNumbers.get(form) ?? -1) ?? [])
        if (isHere(place)) places.add(place);
      if (places.size > 0) break;
    }
    if (places.size === 0 || places.size > 3) return;
    const candidates = [...places].map((place) => ({ name: nameOf(place), cost: PARTIAL, slips: 0 }));
    found.push({ start, end: start + 1, candidates });
  });
  return found;
}
