import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  cellsToMultiPolygon,
  cellToBoundary,
  cellToLatLng,
  cellToParent,
  getNumCells,
  getPentagons,
  getRes0Cells,
  latLngToCell,
  polygonToCells,
} from 'h3-js';
import { expect, test } from 'vitest';
import {
  type CellIndex,
  cellBoundary,
  cellCentre,
  cellsToParents,
  cellsWithin,
  cellText,
  createCellIndex,
  NO_CELL,
  neighbours,
  type Position,
  parentCell,
  pointsToCells,
  textToCell,
} from '../../transform/h3-cell.ts';

const SHARED = new URL('../../../shared/data/', import.meta.url);
const { CI } = process.env;
const withoutShared = !existsSync(SHARED) && CI === undefined;

type Point = [lat: number, lng: number];

function cellsOf(points: Point[], index: CellIndex = createCellIndex()): BigUint64Array {
  const cells = new BigUint64Array(points.length);
  const lats = Float64Array.from(points, ([lat]) => lat);
  const lngs = Float64Array.from(points, ([, lng]) => lng);
  pointsToCells(index, lats, lngs, points.length, cells);
  return cells;
}

/** Compares with h3-js twice: with an index that learns on the way and with the same one when it has learnt. */
function expectAgreement(points: Point[], index: CellIndex = createCellIndex()): void {
  const wanted = points.map(([lat, lng]) => latLngToCell(lat, lng, 9));
  for (let pass = 0; pass < 2; pass++) {
    const cells = cellsOf(points, index);
    const different = wanted.flatMap((cell, i) =>
      cell === cellText(cells[i] as bigint) ? [] : [{ point: points[i], cell, got: cells[i] }],
    );
    expect(different).toEqual([]);
  }
}

const pointOnSphere = fc
  .tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -180, max: 360, noNaN: true }))
  .map(([sine, lng]): Point => [(Math.asin(sine) * 180) / Math.PI, lng]);

const shift = fc
  .tuple(fc.integer({ min: -14, max: 1 }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([exponent, mantissa]) => mantissa * 10 ** exponent);

/** Points from 1e-14 to 10 degrees off given ones. */
function near(centres: Point[]): fc.Arbitrary<Point> {
  return fc
    .tuple(fc.constantFrom(...centres), shift, shift)
    .map(([[lat, lng], up, right]): Point => [Math.max(-90, Math.min(90, lat + up)), lng + right])
    .filter(([, lng]) => lng >= -180 && lng <= 360);
}

/** The middle of two points on the sphere. */
function middle(a: Point, b: Point): Point {
  const [p, q] = [direction(a), direction(b)];
  const [x, y, z] = [0, 1, 2].map((k) => (p[k] as number) + (q[k] as number)) as [number, number, number];
  return [(Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI, (Math.atan2(y, x) * 180) / Math.PI];
}

function direction([lat, lng]: Point): number[] {
  const [a, b] = [(lat * Math.PI) / 180, (lng * Math.PI) / 180];
  return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)];
}

const corners = getPentagons(0).map((cell) => cellToLatLng(cell) as Point);
const cosine = (a: Point, b: Point) =>
  direction(a).reduce((total, part, k) => total + part * (direction(b)[k] as number), 0);
const faceSides = corners.flatMap((a) =>
  corners.filter((b) => cosine(a, b) > 0.4 && cosine(a, b) < 0.5).map((b) => [a, b] as const),
);
const faceCentres = faceSides.flatMap(([a, b]) =>
  corners
    .filter((c) => cosine(a, c) > 0.4 && cosine(a, c) < 0.5 && cosine(b, c) > 0.4 && cosine(b, c) < 0.5)
    .map((c): Point => {
      const [x, y, z] = [0, 1, 2].map((k) =>
        [a, b, c].reduce((total, corner) => total + (direction(corner)[k] as number), 0),
      ) as [number, number, number];
      return [(Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI, (Math.atan2(y, x) * 180) / Math.PI];
    }),
);

const agreesOn = (points: fc.Arbitrary<Point>, numRuns = 200) =>
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 60 }), (sample) => expectAgreement(sample)),
    { seed: 9, numRuns },
  );

test('points anywhere in the world have the cell that h3-js gives', () => {
  agreesOn(pointOnSphere);
});

test('points around the 12 pentagons have the cell that h3-js gives', () => {
  agreesOn(near(corners));
});

