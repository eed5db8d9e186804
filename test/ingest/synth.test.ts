import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  civilToUtc,
  hourOfWeek,
  lastSundayAtOne,
  monthStart,
  parseMonth,
  timeText,
  utcToCivil,
} from '../../ingest/synth/calendar.ts';
import { type City, type Geometry, inventCity, wardPopulations } from '../../ingest/synth/city.ts';
import { type Incident, inventIncidents, planOf } from '../../ingest/synth/incidents.ts';
import { ISTV_HEADERS } from '../../ingest/synth/istv-files.ts';
import { misspell, placeText } from '../../ingest/synth/location-text.ts';
import { latLngToGrid } from '../../ingest/synth/national-grid.ts';
import { nhsCheckDigit } from '../../ingest/synth/person.ts';
import { POLICE_HEADERS } from '../../ingest/synth/police-files.ts';
import { seedRandom } from '../../ingest/synth/random.ts';
import { synthesise, type WrittenFile } from '../../ingest/synth/synthesise.ts';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import {
  cellCentre,
  cellsWithin,
  cellText,
  createCellIndex,
  neighbours,
  pointsToCells,
} from '../../transform/h3-cell.ts';
import { gridToDegrees } from '../../transform/national-grid.ts';

const geometry: Geometry = { cellsWithin, cellCentre, cellText, neighbours };
const SPAN = { months: 27, endMonth: '2025-09', scale: 1 };

let folder = '';
let files: WrittenFile[] = [];
const made: string[] = [];

async function make(settings: { seed?: number; months?: number; plant?: boolean }) {
  const path = await mkdtemp(join(tmpdir(), 'cardiff-synth-'));
  made.push(path);
  return { path, files: (await synthesise({ folder: path, ...settings }, geometry)).files };
}

beforeAll(async () => {
  const city = await make({});
  folder = city.path;
  files = city.files;
});
afterAll(() => Promise.all(made.map((path) => rm(path, { recursive: true }))));

/** RFC 4180 to the letter but for the line end, which may be LF: throws on a stray quote or an uneven row. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n)/y;
  let row: string[] = [];
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`got a field that is not CSV at ${at}`);
    row.push(match[1] === undefined ? (match[2] as string) : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) throw new Error('got an end without a line end');
  if (rows.some((fields) => fields.length !== rows[0]?.length)) throw new Error('got an uneven row');
  return rows;
}

async function readRows(path: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(folder, path), 'utf8');
  const [header, ...rows] = parseCsv(text.replace(/^\ufeff/, '')) as [string[], ...string[][]];
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] as string])));
}

type Truth = {
  months: { count: number };
  world: Record<string, number>;
  spots: { name: string; cells: string[]; relative_risk: number; relative_risk_to_city: number }[];
  attendances_by_cell: Record<string, number>;
  files: {
    path: string;
    rows: number;
    duplicates: number;
    corrections: number;
    repairs: number;
    bad: Record<string, number>;
    odd: Record<string, number>;
    excluded: Record<string, number>;
  }[];
};
const readTruth = async (): Promise<Truth> => JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8'));
const inbox = (part: string): string[] =>
  files.map((file) => file.path).filter((path) => path.startsWith(`inbox/${part}`));

async function readAll(part: string): Promise<Record<string, string>[]> {
  return (await Promise.all(inbox(part).map(readRows))).flat();
}

const ARRIVAL = 'ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT';
const ASSAULT = 'ASSAULT DATE AND TIME';
const TEXT = 'ASSAULT LOCATION DESCRIPTION';
const TYPE = 'ASSAULT LOCATION TYPE';
const isTime = (text: string): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text);
/** The civil minute of an ISO text. */
const minuteOf = (text: string): number => Date.parse(`${text}Z`) / 60_000;

