/** cardiff listen: consumes the topics of the settings until it is stopped, and never counts a record twice or not at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { consumeAhead } from '../ingest/consume-ahead.ts';
import {
  type Cluster,
  type Consuming,
  type Extent,
  openProducer,
  type Partition,
  readClusterId,
  readExtents,
  readGroupOffsets,
} from '../ingest/kafka.ts';
import { KafkaError } from '../ingest/kafka-error.ts';
import type { Portion } from '../ingest/portion.ts';
import type { KafkaSettings } from '../schemas/kafka-settings.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { type Tally, total } from '../schemas/tally.ts';
import { ReadElsewhere, readMakers, readPositions } from '../transform/stream.ts';
import { checkTopics, kafkaOf, openCluster } from './kafka-cluster.ts';
import { boardSide } from './listen-board.ts';
import { hospitalSide } from './listen-hospital-side.ts';
import type { Committed, Listened, Side, Taken } from './listen-side.ts';
import { type HeldStore, holdStore } from './listen-store.ts';
import { storeSide } from './listen-store-side.ts';
import { createWatch, serveWatch, type Tell, type Watch } from './listen-watch.ts';
import type { Partnership } from './partnership.ts';

/** What has come is committed so long after its first record; while there is much more to come, so long. */
const LINGER_MS = 150;
const LINGER_BEHIND_MS = 1_050;
const LONGEST_PAUSE_MS = 30_000;
const DAY_LOOK_MS = 10_000;
/** A source's share of bad records is looked at once it has so many, and then over about the latest so many. */
const LEAST_FOR_SHARE = 100;
const LATEST_FOR_SHARE = 1_000;

/** A source that must not be read on until a person has looked. */
export class SourceStopped extends Error {
  readonly source: string;
  constructor(source: string, message: string) {
    super(message);
    this.source = source;
  }
}

/** Everything that outlasts one attempt at reading. */
interface Listener {
  readonly partnership: Partnership;
  readonly settings: KafkaSettings;
  readonly cluster: Cluster;
  readonly store: HeldStore;
  readonly tell: Tell;
  readonly watch: Watch;
  readonly stop: AbortSignal;
  /** Why sources were stopped. */
  readonly stopped: Map<string, string>;
  /** Whether the topics' settings have been looked at. */
  checked: boolean;
  /** Rows and bad ones of late, by source. */
  readonly shares: Map<string, { rows: number; bad: number }>;
}

/**
 * Listens until `stop` is signalled, or every source had to stop. What passes by itself or is put right meanwhile (the
 * broker gone, the store in use, the disk full) is waited for. Returns why sources were stopped, by source.
 */
export async function listen(
  partnership: Partnership,
  stop: AbortSignal,
  tell: Tell,
  store: HeldStore = holdStore(partnership),
): Promise<Record<string, string>> {
  const settings = kafkaOf(partnership);
  const watch = createWatch();
  const listener: Listener = {
    partnership,
    settings,
    cluster: await openCluster(partnership.folder, settings.cluster),
    store,
    tell,
    watch,
    stop,
    stopped: new Map(),
    checked: false,
    shares: new Map(),
  };
  const { metrics_port } = settings;
  const served = metrics_port === 'off' ? undefined : await serveWatch(watch, metrics_port);
  if (served) tell('metrics', { address: `http://127.0.0.1:${served.port}/metrics` });
  let pause = 500;
  let lastSaid = '';
  try {
    while (!stop.aborted && sourcesOf(listener).length > 0) {
      const began = partnership.now();
      try {
        await readUntilTrouble(listener);
      } catch (error) {
        if (error instanceof SourceStopped) {
          listener.stopped.set(error.source, error.message);
          watch.set('cardiff_source_stopped', 1, { source: error.source });
          tell('source-stopped', { source: error.source, reason: error.message });
          continue;
        }
        const reason = reasonOf(error);
        watch.waitFor(reason);
        watch.add('cardiff_restarts_total', 1);
        // What lasted is not held against what comes now.
        pause = partnership.now() - began > LONGEST_PAUSE_MS ? 500 : Math.min(2 * pause, LONGEST_PAUSE_MS);
        if (reason !== lastSaid) tell('waiting', { reason });
        lastSaid = reason;
        await sleep(pause, undefined, { signal: stop }).catch(() => undefined);
      }
    }
  } finally {
    store.rest();
    await served?.close();
  }
  tell('stopped');
  return Object.fromEntries(listener.stopped);
}

