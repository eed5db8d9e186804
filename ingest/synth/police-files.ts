import type { PlaceKind } from '../../schemas/incident.ts';
import { DAY, monthOf, monthStart, monthText, timeText } from './calendar.ts';
import { type City, type Geometry, homePicker, type Place } from './city.ts';
import { csvLine } from './csv-line.ts';
import { firstMonth, type Incident, type Span } from './incidents.ts';
import { inventAddress, misspell } from './location-text.ts';
import { count, type MonthFile, monthFiles, type RecordTruth } from './month-file.ts';
import { latLngToGrid } from './national-grid.ts';
import { kmToPoint, pointToKm } from './outline.ts';
import { ageAt, inventPerson, inventPostcode, type Person } from './person.ts';
import { CITY } from './place-names.ts';
import {
  cumulate,
  drawIndex,
  drawInteger,
  drawMix,
  drawNormal,
  drawPoisson,
  mixOf,
  type Random,
  seedRandom,
} from './random.ts';

/** The columns of a police records extract. */
export const POLICE_HEADERS = [
  'crime_ref',
  'offence_code',
  'offence',
  'recorded_at',
  'committed_from',
  'committed_to',
  'location_text',
  'premises',
  'premises_type',
  'easting',
  'northing',
  'latitude',
  'longitude',
  'victim_age',
  'victim_sex',
  'domestic',
] as const;

type Offence = readonly [code: string, title: string];
const INJURY: Offence = ['8N', 'Assault with injury'];
const SERIOUS: Offence = ['5D', 'Assault with intent to cause serious harm'];
const COMMON: Offence = ['105A', 'Assault without injury'];
const AGGRAVATED: Offence = ['8P', 'Racially or religiously aggravated assault with injury'];
const CONSTABLE: Offence = ['104', 'Assault without injury on a constable'];
const OFFENCES = {
  weapon: mixOf<Offence>([
    [INJURY, 55],
    [SERIOUS, 43],
    [AGGRAVATED, 2],
  ]),
  attended: mixOf<Offence>([
    [INJURY, 84],
    [SERIOUS, 6],
    [COMMON, 7],
    [AGGRAVATED, 3],
  ]),
  unattended: mixOf<Offence>([
    [INJURY, 56],
    [COMMON, 33],
    [CONSTABLE, 6],
    [AGGRAVATED, 3],
    [SERIOUS, 2],
  ]),
  notViolence: mixOf<Offence>([
    [['30C', 'Burglary - business and community'], 40],
    [['28E', 'Burglary - residential'], 60],
  ]),
  sexual: mixOf<Offence>([
    [['20A', 'Sexual assault on a female aged 13 and over'], 85],
    [['17A', 'Sexual assault on a male aged 13 and over'], 15],
  ]),
};

const PREMISES: Readonly<Partial<Record<PlaceKind, string>>> = {
  licensed: 'Licensed premises',
  street: 'Street',
  shop: 'Shop',
  school: 'School',
  park: 'Park',
  transport: 'Transport',
};

// Records a month that are in the extract and are not violence, or sexual offences: neither may come further.
const NOT_VIOLENCE_A_MONTH = 35;
const SEXUAL_A_MONTH = 3;

/** One crime as the force knows it, before it is written. */
type Crime = {
  readonly incident: Incident;
  readonly person: Person;
  readonly offence: Offence;
  readonly recorded: number;
  readonly excluded: string | null;
};

/**
 * The force's monthly files: one crime for each victim of an incident it knows of, with windows of time, coordinates
 * of either sort, and offences that are not violence among them. A row is in the file of the month it was recorded.
 */