test('the same seed gives the same bytes, and in another time zone too', async () => {
  const before = process.env['TZ'];
  process.env['TZ'] = 'Pacific/Auckland';
  const again = await make({ seed: 1 });
  if (before === undefined) delete process.env['TZ'];
  else process.env['TZ'] = before;
  expect(again.files).toEqual(files);
  for (const { path } of files) {
    const [one, other] = await Promise.all([readFile(join(folder, path)), readFile(join(again.path, path))]);
    expect(one.equals(other), path).toBe(true);
  }
});

test('another seed gives another city', async () => {
  const other = await make({ seed: 2, months: 2 });
  expect(other.files.filter((file) => file.path.startsWith('inbox/ed/'))).toHaveLength(2);
  const path = 'geography/exposure.csv';
  expect(await readFile(join(other.path, path), 'utf8')).not.toBe(await readFile(join(folder, path), 'utf8'));
});

test('settings that make no sense are refused before anything is written', async () => {
  const refused = (settings: object) => synthesise({ folder: '/nonexistent', ...settings }, geometry);
  await expect(refused({ months: 0 })).rejects.toThrow('got 0 months, wanted');
  await expect(refused({ scale: 0 })).rejects.toThrow('got scale 0, wanted');
  await expect(refused({ endMonth: '2025-13' })).rejects.toThrow('wanted one like 2025-09');
  await expect(refused({ seed: 0.5 })).rejects.toThrow('got seed 0.5, wanted');
});

test('every CSV file is RFC 4180 with as many records as are reported', async () => {
  for (const { path, rows } of files.filter((file) => file.path.endsWith('.csv'))) {
    expect(await readRows(path), path).toHaveLength(rows);
  }
});

test('the headers are those that the profiles read with no settings', async () => {
  const first = async (path: string) => (await readFile(join(folder, path), 'utf8')).split(/\r?\n/)[0];
  for (const path of inbox('ed')) expect(await first(path)).toBe(ISTV_HEADERS.join(','));
  for (const path of inbox('miu')) expect(await first(path)).toBe(`\ufeff${ISTV_HEADERS.join(',')}`);
  for (const path of inbox('police')) expect(await first(path)).toBe(POLICE_HEADERS.join(','));
  const known = Object.values(ISTV.fields).map((field) => field.header);
  expect(known).toEqual(expect.arrayContaining([...ISTV_HEADERS]));
  const missing = known.filter((header) => !(ISTV_HEADERS as readonly string[]).includes(header));
  expect(missing.sort()).toEqual(['LATITUDE', 'LONGITUDE', 'RECORD VERSION']);
  expect(Object.values(POLICE_RMS.fields).map((field) => field.header)).toEqual([...POLICE_HEADERS]);
});

test('the files of a month are a file for each site and the police', () => {
  expect(inbox('ed/')).toHaveLength(27);
  expect(inbox('ed/')[0]).toBe('inbox/ed/ISTV_2023-07.csv');
  expect(inbox('miu/').at(-1)).toBe('inbox/miu/ISTV_2025-09.csv');
  expect(inbox('police/').at(-1)).toBe('inbox/police/rms_2025-09.csv');
});

test('places lie in the cells they are counted in, and exposure is the sum of their people', () => {
  for (const seed of [1, 2, 3]) {
    const city = inventCity(seed, { plant: true }, geometry);
    expect(city.cells.length).toBeGreaterThan(600);
    expect(city.cells.length).toBeLessThan(900);
    expect(city.places.length).toBeGreaterThan(120);
    expect(city.places.length).toBeLessThanOrEqual(200);
    const n = city.places.length;
    const cells = new BigUint64Array(n);
    const lats = Float64Array.from(city.places, (place) => place.lat);
    const lngs = Float64Array.from(city.places, (place) => place.lng);
    pointsToCells(createCellIndex(), lats, lngs, n, cells);
    expect([...cells]).toEqual(city.places.map((place) => place.cell));
    const total = city.places.reduce((sum, place) => sum + place.people, 0);
    expect(city.exposure.reduce((sum, people) => sum + people, 0)).toBe(total);
    expect(city.addresses.some((count) => count === 0)).toBe(true);
    expect(city.addresses.some((count) => count >= 1 && count <= 7)).toBe(true);
    // Spots lie within the city and apart from each other.
    const spotCells = city.spots.flatMap((spot) => spot.cells);
    expect(new Set(spotCells).size).toBe(21);
    expect(city.cells).toEqual(expect.arrayContaining(spotCells));
  }
});