/** Why reading has to begin anew; throws what waiting cannot mend. */
function reasonOf(error: unknown): string {
  const mends =
    error instanceof KafkaError
      ? error.passes
      : error instanceof ReadElsewhere || (error instanceof Error && error.constructor === Error);
  if (!mends || (error as NodeJS.ErrnoException).code) throw error;
  return (error as Error).message;
}

const sourcesOf = ({ partnership, settings, stopped }: Listener): Listened[] =>
  Object.entries(settings.topics)
    .filter(([id]) => !stopped.has(id))
    .map(([id, topic]) => ({
      source: partnership.settings.sources.find((source) => source.id === id) as SourceSettings,
      topic,
    }));

const nameOf = (topic: string, partition: number) => `${topic}|${partition}`;

/** Reads on from where the last commit ended, until it is stopped or something fails. */
async function readUntilTrouble(listener: Listener): Promise<void> {
  const { partnership, settings, cluster, store, tell, watch, stop } = listener;
  const listened = sourcesOf(listener);
  const byTopic = new Map(listened.map((each) => [each.topic.topic, each]));
  const group = settings.mode === 'hospital' ? settings.group : undefined;
  const { positions, makers } =
    group === undefined
      ? await store.use(async (open) => ({
          positions: await readPositions(open),
          makers: await readMakers(open),
        }))
      : { positions: [], makers: new Map<string, string>() };
  const begun =
    group === undefined
      ? new Map(
          positions
            .filter(
              ({ origin, topic, generation }) =>
                origin === '' && byTopic.get(topic)?.topic.generation === generation,
            )
            .map(({ topic, partition, next }) => [nameOf(topic, partition), next]),
        )
      : new Map(
          (await readGroupOffsets(cluster, group, [...byTopic.keys()])).map(({ topic, partition, next }) => [
            nameOf(topic, partition),
            next,
          ]),
        );
  // Others may have the store until there is something to commit, however long that takes.
  store.rest();
  // Looked at after the positions: others may read on in between, and a topic only grows.
  const extents = await readExtents(cluster, [...byTopic.keys()]);
  checkExtents(listened, extents, begun);
  if (!listener.checked) await tellFindings(listener);

  const over = new AbortController();
  let consuming: Consuming | undefined;
  const options = {
    partnership,
    listened,
    agreed: await partnership.agreed(),
    check: (source: string, tally: Tally) => checkShare(listener, source, tally),
  };
  const side: Side =
    settings.mode === 'hospital'
      ? hospitalSide({
          ...options,
          producing: await openProducer(
            await openCluster(partnership.folder, settings.partnership as KafkaSettings['cluster']),
            listened.map(({ topic }) => topic.sends_to?.topic as string),
          ),
          origin: await readClusterId(cluster),
          commit: async (offsets) => consuming?.commit(offsets),
        })
      : settings.mode === 'board'
        ? boardSide(options, store, positions, makers)
        : storeSide(options, store);

  const reading = startReading(listener, side, listened, extents, begun);
  try {
    consuming = await consumeAhead(
      {
        cluster,
        groupPrefix: settings.group,
        topics: [...byTopic.keys()],
        group,
        positions: reading.positions(),
      },
      (portion) => reading.take(byTopic.get(portion.topic) as Listened, portion),
      stop,
    );
    watch.waitFor(undefined);
    tell('listening', { mode: settings.mode, topics: listened.length, partitions: extents.length });
    const aborted = new Promise<undefined>((resolve) => {
      if (stop.aborted) resolve(undefined);
      stop.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    // A new day has another today, after which nothing can have happened.
    const error = await Promise.race([
      consuming.ended,
      reading.failed,
      aborted,
      nextDay(partnership, over.signal),
    ]);
    if (error) throw error;
    // What is in memory is committed before the consumer says goodbye, or another would read it again.
    await reading.finish();
  } finally {
    over.abort();
    reading.end();
    await consuming?.stop();
    await reading.settled();
    await side.close();
  }
}

/** Says once what is wrong with the topics; that this may not be looked at is no reason not to read. */
async function tellFindings(listener: Listener): Promise<void> {
  listener.checked = true;
  const findings = await checkTopics(listener.partnership).catch((error: Error) => {
    if (error instanceof KafkaError) return [`the topics' settings cannot be looked at: ${error.message}`];
    throw error;
  });
  listener.watch.set('cardiff_topic_findings', findings.length);
  for (const finding of findings) listener.tell('topic-settings', { finding });
}

/** Resolves, with nothing, when the local day is another, or once it is of no interest any more. */
async function nextDay({ today }: Partnership, over: AbortSignal): Promise<undefined> {
  const day = today();
  while (!over.aborted && today() === day)
    await sleep(DAY_LOOK_MS, undefined, { signal: over, ref: false }).catch(() => undefined);
  return undefined;
}

/** Compares what was read with what the topics hold. @throws SourceStopped where a topic ends before that. */
function checkExtents(
  listened: readonly Listened[],
  extents: readonly Extent[],
  begun: ReadonlyMap<string, number>,
): void {
  for (const { topic, partition, high } of extents) {
    const next = begun.get(nameOf(topic, partition));
    const each = listened.find((candidate) => candidate.topic.topic === topic);
    if (next !== undefined && each && next > high)
      throw new SourceStopped(
        each.source.id,
        `the topic ${topic} ends at ${high} in partition ${partition}, before ${next}, up to which it was read: it was cut short or made anew; if so, raise kafka.topics.${each.source.id}.generation by one`,
      );
  }
}

/** Throws where a source's share of bad rows has grown above what the settings allow. */
function checkShare({ settings, shares }: Listener, source: string, tally: Tally): void {
  const before = shares.get(source) ?? { rows: 0, bad: 0 };
  const now = { rows: before.rows + tally.read, bad: before.bad + total(tally.rejected) };
  if (now.rows >= LEAST_FOR_SHARE && now.bad > settings.stop_above_bad_share * now.rows) {
    shares.delete(source);
    const reasons = Object.entries(tally.rejected)
      .flatMap(([field, counts]) => Object.entries(counts).map(([reason, n]) => ({ field, reason, n })))
      .sort((a, b) => b.n - a.n);
    const [most] = reasons;
    throw new SourceStopped(
      source,
      `${now.bad} of its latest ${now.rows} records cannot be read${most ? ` (mostly ${most.field}: ${most.reason})` : ''}: nothing more is read of it; put it right at the sender or under the source's headers, codes and dates, and start again`,
    );
  }
  const kept = now.rows > LATEST_FOR_SHARE ? LATEST_FOR_SHARE / now.rows : 1;
  shares.set(source, { rows: now.rows * kept, bad: now.bad * kept });
}

interface Reading {
  /** Where to begin in each partition; members of a group go on from what the group has committed. */
  readonly positions: () => (Partition & { next: number })[];
  readonly take: (each: Listened, portion: Portion) => Promise<void>;
  /** Resolves with what made a commit fail. */
  readonly failed: Promise<Error>;
  /** Commits what waits. */
  readonly finish: () => Promise<void>;
  /** Commits nothing more. */
  readonly end: () => void;
  /** Resolves when no commit is under way. */
  readonly settled: () => Promise<void>;
}

/** Messages in, commits out: one commit at a time, while what comes meanwhile is taken, as far as there is room. */
function startReading(
  { store, tell, watch, partnership, settings }: Listener,
  side: Side,
  listened: readonly Listened[],
  extents: readonly Extent[],
  begun: ReadonlyMap<string, number>,
): Reading {
  const isHospital = settings.mode === 'hospital';
  const next = new Map<string, number>();
  const missing = new Map<string, number>();
  for (const { topic, partition, low } of extents) {
    const name = nameOf(topic, partition);
    const known = begun.get(name);
    // Where a group knows nothing yet, the first message says where its partition begins.
    if (known !== undefined || !isHospital) next.set(name, Math.max(known ?? low, low));
    if (known === undefined || known >= low) continue;
    missing.set(name, low - known);
    watch.add('cardiff_missing_offsets_total', low - known, { topic, partition });
    tell('missing', { topic, partition, from: known, to: low });
  }
  let taken = new Map<string, Map<number, Taken>>();
  let timer: NodeJS.Timeout | undefined;
  let committing: Promise<void> | undefined;
  /** How long the first of what is taken has waited. */
  let waited = 0;
  /** Partitions of which there is more to be read than has been. */
  const behind = new Set<string>();
  /** Set while a message is taken over several turns of the event loop, during which nothing may be turned. */
  let taking = false;
  let ended = false;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });

  const commit = (): Promise<void> => {
    clearTimeout(timer);
    if (taken.size === 0) return Promise.resolve();
    const [turned, write] = [taken, side.turn(taken)];
    taken = new Map();
    const began = partnership.now();
    committing = write().then(
      (committed) => {
        committing = undefined;
        tellCommit(watch, committed, turned, listened, began, partnership.now());
        if (ended) return;
        // Where nothing came meanwhile, others may have the store.
        if (taken.size > 0) commitIfDue();
        else store.rest();
      },
      (error: Error) => {
        committing = undefined;
        ended = true;
        fail(error);
      },
    );
    return committing;
  };
  /** While there is more to be read than has been, much is committed at once; caught up, little and soon. */
  const commitIfDue = () => {
    const isDue = waited >= (behind.size > 0 ? LINGER_BEHIND_MS : LINGER_MS);
    if (isDue && taken.size > 0 && !taking && !committing && !ended) void commit();
  };
  const wait = () => {
    timer = setTimeout(() => {
      waited += LINGER_MS;
      wait();
      commitIfDue();
    }, LINGER_MS);
  };
  const makeRoom = async () => {
    await committing;
    // A commit that is begun has put what waited out of the way already: it is not waited for.
    if (!ended) void commit();
  };
  const note = (source: string, partition: number, name: string, from: number, to: number, high: number) => {
    const gone = missing.get(name) ?? 0;
    missing.delete(name);
    if (taken.size === 0) {
      waited = 0;
      wait();
    }
    const partitions = taken.get(source) ?? new Map<number, Taken>();
    taken.set(source, partitions);
    const reached = partitions.get(partition);
    if (reached) [reached.next, reached.high] = [to, high];
    else partitions.set(partition, { from: from - gone, next: to, high, missing: gone });
    next.set(name, to);
  };

  return {
    failed,
    positions: () =>
      isHospital
        ? []
        : extents.flatMap(({ topic, partition }) => {
            const offset = next.get(nameOf(topic, partition));
            return offset === undefined ? [] : [{ topic, partition, next: offset }];
          }),
    take: async (each, portion) => {
      const { topic, partition, n, offsets, high } = portion;
      const name = nameOf(topic, partition);
      let from = next.get(name) ?? (offsets[0] as number);
      if (high < from && !isHospital)
        throw new KafkaError(`the topic ${topic} ends before what was read of it`, true);
      let i = 0;
      while (i < n && (offsets[i] as number) < from) i++;
      while (i < n && !ended) {
        taking = true;
        const reached = await side.take(each, portion, i).finally(() => {
          taking = false;
        });
        if (ended) return;
        if (reached > i) {
          const to = (offsets[reached - 1] as number) + 1;
          note(each.source.id, partition, name, from, to, high);
          from = to;
        }
        i = reached;
        if (i < n) await makeRoom();
      }
      if (from < high) behind.add(name);
      else behind.delete(name);
      watch.add('cardiff_messages_total', n, { topic, partition });
      commitIfDue();
    },
    finish: async () => {
      await committing;
      if (!ended) await commit();
      ended = true;
      const error = await Promise.race([failed, Promise.resolve(undefined)]);
      if (error) throw error;
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
    settled: async () => {
      await committing;
    },
  };
}

/** Tells the watch of a commit. */
function tellCommit(
  watch: Watch,
  committed: readonly Committed[],
  taken: ReadonlyMap<string, ReadonlyMap<number, Readonly<Taken>>>,
  listened: readonly Listened[],
  began: number,
  now: number,
): void {
  const seconds = Math.max(0, now - began) / 1000;
  let rows = 0;
  for (const { source, tally, unknownKeys } of committed) {
    watch.addTally(source, tally);
    watch.add('cardiff_unknown_keys_total', unknownKeys, { source });
    rows += tally.read;
  }
  for (const { source, topic } of listened)
    for (const [partition, { next, high }] of taken.get(source.id) ?? [])
      watch.set('cardiff_lag_messages', Math.max(0, high - next), { topic: topic.topic, partition });
  watch.add('cardiff_commits_total', 1);
  watch.add('cardiff_commit_seconds_total', seconds);
  watch.set('cardiff_last_commit_rows', rows);
  watch.set('cardiff_last_commit_seconds', seconds);
  watch.set('cardiff_last_success_timestamp_seconds', now / 1000);
}

/** What `cardiff listen` answers when it has ended: why sources were stopped. */
export function listenText(stopped: Readonly<Record<string, string>>): string {
  const lines = Object.entries(stopped).map(([source, reason]) => `${source} was stopped: ${reason}`);
  return lines.length > 0 ? lines.join('\n') : 'stopped';
}
