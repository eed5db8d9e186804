/** Flat geometry for maps of a town: degrees to points on paper. */
import type { Position, Rings } from '../../transform/h3-cell.ts';
import { path } from './svg.ts';

export type Point = [x: number, y: number];

/** A box in degrees. */
export interface Extent {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Turns degrees to points on paper, north up; `kilometre` is the length of one there, `seen` all that the paper holds. */
export interface Projection {
  project: (at: Position) => Point;
  kilometre: number;
  seen: Extent;
}

const KM_PER_DEGREE = 111.32;

/** The polygons of a GeoJSON Polygon's or MultiPolygon's coordinates. */
export function polygonsOf(rings: Rings): Position[][][] {
  return isMulti(rings) ? rings : [rings];
}

function isMulti(rings: Rings): rings is Position[][][] {
  return Array.isArray(rings[0]?.[0]?.[0]);
}

/** The smallest box around the points; undefined of none. */
export function extentOf(points: readonly Position[]): Extent | undefined {
  if (points.length === 0) return undefined;
  const box = { west: 180, south: 90, east: -180, north: -90 };
  for (const [lng, lat] of points) {
    box.west = Math.min(box.west, lng);
    box.east = Math.max(box.east, lng);
    box.south = Math.min(box.south, lat);
    box.north = Math.max(box.north, lat);
  }
  return box;
}

/** The box grown on each side by a share of its larger side (in kilometres). */
export function padExtent(box: Extent, share: number): Extent {
  const squeeze = Math.cos(((box.south + box.north) / 2) * (Math.PI / 180));
  const side = Math.max((box.east - box.west) * squeeze, box.north - box.south, 0.005);
  const pad = side * share;
  return {
    west: box.west - pad / squeeze,
    east: box.east + pad / squeeze,
    south: box.south - pad,
    north: box.north + pad,
  };
}

/**
 * The box grown to a share of the width and height of `whole` at least, where it is smaller; the middle stays, unless
 * that would show what lies beyond the whole.
 */
export function atLeastExtent(box: Extent, whole: Extent, share: number): Extent {
  const [west, east] = atLeastSpan([box.west, box.east], [whole.west, whole.east], share);
  const [south, north] = atLeastSpan([box.south, box.north], [whole.south, whole.north], share);
  return { west, east, south, north };
}

type Span = [from: number, to: number];

function atLeastSpan([from, to]: Span, whole: Span, share: number): Span {
  const wanted = share * (whole[1] - whole[0]);
  if (to - from >= wanted) return [from, to];
  const start = (from + to - wanted) / 2;
  const kept = Math.max(Math.min(start, whole[1] - wanted), whole[0]);
  // What was asked for stays inside, even where it lies beyond the whole.
  const shifted = Math.min(from, Math.max(to - wanted, kept));
  return [shifted, shifted + wanted];
}

/** Fits a box into `width` x `height` points, centred, with true proportions at its middle latitude. */
export function fitExtent(box: Extent, width: number, height: number): Projection {
  const lng = (box.west + box.east) / 2;
  const lat = (box.south + box.north) / 2;
  const squeeze = Math.cos((lat * Math.PI) / 180);
  const scale = Math.min(
    width / Math.max((box.east - box.west) * squeeze, 1e-6),
    height / Math.max(box.north - box.south, 1e-6),
  );
  return {
    project: ([x, y]) => [width / 2 + (x - lng) * squeeze * scale, height / 2 - (y - lat) * scale],
    kilometre: scale / KM_PER_DEGREE,
    seen: {
      west: lng - width / 2 / squeeze / scale,
      east: lng + width / 2 / squeeze / scale,
      south: lat - height / 2 / scale,
      north: lat + height / 2 / scale,
    },
  };
}

/** True where the point is inside the polygons and not in their holes. */
export function isInside([x, y]: Position, rings: Rings): boolean {
  let inside = false;
  for (const ring of polygonsOf(rings).flat()) {
    for (let i = 0; i < ring.length; i++) {
      const [x0, y0] = ring[i]!;
      const [x1, y1] = ring[(i + 1) % ring.length]!;
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
    }
  }
  return inside;
}

/** The centre of gravity of the largest outer ring: where a name goes. */
export function middleOf(rings: Rings): Position {
  let best: Position = [0, 0];
  let largest = -1;
  for (const [ring] of polygonsOf(rings)) {
    if (!ring) continue;
    const { area, centre } = centroid(ring);
    if (area > largest) {
      largest = area;
      best = centre;
    }
  }
  return best;
}

function centroid(ring: Position[]): { area: number; centre: Position } {
  const [ox, oy] = ring[0]!;
  let twice = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < ring.length; i++) {
    const [x0, y0] = ring[i]!;
    const [x1, y1] = ring[(i + 1) % ring.length]!;
    const cross = (x0 - ox) * (y1 - oy) - (x1 - ox) * (y0 - oy);
    twice += cross;
    x += (x0 + x1 - 2 * ox) * cross;
    y += (y0 + y1 - 2 * oy) * cross;
  }
  if (twice === 0) return { area: 0, centre: [ox, oy] };
  return { area: Math.abs(twice / 2), centre: [ox + x / (3 * twice), oy + y / (3 * twice)] };
}

const LEAST_STEP = 0.3;

/** All rings as one closed path. */
export function ringsPath(rings: Rings, { project }: Projection): string {
  return polygonsOf(rings)
    .flat()
    .map((ring) => path(thinOut(ring.map(project)), 'Z'))
    .join('');
}

/** Leaves out corners that lie on the one before: official outlines have far more than paper can show. */
function thinOut(points: Point[]): Point[] {
  let last: Point = [Number.NaN, Number.NaN];
  return points.filter((point) => {
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < LEAST_STEP) return false;
    last = point;
    return true;
  });
}
