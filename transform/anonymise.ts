/**
 * The door: text columns of a supplier in, depersonalised incidents out. What identifies somebody is digested with
 * a key or dropped here, and homes lose their place here. Nothing after this has seen a raw value.
 */
import {
  AGE_BANDS,
  type IncidentColumns,
  LOCATED_BY,
  NO_HOUR_OF_WEEK,
  NO_TERM,
  PLACE_KINDS,
  SEXES,
  WEAPONS,
} from '../schemas/incident.ts';
import { OFFENCE_CLASSES } from '../schemas/profile.ts';
import { count, type Tally } from '../schemas/tally.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { lookUpCodes, UNKNOWN_CODE } from './codes.ts';
import { DECIMAL_STATUS, parseDecimals } from './decimal.ts';
import { columnOf, type Door, readCode } from './door.ts';
import { writeKeys, writeRowNumbers, writeWithdrawn } from './incident-keys.ts';
import { writeNoted } from './incident-noted.ts';
import { gateAndLocate, writePlaces } from './incident-places.ts';
import { isDate, parseTimes, readTimes, writeTimes } from './incident-times.ts';
import { readVersions, writeVersions } from './incident-version.ts';
import { monthStart } from './london-time.ts';
import { PROBLEMS, problem } from './problems.ts';

const WEAPON_UNKNOWN = WEAPONS.indexOf('unknown');
const SEX_UNKNOWN = SEXES.indexOf('unknown');
const AGE_UNKNOWN = AGE_BANDS.indexOf('unknown');
const HOME = PLACE_KINDS.indexOf('home');
const NOT_LOCATED = LOCATED_BY.indexOf('none');
const ACCEPTED_CLASSES = 3;
const SITE_NOT_LISTED = problem('supplier', 'not a listed site');

/**
 * Turns a batch of source records into depersonalised incidents, written over `incidents`, and adds what became
 * of each row to `tally`: read = rejected + excluded + passed. Values that cannot be understood are counted by
 * field and reason and never kept. After the incidents come the keys of records that are no longer about violence,
 * where the source can say so.
 */
export function anonymise(door: Door, batch: TextBatch, incidents: IncidentColumns, tally: Tally): void {
  const { live, left } = admitViolence(door, batch, tally);
  const { problem: problems } = door.scratch;
  problems.fill(0, 0, live);
  readTimes(door, batch, live);
  gateAndLocate(door, batch, live);
  readCodes(door, batch, live, tally);
  readVersions(door, batch, live);
  const kept = keepSound(door, live, tally);
  writeKeys(door, batch, kept, incidents);
  writeRowNumbers(door, kept, tally.read, incidents);
  writeVersions(door, kept, incidents);
  writeTimes(door, kept, incidents);
  writePlaces(door, batch, kept, incidents);
  writeCodes(door, kept, incidents);
  writeNoted(door, batch, live, kept, incidents);
  addToTally(door, batch, kept, incidents, tally, live);
  incidents.n = kept + writeWithdrawn(door, batch, left, kept, tally.read - batch.n, incidents);
}

/** Lists the whole rows that are about violence in scratch.rows, and the others in scratch.withdrawn; counts the others. */
function admitViolence(door: Door, batch: TextBatch, tally: Tally): { live: number; left: number } {
  const { rows, offence, withdrawn } = door.scratch;
  const column = door.columns.get('offence')?.[0];
  const field = door.headers.get('offence') ?? '';
  if (column !== undefined) {
    lookUpCodes(
      door.codes.offence,
      batch.bytes,
      batch.starts[column] as Int32Array,
      batch.ends[column] as Int32Array,
      batch.n,
      offence,
    );
  }
  const excluded = new Int32Array(OFFENCE_CLASSES.length);
  let live = 0;
  // What police.uk publishes is never classified anew under the same key.
  const canWithdraw = door.settings.profile.kind === 'police';
  let left = 0;
  let ragged = 0;
  let unlisted = 0;
  for (let i = 0; i < batch.n; i++) {
    const code = column === undefined ? 0 : (offence[i] as number);
    if (batch.ragged[i] === 1) ragged++;
    else if (code < 0 || code >= ACCEPTED_CLASSES) {
      if (code < 0) unlisted++;
      else excluded[code] = (excluded[code] as number) + 1;
      if (canWithdraw) withdrawn[left++] = i;
    } else {
      offence[live] = code;
      rows[live++] = i;
    }
  }
  if (ragged > 0) count(tally.rejected, 'row', 'wrong number of columns', ragged);
  if (unlisted > 0) count(tally.excluded, field, 'not listed as violence', unlisted);
  excluded.forEach((n, code) => {
    if (n > 0) count(tally.excluded, field, OFFENCE_CLASSES[code] as string, n);
  });
  return { live, left };
}

