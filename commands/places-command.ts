/** The command line of the review of unresolved places. */
import { resolve } from 'node:path';
import { addAlias } from './gazetteer.ts';
import type { Options, Outcome } from './options.ts';
import { openPartnership } from './partnership.ts';
import { dismissForm, reviewPlaces, reviewText } from './places.ts';
import { UsageError } from './usage-error.ts';

/** Runs `cardiff places`. @throws UsageError where no such task is known. */
export async function placesCommand({ dir, positionals, since, until }: Options): Promise<Outcome> {
  const [task = 'review', form = '', id = ''] = positionals;
  const folder = resolve(dir);
  if (task === 'review') {
    const review = await reviewPlaces(await openPartnership(folder));
    return { result: review, text: reviewText(review), code: review.failures.length > 0 ? 1 : 0 };
  }
  if (form.trim() === '') throw new UsageError('which form? wanted it as "cardiff places review" lists it');
  if (task === 'alias') {
    await addAlias(folder, form, id, since, until);
    return { result: { place: id }, text: `Remembered as a name of ${id}. Next: cardiff ingest` };
  }
  if (task !== 'dismiss') throw new UsageError('what about places? wanted review, alias or dismiss');
  await dismissForm(await openPartnership(folder), form);
  return { result: {}, text: 'Put aside' };
}
