/** Messages of depersonalised incidents, as other sides send them, to incidents that wait for their commit. */
import { MOST_VALUE_BYTES, type Portion, valueIn } from '../ingest/portion.ts';
import { allocateIncidents, type IncidentColumns } from '../schemas/incident.ts';
import { IncidentMessage, MOST_MESSAGE_ROWS } from '../schemas/incident-message.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { type ByFieldAndReason, count, emptyTally, type Tally } from '../schemas/tally.ts';
import { addsUp, appendMessage, type KnownTerms } from '../transform/incident-message.ts';
import {
  type BadMessage,
  commitStream,
  type Position,
  type Span,
  type StreamBatch,
} from '../transform/stream.ts';
import { type Listened, type Side, type SideOptions, spansOf } from './listen-side.ts';
import type { HeldStore } from './listen-store.ts';

const CAPACITY = 16 * MOST_MESSAGE_ROWS;

/** What has been read and is not committed yet; raw partitions by their name. */
export interface BoardWaiting {
  readonly incidents: IncidentColumns;
  tally: Tally;
  rows: number;
  readonly raw: Map<string, Span>;
  readonly bad: { partition: number; offset: number; reason: string }[];
  /** Messages that the makers of messages could not read. */
  readonly badThere: BadMessage[];
}

export interface BoardLane {
  readonly source: SourceSettings;
  readonly places: ReadonlySet<string>;
  /** How far each raw partition has been read, what waits included. */
  readonly reached: Map<string, number>;
  /** Fingerprint of the key of the source's incidents, once it is known. */
  maker: string | undefined;
  waiting: BoardWaiting;
  spare: BoardWaiting;
  known: KnownTerms;
}

export function openBoardLane(
  source: SourceSettings,
  places: ReadonlySet<string>,
  reached: Map<string, number>,
  maker: string | undefined,
): BoardLane {
  const known = { places, numbers: new Map<string, number>() };
  return { source, places, reached, maker, waiting: allocate(), spare: allocate(), known };
}

const allocate = (): BoardWaiting => ({
  incidents: allocateIncidents(CAPACITY, []),
  tally: emptyTally(),
  rows: 0,
  raw: new Map(),
  bad: [],
  badThere: [],
});

/** Empties what was committed, so that it can be filled again. */
export function clearBoardWaiting(waiting: BoardWaiting): void {
  waiting.incidents.n = 0;
  waiting.incidents.terms.length = 0;
  waiting.tally = emptyTally();
  waiting.rows = 0;
  waiting.raw.clear();
  waiting.bad.length = 0;
  waiting.badThere.length = 0;
}

/** A raw partition by one name. */
export const rawName = (origin: string, topic: string, generation: number, partition: number): string =>
  `${origin}|${topic}|${generation}|${partition}`;

/** Reads messages from number `from` on; returns the number of the first before which what waits has to be committed. */
export function takeIncidents(lane: BoardLane, portion: Portion, from: number): number {
  for (let i = from; i < portion.n; i++) {
    if (lane.waiting.incidents.n + MOST_MESSAGE_ROWS > CAPACITY) return i;
    takeOne(lane, portion, i);
  }
  return portion.n;
}

function takeOne(lane: BoardLane, portion: Portion, i: number): void {
  const { waiting } = lane;
  const read = readMessage(lane, portion, i);
  if (typeof read === 'string') {
    waiting.bad.push({ partition: portion.partition, offset: portion.offsets[i] as number, reason: read });
    return;
  }
  const { origin, topic, generation, partition: rawPartition, from, next } = read;
  const name = rawName(origin, topic, generation, rawPartition);
  const reached = lane.reached.get(name);
  // Workers that take over from one another send some records again; all of this message came before.
  if (reached !== undefined && next <= reached) return;
  lane.maker ??= read.key;
  const start = reached ?? from;
  const tally = appendMessage(read, start, waiting.rows, lane.known, waiting.incidents);
  waiting.rows += read.columns.offset.length;
  addTo(waiting.tally, tally);
  const span = waiting.raw.get(name);
  const missing = Math.max(0, from - start);
  waiting.raw.set(name, {
    origin,
    topic,
    generation,
    partition: rawPartition,
    from: span?.from ?? start,
    next,
    high: next,
    missing: (span?.missing ?? 0) + missing,
  });
  for (const { offset: at, reason } of read.bad)
    if (at >= start)
      waiting.badThere.push({ origin, topic, generation, partition: rawPartition, offset: at, reason });
  lane.reached.set(name, next);
}