test('the wards tile the city', () => {
  const city = inventCity(1, { plant: false }, geometry);
  const found = city.outline.wards.map((ward) => cellsWithin([ward.ring]));
  expect(found.flat().length).toBe(city.cells.length);
  expect(new Set(found.flat())).toEqual(new Set(city.cells));
  for (const [i, cells] of found.entries()) {
    for (const cell of cells) expect(city.wards[city.cells.indexOf(cell)]).toBe(i);
  }
  const area = (ring: readonly (readonly number[])[]): number =>
    ring.reduce((sum, [x, y], i) => {
      const [x2, y2] = ring[(i + 1) % ring.length] as [number, number];
      return sum + ((x as number) * y2 - x2 * (y as number)) / 2;
    }, 0);
  const sum = city.outline.wards.reduce((total, ward) => total + area(ward.ring), 0);
  expect(sum).toBeCloseTo(area(city.outline.ring), 10);
  expect(Math.min(...wardPopulations(city))).toBeGreaterThan(1000);
});

test('no name or alias of a place is another one, or a part of another one', () => {
  const words = (name: string): string =>
    ` ${name
      .toLowerCase()
      .replace(/^the /, '')
      .replaceAll(/[^a-z0-9 &]/g, '')} `;
  const { places } = inventCity(1, { plant: false }, geometry);
  const names = places.flatMap((place) =>
    [place.name, ...place.aliases].map((name) => [place.id, words(name)]),
  );
  for (const [id, name] of names as [string, string][]) {
    const holders = (names as [string, string][]).filter(
      ([other, text]) => other !== id && text.includes(name),
    );
    expect(holders, name).toEqual([]);
  }
});

test('the clock goes forward and back as in the United Kingdom', () => {
  const minute = (text: string): number => minuteOf(`${text}:00`);
  expect(timeText(lastSundayAtOne(parseMonth('2024-03')))).toBe('2024-03-31T01:00:00');
  expect(timeText(lastSundayAtOne(parseMonth('2025-10')))).toBe('2025-10-26T01:00:00');
  expect(hourOfWeek(minute('2025-09-29T00:30'))).toBe(0);
  expect(hourOfWeek(minute('2025-09-28T23:59'))).toBe(167);
  const table: [civil: string, utc: string][] = [
    ['2024-01-15T12:00', '2024-01-15T12:00'],
    ['2024-07-15T12:00', '2024-07-15T11:00'],
    ['2024-03-31T00:59', '2024-03-31T00:59'],
    ['2024-03-31T01:30', '2024-03-31T01:30'],
    ['2024-03-31T02:00', '2024-03-31T01:00'],
    ['2024-10-27T01:30', '2024-10-27T00:30'],
    ['2024-10-27T02:00', '2024-10-27T02:00'],
  ];
  for (const [civil, utc] of table) expect(civilToUtc(minute(civil)), civil).toBe(minute(utc));
  expect(utcToCivil(minute('2024-10-27T00:30'))).toBe(utcToCivil(minute('2024-10-27T01:30')));
});

