/** The register of a partnership folder. */
import { join } from 'node:path';
import { flushRegister, openRegister, readRegister, record } from '../reports/register.ts';
import type { LineOf, RegisterEvent, RegisterLine } from '../schemas/register.ts';
import type { Store } from '../transform/store.ts';
import type { Partnership } from './partnership.ts';

const pathOf = ({ folder }: Partnership) => join(folder, 'register.jsonl');

/** Checks the register, completes what was killed, and reads it. @throws Error naming the line that is not right. */
export async function openLines(partnership: Partnership, store: Store): Promise<RegisterLine[]> {
  await openRegister(pathOf(partnership), store);
  return readRegister(store);
}

/** Writes events down in the caller's transaction; they are in the file after `flushLines`. */
export const recordLines = (
  partnership: Partnership,
  store: Store,
  events: readonly RegisterEvent[],
): Promise<void> => record(store, partnership.now(), events);

/** Takes to the file what has been committed. */
export const flushLines = (partnership: Partnership, store: Store): Promise<void> =>
  flushRegister(pathOf(partnership), store);

/** Writes events down and takes them to the file. */
export async function registerNow(
  partnership: Partnership,
  store: Store,
  events: readonly RegisterEvent[],
): Promise<void> {
  await store.transaction(() => recordLines(partnership, store, events));
  await flushLines(partnership, store);
}

/** The lines of one kind. */
export const linesOf = <Event extends RegisterLine['event']>(
  lines: readonly RegisterLine[],
  event: Event,
): LineOf<Event>[] => lines.filter((line): line is LineOf<Event> => line.event === event);
