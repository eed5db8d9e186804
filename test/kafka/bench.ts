/** npm run bench-listen [MILLIONS]: what `cardiff listen` costs against a bare kafkajs consumer that only counts. */
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ISTV } from '../../schemas/istv.ts';
import { KAFKA_VERSION, startBroker, whyNoBroker } from './broker.ts';
import { istvRow, jsonOf } from './records.ts';
import { makeStreamFolder, makeTopic, openSender, queryStore } from './streams.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);
const run = promisify(execFile);
const DIST = join(import.meta.dirname, '../..');
const RUNS = 3;
const PARTITIONS = 3;
const PORTION = 2_000;
const SLOW_RECORDS = 600;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** Sends records from..to; several sends are under way at once, one a partition. */
async function send(address: string, topic: string, from: number, to: number): Promise<void> {
  const sender = await openSender(address);
  for (let i = from; i < to; i += PORTION * PARTITIONS) {
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) => {
        const first = Math.min(to, i + partition * PORTION);
        const rows = Math.min(PORTION, to - first);
        const messages = Array.from({ length: rows }, (_, k) => ({
          partition,
          key: 'RZZ01',
          value: jsonOf(ISTV, istvRow(first + k)),
        }));
        return rows > 0 ? sender.send(topic, messages) : Promise.resolve();
      }),
    );
  }
  await sender.close();
}

/** `cardiff listen` on a folder of its own, with what it can be asked while it runs. */
async function startListener(address: string, topic: string) {
  const folder = await makeStreamFolder({ mode: 'store', address, topics: { ed: topic } });
  const child = spawn(process.execPath, [join(DIST, 'main.js'), 'listen', '--dir', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    folder,
    said: () => said,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    remove: () => rm(join(folder, '..'), { recursive: true, force: true }),
  };
}
type Listener = Awaited<ReturnType<typeof startListener>>;

/** The sum of a metric over its labels, as the listener serves it; undefined until it does. */
async function metricsOf(listener: Listener): Promise<((name: string) => number) | undefined> {
  const address = /"address":"([^"]+)"/.exec(listener.said())?.[1];
  const text = address && (await (await fetch(address).catch(() => undefined))?.text());
  if (!text) return undefined;
  return (name) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'gm'))].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
}

/** Seconds from the first message to the last commit; `each` is told now and then how many rows have been committed. */
async function listenToEnd(
  listener: Listener,
  records: number,
  each: (rows: number) => void = () => undefined,
): Promise<number> {
  let started: number | undefined;
  for (;;) {
    await sleep(20);
    const of = await metricsOf(listener);
    if (!of) continue;
    if (of('cardiff_messages_total') > 0) started ??= performance.now();
    each(of('cardiff_rows_total'));
    if (of('cardiff_rows_total') >= records) return (performance.now() - (started as number)) / 1000;
  }
}

async function throughput(address: string, records: number): Promise<void> {
  await makeTopic(address, 'bench', PARTITIONS);
  await send(address, 'bench', 0, records);
  const bare: number[] = [];
  const ours: number[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    const child = join(import.meta.dirname, 'count.js');
    const { stdout } = await run(process.execPath, [child, address, 'bench', String(records)]);
    bare.push((JSON.parse(stdout) as { seconds: number }).seconds);
    const listener = await startListener(address, 'bench');
    ours.push(await listenToEnd(listener, records));
    await listener.stop();
    await listener.remove();
  }
  const [a, b] = [records / median(ours), records / median(bare)];
  say(
    `${records.toLocaleString('en-GB')} ISTV records as JSON: cardiff listen ${Math.round(a).toLocaleString('en-GB')} a second into the store; a bare kafkajs consumer that only counts ${Math.round(b).toLocaleString('en-GB')}; ratio ${(a / b).toFixed(2)} (medians of ${RUNS}, by turns)`,
  );
}

async function memory(address: string, records: number): Promise<void> {
  await makeTopic(address, 'long', PARTITIONS, { 'retention.bytes': String(4 * 2 ** 30) });
  const listener = await startListener(address, 'long');
  const sending = send(address, 'long', 0, records);
  const began = performance.now();
  const shares = [0.1, 0.2, 0.5, 1];
  let most = 0;
  const listening = listenToEnd(listener, records, (rows) => {
    most = Math.max(most, listener.memory());
    while (rows >= (shares[0] ?? Number.POSITIVE_INFINITY) * records) {
      const committed = ((shares.shift() as number) * records).toLocaleString('en-GB');
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      say(
        `memory after ${committed} records, ${seconds} s: ${listener.memory().toFixed(0)} MB, at most ${most.toFixed(0)} MB since the line before`,
      );
      most = 0;
    }
  });
  await Promise.all([listening, sending]);
  await listener.stop();
  await listener.remove();
}

/** Ten records a second, one by one; when each is in the store for another process to see. */
async function latency(address: string): Promise<void> {
  await makeTopic(address, 'slow', PARTITIONS);
  const listener = await startListener(address, 'slow');
  while (!listener.said().includes('"listening"')) await sleep(20);
  const sender = await openSender(address);
  const sent: number[] = [];
  const seen: number[] = [];
  // Committed is visible: the metric is raised when the transaction has ended.
  const watching = (async () => {
    while (seen.length < SLOW_RECORDS) {
      const committed = (await metricsOf(listener))?.('cardiff_incidents_total') ?? 0;
      while (seen.length < committed) seen.push(performance.now());
      await sleep(3);
    }
  })();
  let id = 0;
  for (let i = 0; sent.length < SLOW_RECORDS; i++) {
    const row = istvRow(i);
    if (row['assault_at'] === 'soon') continue;
    sent.push(performance.now());
    await sender.send('slow', [{ partition: id++ % PARTITIONS, key: 'RZZ01', value: jsonOf(ISTV, row) }]);
    await sleep(Math.max(0, 100 - (performance.now() - (sent.at(-1) as number))));
  }
  await watching;
  await sender.close();
  const [row] = await queryStore(listener.folder, 'SELECT count(*)::INTEGER AS n FROM incident');
  if (Number(row?.['n']) !== SLOW_RECORDS)
    throw new Error(`the store holds ${row?.['n']} of ${SLOW_RECORDS} records`);
  const waits = sent.map((at, i) => (seen[i] as number) - at);
  say(
    `from produce to visible in the store at 10 records a second, ${SLOW_RECORDS} records: median ${median(waits).toFixed(0)} ms, worst ${Math.max(...waits).toFixed(0)} ms`,
  );
  await listener.stop();
  await listener.remove();
}

const reason = whyNoBroker();
if (reason) throw new Error(reason);
const [millions = '10', measured = '1'] = process.argv.slice(2);
say(
  `${cpus()[0]?.model}, ${cpus().length} cores; Node ${process.version}; Kafka ${KAFKA_VERSION} on the same machine`,
);
const broker = await startBroker();
try {
  if (Number(measured) > 0) {
    await throughput(broker.address, Number(measured) * 1e6);
    await latency(broker.address);
  }
  if (Number(millions) > 0) await memory(broker.address, Number(millions) * 1e6);
} finally {
  await broker.remove();
}
process.exit(0);