test('attendances are as many as asked, fewest in February, most in summer, and by night at weekends', async () => {
  const truth = await readTruth();
  const aMonth = (truth.world['attendances'] as number) / 27;
  expect(aMonth).toBeGreaterThan(90);
  expect(aMonth).toBeLessThan(120);

  const city = inventCity(1, { plant: false }, geometry);
  const incidents = inventIncidents(city, 1, { months: 120, endMonth: '2024-12', scale: 1 });
  const months = new Array<number>(12).fill(0);
  const hours = new Array<number>(168).fill(0);
  for (const { minute } of incidents) {
    const month = new Date(minute * 60_000).getUTCMonth();
    months[month] = (months[month] as number) + 1;
    hours[hourOfWeek(minute)] = (hours[hourOfWeek(minute)] as number) + 1;
  }
  expect(months.indexOf(Math.min(...months))).toBe(1);
  expect([4, 5, 6]).toContain(months.indexOf(Math.max(...months)));
  // Friday 22 to Saturday 04 and the night after: 12 of 168 hours.
  const nights = [
    ...Array.from({ length: 6 }, (_, i) => 118 + i),
    ...Array.from({ length: 6 }, (_, i) => 142 + i),
  ];
  const share = nights.reduce((sum, hour) => sum + (hours[hour] as number), 0) / incidents.length;
  expect(share).toBeGreaterThan(0.22);
  expect(share).toBeLessThan(0.5);
  expect(nights).toContain(hours.indexOf(Math.max(...hours)));
});

/** Public incidents by place that came to a hospital, and their expectation where risk follows people. */
function byPlace(city: City, incidents: readonly Incident[]): { observed: number[]; expected: number[] } {
  const open = incidents.filter((incident) => incident.place >= 0 && incident.attended);
  const total = city.places.reduce((sum, place) => sum + place.people, 0);
  const observed = city.places.map(() => 0);
  for (const { place } of open) observed[place] = (observed[place] as number) + 1;
  return { observed, expected: city.places.map((place) => (open.length * place.people) / total) };
}

test('where nothing is planted, risk is proportional to exposure', () => {
  const scores: number[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const city = inventCity(seed, { plant: false }, geometry);
    expect(city.spots).toEqual([]);
    const { observed, expected } = byPlace(city, inventIncidents(city, seed, SPAN));
    const square = observed.reduce(
      (sum, count, i) => sum + (count - (expected[i] as number)) ** 2 / (expected[i] as number),
      0,
    );
    // Chi-square of k - 1 degrees, as a normal score; places with few expected make its spread a little wider.
    scores.push((square - (observed.length - 1)) / Math.sqrt(2 * (observed.length - 1)));
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  expect(Math.abs(mean)).toBeLessThan(0.6);
  expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.5);
});

test('a planted spot, its hours, the trend and the intervention are found again', () => {
  const scale = 40;
  const span = { ...SPAN, scale };
  const city = inventCity(3, { plant: true }, geometry);
  const plan = planOf(city, span);
  const incidents = inventIncidents(city, 3, span).filter(({ place, attended }) => place >= 0 && attended);
  const from = plan.intervention?.from as number;
  const elsewhere = incidents.filter((incident) => incident.spot < 0);
  const exposed = 1 - city.spots.reduce((sum, spot) => sum + spot.exposure, 0);
  for (const [i, spot] of city.spots.entries()) {
    const ratio = (within: (minute: number) => boolean): number => {
      const inside = incidents.filter((incident) => incident.spot === i && within(incident.minute)).length;
      const outside = elsewhere.filter((incident) => within(incident.minute)).length;
      return inside / spot.exposure / (outside / exposed);
    };
    const before = ratio((minute) => minute < from);
    const after = ratio((minute) => minute >= from);
    expect(before / spot.relativeRisk, spot.name).toBeCloseTo(1, 1);
    expect(after / before, spot.name).toBeCloseTo(i === 0 ? 0.6 : 1, 1);
    const mine = incidents.filter((incident) => incident.spot === i);
    const inHours = mine.filter((incident) => spot.hours.includes(hourOfWeek(incident.minute)));
    expect(inHours.length / mine.length).toBeGreaterThan(1 - 1 / spot.relativeRisk - 0.03);
    const known = mine.filter((incident) => incident.known).length / mine.length;
    expect(known).toBeCloseTo(spot.knownToPolice, 1);
  }
  // Two whole years, so that the season is the same in both.
  const year = (first: string): number =>
    elsewhere.filter(({ minute }) => {
      const start = parseMonth(first);
      return minute >= monthStart(start) && minute < monthStart(start + 12);
    }).length;
  expect(year('2024-07') / year('2023-07')).toBeCloseTo(0.88, 1);
});

