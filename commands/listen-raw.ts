/** Raw messages of one source, or of one of its partitions, to depersonalised incidents that wait for their commit. */
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS, oneBatch, readCsv } from '../ingest/csv.ts';
import { matchHeader } from '../ingest/header.ts';
import { addJsonRecord, type JsonReader, openJsonReader, readFrom } from '../ingest/json-record.ts';
import { type Portion, type Stated, valueIn } from '../ingest/portion.ts';
import { SourceError } from '../ingest/source-error.ts';
import { allocateIncidents, type IncidentColumns, incidentsFrom } from '../schemas/incident.ts';
import { MOST_MESSAGE_ROWS } from '../schemas/incident-message.ts';
import type { Profile } from '../schemas/profile.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { count, emptyTally, type Tally } from '../schemas/tally.ts';
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';
import { anonymise } from '../transform/anonymise.ts';
import type { Door } from '../transform/door.ts';

/** The largest message that is read: as large as a broker takes by default. */
export const MOST_MESSAGE_BYTES = 1 << 20;

/** What has been read and is not committed yet. */
export interface Waiting {
  readonly incidents: IncidentColumns;
  tally: Tally;
  /** Offsets that rows came from, by their number in the tally; only as many as one message between two sides holds. */
  readonly offsets: Float64Array;
  readonly bad: { partition: number; offset: number; reason: string }[];
  /** Values of JSON records under keys that no field takes. */
  unknownKeys: number;
}

/** Memory for the source at hand. While one `Waiting` is committed, the other is filled. */
export interface RawLane {
  readonly door: Door;
  readonly profile: Profile;
  readonly json: JsonReader;
  waiting: Waiting;
  spare: Waiting;
  /** Offsets of the rows of the batch of text at hand, which is empty between portions. */
  readonly textOffsets: Float64Array;
}

/** How much a lane holds: rows of text that are anonymised at once, and incidents that are committed at once. */
export interface LaneSize {
  readonly textRows: number;
  readonly incidents: number;
}
export const STORE_LANE: LaneSize = { textRows: BATCH_ROWS / 4, incidents: 8 * BATCH_ROWS };
export const SENDING_LANE: LaneSize = { textRows: 1024, incidents: MOST_MESSAGE_ROWS };

export function openLane(profile: Profile, door: Door, { textRows, incidents }: LaneSize): RawLane {
  const fields = Object.keys(profile.fields).length;
  const text = allocateTextBatch(textRows, fields);
  return {
    door,
    profile,
    json: openJsonReader(profile, text),
    waiting: allocateWaiting(incidents, door.terms),
    spare: allocateWaiting(incidents, door.terms),
    textOffsets: new Float64Array(textRows),
  };
}

function allocateWaiting(capacity: number, terms: string[]): Waiting {
  return {
    incidents: allocateIncidents(capacity, terms),
    tally: emptyTally(),
    offsets: new Float64Array(capacity),
    bad: [],
    unknownKeys: 0,
  };
}

/** Empties what was committed, so that it can be filled again. */
export function clearWaiting(waiting: Waiting): void {
  waiting.incidents.n = 0;
  waiting.tally = emptyTally();
  waiting.bad.length = 0;
  waiting.unknownKeys = 0;
}

/**
 * Reads messages of a portion from number `from` on. Resolves with the number of the first before which what waits has to
 * be committed. A message that cannot be read is noted by its offset and the reason.
 */
