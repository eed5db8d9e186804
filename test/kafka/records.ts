/** Invented source records by their number, the same every time, and the ways in which a sender may write them. */
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import type { Profile } from '../../schemas/profile.ts';

export type Row = Readonly<Record<string, string>>;

/** A number from 0 up to `below` that hangs on i and salt alone. */
export function draw(i: number, salt: number, below: number): number {
  let x = Math.imul(i + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 13), 0x45d9f3b);
  return ((x ^ (x >>> 16)) >>> 0) % below;
}
const pick = <T>(i: number, salt: number, values: readonly T[]) => values[draw(i, salt, values.length)] as T;
const two = (n: number) => String(n).padStart(2, '0');

const at = (i: number, salt: number) =>
  `2025-${two(1 + draw(i, salt, 9))}-${two(1 + draw(i, salt + 1, 28))}T${two(draw(i, salt + 2, 24))}:${two(draw(i, salt + 3, 60))}:00`;

/** An attendance; one in fifty is corrected later, one in two hundred cannot be read. */
export function istvRow(i: number, id: number = i, version = 1): Row {
  return {
    site_code: '7A4BV',
    assault_at: draw(i, 1, 200) === 0 ? 'soon' : at(id, 2),
    method: pick(id * 7 + version, 8, ['01', '02', '06', '10', '12', '14', '24']),
    location_type: draw(id, 9, 5) === 0 ? '01' : '02',
    location_text: pick(id, 10, ['', 'o/s Walkabout', 'St Mary Street', 'at home', 'nr the "Walkie"']),
    attendance_id: `A${id}`,
    patient_name: `Somebody ${id}`,
    age: String(10 + draw(id, 11, 70)),
    sex: pick(id, 12, ['1', '2']),
  };
}

/** A crime, of which one in ten is about no violence and one in fifty a correction of one not long before. */
export function policeRow(i: number, id: number = i, version = 1): Row {
  return {
    crime_ref: `C${id}`,
    offence_code: pick(id * 3 + version, 21, [
      '8N',
      '8N',
      '105A',
      '5D',
      '8F',
      '104',
      '8N',
      '105A',
      '8N',
      '49',
    ]),
    committed_from: draw(i, 22, 200) === 0 ? '31/02/2025' : at(id, 23),
    location_text: pick(id, 27, ['', 'Walkabout', 'Queen Street, Cardiff', 'car park – rear of Ÿ']),
    premises_type: pick(id, 28, ['Street', 'Dwelling', 'Licensed premises', 'Park']),
    easting: String(318000 + draw(id, 29, 4000)),
    northing: String(176000 + draw(id, 30, 3000)),
    victim_age: String(10 + draw(id * 5 + version, 31, 70)),
    victim_sex: pick(id, 32, ['M', 'F']),
    domestic: pick(id, 33, ['N', 'N', 'N', 'Y']),
  };
}

export const ROW_OF: Readonly<Record<string, typeof istvRow>> = {
  [ISTV.id]: istvRow,
  [POLICE_RMS.id]: policeRow,
};

/** The i-th record of a source, and what it is known by: versions of one record follow one another. */
export function recordOf(profile: Profile, i: number): { row: Row; key: string } {
  const isCorrection = i > 100 && draw(i, 41, 50) === 0;
  const id = isCorrection ? i - 1 - draw(i, 42, 90) : i;
  const row = (ROW_OF[profile.id] as typeof istvRow)(i, id, isCorrection ? 2 + draw(i, 43, 3) : 1);
  return { row, key: `${profile.id}|${id}` };
}

/** A record as a sender writes it: by the columns' names. */
export const jsonOf = (profile: Profile, row: Row): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(row).map(([field, value]) => [profile.fields[field]?.header ?? field, value]),
    ),
  );

/** What lies in a partition of its own accord: by a record's key, so that its versions stay together. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 7;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) >>> 0;
  return hash % partitions;
}
