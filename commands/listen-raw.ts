/** Raw messages of one source, or of one of its partitions, to depersonalised incidents that wait for their commit. */
import { isUtf8 } from 'node:buffer';
import { BATCH_ROWS, oneBatch, readCsv } from '../ingest/csv.ts';
import { matchHeader } from '../ingest/header.ts';
import {
  addJsonRecord,
  clearBatch,
  hasRoom,
  type JsonReader,
  openJsonReader,
} from '../ingest/json-record.ts';
import type { Message } from '../ingest/kafka.ts';
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
  messages: number;
}

/** Memory for the source at hand. While one `Waiting` is committed, the other is filled. */
export interface RawLane {
  readonly door: Door;
  readonly profile: Profile;
  readonly json: JsonReader;
  waiting: Waiting;
  spare: Waiting;
  /** Offsets of the rows of the batch of text at hand. */
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
  const text = allocateTextBatch(textRows, fields, 2 * MOST_MESSAGE_BYTES);
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
    messages: 0,
  };
}

/** Empties what was committed, so that it can be filled again. */
export function clearWaiting(waiting: Waiting): void {
  waiting.incidents.n = 0;
  waiting.tally = emptyTally();
  waiting.bad.length = 0;
  waiting.messages = 0;
}

/**
 * Reads one message; false, and nothing done, where what waits has to be committed before. A message that cannot be read
 * is noted by its offset and the reason.
 */
export function takeMessage(
  lane: RawLane,
  partition: number,
  offset: number,
  message: Message,
): boolean | Promise<boolean> {
  const { json, waiting } = lane;
  const { value } = message;
  const kind = kindOf(lane.profile, message);
  if (kind === 'json' && value) {
    // Rows that were rejected or left out take room as well, since each row is known by its number.
    if (!hasRoom(json, value.length)) anonymiseText(lane);
    if (waiting.tally.read + json.batch.n >= waiting.incidents.capacity) return false;
    const bad = addJsonRecord(json, value);
    if (bad !== undefined) waiting.bad.push({ partition, offset, reason: bad });
    else lane.textOffsets[json.batch.n - 1] = offset;
  } else if (kind === 'csv' && value) {
    anonymiseText(lane);
    return takeCsv(lane, partition, offset, value);
  } else waiting.bad.push({ partition, offset, reason: kind });
  waiting.messages++;
  return true;
}

const textOf = (header: unknown): string | undefined =>
  header instanceof Uint8Array || typeof header === 'string'
    ? Buffer.from(header).toString('latin1').trim().toLowerCase()
    : undefined;

/** How a message's value is written, or why it is not read. */
function kindOf(profile: Profile, { value, headers = {} }: Message): string {
  if (value === null || value.length === 0) return 'an empty message';
  if (value.length > MOST_MESSAGE_BYTES) return 'a message of more than 1 MB';
  const { schema, 'content-type': contentType } = headers;
  if (schema !== undefined && textOf(schema) !== profile.id)
    return Object.hasOwn(PROFILES, textOf(schema) ?? '')
      ? 'the schema of another source'
      : 'an unknown schema';
  if (contentType === undefined) return 'json';
  const type = textOf(contentType)?.split(';')[0]?.trim();
  if (type === 'application/json') return 'json';
  return type === 'text/csv' ? 'csv' : 'an unknown content-type';
}

/** Anonymises the rows of text that wait. There is room for what comes of them. */
export function anonymiseText(lane: RawLane): void {
  const { json, waiting, textOffsets } = lane;
  if (json.batch.n === 0) return;
  waiting.offsets.set(textOffsets.subarray(0, json.batch.n), waiting.tally.read);
  anonymiseInto(lane, json.batch, waiting);
  clearBatch(json);
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
    waiting.messages++;
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
  waiting.messages++;
  return true;
}

/** Whether anything waits for its commit. */
export const isWaiting = ({ json, waiting }: RawLane): boolean => waiting.messages > 0 || json.batch.n > 0;

/** Takes what waits, to be committed; the lane goes on with its other half. Bad messages count as rows of the source. */
export function takeWaiting(lane: RawLane): Waiting {
  anonymiseText(lane);
  const { waiting, spare } = lane;
  for (const { reason } of waiting.bad) count(waiting.tally.rejected, 'message', reason);
  waiting.tally.read += waiting.bad.length;
  lane.waiting = spare;
  lane.spare = waiting;
  return waiting;
}