export async function takeMessages(lane: RawLane, portion: Portion, from: number): Promise<number> {
  const { json, waiting, textOffsets } = lane;
  const { n, partition, offsets, starts, lengths, stated, statedOf } = portion;
  const forms = stated.map((each) => formOf(lane.profile, each));
  readFrom(json, portion.bytes);
  for (let i = from; i < n; i++) {
    const [start, length, offset] = [starts[i] as number, lengths[i] as number, offsets[i] as number];
    const form = sizeProblem(length) ?? (forms[statedOf[i] as number] as string);
    if (form === 'json') {
      if (json.batch.n === json.batch.capacity) anonymiseText(lane);
      // Rows that were rejected or left out take room as well, since each row is known by its number.
      if (waiting.tally.read + json.batch.n >= waiting.incidents.capacity) {
        anonymiseText(lane);
        return i;
      }
      const bad = addJsonRecord(json, start, start + length);
      if (bad !== undefined) waiting.bad.push({ partition, offset, reason: bad });
      else textOffsets[json.batch.n - 1] = offset;
    } else if (form === 'csv') {
      anonymiseText(lane);
      if (!(await takeCsv(lane, partition, offset, valueIn(portion, i)))) return i;
    } else waiting.bad.push({ partition, offset, reason: form });
  }
  anonymiseText(lane);
  return n;
}

const sizeProblem = (length: number): string | undefined =>
  length <= 0 ? 'an empty message' : length > MOST_MESSAGE_BYTES ? 'a message of more than 1 MB' : undefined;

/** How values with these headers are written, or why they are not read. */
function formOf(profile: Profile, stated: Stated): string {
  const schema = stated.schema?.trim().toLowerCase();
  if (schema !== undefined && schema !== profile.id)
    return Object.hasOwn(PROFILES, schema) ? 'the schema of another source' : 'an unknown schema';
  if (stated.contentType === undefined) return 'json';
  const type = stated.contentType.toLowerCase().split(';')[0]?.trim();
  if (type === 'application/json') return 'json';
  return type === 'text/csv' ? 'csv' : 'an unknown content-type';
}

/** Anonymises the rows of text that wait. There is room for what comes of them. */
function anonymiseText(lane: RawLane): void {
  const { json, waiting, textOffsets } = lane;
  if (json.batch.n === 0) return;
  waiting.offsets.set(textOffsets.subarray(0, json.batch.n), waiting.tally.read);
  anonymiseInto(lane, json.batch, waiting);
  json.batch.n = 0;
}

function anonymiseInto({ door }: RawLane, batch: TextBatch, { incidents, tally }: Waiting): void {
  const free = incidentsFrom(incidents, incidents.n);
  anonymise(door, batch, free, tally);
  incidents.n += free.n;
}

/** Reads lines of a file, which are taken or refused as a whole. */
async function takeCsv(
  lane: RawLane,
  partition: number,
  offset: number,
  value: Uint8Array,
): Promise<boolean> {
  const { waiting, profile } = lane;
  const bad = (reason: string) => {
    waiting.bad.push({ partition, offset, reason });
    return true;
  };
  if (!isUtf8(value)) return bad('not UTF-8');
  const { n: before } = waiting.incidents;
  const tally = structuredClone(waiting.tally);
  const undo = () => {
    waiting.incidents.n = before;
    waiting.tally = tally;
  };
  async function* bytes() {
    yield value;
  }
  try {
    for await (const batch of readCsv(
      bytes(),
      (names) => matchHeader(profile, names).columns,
      oneBatch(Object.keys(profile.fields).length),
    )) {
      const rows = waiting.tally.read - tally.read + batch.n;
      if (rows > MOST_MESSAGE_ROWS) {
        undo();
        return bad(`more than ${MOST_MESSAGE_ROWS} rows in one message`);
      }
      if (waiting.tally.read + batch.n > waiting.incidents.capacity) {
        undo();
        return false;
      }
      waiting.offsets.fill(offset, waiting.tally.read, waiting.tally.read + batch.n);
      anonymiseInto(lane, batch, waiting);
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    undo();
    return bad(/lacks the column/.test(error.message) ? 'a required column is missing' : 'broken CSV');
  }
  return true;
}

/** Takes what waits, to be committed; the lane goes on with its other half. Bad messages count as rows of the source. */
export function takeWaiting(lane: RawLane): Waiting {
  const { waiting, spare } = lane;
  for (const { reason } of waiting.bad) count(waiting.tally.rejected, 'message', reason);
  waiting.tally.read += waiting.bad.length;
  waiting.unknownKeys = lane.json.unknown;
  lane.json.unknown = 0;
  lane.waiting = spare;
  lane.spare = waiting;
  return waiting;
}
