/**
 * Texts that name no place of the gazetteer, as forms that a person may look at. A form is shown only when as many
 * different people's records share it as the threshold asks, and it lives in memory alone: no text and no form is
 * written anywhere but by the person who decides that it is a name.
 */

import { createHmac } from 'node:crypto';
import { type IncidentColumns, NO_TERM, PLACE_KINDS } from '../../schemas/incident.ts';
import type { TextBatch } from '../../schemas/text-batch.ts';
import { subkey } from '../digest.ts';
import type { Door } from '../door.ts';
import { findNames } from './find-names.ts';
import { type PlaceResolver, resolvePlace } from './resolve-place.ts';
import { wordsOf } from './words.ts';

/** Records of so many different people must share a form before anybody sees it. */
export const FORM_THRESHOLD = 5;
/** Longer texts tell what happened, not where. */
const MOST_WORDS = 6;
const LEADING =
  /^(?:outside|os|o|s|near|nr|in|at|by|opp|opposite|behind|inside|rear|front|of|on|queue|for|next|to|from|pt|pts|states|yn|ger|tu|allan|fas|i)$/;
const HOME = PLACE_KINDS.indexOf('home');

/** People, as digests, by the form that their records share. */
export type Forms = Map<string, Set<string>>;

export interface UnresolvedForm {
  readonly form: string;
  /** Different people, or where a record names nobody, different records. */
  readonly people: number;
  /** Ids of rows that part of it may name. */
  readonly guesses: readonly string[];
}

/** A text without numbers and without what stands before a name; undefined where it holds personal details, speaks of a home, is placed, or is no name. */
export function formOf(resolver: PlaceResolver, text: string, day: number): string | undefined {
  const { gate, location, isPersonal } = resolvePlace(resolver, text, day);
  if (gate !== 'none' || isPersonal || (location.level !== 'none' && location.level !== 'area'))
    return undefined;
  if (location.reason === 'elsewhere') return undefined;
  const words = wordsOf(text).words.filter((word) => !/\d/.test(word));
  while (words.length > 0 && LEADING.test(words[0] as string)) words.shift();
  const form = words.join(' ');
  return words.length === 0 || words.length > MOST_WORDS || form.length < 3 ? undefined : form;
}

/** Adds the forms of a batch, which has just come through the door as `incidents`, to those known. */
export function addForms(
  door: Door,
  batch: TextBatch,
  incidents: IncidentColumns,
  kept: number,
  forms: Forms,
): void {
  const { rows, kept: keptRows, gate, occurred } = door.scratch;
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length);
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    if (gate[i] !== 0 || incidents.placeKind[k] === HOME || incidents.placeId[k] !== NO_TERM) continue;
    const row = rows[i] as number;
    for (const column of door.columns.get('place_text') ?? []) {
      const text = bytes.toString(
        'utf8',
        (batch.starts[column] as Int32Array)[row],
        (batch.ends[column] as Int32Array)[row],
      );
      const form = text === '' ? undefined : formOf(door.resolver, text, occurred.days[i] as number);
      if (form === undefined) continue;
      const isKnown = incidents.person0[k] !== 0n || incidents.person1[k] !== 0n;
      const who = isKnown
        ? `p${incidents.person0[k]}.${incidents.person1[k]}`
        : `r${incidents.key0[k]}.${incidents.key1[k]}`;
      const people = forms.get(form);
      if (people) people.add(who);
      else forms.set(form, new Set([who]));
    }
  }
}

/** The forms that enough people share and that nobody has dismissed, most frequent first. */
export function listForms(
  resolver: PlaceResolver,
  forms: Forms,
  isDismissed: (form: string) => boolean,
): UnresolvedForm[] {
  return [...forms]
    .filter(([form, people]) => people.size >= FORM_THRESHOLD && !isDismissed(form))
    .map(([form, people]) => ({ form, people: people.size, guesses: guessesFor(resolver, form) }))
    .sort((a, b) => b.people - a.people || (a.form < b.form ? -1 : 1));
}

const MOST_GUESSES = 3;

function guessesFor({ index, map }: PlaceResolver, form: string): string[] {
  const candidates = findNames(index, wordsOf(form).words, false)
    .flatMap((span) => span.candidates)
    .filter(({ name }) => map.levels[name.place] !== 'elsewhere')
    .sort((a, b) => a.cost - b.cost);
  return [...new Set(candidates.map(({ name }) => map.places[name.place]?.id ?? ''))].slice(0, MOST_GUESSES);
}

/** The keyed digest by which a dismissed form is known again, and by which nobody without the key can tell what it was. */
export function dismissalDigest(key: Uint8Array, form: string): string {
  return createHmac('sha256', subkey(key, 'dismissed form'))
    .update(wordsOf(form).words.join(' '))
    .digest('hex')
    .slice(0, 32);
}
