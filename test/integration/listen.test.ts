import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import type { Profile } from '../../schemas/profile.ts';
import { PROFILES } from '../../schemas/profiles.ts';
import { CODE_LIST, fileOf, GOOD, INBOX, MORE_SOURCES } from '../canary-planting.ts';
import { cardiff, projectFolder, startCardiff, startNode } from '../cardiff-process.ts';
import { type Broker, startBroker, whyNoBroker } from '../kafka/broker.ts';
import { istvRow, jsonOf, partitionOf, type Row, recordOf } from '../kafka/records.ts';
import {
  changeFile,
  incidentsIn,
  kafkaOn,
  makeStreamFolder,
  makeTopic,
  openSender,
  queryStore,
  readUpTo,
  type Sent,
  type StreamFolder,
} from '../kafka/streams.ts';

const missing = whyNoBroker();
if (missing && process.env['CI']) throw new Error(missing);
const title = missing
  ? `streams are read as files are (left out: ${missing})`
  : 'streams are read as files are';

let topics = 0;
const freshTopic = () => `raw-${process.pid}-${++topics}`;

async function folderOf(settings?: StreamFolder, key?: string): Promise<string> {
  const folder = await makeStreamFolder(settings, key);
  onTestFinished(() => rm(join(folder, '..'), { recursive: true, force: true }));
  return folder;
}

function listenIn(folder: string) {
  const started = startCardiff(['listen', '--dir', folder]);
  onTestFinished(() => {
    started.child.kill('SIGKILL');
  });
  return {
    ...started,
    stop: async () => {
      started.child.kill('SIGTERM');
      return started.ended;
    },
  };
}

/** The good row of a profile, the same without one of its fields, for each of them, and one without any. */
function rowsOf(profile: Profile): Row[] {
  const none = Object.fromEntries(Object.keys(profile.fields).map((field) => [field, '']));
  const good: Row = { ...none, ...(GOOD[profile.id] as Row) };
  return [good, ...Object.keys(good).map((field) => ({ ...good, [field]: '' })), none];
}

