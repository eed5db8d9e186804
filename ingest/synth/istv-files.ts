import type { Weapon } from '../../schemas/incident.ts';
import {
  civilToUtc,
  DAY,
  dateText,
  monthOf,
  monthStart,
  monthText,
  timeText,
  utcToCivil,
} from './calendar.ts';
import type { City, Place } from './city.ts';
import { csvLine } from './csv-line.ts';
import type { Incident, Span } from './incidents.ts';
import { firstMonth } from './incidents.ts';
import { homeText, placeText, type TextQuality } from './location-text.ts';
import { count, type MonthFile, monthFiles, type RecordTruth } from './month-file.ts';
import type { Person } from './person.ts';
import { ageAt } from './person.ts';
import {
  drawInteger,
  drawItem,
  drawMix,
  drawNormal,
  type Mix,
  mixOf,
  type Random,
  seedRandom,
} from './random.ts';

/** The columns of an ISTV file: the Data Dictionary's element names, and what hospitals add. */
export const ISTV_HEADERS = [
  'SITE CODE (OF TREATMENT)',
  'REPORTING PERIOD START DATE',
  'REPORTING PERIOD END DATE',
  'ATTENDANCE ID',
  'NHS NUMBER',
  'PATIENT NAME',
  'DATE OF BIRTH',
  'POSTCODE',
  'AGE',
  'SEX',
  'ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT',
  'ASSAULT DATE AND TIME',
  'ASSAULT METHOD',
  'ASSAULT METHOD OTHER DESCRIPTION',
  'ASSAULT LOCATION TYPE',
  'ASSAULT LOCATION DESCRIPTION',
] as const;

/** The two hospital sites: an emergency department, and a minor injuries unit that is open by day. */
export const SITES_OF_TREATMENT = {
  ed: { code: 'RZZ01', prefix: 'MHI', bom: '', lineEnd: '\n' },
  // As a spreadsheet saves it.
  miu: { code: 'RZZ02', prefix: 'QMIU', bom: '\ufeff', lineEnd: '\r\n' },
} as const;
export type SiteName = keyof typeof SITES_OF_TREATMENT;

const MIU_OPENS = 8;
const MIU_CLOSES = 20;
const MIU_SHARE = 0.3;

type Method = readonly [code: string, other?: readonly string[]];
const METHODS: Readonly<Record<Weapon, Mix<Method>>> = {
  body: mixOf<Method>([
    [['01'], 48],
    [['02'], 8],
    [['03'], 6],
    [['05'], 25],
    [['06'], 13],
  ]),
  glass_bottle: mixOf<Method>([
    [['10'], 55],
    [['11'], 45],
  ]),
  knife_sharp: mixOf<Method>([
    [['12'], 72],
    [['13', ['screwdriver', 'scissors', 'craft knife', 'broken mirror', 'garden shears']], 28],
  ]),
  blunt: mixOf<Method>([
    [
      [
        '14',
        [
          'pool cue',
          'bar stool',
          'baseball bat',
          'umbrella',
          'bin lid',
          'traffic cone',
          'tin of beans',
          'rolling pin',
          'frozen leg of lamb, "still in the bag"',
        ],
      ],
      1,
    ],
  ]),
  firearm: mixOf<Method>([[['15'], 1]]),
  explosive: mixOf<Method>([[['16'], 1]]),
  vehicle: mixOf<Method>([[['17', ['car driven at pt']], 1]]),
  other: mixOf<Method>([
    [['04', ['bite', 'elbow', 'hair pulled', 'knee', 'headlock, then dropped']], 55],
    [
      [
        '17',
        [
          'dog lead',
          'hot coffee',
          'pepper spray',
          'handbag',
          'car driven at pt',
          'e-scooter',
          'karaoke microphone',
        ],
      ],
      45,
    ],
  ]),
  unknown: mixOf<Method>([[['24'], 1]]),
  refused: mixOf<Method>([[['23'], 1]]),
};

/** The values of one attendance, as they ought to have been typed. */
type Attendance = {
  readonly incident: Incident;
  readonly person: Person;
  readonly site: SiteName;
  readonly id: string;
  readonly arrival: number;
  readonly arrivalSeconds: number;
  readonly assault: string;
  readonly method: readonly [string, string];
  readonly locationType: string;
  readonly text: string;
  readonly quality: TextQuality | 'home' | 'home, private text' | 'home, typed as elsewhere';
};
type Typed = { -readonly [Key in keyof Attendance]: Attendance[Key] };

