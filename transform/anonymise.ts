/**
 * The door: text columns of a supplier in, depersonalised incidents out. What identifies somebody is digested with
 * a key or dropped here, and homes lose their place here. Nothing after this has seen a raw value.
 */
import {
  AGE_BANDS,
  type IncidentColumns,
  NO_CELL,
  NO_HOUR_OF_WEEK,
  NO_TERM,
  PLACE_KINDS,
  SEXES,
  WEAPONS,
} from '../schemas/incident.ts';
import { COUNTS, OFFENCE_CLASSES } from '../schemas/profile.ts';
import { count, type Tally } from '../schemas/tally.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { countOutside } from './cell-set.ts';
import { lookUpCodes, resolveDates, UNKNOWN_CODE } from './codes.ts';
import { DECIMAL_STATUS, parseDecimals } from './decimal.ts';
import { columnOf, type Door, gather, readCode } from './door.ts';
import { writeKeys, writeRowNumbers, writeWithdrawn } from './incident-keys.ts';
import { writeNoted } from './incident-noted.ts';
import { gateAndLocate, writePlaces } from './incident-places.ts';
import { isDate, parseTimes, readOccurred, readTimes, writeTimes } from './incident-times.ts';
import { readVersions, writeVersions } from './incident-version.ts';
import { type InclusionCheck, outcomeOf } from './inclusion.ts';
import { monthStart } from './london-time.ts';
import { OUTSIDE, POINT_FLAGS } from './point-checks.ts';
import { PROBLEMS, problem } from './problems.ts';

const WEAPON_UNKNOWN = WEAPONS.indexOf('unknown');
const SEX_UNKNOWN = SEXES.indexOf('unknown');
const AGE_UNKNOWN = AGE_BANDS.indexOf('unknown');
const HOME = PLACE_KINDS.indexOf('home');
const VIOLENCE = 3;
const VIOLENCE_AND_SEXUAL = 4;
const SITE_NOT_LISTED = problem('supplier', 'not a listed site');

/**
 * Turns a batch of source records into depersonalised incidents, written over `incidents`, and adds what became
 * of each row to `tally`: read = rejected + excluded + passed. Values that cannot be understood are counted by
 * field and reason and never kept. After the incidents come the keys of records that are no longer about violence,
 * where the source can say so.
 */
export function anonymise(door: Door, batch: TextBatch, incidents: IncidentColumns, tally: Tally): void {
  const found = admitViolence(door, batch, tally);
  const { live, left } = applyInclusion(door, batch, found, tally);
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
  const accepted = door.settings.sexualOffences ? VIOLENCE_AND_SEXUAL : VIOLENCE;
  const excluded = new Int32Array(OFFENCE_CLASSES.length);
  let live = 0;
  const canWithdraw = mayWithdraw(door);
  let left = 0;
  let ragged = 0;
  let unlisted = 0;
  for (let i = 0; i < batch.n; i++) {
    const code = column === undefined ? 0 : (offence[i] as number);
    if (batch.ragged[i] === 1) ragged++;
    else if (code < 0 || code >= accepted) {
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

// What police.uk publishes is never classified anew under the same key.
const mayWithdraw = ({ settings }: Door) => settings.profile.kind !== 'police.uk';

/** Leaves out the listed rows that a rule of inclusion says do not count, and counts them by its field and reason. */
function applyInclusion(
  door: Door,
  batch: TextBatch,
  found: { live: number; left: number },
  tally: Tally,
): { live: number; left: number } {
  const { rows, offence, withdrawn, ruled } = door.scratch;
  const canWithdraw = mayWithdraw(door);
  let { live, left } = found;
  for (const check of door.inclusion) {
    readOutcomes(door, batch, check, live, tally);
    const excluded = new Int32Array(check.reasons.length);
    let kept = 0;
    for (let i = 0; i < live; i++) {
      const outcome = ruled[i] as number;
      const row = rows[i] as number;
      if (outcome === 0) {
        offence[kept] = offence[i] as number;
        rows[kept++] = row;
      } else {
        excluded[outcome] = (excluded[outcome] as number) + 1;
        if (canWithdraw) withdrawn[left++] = row;
      }
    }
    live = kept;
    excluded.forEach((n, outcome) => {
      if (n > 0) count(tally.excluded, check.header, check.reasons[outcome] as string, n);
    });
  }
  // Records leave the store in the order of their file, whichever rule they fell to.
  if (door.inclusion.length > 0) withdrawn.subarray(0, left).sort();
  return { live, left };
}

/** Writes to scratch.ruled what a rule says of each live row: a place in its reasons. */
function readOutcomes(door: Door, batch: TextBatch, check: InclusionCheck, live: number, tally: Tally): void {
  const { rows, ruled, verdict, text, occurred } = door.scratch;
  const { starts, ends } = gather(batch, check.column, rows, live, text);
  lookUpCodes(check.table, batch.bytes, starts, ends, live, ruled);
  if (check.dated) {
    lookUpCodes(check.dated.table, batch.bytes, starts, ends, live, verdict);
    readOccurred(door, batch, live);
    resolveDates(check.dated, occurred.days, live, verdict);
    for (let i = 0; i < live; i++) if ((verdict[i] as number) >= 0) ruled[i] = verdict[i] as number;
  }
  let unmapped = 0;
  for (let i = 0; i < live; i++) {
    if (ruled[i] === UNKNOWN_CODE) unmapped++;
    ruled[i] = outcomeOf(check, ruled[i] as number);
  }
  if (unmapped > 0 && check.reasons[check.unlisted] !== COUNTS)
    tally.unmapped[check.header] = (tally.unmapped[check.header] ?? 0) + unmapped;
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
  const { kept: keptRows, personalTexts } = door.scratch;
  for (let k = 0; k < n; k++) {
    if (incidents.cell[k] !== NO_CELL) located++;
    if (incidents.placeKind[k] === HOME) homes++;
    if (incidents.hourOfWeek[k] !== NO_HOUR_OF_WEEK) timed++;
    tally.personalTexts += personalTexts[keptRows[k] as number] as number;
  }
  addFlags(door, n, incidents, tally);
  tally.read += batch.n;
  tally.passed += n;
  tally.located += located;
  tally.homeGated += homes;
  tally.timeKnown += timed;
  const to = coveredTo(door, batch, n, live);
  if (to !== undefined) tally.coveredTo = Math.max(tally.coveredTo ?? to, to);
}

/** Counts the points of kept rows that are flagged, and those that lie outside the agreed area. */
function addFlags(door: Door, n: number, incidents: IncidentColumns, tally: Tally): void {
  const { kept, flag } = door.scratch;
  const flagOf = (k: number) => flag[kept[k] as number] as number;
  const counts = new Int32Array(POINT_FLAGS.length);
  for (let k = 0; k < n; k++) {
    const flagged = flagOf(k);
    if (flagged !== 0) counts[flagged] = (counts[flagged] as number) + 1;
  }
  if (door.agreed) counts[OUTSIDE] = countOutside(door.agreed, incidents.cell, n, flagOf);
  POINT_FLAGS.forEach((words, code) => {
    const rows = counts[code] as number;
    if (rows > 0) tally.flagged[words] = (tally.flagged[words] ?? 0) + rows;
  });
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