test('points around the centres of the faces have the cell that h3-js gives', () => {
  agreesOn(near(faceCentres));
});

test('points along the sides of the faces have the cell that h3-js gives', () => {
  const along = faceSides.flatMap(([a, b]) => {
    const half = middle(a, b);
    const quarter = middle(a, half);
    return [half, quarter, middle(a, quarter), middle(quarter, half)];
  });
  agreesOn(near(along));
});

test('points at the poles, the antimeridian and whole degrees have the cell that h3-js gives', () => {
  agreesOn(
    near([
      [90, 0],
      [-90, 0],
      [0, 180],
      [52, 180],
      [-17, -180],
      [66, 359.9],
      [0, 0],
    ]),
  );
  expectAgreement(Array.from({ length: 2000 }, (_, k): Point => [(k % 181) - 90, (k % 541) - 180]));
  expectAgreement(Array.from({ length: 2000 }, (_, k): Point => [(k % 180) - 89.5, (k % 540) - 179.5]));
});

test('points on and next to the edges and corners of cells have the cell that h3-js gives', () => {
  const edges = pointOnSphere.chain(([lat, lng]) => {
    const boundary = cellToBoundary(latLngToCell(lat, lng, 9)) as Point[];
    const sides = boundary.map((corner, k) => middle(corner, boundary[(k + 1) % boundary.length] as Point));
    return near([...boundary, ...sides]);
  });
  agreesOn(edges);
});

test('points at the edges of cells of resolution 1, where branches meet, have the cell that h3-js gives', () => {
  const edges = pointOnSphere.chain(([lat, lng]) =>
    near(cellToBoundary(latLngToCell(lat, lng, 1)) as Point[]),
  );
  agreesOn(edges);
});

test('an index that has learnt most of the world still agrees with h3-js', () => {
  const index = createCellIndex();
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let k = 0; k < 4; k++) {
    expectAgreement(
      Array.from(
        { length: 10_000 },
        (): Point => [(Math.asin(2 * next() - 1) * 180) / Math.PI, next() * 360 - 180],
      ),
      index,
    );
  }
});

test('cell centres of the world at resolution 3 have the cell that h3-js gives', () => {
  const centres = getRes0Cells()
    .map((cell) => cellToLatLng(cell) as Point)
    .concat(
      polygonToCells(
        [
          [-30, -30],
          [-30, 30],
          [30, 30],
          [30, -30],
        ],
        3,
      ).map((cell) => cellToLatLng(cell) as Point),
    );
  expect(centres.length).toBeGreaterThan(getNumCells(0));
  expectAgreement(centres);
});

test('a missing or impossible point has no cell, and its neighbours in the batch keep theirs', () => {
  const bad: Point[] = [
    [Number.NaN, 0],
    [51.5, Number.NaN],
    [90.000001, 0],
    [-91, 0],
    [51.5, -180.5],
    [51.5, 361],
    [Number.POSITIVE_INFINITY, 0],
    [0, Number.NEGATIVE_INFINITY],
  ];
  const cells = cellsOf(bad.flatMap((point): Point[] => [point, [51.48, -3.18]]));
  const cardiff = textToCell(latLngToCell(51.48, -3.18, 9));
  expect([...cells]).toEqual(bad.flatMap(() => [NO_CELL, cardiff]));
});

test('rows after n are left alone', () => {
  const cells = BigUint64Array.of(7n, 7n, 7n);
  pointsToCells(createCellIndex(), new Float64Array(3), new Float64Array(3), 2, cells);
  expect(cells[2]).toBe(7n);
});

test('parents by bits are those of h3-js at every resolution and nest', () => {
  fc.assert(
    fc.property(fc.array(pointOnSphere, { minLength: 1, maxLength: 40 }), (points) => {
      const cells = cellsOf(points);
      let previous = cells;
      for (let resolution = 9; resolution >= 0; resolution--) {
        const parents = new BigUint64Array(points.length);
        cellsToParents(cells, points.length, resolution, parents);
        expect([...parents].map(cellText)).toEqual(
          [...cells].map((cell) => cellToParent(cellText(cell), resolution)),
        );
        expect([...parents]).toEqual([...cells].map((cell) => parentCell(cell, resolution)));
        cellsToParents(previous, points.length, resolution, previous);
        expect(previous).toEqual(parents);
        previous = parents;
      }
    }),
    { seed: 9, numRuns: 50 },
  );
});

