/** Small words that say how a place has to do with what happened. */

/** What the words before a name say of it. */
export type Cue = 'at' | 'leaving' | 'towards' | 'near';

const LEAVING = /^(?:from|left|leaving|leave|exiting|exited|since|wrth|started|drinking|earlier)$/;
const TOWARDS = /^(?:to|towards|toward|heading|tuag)$/;
const NEAR =
  /^(?:near|nr|nearby|by|opp|opposite|behind|beside|next|adjacent|adj|close|facing|around|round|past|ger|gyferbyn|heibio|meets|towards)$/;
const AT = /^(?:at|on|inside|outside|os|within|outsd|yn|ar|mewn|o)$/;

/** The cue of a name that begins at `start`; `floor` is where the name before it ends. */
export function cueBefore(words: readonly string[], start: number, floor: number): Cue {
  for (let i = start - 1; i >= Math.max(floor, start - 3); i--) {
    const word = words[i] as string;
    if (AT.test(word)) return 'at';
    if (LEAVING.test(word) || (word === 'after' && i === start - 1)) return 'leaving';
    if (TOWARDS.test(word))
      return /^(?:next|close|adjacent|opposite|near)$/.test(words[i - 1] ?? '') ? 'near' : 'towards';
    if (NEAR.test(word)) return 'near';
  }
  return 'at';
}

const has = (words: readonly string[], from: number, to: number, pattern: RegExp) =>
  words.slice(Math.max(0, from), to).some((word) => pattern.test(word));

/** True where what comes after the name before is what happened later: there it was, and not before. */
export const isLater = (words: readonly string[], start: number, floor: number): boolean =>
  floor > 0 && has(words, floor, start, /^(?:later|then|afterwards|subsequently|jumped|after)$/);

const DID =
  /^(?:hit|punched|kicked|attacked|assaulted|pushed|stabbed|said|grabbed|slapped|threw|bottled|glassed)$/;

/** True of a name that is somebody's, or where it was not: "called Ely", "Barry hit him", "not in the Borough". */
export const isNoPlace = (words: readonly string[], start: number, end: number, floor: number): boolean =>
  /^(?:called|named|aka)$/.test(words[start - 1] ?? '') ||
  (DID.test(words[end] ?? '') && /^(?:him|her|them|pt|me|patient|victim)$/.test(words[end + 1] ?? '')) ||
  has(words, Math.max(floor, start - 3), start, /^(?:not|wasnt|isnt|never)$/);

/** True where a text speaks of what lies between two things. */
export const isBetween = (words: readonly string[]): boolean =>
  words.includes('between') || words.includes('btwn') || words.includes('rhwng');

/** True where a text speaks of where two streets meet. */
export const isCrossing = (words: readonly string[]): boolean =>
  words.some(
    (word, i) =>
      /^(?:junction|junc|jct|jctn|junct|jn|corner|cnr|crnr|cornr|crossroads|xroads|meets|cyffordd|cornel|gornel|chornel)$/.test(
        word,
      ) ||
      (word === 'j' && words[i + 1] === 'w') ||
      word === 'jw',
  );
