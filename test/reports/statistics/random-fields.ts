import type { Neighbours } from '../../../reports/statistics/neighbours.ts';

/** A hexagonal field of cells within `radius` steps of a centre, with its edges. */
export function hexagon(radius: number): Neighbours {
  const cells: [number, number][] = [];
  for (let q = -radius; q <= radius; q++) {
    for (let r = -radius; r <= radius; r++) if (Math.abs(q + r) <= radius) cells.push([q, r]);
  }
  const index = new Map(cells.map(([q, r], i) => [`${q} ${r}`, i]));
  const steps = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, -1],
    [-1, 1],
  ] as const;
  const offsets = [0];
  const indices: number[] = [];
  for (const [q, r] of cells) {
    for (const [dq, dr] of steps) {
      const neighbour = index.get(`${q + dq} ${r + dr}`);
      if (neighbour !== undefined) indices.push(neighbour);
    }
    offsets.push(indices.length);
  }
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

/** A cell and its neighbours. */
export function starOf(neighbours: Neighbours, i: number): number[] {
  return [i, ...neighbours.indices.subarray(neighbours.offsets[i], neighbours.offsets[i + 1])];
}

/** A cell drawn at random among those with all six neighbours. */
export function drawInnerCell(neighbours: Neighbours, random: () => number): number {
  const n = neighbours.offsets.length - 1;
  for (;;) {
    const cell = Math.floor(random() * n);
    if (starOf(neighbours, cell).length === 7) return cell;
  }
}

/** People about: log-normal with a spread of 1.8, nobody in every fifth cell. */
export function drawExposure(n: number, random: () => number): Float64Array {
  return Float64Array.from({ length: n }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return random() < 0.2 ? 0 : Math.exp(1.8 * normal);
  });
}

/** At least `incidents` incidents that fall in proportion to exposure, each bringing bunchOf() to its cell. */
export function drawIncidents(
  exposure: Float64Array,
  incidents: number,
  random: () => number,
  bunchOf: () => number = () => 1,
): Int32Array {
  const cumulative = new Float64Array(exposure.length);
  let people = 0;
  exposure.forEach((about, i) => {
    people += about;
    cumulative[i] = people;
  });
  const counts = new Int32Array(exposure.length);
  for (let drawn = 0; drawn < incidents; ) {
    const reach = random() * people;
    const bunch = bunchOf();
    counts[cumulative.findIndex((sum) => sum > reach)]! += bunch;
    drawn += bunch;
  }
  return counts;
}
