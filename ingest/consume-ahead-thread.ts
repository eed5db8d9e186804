/** The thread that consumeAhead starts: consumes, and hands over what comes in portions. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { ConsumeRequest, ConsumerFailure, FromConsumer, ToConsumer } from './consume-ahead.ts';
import { type Consuming, consume, type Fetched, type Partition } from './kafka.ts';
import { KafkaError } from './kafka-error.ts';
import { PORTION_BYTES, packPortion } from './portion.ts';

/** As many as come in while the other thread hands a batch to the store. */
const PORTIONS_AHEAD = 8;
const HEARTBEAT_MS = 2_000;

const port = parentPort as NonNullable<typeof parentPort>;
const { cluster, groupPrefix, topics, group, positions } = workerData as ConsumeRequest;
const say = (message: FromConsumer, memory: ArrayBuffer[] = []) => port.postMessage(message, memory);

const free = Array.from({ length: PORTIONS_AHEAD }, () => new ArrayBuffer(PORTION_BYTES));
let wake: () => void = () => undefined;
let stopping = false;
let consuming: Consuming | undefined;

const nameOf = ({ topic, partition }: Partition) => `${topic}|${partition}`;
/** Where to go on, by partition, once all that was handed over is taken. */
const next = new Map(positions.map((position) => [nameOf(position), position.next]));

/** Waits for memory; undefined where nothing more is to be handed over. */
async function takeMemory(alive: () => Promise<void>): Promise<ArrayBuffer | undefined> {
  while (free.length === 0 && !stopping) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const over = new AbortController();
    await Promise.race([
      woken,
      sleep(HEARTBEAT_MS, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
    over.abort();
    if (free.length === 0 && !stopping) await alive();
  }
  return stopping ? undefined : free.pop();
}

async function handOver(fetched: Fetched, alive: () => Promise<void>): Promise<void> {
  for (let i = 0; i < fetched.messages.n; ) {
    const memory = await takeMemory(alive);
    if (!memory) return;
    const portion = packPortion(fetched, i, memory);
    i += portion.n;
    // Members of a group go on from what the group has committed.
    if (group === undefined) next.set(nameOf(fetched), (portion.offsets[portion.n - 1] as number) + 1);
    say({ portion }, [portion.bytes.buffer as ArrayBuffer]);
  }
}

/** What has failed, in no other words than our own. */
const failureOf = (error: Error): ConsumerFailure =>
  error instanceof KafkaError
    ? { message: error.message, passes: error.passes }
    : { message: `messages could not be taken apart (${error.constructor.name})`, passes: false };

async function stop(): Promise<void> {
  stopping = true;
  wake();
  await consuming?.stop();
  port.close();
}

port.on('message', (message: ToConsumer) => {
  if ('free' in message) {
    // Memory for one large value is not kept.
    free.push(message.free.byteLength === PORTION_BYTES ? message.free : new ArrayBuffer(PORTION_BYTES));
    wake();
  } else if ('stop' in message) void stop();
  else
    consuming?.commit(message.offsets).then(
      () => say({ committed: message.commit, failure: undefined }),
      (error: Error) => say({ committed: message.commit, failure: failureOf(error) }),
    );
});

consume(cluster, groupPrefix, {
  topics,
  group,
  from: (partition) => next.get(nameOf(partition)),
  onFetched: handOver,
})
  .then(async (begun) => {
    consuming = begun;
    if (stopping) return stop();
    say({ started: true });
    const error = await begun.ended;
    if (error && !stopping) say({ failure: failureOf(error) });
  })
  .catch((error: Error) => say({ failure: failureOf(error) }));