/**
 * The monthly files of both sites, messy as real ones are, and the truth about each attendance in them. A row is in the
 * file of its month of arrival; late ones, repeated ones and corrections are at the end of the next month's.
 */
export function writeIstvFiles(
  city: City,
  seed: number,
  { span, incidents, victims }: { span: Span; incidents: readonly Incident[]; victims: readonly Person[][] },
): { files: MonthFile[]; truth: RecordTruth[] } {
  const first = firstMonth(span);
  const random = seedRandom(seed, 'istv');
  const truth: RecordTruth[] = [];
  const sites = {
    ed: monthFiles('inbox/ed/ISTV_', first, span.months),
    miu: monthFiles('inbox/miu/ISTV_', first, span.months),
  };
  for (const attendance of inventAttendances(random, city, incidents, victims)) {
    const month = monthOf(attendance.arrival);
    const delivered = deliver(random, attendance, (delay) => sites[attendance.site][month - first + delay]);
    if (delivered) truth.push(truthOf(attendance));
  }
  const files = (Object.keys(SITES_OF_TREATMENT) as SiteName[]).flatMap((site) => {
    const { bom, lineEnd } = SITES_OF_TREATMENT[site];
    for (const file of sites[site]) file.finish(ISTV_HEADERS, { bom, lineEnd });
    return sites[site];
  });
  return { files, truth };
}

function inventAttendances(
  random: Random,
  city: City,
  incidents: readonly Incident[],
  victims: readonly Person[][],
): Attendance[] {
  const attendances: Omit<Attendance, 'id'>[] = [];
  for (const incident of incidents) {
    if (!incident.attended) continue;
    for (const person of victims[incident.id] as Person[])
      attendances.push(inventAttendance(random, city, incident, person));
  }
  attendances.sort((a, b) => a.arrival - b.arrival || a.incident.id - b.incident.id);
  return attendances.map((attendance, i) => ({
    ...attendance,
    id: `${SITES_OF_TREATMENT[attendance.site].prefix}-${String(i + 1).padStart(7, '0')}`,
  }));
}

function inventAttendance(
  random: Random,
  city: City,
  incident: Incident,
  person: Person,
): Omit<Attendance, 'id'> {
  const arrival = arrivalAfter(random, incident.minute);
  const hour = Math.floor(arrival / 60) % 24;
  const open = hour >= MIU_OPENS && hour < MIU_CLOSES;
  const arrivalSeconds = drawInteger(random, 0, 59);
  const [code, others] = drawMix(random, METHODS[incident.weapon]);
  return {
    incident,
    person,
    site: open && random() < MIU_SHARE ? 'miu' : 'ed',
    arrival,
    arrivalSeconds,
    assault: assaultText(random, incident.minute, timeText(arrival, arrivalSeconds)),
    method: [code, others === undefined || random() < 0.08 ? '' : drawItem(random, others)],
    ...whereabouts(random, city, incident),
  };
}

/** Arrival on the wall clock: an hour or so later as a rule, a day or more for some. Real time goes by, whatever clocks do. */
function arrivalAfter(random: Random, minute: number): number {
  const hours = random() < 0.06 ? 12 + 60 * random() : 0.25 + Math.exp(0.1 + 0.7 * drawNormal(random));
  return utcToCivil(civilToUtc(minute) + Math.round(hours * 60));
}

/** Times are mostly rounded down to five minutes; some are copied from the arrival, in some only the day is known. */
function assaultText(random: Random, minute: number, arrival: string): string {
  const draw = random();
  if (draw < 0.03) return arrival;
  if (draw < 0.06) return `${dateText(minute)}T00:00:00`;
  return timeText(draw < 0.76 ? minute - (minute % 5) : minute);
}

function whereabouts(
  random: Random,
  city: City,
  incident: Incident,
): Pick<Attendance, 'locationType' | 'text' | 'quality'> {
  if (incident.place >= 0) {
    return { locationType: '02', ...placeText(random, city.places[incident.place] as Place) };
  }
  const draw = random();
  if (draw < 0.82) return { locationType: '01', text: '', quality: 'home' };
  const text = homeText(random, city);
  return draw < 0.94
    ? { locationType: '01', text, quality: 'home, private text' }
    : { locationType: '02', text, quality: 'home, typed as elsewhere' };
}

