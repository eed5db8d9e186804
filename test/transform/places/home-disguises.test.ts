/** No disguise of a home may be located, against a gazetteer with thousands of names to be mistaken for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
const DISGUISES = fixture('home-disguises.txt').trim().split('\n');

function doorFor(profile: Profile, gazetteer: readonly MappedPlace[]): Door {
  const isNamed = (place: MappedPlace) => levelOf(place) === 'place' || levelOf(place) === 'street';
  const places = gazetteer.filter(isNamed);
  const wider = gazetteer.filter((place) => !isNamed(place));
  return openDoor({ ...settingsFor(profile), places, wider }, 1024);
}

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
    expect(new Set(DISGUISES).size).toBeGreaterThan(200);
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
