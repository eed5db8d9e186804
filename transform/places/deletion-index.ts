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
}

/** Words that are shorter are right or not at all. */
const SHORTEST = 4;
/** From this length on, two slips are forgiven. */
const TWO_SLIPS = 8;
/** Letters behind these are not left out twice: a long word would have hundreds of remains. */
const PREFIX = 10;

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

/** Calls `found` with each word of the vocabulary that is 1 or 2 slips away, as far as its length allows, once or more. */
export function findSimilar(
  index: DeletionIndex,
  word: string,
  found: (number: number, slips: number) => void,
): void {
  if (word.length < SHORTEST - 1 || word.length > 40) return;
  const { words, heads, next, hashes, owners } = index;
  const mask = heads.length - 1;
  // What is a slip longer than the longest word that forgives one may still be such a word.
  eachRemain(word, word.length < TWO_SLIPS - 1 ? 1 : 2, (hash) => {
    for (let at = heads[hash & mask] as number; at >= 0; at = next[at] as number) {
      if (hashes[at] !== hash) continue;
      const other = words[owners[at] as number] as string;
      const slips = editDistance(word, other, slipsAllowed(other));
      if (slips > 0 && slips <= slipsAllowed(other)) found(owners[at] as number, slips);
    }
  });
}

/** Hashes of the word, and of what is left of it when up to `most` letters are left out. */
function eachRemain(word: string, most: number, use: (hash: number) => void): void {
  use(hashWithout(word, -1, -1));
  for (let i = 0; i < word.length; i++) {
    use(hashWithout(word, i, -1));
    if (most < 2 || i >= PREFIX) continue;
    for (let j = i + 1; j < Math.min(word.length, PREFIX + 1); j++) use(hashWithout(word, i, j));
  }
}

/** FNV-1a over a word without two of its letters. */
function hashWithout(word: string, i: number, j: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) {
    if (at !== i && at !== j) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  }
  return hash;
}
