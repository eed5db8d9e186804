import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { cardiff, projectFolder, startCardiff } from '../cardiff-process.ts';
import { type Broker, startBroker, whyNoBroker } from '../kafka/broker.ts';
import { istvRow, jsonOf } from '../kafka/records.ts';
import { changeFile, incidentsIn, makeStreamFolder, readUpTo } from '../kafka/streams.ts';

const missing = whyNoBroker() ?? (process.env['KAFKA_BROKERS'] ? 'KAFKA_BROKERS is set' : undefined);
if (missing && process.env['CI']) throw new Error(missing);
const title = `a broker with TLS, users and access rules${missing ? ` (left out: ${missing})` : ''}`;

/** What examples/kafka-tls.md says of the broker, but where it listens. */
function exampleSettings(keystore: string, ca: string): string[] {
  const example = readFileSync(join(projectFolder(), 'examples/kafka-tls.md'), 'utf8');
  const block = /```properties\n([\s\S]*?)```/.exec(example)?.[1] as string;
  return block
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('listeners='))
    .map((line) =>
      line
        .replace('/etc/kafka/broker.p12', keystore)
        .replace('/etc/kafka/ca.pem', ca)
        .replace('CHANGE-ME', 'changeit'),
    );
}

describe.skipIf(missing !== undefined)(title, () => {
  let broker: Broker;
  const folder = mkdtempSync(join(tmpdir(), 'cardiff-tls-'));
  const [keystore, ca] = [join(folder, 'broker.p12'), join(folder, 'ca.pem')];
  const kafka = () =>
    new Kafka({
      brokers: [broker.address],
      logLevel: logLevel.NOTHING,
      ssl: { ca: [readFileSync(ca, 'utf8')] },
      sasl: { mechanism: 'scram-sha-512', username: 'admin', password: 'admin-secret' },
    });

  beforeAll(async () => {
    const common = [
      '-alias',
      'broker',
      '-keystore',
      keystore,
      '-storetype',
      'PKCS12',
      '-storepass',
      'changeit',
    ];
    const name = ['-dname', 'CN=127.0.0.1', '-ext', 'SAN=ip:127.0.0.1', '-validity', '2', '-keyalg', 'EC'];
    expect(spawnSync('keytool', ['-genkeypair', ...common, ...name]).status).toBe(0);
    expect(spawnSync('keytool', ['-exportcert', '-rfc', '-file', ca, ...common]).status).toBe(0);
    broker = await startBroker(exampleSettings(keystore, ca), [
      'name=admin,password=admin-secret',
      'name=board,password=board-secret',
    ]);
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: 'ed-attendances', numPartitions: 1 }],
    });
    await admin.disconnect();
  }, 90_000);
  afterAll(async () => {
    await broker?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function boardFolder(): Promise<string> {
    const town = await makeStreamFolder({
      mode: 'store',
      address: broker.address,
      topics: { ed: 'ed-attendances' },
    });
    onTestFinished(() => rm(dirname(town), { recursive: true, force: true }));
    copyFileSync(ca, join(town, 'secrets/ca.pem'));
    writeFileSync(join(town, 'secrets/kafka.password'), 'board-secret\n', { mode: 0o600 });
    await changeFile(
      join(town, 'cardiff.yaml'),
      `"${broker.address}"], tls: "off", sasl: "off"`,
      `"${broker.address}"], tls: { ca: secrets/ca.pem }, sasl: { mechanism: scram-sha-512, username: board, password_file: secrets/kafka.password }`,
    );
    return town;
  }

  test('a user without rights is told so, and one with them reads', async () => {
    const town = await boardFolder();
    // To a user without rights the topic does not exist; it waits until it does.
    const listener = startCardiff(['listen', '--dir', town]);
    onTestFinished(() => {
      listener.child.kill('SIGKILL');
    });
    await listener.says('the topic ed-attendances is not there');
    const admin = kafka().admin();
    await admin.connect();
    const allow = { principal: 'User:board', host: '*', permissionType: 3 };
    await admin.createAcls({
      acl: [
        // Read, Describe and DescribeConfigs on the topic; Read and Describe on groups that begin so.
        ...[3, 8, 10].map((operation) => ({
          ...allow,
          operation,
          resourceType: 2,
          resourceName: 'ed-attendances',
          resourcePatternType: 3,
        })),
        ...[3, 8].map((operation) => ({
          ...allow,
          operation,
          resourceType: 3,
          resourceName: 'cardiff',
          resourcePatternType: 4,
        })),
      ],
    });
    await admin.disconnect();
    const producer = kafka().producer();
    await producer.connect();
    await producer.send({ topic: 'ed-attendances', messages: [{ value: jsonOf(ISTV, istvRow(1)) }] });
    await producer.disconnect();
    await readUpTo(town, 1);
    listener.child.kill('SIGTERM');
    expect((await listener.ended).code).toBe(0);
    expect(await incidentsIn(town)).toHaveLength(1);
    // The topic was made without a thought for how long it keeps what.
    expect(listener.said()).toContain('"event":"topic-settings"');
    expect(listener.said()).toContain(
      'the topic ed-attendances keeps records for 168 hours: set retention.ms=86400000',
    );
  }, 60_000);

  test('a wrong password, and a password file that others can read, end it with the reason', async () => {
    const town = await boardFolder();
    writeFileSync(join(town, 'secrets/kafka.password'), 'another', { mode: 0o600 });
    const wrong = await cardiff(['listen', '--dir', town]);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not know this user and password'),
    });
    expect(wrong.stderr).not.toContain('another');
    spawnSync('chmod', ['644', join(town, 'secrets/kafka.password')]);
    const open = await cardiff(['listen', '--dir', town]);
    expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining('can be read by others') });
  }, 60_000);
});
