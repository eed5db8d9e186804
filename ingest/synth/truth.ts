import { dateText, monthText } from './calendar.ts';
import { type City, type Geometry, type Spot, wardPopulations } from './city.ts';
import { firstMonth, type Incident, planOf, type Span } from './incidents.ts';
import type { MonthFile, RecordTruth } from './month-file.ts';
import { CITY } from './place-names.ts';

/** Everything that was planted and done, for `truth.json`: what is needed to score what is found. */
export function tellTruth(
  city: City,
  seed: number,
  { span, incidents, files }: { span: Span; incidents: readonly Incident[]; files: readonly MonthFile[] },
  geometry: Geometry,
): Record<string, unknown> {
  const first = firstMonth(span);
  const plan = planOf(city, span);
  const action = plan.intervention;
  const spots = city.spots.map((spot, i) =>
    spotTruth(
      city,
      spot,
      incidents.filter((incident) => incident.spot === i),
      geometry,
    ),
  );
  const acted = action === null ? undefined : spots[action.spot];
  return {
    seed,
    scale: span.scale,
    planted: city.spots.length > 0,
    months: { first: monthText(first), last: span.endMonth, count: span.months },
    city: {
      name: CITY,
      places: city.places.length,
      cells: city.cells.length,
      cells_with_people: city.exposure.filter((people) => people > 0).length,
      wards: city.outline.wards.length,
      residents: wardPopulations(city).reduce((sum, residents) => sum + residents, 0),
      people_about: city.exposure.reduce((sum, people) => sum + people, 0),
    },
    world: worldTruth(incidents),
    spots,
    trend: { change_a_year: plan.yearlyTrend },
    intervention:
      action === null || acted === undefined
        ? null
        : { spot: acted.name, cells: acted.cells, from: dateText(action.from), change: action.change },
    attendances_by_cell: attendancesByCell(city, incidents, geometry),
    files: files.map(fileTruth),
  };
}

const persons = (incidents: readonly Incident[]): number =>
  incidents.reduce((sum, incident) => sum + incident.injured, 0);

function worldTruth(incidents: readonly Incident[]): Record<string, unknown> {
  const open = incidents.filter((incident) => incident.place >= 0);
  const attended = open.filter((incident) => incident.attended);
  const hidden = attended.filter((incident) => !incident.known);
  return {
    incidents: incidents.length,
    public_incidents: open.length,
    home_incidents: incidents.length - open.length,
    attendances: persons(incidents.filter((incident) => incident.attended)),
    public_attendances: persons(attended),
    violent_crimes: persons(incidents.filter((incident) => incident.known)),
    brawls: incidents.filter((incident) => incident.injured > 1).length,
    // Of the public incidents that came to a hospital.
    share_unknown_to_police: round(hidden.length / Math.max(1, attended.length)),
    share_of_attendances_unknown_to_police: round(persons(hidden) / Math.max(1, persons(attended))),
  };
}

function spotTruth(city: City, spot: Spot, within: readonly Incident[], geometry: Geometry) {
  const cells = new Set(spot.cells);
  const attended = within.filter((incident) => incident.attended);
  const total = city.spots.reduce((sum, other) => sum + other.exposure * (other.relativeRisk - 1), 1);
  return {
    name: spot.name,
    excess: spot.excess,
    centre: geometry.cellText(spot.centre),
    cells: spot.cells.map(geometry.cellText),
    places: city.places.filter((place) => cells.has(place.cell)).map((place) => place.id),
    share_of_exposure: round(spot.exposure),
    relative_risk: spot.relativeRisk,
    // The same against the whole city, spots included: what counts over exposure show before any intervention.
    relative_risk_to_city: round(spot.relativeRisk / total),
    hours_of_week: [...spot.hours].sort((a, b) => a - b),
    weapons: Object.fromEntries(spot.weapons),
    known_to_police: spot.knownToPolice,
    incidents: within.length,
    attendances: persons(attended),
    attendances_unknown_to_police: persons(attended.filter((incident) => !incident.known)),
  };
}

function attendancesByCell(
  city: City,
  incidents: readonly Incident[],
  geometry: Geometry,
): Record<string, number> {
  const counts = new Map<bigint, number>();
  for (const incident of incidents) {
    if (incident.place < 0 || !incident.attended) continue;
    counts.set(incident.cell, (counts.get(incident.cell) ?? 0) + incident.injured);
  }
  return Object.fromEntries(
    city.cells.flatMap((cell) =>
      counts.has(cell) ? [[geometry.cellText(cell), counts.get(cell) as number]] : [],
    ),
  );
}

function fileTruth(file: MonthFile): Record<string, unknown> {
  const { path, rows, duplicates, corrections, repairs, late, bad, odd, excluded } = file;
  return {
    path,
    month: monthText(file.month),
    rows,
    duplicates,
    corrections,
    repairs,
    late,
    bad,
    odd,
    excluded,
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Header of `truth-records.csv`. */
export const TRUTH_HEADERS = [
  'source',
  'key',
  'month',
  'incident',
  'occurred',
  'weapon',
  'place_id',
  'cell',
  'spot',
  'text',
  'known_to_police',
] as const;

/** One line of `truth-records.csv`: what happened, behind a record. A home has no place, and no cell is told. */
export function truthFields(
  city: City,
  record: RecordTruth,
  occurred: string,
  geometry: Geometry,
): (string | number)[] {
  const { incident } = record;
  const place = city.places[incident.place];
  return [
    record.source,
    record.key,
    record.month,
    incident.id,
    occurred,
    incident.weapon,
    place?.id ?? '',
    place === undefined ? '' : geometry.cellText(incident.cell),
    city.spots[incident.spot]?.name ?? '',
    record.text,
    incident.known ? 1 : 0,
  ];
}