test('a quay that glass is planted on has more glass than the rest of the city', () => {
  const city = inventCity(5, { plant: true }, geometry);
  const incidents = inventIncidents(city, 5, { ...SPAN, scale: 10 });
  const glass = (spot: number): number => {
    const mine = incidents.filter((incident) => incident.spot === spot);
    return mine.filter((incident) => incident.weapon === 'glass_bottle').length / mine.length;
  };
  expect(city.spots[0]?.name).toBe('Lantern Quay');
  expect(glass(0)).toBeGreaterThan(0.25);
  expect(glass(-1)).toBeCloseTo(0.08, 1);
});

test('brawls are fewer than one in twenty, and injure two to four', async () => {
  const truth = await readTruth();
  expect(truth.world['brawls'] as number).toBeGreaterThan(50);
  expect((truth.world['brawls'] as number) / (truth.world['incidents'] as number)).toBeLessThan(0.05);
});

test('truth.json counts the rows, repetitions and corrections that are in the files', async () => {
  const truth = await readTruth();
  for (const key of ['ATTENDANCE ID', 'crime_ref'] as const) {
    const parts = key === 'crime_ref' ? ['police'] : ['ed', 'miu'];
    for (const part of parts) {
      const seen = new Map<string, Set<string>>();
      for (const path of inbox(part)) {
        const told = truth.files.find((file) => file.path === path);
        let duplicates = 0;
        let replaced = 0;
        const rows = await readRows(path);
        for (const row of rows) {
          const versions = seen.get(row[key] as string) ?? new Set<string>();
          const content = JSON.stringify(row);
          if (versions.has(content)) duplicates++;
          else if (versions.size > 0) replaced++;
          seen.set(row[key] as string, versions.add(content));
        }
        expect({ rows: rows.length, duplicates, replaced }, path).toEqual({
          rows: told?.rows,
          duplicates: told?.duplicates,
          replaced: (told?.corrections ?? 0) + (told?.repairs ?? 0),
        });
      }
    }
  }
  const sum = (field: 'duplicates' | 'corrections' | 'repairs'): number =>
    truth.files.reduce((total, file) => total + file[field], 0);
  expect(Math.min(sum('duplicates'), sum('corrections'), sum('repairs'))).toBeGreaterThan(10);
});

test('truth.json counts the values that are wrong', async () => {
  const truth = await readTruth();
  for (const part of ['ed', 'miu']) {
    for (const path of inbox(part)) {
      const bad = truth.files.find((file) => file.path === path)?.bad ?? {};
      const rows = await readRows(path);
      const wrong = (test: (row: Record<string, string>) => boolean): number => rows.filter(test).length;
      expect(wrong((row) => row['ASSAULT METHOD'] === '99')).toBe(bad['assault method is no code'] ?? 0);
      expect(wrong((row) => row['ASSAULT METHOD'] === '')).toBe(bad['assault method is empty'] ?? 0);
      expect(wrong((row) => row[ASSAULT] === '')).toBe(bad['assault date is empty'] ?? 0);
      const noDate = wrong((row) => {
        const text = row[ASSAULT] as string;
        return text !== '' && !(isTime(text) && Number.isFinite(minuteOf(text)));
      });
      expect(noDate).toBe(bad['assault date is no date'] ?? 0);
      const later = wrong((row) => minuteOf(row[ASSAULT] as string) - minuteOf(row[ARRIVAL] as string) > 60);
      expect(later).toBe(bad['assault after arrival'] ?? 0);
    }
  }
});

