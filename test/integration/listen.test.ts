import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import { fileOf } from '../canary-planting.ts';
import { cardiff, startCardiff } from '../cardiff-process.ts';
import { type Broker, startBroker, whyNoBroker } from '../kafka/broker.ts';
import { jsonOf, partitionOf, recordOf } from '../kafka/records.ts';
import {
  incidentsIn,
  makeStreamFolder,
  makeTopic,
  openSender,
  queryStore,
  readUpTo,
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
});
