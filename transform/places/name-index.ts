/** Every name of the gazetteer in one tree of words, and the words of it that a slip leads to. */
import { levelOf, type Place } from '../../schemas/gazetteer.ts';
import { COMMON, GENERIC, SKIPPED } from './common-words.ts';
import { readDatedName } from './dated-name.ts';
import { createDeletionIndex, type DeletionIndex } from './deletion-index.ts';
import { nameVariants, SHOP, SHORTENED } from './name-variants.ts';
import { STANDS_FOR, WELSH } from './street-words.ts';
import { wordsOf } from './words.ts';

/** A name, and the place that it is of. */
export interface Name {
  /** Number of the place in the gazetteer. */
  readonly place: number;
  readonly cost: number;
  readonly isSure: boolean;
  readonly isAlias: boolean;
  /** Days between which it was in use. */
  readonly from: number;
  readonly until: number;
  readonly letters: number;
}

/** What a word of a text may be: an edge to try, with what it costs. `span` words of the text are used. */
export interface Reading {
  readonly word: number;
  readonly cost: number;
  readonly slips: number;
  readonly span: number;
}

export const PLURAL = 3;
export const TRANSLATED = 3;

/** A tree whose edges are words; open addressing, so that walking it makes no objects. */
export interface NameIndex {
  readonly wordNumbers: ReadonlyMap<string, number>;
  /** What words of names, abbreviations and Welsh words may be. */
  readonly readings: ReadonlyMap<string, readonly Reading[]>;
  readonly similar: DeletionIndex;
  /** Edges: node and word to the next node; 0 is free, as no edge leads to the root. */
  readonly edgeNodes: Int32Array;
  readonly edgeWords: Int32Array;
  readonly edgeTargets: Int32Array;
  /** Names that end at a node. */
  readonly names: readonly (readonly Name[] | undefined)[];
  /** Places (with a door) by the words of their names; words of very many are left out. */
  readonly placesOfWord: ReadonlyMap<number, readonly number[]>;
  /** Places whose whole name is a common word: named only where the text names their street. */
  readonly commonNames: ReadonlyMap<string, readonly number[]>;
}

interface Node {
  readonly children: Map<number, Node>;
  names?: Name[];
  readonly id: number;
}

/** Indexes the names and aliases of all places that texts can name: not of postcodes. */
export function createNameIndex(places: readonly Place[]): NameIndex {
  const wordNumbers = new Map<string, number>();
  const vocabulary: string[] = [];
  const numberOf = (word: string) => {
    const known = wordNumbers.get(word);
    if (known !== undefined) return known;
    wordNumbers.set(word, vocabulary.length);
    return vocabulary.push(word) - 1;
  };
  const nodes: Node[] = [];
  const newNode = (): Node => {
    const node = { children: new Map(), id: nodes.length };
    nodes.push(node);
    return node;
  };
  const root = newNode();
  const owners = new Map<number, number[]>();
  const firstWords = firstWordsOf(places);
  const venueWords = venueWordsOf(places);
  const chains = chainsOf(places);
  const commonNames = new Map<string, number[]>();
  const localities = localityWords(places);
  places.forEach((place, at) => {
    const level = levelOf(place);
    if (level === 'postcode') return;
    for (const [i, listed] of [place.name, ...place.aliases].entries()) {
      const dated = readDatedName(listed) ?? { name: listed, from: -Infinity, until: Infinity };
      const variants = nameVariants(dated.name, level, localities);
      if (level === 'place') {
        const all = wordsOf(dated.name).words;
        const [first = ''] = all;
        if (all.length > 1 && chains.has(first))
          variants.push({ words: [first], cost: SHORTENED, isSure: false });
        if (all.length === 1 && COMMON.has(first) && !GENERIC.has(first))
          commonNames.set(first, [...(commonNames.get(first) ?? []), at]);
      }
      for (const { words, cost, isSure } of variants) {
        // What is left of a place's name may be what people call a street or an area by.
        const isShared =
          level === 'place' && cost > 0 && words.length === 1 && firstWords.has(words[0] as string);
        if (isShared && cost >= SHOP) continue;
        const isTaken =
          level === 'street' && words.length === 1 && cost > 0 && venueWords.has(words[0] as string);
        let node = root;
        for (const word of words) {
          const number = numberOf(word);
          if (level === 'place' && (place.kind === 'licensed' || word === words[0]))
            noteOwner(owners, number, at);
          let next = node.children.get(number);
          if (!next) {
            next = newNode();
            node.children.set(number, next);
          }
          node = next;
        }
        node.names ??= [];
        const { from, until } = dated;
        const name = {
          place: at,
          cost: isTaken ? CROSSING_ONLY : isShared ? cost + SHARED : cost,
          isSure,
          isAlias: i > 0,
          from,
          until,
          letters: words.join('').length,
        };
        const same = node.names.findIndex(
          (other) => other.place === at && other.from === from && other.until === until,
        );
        if (same < 0) node.names.push(name);
        else if ((node.names[same] as Name).cost > name.cost) node.names[same] = name;
      }
    }
  });
  return {
    ...packed(nodes),
    wordNumbers,
    readings: readingsOf(wordNumbers),
    similar: createDeletionIndex(vocabulary),
    placesOfWord: owners,
    commonNames,
  };
}

