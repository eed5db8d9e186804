/**
 * A stream in the store: its records and how far it has been read change in one transaction, so that whatever happens,
 * the next reader begins where the last commit ended.
 */
import { hasVersions, type IncidentColumns } from '../schemas/incident.ts';
import { type ByFieldAndReason, count, type Tally } from '../schemas/tally.ts';
import { beginMerge, type MergeCounts, mergeStaged, readMergeCounts, stageIncidents } from './merge.ts';
import type { Store } from './store.ts';

/**
 * How far each partition has been read, the latest messages that could not be, how many there were in all, and who made
 * depersonalised ones.
 */
export const STREAM_TABLES = `
CREATE TABLE IF NOT EXISTS kafka_offset (
  source VARCHAR, origin VARCHAR, topic VARCHAR, generation INTEGER, part INTEGER,
  next BIGINT, high BIGINT, missing BIGINT, at_time VARCHAR
);
CREATE TABLE IF NOT EXISTS kafka_bad (
  source VARCHAR, origin VARCHAR, topic VARCHAR, generation INTEGER, part INTEGER, at_offset BIGINT, reason VARCHAR
);
CREATE TABLE IF NOT EXISTS kafka_bad_count (
  source VARCHAR, origin VARCHAR, topic VARCHAR, generation INTEGER, reason VARCHAR, n BIGINT
);
CREATE TABLE IF NOT EXISTS kafka_maker (source VARCHAR, fingerprint VARCHAR);
`;

/** A partition of a topic; `origin` names the cluster of raw records that others read for us, and is empty for ours. */
export interface StreamPartition {
  readonly origin: string;
  readonly topic: string;
  readonly generation: number;
  readonly partition: number;
}

export interface Position extends StreamPartition {
  readonly source: string;
  /** Offset of the next message to be read. */
  readonly next: number;
}

/** What was read of a partition: all from `from` up to `next`. */
export interface Span extends StreamPartition {
  readonly from: number;
  readonly next: number;
  /** The offset after the partition's last message, when it was last seen. */
  readonly high: number;
  /** Offsets that were gone before they could be read. */
  readonly missing: number;
}

export interface BadMessage extends StreamPartition {
  readonly offset: number;
  readonly reason: string;
}

/** What is to be committed of one source. */
export interface StreamBatch {
  readonly source: string;
  readonly topic: string;
  readonly generation: number;
  readonly incidents: IncidentColumns;
  readonly tally: Tally;
  readonly spans: readonly Span[];
  readonly bad: readonly BadMessage[];
  /** Fingerprint of the key that others made the incidents with. */
  readonly maker?: string | undefined;
}

/** Somebody else has read on in a partition: what is in memory is of no use any more. */
export class ReadElsewhere extends Error {}

/** An hour: clocks are put right by less. */
const CLOCK_SLACK_MS = 3_600_000;

/** How far each partition has been read. */
export const readPositions = (store: Store): Promise<Position[]> =>
  store.query<Position>(
    'SELECT source, origin, topic, generation, part AS partition, next::DOUBLE AS next FROM kafka_offset',
  );

/** Whose key a source's depersonalised incidents were made with, by source. */
export async function readMakers(store: Store): Promise<Map<string, string>> {
  const rows = await store.query<{ source: string; fingerprint: string }>('SELECT * FROM kafka_maker');
  return new Map(rows.map(({ source, fingerprint }) => [source, fingerprint]));
}

/**
 * Commits batches with the positions that they reach, all or nothing.
 *
 * @throws ReadElsewhere where a position is not the one that a batch goes on from; Error where the clock is far behind
 * the last commit.
 */
export async function commitStream(
  store: Store,
  batches: readonly StreamBatch[],
  now: number,
): Promise<MergeCounts[]> {
  return store.transaction(async () => {
    await movePositions(store, batches, now);
    const counts: MergeCounts[] = [];
    for (const batch of batches) {
      counts.push(await mergeBatch(store, batch));
      await writeBad(store, batch);
      if (batch.maker !== undefined)
        await store.run(
          'INSERT INTO kafka_maker SELECT $1, $2 WHERE NOT EXISTS (FROM kafka_maker WHERE source = $1)',
          [batch.source, batch.maker],
        );
    }
    return counts;
  });
}

