// The only file that imports h3-js: points to cells in batches, and the little geometry that reports need.
import {
  cellToBoundary,
  cellToLatLng,
  cellToParent,
  getPentagons,
  gridDisk,
  h3IndexToSplitLong,
  isPentagon,
  latLngToCell,
  polygonToCells,
} from 'h3-js';

/** The resolution of every cell that is stored: about 0.1 km2. Coarser cells are parents, made by bits. */
export const CELL_RESOLUTION = 9;

/** Stands for "no cell": a missing or impossible point. Never a valid H3 index. */
export const NO_CELL = 0n;

/** Longitude and latitude in degrees, in GeoJSON's order. */
export type Position = [lng: number, lat: number];

/** A GeoJSON Polygon (rings) or MultiPolygon (polygons of rings); the first ring of each is its outside. */
export type Rings = Position[][] | Position[][][];

/**
 * How a point becomes a cell without a call of h3-js.
 *
 * The point is projected on its face of the icosahedron and rounded to a hexagon of that face's lattice. Every
 * two levels up, that lattice is the same with a side 7 times longer, so eight levels are two divisions by 49
 * and two look-ups, and the hexagon (i, j) gives a branch (its ancestor at resolution 1) and eight digits.
 * Which H3 cell a branch is, and by how many sixths of a turn its digits differ from the face's, is learnt from
 * h3-js at the first point of the branch and holds only if all eight digits agree. There are no tables of H3's
 * base cells here: the icosahedron too comes from h3-js, as the 12 pentagons are its corners.
 *
 * What rounding could decide is left to h3-js itself: points next to the edge of a cell or of a face, next to
 * the centre of a face, and in the 12 pentagons of resolution 1. The size is fixed, whatever the points.
 */
export interface CellIndex {
  /** 9 numbers a face: the direction of its centre, then of the lattice's first and second axis. */
  readonly axes: Float64Array;
  /** By turn and by place in a square of 49 by 49: four digits (12 bits) and a carry for i and for j. */
  readonly ladder: Uint16Array;
  /** By face, i and j at resolution 1: the upper word of the cell and its turn; 0 when not yet learnt. */
  readonly branches: Uint32Array;
  /** The face of the last point, where the search for the next one's begins. */
  face: number;
}

const FACES = 20;
const SQUARE = 49 * 49;
// Side of the box of resolution 1 hexagons that holds a face, and what makes its coordinates positive.
const BOX_BITS = 4;
const OFFSET = 8 * SQUARE;
// Hexagon widths from a face's centre to its side at resolution 9, and as a tangent on the unit sphere.
const FACE_INRADIUS = Math.sqrt(7) ** CELL_RESOLUTION;
const FACE_INRADIUS_TANGENT = (3 - Math.sqrt(5)) / 2;
// The lattice of an odd resolution is turned against the face's corner by this angle.
const ODD_TURN = Math.asin(Math.sqrt(3 / 28));
// One unit is about 380 m. The projection errs by less than 1e-10, h3-js by less than 1e-8 outside the centre.
const EDGE_MARGIN = 1e-7;
const CENTRE_RADIUS = 10;
const BRANCH_FOR_H3_ONLY = 1;
const TURN_MASK = 7;
const DIGITS_MASK = 0xfff;
const LOW_ONES = 0x3ffff; // digits 10 to 15, which a resolution 9 cell does not have, are 7

// sin and cos of each whole degree from -180 to 360; the rest of an angle, half a degree at most, by series.
const RADIANS = Math.PI / 180;
const DEGREE_SIN = Float64Array.from({ length: 541 }, (_, k) => Math.sin((k - 180) * RADIANS));
const DEGREE_COS = Float64Array.from({ length: 541 }, (_, k) => Math.cos((k - 180) * RADIANS));

// Unit vectors to the three corners of a face in its lattice, as weights of the first and second coordinate.
const CORNERS = [0, 1, 2].map((k) => {
  const angle = (2 * Math.PI * k) / 3 - ODD_TURN;
  return { q: Math.cos(angle), r: Math.cos(angle) / 2 + (Math.sin(angle) * Math.sqrt(3)) / 2 };
}) as [Corner, Corner, Corner];
const [{ q: Q0, r: R0 }, { q: Q1, r: R1 }, { q: Q2, r: R2 }] = CORNERS;

