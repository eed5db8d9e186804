/**
 * Kafka, and the only place that touches kafkajs. What kafkajs does wrong is dealt with here: a consumer that has
 * crashed is never revived by it, one that has fallen silent is given up, and its messages are never passed on, because
 * they may quote a record. Whoever consumes begins again with a new one.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, type Consumer, Kafka, type KafkaMessage, logLevel, type SASLOptions } from 'kafkajs';
import { KafkaError } from './kafka-error.ts';
import { gatherMessages, lastOffsetOf, type Messages, readMessages } from './record-batch.ts';

/** A cluster of brokers, with what is needed to be let in. */
export interface Cluster {
  readonly brokers: readonly string[];
  readonly tls: { readonly ca: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
}

export interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** Messages of one partition in their order, one or more. `high` is the offset after the partition's last message. */
export interface Fetched extends Partition {
  readonly messages: Messages;
  readonly high: number;
}

/** The first offset that a partition still has, and the one after its last. */
export interface Extent extends Partition {
  readonly low: number;
  readonly high: number;
}

/** A consumer that has said nothing to a broker for so long is given up: kafkajs at times waits for ever. */
const SILENCE_MS = 45_000;
const SESSION_MS = 10_000;
const FETCH_WAIT_MS = 250;
/** Messages that are fetched together live together: with more of them at once, clearing up takes as long as reading. */
const FETCH_PARTITION_BYTES = 512 << 10;
/** What has not been fetched of the first partitions is fetched before any of the last: there is room for 16 of them. */
const FETCH_BYTES = 8 << 20;
const CONNECT_MS = 5_000;
/** How long a consumer is given to say goodbye. */
const GOODBYE_MS = 5_000;

/** `onError` is told what kafkajs would log as an error, in kafkajs's words, and of which partition. */
function connectTo(
  { brokers, tls, sasl }: Cluster,
  onError?: (words: string, partition: Partition) => void,
): Kafka {
  return new Kafka({
    clientId: 'cardiff',
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    requestTimeout: 15_000,
    // Whether and when to try again is decided by whoever consumes, in one place.
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    logLevel: onError ? logLevel.ERROR : logLevel.NOTHING,
    logCreator:
      () =>
      ({ log }) =>
        onError?.(log.message, log as unknown as Partition),
    ...(tls
      ? {
          ssl: {
            ca: [tls.ca],
            ...(tls.cert && tls.key ? { cert: tls.cert, key: tls.key } : {}),
            rejectUnauthorized: true,
            minVersion: 'TLSv1.2',
          },
        }
      : {}),
    // kafkajs adds functions to what it is given, which then cannot be passed to a thread.
    ...(sasl ? { sasl: { ...sasl } as SASLOptions } : {}),
  });
}

/** The innermost reason, by kafkajs's name or Kafka's type for it. */
function rootOf(error: unknown): { name: string; type: string } {
  const { name = '', type = '', cause, originalError } = error as Record<string, never>;
  const inner = cause ?? originalError;
  return inner && inner !== error ? rootOf(inner) : { name: String(name), type: String(type) };
}

/** A sentence of our own for what kafkajs throws. */
function plainError(error: unknown, brokers: readonly string[]): KafkaError {
  if (error instanceof KafkaError) return error;
  const { name, type } = rootOf(error);
  const where = brokers.join(', ');
  if (name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED')
    return new KafkaError(`the broker (${where}) does not know this user and password: correct sasl`, false);
  if (/AUTHORIZATION_FAILED/.test(type))
    return new KafkaError(
      `the broker (${where}) does not allow this (${type.toLowerCase()}): grant the operation to this user`,
      false,
    );
  if (name === 'KafkaJSNotImplemented')
    return new KafkaError(
      'a topic holds messages in a compression that cannot be read: set compression.type=uncompressed on it',
      false,
    );
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION')
    return new KafkaError('a topic is not there: make it, or run "cardiff listen --create-topics"', true);
  return new KafkaError(
    `the broker (${where}) cannot be used${type ? ` (${type.toLowerCase()})` : ''}: check that it runs and can be reached`,
    true,
  );
}

async function guarded<T>({ brokers }: Cluster, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw plainError(error, brokers);
  }
}

/** Does something as the cluster's administrator. */
async function administer<T>(
  cluster: Cluster,
  work: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  return guarded(cluster, async () => {
    const admin = connectTo(cluster).admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await settled(admin.disconnect());
    }
  });
}

/** Waits for a goodbye, which may fail or take for ever. */
async function settled(goodbye: Promise<unknown>): Promise<void> {
  await Promise.race([goodbye.catch(() => undefined), sleep(GOODBYE_MS, undefined, { ref: false })]);
}

