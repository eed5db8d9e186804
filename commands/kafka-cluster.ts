/** The clusters of the settings, with their certificates and passwords; topics made and looked at. */
import { readFile } from 'node:fs/promises';
import { type Cluster, createTopics, readTopicConfig, type TopicPlan } from '../ingest/kafka.ts';
import type { ClusterSettings, KafkaSettings } from '../schemas/kafka-settings.ts';
import { inFolder, refuseOthers } from './load-settings.ts';
import type { Partnership } from './partnership.ts';
import { UsageError } from './usage-error.ts';

const HOUR_MS = 3_600_000;

/** The part of the settings that is about Kafka. @throws UsageError where there is none. */
export function kafkaOf({ settings, folder }: Partnership): KafkaSettings {
  if (settings.kafka && Object.keys(settings.kafka.topics).length > 0) return settings.kafka;
  throw new UsageError(
    `${folder}/cardiff.yaml names no topic to listen to: "kafka" is explained in the file that "cardiff init FOLDER" makes`,
  );
}

/** Reads the files that a cluster's settings name. @throws UsageError for one that is missing or that others can read. */
export async function openCluster(folder: string, settings: ClusterSettings): Promise<Cluster> {
  const { brokers, tls, sasl } = settings;
  const read = (path: string) =>
    readFile(inFolder(folder, path), 'utf8').catch(() => {
      throw new UsageError(`${path} is not there, which the settings of kafka name: supply the file`);
    });
  const secret = async (path: string) => {
    const text = await read(path);
    await refuseOthers(inFolder(folder, path), '600');
    return text;
  };
  return {
    brokers,
    tls:
      tls === 'off'
        ? undefined
        : {
            ca: await read(tls.ca),
            ...(tls.cert ? { cert: await read(tls.cert) } : {}),
            ...(tls.key ? { key: await secret(tls.key) } : {}),
          },
    sasl:
      sasl === 'off'
        ? undefined
        : {
            mechanism: sasl.mechanism,
            username: sasl.username,
            password: (await secret(sasl.password_file)).trim(),
          },
  };
}

/** What every topic of ours is set to. */
const wantedConfig = (keepHours: number) => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(keepHours * HOUR_MS),
  // Records go with the segment that they are in, once that is closed.
  'segment.ms': String(Math.min(HOUR_MS, keepHours * HOUR_MS)),
  // By the broker's clock: with the sender's, a date in the future would keep a record for ever.
  'message.timestamp.type': 'LogAppendTime',
});
/** Broker and client both unpack what a sender has packed; this way the broker refuses what would burst. */
const RAW_CONFIG = { 'compression.type': 'uncompressed' };

/** Makes the topics of the settings that are not there. Returns their names. */
export async function makeTopics(partnership: Partnership): Promise<string[]> {
  const { folder } = partnership;
  const { cluster, partnership: other, topics, mode } = kafkaOf(partnership);
  const own = Object.values(topics).map(
    ({ topic, partitions, keep_hours }): TopicPlan => ({
      topic,
      partitions,
      config: { ...wantedConfig(keep_hours), ...(mode === 'board' ? {} : RAW_CONFIG) },
    }),
  );
  const made = await createTopics(await openCluster(folder, cluster), own);
  if (!other) return made;
  const outgoing = Object.values(topics).flatMap(({ sends_to }): TopicPlan[] =>
    sends_to
      ? [
          {
            topic: sends_to.topic,
            partitions: sends_to.partitions,
            config: wantedConfig(sends_to.keep_hours),
          },
        ]
      : [],
  );
  return [...made, ...(await createTopics(await openCluster(folder, other), outgoing))];
}

/** What is wrong with the topics that are listened to, a sentence each; none where all is as the settings say. */
export async function checkTopics(partnership: Partnership): Promise<string[]> {
  const { cluster: settings, topics, mode } = kafkaOf(partnership);
  const cluster = await openCluster(partnership.folder, settings);
  const findings: string[] = [];
  for (const { topic, keep_hours } of Object.values(topics)) {
    const wanted = { ...wantedConfig(keep_hours), ...(mode === 'board' ? {} : RAW_CONFIG) };
    const config = await readTopicConfig(cluster, topic, Object.keys(wanted));
    const retention = Number(config['retention.ms']);
    if (!(retention > 0 && retention <= keep_hours * HOUR_MS))
      findings.push(
        `the topic ${topic} keeps records ${retention > 0 ? `for ${Math.round(retention / HOUR_MS)} hours` : 'for ever'}: set retention.ms=${wanted['retention.ms']}, or keep_hours`,
      );
    for (const name of ['cleanup.policy', 'message.timestamp.type', 'compression.type'] as const) {
      const value = (wanted as Record<string, string>)[name];
      if (value !== undefined && config[name] !== value)
        findings.push(`the topic ${topic} has ${name}=${config[name] ?? 'unknown'}: set ${name}=${value}`);
    }
    if (!(Number(config['segment.ms']) <= Math.max(HOUR_MS, (keep_hours * HOUR_MS) / 2)))
      findings.push(
        `the topic ${topic} closes its segments too seldom for its retention: set segment.ms=${wanted['segment.ms']}`,
      );
  }
  return findings;
}
