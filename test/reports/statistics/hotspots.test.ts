import { existsSync, readFileSync } from 'node:fs';
import { gridDisk, latLngToCell, polygonToCells } from 'h3-js';
import { beforeAll, describe, expect, test } from 'vitest';
import { exposedFalseAlarmShare, falseAlarmShare } from '../../../reports/statistics/false-alarms.ts';
import { capFromHistory } from '../../../reports/statistics/gi-star.ts';
import { hotspots } from '../../../reports/statistics/hotspots.ts';
import type { Neighbours } from '../../../reports/statistics/neighbours.ts';
import { overdispersion } from '../../../reports/statistics/overdispersion.ts';
import { seededRandom, shuffleInPlace } from '../../../reports/statistics/seeded-random.ts';
import { drawExposure, drawIncidents, drawInnerCell, hexagon, starOf } from './random-fields.ts';

const FIELD = hexagon(22);
const N = FIELD.offsets.length - 1;

test('a planted spot is called, empty cells never are', () => {
  const random = seededRandom(1);
  const counts = drawIncidents(new Float64Array(N).fill(1), 800, random);
  const centre = drawInnerCell(FIELD, random);
  const star = starOf(FIELD, centre);
  for (const cell of star) counts[cell]! += 8;
  counts[star[1]!] = 0;
  const found = hotspots({ counts, neighbours: FIELD });
  expect(found.kind).toBe('concentrated');
  expect(found.cells[centre]).toMatchObject({ label: 'strong', count: counts[centre] });
  expect(found.cells[star[1]!]).toMatchObject({ label: '', ownLabel: '', reason: '' });
  expect(found.cells[star[1]!]!.q).toBeLessThan(0.05);
});

test('a lone busy cell is no cluster: the reason says what is around it, and the cell alone is called', () => {
  const counts = drawIncidents(new Float64Array(N).fill(1), 600, seededRandom(2));
  const lone = 700;
  for (const cell of starOf(FIELD, lone)) counts[cell] = 0;
  counts[lone] = 41;
  counts[starOf(FIELD, lone)[1]!] = 3;
  const { cells } = hotspots({ counts, neighbours: FIELD });
  expect(cells[lone]!.label).toBe('');
  expect(cells[lone]!.ownLabel).toBe('strong');
  expect(cells[lone]!.reason).toMatch(
    /^few incidents around it: 41 here, 3 in the six cells around; q = [\d.]+; the cell alone: q = under 0.0001$/,
  );
});

test('the cap comes from history when there is one', () => {
  const counts = new Int32Array(N).fill(1);
  expect(hotspots({ counts, neighbours: FIELD, history: [0, 12, 12, 12] }).cap).toBe(12);
  expect(hotspots({ counts, neighbours: FIELD, history: [] }).cap).toBe(5);
});

test('an empty field, and one with nobody about, are quiet', () => {
  const quiet = hotspots({ counts: new Int32Array(N), neighbours: FIELD });
  expect(quiet.cells.every((cell) => cell.label === '' && cell.p === 1)).toBe(true);
  const counts = new Int32Array(N);
  counts[3] = 4;
  const nobody = hotspots({ counts, exposure: new Float64Array(N), neighbours: FIELD });
  expect(nobody.cells[3]).toMatchObject({ label: '', ownLabel: '' });
  expect(nobody.cells[3]!.reason).toContain('nobody is counted as being about');
});

test('where many people are about, many incidents are not hot; the reason says what was to be expected', () => {
  const random = seededRandom(3);
  const exposure = drawExposure(N, random);
  const busy = drawInnerCell(FIELD, random);
  for (const cell of starOf(FIELD, busy)) exposure[cell] = 200;
  const counts = drawIncidents(exposure, 2000, random);
  expect(hotspots({ counts, neighbours: FIELD }).cells[busy]!.label).toBe('strong');
  const explained = hotspots({ counts, exposure, neighbours: FIELD });
  expect(explained.kind).toBe('hotter than the people about explain');
  expect(explained.cells[busy]!.label).toBe('');
  expect(explained.cells[busy]!.reason).toMatch(
    /people about explain.*to be expected in all from the people about/,
  );
});

const BUNCHES: [name: string, bunchOf: (random: () => number) => number][] = [
  ['independent incidents', () => 1],
  ['brawls with several injured', (random) => (random() < 0.15 ? 2 + Math.floor(random() * 4) : 1)],
];

test.each(BUNCHES)('risk in proportion to the people about is quiet: %s', (_, bunchOf) => {
  const random = seededRandom(4);
  let alarms = 0;
  for (let round = 0; round < 60; round++) {
    const exposure = drawExposure(N, random);
    const counts = drawIncidents(exposure, [500, 1500, 3000][round % 3]!, random, () => bunchOf(random));
    if (hotspots({ counts, exposure, neighbours: FIELD }).cells.some((cell) => cell.label !== '')) alarms++;
  }
  expect(alarms / 60).toBeLessThanOrEqual(0.05);
});