/** The message, or why it is refused. */
function readMessage({ source, maker }: BoardLane, portion: Portion, i: number): IncidentMessage | string {
  const length = portion.lengths[i] as number;
  if (length <= 0) return 'an empty message';
  if (length > MOST_VALUE_BYTES) return 'a message of more than 2 MB';
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(valueIn(portion, i)));
  } catch {
    return 'not JSON';
  }
  const parsed = IncidentMessage.safeParse(json);
  if (!parsed.success) return 'not a message of depersonalised incidents';
  const message = parsed.data;
  if (message.source !== source.id || message.profile !== source.profile) return 'of another source';
  if (maker !== undefined && message.key !== maker) return 'made with another key';
  if (
    message.next <= message.from ||
    !addsUp({ ...message.tally, coveredTo: undefined }, message.columns.offset.length)
  )
    return 'numbers that do not add up';
  return message;
}

function addTo(sum: Tally, more: Tally): void {
  for (const part of ['read', 'passed', 'located', 'homeGated', 'timeKnown', 'personalTexts'] as const)
    sum[part] += more[part];
  for (const part of ['rejected', 'excluded'] as const) addCounts(sum[part], more[part]);
  for (const part of ['unmapped', 'flagged'] as const)
    for (const [name, n] of Object.entries(more[part])) sum[part][name] = (sum[part][name] ?? 0) + n;
  if (more.coveredTo !== undefined) sum.coveredTo = Math.max(sum.coveredTo ?? more.coveredTo, more.coveredTo);
}

function addCounts(sum: ByFieldAndReason, more: ByFieldAndReason): void {
  for (const [field, reasons] of Object.entries(more))
    for (const [reason, n] of Object.entries(reasons)) count(sum, field, reason, n);
}

/** Takes what waits, to be committed; the lane goes on with its other half. */
export function takeBoardWaiting(lane: BoardLane): BoardWaiting {
  const { waiting, spare } = lane;
  for (const { reason } of waiting.bad) count(waiting.tally.rejected, 'message', reason);
  waiting.tally.read += waiting.bad.length;
  lane.waiting = spare;
  lane.spare = waiting;
  lane.known = { places: lane.places, numbers: new Map() };
  return waiting;
}

/** Depersonalised incidents into the store. */
export function boardSide(
  { partnership, listened, check }: SideOptions,
  store: HeldStore,
  positions: readonly Position[],
  makers: ReadonlyMap<string, string>,
): Side {
  const places = new Set(partnership.places.map(({ id }) => id));
  const lanes = new Map(
    listened.map(({ source }) => {
      const raw = positions.filter((position) => position.source === source.id && position.origin !== '');
      const reached = new Map(
        raw.map(({ origin, topic, generation, partition, next }) => [
          rawName(origin, topic, generation, partition),
          next,
        ]),
      );
      return [source.id, openBoardLane(source, places, reached, makers.get(source.id))];
    }),
  );
  const laneOf = ({ source }: Listened) => lanes.get(source.id) as BoardLane;
  return {
    take: async (each, portion, from) => takeIncidents(laneOf(each), portion, from),
    turn: (taken) => {
      const turned = listened.flatMap((each) => {
        const spans = spansOf(each.topic, taken.get(each.source.id));
        return spans.length > 0
          ? [{ each, spans, lane: laneOf(each), waiting: takeBoardWaiting(laneOf(each)) }]
          : [];
      });
      return async () => {
        const batches = turned.map(({ each, spans, lane, waiting }): StreamBatch => {
          const { topic, generation } = each.topic;
          check(each.source.id, waiting.tally);
          return {
            source: each.source.id,
            topic,
            generation,
            incidents: waiting.incidents,
            tally: waiting.tally,
            spans: [...spans, ...waiting.raw.values()],
            bad: [
              ...waiting.bad.map((one) => ({ origin: '', topic, generation, ...one })),
              ...waiting.badThere,
            ],
            maker: lane.maker,
          };
        });
        await store.use((open) => commitStream(open, batches, partnership.now()));
        for (const { waiting } of turned) clearBoardWaiting(waiting);
        return batches.map(({ source, tally }) => ({ source, tally, unknownKeys: 0 }));
      };
    },
    close: async () => store.rest(),
  };
}