interface KnownPosition extends StreamPartition {
  readonly next: number;
  readonly missing: number;
  readonly at_time: string;
}

const nameOf = ({ origin, topic, generation, partition }: StreamPartition) =>
  `${origin}|${topic}|${generation}|${partition}`;
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Writes the positions that batches reach, in few calls: each answer has to wait for a thread that is busy reading. */
async function movePositions(store: Store, batches: readonly StreamBatch[], now: number): Promise<void> {
  const rows = await store.query<KnownPosition>(
    `SELECT origin, topic, generation, part AS partition, next::DOUBLE AS next, missing::DOUBLE AS missing, at_time FROM kafka_offset`,
  );
  const last = rows
    .map(({ at_time }) => at_time)
    .sort()
    .at(-1);
  if (last !== undefined && Date.parse(last) > now + CLOCK_SLACK_MS)
    throw new Error(
      `this machine's clock is behind the last commit (${last}): put the clock right; until then nothing is read`,
    );
  const known = new Map(rows.map((row) => [nameOf(row), row]));
  const at = quoted(new Date(now).toISOString());
  const values: string[] = [];
  for (const { source, spans } of batches) {
    for (const span of spans) {
      const before = known.get(nameOf(span));
      if (before && before.next !== span.from)
        throw new ReadElsewhere(`${span.topic} is read by another process too`);
      const { origin, topic, generation, partition, next, high } = span;
      const missing = (before?.missing ?? 0) + span.missing;
      values.push(
        `(${quoted(source)}, ${quoted(origin)}, ${quoted(topic)}, ${generation}, ${partition}, ${next}, ${high}, ${missing}, ${at})`,
      );
    }
  }
  if (values.length === 0) return;
  await store.run(`
    CREATE OR REPLACE TEMP TABLE moved AS FROM (VALUES ${values.join(', ')})
      v(source, origin, topic, generation, part, next, high, missing, at_time);
    DELETE FROM kafka_offset USING moved WHERE kafka_offset.origin = moved.origin AND kafka_offset.topic = moved.topic
      AND kafka_offset.generation = moved.generation AND kafka_offset.part = moved.part;
    INSERT INTO kafka_offset FROM moved`);
}

/** Merges a batch's incidents and adds to the line that its topic has in the ledger of files. */
async function mergeBatch(store: Store, batch: StreamBatch): Promise<MergeCounts> {
  const { source, incidents, tally, topic, generation } = batch;
  const file = await findLedgerLine(store, source, `topic ${topic}, generation ${generation}`);
  let counts: MergeCounts = { accepted: 0, corrected: 0, duplicate: 0, withdrawn: 0 };
  if (incidents.n > 0) {
    // Records without a key are told apart by how often they came: on a topic, ever since it began.
    const merge = await beginMerge(store, source, file.id, `seen_${file.id}`);
    await stageIncidents(store, merge, incidents);
    await mergeStaged(store, merge, hasVersions(incidents));
    counts = await readMergeCounts(store);
  }
  const sum = addTallies(JSON.parse(file.tally) as LedgerTally, tally);
  await store.run(
    `UPDATE file SET read = read + $2, accepted = accepted + $3, corrected = corrected + $4, duplicate = duplicate + $5,
      superseded = superseded + $6, tally = $7,
      covered_to = greatest(covered_to, DATE '1970-01-01' + $8::INTEGER) WHERE id = $1`,
    [
      file.id,
      tally.read,
      counts.accepted,
      counts.corrected,
      counts.duplicate,
      counts.corrected + counts.withdrawn,
      JSON.stringify(sum),
      tally.coveredTo ?? null,
    ],
  );
  return counts;
}

type LedgerTally = Pick<
  Tally,
  'rejected' | 'excluded' | 'unmapped' | 'located' | 'homeGated' | 'timeKnown' | 'personalTexts' | 'flagged'
>;