test('twenty more on each of seven cells than the people about explain are found', () => {
  const random = seededRandom(5);
  let found = 0;
  for (let round = 0; round < 30; round++) {
    const exposure = drawExposure(N, random);
    const counts = drawIncidents(exposure, 1500, random);
    const centre = drawInnerCell(FIELD, random);
    for (const cell of starOf(FIELD, centre)) counts[cell]! += 20;
    if (hotspots({ counts, exposure, neighbours: FIELD }).cells[centre]!.label !== '') found++;
  }
  expect(found).toBeGreaterThanOrEqual(28);
});

test('the dispersion factor is 1 for independent incidents, rises with bunches, and a spot moves it little', () => {
  const random = seededRandom(6);
  const exposure = drawExposure(N, random);
  const single = drawIncidents(exposure, 2000, random);
  expect(overdispersion(single, exposure, FIELD)).toBeLessThan(1.15);
  const bunched = drawIncidents(exposure, 2000, random, () => (random() < 0.2 ? 4 : 1));
  expect(overdispersion(bunched, exposure, FIELD)).toBeGreaterThan(1.8);
  for (const cell of starOf(FIELD, 700)) single[cell]! += 30;
  expect(overdispersion(single, exposure, FIELD)).toBeLessThan(1.3);
  expect(overdispersion(new Int32Array(N), exposure, FIELD)).toBe(1);
});

test('the null checks are repeatable and small', () => {
  const random = seededRandom(7);
  const exposure = drawExposure(N, random);
  const counts = drawIncidents(exposure, 1500, random, () => (random() < 0.1 ? 3 : 1));
  const share = falseAlarmShare(counts, FIELD, 200, 9);
  expect(share).toBe(falseAlarmShare(counts, FIELD, 200, 9));
  expect(share).toBeLessThanOrEqual(0.08);
  expect(exposedFalseAlarmShare({ counts, exposure, neighbours: FIELD, fields: 40, seed: 9 })).toBeLessThan(
    0.08,
  );
});

const DATA = '../shared/data';
describe.skipIf(!existsSync(DATA) && process.env['CI'] === undefined)(
  'police violence in Cardiff, July to September 2025',
  () => {
    let field: Neighbours;
    let counts: Int32Array;
    let history: Int32Array;

    beforeAll(() => {
      const areas = JSON.parse(readFileSync(`${DATA}/geography/lad_wales.geojson`, 'utf8'));
      const cardiff = areas.features.find(
        (feature: { properties: Record<string, string> }) => feature.properties['LAD13CD'] === 'W06000015',
      );
      const polygons: number[][][][] =
        cardiff.geometry.type === 'Polygon' ? [cardiff.geometry.coordinates] : cardiff.geometry.coordinates;
      const cells = [...new Set(polygons.flatMap((polygon) => polygonToCells(polygon, 9, true)))].sort();
      const index = new Map(cells.map((cell, i) => [cell, i]));
      field = neighboursOf(cells, index);
      counts = countViolence(['2025-07', '2025-08', '2025-09'], index);
      history = countViolence(['2025-04', '2025-05', '2025-06'], index);
    });

    test('cells with 30 or more are hot, or the reason says why not', () => {
      const { cells } = hotspots({ counts, history, neighbours: field });
      const many = cells.filter((cell) => cell.count >= 30);
      expect(many.length).toBeGreaterThan(5);
      for (const cell of many) {
        if (cell.label === '') expect(cell.reason).toMatch(/incidents around it|come about by chance/);
      }
      expect(many.filter((cell) => cell.label !== '').length).toBeGreaterThanOrEqual(many.length * 0.8);
    });

    test('shuffled, the map is quiet in at least 95 of 100', () => {
      expect(falseAlarmShare(counts, field, 400, 3, capFromHistory(history))).toBeLessThanOrEqual(0.05);
    });

    test('shuffled, twenty planted on each of seven cells are all found', () => {
      const random = seededRandom(8);
      let found = 0;
      for (let round = 0; round < 40; round++) {
        const planted = counts.slice();
        shuffleInPlace(planted, random);
        const star = starOf(field, drawInnerCell(field, random));
        for (const cell of star) planted[cell]! += 20;
        const { cells } = hotspots({ counts: planted, history, neighbours: field });
        if (star.every((cell) => cells[cell]!.label !== '')) found++;
      }
      expect(found).toBeGreaterThanOrEqual(36);
    });
  },
);

function neighboursOf(cells: string[], index: Map<string, number>): Neighbours {
  const offsets = [0];
  const indices: number[] = [];
  for (const cell of cells) {
    for (const other of gridDisk(cell, 1)) {
      const at = index.get(other);
      if (other !== cell && at !== undefined) indices.push(at);
    }
    offsets.push(indices.length);
  }
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

function countViolence(months: string[], index: Map<string, number>): Int32Array {
  const counts = new Int32Array(index.size);
  for (const month of months) {
    const file = `${DATA}/police_uk/south-wales/${month}-south-wales-street.csv`;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (!line.includes(',Violence and sexual offences,')) continue;
      const [, , , , lng, lat] = line.split(',');
      const cell = lat ? index.get(latLngToCell(Number(lat), Number(lng), 9)) : undefined;
      if (cell !== undefined) counts[cell]!++;
    }
  }
  return counts;
}
