/** Partnership folders that listen, senders to their topics, and what is in their stores. */
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Kafka, logLevel } from 'kafkajs';
import { init } from '../../commands/init.ts';

export const TEST_KEY = '0123456789abcdef'.repeat(4);
const GAZETTEER = `id,name,aliases,kind,lat,lng,capacity
walkabout,Walkabout,The Walkie,licensed,51.4790,-3.1780,400
st-mary,St Mary Street,St Mary St,street,51.4785,-3.1775,
`;

export interface StreamFolder {
  readonly mode: 'store' | 'hospital' | 'board';
  readonly address: string;
  readonly topics: Readonly<Record<string, string>>;
  readonly sendsTo?: Readonly<Record<string, string>>;
  readonly group?: string;
  readonly share?: number;
  readonly more?: string;
}

/** The part of cardiff.yaml that is about Kafka. */
export function kafkaYaml({ mode, address, topics, sendsTo, group, share, more = '' }: StreamFolder): string {
  const cluster = `{ brokers: ["${address}"], tls: "off", sasl: "off" }`;
  return [
    '',
    'kafka:',
    `  mode: ${mode}`,
    `  cluster: ${cluster}`,
    ...(mode === 'hospital' ? [`  partnership: ${cluster}`] : []),
    `  group: ${group ?? 'cardiff-test'}`,
    `  stop_above_bad_share: ${share ?? 0.5}`,
    '  metrics_port: 0',
    '  topics:',
    ...Object.entries(topics).flatMap(([source, topic]) => [
      `    ${source}:`,
      `      topic: ${topic}`,
      '      keep_hours: 24',
      ...(sendsTo?.[source] ? [`      sends_to: { topic: ${sendsTo[source]}, keep_hours: 24 }`] : []),
    ]),
    more,
    '',
  ].join('\n');
}

/** A folder as `cardiff init` makes it, with a small gazetteer and a key that does not change. */
export async function makeStreamFolder(settings?: StreamFolder, key = TEST_KEY): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'cardiff-stream-')), 'town');
  await init(folder);
  await writeFile(join(folder, 'secrets/partnership.key'), `${key}\n`);
  await writeFile(join(folder, 'gazetteer/places.csv'), GAZETTEER);
  if (settings) await appendFile(join(folder, 'cardiff.yaml'), kafkaYaml(settings));
  return folder;
}

export const changeFile = async (path: string, from: string, to: string): Promise<void> => {
  const text = await readFile(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${path} lacks "${from}"`);
  await writeFile(path, text.replace(from, to));
};

export const kafkaOn = (address: string) =>
  new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 20 } });

export interface Sent {
  readonly key?: string | Buffer;
  readonly value: string | Buffer | null;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
}

/** A sender that stays connected. */
export async function openSender(address: string) {
  const producer = kafkaOn(address).producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return {
    send: async (topic: string, messages: readonly Sent[]) => {
      await producer.send({
        topic,
        messages: messages.map(({ key, value, partition, headers }) => ({
          value,
          partition: partition ?? 0,
          ...(key === undefined ? {} : { key }),
          ...(headers === undefined ? {} : { headers: { ...headers } }),
        })),
      });
    },
    close: () => producer.disconnect(),
  };
}

export async function makeTopic(
  address: string,
  topic: string,
  partitions = 1,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const admin = kafkaOn(address).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  // kafkajs itself gives up waiting where a broker does not know the topic yet.
  for (let i = 0; (await admin.fetchTopicOffsets(topic).catch(() => [])).length < partitions; i++) {
    if (i === 300) throw new Error(`the topic ${topic} is not there after half a minute`);
    await sleep(100);
  }
  await admin.disconnect();
}

/** Rows of a query on a store that may be in use; it is asked again until it is free. */
export async function queryStore(folder: string, sql: string): Promise<Record<string, unknown>[]> {
  const path = join(folder, 'data/store.duckdb');
  for (;;) {
    if (existsSync(path)) {
      try {
        const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
        const connection = await instance.connect();
        try {
          return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
        } finally {
          connection.closeSync();
          instance.closeSync();
        }
      } catch (error) {
        if (!/lock/i.test((error as Error).message)) throw error;
      }
    }
    await sleep(20);
  }
}

/** Every incident as text, in order, without the file that it was read from. */
export const incidentsIn = async (folder: string): Promise<string[]> =>
  (await queryStore(folder, 'SELECT * EXCLUDE (file_id) FROM incident'))
    .map((row) => JSON.stringify(row))
    .sort();

/** Waits until the topics of a folder are read up to so many messages in all. */
export async function readUpTo(folder: string, messages: number, withinMs = 30_000): Promise<void> {
  const started = performance.now();
  for (;;) {
    const [row] = await queryStore(
      folder,
      `SELECT coalesce(sum(next), 0)::INTEGER AS n FROM kafka_offset WHERE origin = ''`,
    ).catch(() => []);
    if (Number(row?.['n'] ?? 0) >= messages) return;
    if (performance.now() - started > withinMs)
      throw new Error(`${row?.['n']} of ${messages} messages were read in ${withinMs} ms`);
    await sleep(50);
  }
}

/** What differs between the incidents of two stores, row for row; empty where nothing does. Nothing may use them. */
export async function differencesOf(wanted: string, got: string): Promise<string[]> {
  const files = await Promise.all(
    [wanted, got].map(async (folder) => {
      const path = join(folder, 'data/incidents.parquet');
      await rm(path, { force: true });
      const instance = await DuckDBInstance.create(join(folder, 'data/store.duckdb'), {
        access_mode: 'READ_ONLY',
      });
      const connection = await instance.connect();
      await connection.run(`COPY (SELECT * EXCLUDE (file_id) FROM incident) TO '${path}' (FORMAT parquet)`);
      connection.closeSync();
      instance.closeSync();
      return `read_parquet('${path}')`;
    }),
  );
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const count = async (sql: string) =>
    Number((await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM (${sql})`)).getRows()[0]?.[0]);
  try {
    const [a, b] = files as [string, string];
    const rows = [await count(`FROM ${a}`), await count(`FROM ${b}`)];
    const lacking = await count(`(FROM ${a}) EXCEPT ALL (FROM ${b})`);
    const strange = await count(`(FROM ${b}) EXCEPT ALL (FROM ${a})`);
    if (rows[0] === 0) return ['there is nothing to compare'];
    if (lacking + strange === 0 && rows[0] === rows[1]) return [];
    return [`${rows[1]} rows for ${rows[0]}: ${lacking} lacking, ${strange} others`];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The offsets that the partitions of topics end at, all together. */
export async function endOf(address: string, topics: readonly string[]): Promise<number> {
  const admin = kafkaOn(address).admin();
  await admin.connect();
  const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
  await admin.disconnect();
  return offsets.flat().reduce((sum, { high }) => sum + Number(high), 0);
}