test('the parent of no cell is no cell', () => {
  const cells = BigUint64Array.of(NO_CELL);
  cellsToParents(cells, 1, 7, cells);
  expect(cells[0]).toBe(NO_CELL);
  expect(parentCell(NO_CELL, 7)).toBe(NO_CELL);
});

test('a cell and its text are the same thing', () => {
  expect(cellText(0x8919586c8c3ffffn)).toBe('8919586c8c3ffff');
  expect(textToCell('8919586c8c3ffff')).toBe(0x8919586c8c3ffffn);
  expect(() => textToCell('not a cell')).toThrow('wanted hexadecimal digits');
});

test('the centre of a cell is in that cell and its boundary is a closed ring around it', () => {
  const cell = textToCell(latLngToCell(51.48, -3.18, 9));
  const { lat, lng } = cellCentre(cell);
  expect(cellsOf([[lat, lng]])[0]).toBe(cell);
  const ring = cellBoundary(cell);
  expect(ring).toHaveLength(7);
  expect(ring[0]).toEqual(ring[6]);
  expect(cellsWithin([ring])).toEqual([cell]);
});

test('a cell has six neighbours, a pentagon five, none of them itself', () => {
  const cell = textToCell(latLngToCell(51.48, -3.18, 9));
  const around = neighbours(cell);
  expect(around).toHaveLength(6);
  expect(around).not.toContain(cell);
  expect(around).toEqual([...around].sort());
  for (const other of around) expect(neighbours(other)).toContain(cell);
  expect(neighbours(textToCell(getPentagons(9)[0] as string))).toHaveLength(5);
});

test('cells within a polygon have their centre inside it and outside its holes', () => {
  const box = (west: number, south: number, east: number, north: number): Position[] => [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  const whole = cellsWithin([box(-3.2, 51.46, -3.1, 51.5)]);
  const hole = cellsWithin([box(-3.17, 51.47, -3.15, 51.49)]);
  const rest = cellsWithin([box(-3.2, 51.46, -3.1, 51.5), box(-3.17, 51.47, -3.15, 51.49)]);
  expect(hole.length).toBeGreaterThan(10);
  expect([...rest, ...hole].sort()).toEqual(whole);
  for (const cell of rest) {
    const { lat, lng } = cellCentre(cell);
    expect(lat > 51.46 && lat < 51.5 && lng > -3.2 && lng < -3.1).toBe(true);
  }
  const both = cellsWithin([[box(-3.2, 51.46, -3.1, 51.5)], [box(-3.17, 51.47, -3.15, 51.49)]]);
  expect(both).toEqual(whole);
});

test('the outline of a set of cells gives the set back', () => {
  const cells = cellsWithin([
    [
      [-3.2, 51.46],
      [-3.1, 51.46],
      [-3.15, 51.5],
      [-3.2, 51.46],
    ],
  ]);
  const outline = cellsToMultiPolygon(cells.map(cellText), true) as Position[][][];
  expect(cellsWithin(outline)).toEqual(cells);
});

test.skipIf(withoutShared)('real police.uk points have the cell that h3-js gives', () => {
  const seen = new Map<string, Point>();
  for (const force of ['south-wales', 'gwent']) {
    for (const file of readdirSync(new URL(`police_uk/${force}/`, SHARED)).filter((name) =>
      name.endsWith('.csv'),
    )) {
      for (const line of readFileSync(new URL(`police_uk/${force}/${file}`, SHARED), 'utf8')
        .split('\n')
        .slice(1)) {
        const [, , , , lng, lat] = line.split(',');
        if (lng && lat && !Number.isNaN(Number(lng))) seen.set(`${lat},${lng}`, [Number(lat), Number(lng)]);
      }
    }
  }
  expect(seen.size).toBeGreaterThan(1000);
  expectAgreement([...seen.values()]);
});

test.skipIf(withoutShared)('points of known cells, longitudes 0 to 360, have their cell', () => {
  for (const file of ['bc05r09centers.txt', 'rand09centers.txt']) {
    const lines = readFileSync(new URL(`h3/${file}`, SHARED), 'utf8')
      .trim()
      .split('\n');
    const rows = lines.slice(0, 30_000).map((line) => line.trim().split(/\s+/));
    expect(rows.length).toBeGreaterThan(5);
    const points = rows.map(([, lat, lng]): Point => [Number(lat), Number(lng)]);
    expect([...cellsOf(points)].map(cellText)).toEqual(rows.map(([cell]) => cell));
    expectAgreement(points);
  }
});
