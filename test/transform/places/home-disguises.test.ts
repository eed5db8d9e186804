/** No disguise of a home may be located, against a gazetteer with thousands of names to be mistaken for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { levelOf } from '../../../schemas/gazetteer.ts';
import { allocateIncidents } from '../../../schemas/incident.ts';
import { ISTV } from '../../../schemas/istv.ts';
import type { Profile } from '../../../schemas/profile.ts';
import { emptyTally } from '../../../schemas/tally.ts';
import { anonymise } from '../../../transform/anonymise.ts';
import { type Door, openDoor } from '../../../transform/door.ts';
import type { MappedPlace } from '../../../transform/places/place-map.ts';
import { batchOf, type SourceRow } from '../../batch-of.ts';
import { cardiffPartnershipGazetteer, hasCardiffLists } from '../../cardiff-lists.ts';
import { ISTV_ROW, inWords, settingsFor } from '../door-run.ts';
import { readNamedLabels } from './location-labels.ts';

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', name), 'utf8');
const DISGUISES = ['home-disguises.txt', 'home-disguises-second.txt'].flatMap((name) =>
  fixture(name).trim().split('\n'),
);

function doorFor(profile: Profile, gazetteer: readonly MappedPlace[]): Door {
  const isNamed = (place: MappedPlace) => levelOf(place) === 'place' || levelOf(place) === 'street';
  const places = gazetteer.filter(isNamed);
  const wider = gazetteer.filter((place) => !isNamed(place));
  return openDoor({ ...settingsFor(profile), places, wider }, 1024);
}

const words = (text: string) => text.split(' ');
const oneOf = (all: readonly string[]) => fc.constantFrom(...all);
const DWELLING = oneOf(words('house hse flat home address addr gaff bedroom garden place room property'));
const OWNER = oneOf([
  ...words(
    'his her own their pts patients mums dads nans sisters brothers partners bfs gfs friends mates exs',
  ),
  ...["pt's", "mum's", 'nan’s', "ex-partner's", 'ex partners', "mother in law's", "neighbour's", "auntie's"],
]);
const STREET_NAME = oneOf([
  ...['Albany Road', 'city rd', 'Clifton Street', 'Crwys Rd', 'ST MARY STREET', 'Cowbridge Road East'],
  ...['Heol y Deri', 'Cathays Terrace', 'queen st', 'Stryd Womanby'],
]);
const NUMBER = oneOf([
  ...[
    '7',
    '12',
    '12a',
    '214',
    '9-11',
    '12/14',
    '12a/14',
    'seven',
    'twenty two',
    'forty-one',
    'no 12',
    'no. 3',
  ],
  ...[
    'number 9',
    'number nine',
    'flat 3',
    'Flat B',
    'flat 2, 14',
    'apt 6',
    'un deg dau',
    'rhif 4',
    'fiftyfive',
  ],
]);
const BEFORE = oneOf([
  '',
  '',
  'at ',
  'in ',
  'o/s ',
  'outside ',
  'pt states ',
  'assaulted at ',
  'alley behind ',
]);
const AFTER = oneOf([
  ...['', '', ', Splott', ', St Mary Street', ' off City Road', ' near the Claude', ', Albany Road', ' 2am'],
  ...[' above Greggs', ' in Ely', ', Treganna', ' by unknown male', ' CF24 3DL'],
]);
const HOMES = fc.oneof(
  fc.tuple(OWNER, oneOf([' ', ' ', '  ', '']), DWELLING).map((parts) => parts.join('')),
  fc.tuple(NUMBER, oneOf([' ', ', ']), STREET_NAME).map((parts) => parts.join('')),
  fc.tuple(STREET_NAME, oneOf([' ', ', ']), NUMBER).map((parts) => parts.join('')),
  fc
    .tuple(oneOf(['flat ', 'bedsit ', 'flats ']), oneOf(['above ', 'over ', 'at ']), STREET_NAME)
    .map((parts) => parts.join('')),
);
/** Letters of other scripts, wide or mathematical ones and invisible ones, for those of the text. */
const LOOK_ALIKE: Readonly<Record<string, string>> = {
  a: 'а',
  e: 'е',
  o: 'о',
  i: 'і',
  p: 'р',
  c: 'с',
  s: 'ѕ',
  h: 'һ',
};
const WRITTEN: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.replaceAll(/[aeoipcsh]/g, (letter) => LOOK_ALIKE[letter] as string),
  (text) => text.replaceAll(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
  (text) => text.replaceAll(/[0-9]/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
  (text) => [...text].join('\u200b'),
  (text) => [...text].join('\u2060'),
  (text) => text.replaceAll(/[a-z]{3,}/g, (word) => `${word.slice(0, 2)}\u00ad${word.slice(2)}`),
  (text) => text.replaceAll(' ', ' - '),
  (text) => text.replaceAll(' ', '\u00a0'),
];
const ANY_HOME = fc
  .tuple(BEFORE, HOMES, AFTER, fc.constantFrom(...WRITTEN))
  .map(([before, home, after, write]) => write(`${before}${home}${after}`));

/** The texts that are located in any way, by themselves. */
function located(door: Door, texts: readonly string[], rowWith: (text: string) => SourceRow): string[] {
  const incidents = allocateIncidents(1024, door.terms);
  const tally = emptyTally();
  anonymise(door, batchOf(door.settings.profile, texts.map(rowWith)), incidents, tally);
  expect(tally.passed).toBe(texts.length);
  return texts.filter((_, i) => {
    const { cell, place_id, area_code, located_by } = inWords(incidents, i);
    return cell !== null || place_id !== null || area_code !== null || located_by !== 'none';
  });
}

describe.skipIf(!hasCardiffLists())('homes, against the lists in ../shared/data/geography', () => {
  let gazetteer: MappedPlace[];
  beforeAll(async () => {
    gazetteer = await cardiffPartnershipGazetteer();
  }, 120_000);

  test('of 200 disguises and more not one is located, with or without coordinates', () => {
    expect(new Set(DISGUISES).size).toBeGreaterThan(600);
    const door = doorFor(ISTV, gazetteer);
    const row = (text: string) => ({ ...ISTV_ROW, location_text: text });
    expect(located(door, DISGUISES, row)).toEqual([]);
    expect(located(door, DISGUISES, (text) => ({ ...row(text), latitude: '', longitude: '' }))).toEqual([]);
  }, 60_000);

  test('nor with words around them, in capitals, with other punctuation', () => {
    const door = doorFor(ISTV, gazetteer);
    const row = (text: string) => ({ ...ISTV_ROW, location_text: text });
    for (const disguise of [
      (text: string) => text.toUpperCase(),
      (text: string) => `${text}, 2am`,
      (text: string) => `assaulted, ${text}`,
      (text: string) => text.replaceAll(' ', '  ').replaceAll(',', ' -'),
      (text: string) => `"${text}"`,
    ])
      expect(located(door, DISGUISES.map(disguise), row)).toEqual([]);
  }, 60_000);

  test('nor what is put together of people, dwellings, numbers and streets, however it is written', () => {
    const door = doorFor(ISTV, gazetteer);
    const texts = [...new Set(fc.sample(ANY_HOME, { numRuns: 6000, seed: 5 }))];
    expect(texts.length).toBeGreaterThan(4000);
    const bad: string[] = [];
    for (let from = 0; from < texts.length; from += 1000)
      bad.push(
        ...located(door, texts.slice(from, from + 1000), (text) => ({ ...ISTV_ROW, location_text: text })),
      );
    expect(bad).toEqual([]);
  }, 60_000);

  test('nor those by somebody who had not seen the resolver', () => {
    const homes = readNamedLabels('location-texts-blind.csv', gazetteer).filter(
      ({ kind }) => kind === 'home',
    );
    expect(homes.length).toBeGreaterThan(50);
    const door = doorFor(ISTV, gazetteer);
    const texts = homes.map(({ text }) => text);
    expect(located(door, texts, (text) => ({ ...ISTV_ROW, location_text: text }))).toEqual([]);
  }, 60_000);
});