interface Corner {
  q: number;
  r: number;
}

// Cells are written and read as pairs of 32-bit words, the lower first, so that no BigInt is made a row.
if (new Uint32Array(BigUint64Array.of(1n).buffer)[0] !== 1) {
  throw new Error('got a big-endian machine, wanted a little-endian one');
}

/** The two 32-bit words of each cell, lower first, on the same memory. */
function wordsOf(cells: BigUint64Array): Uint32Array {
  return new Uint32Array(cells.buffer, cells.byteOffset, cells.length * 2);
}

/** An index that knows the geometry and no branch yet: 60 kB, a millisecond to make. */
export function createCellIndex(): CellIndex {
  return {
    axes: faceAxes(),
    ladder: digitLadder(),
    branches: new Uint32Array(FACES << (2 * BOX_BITS)),
    face: 0,
  };
}

/**
 * The resolution 9 cell of each of the first n points, in degrees, written to `cells`: exactly h3-js's answer.
 * NO_CELL where latitude is not within -90..90 or longitude not within -180..360, or either is NaN.
 */
export function pointsToCells(
  index: CellIndex,
  lats: Float64Array,
  lngs: Float64Array,
  n: number,
  cells: BigUint64Array,
): void {
  const { axes, ladder, branches } = index;
  const words = wordsOf(cells);
  let face = index.face;
  for (let i = 0; i < n; i++) {
    const lat = lats[i] as number;
    const lng = lngs[i] as number;
    if (!(lat >= -90 && lat <= 90 && lng >= -180 && lng <= 360)) {
      words[2 * i] = 0;
      words[2 * i + 1] = 0;
      continue;
    }

    // The point on the unit sphere, by the sum formulas from the nearest whole degree.
    const latDegree = (lat + 180.5) | 0;
    const lngDegree = (lng + 180.5) | 0;
    const dLat = (lat - (latDegree - 180)) * RADIANS;
    const dLng = (lng - (lngDegree - 180)) * RADIANS;
    const latSin = DEGREE_SIN[latDegree] as number;
    const latCos = DEGREE_COS[latDegree] as number;
    const lngSin = DEGREE_SIN[lngDegree] as number;
    const lngCos = DEGREE_COS[lngDegree] as number;
    const cosLat = latCos * smallCos(dLat) - latSin * smallSin(dLat);
    const x = cosLat * (lngCos * smallCos(dLng) - lngSin * smallSin(dLng));
    const y = cosLat * (lngSin * smallCos(dLng) + lngCos * smallSin(dLng));
    const z = latSin * smallCos(dLat) + latCos * smallSin(dLat);

    // Its lattice coordinates q and r on the last point's face, or else on the nearest face.
    let w = along(axes, 9 * face, x, y, z);
    let q = along(axes, 9 * face + 3, x, y, z) / w;
    let r = along(axes, 9 * face + 6, x, y, z) / w;
    if (!isInsideFace(w, q, r)) {
      face = nearestFace(axes, x, y, z);
      w = along(axes, 9 * face, x, y, z);
      q = along(axes, 9 * face + 3, x, y, z) / w;
      r = along(axes, 9 * face + 6, x, y, z) / w;
      if (!isInsideFace(w, q, r)) {
        writeCellByH3(lat, lng, words, i);
        continue;
      }
    }

    // The hexagon: q, r and s (their sum is 0) rounded, the one that was rounded furthest made to fit.
    let roundQ = ((q + (OFFSET + 0.5)) | 0) - OFFSET;
    let roundR = ((r + (OFFSET + 0.5)) | 0) - OFFSET;
    const roundS = ((OFFSET + 0.5 - q - r) | 0) - OFFSET;
    let restQ = q - roundQ;
    let restR = r - roundR;
    let restS = -q - r - roundS;
    const excess = roundQ + roundR + roundS;
    if (excess !== 0) {
      const sizeQ = Math.abs(restQ);
      const sizeR = Math.abs(restR);
      const sizeS = Math.abs(restS);
      if (sizeQ >= sizeR && sizeQ >= sizeS) {
        roundQ -= excess;
        restQ += excess;
      } else if (sizeR >= sizeS) {
        roundR -= excess;
        restR += excess;
      } else restS += excess;
    }
    const widest = Math.max(Math.abs(restQ - restR), Math.abs(restR - restS), Math.abs(restS - restQ));
    if (widest > 1 - EDGE_MARGIN || q * q + q * r + r * r < CENTRE_RADIUS * CENTRE_RADIUS) {
      writeCellByH3(lat, lng, words, i);
      continue;
    }

    // Eight levels up, four at a time; the branch tells how its digits are turned.
    const i9 = roundQ + roundR + OFFSET;
    const j9 = roundR + OFFSET;
    const i5 = (i9 / 49) | 0;
    const j5 = (j9 / 49) | 0;
    const lower = (i9 - 49 * i5) * 49 + (j9 - 49 * j5);
    const lowerStep = ladder[lower] as number;
    const iCarried = i5 + (lowerStep >>> 15);
    const jCarried = j5 + ((lowerStep >>> 14) & 1);
    const i1 = (iCarried / 49) | 0;
    const j1 = (jCarried / 49) | 0;
    const upper = (iCarried - 49 * i1) * 49 + (jCarried - 49 * j1);
    const upperStep = ladder[upper] as number;
    const key = (((face << BOX_BITS) + i1 + (upperStep >>> 15)) << BOX_BITS) + j1 + ((upperStep >>> 14) & 1);
    const branch = branches[key] as number;
    if (branch <= BRANCH_FOR_H3_ONLY) {
      writeCellByH3(lat, lng, words, i);
      if (branch === 0) learnBranch(index, key, upper, lower, words, i);
      continue;
    }
    const turned = (branch & TURN_MASK) * SQUARE;
    const upperDigits = (ladder[turned + upper] as number) & DIGITS_MASK;
    const lowerDigits = (ladder[turned + lower] as number) & DIGITS_MASK;
    words[2 * i] = (upperDigits << 30) | (lowerDigits << 18) | LOW_ONES;
    words[2 * i + 1] = (branch & ~TURN_MASK) | (upperDigits >>> 2);
  }
  index.face = face;
}

