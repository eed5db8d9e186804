import { WARDS } from './place-names.ts';
import type { Random } from './random.ts';

/** Longitude and latitude in degrees, in GeoJSON's order. */
export type Position = [lng: number, lat: number];

/** The middle of the city: open water, so that no real place is under it. */
export const MIDDLE = { lat: 51.33, lng: -3.75 };

/** Half the extent of the city from west to east, and from south to north. */
export const HALF_WIDTH_KM = 5.25;
export const HALF_HEIGHT_KM = 4;

const KM_PER_LAT = 111.2;
const KM_PER_LNG = 111.32 * Math.cos((MIDDLE.lat * Math.PI) / 180);

/** A point so many kilometres east and north of the middle, in degrees. */
export function kmToPoint(east: number, north: number): { lat: number; lng: number } {
  return { lat: MIDDLE.lat + north / KM_PER_LAT, lng: MIDDLE.lng + east / KM_PER_LNG };
}

/** Kilometres east and north of the middle; flat, good to metres within the city. */
export function pointToKm(lat: number, lng: number): { east: number; north: number } {
  return { east: (lng - MIDDLE.lng) * KM_PER_LNG, north: (lat - MIDDLE.lat) * KM_PER_LAT };
}

/** A ward and its outside ring: closed, counterclockwise. */
export type Ward = { readonly code: string; readonly name: string; readonly ring: Position[] };

/** The shape of the city. `wardOf` gives the index in `wards` of the ward that holds a point in degrees. */
export type Outline = {
  readonly ring: Position[];
  readonly wards: readonly Ward[];
  readonly wardOf: (lat: number, lng: number) => number;
};

// The middle, the inner and the outer ring of wards meet on rays so many steps apart.
const STEPS = 84;
const RINGS = [0.2, 0.56, 1];

/**
 * A town on a bay: a coast in the south and rough land bounds elsewhere, about 10 x 8 km, cut into wards that
 * tile it exactly: neighbours have the same corners, so neither gaps nor overlaps can arise.
 */
export function inventOutline(random: Random): Outline {
  const shore = Array.from({ length: STEPS }, (_, k) => shoreKm((k * 2 * Math.PI) / STEPS));
  roughen(random, shore);
  const bounds = RINGS.map((share, ring) =>
    shore.map(
      (reach, k) =>
        reach * share * (ring < 2 ? 1 + 0.1 * Math.sin((k * 2 * Math.PI * (3 + ring)) / STEPS) : 1),
    ),
  );
  const corner = (ring: number, step: number): Position => {
    if (ring < 0) return roundPosition(0, 0);
    const k = ((step % STEPS) + STEPS) % STEPS;
    const angle = (k * 2 * Math.PI) / STEPS;
    const reach = (bounds[ring] as number[])[k] as number;
    return roundPosition(reach * Math.cos(angle), reach * Math.sin(angle));
  };
  const wards = WARDS.flatMap((names, ring) =>
    names.map((name, i): Omit<Ward, 'code'> => {
      const width = STEPS / names.length;
      const outer = Array.from({ length: width + 1 }, (_, k) => corner(ring, i * width + k));
      if (ring === 0) return { name, ring: outer };
      const inner = Array.from({ length: width + 1 }, (_, k) => corner(ring - 1, (i + 1) * width - k));
      return { name, ring: [...outer, ...inner, outer[0] as Position] };
    }),
  ).map((ward, i) => ({ code: `W${String(i + 1).padStart(2, '0')}`, ...ward }));
  const ring = Array.from({ length: STEPS + 1 }, (_, k) => corner(2, k));
  return { ring, wards, wardOf: (lat, lng) => wardIndex(bounds, lat, lng) };
}

/** Reach of the city in kilometres in a direction: an ellipse, cut by a shallow bay in the south. */
function shoreKm(angle: number): number {
  const ellipse = 1 / Math.hypot(Math.cos(angle) / HALF_WIDTH_KM, Math.sin(angle) / HALF_HEIGHT_KM);
  const south = angle - 1.5 * Math.PI;
  return ellipse * (1 - 0.22 * Math.exp(-((south / 0.3) ** 2)));
}

function roughen(random: Random, shore: number[]): void {
  const waves = [3, 5, 8, 13].map((times) => ({
    times,
    phase: random() * 2 * Math.PI,
    size: 0.05 / Math.sqrt(times),
  }));
  for (let k = 0; k < STEPS; k++) {
    const angle = (k * 2 * Math.PI) / STEPS;
    const factor = waves.reduce(
      (sum, wave) => sum + wave.size * Math.sin(wave.times * angle + wave.phase),
      1,
    );
    shore[k] = (shore[k] as number) * (factor + 0.02 * (random() - 0.5));
  }
}

/** Six decimals are a tenth of a metre; rounding here keeps the corners of neighbours the same. */
function roundPosition(east: number, north: number): Position {
  const { lat, lng } = kmToPoint(east, north);
  return [Math.round(lng * 1e6) / 1e6, Math.round(lat * 1e6) / 1e6];
}

/** The ward of a point: its share of the way to each bound, read between two rays along a straight line. */
function wardIndex(bounds: readonly number[][], lat: number, lng: number): number {
  const { east, north } = pointToKm(lat, lng);
  const turn = ((((Math.atan2(north, east) / (2 * Math.PI)) * STEPS) % STEPS) + STEPS) % STEPS;
  const k = Math.floor(turn);
  let before = 0;
  for (let ring = 0; ring < bounds.length; ring++) {
    const names = WARDS[ring] as readonly string[];
    const isLast = ring === bounds.length - 1;
    if (isLast || isWithin(bounds[ring] as number[], k, east, north)) {
      return before + Math.floor(turn / (STEPS / names.length));
    }
    before += names.length;
  }
  throw new Error('got a city without wards, wanted one');
}

/** Whether a point between rays k and k + 1 lies on the inner side of the bound's straight line between them. */
function isWithin(bound: readonly number[], k: number, east: number, north: number): boolean {
  const [x1, y1] = rayPoint(bound, k);
  const [x2, y2] = rayPoint(bound, (k + 1) % STEPS);
  return (x2 - x1) * (north - y1) - (y2 - y1) * (east - x1) >= 0;
}

function rayPoint(bound: readonly number[], k: number): [number, number] {
  const angle = (k * 2 * Math.PI) / STEPS;
  return [(bound[k] as number) * Math.cos(angle), (bound[k] as number) * Math.sin(angle)];
}
