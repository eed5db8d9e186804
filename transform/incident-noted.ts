/** How well each record was filled in, as small codes beside the incident: see schemas/noted.ts. */
import type { IncidentColumns } from '../schemas/incident.ts';
import { ARRIVALS, CODES_TOLD, COPIES, DELAYS, NOTED, TEXTS_TOLD, TIMES_TOLD } from '../schemas/noted.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { NO_CODE, UNKNOWN_CODE } from './codes.ts';
import { type Door, gather } from './door.ts';
import { TIME_STATUS } from './london-time.ts';

const { MISSING, NOT_A_DATE } = TIME_STATUS;
const isDate = (status: number) => status !== MISSING && status !== NOT_A_DATE;

const BAND_STARTS = ['00', '03', '06', '06', '12', '12', '18', '21'];
/** The code of the part of the day by three hours of the clock. */
const ARRIVAL_OF = Uint8Array.from(BAND_STARTS, (start) =>
  ARRIVALS.findIndex((band) => band.startsWith(start)),
);
const [NEXT_DAY, WEEK, LATER] = (['by the next day', 'within a week', 'later'] as const).map(
  (delay) => DELAYS.indexOf(delay) << NOTED.delay.shift,
) as [number, number, number];
const [MIDNIGHT, DAY_ALONE, AFTER_ARRIVAL] = (
  ['midnight', 'only the day', 'later than the arrival'] as const
).map((time) => TIMES_TOLD.indexOf(time) << NOTED.time.shift) as [number, number, number];
const COPIED = COPIES.indexOf('yes') << NOTED.copied.shift;
const [NO_CODE_TOLD, NOT_LISTED] = [
  CODES_TOLD.indexOf('nothing'),
  CODES_TOLD.indexOf('a code that is not listed'),
];
const TEXT = TEXTS_TOLD.indexOf('something') << NOTED.place_text.shift;

/** Notes what the times of the live rows tell, as they were written: before anything is made of them. */
export function noteTimes({ scratch }: Door, live: number): void {
  const { occurred, known, noted } = scratch;
  for (let i = 0; i < live; i++) {
    noted[i] = 0;
    if (!isDate(occurred.status[i] as number)) continue;
    const day = occurred.days[i] as number;
    const second = occurred.seconds[i] as number;
    let note = second < 0 ? DAY_ALONE : second === 0 ? MIDNIGHT : 0;
    if (isDate(known.status[i] as number)) {
      const arrival = known.seconds[i] as number;
      const days = (known.days[i] as number) - day;
      note |= days > 7 ? LATER : days > 1 ? WEEK : NEXT_DAY;
      if (arrival >= 0) {
        note |= ARRIVAL_OF[Math.floor(arrival / 10_800)] as number;
        if (second > 0 && days === 0 && second === arrival) note |= COPIED;
        if (second > 0 && (days < 0 || (days === 0 && second > arrival))) note |= AFTER_ARRIVAL;
      }
    }
    noted[i] = note;
  }
}

/** Writes the codes of the kept rows: those of the times, and what was written for weapon and place. */
export function writeNoted(
  door: Door,
  batch: TextBatch,
  live: number,
  kept: number,
  incidents: IncidentColumns,
): void {
  const { kept: keptRows, noted, weapon, placeType, rows, text } = door.scratch;
  for (let k = 0; k < kept; k++) {
    const i = keptRows[k] as number;
    incidents.noted[k] =
      (noted[i] as number) |
      (codeTold(weapon[i] as number) << NOTED.weapon_code.shift) |
      (codeTold(placeType[i] as number) << NOTED.place_code.shift);
  }
  for (const column of door.columns.get('place_text') ?? []) {
    const { starts, ends } = gather(batch, column, rows, live, text);
    for (let k = 0; k < kept; k++) {
      const i = keptRows[k] as number;
      if ((ends[i] as number) > (starts[i] as number))
        incidents.noted[k] = (incidents.noted[k] as number) | TEXT;
    }
  }
}

const codeTold = (code: number) => (code === NO_CODE ? NO_CODE_TOLD : code === UNKNOWN_CODE ? NOT_LISTED : 0);