describe.skipIf(missing !== undefined)(title, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
  }, 90_000);
  afterAll(() => broker?.remove());

  test('a file and topics with the same records give the same store', async () => {
    const N = 3000;
    const names = { ed: freshTopic(), police: freshTopic() };
    for (const topic of Object.values(names)) await makeTopic(broker.address, topic, 3);
    const byFile = await folderOf();
    const byTopic = await folderOf({ mode: 'store', address: broker.address, topics: names });
    const sender = await openSender(broker.address);
    onTestFinished(() => sender.close());
    for (const [source, profile] of [
      ['ed', ISTV],
      ['police', POLICE_RMS],
    ] as const) {
      const records = Array.from({ length: N }, (_, i) => recordOf(profile, i));
      writeFileSync(
        join(byFile, 'inbox', source, 'all.csv'),
        fileOf(
          profile,
          records.map(({ row }) => row),
        ),
      );
      await sender.send(
        names[source],
        records.map(({ row, key }) => ({ key, value: jsonOf(profile, row), partition: partitionOf(key, 3) })),
      );
    }
    expect((await cardiff(['ingest', '--dir', byFile])).code).toBe(0);
    const listener = listenIn(byTopic);
    await readUpTo(byTopic, 2 * N);
    const { code, stderr } = await listener.stop();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await incidentsIn(byTopic)).toEqual(await incidentsIn(byFile));
    const ledger =
      'SELECT source, read::INTEGER AS read, accepted - superseded AS rows FROM file ORDER BY source';
    expect(await queryStore(byTopic, ledger)).toEqual(await queryStore(byFile, ledger));
  }, 60_000);

  test('records of every profile that has rows come by topic as they do by file, good ones and empty ones', async () => {
    const flat = Object.values(PROFILES).filter(({ shape }) => shape === 'csv');
    const names = Object.fromEntries(flat.map(({ id }) => [INBOX[id] as string, freshTopic()]));
    for (const topic of Object.values(names)) await makeTopic(broker.address, topic, 1);
    const byFile = await folderOf();
    const byTopic = await folderOf({ mode: 'store', address: broker.address, topics: names, share: 1 });
    for (const folder of [byFile, byTopic]) {
      mkdirSync(join(folder, 'codes'));
      writeFileSync(join(folder, 'codes/ecds.csv'), CODE_LIST);
      await changeFile(join(folder, 'cardiff.yaml'), 'sources:\n', `sources:\n${MORE_SOURCES}`);
    }
    const sender = await openSender(broker.address);
    onTestFinished(() => sender.close());
    for (const profile of flat) {
      const inbox = INBOX[profile.id] as string;
      mkdirSync(join(byFile, 'inbox', inbox), { recursive: true });
      writeFileSync(join(byFile, 'inbox', inbox, 'all.csv'), fileOf(profile, rowsOf(profile)));
      await sender.send(
        names[inbox] as string,
        rowsOf(profile).map((row) => ({ value: jsonOf(profile, row), partition: 0 })),
      );
    }
    expect((await cardiff(['ingest', '--dir', byFile])).code).toBe(0);
    const listener = listenIn(byTopic);
    await readUpTo(
      byTopic,
      flat.reduce((sum, profile) => sum + rowsOf(profile).length, 0),
    );
    expect(await listener.stop()).toMatchObject({ code: 0 });
    expect(await incidentsIn(byTopic)).toEqual(await incidentsIn(byFile));
    const sources = await queryStore(byTopic, 'SELECT DISTINCT source FROM incident ORDER BY source');
    expect(sources.map(({ source }) => source)).toEqual(Object.keys(names).sort());
    const read =
      'SELECT source, read::INTEGER AS read, accepted - superseded AS rows FROM file ORDER BY source';
    expect(await queryStore(byTopic, read)).toEqual(await queryStore(byFile, read));
  }, 120_000);

  /** A folder that listens to one topic of attendances, and a sender to it. */
  async function attendances(settings: Partial<StreamFolder> = {}, partitions = 1) {
    const topic = freshTopic();
    await makeTopic(broker.address, topic, partitions);
    const folder = await folderOf({
      mode: 'store',
      address: broker.address,
      topics: { ed: topic },
      ...settings,
    });
    const sender = await openSender(broker.address);
    onTestFinished(() => sender.close());
    const send = (...rows: Row[]) =>
      sender.send(
        topic,
        rows.map((row) => ({ value: jsonOf(ISTV, row) })),
      );
    return { topic, folder, sender, send };
  }
  const badIn = (folder: string) =>
    queryStore(
      folder,
      'SELECT part, at_offset::INTEGER AS at, reason FROM kafka_bad ORDER BY part, at_offset',
    );
  const GOOD = istvRow(7);

  test('messages that cannot be read are noted by offset and reason, and the rest goes on', async () => {
    const { topic, folder, sender } = await attendances({ share: 1 });
    const good = jsonOf(ISTV, GOOD);
    const csv = fileOf(ISTV, [istvRow(8), istvRow(9)]);
    const bad: [value: Sent['value'], reason: string, headers?: Sent['headers']][] = [
      [null, 'an empty message'],
      ['', 'an empty message'],
      ['{', 'not JSON'],
      ['[]', 'not an object'],
      [`${good}x`, 'not JSON'],
      [Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
      [good.replace('{', '{"a":{"b":1},'), 'a value within a value'],
      [good.replace('{', '{"AGE":"1",'), 'two values for one field'],
      [good.replace('Somebody', 'Some\\u0000body'), 'a control character'],
      [good.replace(/"ASSAULT METHOD":"\d+",/, ''), 'a required field is missing'],
      [good, 'an unknown schema', { schema: 'something-else' }],
      [good, 'the schema of another source', { schema: 'police-rms-csv' }],
      [good, 'an unknown content-type', { 'content-type': 'application/avro' }],
      ['a,b\n1,2\n', 'a required column is missing', { 'content-type': 'text/csv' }],
      [`${csv}\n"x`, 'broken CSV', { 'content-type': 'text/csv' }],
      [
        fileOf(
          ISTV,
          Array.from({ length: 4097 }, () => ({ site_code: 'R' })),
        ).replaceAll('""', ''),
        'more than 4096 rows in one message',
        { 'content-type': 'text/csv' },
      ],
    ];
    await sender.send(topic, [
      ...bad.map(([value, , headers = {}]) => ({ value, headers })),
      { value: good, headers: { schema: 'istv-csv', 'content-type': 'application/json; charset=utf-8' } },
      { value: csv, headers: { 'content-type': 'text/csv' } },
    ]);
    const listener = listenIn(folder);
    await readUpTo(folder, bad.length + 2);
    const { stderr } = await listener.stop();
    expect(await badIn(folder)).toEqual(bad.map(([, reason], at) => ({ part: 0, at, reason })));
    expect(await incidentsIn(folder)).toHaveLength(3);
    const [ledger] = await queryStore(folder, 'SELECT read, accepted, duplicate, tally FROM file');
    expect(ledger).toMatchObject({ read: bad.length + 3, accepted: 3, duplicate: 0 });
    expect(stderr).not.toContain('Somebody');
  }, 60_000);

  test('compressed messages and those of transactions are read, but for what a transaction gave up', async () => {
    const { topic, folder, send } = await attendances();
    const messages = (i: number) => [{ value: jsonOf(ISTV, istvRow(i)), partition: 0 }];
    const producer = kafkaOn(broker.address).producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    await send(istvRow(1));
    for (const [i, isKept] of [
      [2, true],
      [3, false],
      [4, true],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: messages(i), compression: 1 });
      await (isKept ? transaction.commit() : transaction.abort());
    }
    await send(istvRow(5));
    const listener = listenIn(folder);
    // What ends a transaction is written some time later, and may stand behind the last message.
    await expect
      .poll(async () => (await incidentsIn(folder)).length, { timeout: 30_000, interval: 100 })
      .toBe(4);
    await listener.stop();
    expect(await incidentsIn(folder)).toHaveLength(4);
  });

  test('a source of which too much cannot be read stops, with the reason and nothing eaten', async () => {
    const { topic, folder, send, sender } = await attendances({ share: 0.2 });
    await send(
      ...Array.from({ length: 500 }, (_, i) => ({ ...istvRow(i), assault_at: '2025-09-06T23:15:00' })),
    );
    const first = listenIn(folder);
    await readUpTo(folder, 500);
    // The sender has changed how it writes dates.
    await send(
      ...Array.from({ length: 400 }, (_, i) => ({ ...istvRow(500 + i), assault_at: '06/09/2025 23:15' })),
    );
    const { code, stdout, stderr } = await first.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^ed was stopped: \d+ of its latest \d+ records cannot be read \(mostly ASSAULT DATE AND TIME: not a date\)/,
    );
    expect(stderr).toContain('"source-stopped"');
    const next = await queryStore(folder, 'SELECT next::INTEGER AS next FROM kafka_offset');
    expect(next).toEqual([{ next: 500 }]);
    // Put right, it goes on where it stopped.
    await changeFile(join(folder, 'cardiff.yaml'), 'profile: istv-csv', 'profile: istv-csv\n    dates: uk');
    const second = listenIn(folder);
    await readUpTo(folder, 900);
    await second.stop();
    expect(await incidentsIn(folder)).toHaveLength(900);
    void [topic, sender];
  }, 60_000);

  test('records that the broker no longer has are told, and what follows is read', async () => {
    const { topic, folder, send } = await attendances();
    await send(...Array.from({ length: 30 }, (_, i) => istvRow(1000 + i)));
    const first = listenIn(folder);
    await readUpTo(folder, 30);
    await first.stop();
    await send(...Array.from({ length: 20 }, (_, i) => istvRow(2000 + i)));
    const admin = kafkaOn(broker.address).admin();
    await admin.connect();
    // kafkajs deletes records only of topics whose leaders it has asked for before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '40' }] });
    await admin.disconnect();
    const second = listenIn(folder);
    await readUpTo(folder, 50);
    const { stderr } = await second.stop();
    expect(stderr).toContain('"event":"missing"');
    expect(
      await queryStore(folder, 'SELECT next::INTEGER AS next, missing::INTEGER AS missing FROM kafka_offset'),
    ).toEqual([{ next: 50, missing: 10 }]);
  }, 60_000);

  test('so are records that it deletes while they wait to be read', async () => {
    const { topic, folder, send } = await attendances();
    await send(...Array.from({ length: 30 }, (_, i) => istvRow(1000 + i)));
    const listener = listenIn(folder);
    await readUpTo(folder, 30);
    const admin = kafkaOn(broker.address).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    await admin.fetchTopicOffsets(topic);
    listener.child.kill('SIGSTOP');
    // A fetch that is under way is answered before, with nothing.
    await sleep(1_000);
    await send(...Array.from({ length: 20 }, (_, i) => istvRow(2000 + i)));
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '40' }] });
    listener.child.kill('SIGCONT');
    await readUpTo(folder, 50);
    const { code, stderr } = await listener.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('"event":"missing"');
    const [read] = await queryStore(
      folder,
      'SELECT next::INTEGER AS next, missing::INTEGER AS missing FROM kafka_offset',
    );
    expect(read).toEqual({ next: 50, missing: 10 });
  }, 60_000);

  test('a topic that was made anew stops its source, until its generation is raised', async () => {
    const { topic, folder, send } = await attendances();
    const rows = Array.from({ length: 30 }, (_, i) => istvRow(3000 + i));
    await send(...rows);
    const first = listenIn(folder);
    await readUpTo(folder, 30);
    await first.stop();
    const before = await incidentsIn(folder);
    const admin = kafkaOn(broker.address).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await makeTopic(broker.address, topic);
    await send(...rows.slice(0, 10), istvRow(4000));
    const second = await cardiff(['listen', '--dir', folder]);
    expect(second.code).toBe(1);
    expect(second.stdout).toContain('raise kafka.topics.ed.generation by one');
    await changeFile(join(folder, 'cardiff.yaml'), `topic: ${topic}`, `topic: ${topic}\n      generation: 2`);
    const third = listenIn(folder);
    await readUpTo(folder, 41);
    await third.stop();
    // What was read before is known again by its key.
    expect(await incidentsIn(folder)).toHaveLength(before.length + 1);
  }, 60_000);

  test('it waits while the store is in use, and while the broker is gone, and then goes on', async () => {
    const { folder, send } = await attendances();
    await send(istvRow(5000));
    const listener = listenIn(folder);
    await readUpTo(folder, 1);
    const holder = startNode(['--input-type=module', '-e', HOLD, join(folder, 'data/store.duckdb')], {
      cwd: projectFolder(),
    });
    await holder.says('held');
    await send(istvRow(5001));
    await listener.says('the store is in use by another process');
    holder.child.kill();
    await readUpTo(folder, 2);
    await broker.stop(true);
    await listener.says('the broker (');
    await broker.start();
    const { send: sendAgain } = { send: (await openSender(broker.address)).send };
    const topic = (await queryStore(folder, 'SELECT topic FROM kafka_offset'))[0]?.['topic'] as string;
    await sendAgain(topic, [{ value: jsonOf(ISTV, istvRow(5002)) }]);
    await readUpTo(folder, 3, 45_000);
    expect((await listener.stop()).code).toBe(0);
    expect(await incidentsIn(folder)).toHaveLength(3);
  }, 120_000);

  test('two owners of one store keep each record once', async () => {
    const { folder, send } = await attendances({}, 1);
    const [first, second] = [listenIn(folder), listenIn(folder)];
    await send(istvRow(8000));
    for (const { says } of [first, second]) await says('"listening"');
    for (let i = 0; i < 20; i++) {
      await send(...Array.from({ length: 10 }, (_, k) => istvRow(8001 + 10 * i + k)));
      await sleep(100);
    }
    await readUpTo(folder, 201);
    for (const { stop } of [first, second])
      expect(await stop()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('unexpected') });
    expect(first.said() + second.said()).toMatch(
      /is read by another process too|is in use by another process/,
    );
    const [ledger] = await queryStore(folder, 'SELECT read, accepted - superseded AS rows FROM file');
    expect(ledger).toEqual({ read: 201, rows: (await incidentsIn(folder)).length });
    expect(await queryStore(folder, 'SELECT next::INTEGER AS next FROM kafka_offset')).toEqual([
      { next: 201 },
    ]);
  }, 60_000);

  test('a listener that has nothing to read leaves the store to others', async () => {
    const { folder } = await attendances();
    const listener = listenIn(folder);
    await listener.says('"listening"');
    expect((await cardiff(['status', '--dir', folder])).code).toBe(0);
    expect((await listener.stop()).code).toBe(0);
  }, 60_000);

  test('run listens beside the inboxes', async () => {
    const { folder, send } = await attendances();
    await send(istvRow(7000));
    writeFileSync(join(folder, 'inbox/ed/one.csv'), fileOf(ISTV, [istvRow(7001)]));
    const running = startCardiff(['run', '--dir', folder]);
    onTestFinished(() => {
      running.child.kill('SIGKILL');
    });
    await running.says('ed: read 1 rows of 1 files, accepted 1');
    await readUpTo(folder, 1);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(await incidentsIn(folder)).toHaveLength(2);
  }, 60_000);

  test('the metrics are on loopback, and say how it stands', async () => {
    const { topic, folder, sender, send } = await attendances();
    await send({ ...istvRow(6001), assault_at: 'soon' });
    const odd = { ...JSON.parse(jsonOf(ISTV, istvRow(6000))), 'Mrs Nobody': '', other: 1 };
    await sender.send(topic, [{ value: JSON.stringify(odd) }]);
    const listener = listenIn(folder);
    await readUpTo(folder, 2);
    await listener.says('/metrics');
    const address = /"address":"(http:\/\/127\.0\.0\.1:\d+\/)metrics"/.exec(
      await listener.said(),
    )?.[1] as string;
    const metrics = await (await fetch(`${address}metrics`)).text();
    expect(metrics).toContain('cardiff_rows_total{source="ed"} 2');
    expect(metrics).toContain(
      'cardiff_rejected_total{source="ed",field="ASSAULT DATE AND TIME",reason="not a date"} 1',
    );
    // Made without a thought for how long it keeps what, and by whose clock.
    expect(metrics).toContain('cardiff_topic_findings 4');
    // How many, not which: a key is a sender's text.
    expect(metrics).toContain('cardiff_unknown_keys_total{source="ed"} 2');
    expect(metrics + listener.said()).not.toContain('Nobody');
    expect(metrics).toMatch(/cardiff_lag_messages\{topic="[^"]+",partition="0"\} 0/);
    const health = await fetch(`${address}health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ ok: true });
    expect((await fetch(`${address}other`)).status).toBe(404);
    const { stdout } = await cardiff(['status', '--dir', folder]);
    expect(stdout).toMatch(/ed: topic raw-[\w-]+, 2 messages read, 0 behind, last at /);
    expect(stdout).toMatch(/^ed \([^)]+\): \d+ incidents, /m);
    await listener.stop();
  }, 60_000);
});

/** Holds a store until it is killed. */
const HOLD = `import { DuckDBInstance } from '@duckdb/node-api';
for (;;) { try { globalThis.held = await DuckDBInstance.create(process.argv[1]); break; } catch { await new Promise((r) => setTimeout(r, 5)); } }
process.stdout.write('held'); setInterval(() => {}, 1000);`;