/** What names the cluster, among all that there are. */
export const readClusterId = (cluster: Cluster): Promise<string> =>
  administer(cluster, async (admin) => (await admin.describeCluster()).clusterId);

/** Extents of every partition of the topics. @throws KafkaError where a topic is not there. */
export const readExtents = (cluster: Cluster, topics: readonly string[]): Promise<Extent[]> =>
  administer(cluster, async (admin) => {
    const found = await admin.listTopics();
    const missing = topics.filter((topic) => !found.includes(topic));
    if (missing.length > 0)
      throw new KafkaError(
        `the topic ${missing.join(', ')} is not there: make it, or run "cardiff listen --create-topics"`,
        true,
      );
    const all = await Promise.all(
      topics.map(async (topic) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
          topic,
          partition,
          low: Number(low),
          high: Number(high),
        })),
      ),
    );
    return all.flat();
  });

/** Offsets that a group has committed; partitions without one are left out. */
export const readGroupOffsets = (
  cluster: Cluster,
  group: string,
  topics: readonly string[],
): Promise<(Partition & { next: number })[]> =>
  administer(cluster, async (admin) =>
    (await admin.fetchOffsets({ groupId: group, topics: [...topics] })).flatMap(({ topic, partitions }) =>
      partitions.flatMap(({ partition, offset }) =>
        Number(offset) < 0 ? [] : [{ topic, partition, next: Number(offset) }],
      ),
    ),
  );

export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Makes the topics that are not there; returns their names. */
export const createTopics = (cluster: Cluster, plans: readonly TopicPlan[]): Promise<string[]> =>
  administer(cluster, async (admin) => {
    const there = await admin.listTopics();
    const missing = plans.filter(({ topic }) => !there.includes(topic));
    if (missing.length > 0)
      await admin.createTopics({
        // Waiting for leaders, kafkajs fails where a broker does not know the topic yet; whoever reads waits anyway.
        waitForLeaders: false,
        topics: missing.map(({ topic, partitions, config }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: -1,
          configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
        })),
      });
    return missing.map(({ topic }) => topic);
  });

/** The settings of a topic that are asked for, as the broker has them. */
export const readTopicConfig = (
  cluster: Cluster,
  topic: string,
  names: readonly string[],
): Promise<Record<string, string>> =>
  administer(cluster, async (admin) => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      // 2 is a topic; kafkajs's own list of types is no value of its module's types.
      resources: [{ type: 2, name: topic, configNames: [...names] }],
    });
    return Object.fromEntries(
      (resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]),
    );
  });

/** What kafkajs is handed in place of all messages that were fetched of a partition: the last, with their bytes. */
interface Together {
  readonly offset: string;
  readonly together?: Buffer;
}

/** Has kafkajs leave messages together, where that can be done, for whoever consumes in this thread. */
function leaveTogether(): void {
  const require = createRequire(import.meta.url);
  // Loaded by kafkajs with the first answer to a fetch.
  const path = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages');
  type Decode = (decoder: { buffer: Buffer; offset: number }) => Promise<readonly Together[]>;
  const takeApart = require(path) as Decode;
  const decode: Decode = async (decoder) => {
    const { buffer, offset: at } = decoder;
    const end = at + 4 + buffer.readInt32BE(at);
    const together = buffer.subarray(at + 4, end);
    const last = end <= buffer.length ? lastOffsetOf(together) : undefined;
    if (last === undefined) return takeApart(decoder);
    decoder.offset = end;
    return [{ offset: String(last), together }];
  };
  (require.cache[path] as NodeJS.Module).exports = decode;
}

/** The messages from offset `from` on. */
function messagesOf(messages: readonly (KafkaMessage & Partial<Together>)[], from: number): Messages {
  const together = messages[0]?.together;
  return together ? readMessages(together, from) : gatherMessages(messages);
}

export interface Consumption {
  readonly topics: readonly string[];
  /** Workers that share a group share the partitions; undefined for one that reads all by itself. */
  readonly group: string | undefined;
  /** Where to begin in a partition; undefined where the group knows, or else at the earliest offset. */
  readonly from: (partition: Partition) => number | undefined;
  /** Called with what was fetched of one partition at a time; more is fetched once it has ended. */
  readonly onFetched: (fetched: Fetched, alive: () => Promise<void>) => Promise<void>;
}

