/**
 * Finds the words of a vocabulary that a slip or two away from a word. Two words that differ by so many slips share
 * what is left of them after so many letters are left out of each; those remains are hashed, and what a hash finds is
 * measured. A query costs a number of look-ups that depends on the word's length alone.
 */
import { editDistance } from './edit-distance.ts';

export interface DeletionIndex {
  readonly words: readonly string[];
  /** Chains of remains: first of each bucket, next of each remain, and the word that it comes from. */
  readonly heads: Int32Array;
  readonly next: Int32Array;
  readonly hashes: Int32Array;
  readonly owners: Int32Array;
  /** Words that were measured for the query at hand: those that bear its number. */
  readonly measured: Int32Array;
  query: number;
}

/** Words that are shorter are right or not at all. */
const SHORTEST = 4;
/** From this length on, two slips are forgiven. */
const TWO_SLIPS = 6;
/** Letters behind these are not left out twice: a long word would have hundreds of remains. */
const PREFIX = 10;
const LONGEST = 40;

/** How many slips a word of a vocabulary may differ by. */
export const slipsAllowed = (word: string): number =>
  word.length < SHORTEST || /\d/.test(word) ? 0 : word.length < TWO_SLIPS ? 1 : 2;

/** Indexes a vocabulary; a word's number is its place in it. */
export function createDeletionIndex(words: readonly string[]): DeletionIndex {
  let n = 0;
  const count = () => {
    n++;
  };
  for (const word of words) if (slipsAllowed(word) > 0) eachRemain(word, slipsAllowed(word), count);
  const size = 1 << Math.ceil(Math.log2(Math.max(2, n * 2)));
  const index = {
    words,
    heads: new Int32Array(size).fill(-1),
    next: new Int32Array(n),
    hashes: new Int32Array(n),
    owners: new Int32Array(n),
    measured: new Int32Array(words.length),
    query: 0,
  };
  let at = 0;
  words.forEach((word, number) => {
    if (slipsAllowed(word) === 0) return;
    eachRemain(word, slipsAllowed(word), (hash) => {
      const bucket = hash & (size - 1);
      index.hashes[at] = hash;
      index.owners[at] = number;
      index.next[at] = index.heads[bucket] as number;
      index.heads[bucket] = at++;
    });
  });
  return index;
}

/**
 * Calls `found` once with each word of the vocabulary that is one to `most` slips away, as far as its own length allows.
 */
export function findSimilar(
  index: DeletionIndex,
  word: string,
  most: number,
  found: (number: number, slips: number) => void,
): void {
  if (word.length < SHORTEST - 1 || word.length > LONGEST) return;
  const { words, heads, next, hashes, owners, measured } = index;
  const mask = heads.length - 1;
  const query = ++index.query;
  // What is a slip longer than the longest word that forgives one may still be such a word.
  eachRemain(word, word.length < TWO_SLIPS - 1 ? 1 : most, (hash) => {
    for (let at = heads[hash & mask] as number; at >= 0; at = next[at] as number) {
      const owner = owners[at] as number;
      if (hashes[at] !== hash || measured[owner] === query) continue;
      measured[owner] = query;
      const other = words[owner] as string;
      const limit = Math.min(most, slipsAllowed(other));
      const slips = editDistance(word, other, limit);
      // Of four letters, two may have changed places; any other slip makes another word of them.
      if (slips > limit || slips === 0 || (other.length === SHORTEST && !isSwap(word, other))) continue;
      found(owner, slips);
    }
  });
}

const isSwap = (a: string, b: string) =>
  a.length === b.length && [...a].sort().join('') === [...b].sort().join('');

const OFFSET = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** Hashes (FNV-1a) of the word, and of what is left of it when up to `most` letters are left out. */
function eachRemain(word: string, most: number, use: (hash: number) => void): void {
  use(hashFrom(word, 0, OFFSET));
  let before = OFFSET;
  for (let i = 0; i < word.length; i++) {
    use(hashFrom(word, i + 1, before));
    if (most > 1 && i < PREFIX) {
      let between = before;
      const last = Math.min(word.length, PREFIX + 1);
      for (let j = i + 1; j < last; j++) {
        use(hashFrom(word, j + 1, between));
        between = Math.imul(between ^ word.charCodeAt(j), PRIME);
      }
    }
    before = Math.imul(before ^ word.charCodeAt(i), PRIME);
  }
}

/** The hash of the rest of a word from `start`, after what has been hashed. */
function hashFrom(word: string, start: number, before: number): number {
  let hash = before;
  for (let at = start; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), PRIME);
  return hash;
}