/** Reads weapon, sex and site, counts codes that are not listed, and marks sites that are not. */
function readCodes(door: Door, batch: TextBatch, live: number, tally: Tally): void {
  const { weapon, sex, supplier, placeType, domestic, problem: problems, age } = door.scratch;
  readCode(door, batch, 'weapon', live, weapon);
  readCode(door, batch, 'sex', live, sex);
  for (const [role, codes] of [
    ['weapon', weapon],
    ['place_type', placeType],
    ['domestic', domestic],
    ['sex', sex],
  ] as const) {
    let unmapped = 0;
    for (let i = 0; i < live; i++) if (codes[i] === UNKNOWN_CODE) unmapped++;
    const field = door.headers.get(role);
    if (field && unmapped > 0) tally.unmapped[field] = (tally.unmapped[field] ?? 0) + unmapped;
  }
  const column = columnOf(door, batch, 'age', live);
  if (column) parseDecimals(batch.bytes, column.starts, column.ends, live, age.values, age.status);
  else age.status.fill(DECIMAL_STATUS.MISSING, 0, live);
  if (door.settings.sites.length === 0) return;
  readCode(door, batch, 'supplier', live, supplier);
  for (let i = 0; i < live; i++)
    if ((supplier[i] as number) < 0 && problems[i] === 0) problems[i] = SITE_NOT_LISTED;
}

/** Lists the rows without a problem in scratch.kept, by their place among the live ones; counts the others. */
function keepSound(door: Door, live: number, tally: Tally): number {
  const { problem: problems, kept } = door.scratch;
  const counts = new Int32Array(PROBLEMS.length);
  let n = 0;
  for (let i = 0; i < live; i++) {
    const why = problems[i] as number;
    if (why === 0) kept[n++] = i;
    else counts[why] = (counts[why] as number) + 1;
  }
  PROBLEMS.forEach(([role, reason], why) => {
    const rows = counts[why] as number;
    if (rows > 0)
      count(
        tally.rejected,
        role === 'time' ? timeField(door) : (door.headers.get(role) ?? role),
        reason,
        rows,
      );
  });
  return n;
}

const timeField = ({ headers }: Door) =>
  headers.get('occurred') ?? headers.get('occurred_from') ?? headers.get('occurred_month') ?? 'time';

function writeCodes(door: Door, kept: number, incidents: IncidentColumns): void {
  const { kept: keptRows, weapon, sex, age, supplier, offence } = door.scratch;
  const { sites } = door.settings;
  const hasOffence = door.columns.has('offence');
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    incidents.weapon[k] = (weapon[i] as number) < 0 ? WEAPON_UNKNOWN : (weapon[i] as number);
    incidents.sex[k] = (sex[i] as number) < 0 ? SEX_UNKNOWN : (sex[i] as number);
    incidents.ageBand[k] =
      age.status[i] === DECIMAL_STATUS.OK ? ageBandOf(age.values[i] as number) : AGE_UNKNOWN;
    incidents.supplier[k] = sites.length > 0 ? 1 + (supplier[i] as number) : 0;
    incidents.offence[k] = hasOffence ? 1 + sites.length + (offence[i] as number) : NO_TERM;
  }
}

/** Upper ends of the first four age bands, in years. */
const AGE_ENDS = [10, 17, 30, 50];

function ageBandOf(age: number): number {
  if (!(age >= 0 && age <= 120)) return AGE_UNKNOWN;
  const band = AGE_ENDS.findIndex((end) => age < end + 1);
  return band < 0 ? AGE_ENDS.length : band;
}

function addToTally(
  door: Door,
  batch: TextBatch,
  n: number,
  incidents: IncidentColumns,
  tally: Tally,
  live: number,
): void {
  let located = 0;
  let homes = 0;
  let timed = 0;
  for (let k = 0; k < n; k++) {
    if (incidents.locatedBy[k] !== NOT_LOCATED) located++;
    if (incidents.placeKind[k] === HOME) homes++;
    if (incidents.hourOfWeek[k] !== NO_HOUR_OF_WEEK) timed++;
  }
  tally.read += batch.n;
  tally.passed += n;
  tally.located += located;
  tally.homeGated += homes;
  tally.timeKnown += timed;
  const to = coveredTo(door, batch, n, live);
  if (to !== undefined) tally.coveredTo = Math.max(tally.coveredTo ?? to, to);
}

/** The latest day that the kept rows speak for: their reporting period's end, else when they were known or occurred. */
function coveredTo(door: Door, batch: TextBatch, kept: number, live: number): number | undefined {
  const { kept: keptRows, occurred, known, covered } = door.scratch;
  const stated = parseTimes(door, batch, 'covered_to', live, covered);
  const { today } = door.settings;
  let latest: number | undefined;
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    let day = occurred.days[i] as number;
    if (stated && isDate(covered.status[i] as number)) day = covered.days[i] as number;
    else if (isDate(known.status[i] as number)) day = known.days[i] as number;
    if (day <= today && (latest === undefined || day > latest)) latest = day;
  }
  // A month that is known as a whole is covered to its end.
  if (latest !== undefined && door.columns.has('occurred_month'))
    return Math.min(today, monthStart(latest + 31) - 1);
  return latest;
}
