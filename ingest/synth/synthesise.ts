import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAmbulanceFiles } from './ambulance-files.ts';
import { timeText } from './calendar.ts';
import { type City, type Geometry, inventCity, wardPopulations } from './city.ts';
import { csvLine } from './csv-line.ts';
import { firstMonth, inventIncidents } from './incidents.ts';
import { writeIstvFiles } from './istv-files.ts';
import { CITY } from './place-names.ts';
import { writePoliceFiles } from './police-files.ts';
import { TRUTH_HEADERS, tellTruth, truthFields } from './truth.ts';
import { inventVictims } from './victims.ts';

/** What to invent, and where. `plant` false makes a city in which risk is proportional to exposure, without trend. */
export type Synthesis = {
  readonly folder: string;
  /** A whole number; 1 unless told. */
  readonly seed?: number | undefined;
  /** 1 to 240; 27 unless told. */
  readonly months?: number | undefined;
  /** Factor on the number of incidents; 1, about 105 attendances a month, unless told. */
  readonly scale?: number | undefined;
  /** The last month, 2025-09 unless told. */
  readonly endMonth?: string | undefined;
  readonly plant?: boolean | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
};

/** A file that was written: its path within the folder, and its records without the header. */
export type WrittenFile = { readonly path: string; readonly rows: number };

/**
 * Invents a city and writes its gazetteer, geography, monthly files of hospitals, police and ambulances, and `truth.json` with
 * `truth-records.csv` under a folder that exists. The same seed gives the same bytes on any machine, in any time
 * zone. Throws on settings that make no sense, before anything is written.
 */
export async function synthesise(settings: Synthesis, geometry: Geometry): Promise<{ files: WrittenFile[] }> {
  const { folder, seed = 1, months = 27, scale = 1, endMonth = '2025-09', plant = true } = settings;
  if (!Number.isSafeInteger(seed)) throw new Error(`got seed ${seed}, wanted a whole number`);
  const texts = inventFiles({ seed, plant, span: { months, endMonth, scale } }, geometry);
  const files: WrittenFile[] = [];
  for (const { path, text, rows } of texts) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    files.push({ path, rows });
    settings.progress?.(files.length, texts.length);
  }
  return { files };
}

type FileText = { readonly path: string; readonly text: string; readonly rows: number };
type Recipe = {
  readonly seed: number;
  readonly plant: boolean;
  readonly span: { readonly months: number; readonly endMonth: string; readonly scale: number };
};

function inventFiles({ seed, plant, span }: Recipe, geometry: Geometry): FileText[] {
  firstMonth(span);
  const city = inventCity(seed, { plant }, geometry);
  const incidents = inventIncidents(city, seed, span);
  const world = { span, incidents, victims: inventVictims(city, seed, incidents) };
  const hospitals = writeIstvFiles(city, seed, world);
  const police = writePoliceFiles(city, seed, world, geometry);
  const ambulance = writeAmbulanceFiles(city, seed, world, geometry);
  const files = [...hospitals.files, ...police.files, ...ambulance.files];
  const truth = tellTruth(city, seed, { span, incidents, files }, geometry);
  const records = [...hospitals.truth, ...police.truth, ...ambulance.truth].map((record) =>
    truthFields(city, record, timeText(record.incident.minute), geometry),
  );
  return [
    ...cityFiles(city, geometry),
    ...files,
    { path: 'truth.json', text: `${JSON.stringify(truth, null, 2)}\n`, rows: 1 },
    table('truth-records.csv', TRUTH_HEADERS, records),
  ];
}

function table(
  path: string,
  headers: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): FileText {
  return { path, text: [headers, ...rows].map((row) => `${csvLine(row)}\n`).join(''), rows: rows.length };
}

function cityFiles(city: City, geometry: Geometry): FileText[] {
  const places = city.places.map((place) => [
    place.id,
    place.name,
    place.aliases.join('|'),
    place.kind,
    place.lat,
    place.lng,
    place.capacity ?? '',
  ]);
  const populations = wardPopulations(city);
  const wards = city.outline.wards.map(({ code, name, ring }, i) =>
    feature({ code, name, population: populations[i] as number }, ring),
  );
  const residents = populations.reduce((sum, population) => sum + population, 0);
  const area = feature({ code: 'MH', name: CITY, population: residents }, city.outline.ring);
  const byCell = (values: readonly number[]): (string | number)[][] =>
    city.cells.map((cell, i) => [geometry.cellText(cell), values[i] as number]);
  return [
    table('gazetteer/places.csv', ['id', 'name', 'aliases', 'kind', 'lat', 'lng', 'capacity'], places),
    collection('geography/area.geojson', [area]),
    collection('geography/areas.geojson', wards),
    table('geography/addresses.csv', ['cell', 'addresses'], byCell(city.addresses)),
    table('geography/exposure.csv', ['cell', 'people'], byCell(city.exposure)),
  ];
}

type Feature = {
  readonly type: 'Feature';
  readonly properties: Record<string, string | number>;
  readonly geometry: object;
};

function feature(properties: Record<string, string | number>, ring: readonly (readonly number[])[]): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } };
}

/** One feature a line, so that a change of one is a change of one line. */
function collection(path: string, features: readonly Feature[]): FileText {
  const lines = features.map((item) => JSON.stringify(item)).join(',\n');
  return { path, text: `{"type":"FeatureCollection","features":[\n${lines}\n]}\n`, rows: features.length };
}
