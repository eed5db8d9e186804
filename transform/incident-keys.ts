/** What a record and a person are recognised by: keyed digests, in the store only. */
import {
  type IncidentColumns,
  NO_CELL,
  NO_TERM,
  ROW_KEY,
  SUPPLIER_KEY,
  WITHDRAWN,
} from '../schemas/incident.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { digestColumn, digestRows, type Hmac } from './digest.ts';
import { type Door, gather } from './door.ts';
import { writePartVersions } from './incident-version.ts';
import { readNhsNumber } from './nhs-number.ts';

const SPACE = 32;

/** Digests of record and person. A record is known by its key, or where a part of that is empty by its whole row. */
export function writeKeys(door: Door, batch: TextBatch, kept: number, incidents: IncidentColumns): void {
  const { rows, kept: keptRows, part } = door.scratch;
  let keyed = 0;
  for (let k = 0; k < kept; k++) {
    const row = rows[keptRows[k] as number] as number;
    const whole = hasWholeKey(batch, door.keyColumns, row);
    incidents.keyed[k] = whole ? SUPPLIER_KEY : ROW_KEY;
    if (whole) part[keyed++] = k;
  }
  digestPart(door, batch, door.recordKey, door.keyColumns, keyed, incidents);
  if (keyed < kept) {
    let unkeyed = 0;
    for (let k = 0; k < kept; k++) if (incidents.keyed[k] === ROW_KEY) part[unkeyed++] = k;
    digestPart(door, batch, door.rowKey, door.rowColumns, unkeyed, incidents);
  }
  writePersons(door, batch, kept, incidents);
}

function hasWholeKey(batch: TextBatch, columns: readonly number[], row: number): boolean {
  for (let c = 0; c < columns.length; c++) if (isBlank(batch, columns[c] as number, row)) return false;
  return columns.length > 0;
}

/** True where a value is empty or of spaces alone, which would make one record of all that have no key. */
function isBlank({ bytes, starts, ends }: TextBatch, column: number, row: number): boolean {
  const end = (ends[column] as Int32Array)[row] as number;
  let at = (starts[column] as Int32Array)[row] as number;
  while (at < end && bytes[at] === SPACE) at++;
  return at === end;
}

/** Numbers the incidents by their rows' places in the file; `before` rows of it came in earlier batches. */
export function writeRowNumbers(door: Door, kept: number, before: number, incidents: IncidentColumns): void {
  const { rows, kept: keptRows } = door.scratch;
  for (let k = 0; k < kept; k++) incidents.row[k] = before + (rows[keptRows[k] as number] as number);
}

/**
 * Writes, from row `at` on, the keys of the first n rows of scratch.withdrawn that have one, and says how many: if the
 * store holds such a record as violence, it was classified anew and leaves.
 */
export function writeWithdrawn(
  door: Door,
  batch: TextBatch,
  n: number,
  at: number,
  before: number,
  incidents: IncidentColumns,
): number {
  const { withdrawn, partRows } = door.scratch;
  let found = 0;
  for (let i = 0; i < n; i++) {
    const row = withdrawn[i] as number;
    if (!hasWholeKey(batch, door.keyColumns, row)) continue;
    const k = at + found;
    partRows[found++] = row;
    incidents.row[k] = before + row;
    incidents.keyed[k] = WITHDRAWN;
    incidents.month[k] = 0;
    incidents.cell[k] = NO_CELL;
    for (const column of [incidents.supplier, incidents.areaCode, incidents.placeId, incidents.offence])
      column[k] = NO_TERM;
  }
  writePartVersions(door, batch, found, at, incidents);
  digestRowsOf(door, batch, door.recordKey, door.keyColumns, found);
  const { digest0, digest1 } = door.scratch;
  for (let i = 0; i < found; i++) {
    incidents.key0[at + i] = digest0[i] as bigint;
    incidents.key1[at + i] = digest1[i] as bigint;
  }
  return found;
}

/** Digests the given columns of the first n of scratch.partRows. */
function digestRowsOf(door: Door, batch: TextBatch, key: Hmac, columns: readonly number[], n: number): void {
  const { partRows, columnScratch, digest0, digest1 } = door.scratch;
  const gathered = columns.map((column, c) => gather(batch, column, partRows, n, columnScratch(c)));
  const starts = gathered.map((column) => column.starts);
  const ends = gathered.map((column) => column.ends);
  digestRows(key, batch.bytes, starts, ends, n, digest0, digest1);
}

/** Digests the given columns of the incidents listed in scratch.part. */
function digestPart(
  door: Door,
  batch: TextBatch,
  key: Hmac,
  columns: readonly number[],
  n: number,
  incidents: IncidentColumns,
): void {
  const { rows, kept, part, partRows, digest0, digest1 } = door.scratch;
  for (let i = 0; i < n; i++) partRows[i] = rows[kept[part[i] as number] as number] as number;
  digestRowsOf(door, batch, key, columns, n);
  for (let i = 0; i < n; i++) {
    const k = part[i] as number;
    incidents.key0[k] = digest0[i] as bigint;
    incidents.key1[k] = digest1[i] as bigint;
  }
}

/** Digests valid NHS numbers, freed of spaces; a record without one names nobody. */
function writePersons(door: Door, batch: TextBatch, kept: number, incidents: IncidentColumns): void {
  incidents.person0.fill(0n, 0, kept);
  incidents.person1.fill(0n, 0, kept);
  const column = door.columns.get('person')?.[0];
  if (column === undefined) return;
  const { rows, kept: keptRows, part, person, text, digest0, digest1 } = door.scratch;
  const starts = batch.starts[column] as Int32Array;
  const ends = batch.ends[column] as Int32Array;
  let n = 0;
  for (let k = 0; k < kept; k++) {
    const row = rows[keptRows[k] as number] as number;
    if (!readNhsNumber(batch.bytes, starts[row] as number, ends[row] as number, person, n * 10)) continue;
    text.starts[n] = n * 10;
    text.ends[n] = n * 10 + 10;
    part[n++] = k;
  }
  digestColumn(door.personKey, person, text.starts, text.ends, n, digest0, digest1);
  for (let i = 0; i < n; i++) {
    const k = part[i] as number;
    incidents.person0[k] = digest0[i] as bigint;
    incidents.person1[k] = digest1[i] as bigint;
  }
}