/** What is left of a pub's name and begins a street's too means the street, unless the text says otherwise. */
const SHARED = 10;
/** What a street's name shares with a public place's means the street only where two streets meet. */
export const CROSSING_ONLY = 30;
/** Calls `use` with the other number of a word: its plural, or what it is the plural of. */
export function eachPlural(word: string, use: (word: string) => void): void {
  if (word.length < 4 || COMMON.has(word) || SKIPPED.has(word) || /\d/.test(word)) return;
  use(`${word}s`);
  if (word.endsWith('s')) use(word.slice(0, -1));
}

function readingsOf(wordNumbers: ReadonlyMap<string, number>): Map<string, Reading[]> {
  const all = new Map<string, Reading[]>();
  for (const word of new Set([...wordNumbers.keys(), ...STANDS_FOR.keys(), ...WELSH.keys()])) {
    const readings: Reading[] = [];
    const add = (text: string, cost: number) => {
      const number = wordNumbers.get(text);
      if (number !== undefined) readings.push({ word: number, cost, slips: 0, span: 1 });
    };
    add(word, 0);
    for (const meaning of STANDS_FOR.get(word) ?? []) add(meaning, 0);
    for (const meaning of WELSH.get(word) ?? []) add(meaning, TRANSLATED);
    eachPlural(word, (other) => add(other, PLURAL));
    if (readings.length > 0) all.set(word, readings);
  }
  return all;
}

const MOST_PLACES_OF_WORD = 120;

function noteOwner(owners: Map<number, number[]>, word: number, place: number): void {
  const list = owners.get(word);
  if (!list) owners.set(word, [place]);
  else if (list.at(-1) !== place && list.length < MOST_PLACES_OF_WORD) list.push(place);
}

/** Words that names of public places other than shops begin with. */
function venueWordsOf(places: readonly Place[]): Set<string> {
  const venues = places.filter(
    (place) => levelOf(place) === 'place' && place.kind !== 'shop' && place.kind !== 'school',
  );
  return new Set(
    venues.flatMap(({ name, aliases }) => [name, ...aliases].map((each) => wordsOf(each).words[0] ?? '')),
  );
}

/** Names of one word that several places bear. */
function chainsOf(places: readonly Place[]): Set<string> {
  const seen = new Set<string>();
  const chains = new Set<string>();
  for (const place of places) {
    if (levelOf(place) !== 'place') continue;
    const { words } = wordsOf(place.name);
    const [only = ''] = words;
    if (words.length !== 1 || COMMON.has(only) || GENERIC.has(only)) continue;
    if (seen.has(only)) chains.add(only);
    seen.add(only);
  }
  return chains;
}

/** Words that names of streets and areas begin with. */
function firstWordsOf(places: readonly Place[]): Set<string> {
  return new Set(
    places
      .filter((place) => levelOf(place) === 'street' || levelOf(place) === 'area')
      .flatMap(({ name, aliases }) => [name, ...aliases].map((each) => wordsOf(each).words[0] ?? '')),
  );
}

/** Words of one-word towns and suburbs. */
function localityWords(places: readonly Place[]): Set<string> {
  return new Set(
    places
      .filter((place) => levelOf(place) === 'area')
      .flatMap(({ name, aliases }) => [name, ...aliases].map((each) => wordsOf(each).words))
      .filter((words) => words.length === 1 && !COMMON.has(words[0] as string))
      .map(([word]) => word as string),
  );
}

const slotOf = (node: number, word: number, mask: number) =>
  ((Math.imul(node, 0x9e3779b1) ^ Math.imul(word, 0x85ebca6b)) >>> 7) & mask;

function packed(nodes: readonly Node[]) {
  const size = 1 << Math.ceil(Math.log2(Math.max(2, nodes.length * 2)));
  const [edgeNodes, edgeWords, edgeTargets] = [
    new Int32Array(size),
    new Int32Array(size),
    new Int32Array(size),
  ];
  for (const { id, children } of nodes) {
    for (const [word, child] of children) {
      let slot = slotOf(id, word, size - 1);
      while (edgeTargets[slot] !== 0) slot = (slot + 1) & (size - 1);
      edgeNodes[slot] = id;
      edgeWords[slot] = word;
      edgeTargets[slot] = child.id;
    }
  }
  return { edgeNodes, edgeWords, edgeTargets, names: nodes.map(({ names }) => names) };
}

/** The node that a word leads to from another; 0 where none does. */
export function follow({ edgeNodes, edgeWords, edgeTargets }: NameIndex, node: number, word: number): number {
  const mask = edgeTargets.length - 1;
  for (let slot = slotOf(node, word, mask); ; slot = (slot + 1) & mask) {
    const target = edgeTargets[slot] as number;
    if (target === 0) return 0;
    if (edgeNodes[slot] === node && edgeWords[slot] === word) return target;
  }
}
