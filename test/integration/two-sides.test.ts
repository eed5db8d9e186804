import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { CANARIES, fileOf, GOOD } from '../canary-planting.ts';
import { searchFor } from '../canary-search.ts';
import { cardiff, type Started, startCardiff } from '../cardiff-process.ts';
import { type Broker, startBroker, whyNoBroker } from '../kafka/broker.ts';
import { draw, jsonOf, partitionOf, recordOf } from '../kafka/records.ts';
import {
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
const title = `hospital and board${missing ? ` (left out: ${missing})` : ''}`;
const BOARD_KEY = 'fedcba9876543210'.repeat(4);

async function folderOf(settings?: StreamFolder, key?: string): Promise<string> {
  const folder = await makeStreamFolder(settings, key);
  onTestFinished(() => rm(dirname(folder), { recursive: true, force: true }));
  return folder;
}

function listenIn(folder: string): Started {
  const started = startCardiff(['listen', '--dir', folder]);
  onTestFinished(() => {
    started.child.kill('SIGKILL');
  });
  return started;
}

async function stop({ child, ended }: Started) {
  child.kill('SIGTERM');
  return ended;
}

/** Every message of a topic, as bytes. */
async function messagesOf(address: string, topic: string): Promise<Buffer> {
  const kafka = kafkaOn(address);
  const admin = kafka.admin();
  await admin.connect();
  const wanted = (await admin.fetchTopicOffsets(topic)).reduce(
    (sum, { high, low }) => sum + Number(high) - Number(low),
    0,
  );
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `look-${topic}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const parts: Buffer[] = [];
  let found = 0;
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message: { key, value, headers } }) => {
        parts.push(key ?? Buffer.of(), value ?? Buffer.of(), Buffer.from(JSON.stringify(headers)));
        if (++found === wanted) resolve();
      },
    });
  });
  await consumer.disconnect();
  return Buffer.concat(parts);
}

describe.skipIf(missing !== undefined)(title, () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await startBroker();
  }, 90_000);
  afterAll(() => broker?.remove());

  /** A hospital's folder and a board's, with their topics. */
  async function twoSides(name: string, partitions = 3, share = 0.5) {
    const [raw, incidents] = [`raw-${name}-${process.pid}`, `incidents-${name}-${process.pid}`];
    await makeTopic(broker.address, raw, partitions);
    await makeTopic(broker.address, incidents, 2);
    const { address } = broker;
    const hospital = await folderOf({
      mode: 'hospital',
      address,
      topics: { ed: raw },
      sendsTo: { ed: incidents },
      group: `workers-${name}-${process.pid}`,
      share,
    });
    const board = await folderOf({ mode: 'board', address, topics: { ed: incidents }, share }, BOARD_KEY);
    const sender = await openSender(address);
    onTestFinished(() => sender.close());
    return { raw, incidents, hospital, board, sender };
  }

  /** Waits until the board has read so many raw messages. */
  async function boardReads(board: string, messages: number, withinMs: number): Promise<void> {
    const started = performance.now();
    for (;;) {
      const [row] = await queryStore(
        board,
        `SELECT coalesce(sum(next), 0)::INTEGER AS n FROM kafka_offset WHERE origin <> ''`,
      ).catch(() => []);
      if (Number(row?.['n']) >= messages) return;
      if (performance.now() - started > withinMs)
        throw new Error(`${row?.['n']} of ${messages} reached the board`);
      await sleep(100);
    }
  }

  test('workers come, go and are killed while records arrive, some twice: the board has each once', async () => {
    const N = 6000;
    const { raw, hospital, board, sender } = await twoSides('workers');
    const records = Array.from({ length: N }, (_, i) => recordOf(ISTV, i));
    const byFile = await folderOf();
    writeFileSync(
      join(byFile, 'inbox/ed/all.csv'),
      fileOf(
        ISTV,
        records.map(({ row }) => row),
      ),
    );
    expect((await cardiff(['ingest', '--dir', byFile])).code).toBe(0);

    // A message in twenty is sent again at once, as a sender does that was not told of its arrival.
    const messages: Sent[] = records.flatMap(({ row, key }, i) => {
      const message = { key, value: jsonOf(ISTV, row), partition: partitionOf(key, 3) };
      return draw(i, 77, 20) === 0 ? [message, message] : [message];
    });
    const owner = listenIn(board);
    const first = listenIn(hospital);
    await first.says('"listening"');
    const second = listenIn(hospital);
    let third: Started | undefined;
    for (let at = 0; at < messages.length; at += 300) {
      await sender.send(raw, messages.slice(at, at + 300));
      await sleep(100);
      if (at === 2100) first.child.kill('SIGKILL');
      if (at === 3000) third = listenIn(hospital);
      if (at === 4500) await stop(second);
    }
    await boardReads(board, messages.length, 60_000);
    expect((await stop(third as Started)).code).toBe(0);
    expect((await stop(owner)).code).toBe(0);
    expect(await incidentsIn(board)).toEqual(await incidentsIn(byFile));
    const [ledger] = await queryStore(board, 'SELECT read, accepted - superseded AS rows FROM file');
    expect(ledger).toEqual({ read: messages.length, rows: (await incidentsIn(byFile)).length });
  }, 150_000);

  test('where the group has lost its offsets all is sent again, and the board, under run, has each once', async () => {
    const N = 900;
    const { raw, hospital, board, sender } = await twoSides('offsets');
    const group = `workers-offsets-${process.pid}`;
    const records = Array.from({ length: N }, (_, i) => recordOf(ISTV, i));
    const send = (from: number, to: number) =>
      sender.send(
        raw,
        records
          .slice(from, to)
          .map(({ row, key }) => ({ key, value: jsonOf(ISTV, row), partition: partitionOf(key, 3) })),
      );
    const running = startCardiff(['run', '--dir', board]);
    onTestFinished(() => {
      running.child.kill('SIGKILL');
    });
    await send(0, 600);
    const first = listenIn(hospital);
    await boardReads(board, 600, 30_000);
    expect((await stop(first)).code).toBe(0);
    const before = await incidentsIn(board);
    const admin = kafkaOn(broker.address).admin();
    await admin.connect();
    await admin.deleteGroups([group]);
    await admin.disconnect();
    await send(600, N);
    const second = listenIn(hospital);
    await boardReads(board, N, 30_000);
    expect((await stop(second)).code).toBe(0);
    expect((await stop(running)).code).toBe(0);
    // What looks into the store for a moment, as this test does all the time, is waited for, and nothing begins anew.
    expect(running.said()).not.toContain('in use');
    expect((await incidentsIn(board)).length).toBeGreaterThan(before.length);
    const [ledger] = await queryStore(board, 'SELECT read, accepted - superseded AS rows FROM file');
    expect(ledger).toEqual({ read: N, rows: (await incidentsIn(board)).length });
    const gone = await queryStore(board, 'SELECT sum(missing)::INTEGER AS n FROM kafka_offset');
    expect(gone).toEqual([{ n: 0 }]);
  }, 90_000);

  test('no value of a record reaches a log, a metric, our topic or a file, wherever in a message it is', async () => {
    const { raw, incidents, hospital, board, sender } = await twoSides('canaries', 1, 1);
    const good = GOOD[ISTV.id] as Record<string, string>;
    const fields = Object.keys(ISTV.fields);
    const rows = [
      ...fields.flatMap((field) => CANARIES.map((canary) => ({ ...good, [field]: canary }))),
      ...CANARIES.map((canary) => Object.fromEntries(fields.map((field) => [field, canary]))),
      ...CANARIES.map((canary) => ({ ...good, location_text: `outside Walkabout with ${canary}` })),
    ];
    const named = (canary: string) => canary.replace(/[^\x20-\x7e]/g, '?');
    const messages: Sent[] = [
      ...rows.map((row) => ({ value: jsonOf(ISTV, row) })),
      ...CANARIES.flatMap((canary) => [
        { key: canary, value: jsonOf(ISTV, good), headers: { [named(canary)]: canary, schema: canary } },
        { key: canary, value: jsonOf(ISTV, good), headers: { 'x-sent-by': canary, 'content-type': canary } },
        { key: canary, value: canary },
        { key: canary, value: `{"${named(canary)}":"${canary}"` },
        {
          key: canary,
          value: JSON.stringify({ ...good, [canary]: canary, 'SITE CODE (OF TREATMENT)': canary }),
        },
        { value: fileOf(ISTV, [good], [canary]), headers: { 'content-type': 'text/csv' } },
        { value: `${fileOf(ISTV, [good])}\n"${canary}`, headers: { 'content-type': 'text/csv' } },
      ]),
    ];
    await sender.send(raw, messages);
    // Somebody who may write to our topic writes there what has no place in it.
    await sender.send(incidents, [
      ...CANARIES.map((canary) => ({ key: canary, value: jsonOf(ISTV, { ...good, patient_name: canary }) })),
      ...CANARIES.map((canary) => ({
        value: `{"format":1,"source":"${named(canary)}"}`,
        headers: { a: canary },
      })),
    ]);
    const direct = await folderOf({ mode: 'store', address: broker.address, topics: { ed: raw }, share: 1 });
    const listeners = [hospital, board, direct].map(listenIn);
    await readUpTo(direct, messages.length);
    await boardReads(board, messages.length, 30_000);
    const pages = await Promise.all(
      listeners.map(async ({ said }) => {
        const address = /"address":"([^"]+)"/.exec(said())?.[1] as string;
        return (await fetch(address)).text();
      }),
    );
    const ended = await Promise.all(listeners.map(stop));
    const status = await cardiff(['status', '--dir', board]);
    expect(
      Number((await queryStore(board, 'SELECT count(*)::INTEGER AS n FROM incident'))[0]?.['n']),
    ).toBeGreaterThan(10);
    expect(
      (await queryStore(board, 'SELECT count(*)::INTEGER AS n FROM kafka_bad WHERE reason LIKE $$not%$$'))[0],
    ).toEqual({
      n: expect.any(Number),
    });

    const search = searchFor(CANARIES);
    const leaks = [
      ...[...ended, status].flatMap(({ stdout, stderr }) => search.inText(stdout + stderr, 'the log')),
      ...pages.flatMap((page) => search.inText(page, 'the metrics')),
      ...(await search.inFolder(hospital)),
      ...(await search.inFolder(board)),
      ...(await search.inFolder(direct)),
    ];
    expect(leaks.map(({ canary, where }) => `${canary}: ${where}`)).toEqual([]);
    // Of our topic, what a worker has sent; the strangers' messages are at its head.
    const all = (await messagesOf(broker.address, incidents)).toString('latin1');
    const ours = [...all.matchAll(/\{"format":1,"source":"ed"[\s\S]*?"noted":\[[^\]]*\]\}/g)].map(
      ([text]) => text,
    );
    expect(ours.length).toBeGreaterThan(0);
    expect(search.inText(ours.join('\n'), 'our topic')).toEqual([]);
  }, 90_000);

  test("a board's folder takes no raw records", async () => {
    const { board } = await twoSides('raw', 1);
    writeFileSync(join(board, 'inbox/ed/all.csv'), fileOf(ISTV, [GOOD[ISTV.id] as Record<string, string>]));
    for (const args of [
      ['ingest'],
      ['ingest', join(board, 'inbox/ed/all.csv')],
      ['ingest', '--source', 'istv-csv'],
    ]) {
      const { code, stderr } = await cardiff([...args, '--dir', board]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('takes no raw records') });
    }
  }, 60_000);
});
