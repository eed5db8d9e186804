/**
 * Raw records into the partnership's topic, depersonalised. Several workers may share the partitions. What is sent says
 * which offsets of which raw partition it stands for, and offsets are committed to the group after it has arrived: what a
 * worker's end leaves in between is sent again, and passed over by whoever owns the store.
 */
import type { OutgoingMessage, Partition, Producing } from '../ingest/kafka.ts';
import type { IncidentMessage } from '../schemas/incident-message.ts';
import { incidentsToColumns, offsetsLeftOut } from '../transform/incident-message.ts';
import {
  clearWaiting,
  type RawLane,
  SENDING_LANE,
  takeMessages,
  takeWaiting,
  type Waiting,
} from './listen-raw.ts';
import type { Listened, Side, SideOptions, Taken } from './listen-side.ts';
import { openRawLane } from './listen-store-side.ts';
import { keyFingerprint } from './partnership.ts';

export interface HospitalOptions extends SideOptions {
  readonly producing: Producing;
  /** What names the cluster of raw records. */
  readonly origin: string;
  readonly commit: (offsets: readonly (Partition & { next: number })[]) => Promise<void>;
}

export function hospitalSide(options: HospitalOptions): Side {
  const { listened, check, producing, commit } = options;
  const lanes = new Map<string, RawLane>();
  const laneOf = (each: Listened, partition: number) => {
    const name = `${each.source.id}|${partition}`;
    const lane = lanes.get(name) ?? openRawLane(each, options, SENDING_LANE);
    lanes.set(name, lane);
    return lane;
  };
  return {
    take: (each, portion, from) => takeMessages(laneOf(each, portion.partition), portion, from),
    turn: (taken) => {
      const turned = listened.flatMap((each) =>
        [...(taken.get(each.source.id) ?? [])].map(([partition, reached]) => ({
          each,
          partition,
          reached,
          waiting: takeWaiting(laneOf(each, partition)),
        })),
      );
      return async () => {
        for (const { each, waiting } of turned) check(each.source.id, waiting.tally);
        for (const { each, partition, reached, waiting } of turned) {
          const { topic } = each.topic.sends_to as NonNullable<Listened['topic']['sends_to']>;
          const message = messageOf(options, each, partition, reached, waiting);
          // The records of one raw partition stay in one partition, so that versions keep their order.
          const to = partition % producing.partitions(topic);
          const outgoing: OutgoingMessage = {
            partition: to,
            key: `${options.origin}|${each.topic.topic}|${partition}`,
            value: JSON.stringify(message),
            headers: { schema: 'cardiff-incidents' },
          };
          await producing.send(topic, [outgoing]);
        }
        await commit(
          turned.map(({ each, partition, reached }) => ({
            topic: each.topic.topic,
            partition,
            next: reached.next,
          })),
        );
        const committed = turned.map(({ each, waiting }) => ({
          source: each.source.id,
          tally: waiting.tally,
          unknownKeys: waiting.unknownKeys,
        }));
        for (const { waiting } of turned) clearWaiting(waiting);
        return committed;
      };
    },
    close: () => producing.close(),
  };
}

function messageOf(
  { partnership, origin }: HospitalOptions,
  { source, topic }: Listened,
  partition: number,
  { from, next, missing }: Readonly<Taken>,
  { incidents, offsets, tally, bad }: Waiting,
): IncidentMessage {
  const rows = tally.read - bad.length;
  return {
    format: 1,
    source: source.id,
    profile: source.profile,
    key: keyFingerprint(partnership.key),
    origin,
    topic: topic.topic,
    generation: topic.generation,
    partition,
    // The receiver sees from this that something was gone before it could be read.
    from: from + missing,
    next,
    tally: { ...tally, coveredTo: tally.coveredTo ?? null },
    left_out: [...offsetsLeftOut(incidents, offsets, rows), ...bad.map(({ offset }) => offset)],
    bad: bad.map(({ offset, reason }) => ({ offset, reason })),
    ...incidentsToColumns(incidents, offsets),
  };
}
