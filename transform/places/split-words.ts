/** Words that are run together, taken apart again. */
import { COMMON } from './common-words.ts';
import { STANDS_FOR, STREET_WORDS } from './street-words.ts';

const SHORTEST = 6;
const LONGEST = 32;
/** Pieces of fewer letters count only where they are usual. */
const SHORT_PIECES = new Set([
  'st',
  'rd',
  'in',
  'at',
  'on',
  'by',
  'nr',
  'the',
  'of',
  'os',
  'opp',
  'ave',
  'ln',
  'and',
  'inn',
  'bar',
  'pub',
  'old',
  'new',
  'red',
  'bay',
  'ely',
]);

/**
 * A word that is no name's, split into as few words of names or of texts as make it up; undefined where it cannot be,
 * or where no piece is part of a name.
 */
export function splitWord(word: string, isName: (word: string) => boolean): string[] | undefined {
  if (word.length < SHORTEST || word.length > LONGEST) return undefined;
  // best[i]: the least cost of the first i letters; from[i]: where its last piece starts.
  const best = new Array<number>(word.length + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Array<number>(word.length + 1).fill(-1);
  best[0] = 0;
  for (let end = 2; end <= word.length; end++) {
    for (let start = Math.max(0, end - 16); start <= end - 2; start++) {
      const before = best[start] as number;
      if (before + 1 >= (best[end] as number)) continue;
      const cost = pieceCost(word.slice(start, end), isName);
      if (before + cost < (best[end] as number)) {
        best[end] = before + cost;
        from[end] = start;
      }
    }
  }
  if ((best[word.length] as number) > 4) return undefined;
  const pieces: string[] = [];
  for (let end = word.length; end > 0; end = from[end] as number) pieces.unshift(word.slice(from[end], end));
  return pieces.length > 1 && pieces.some((piece) => piece.length >= 4 && isName(piece)) ? pieces : undefined;
}

function pieceCost(piece: string, isName: (word: string) => boolean): number {
  if (piece.length === 3 && isName(piece)) return 1.4;
  if (piece.length < 4)
    return SHORT_PIECES.has(piece) || STREET_WORDS.test(piece) || STANDS_FOR.has(piece)
      ? 1.2
      : Number.POSITIVE_INFINITY;
  if (isName(piece)) return 1;
  return COMMON.has(piece) || STREET_WORDS.test(piece) ? 1 : Number.POSITIVE_INFINITY;
}
