/** Which of two versions of a record is the later, where its supplier says so. */
import type { IncidentColumns } from '../schemas/incident.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { DECIMAL_STATUS, parseDecimals } from './decimal.ts';
import { type Door, gather, type TextColumn } from './door.ts';
import { parseLocalTimes, TIME_STATUS } from './london-time.ts';
import { problem } from './problems.ts';

const NOT_A_VERSION = problem('version', 'not a number or a time');
const DAY_SECONDS = 86_400;

/** Reads the versions of the live rows into scratch.version, NaN for none, and marks those that are neither number nor time. */
export function readVersions(door: Door, batch: TextBatch, live: number): void {
  const { version, rows, problem: problems } = door.scratch;
  parseVersions(door, batch, rows, live);
  for (let i = 0; i < live; i++)
    if (version.status[i] === DECIMAL_STATUS.NOT_A_NUMBER && problems[i] === 0) problems[i] = NOT_A_VERSION;
}

export function writeVersions(door: Door, kept: number, incidents: IncidentColumns): void {
  const { kept: keptRows, version } = door.scratch;
  for (let k = 0; k < kept; k++) incidents.version[k] = version.values[keptRows[k] as number] as number;
}

/** Writes, from row `at` on, the versions of the first n of scratch.partRows. */
export function writePartVersions(
  door: Door,
  batch: TextBatch,
  n: number,
  at: number,
  incidents: IncidentColumns,
): void {
  const { partRows, version } = door.scratch;
  parseVersions(door, batch, partRows, n);
  for (let i = 0; i < n; i++) incidents.version[at + i] = version.values[i] as number;
}

function parseVersions(door: Door, batch: TextBatch, rows: Int32Array, n: number): void {
  const { version, text } = door.scratch;
  const column = door.columns.get('version')?.[0];
  if (column === undefined) {
    version.values.fill(Number.NaN, 0, n);
    version.status.fill(DECIMAL_STATUS.MISSING, 0, n);
    return;
  }
  const { starts, ends } = gather(batch, column, rows, n, text);
  parseDecimals(batch.bytes, starts, ends, n, version.values, version.status);
  if (version.status.subarray(0, n).includes(DECIMAL_STATUS.NOT_A_NUMBER))
    parseAsTimes(door, batch, { starts, ends }, n);
}

/** Reads as times, in seconds, what was no number. */
function parseAsTimes(door: Door, { bytes }: TextBatch, { starts, ends }: TextColumn, n: number): void {
  const { version, versionTime } = door.scratch;
  parseLocalTimes(bytes, starts, ends, n, door.settings.profile.dates, versionTime);
  for (let i = 0; i < n; i++) {
    const status = versionTime.status[i] as number;
    if (version.status[i] !== DECIMAL_STATUS.NOT_A_NUMBER || status === TIME_STATUS.NOT_A_DATE) continue;
    version.values[i] =
      (versionTime.days[i] as number) * DAY_SECONDS + Math.max(0, versionTime.seconds[i] as number);
    version.status[i] = DECIMAL_STATUS.OK;
  }
}
