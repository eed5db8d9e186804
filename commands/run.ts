/** cardiff run: watches the inboxes, listens to topics, and looks at the scheduled times whether a period is ready. */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { listInbox } from '../ingest/inbox.ts';
import { isSchedule, startSchedule, wasDue } from '../reports/schedule.ts';
import type { KafkaSettings } from '../schemas/kafka-settings.ts';
import { localDate, wallClock } from './clock.ts';
import { latestDelivered, readCoverage } from './coverage.ts';
import { ingest, newFiles } from './ingest.ts';
import { type HeldStore, openFreeStore } from './listen-store.ts';
import type { Tell } from './listen-watch.ts';
import { checkKey, openPartnership, type Partnership } from './partnership.ts';
import { publish } from './publish.ts';
import { Refused } from './refused.ts';
import { sentenceFor } from './sentence-for.ts';
import { UsageError } from './usage-error.ts';

const POLL_MS = 5_000;
const RETRY_MS = 600_000;
const TASK = 'publish';

/**
 * Runs until `stop` is signalled; then what is under way is finished. The store is held only while it is used, so
 * other commands can be run in between. Each step is reported with `say`.
 */
export async function runForever(
  folder: string,
  stop: AbortSignal,
  say: (line: string) => void,
  pollMs = POLL_MS,
): Promise<void> {
  const partnership = await openPartnership(folder);
  const { schedule, on_schedule } = partnership.settings.publish;
  if (!isSchedule(schedule))
    throw new UsageError(
      `publish.schedule: "${schedule}" is no cron expression: wanted, for example, "0 7 * * *"`,
    );
  say(
    `watching ${partnership.settings.sources.length} inboxes; schedule "${schedule}" makes a ${on_schedule}`,
  );

  // One thing at a time: what comes meanwhile waits its turn.
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const inTurn = (work: () => Promise<void>) =>
    alone(work).catch((error: unknown) => say(sentenceFor(error)));
  const { time_zone } = partnership.settings;
  let kept = await readLastKept(partnership, stop);
  let notBefore = 0;
  const isDue = () => {
    const now = partnership.now();
    return (
      now >= notBefore &&
      (kept === undefined || wasDue(schedule, wallClock(kept, time_zone), wallClock(now, time_zone)))
    );
  };
  // The schedule only wakes the loop; what counts is whether a scheduled time has passed since it was last kept.
  let wake = new AbortController();
  const endSchedule = startSchedule(schedule, time_zone, async () => wake.abort());
  const seen = new Map<string, string>();
  const listening = partnership.settings.kafka
    ? listenBeside(partnership, partnership.settings.kafka, stop, alone, say)
    : undefined;
  try {
    while (!stop.aborted) {
      await inTurn(() => ingestSettled(partnership, seen, say, stop));
      await inTurn(async () => {
        if (!isDue()) return;
        const at = partnership.now();
        notBefore = at + RETRY_MS;
        await publishReady(partnership, at, say, stop);
        kept = at;
        notBefore = 0;
      });
      await sleep(pollMs, undefined, { signal: AbortSignal.any([stop, wake.signal]) }).catch(() => undefined);
      wake = new AbortController();
    }
  } finally {
    endSchedule();
    await listening;
    await last;
  }
}

/** Listens until `stop`, with the store for itself only while it commits. */
async function listenBeside(
  partnership: Partnership,
  { topics }: KafkaSettings,
  stop: AbortSignal,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
  say: (line: string) => void,
): Promise<void> {
  say(`listening to ${Object.keys(topics).length} topics`);
  const use: HeldStore['use'] = (work) =>
    alone(async () => {
      const store = await openFreeStore(partnership.folder, stop);
      try {
        await checkKey(partnership, store);
        return await work(store);
      } finally {
        store.close();
      }
    });
  const tell: Tell = (event, details) =>
    say(`listen: ${event}${details ? ` ${JSON.stringify(details)}` : ''}`);
  const { listen } = await import('./listen.ts');
  await listen(partnership, stop, tell, { use, rest: () => undefined }).catch((error: unknown) =>
    say(`listening has ended: ${sentenceFor(error)}`),
  );
}

/** Reads the inboxes where a file has lain unchanged since the last look. */
async function ingestSettled(
  partnership: Partnership,
  seen: Map<string, string>,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const settled: string[] = [];
  for (const { id } of partnership.settings.sources) {
    const listed = await listInbox(partnership.folder, id).catch((error: unknown) => {
      const told = sentenceFor(error);
      if (seen.get(id) !== told) say(told);
      seen.set(id, told);
      return [];
    });
    for (const path of listed) {
      const found = await stat(path).catch(() => undefined);
      if (!found) continue;
      const state = `${found.size}|${found.mtimeMs}`;
      if (seen.get(path) === state) settled.push(path);
      else if (seen.get(path) !== `${state}|read`) seen.set(path, state);
    }
  }
  if (settled.length === 0) return;
  const store = await openFreeStore(partnership.folder, stop);
  try {
    const listed = await Promise.all(
      partnership.settings.sources.map((source) => newFiles(partnership, store, source)),
    );
    // Only those that have settled: one that is still being written may lie beside them.
    const ready = listed.flat().filter((path) => settled.includes(path));
    const { sources, failures } =
      ready.length > 0 ? await ingest(partnership, store, ready) : { sources: {}, failures: [] };
    for (const [id, summary] of Object.entries(sources)) {
      if (summary.read > 0)
        say(
          `${id}: read ${summary.read} rows of ${summary.files.length} files, accepted ${summary.accepted}`,
        );
    }
    for (const { message } of failures) say(message);
    for (const path of settled) seen.set(path, `${seen.get(path)}|read`);
  } finally {
    store.close();
  }
}

/** When the schedule was last kept, in milliseconds since 1970; undefined where it never was. */
async function readLastKept(partnership: Partnership, stop: AbortSignal): Promise<number | undefined> {
  const store = await openFreeStore(partnership.folder, stop);
  try {
    const [success] = await store.query<{ at_time: string }>(
      'SELECT at_time FROM last_success WHERE task = $1',
      [TASK],
    );
    return success && Date.parse(success.at_time);
  } finally {
    store.close();
  }
}

/** Makes the draft or the release of the latest quarter that is ready; records that the schedule was kept. */
async function publishReady(
  partnership: Partnership,
  at: number,
  say: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const { settings } = partnership;
  const store = await openFreeStore(partnership.folder, stop);
  try {
    const coverage = await readCoverage(store, settings.sources);
    const period = latestDelivered(coverage, localDate(at, settings.time_zone));
    if (period === undefined) say('no quarter is delivered yet');
    else {
      const draft = settings.publish.on_schedule === 'draft';
      try {
        const { made, folder } = await publish(partnership, store, { period, draft, without: [] });
        say(made ? `made ${folder}` : `${folder} is as it should be`);
      } catch (error) {
        // That a period waits or may not leave is an answer; it is asked again at the next scheduled time.
        if (!(error instanceof Refused)) throw error;
        say(error.message);
      }
    }
    await store.run('INSERT OR REPLACE INTO last_success VALUES ($1, $2)', [
      TASK,
      new Date(at).toISOString(),
    ]);
  } finally {
    store.close();
  }
}
