/** Distances on the ground between points that are at most some tens of kilometres apart. */

export interface Point {
  readonly lat: number;
  readonly lng: number;
}

const METRES_PER_DEGREE = 111_195;

/** Metres between two points, on a plane that touches the earth between them. */
export function metresBetween(a: Point, b: Point): number {
  const north = (a.lat - b.lat) * METRES_PER_DEGREE;
  const east = (a.lng - b.lng) * METRES_PER_DEGREE * Math.cos(((a.lat + b.lat) * Math.PI) / 360);
  return Math.hypot(north, east);
}

/** Metres east and north of a middle, on a plane that touches the earth there; good to a thousandth within a county. */
export const onPlane = (middle: Point, { lat, lng }: Point): [east: number, north: number] => [
  (lng - middle.lng) * METRES_PER_DEGREE * Math.cos((middle.lat * Math.PI) / 180),
  (lat - middle.lat) * METRES_PER_DEGREE,
];

/** The middle of points. */
export function middleOf(points: readonly Point[]): Point {
  const sum = (of: 'lat' | 'lng') => points.reduce((total, point) => total + point[of], 0) / points.length;
  return { lat: sum('lat'), lng: sum('lng') };
}

/** The one of the points that lies nearest to a point. */
export const nearestTo = <P extends Point>(points: readonly P[], to: Point): P =>
  points.reduce((best, point) => (metresBetween(point, to) < metresBetween(best, to) ? point : best));

/** Groups of points in which each is within `reach` metres of another of its group, in the order of their first. */
export function clustersOf<P extends Point>(points: readonly P[], reach: number): P[][] {
  const left = new Set(points);
  const clusters: P[][] = [];
  for (const first of points) {
    if (!left.delete(first)) continue;
    const cluster = [first];
    for (let i = 0; i < cluster.length; i++) {
      for (const other of left) {
        if (metresBetween(cluster[i] as P, other) > reach) continue;
        left.delete(other);
        cluster.push(other);
      }
    }
    clusters.push(cluster);
  }
  return clusters;
}