const NOTHING_YET: LedgerTally = {
  rejected: {},
  excluded: {},
  unmapped: {},
  located: 0,
  homeGated: 0,
  timeKnown: 0,
  personalTexts: 0,
  flagged: {},
};

async function findLedgerLine(
  store: Store,
  source: string,
  name: string,
): Promise<{ id: number; tally: string }> {
  const find = () =>
    store.query<{ id: number; tally: string }>('SELECT id, tally FROM file WHERE source = $1 AND name = $2', [
      source,
      name,
    ]);
  const [found] = await find();
  if (found) return found;
  await store.run(
    `INSERT INTO file SELECT coalesce(max(id), 0) + 1, $1, $2, 0, 0, '', '', NULL, 0, 0, 0, 0, 0, $3 FROM file`,
    [source, name, JSON.stringify(NOTHING_YET)],
  );
  return (await find())[0] as { id: number; tally: string };
}

/** The sum of two tallies' counts. */
export function addTallies(a: LedgerTally, b: LedgerTally): LedgerTally {
  const both = (part: 'rejected' | 'excluded'): ByFieldAndReason => {
    const sum: ByFieldAndReason = structuredClone(a[part]);
    for (const [field, reasons] of Object.entries(b[part]))
      for (const [reason, n] of Object.entries(reasons)) count(sum, field, reason, n);
    return sum;
  };
  // A store that was made before points were flagged has none.
  const each = (part: 'unmapped' | 'flagged'): Record<string, number> => {
    const sum = { ...a[part] };
    for (const [name, n] of Object.entries(b[part])) sum[name] = (sum[name] ?? 0) + n;
    return sum;
  };
  return {
    rejected: both('rejected'),
    excluded: both('excluded'),
    unmapped: each('unmapped'),
    flagged: each('flagged'),
    located: a.located + b.located,
    homeGated: a.homeGated + b.homeGated,
    timeKnown: a.timeKnown + b.timeKnown,
    // A store that was made before these were counted has none.
    personalTexts: (a.personalTexts ?? 0) + b.personalTexts,
  };
}

/** So many messages of a partition that could not be read are known by their offsets, the latest; all are counted. */
const KEPT_BAD = 1_000;

async function writeBad(store: Store, { source, bad }: StreamBatch): Promise<void> {
  if (bad.length === 0) return;
  const counts = new Map<string, number>();
  const byPartition = new Map<string, string[]>();
  for (const each of bad) {
    const topic = `${quoted(source)}, ${quoted(each.origin)}, ${quoted(each.topic)}, ${each.generation}`;
    const name = `${topic}, ${quoted(each.reason)}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const rows = byPartition.get(nameOf(each)) ?? [];
    byPartition.set(nameOf(each), rows);
    rows.push(`(${topic}, ${each.partition}, ${each.offset}, ${quoted(each.reason)})`);
  }
  const latest = [...byPartition.values()].flatMap((rows) => rows.slice(-KEPT_BAD));
  const sums = [...counts].map(([name, n]) => `(${name}, ${n})`);
  await store.run(`
    INSERT INTO kafka_bad VALUES ${latest.join(', ')};
    DELETE FROM kafka_bad USING (
      SELECT * FROM kafka_bad WHERE source = ${quoted(source)}
      QUALIFY row_number() OVER (PARTITION BY origin, topic, generation, part ORDER BY at_offset DESC) = ${KEPT_BAD + 1}
    ) older WHERE kafka_bad.source = older.source AND kafka_bad.origin = older.origin AND kafka_bad.topic = older.topic
      AND kafka_bad.generation = older.generation AND kafka_bad.part = older.part
      AND kafka_bad.at_offset <= older.at_offset;
    CREATE OR REPLACE TEMP TABLE bad_sum AS SELECT source, origin, topic, generation, reason, sum(n)::BIGINT AS n FROM (
      FROM kafka_bad_count WHERE source = ${quoted(source)}
      UNION ALL FROM (VALUES ${sums.join(', ')}) v(source, origin, topic, generation, reason, n)
    ) GROUP BY ALL;
    DELETE FROM kafka_bad_count WHERE source = ${quoted(source)};
    INSERT INTO kafka_bad_count FROM bad_sum`);
}