// Series for an angle of at most half a degree: the first left-out terms are below 1e-18 and 7e-16.
function smallSin(d: number): number {
  const d2 = d * d;
  return d * (1 - d2 * (1 / 6 - d2 * (1 / 120)));
}

function smallCos(d: number): number {
  const d2 = d * d;
  return 1 - d2 * (0.5 - d2 * (1 / 24));
}

function along(axes: Float64Array, at: number, x: number, y: number, z: number): number {
  return (axes[at] as number) * x + (axes[at + 1] as number) * y + (axes[at + 2] as number) * z;
}

/** Whether lattice coordinates lie in the face's triangle, not nearer to its sides than rounding could matter. */
function isInsideFace(w: number, q: number, r: number): boolean {
  const limit = EDGE_MARGIN - FACE_INRADIUS;
  return w > 0.7 && Q0 * q + R0 * r > limit && Q1 * q + R1 * r > limit && Q2 * q + R2 * r > limit;
}

function nearestFace(axes: Float64Array, x: number, y: number, z: number): number {
  let nearest = 0;
  let best = -1;
  for (let face = 0; face < FACES; face++) {
    const w = along(axes, 9 * face, x, y, z);
    if (w > best) {
      best = w;
      nearest = face;
    }
  }
  return nearest;
}

function writeCellByH3(lat: number, lng: number, words: Uint32Array, i: number): void {
  const [low, high] = h3IndexToSplitLong(latLngToCell(lat, lng, CELL_RESOLUTION));
  words[2 * i] = low;
  words[2 * i + 1] = high;
}

