/** Consumes topics in a thread of its own, so that messages are fetched and taken apart while earlier ones are worked on. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Cluster, Consuming, Partition } from './kafka.ts';
import { KafkaError } from './kafka-error.ts';
import type { Portion } from './portion.ts';

type Reached = Partition & { readonly next: number };

/** What the thread is asked to consume. */
export interface ConsumeRequest {
  readonly cluster: Cluster;
  readonly groupPrefix: string;
  readonly topics: readonly string[];
  /** Workers that share a group share the partitions; undefined for one that reads all by itself. */
  readonly group: string | undefined;
  /** Where to begin; a partition that is not named begins where the group knows, or else at the earliest offset. */
  readonly positions: readonly Reached[];
}

/** What the thread is told: to use a portion's memory again, to commit offsets to the group, to come to an end. */
export type ToConsumer =
  | { readonly free: ArrayBuffer }
  | { readonly commit: number; readonly offsets: readonly Reached[] }
  | { readonly stop: true };

/** A failure in words of our own. */
export interface ConsumerFailure {
  readonly message: string;
  readonly passes: boolean;
}

/** What the thread says. */
export type FromConsumer =
  | { readonly started: true }
  | { readonly portion: Portion }
  | { readonly committed: number; readonly failure: ConsumerFailure | undefined }
  | { readonly failure: ConsumerFailure };

/** A message is some objects that die at once: with more room for the young they are hardly ever copied. */
const YOUNG = { maxYoungGenerationSizeMb: 64 };
/** Longer than the thread itself waits for the broker's goodbye. */
const GOODBYE_MS = 7_000;
const START_MS = 45_000;

/**
 * Consumes until it is stopped or fails. `onPortion` is called with one portion at a time, whose memory is used again
 * once it has resolved: some portions are fetched ahead of it and no more, which is all the back-pressure needed.
 *
 * @throws KafkaError where that cannot begin, or `signal` says that it need not.
 */
export async function consumeAhead(
  request: ConsumeRequest,
  onPortion: (portion: Portion) => Promise<void>,
  signal: AbortSignal,
): Promise<Consuming> {
  const worker = new Worker(workerFile(), { workerData: request, resourceLimits: YOUNG });
  const say = (message: ToConsumer, memory: ArrayBuffer[] = []) => worker.postMessage(message, memory);
  const started = settleable<undefined>();
  const ended = settleable<Error | undefined>();
  const commits = new Map<number, (failure: Error | undefined) => void>();
  let begun = false;
  let stopped = false;
  let lastCommit = 0;
  let taken: Promise<void> = Promise.resolve();

  const end = (error: Error | undefined) => {
    stopped = true;
    started.settle(undefined);
    ended.settle(error);
    for (const tell of commits.values()) tell(error ?? new KafkaError('reading was stopped', true));
    commits.clear();
  };
  const take = async (portion: Portion) => {
    if (stopped) return;
    try {
      await onPortion(portion);
      const { buffer } = portion.bytes;
      if (!stopped) say({ free: buffer as ArrayBuffer }, [buffer as ArrayBuffer]);
    } catch (error) {
      end(error as Error);
    }
  };
  worker.on('message', (message: FromConsumer) => {
    // What else this thread waits for has its turn between two portions.
    if ('portion' in message) taken = taken.then(() => setImmediate()).then(() => take(message.portion));
    else if ('started' in message) {
      begun = true;
      started.settle(undefined);
    } else if ('committed' in message) {
      commits.get(message.committed)?.(message.failure && errorOf(message.failure));
      commits.delete(message.committed);
    } else end(errorOf(message.failure));
  });
  const died = () => end(new KafkaError('reading of messages ended unexpectedly: it begins again', true));
  const exited = new Promise<void>((resolve) => {
    worker.on('error', died).on('exit', () => {
      died();
      resolve();
    });
  });

  const stop = async () => {
    end(undefined);
    say({ stop: true });
    await Promise.race([exited, sleep(GOODBYE_MS, undefined, { ref: false })]);
    await worker.terminate();
  };
  const patience = new AbortController();
  await Promise.race([
    started.promise,
    // kafkajs at times waits for ever to be let in, and whoever stops does not wait for it.
    sleep(START_MS, undefined, { signal: AbortSignal.any([signal, patience.signal]) })
      .catch(() => undefined)
      .then(() => {
        if (!begun) end(new KafkaError('reading did not begin: the connection is made anew', true));
      }),
  ]);
  if (stopped) {
    await worker.terminate();
    throw await ended.promise;
  }
  patience.abort();
  return {
    ended: ended.promise,
    stop,
    commit: (offsets) =>
      new Promise((resolve, reject) => {
        if (stopped) {
          reject(new KafkaError('reading was stopped', true));
          return;
        }
        const commit = ++lastCommit;
        commits.set(commit, (failure) => (failure ? reject(failure) : resolve()));
        say({ commit, offsets });
      }),
  };
}

const errorOf = ({ message, passes }: ConsumerFailure) => new KafkaError(message, passes);

/** A promise that is settled from outside; the first time counts. */
function settleable<T>(): { promise: Promise<T>; settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

/** A thread runs compiled code, whichever way this file is run. */
function workerFile(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist', 'ingest', 'consume-ahead-thread.js');
}
