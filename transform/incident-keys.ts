/** What a record and a person are recognised by: keyed digests, in the store only. */
import type { IncidentColumns } from '../schemas/incident.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { digestColumn, digestRows, type Hmac } from './digest.ts';
import { type Door, gather } from './door.ts';
import { readNhsNumber } from './nhs-number.ts';

const SPACE = 32;

/** Digests of record and person. A record is known by its key, or where a part of that is empty by its whole row. */
export function writeKeys(door: Door, batch: TextBatch, kept: number, incidents: IncidentColumns): void {
  const { rows, kept: keptRows, part } = door.scratch;
  let keyed = 0;
  for (let k = 0; k < kept; k++) {
    const row = rows[keptRows[k] as number] as number;
    const whole = hasWholeKey(batch, door.keyColumns, row);
    incidents.keyed[k] = whole ? 1 : 0;
    if (whole) part[keyed++] = k;
  }
  digestPart(door, batch, door.recordKey, door.keyColumns, keyed, incidents);
  if (keyed < kept) {
    let unkeyed = 0;
    for (let k = 0; k < kept; k++) if (incidents.keyed[k] === 0) part[unkeyed++] = k;
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

/** Digests the given columns of the incidents listed in scratch.part. */
function digestPart(
  door: Door,
  batch: TextBatch,
  key: Hmac,
  columns: readonly number[],
  n: number,
  incidents: IncidentColumns,
): void {
  const { rows, kept, part, partRows, columnScratch, digest0, digest1 } = door.scratch;
  for (let i = 0; i < n; i++) partRows[i] = rows[kept[part[i] as number] as number] as number;
  const gathered = columns.map((column, c) => gather(batch, column, partRows, n, columnScratch(c)));
  digestRows(
    key,
    batch.bytes,
    gathered.map((g) => g.starts),
    gathered.map((g) => g.ends),
    n,
    digest0,
    digest1,
  );
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
