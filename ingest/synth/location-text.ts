import type { City, Place } from './city.ts';
import { inventPostcode } from './person.ts';
import { CITY, MINOR_STREETS } from './place-names.ts';
import { drawInteger, drawItem, drawMix, mixOf, type Random } from './random.ts';

/** How well a text says where: by the gazetteer's name, an alias, misspelt, not really, or with something private. */
export type TextQuality = 'name' | 'alias' | 'misspelt' | 'vague' | 'private';
export type LocationText = { readonly text: string; readonly quality: TextQuality };

// The quality is drawn whatever the place, so that what is missing says nothing about where it is missing.
const QUALITIES = mixOf<TextQuality>([
  ['name', 0.47],
  ['alias', 0.17],
  ['misspelt', 0.15],
  ['vague', 0.205],
  ['private', 0.005],
]);

const BEFORE = mixOf([
  ['', 46],
  ['o/s ', 9],
  ['outside ', 9],
  ['nr ', 5],
  ['near ', 3],
  ['in ', 6],
  ['at ', 6],
  ['inside ', 2],
  ['by ', 2],
  ['opp ', 2],
  ['rear of ', 2],
  ['pt states ', 1],
  ['queue for ', 1],
  ['walking past ', 2],
  ['toilets of ', 1],
  ['smoking area, ', 1],
  ['thrown out of ', 1],
]);

const VAGUE = mixOf([
  ['', 30],
  ['town', 12],
  ['unknown', 10],
  ['n/k', 6],
  ['-', 6],
  ['in the street', 6],
  ['NK', 3],
  ['not known', 3],
  ['unk', 3],
  ['?', 2],
  ['town centre', 5],
  ['outside pub', 3],
  ['nightclub', 2],
  ['in a taxi', 2],
  ['on a bus', 2],
  ['pt cannot recall', 3],
  ['pt unsure, "somewhere with a sticky floor"', 1],
  ['walking home', 3],
  ['bus stop', 2],
  ['a party', 2],
  ['beach', 1],
  ['pub with a dog in it', 1],
  ['the one that used to be a bank', 1],
  ['see notes', 1],
  ['as above', 1],
  ['N/A', 1],
  [CITY, 2],
  ['asked x3, pt says ask his mate', 1],
  ['10 past 2, outside', 1],
]);

/** What a receptionist types for an assault at a public place. */
export function placeText(random: Random, place: Place): LocationText {
  const drawn = drawMix(random, QUALITIES);
  const quality = drawn === 'alias' && place.aliases.length === 0 ? 'name' : drawn;
  if (quality === 'vague') return { quality, text: drawMix(random, VAGUE) };
  const name = quality === 'alias' ? drawItem(random, place.aliases) : place.name;
  const spelt = quality === 'misspelt' ? misspellPlace(random, place) : name;
  const text = typeAs(random, drawMix(random, BEFORE) + spelt + afterName(random, place));
  // Numbers from 07700 900000 on are kept for drama: no phone rings.
  return quality === 'private'
    ? { quality, text: `${text} - friend's mob 07700 900${drawInteger(random, 100, 999)}` }
    : { quality, text };
}

function afterName(random: Random, place: Place): string {
  const draw = random();
  if (draw < 0.62) return '';
  if (draw < 0.8) {
    const suffix = drawItem(random, place.suffixes);
    return suffix === '' ? '' : ` ${suffix}`;
  }
  if (draw < 0.86) return `, ${CITY}`;
  if (draw < 0.9)
    return place.kind === 'street' ? ` j/w ${drawItem(random, MINOR_STREETS)}` : ', main entrance';
  if (draw < 0.94) return drawItem(random, ['.', ' ', '!!', ' ?', ' (outside)']);
  if (draw < 0.96) return ', approx 2am';
  if (draw < 0.98) return `, corner of ${drawItem(random, MINOR_STREETS)}`;
  return draw < 0.985 ? '\n(beer garden)' : ' "dance floor"';
}

/** Letter case and punctuation as people in a hurry leave them. */
function typeAs(random: Random, text: string): string {
  const draw = random();
  const cased = draw < 0.4 ? text.toLowerCase() : draw < 0.6 ? text.toUpperCase() : text;
  const draw2 = random();
  if (draw2 < 0.5) return cased;
  if (draw2 < 0.9) return cased.replaceAll("'", '');
  return cased.replaceAll("'", '’').replaceAll(' ', random() < 0.5 ? '  ' : ' ');
}

/**
 * The place's name with a slip that leaves neither the name nor an alias in it: the Croked Herring still names the
 * Herring, and would be found more often than a place that has no nickname.
 */
function misspellPlace(random: Random, place: Place): string {
  const plain = (name: string): string => name.toLowerCase().replace(/^the /, '');
  const names = [place.name, ...place.aliases].map(plain);
  let slipped = misspell(random, place.name);
  for (let i = 0; i < 50 && names.some((name) => plain(slipped).includes(name)); i++) {
    slipped = misspell(random, place.name);
  }
  return slipped;
}

/** One slip of the finger in a word of four letters or more, never in its first letter. */
export function misspell(random: Random, name: string): string {
  const words = name.split(' ');
  const long = words.flatMap((word, i) => (word.length >= 4 ? [i] : []));
  if (long.length === 0) return `${name}e`;
  const index = drawItem(random, long);
  const word = words[index] as string;
  const at = drawInteger(random, 1, word.length - 2);
  const letter = word[at] as string;
  const next = word[at + 1] as string;
  const [start, end] = [word.slice(0, at), word.slice(at + 1)];
  const slips = [
    start + end,
    start + letter + letter + end,
    start + next + letter + end.slice(1),
    start + wrongVowel(letter) + end,
  ];
  const slipped = slips.filter((slip) => slip.toLowerCase() !== word.toLowerCase());
  words[index] = drawItem(random, slipped);
  return words.join(' ');
}

function wrongVowel(letter: string): string {
  return { a: 'e', e: 'i', i: 'e', o: 'u', u: 'o', s: 'z', c: 'k', k: 'c', y: 'i' }[letter] ?? `${letter}h`;
}

/** Private texts that should never have been typed for an assault at a home: an invented address, or whose home. */
export function homeText(random: Random, city: City): string {
  const address = inventAddress(random, city);
  return drawItem(random, [
    `pts home ${address}`,
    `at home, ${address}`,
    `partners address ${address}`,
    `${address} ${inventPostcode(random)}`,
    `flat ${drawInteger(random, 1, 24)}, ${address}`,
    'own home',
    "pt's home",
    'at home',
    "friend's house",
    "mum's flat",
    'home address',
  ]);
}

/** A house number in a residential street of the gazetteer; no such house exists. */
export function inventAddress(random: Random, city: City): string {
  const streets = city.places.filter((place) => place.kind === 'street' && place.rhythm === 'street');
  return `${drawInteger(random, 1, 98)} ${drawItem(random, streets).name}`;
}