export interface Consuming {
  /** Ends when the consumer has failed, with the reason, or was stopped, with none. */
  readonly ended: Promise<KafkaError | Error | undefined>;
  /** Commits offsets to the group. */
  readonly commit: (offsets: readonly (Partition & { next: number })[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Consumes topics until it is stopped or fails. @throws KafkaError where that cannot begin. */
export async function consume(
  cluster: Cluster,
  groupPrefix: string,
  { topics, group, from, onFetched }: Consumption,
): Promise<Consuming> {
  leaveTogether();
  const handedOver = new Set<string>();
  let isPast = false;
  // What was to be read next is gone: kafkajs would go on with the earliest there is and tell nobody. At the beginning that
  // is what is wanted of it, since the lowest offset is compared with what was read before.
  const onError = (words: string, { topic, partition }: Partition) => {
    if (!words.startsWith('Offset out of range') || !handedOver.has(`${topic}|${partition}`)) return;
    isPast = true;
    end(new KafkaError(`what was to be read next of the topic ${topic} is gone: reading begins again`, true));
  };
  const consumer = connectTo(cluster, onError).consumer({
    // One that commits nothing to Kafka needs no name to be found again by, and a new one waits for no dead member.
    groupId: group ?? `${groupPrefix}-${randomUUID()}`,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: 2_000,
    rebalanceTimeout: 20_000,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: FETCH_PARTITION_BYTES,
    maxBytes: FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
  });
  let end: (error: KafkaError | Error | undefined) => void = () => undefined;
  const ended = new Promise<KafkaError | Error | undefined>((resolve) => {
    end = resolve;
  });
  let thrown: Error | undefined;
  const watch = watchSilence(consumer, () =>
    end(new KafkaError('the broker has fallen silent: the connection is made anew', true)),
  );
  const { CRASH, GROUP_JOIN } = consumer.events;
  consumer.on(CRASH, ({ payload: { error } }) => end(thrown ?? plainError(error, cluster.brokers)));
  // Told of its partitions before the first fetch: the listener runs at once, and a seek only notes the offset.
  consumer.on(GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    for (const [topic, partitions] of Object.entries(memberAssignment))
      for (const partition of partitions) {
        const offset = from({ topic, partition });
        if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
      }
  });
  const stop = async () => {
    watch.stop();
    end(undefined);
    await settled(consumer.disconnect());
  };
  try {
    await guarded(cluster, async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch, heartbeat, isRunning, isStale }) => {
          if (isPast || !isRunning() || isStale()) return;
          try {
            const { topic, partition, highWatermark, fetchedOffset } = batch as Batch & {
              fetchedOffset: string;
            };
            const messages = messagesOf(batch.messages, Number(fetchedOffset));
            await onFetched({ topic, partition, messages, high: Number(highWatermark) }, heartbeat);
            handedOver.add(`${topic}|${partition}`);
          } catch (error) {
            // A rebalance is kafkajs's to deal with; what is ours ends the consumer.
            if (!/^KafkaJS/.test((error as Error).name)) {
              thrown = error as Error;
              end(thrown);
            }
            throw error;
          }
        },
      });
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ended,
    stop,
    commit: (offsets) =>
      guarded(cluster, () =>
        consumer.commitOffsets(
          offsets.map(({ topic, partition, next }) => ({ topic, partition, offset: String(next) })),
        ),
      ),
  };
}

/** Calls `onSilence` once where the consumer has heard nothing from a broker for too long. */
function watchSilence(consumer: Consumer, onSilence: () => void): { stop: () => void } {
  let last = process.uptime();
  const heard = () => {
    last = process.uptime();
  };
  const { FETCH, HEARTBEAT, GROUP_JOIN, START_BATCH_PROCESS, END_BATCH_PROCESS } = consumer.events;
  for (const event of [FETCH, HEARTBEAT, GROUP_JOIN, START_BATCH_PROCESS, END_BATCH_PROCESS] as const)
    consumer.on(event as typeof FETCH, heard);
  const timer = setInterval(() => {
    if (process.uptime() - last < SILENCE_MS / 1000) return;
    clearInterval(timer);
    onSilence();
  }, 1_000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

export interface OutgoingMessage {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Producing {
  /** Resolves once every in-sync replica has the messages, in their order. */
  readonly send: (topic: string, messages: readonly OutgoingMessage[]) => Promise<void>;
  readonly partitions: (topic: string) => number;
  readonly close: () => Promise<void>;
}

/** Opens an idempotent producer to the topics, which must be there. */
export async function openProducer(cluster: Cluster, topics: readonly string[]): Promise<Producing> {
  const extents = await readExtents(cluster, topics);
  const producer = connectTo(cluster).producer({
    idempotent: true,
    // With more under way, kafkajs gives up idempotence on the first that is sent again.
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    // kafkajs asks its partitioner even where a message names its partition.
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  await guarded(cluster, () => producer.connect());
  return {
    partitions: (name) => extents.filter(({ topic }) => topic === name).length,
    send: (topic, messages) =>
      guarded(cluster, async () => {
        await producer.send({
          topic,
          acks: -1,
          messages: messages.map((message) => ({ ...message, headers: { ...message.headers } })),
        });
      }),
    close: () => settled(producer.disconnect()),
  };
}