/** Learns a branch from the cell that h3-js has just given to row i, unless that cell's digits are all 0. */
function learnBranch(
  { ladder, branches }: CellIndex,
  key: number,
  upper: number,
  lower: number,
  words: Uint32Array,
  i: number,
): void {
  const low = words[2 * i] as number;
  const high = words[2 * i + 1] as number;
  const upperDigits = ((high << 2) | (low >>> 30)) & DIGITS_MASK;
  const lowerDigits = (low >>> 18) & DIGITS_MASK;
  if (upperDigits === 0 && lowerDigits === 0) return;
  branches[key] = BRANCH_FOR_H3_ONLY;
  if (isPentagon(cellToParent([low, high], 1))) return;
  for (let turn = 0; turn < 6; turn++) {
    const agrees =
      ((ladder[turn * SQUARE + upper] as number) & DIGITS_MASK) === upperDigits &&
      ((ladder[turn * SQUARE + lower] as number) & DIGITS_MASK) === lowerDigits;
    if (agrees) branches[key] = (high & ~0x3ff) | turn;
  }
}

type Vector = [number, number, number];

/** Centre and lattice axes of the 20 faces, whose corners are the centres of the 12 pentagons. */
function faceAxes(): Float64Array {
  const corners = getPentagons(0).map((cell): Vector => {
    const [lat, lng] = cellToLatLng(cell);
    const cosLat = Math.cos(lat * RADIANS);
    return [cosLat * Math.cos(lng * RADIANS), cosLat * Math.sin(lng * RADIANS), Math.sin(lat * RADIANS)];
  });
  const areJoined = (a: Vector, b: Vector) => dot(a, b) > 0.4 && dot(a, b) < 0.5;
  const axes: number[] = [];
  for (const [a, cornerA] of corners.entries()) {
    for (const [b, cornerB] of corners.entries()) {
      for (const [c, cornerC] of corners.entries()) {
        if (a > b || b > c || !areJoined(cornerA, cornerB)) continue;
        if (!areJoined(cornerB, cornerC) || !areJoined(cornerC, cornerA)) continue;
        axes.push(...axesOfFace(cornerA, sum(sum(cornerA, cornerB), cornerC)));
      }
    }
  }
  if (axes.length !== 9 * FACES) throw new Error(`got ${axes.length / 9} faces, wanted ${FACES}`);
  return Float64Array.from(axes);
}

function axesOfFace(corner: Vector, towardsCentre: Vector): number[] {
  const centre = unit(towardsCentre);
  const toCorner = unit(sum(corner, times(centre, -dot(corner, centre))));
  const across = cross(centre, toCorner);
  const scale = FACE_INRADIUS / FACE_INRADIUS_TANGENT;
  const [cos, sin] = [Math.cos(ODD_TURN) * scale, Math.sin(ODD_TURN) * scale];
  const xAxis = sum(times(toCorner, cos), times(across, sin));
  const yAxis = sum(times(toCorner, -sin), times(across, cos));
  return [...centre, ...sum(xAxis, times(yAxis, -1 / Math.sqrt(3))), ...times(yAxis, 2 / Math.sqrt(3))];
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const times = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
const unit = (a: Vector): Vector => times(a, 1 / Math.sqrt(dot(a, a)));
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

// H3's digits in steps of a sixth of a turn, counterclockwise from the first axis, and the step of each.
const DIGITS_BY_TURN = [4, 6, 2, 3, 1, 5] as const;
const STEPS_BY_TURN = [
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 0],
  [-1, -1],
  [0, -1],
] as const;

/** For each place of the 49 by 49 square: the digits of four levels in each of six turns, and the carries. */
function digitLadder(): Uint16Array {
  const ladder = new Uint16Array(6 * SQUARE);
  for (let place = 0; place < SQUARE; place++) {
    let [i, j] = [Math.floor(place / 49), place % 49];
    const turns: number[] = []; // from the finest level up; -1 is the centre
    for (let level = 0; level < 4; level++) {
      const step = level % 2 === 0 ? parentOfOdd(i, j) : parentOfEven(i, j);
      turns.push(STEPS_BY_TURN.findIndex(([di, dj]) => di === step.iFromCentre && dj === step.jFromCentre));
      [i, j] = [step.i, step.j];
    }
    for (let turn = 0; turn < 6; turn++) {
      const digits = turns.map((t) => (t < 0 ? 0 : (DIGITS_BY_TURN[(t + turn) % 6] as number)));
      const packed = digits.reduce((bits, digit, level) => bits | (digit << (3 * level)), 0);
      ladder[turn * SQUARE + place] = (i << 15) | (j << 14) | packed;
    }
  }
  return ladder;
}

