import { expect, onTestFinished, test } from 'vitest';
import { allocateIncidents } from '../../schemas/incident.ts';
import { emptyTally } from '../../schemas/tally.ts';
import { STORE_TABLES } from '../../transform/merge.ts';
import { openStore } from '../../transform/store.ts';
import {
  commitStream,
  ReadElsewhere,
  readPositions,
  STREAM_TABLES,
  type StreamBatch,
} from '../../transform/stream.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;

async function openStream() {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  await store.run(`${STORE_TABLES}; ${STREAM_TABLES}`);
  return store;
}

/** Messages from..next of two partitions, of which those of `bad` could not be read. */
function batchOf(from: number, next: number, bad: readonly number[] = []): StreamBatch {
  const partitions = [0, 1];
  const at = { origin: '', topic: 'raw', generation: 1 };
  return {
    source: 'ed',
    topic: 'raw',
    generation: 1,
    incidents: allocateIncidents(1, []),
    tally: { ...emptyTally(), read: 2 * bad.length, rejected: { message: { 'not JSON': 2 * bad.length } } },
    spans: partitions.map((partition) => ({ ...at, partition, from, next, high: next, missing: 0 })),
    bad: partitions.flatMap((partition) =>
      bad.map((offset) => ({ ...at, partition, offset, reason: 'not JSON' })),
    ),
  };
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('of messages that cannot be read the latest thousand of a partition are known by offset, and all are counted', async () => {
  const store = await openStream();
  for (const [from, next] of [
    [0, 700],
    [700, 1300],
    [1300, 3800],
    [3800, 3810],
  ] as const)
    await commitStream(store, [batchOf(from, next, numbers(from, next))], NOW);
  const kept = await store.query(
    'SELECT part, count(*)::INTEGER AS n, min(at_offset)::INTEGER AS first, max(at_offset)::INTEGER AS last FROM kafka_bad GROUP BY part ORDER BY part',
  );
  expect(kept).toEqual([0, 1].map((part) => ({ part, n: 1000, first: 2810, last: 3809 })));
  expect(await store.query('SELECT topic, reason, n::INTEGER AS n FROM kafka_bad_count')).toEqual([
    { topic: 'raw', reason: 'not JSON', n: 7620 },
  ]);
  expect(await store.query('SELECT read FROM file')).toEqual([{ read: 7620 }]);
});

test('a clock that has jumped back is not committed by, and one that was put right is', async () => {
  const store = await openStream();
  await commitStream(store, [batchOf(0, 10)], NOW);
  await expect(commitStream(store, [batchOf(10, 20, [12])], NOW - 2 * HOUR)).rejects.toThrow(
    /clock is behind the last commit \(2026-03-01T12:00:00.000Z\)/,
  );
  expect((await readPositions(store)).map(({ next }) => next)).toEqual([10, 10]);
  expect(await store.query('FROM kafka_bad')).toEqual([]);
  await commitStream(store, [batchOf(10, 20)], NOW - HOUR / 2);
  expect((await readPositions(store)).map(({ next }) => next)).toEqual([20, 20]);
});

test('whoever goes on from where another has read on commits nothing', async () => {
  const store = await openStream();
  await commitStream(store, [batchOf(0, 10)], NOW);
  await expect(commitStream(store, [batchOf(0, 30, [20])], NOW)).rejects.toThrow(ReadElsewhere);
  expect((await readPositions(store)).map(({ next }) => next)).toEqual([10, 10]);
  expect(await store.query('FROM kafka_bad_count')).toEqual([]);
});
