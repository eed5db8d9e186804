/** Raw records into the store. */
import { commitStream, type StreamBatch } from '../transform/stream.ts';
import {
  clearWaiting,
  type LaneSize,
  openLane,
  type RawLane,
  STORE_LANE,
  takeMessages,
  takeWaiting,
} from './listen-raw.ts';
import { type Listened, type Side, type SideOptions, spansOf } from './listen-side.ts';
import type { HeldStore } from './listen-store.ts';
import { openSourceDoor } from './source-door.ts';

/** A lane for the raw records of a source, anonymised as its files are. */
export function openRawLane(
  { source }: Listened,
  { partnership, agreed }: Pick<SideOptions, 'partnership' | 'agreed'>,
  size: LaneSize,
): RawLane {
  const door = openSourceDoor(partnership, source, { agreed, inPortions: true });
  return openLane(door.settings.profile, door, size);
}

export function storeSide(options: SideOptions, store: HeldStore): Side {
  const { partnership, listened, check } = options;
  const lanes = new Map(listened.map((each) => [each.source.id, openRawLane(each, options, STORE_LANE)]));
  const laneOf = ({ source }: Listened) => lanes.get(source.id) as RawLane;
  return {
    take: (each, portion, from) => takeMessages(laneOf(each), portion, from),
    turn: (taken) => {
      const turned = listened.flatMap((each) => {
        const spans = spansOf(each.topic, taken.get(each.source.id));
        return spans.length > 0 ? [{ each, spans, waiting: takeWaiting(laneOf(each)) }] : [];
      });
      return async () => {
        const batches = turned.map(({ each, spans, waiting }): StreamBatch => {
          const { topic, generation } = each.topic;
          const source = each.source.id;
          check(source, waiting.tally);
          const bad = waiting.bad.map((one) => ({ origin: '', topic, generation, ...one }));
          return {
            source,
            topic,
            generation,
            incidents: waiting.incidents,
            tally: waiting.tally,
            spans,
            bad,
          };
        });
        await store.use((open) => commitStream(open, batches, partnership.now()));
        return turned.map(({ each, waiting }) => {
          const { tally, unknownKeys } = waiting;
          clearWaiting(waiting);
          return { source: each.source.id, tally, unknownKeys };
        });
      };
    },
    close: async () => store.rest(),
  };
}
