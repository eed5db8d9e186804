import { DAY, monthOf, monthStart, monthText, timeText } from './calendar.ts';
import { type City, type Geometry, homePicker, type Place } from './city.ts';
import { csvLine } from './csv-line.ts';
import { firstMonth, type Incident, type Span } from './incidents.ts';
import { count, type MonthFile, monthFiles, type RecordTruth } from './month-file.ts';
import { latLngToGrid } from './national-grid.ts';
import { kmToPoint, pointToKm } from './outline.ts';
import { ageAt, inventPerson, type Person } from './person.ts';
import { drawInteger, drawMix, drawPoisson, mixOf, type Random, seedRandom } from './random.ts';

/** The columns of an ambulance extract. */
export const AMBULANCE_HEADERS = [
  'incident_id',
  'call_at',
  'latitude',
  'longitude',
  'easting',
  'northing',
  'category',
  'age',
  'sex',
  'conveyed_to',
  'police_at_scene',
] as const;

// How many of the incidents that end in a hospital came by ambulance, with a weapon and without, and of the others.
const CALLED = { armed: 0.7, attended: 0.35, other: 0.08 };
/** Calls a month that are not violence. */
const OTHER_CALLS_A_MONTH = 30;
const OTHER_CATEGORIES = mixOf([
  ['Fall', 60],
  ['Traffic accident', 25],
  ['Self-harm', 15],
]);

type Call = {
  readonly incident: Incident;
  readonly person: Person;
  readonly category: string;
  readonly at: number;
  readonly excluded: string | null;
};

/**
 * The ambulance service's monthly files: a call shortly after an incident, with the point where the patient was picked
 * up, and calls that are not violence among them. A row is in the file of the month of its call.
 */
export function writeAmbulanceFiles(
  city: City,
  seed: number,
  { span, incidents, victims }: { span: Span; incidents: readonly Incident[]; victims: readonly Person[][] },
  geometry: Geometry,
): { files: MonthFile[]; truth: RecordTruth[] } {
  const first = firstMonth(span);
  const random = seedRandom(seed, 'ambulance');
  const calls: Call[] = [];
  for (const incident of incidents) {
    const armed = incident.weapon === 'knife_sharp' || incident.weapon === 'firearm';
    const chance = !incident.attended ? CALLED.other : armed ? CALLED.armed : CALLED.attended;
    if (random() >= chance) continue;
    const category = armed ? 'Stab / gunshot / penetrating trauma' : 'Assault';
    const [person] = victims[incident.id] as [Person];
    calls.push({
      incident,
      person,
      category,
      at: incident.minute + drawInteger(random, 2, 25),
      excluded: null,
    });
  }
  calls.push(...otherCalls(random, city, span, incidents.length));
  calls.sort((a, b) => a.at - b.at || a.incident.id - b.incident.id);
  const files = monthFiles('inbox/ambulance/calls_', first, span.months);
  const truth: RecordTruth[] = [];
  for (const [i, call] of calls.entries()) {
    const month = monthOf(call.at);
    const file = files[month - first];
    if (file === undefined) continue;
    const key = `A${String(i + 1).padStart(7, '0')}`;
    const row = rowOf(random, { city, geometry, call, key }, file);
    file.add(csvLine(row), false);
    if (call.excluded !== null) count(file.excluded, call.excluded);
    if (random() < 0.01) {
      file.add(csvLine(row), true);
      file.duplicates++;
      if (call.excluded !== null) count(file.excluded, call.excluded);
    }
    const text = call.excluded ?? 'ambulance';
    truth.push({ source: 'ambulance', key, incident: call.incident, month: monthText(month), text });
  }
  for (const file of files) file.finish(AMBULANCE_HEADERS, { bom: '', lineEnd: '\r\n' });
  return { files, truth };
}

/** Falls and the like, at homes all over the city: none of them may come further. */
function otherCalls(random: Random, city: City, span: Span, firstId: number): Call[] {
  const first = firstMonth(span);
  const pickHome = homePicker(city);
  const calls: Call[] = [];
  for (let month = first; month < first + span.months; month++) {
    for (let n = drawPoisson(random, OTHER_CALLS_A_MONTH * span.scale); n > 0; n--) {
      const minute = drawInteger(random, monthStart(month), monthStart(month + 1) - 1);
      const incident: Incident = {
        id: firstId + calls.length,
        minute,
        place: -1,
        cell: city.cells[pickHome(random)] as bigint,
        spot: -1,
        weapon: 'unknown',
        injured: 0,
        attended: false,
        known: false,
      };
      const person = inventPerson(random, '', 'anyone', minute);
      const category = drawMix(random, OTHER_CATEGORIES);
      calls.push({ incident, person, category, at: minute, excluded: 'not violence' });
    }
  }
  return calls;
}

type Entry = { readonly city: City; readonly geometry: Geometry; readonly call: Call; readonly key: string };

function rowOf(random: Random, { city, geometry, call, key }: Entry, file: MonthFile): (string | number)[] {
  const { incident, person, category, at } = call;
  const place = city.places[incident.place];
  return [
    key,
    timeText(at),
    ...pickUpPoint(random, place, place ?? geometry.cellCentre(incident.cell), file),
    random() < 0.1 ? category.toUpperCase() : category,
    random() < 0.08 ? '' : ageAt(person.born, Math.floor(at / DAY) * DAY),
    person.sex,
    incident.attended ? 'City Hospital' : '',
    incident.known && random() < 0.5 ? 'Y' : 'N',
  ];
}

/** Latitude, longitude, easting, northing: up to 80 m from the scene, as degrees or on the grid; none or zeros for a few. */
function pickUpPoint(
  random: Random,
  place: Place | undefined,
  point: { lat: number; lng: number },
  file: MonthFile,
): [string, string, string, string] {
  const middle = pointToKm(point.lat, point.lng);
  const reach = place === undefined ? 0.12 : 0.08;
  const noise = (): number => (random() - 0.5) * 2 * reach * Math.SQRT1_2;
  const { lat, lng } = kmToPoint(middle.east + noise(), middle.north + noise());
  const draw = random();
  if (draw < 0.6) return [lat.toFixed(6), lng.toFixed(6), '', ''];
  if (draw < 0.96) {
    const { easting, northing } = latLngToGrid(lat, lng);
    return ['', '', easting.toFixed(0), northing.toFixed(0)];
  }
  if (draw < 0.985) {
    count(file.odd, 'no coordinates');
    return ['', '', '', ''];
  }
  count(file.odd, 'coordinates are zero');
  return draw < 0.993 ? ['', '', '0', '0'] : ['0.000000', '0.000000', '', ''];
}
