/**
 * Kills listeners and the broker at any instant while records arrive, some of them twice and out of order, and compares
 * the store with that of a file with the same records. A script for many kills; test/integration/kill-kafka.test.ts does
 * a few.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../reports/statistics/seeded-random.ts';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import type { Profile } from '../../schemas/profile.ts';
import { cardiff, type Started, startCardiff } from '../cardiff-process.ts';
import { type Broker, startBroker, whyNoBroker } from './broker.ts';
import { draw, jsonOf, partitionOf, recordOf } from './records.ts';
import {
  differencesOf,
  endOf,
  makeStreamFolder,
  makeTopic,
  openSender,
  queryStore,
  type Sent,
} from './streams.ts';

const SOURCES: readonly (readonly [source: string, profile: Profile])[] = [
  ['ed', ISTV],
  ['police', POLICE_RMS],
];
const PARTITIONS = 3;
/** How far a record may be sent before or after its turn. */
const WINDOW = 40;

export interface StreamKilling {
  readonly records: number;
  readonly kills: number;
  readonly restarts: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** The records as a file: each once, in order. */
async function writeSourceFile(path: string, profile: Profile, records: number): Promise<void> {
  const out = createWriteStream(path);
  const fields = Object.keys(profile.fields);
  const line = (values: readonly string[]) =>
    `${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')}\n`;
  out.write(line(fields.map((field) => profile.fields[field]?.header ?? field)));
  for (let i = 0; i < records; i++) {
    const { row } = recordOf(profile, i);
    if (!out.write(line(fields.map((field) => row[field] ?? '')))) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

/** Records from..to as a sender with troubles sends them: 5% twice, unrelated ones in another order. */
function messagesOf(profile: Profile, from: number, to: number): Sent[] {
  const records = Array.from({ length: to - from }, (_, k) => ({
    i: from + k,
    ...recordOf(profile, from + k),
  }));
  const versions = new Map<string, number>();
  for (const { key } of records) versions.set(key, (versions.get(key) ?? 0) + 1);
  const placed = records.flatMap(({ i, row, key }) => {
    const message = { key, value: jsonOf(profile, row), partition: partitionOf(key, PARTITIONS) };
    // A record of which several versions are under way keeps its place.
    const isAlone = versions.get(key) === 1;
    const at = isAlone ? i + draw(i, 91, WINDOW) - WINDOW / 2 : i;
    const again = draw(i, 92, 20) === 0 ? [{ at: isAlone ? i + draw(i, 93, WINDOW) : at, message }] : [];
    return [{ at, message }, ...again];
  });
  return placed.sort((a, b) => a.at - b.at).map(({ message }) => message);
}

/** Sends until it has arrived, whatever becomes of the broker meanwhile; some of it twice, then. */
async function sendSurely(address: string, topic: string, messages: readonly Sent[]): Promise<void> {
  for (let at = 0; at < messages.length; at += 1000) {
    const portion = messages.slice(at, at + 1000);
    for (;;) {
      try {
        const sender = await senderTo(address);
        await sender.send(topic, portion);
        break;
      } catch {
        senders.delete(address);
        await sleep(200);
      }
    }
  }
}
const senders = new Map<string, ReturnType<typeof openSender>>();
function senderTo(address: string): ReturnType<typeof openSender> {
  const sender = senders.get(address) ?? openSender(address);
  senders.set(address, sender);
  return sender;
}

/** Waits until everything has reached a store; then the listener is told to stop. */
async function readToEnd(
  folder: string,
  where: string,
  wanted: number,
  say: (line: string) => void,
): Promise<void> {
  let last = '';
  for (let still = 0; still < 600; ) {
    const [row] = await queryStore(
      folder,
      `SELECT coalesce(sum(next), 0)::INTEGER AS n FROM kafka_offset WHERE ${where}`,
    ).catch(() => []);
    const n = String(row?.['n']);
    if (Number(n) >= wanted) return;
    still = n === last ? still + 1 : 0;
    last = n;
    await sleep(200);
  }
  say(`stands still at ${last} of ${wanted}`);
}

/** Runs both ways, each on topics of its own. Returns every failure found; none is hoped for. */
export async function killAndCompareStreams(options: StreamKilling): Promise<string[]> {
  const { records, say } = options;
  const broker = await startBroker(['log.flush.interval.messages=100000']);
  const folders: string[] = [];
  try {
    const byFile = await makeStreamFolder();
    folders.push(byFile);
    const each = Math.floor(records / SOURCES.length);
    for (const [source, profile] of SOURCES)
      await writeSourceFile(join(byFile, 'inbox', source, 'all.csv'), profile, each);
    const { code, stderr } = await cardiff(['ingest', '--dir', byFile]);
    if (code !== 0) return [`the file cannot be read: ${stderr}`];
    say(`${each * SOURCES.length} records read from files`);
    return [
      ...(await round('one side', options, broker, folders, byFile, each)),
      ...(await round('two sides', options, broker, folders, byFile, each)),
    ];
  } finally {
    for (const [, sender] of senders)
      await (await sender.catch(() => undefined))?.close().catch(() => undefined);
    senders.clear();
    await broker.remove();
    for (const folder of folders) await rm(dirname(folder), { recursive: true, force: true });
  }
}

async function round(
  name: 'one side' | 'two sides',
  { kills, restarts, seed, say }: StreamKilling,
  broker: Broker,
  folders: string[],
  byFile: string,
  each: number,
): Promise<string[]> {
  const random = seededRandom(seed);
  const { address } = broker;
  const slug = name.replace(' ', '-');
  const topicsOf = (kind: string) =>
    Object.fromEntries(SOURCES.map(([source]) => [source, `${slug}-${kind}-${source}`]));
  const raw = topicsOf('raw');
  for (const topic of Object.values(raw)) await makeTopic(address, topic, PARTITIONS);
  const isTwo = name === 'two sides';
  const incidents = topicsOf('incidents');
  if (isTwo) for (const topic of Object.values(incidents)) await makeTopic(address, topic, PARTITIONS);
  const owner = await makeStreamFolder({
    mode: isTwo ? 'board' : 'store',
    address,
    topics: isTwo ? incidents : raw,
  });
  const hospital = await makeStreamFolder({
    mode: 'hospital',
    address,
    topics: raw,
    sendsTo: incidents,
    group: `workers-${slug}`,
  });
  folders.push(owner, hospital);
  const failures: string[] = [];
  const listenIn = (folder: string) => startCardiff(['listen', '--dir', folder]);

  let running = listenIn(owner);
  let workers: Started[] = isTwo ? [listenIn(hospital), listenIn(hospital)] : [];
  const restartAt = new Set(
    Array.from({ length: restarts }, (_, i) => Math.floor(((i + 0.5) * kills) / restarts)),
  );
  let sending: Promise<unknown> = Promise.resolve();
  for (let kill = 0; kill < kills; kill++) {
    const [from, to] = [Math.floor((each * kill) / kills), Math.floor((each * (kill + 1)) / kills)];
    // Records come while listeners live and die; sources beside one another, each in its order.
    sending = sending.then(() =>
      Promise.all(
        SOURCES.map(([source, profile]) =>
          sendSurely(address, raw[source] as string, messagesOf(profile, from, to)),
        ),
      ),
    );
    const restart = restartAt.has(kill) ? restartBroker(broker, random() < 0.5) : undefined;
    await sleep(300 + Math.floor(random() * 1700));
    // On two sides every second one who dies is a worker; others come and go in good order.
    const worker = workers[Math.floor(random() * workers.length)];
    if (isTwo && kill % 2 === 1 && worker) {
      worker.child.kill(random() < 0.7 ? 'SIGKILL' : 'SIGTERM');
      workers = workers.filter((other) => other !== worker);
    } else {
      running.child.kill('SIGKILL');
      failures.push(...diedByItself(await running.ended));
      running = listenIn(owner);
    }
    while (isTwo && (workers.length < 2 || (workers.length < 4 && random() < 0.3)))
      workers.push(listenIn(hospital));
    await restart;
    if ((kill + 1) % 20 === 0) say(`${name}: ${kill + 1} kills`);
  }
  await sending;
  const sent = await endOf(address, Object.values(raw));
  await readToEnd(owner, isTwo ? `origin <> ''` : `origin = ''`, sent, say);
  for (const { child } of [...workers, running]) child.kill('SIGTERM');
  for (const { ended } of [...workers, running]) {
    const { code, stderr, stdout } = await ended;
    if (code !== 0) failures.push(`a listener ended with ${code}: ${stdout} ${stderr.slice(-500)}`);
  }
  const differences = await differencesOf(byFile, owner);
  say(
    `${name}: ${sent} messages of ${each * SOURCES.length} records, ${kills} kills, ${restarts} restarts of the broker: ${differences.length === 0 ? 'the store is that of the file, row for row' : differences.join('; ')}`,
  );
  if (differences.length > 0) {
    for (const sql of [
      'SELECT origin, topic, part, next::INTEGER AS next, missing::INTEGER AS missing FROM kafka_offset',
      'SELECT topic, part, at_offset::INTEGER AS at, reason FROM kafka_bad',
      'SELECT source, name, read, accepted, duplicate, superseded FROM file',
    ])
      for (const row of await queryStore(owner, sql)) say(JSON.stringify(row));
  }
  return [...failures, ...differences].map((what) => `${name}: ${what}`);
}

const diedByItself = ({ code, stderr }: { code: number | null; stderr: string }) =>
  code === null ? [] : [`a listener ended by itself with ${code}: ${stderr.slice(-500)}`];

async function restartBroker(broker: Broker, abruptly: boolean): Promise<void> {
  await broker.stop(abruptly);
  await sleep(500);
  await broker.start();
}

async function main(): Promise<void> {
  const [records = '1000000', kills = '100', restarts = '5', seed = '1'] = process.argv.slice(2);
  const reason = whyNoBroker();
  if (reason) throw new Error(reason);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const failures = await killAndCompareStreams({
    records: Number(records),
    kills: Number(kills),
    restarts: Number(restarts),
    seed: Number(seed),
    say,
  });
  say(failures.length === 0 ? 'nothing differs' : failures.join('\n'));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) await main();
