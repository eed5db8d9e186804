/** cardiff places: what texts name that the gazetteer does not know, for a person to alias or to dismiss. */
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BATCH_ROWS } from '../ingest/csv.ts';
import { DISMISSED_FILE } from '../ingest/gazetteer.ts';
import { listInbox } from '../ingest/inbox.ts';
import { readAhead } from '../ingest/read-ahead.ts';
import { SourceError } from '../ingest/source-error.ts';
import { allocateIncidents } from '../schemas/incident.ts';
import { emptyTally } from '../schemas/tally.ts';
import { anonymise } from '../transform/anonymise.ts';
import { beginFile, type Door } from '../transform/door.ts';
import {
  addForms,
  dismissalDigest,
  FORM_THRESHOLD,
  type Forms,
  listForms,
  type UnresolvedForm,
} from '../transform/places/unresolved-forms.ts';
import { localDate } from './clock.ts';
import type { Partnership } from './partnership.ts';
import { printable } from './printable.ts';
import { openSourceDoor } from './source-door.ts';
import { openingOf } from './source-profile.ts';

export interface Review {
  readonly forms: readonly UnresolvedForm[];
  /** How many files were still there to be read. */
  readonly files: number;
  readonly failures: readonly string[];
}

/**
 * Reads the files that are still in the inboxes, in memory, and lists the forms that enough people's records share.
 * Nothing is stored.
 */
export async function reviewPlaces(partnership: Partnership): Promise<Review> {
  const { folder, settings, key } = partnership;
  const forms: Forms = new Map();
  const failures: string[] = [];
  let files = 0;
  let resolver: Door['resolver'] | undefined;
  for (const source of settings.sources) {
    const door = openSourceDoor(partnership, source);
    const { profile } = door.settings;
    if (!door.columns.has('place_text')) continue;
    resolver ??= door.resolver;
    for (const path of await listInbox(folder, source.id)) {
      try {
        beginFile(door);
        const file = await readAhead(path, profile, openingOf(source, partnership));
        const incidents = allocateIncidents(BATCH_ROWS, door.terms);
        for await (const batch of file.batches) {
          const tally = emptyTally();
          anonymise(door, batch, incidents, tally);
          addForms(door, batch, incidents, tally.passed, forms);
        }
        files++;
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        failures.push(`${printable(basename(path))}: ${error.message}`);
      }
    }
  }
  const dismissed = await readDismissed(folder);
  const isDismissed = (form: string) => dismissed.has(dismissalDigest(key, form));
  return { forms: resolver ? listForms(resolver, forms, isDismissed) : [], files, failures };
}

/** The review as a person reads it. */
export function reviewText({ forms, files, failures }: Review): string {
  const told = failures.map((failure) => `Not read: ${failure}`);
  if (files === 0)
    return [
      ...told,
      'No file is in an inbox: texts are never kept, so only files that are still there can be reviewed (after_commit: keep N days)',
    ].join('\n');
  if (forms.length === 0)
    return [
      ...told,
      `Nothing that ${FORM_THRESHOLD} people's records share is unknown to the gazetteer`,
    ].join('\n');
  return [
    ...told,
    'Named by several people, and not in the gazetteer:',
    ...forms.map(
      ({ form, people, guesses }) =>
        `  ${String(people).padStart(4)}  ${form}${guesses.length > 0 ? `   (perhaps ${guesses.join(', ')})` : ''}`,
    ),
    'Next: cardiff places alias "FORM" ID, or cardiff places dismiss "FORM"; a place that has no row gets one in gazetteer/places.csv. Then cardiff ingest reads the files anew.',
  ].join('\n');
}

/** Remembers that a form names no place, by its keyed digest alone. */
export async function dismissForm({ folder, key, now, settings }: Partnership, form: string): Promise<void> {
  const path = join(folder, 'gazetteer', DISMISSED_FILE);
  if (!(await stat(path).catch(() => undefined)))
    await writeFile(path, 'digest,dismissed_on\n', { mode: 0o600 });
  const digest = dismissalDigest(key, form);
  if ((await readDismissed(folder)).has(digest)) return;
  await appendFile(path, `${digest},${localDate(now(), settings.time_zone)}\n`);
}

async function readDismissed(folder: string): Promise<Set<string>> {
  const text = await readFile(join(folder, 'gazetteer', DISMISSED_FILE), 'utf8').catch(() => '');
  return new Set(text.split('\n').map((line) => line.split(',')[0] as string));
}