test('NHS numbers are of the test range, valid, and shared by no two persons', async () => {
  const names = new Map<string, string>();
  const visits = new Map<string, Set<string>>();
  for (const row of [...(await readAll('ed')), ...(await readAll('miu'))]) {
    const number = row['NHS NUMBER'] as string;
    expect(number).toMatch(/^999\d{7}$/);
    expect(nhsCheckDigit(number.slice(0, 9))).toBe(Number(number[9]));
    const person = `${row['PATIENT NAME']} ${row['DATE OF BIRTH']}`;
    expect(names.get(number) ?? person).toBe(person);
    names.set(number, person);
    visits.set(number, (visits.get(number) ?? new Set()).add(row['ATTENDANCE ID'] as string));
  }
  const repeaters = [...visits.values()].filter((ids) => ids.size > 1);
  expect(repeaters.length).toBeGreaterThan(20);
  // A published example: 943 476 5919.
  expect(nhsCheckDigit('943476591')).toBe(9);
});

test('a description of the method goes with the codes that ask for one', async () => {
  for (const row of [...(await readAll('ed')), ...(await readAll('miu'))]) {
    if (row['ASSAULT METHOD OTHER DESCRIPTION'] === '') continue;
    expect(['04', '13', '14', '17']).toContain(row['ASSAULT METHOD']);
  }
});