export function writePoliceFiles(
  city: City,
  seed: number,
  { span, incidents, victims }: { span: Span; incidents: readonly Incident[]; victims: readonly Person[][] },
  geometry: Geometry,
): { files: MonthFile[]; truth: RecordTruth[] } {
  const first = firstMonth(span);
  const random = seedRandom(seed, 'police');
  const crimes: Crime[] = [];
  for (const incident of incidents) {
    if (!incident.known) continue;
    for (const person of victims[incident.id] as Person[]) crimes.push(crimeOf(random, incident, person));
  }
  crimes.push(...otherCrimes(random, city, span, incidents.length));
  crimes.sort((a, b) => a.recorded - b.recorded || a.incident.id - b.incident.id);

  const truth: RecordTruth[] = [];
  const files = monthFiles('inbox/police/rms_', first, span.months);
  for (const [i, crime] of crimes.entries()) {
    const month = monthOf(crime.recorded);
    const file = files[month - first];
    if (file === undefined) continue;
    const key = `MP/${Math.floor(month / 12) % 100}/${String(i + 1).padStart(7, '0')}`;
    deliver(random, { city, geometry, crime, key }, file, files[month - first + 1]);
    const text = crime.excluded ?? 'police';
    truth.push({ source: 'police', key, incident: crime.incident, month: monthText(month), text });
  }
  for (const file of files) file.finish(POLICE_HEADERS, { bom: '', lineEnd: '\n' });
  return { files, truth };
}

function crimeOf(random: Random, incident: Incident, person: Person): Crime {
  const armed =
    incident.weapon === 'knife_sharp' || incident.weapon === 'glass_bottle' || incident.weapon === 'firearm';
  const mix = armed ? OFFENCES.weapon : incident.attended ? OFFENCES.attended : OFFENCES.unattended;
  return {
    incident,
    person,
    offence: drawMix(random, mix),
    recorded: recordedAfter(random, incident.minute),
    excluded: null,
  };
}

/** Recorded within hours as a rule, after weeks at times: log-normal with a median of a third of a day. */
function recordedAfter(random: Random, minute: number): number {
  return minute + 20 + Math.round(Math.exp(Math.log(DAY / 3) + 1.4 * drawNormal(random)));
}

/** Burglaries and sexual offences: they have places and times like the rest, and no part in what is counted. */
function otherCrimes(random: Random, city: City, span: Span, firstId: number): Crime[] {
  const first = firstMonth(span);
  const sums = cumulate(city.places.map((place) => place.people));
  const pickHome = homePicker(city);
  const crimes: Crime[] = [];
  const add = (month: number, kind: 'notViolence' | 'sexual'): void => {
    const start = monthStart(month);
    const minute = drawInteger(random, start, monthStart(month + 1) - 1);
    const offence = drawMix(random, OFFENCES[kind]);
    const atHome = offence[0] === '28E' || (kind === 'sexual' && random() < 0.4);
    const place = atHome ? -1 : drawIndex(random, sums);
    const cell = atHome ? (city.cells[pickHome(random)] as bigint) : (city.places[place] as Place).cell;
    const id = firstId + crimes.length;
    const incident: Incident = {
      id,
      minute,
      place,
      cell,
      spot: -1,
      weapon: 'unknown',
      injured: 0,
      attended: false,
      known: true,
    };
    const person = inventVictim(random, offence, minute);
    const excluded = kind === 'sexual' ? 'sexual offence' : 'not violence';
    crimes.push({ incident, person, offence, recorded: recordedAfter(random, minute), excluded });
  };
  for (let month = first; month < first + span.months; month++) {
    for (let n = drawPoisson(random, NOT_VIOLENCE_A_MONTH * span.scale); n > 0; n--)
      add(month, 'notViolence');
    for (let n = drawPoisson(random, SEXUAL_A_MONTH * span.scale); n > 0; n--) add(month, 'sexual');
  }
  return crimes;
}

/** An adult, of the sex that the offence names where it names one. Who it is matters to no other record. */
function inventVictim(random: Random, [code]: Offence, minute: number): Person {
  for (;;) {
    const person = inventPerson(random, '', 'anyone', minute);
    const fits = code === '17A' ? person.sex === 'M' : code === '20A' ? person.sex === 'F' : true;
    if (fits && ageAt(person.born, minute) >= 18) return person;
  }
}

type Entry = {
  readonly city: City;
  readonly geometry: Geometry;
  readonly crime: Crime;
  readonly key: string;
};

