/**
 * A real broker for tests and benchmarks: Apache Kafka as one KRaft node on loopback, in a temporary folder. Where
 * KAFKA_BROKERS names one that runs already, that is used, and it cannot be restarted.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../cardiff-process.ts';

const POM = join(projectFolder(), 'test/kafka/pom.xml');
/** The version of Apache Kafka that is tested against. */
export const KAFKA_VERSION = /<version>(\d+\.\d+\.\d+)<\/version>/.exec(readFileSync(POM, 'utf8'))?.[1] ?? '';
const JARS = join(projectFolder(), 'node_modules/.cache', `kafka-${KAFKA_VERSION}`);
const START_MS = 60_000;

export interface Broker {
  /** host:port, as the settings want it. */
  readonly address: string;
  /** Stops it; at once and without goodbye where `abruptly` is set. */
  readonly stop: (abruptly?: boolean) => Promise<void>;
  /** Starts it anew on the same port with what it held. */
  readonly start: () => Promise<void>;
  /** Stops it and removes its folder. */
  readonly remove: () => Promise<void>;
}

/** Why no broker can be started here; undefined where one can. Fetches the jars once. */
export function whyNoBroker(): string | undefined {
  if (process.env['KAFKA_BROKERS']) return undefined;
  if (spawnSync('java', ['-version']).status !== 0)
    return 'Java is not installed, and KAFKA_BROKERS is not set';
  if (existsSync(JARS)) return undefined;
  const part = `${JARS}.part-${process.pid}`;
  const args = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`];
  process.stderr.write(`Fetching the jars of Kafka ${KAFKA_VERSION} …\n`);
  const { status } = spawnSync('mvn', args, { stdio: 'ignore' });
  // Whole or not at all, and never taken away again: a broker of another process may run on those that are there.
  if (status === 0 && !existsSync(JARS)) spawnSync('mv', ['-T', part, JARS]);
  rmSync(part, { recursive: true, force: true });
  return existsSync(JARS) ? undefined : `the jars of Kafka ${KAFKA_VERSION} cannot be fetched with Maven`;
}

/** Before all tests, so that no two files fetch the jars at once into one repository of Maven's. */
export const setup = (): void => void whyNoBroker();

/**
 * Starts a broker; `settings` are added to its own, one "name=value" each, and `users` (name=…,password=…) can sign in by
 * SCRAM-SHA-512 where the settings ask for that.
 */
export async function startBroker(
  settings: readonly string[] = [],
  users: readonly string[] = [],
): Promise<Broker> {
  const named = process.env['KAFKA_BROKERS'];
  if (named) return { address: named, stop: cannot, start: cannot, remove: async () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'cardiff-kafka-'));
  const [port, controller] = (await freePorts(2)) as [number, number];
  const config = join(folder, 'server.properties');
  mkdirSync(join(folder, 'logs'));
  writeFileSync(
    config,
    [
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=CLIENT://127.0.0.1:${port}`,
      'inter.broker.listener.name=CLIENT',
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `log.dirs=${join(folder, 'logs')}`,
      'auto.create.topics.enable=false',
      'offsets.topic.replication.factor=1',
      'offsets.topic.num.partitions=1',
      'transaction.state.log.replication.factor=1',
      'transaction.state.log.min.isr=1',
      'transaction.state.log.num.partitions=1',
      'share.coordinator.state.topic.replication.factor=1',
      'share.coordinator.state.topic.min.isr=1',
      'group.initial.rebalance.delay.ms=0',
      'log.retention.check.interval.ms=500',
      'log.segment.delete.delay.ms=0',
      ...settings,
    ].join('\n'),
  );
  const java = (main: string, args: readonly string[]) => [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=4',
    '-cp',
    `${JARS}/*`,
    main,
    ...args,
  ];
  const formatted = spawnSync(
    'java',
    java('kafka.tools.StorageTool', [
      ...['format', '-t', 'Y2FyZGlmZi10ZXN0LWJyaw', '-c', config],
      ...users.flatMap((user) => ['--add-scram', `SCRAM-SHA-512=[${user}]`]),
    ]),
    { encoding: 'utf8' },
  );
  if (formatted.status !== 0) throw new Error(`the broker cannot be formatted: ${formatted.stderr}`);
  let child: ChildProcess | undefined;
  let said = '';
  const start = async () => {
    said = '';
    child = spawn('java', java('kafka.Kafka', [config]), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000);
      });
    const started = performance.now();
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() - started > START_MS)
        throw new Error(`the broker does not start: ${said}`);
      await sleep(50);
    }
  };
  const stop = async (abruptly = false) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    child.kill(abruptly ? 'SIGKILL' : 'SIGTERM');
    await ended;
  };
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    address: `127.0.0.1:${port}`,
    start,
    stop,
    remove: async () => {
      await stop(true);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const cannot = () => Promise.reject(new Error('the broker of KAFKA_BROKERS is not ours to stop'));

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });

async function freePorts(n: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: n },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}