type Deliver = (delay: number) => MonthFile | undefined;

/** Puts an attendance into its month's file, with the accidents that befall some; says whether it is in any file. */
function deliver(random: Random, attendance: Attendance, fileAfter: Deliver): boolean {
  const late = random() < 0.02 ? 1 : 0;
  const [draw, which, delay] = [random(), random(), random()];
  const file = fileAfter(late);
  const next = fileAfter(late + 1);
  if (file === undefined) return false;
  if (late > 0) count(file.late, 'arrived in the month before');
  if (draw < 0.02) {
    const bad: Typed = { ...attendance };
    count(file.bad, spoil(bad, which));
    file.add(rowOf(bad, file.month), late > 0);
    if (delay < 0.5 && next !== undefined) {
      next.add(rowOf(attendance, next.month), true);
      next.repairs++;
    }
  } else if (draw < 0.035) {
    const wrong: Typed = { ...attendance };
    mistake(random, wrong, which);
    file.add(rowOf(wrong, file.month), late > 0);
    if (next !== undefined) {
      next.add(rowOf(attendance, next.month), true);
      next.corrections++;
    }
  } else {
    const row = rowOf(attendance, file.month);
    countOddities(file, attendance);
    file.add(row, late > 0);
    const again = delay < 0.6 ? file : next;
    if (draw > 0.985 && again !== undefined) {
      again.add(row, true);
      again.duplicates++;
    }
  }
  return true;
}

/** Counts what a reader of the row would wonder about, though nothing stops its use. */
function countOddities(file: MonthFile, row: Attendance): void {
  const arrival = timeText(row.arrival, row.arrivalSeconds);
  if (row.assault === arrival) count(file.odd, 'time copied from the arrival');
  if (row.assault.endsWith('T00:00:00')) count(file.odd, 'time is midnight');
  // Only where the clocks went back in between.
  if (row.assault > arrival) count(file.odd, 'assault after arrival on the clock');
  if (row.quality === 'private') count(file.odd, 'telephone number in the text');
  if (row.quality === 'home, private text') count(file.odd, 'text for a home');
  if (row.quality === 'home, typed as elsewhere') count(file.odd, 'home typed as elsewhere');
  if (row.locationType === '02' && row.text === '') count(file.odd, 'no text for a public place');
}

/** Makes one value of a row useless and says how. */
function spoil(row: Typed, which: number): string {
  if (which < 0.2) {
    row.assault =
      which < 0.1 ? `31/02/${row.assault.slice(0, 4)} 25:10` : `${row.assault.slice(0, 4)}-13-05T10:00:00`;
    return 'assault date is no date';
  }
  if (which < 0.45) {
    row.method = ['99', ''];
    return 'assault method is no code';
  }
  if (which < 0.7) {
    row.assault = timeText(row.arrival + DAY * 3);
    return 'assault after arrival';
  }
  if (which < 0.85) {
    row.assault = '';
    return 'assault date is empty';
  }
  row.method = ['', ''];
  return 'assault method is empty';
}

/** A plausible first version that a later month puts right. */
function mistake(random: Random, row: Typed, which: number): void {
  if (which < 0.5 && row.locationType === '02') {
    row.text = 'unknown, to be updated';
    return;
  }
  const codes = ['01', '05', '12', '10', '24'].filter((code) => code !== row.method[0]);
  row.method = [drawItem(random, codes), ''];
}

function rowOf(row: Attendance, month: number): string {
  return csvLine([
    SITES_OF_TREATMENT[row.site].code,
    dateText(monthStart(month)),
    dateText(monthStart(month + 1) - DAY),
    row.id,
    row.person.nhsNumber,
    row.person.name,
    dateText(row.person.born),
    row.person.postcode,
    ageAt(row.person.born, row.arrival),
    row.person.sex,
    timeText(row.arrival, row.arrivalSeconds),
    row.assault,
    ...row.method,
    row.locationType,
    row.text,
  ]);
}

function truthOf(row: Attendance): RecordTruth {
  return {
    source: row.site,
    key: row.id,
    incident: row.incident,
    month: monthText(monthOf(row.arrival)),
    text: row.quality,
  };
}
