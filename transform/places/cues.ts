/** Small words that say how a place has to do with what happened. */

/** What the words before a name say of it. */
export type Cue = 'at' | 'leaving' | 'towards' | 'near';

const FROM = /^(?:from|left|leaving|leave|exiting|exited|after|since|wrth)$/;
const TO = /^(?:to|towards|toward|into|heading|tuag)$/;
const NEAR =
  /^(?:near|nr|nearby|by|opp|opposite|behind|beside|next|adjacent|adj|close|facing|around|round|past|ger|gyferbyn|heibio|tu)$/;
const AT = /^(?:at|in|on|inside|outside|os|within|outsd|yn|ar|mewn)$/;

/** The cue of a name that begins at `start`; `floor` is where the name before it ends. */
export function cueBefore(words: readonly string[], start: number, floor: number): Cue {
  for (let i = start - 1; i >= Math.max(floor, start - 3); i--) {
    const word = words[i] as string;
    if (AT.test(word)) return 'at';
    if (FROM.test(word)) return 'leaving';
    if (TO.test(word))
      return word === 'to' && /^(?:next|close|adjacent|opposite|near)$/.test(words[i - 1] ?? '')
        ? 'near'
        : 'towards';
    if (NEAR.test(word)) return 'near';
  }
  return 'at';
}

/** True where a text speaks of what lies between two things. */
export const isBetween = (words: readonly string[]): boolean =>
  words.includes('between') || words.includes('btwn') || words.includes('rhwng');

/** True where a text speaks of where two streets meet. */
export const isCrossing = (words: readonly string[]): boolean =>
  words.some(
    (word, i) =>
      /^(?:junction|jct|jctn|junct|jn|corner|cnr|crnr|cornr|crossroads|xroads|cyffordd|cornel|gornel|chornel)$/.test(
        word,
      ) ||
      (word === 'j' && words[i + 1] === 'w') ||
      word === 'jw',
  );