test('texts are named as often as asked, whatever the place, and some homes carry private text', async () => {
  const rows = [...(await readAll('ed')), ...(await readAll('miu'))];
  const records = (await readRows('truth-records.csv')).filter((record) => record['source'] !== 'police');
  const open = records.filter((record) => record['place_id'] !== '');
  const share = (list: typeof records, texts: string[]): number =>
    list.filter((record) => texts.includes(record['text'] as string)).length / list.length;
  expect(share(open, ['name', 'alias'])).toBeGreaterThan(0.6);
  expect(share(open, ['name', 'alias'])).toBeLessThan(0.7);
  expect(share(open, ['misspelt'])).toBeCloseTo(0.15, 1);
  const inSpots = open.filter((record) => record['spot'] !== '');
  expect(share(inSpots, ['vague'])).toBeCloseTo(share(open, ['vague']), 1);
  const homes = rows.filter((row) => row[TYPE] === '01');
  expect(homes.length / rows.length).toBeGreaterThan(0.15);
  expect(homes.length / rows.length).toBeLessThan(0.25);
  expect(homes.filter((row) => row[TEXT] !== '').length).toBeGreaterThan(20);
  expect(rows.some((row) => row[TEXT]?.includes('\n'))).toBe(true);
  expect(rows.some((row) => row[TEXT]?.includes(','))).toBe(true);
  expect(rows.some((row) => row[TEXT]?.includes('"'))).toBe(true);

  // What is called correctly spelt is: the truth and the files agree.
  const places = new Map((await readRows('gazetteer/places.csv')).map((place) => [place['id'], place]));
  const texts = new Map(rows.map((row) => [row['ATTENDANCE ID'], row[TEXT]]));
  const plain = (text: string): string => text.toLowerCase().replaceAll(/['’]/g, '').replaceAll(/\s+/g, ' ');
  for (const record of open.filter((item) => ['name', 'alias'].includes(item['text'] as string))) {
    const place = places.get(record['place_id'] as string) as Record<string, string>;
    const names = [place['name'] as string, ...(place['aliases'] as string).split('|')].filter(Boolean);
    const text = plain(texts.get(record['key']) as string);
    expect(
      names.some((name) => text.includes(plain(name))),
      `${text} for ${names.join()}`,
    ).toBe(true);
  }
});

test('misspelling changes a name and keeps its words', () => {
  const random = seedRandom(1, 'test');
  for (let i = 0; i < 500; i++) {
    const slip = misspell(random, 'The Crooked Herring');
    expect(slip).not.toBe('The Crooked Herring');
    expect(slip.split(' ')).toHaveLength(3);
  }
});

test('a misspelt text names its place in no other way, so that nicknames do not decide what is found', () => {
  const random = seedRandom(1, 'test');
  for (const place of inventCity(1, { plant: false }, geometry).places) {
    const names = [place.name, ...place.aliases].map((name) => name.toLowerCase().replace(/^the /, ''));
    for (let i = 0; i < 40; i++) {
      const { text, quality } = placeText(random, place);
      if (quality !== 'misspelt') continue;
      expect(
        names.filter((name) => text.toLowerCase().includes(name)),
        text,
      ).toEqual([]);
    }
  }
});

test('the police know about a third of what comes to hospitals, and burglaries are in their files to be left out', async () => {
  const truth = await readTruth();
  const unknown = truth.world['share_unknown_to_police'] as number;
  expect(unknown).toBeGreaterThan(0.6);
  expect(unknown).toBeLessThan(0.72);
  for (const path of inbox('police')) {
    const rows = await readRows(path);
    const excluded = truth.files.find((file) => file.path === path)?.excluded ?? {};
    const coded = (codes: string[]): number =>
      rows.filter((row) => codes.includes(row['offence_code'] as string)).length;
    expect(coded(['30C', '28E'])).toBe(excluded['not violence'] ?? 0);
    expect(coded(['17A', '20A'])).toBe(excluded['sexual offence'] ?? 0);
    const month = path.slice(-11, -4);
    const recorded = rows.map((row) => (row['recorded_at'] as string).slice(0, 7));
    expect(recorded.every((text) => text <= month)).toBe(true);
    // A correction comes in a later month than the record.
    const corrections = truth.files.find((file) => file.path === path)?.corrections ?? 0;
    expect(recorded.filter((text) => text < month)).toHaveLength(corrections);
  }
});

test('every injured person of an incident that the police know is one crime', () => {
  const city = inventCity(1, { plant: true }, geometry);
  const incidents = inventIncidents(city, 1, SPAN);
  expect(incidents.every((incident) => incident.injured >= 1 && incident.injured <= 4)).toBe(true);
  expect(incidents.every((incident) => incident.attended || incident.known)).toBe(true);
});

test('coordinates of police rows lead back to the cell of the place', async () => {
  const cellOf = new Map(
    (await readRows('truth-records.csv')).map((record) => [
      `${record['source']} ${record['key']}`,
      record['cell'],
    ]),
  );
  const rows = (await readAll('police')).filter((row) => cellOf.get(`police ${row['crime_ref']}`) !== '');
  const cells = new BigUint64Array(1);
  const index = createCellIndex();
  const kinds = { grid: 0, degrees: 0, none: 0 };
  for (const row of rows) {
    let [lat, lng] = [Number(row['latitude']), Number(row['longitude'])];
    if (row['easting'] !== '' && row['easting'] !== '0') {
      kinds.grid++;
      if (row['latitude'] === '') {
        [lng, lat] = gridToDegrees(Number(row['easting']), Number(row['northing']));
      }
    } else if (row['latitude'] !== '' && row['latitude'] !== '0.000000') kinds.degrees++;
    else {
      kinds.none++;
      continue;
    }
    pointsToCells(index, Float64Array.of(lat), Float64Array.of(lng), 1, cells);
    expect(cellText(cells[0] as bigint)).toBe(cellOf.get(`police ${row['crime_ref']}`));
  }
  expect(kinds.grid / rows.length).toBeCloseTo(0.51, 1);
  expect(kinds.none / rows.length).toBeLessThan(0.08);
});

test('the National Grid of a known point is right to the metre', () => {
  // Ordnance Survey's worked example, Caister water tower: OSGB36 E 651409.903 N 313177.270; the shift used is good to 5 m.
  const { easting, northing } = latLngToGrid(52.65800783, 1.71607397);
  expect(Math.abs(easting - 651409.903)).toBeLessThan(5);
  expect(Math.abs(northing - 313177.27)).toBeLessThan(5);
});

test('every night on which the clocks change has an assault in the hour that is skipped or repeated', async () => {
  const records = await readRows('truth-records.csv');
  for (const night of ['2023-10-29', '2024-03-31', '2024-10-27', '2025-03-30']) {
    expect(
      records.some((record) => record['occurred']?.startsWith(`${night}T01:30`)),
      night,
    ).toBe(true);
  }
});

test('27 months are invented in less than three seconds', async () => {
  const start = performance.now();
  await make({ seed: 9 });
  expect(performance.now() - start).toBeLessThan(3000);
});