/** The parent of a hexagon of an odd resolution, in the parent's lattice, and the step from its centre child. */
function parentOfOdd(i: number, j: number) {
  const [up, across] = [Math.round((3 * i - j) / 7), Math.round((i + 2 * j) / 7)];
  return {
    i: up,
    j: across,
    iFromCentre: i - (2 * up + across),
    jFromCentre: j - (3 * across - up),
  };
}

/** The same for a hexagon of an even resolution, whose lattice is turned the other way. */
function parentOfEven(i: number, j: number) {
  const [up, across] = [Math.round((2 * i + j) / 7), Math.round((3 * j - i) / 7)];
  return {
    i: up,
    j: across,
    iFromCentre: i - (3 * up - across),
    jFromCentre: j - (up + 2 * across),
  };
}

/**
 * The parent at `resolution` (0 to 9) of each of the first n cells, by bits alone, so that cells of all
 * resolutions nest. NO_CELL stays NO_CELL. `parents` may be `cells` itself.
 */
export function cellsToParents(
  cells: BigUint64Array,
  n: number,
  resolution: number,
  parents: BigUint64Array,
): void {
  const source = wordsOf(cells);
  const target = wordsOf(parents);
  const unused = (1n << BigInt(3 * (15 - resolution))) - 1n;
  const lowOnes = Number(unused & 0xffffffffn);
  const highOnes = Number(unused >> 32n) | (resolution << 20);
  for (let i = 0; i < n; i++) {
    const high = source[2 * i + 1] as number;
    const isCell = high !== 0;
    target[2 * i] = isCell ? (source[2 * i] as number) | lowOnes : 0;
    target[2 * i + 1] = isCell ? (high & ~0xf00000) | highOnes : 0;
  }
}

/** The parent at `resolution` (not finer than the cell) of one cell; NO_CELL of NO_CELL. */
export function parentCell(cell: bigint, resolution: number): bigint {
  if (cell === NO_CELL) return NO_CELL;
  const unused = (1n << BigInt(3 * (15 - resolution))) - 1n;
  return (cell & ~(0xfn << 52n)) | (BigInt(resolution) << 52n) | unused;
}

/** The cell as H3's hexadecimal text. */
export function cellText(cell: bigint): string {
  return cell.toString(16);
}

/** The cell of H3's hexadecimal text, as cellText writes it; throws when the text is not hexadecimal. */
export function textToCell(text: string): bigint {
  if (!/^[0-9a-f]{15,16}$/.test(text))
    throw new Error('got a text that is no cell, wanted hexadecimal digits');
  return BigInt(`0x${text}`);
}

/** The centre of a cell, in degrees. */
export function cellCentre(cell: bigint): { lat: number; lng: number } {
  const [lat, lng] = cellToLatLng(cellText(cell));
  return { lat, lng };
}

/** The corners of a cell, counterclockwise, in degrees; the first is repeated at the end, as GeoJSON wants. */
export function cellBoundary(cell: bigint): Position[] {
  return cellToBoundary(cellText(cell), true) as Position[];
}

/**
 * The resolution 9 cells whose centre is inside a GeoJSON Polygon's or MultiPolygon's coordinates, without those
 * in its holes, sorted and each once.
 */
export function cellsWithin(rings: Rings): bigint[] {
  const polygons = isMultiPolygon(rings) ? rings : [rings];
  const texts = new Set(polygons.flatMap((polygon) => polygonToCells(polygon, CELL_RESOLUTION, true)));
  return [...texts].sort().map(textToCell);
}

function isMultiPolygon(rings: Rings): rings is Position[][][] {
  return Array.isArray(rings[0]?.[0]?.[0]);
}

/** The cells that share a side with this one: six, or five of a pentagon; sorted. */
export function neighbours(cell: bigint): bigint[] {
  const text = cellText(cell);
  return gridDisk(text, 1)
    .filter((other) => other !== text)
    .sort()
    .map(textToCell);
}