function deliver(random: Random, entry: Entry, file: MonthFile, next: MonthFile | undefined): void {
  const row = rowOf(random, entry, file);
  const { excluded } = entry.crime;
  file.add(csvLine(row), false);
  if (excluded !== null) count(file.excluded, excluded);
  const draw = random();
  if (draw < 0.012) {
    file.add(csvLine(row), true);
    file.duplicates++;
    if (excluded !== null) count(file.excluded, excluded);
  } else if (draw < 0.03 && next !== undefined && excluded === null) {
    // A crime is classified again once a statement is taken.
    const [code, title] = row[1] === INJURY[0] ? SERIOUS : INJURY;
    next.add(csvLine([row[0] as string, code, title, ...row.slice(3)]), true);
    next.corrections++;
  }
}

function rowOf(random: Random, { city, geometry, crime, key }: Entry, file: MonthFile): (string | number)[] {
  const { incident, person, offence, recorded } = crime;
  const place = city.places[incident.place];
  const domestic =
    random() < (place === undefined ? 0.75 : 0.08) && offence !== CONSTABLE && crime.excluded === null;
  return [
    key,
    ...offence,
    timeText(recorded),
    ...windowOf(random, crime, file),
    ...whereabouts(random, city, place),
    ...coordinates(random, place ?? geometry.cellCentre(incident.cell), place === undefined, file),
    ageAt(person.born, incident.minute),
    person.sex,
    domestic ? 'Y' : 'N',
  ];
}

/** Committed from and to: mostly minutes apart, hours at times, and some as no window can be. */
function windowOf(random: Random, { incident, recorded }: Crime, file: MonthFile): [string, string] {
  const minute = incident.minute;
  const draw = random();
  const share = random();
  const window = (length: number): [string, string] => {
    const from = minute - Math.floor(length * share);
    return [timeText(from), timeText(Math.min(from + length, recorded))];
  };
  if (draw < 0.44) return window(0);
  if (draw < 0.8) return window(drawInteger(random, 5, 30));
  if (draw < 0.92) return window(drawInteger(random, 60, 480));
  if (draw < 0.94) return window(drawInteger(random, DAY, 10 * DAY));
  if (draw < 0.98) {
    count(file.odd, 'no end of the window');
    return [timeText(minute), ''];
  }
  if (draw < 0.993) {
    count(file.odd, 'window ends before it begins');
    return [timeText(minute), timeText(minute - drawInteger(random, 5, 600))];
  }
  count(file.bad, 'window begins at no date');
  return ['00/00/0000 00:00', ''];
}

function whereabouts(random: Random, city: City, place: Place | undefined): [string, string, string] {
  if (place === undefined) {
    const flat = random() < 0.3 ? `FLAT ${drawInteger(random, 1, 30)}, ` : '';
    const address = `${flat}${inventAddress(random, city)}, ${CITY}, ${inventPostcode(random)}`.toUpperCase();
    return [address, '', 'Dwelling'];
  }
  const name = random() < 0.06 ? misspell(random, place.name) : place.name;
  const text = `${name}, ${CITY}`.toUpperCase();
  return [text, place.kind === 'street' ? '' : place.name, PREMISES[place.kind] ?? 'Other'];
}

/** National grid for half of the rows, degrees for the others, both for a few, none or zeros for a few. */
function coordinates(
  random: Random,
  point: { lat: number; lng: number },
  isHome: boolean,
  file: MonthFile,
): [string, string, string, string] {
  const middle = pointToKm(point.lat, point.lng);
  // Where an officer puts the pin: 15 m off for a public place, anywhere about for a home.
  const reach = isHome ? 0.12 : 0.015;
  const noise = (): number => (random() - 0.5) * 2 * reach * Math.SQRT1_2;
  const { lat, lng } = kmToPoint(middle.east + noise(), middle.north + noise());
  const draw = random();
  const { easting, northing } = latLngToGrid(lat, lng);
  const grid: [string, string] = [easting.toFixed(0), northing.toFixed(0)];
  const degrees: [string, string] = [lat.toFixed(6), lng.toFixed(6)];
  if (draw < 0.47) return [...grid, '', ''];
  if (draw < 0.92) return ['', '', ...degrees];
  if (draw < 0.96) return [...grid, ...degrees];
  if (draw < 0.985) {
    count(file.odd, 'no coordinates');
    return ['', '', '', ''];
  }
  count(file.odd, 'coordinates are zero');
  return draw < 0.993 ? ['0', '0', '', ''] : ['', '', '0.000000', '0.000000'];
}
