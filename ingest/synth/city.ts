import type { PlaceKind, Weapon } from '../../schemas/incident.ts';
import { hoursOn, type Rhythm } from './hours.ts';
import {
  HALF_HEIGHT_KM,
  HALF_WIDTH_KM,
  inventOutline,
  kmToPoint,
  type Outline,
  type Position,
  pointToKm,
} from './outline.ts';
import { CLASSES, type ClassName, type PlaceClass } from './place-classes.ts';
import { type ExcessName, SCATTERED, SITES, type Site } from './place-names.ts';
import {
  cumulate,
  drawIndex,
  drawInteger,
  drawItem,
  drawNormal,
  type Random,
  seedRandom,
  shuffle,
} from './random.ts';

/** What the city needs to know of cells; the functions of transform/h3-cell.ts fit as they are. */
export type Geometry = {
  /** Cells whose centre is within the rings of a GeoJSON polygon, in a fixed order. */
  readonly cellsWithin: (rings: Position[][]) => bigint[];
  readonly cellCentre: (cell: bigint) => { lat: number; lng: number };
  readonly cellText: (cell: bigint) => string;
  /** The cells that share a side with a cell, without itself, in a fixed order. */
  readonly neighbours: (cell: bigint) => bigint[];
};

/** A public place. `people` is the number about, on average: the exposure to which risk is proportional. */
export type Place = {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: PlaceKind;
  readonly rhythm: Rhythm;
  readonly suffixes: readonly string[];
  readonly lat: number;
  readonly lng: number;
  readonly capacity: number | null;
  readonly people: number;
  readonly cell: bigint;
};

/** A planted hotspot: a centre cell and its ring, in which the rate is a multiple of that elsewhere. */
export type Spot = {
  readonly name: string;
  readonly excess: ExcessName;
  readonly centre: bigint;
  readonly cells: readonly bigint[];
  /** Rate per exposure in its cells over the rate wherever nothing is planted. */
  readonly relativeRisk: number;
  /** Hours of the week in which all that is planted falls. */
  readonly hours: readonly number[];
  readonly weapons: readonly (readonly [Weapon, number])[];
  /** Share of its incidents that the police come to know. */
  readonly knownToPolice: number;
  /** Share of the city's exposure that lies in its cells. */
  readonly exposure: number;
};

/** An invented city: its places, and columns over its cells in the order of `cells`. */
export type City = {
  readonly outline: Outline;
  readonly places: readonly Place[];
  readonly cells: readonly bigint[];
  /** People about: the sum over the places of the cell, zero where there is none. */
  readonly exposure: readonly number[];
  readonly addresses: readonly number[];
  readonly wards: readonly number[];
  readonly spots: readonly Spot[];
};

/** Share of incidents in public that the police come to know, where nothing else is planted. */
export const KNOWN_TO_POLICE = 0.35;

const EXCESSES: Readonly<Record<ExcessName, Pick<Spot, 'hours' | 'weapons'>>> = {
  'closing time': {
    hours: [...hoursOn([4, 5], 22, 24), ...hoursOn([5, 6], 0, 3)],
    weapons: [
      ['glass_bottle', 0.4],
      ['body', 0.5],
      ['blunt', 0.04],
      ['unknown', 0.06],
    ],
  },
  'small hours': {
    hours: hoursOn([4, 5, 6], 0, 5),
    weapons: [
      ['body', 0.62],
      ['blunt', 0.16],
      ['glass_bottle', 0.14],
      ['unknown', 0.08],
    ],
  },
  'after school': {
    hours: hoursOn([0, 1, 2, 3, 4], 15, 18),
    weapons: [
      ['body', 0.78],
      ['knife_sharp', 0.14],
      ['blunt', 0.04],
      ['unknown', 0.04],
    ],
  },
  shopping: {
    hours: [...hoursOn([5], 12, 18), ...hoursOn([6], 12, 16)],
    weapons: [
      ['body', 0.8],
      ['other', 0.1],
      ['blunt', 0.05],
      ['unknown', 0.05],
    ],
  },
  'match day': {
    hours: [...hoursOn([5], 14, 19), ...hoursOn([1], 19, 22)],
    weapons: [
      ['body', 0.72],
      ['glass_bottle', 0.14],
      ['blunt', 0.09],
      ['unknown', 0.05],
    ],
  },
  evening: {
    hours: hoursOn([0, 1, 2, 3, 4, 5, 6], 18, 22),
    weapons: [
      ['body', 0.55],
      ['knife_sharp', 0.3],
      ['blunt', 0.08],
      ['unknown', 0.07],
    ],
  },
};

/**
 * Invents a city of about 190 public places in some 600 cells. The same seed gives the same city. With `plant`
 * three spots are planted: Lantern Quay (glass, closing time), another, and one of which the police know little.
 */
export function inventCity(seed: number, options: { readonly plant: boolean }, geometry: Geometry): City {
  const outline = inventOutline(seedRandom(seed, 'outline'));
  const cells = geometry.cellsWithin([outline.ring]);
  if (cells.length === 0) throw new Error('got no cells within the outline, wanted some hundred');
  const centres = cells.map(geometry.cellCentre);
  const siteCells = SITES.map((site) => ringsAbout(nearestCell(cells, centres, site), site.rings, geometry));
  const places = inventPlaces(seedRandom(seed, 'places'), { cells, siteCells }, geometry);
  const exposure = sumByCell(places, cells);
  const spots = options.plant ? plantSpots(seedRandom(seed, 'spots'), siteCells, places) : [];
  const wards = centres.map(({ lat, lng }) => outline.wardOf(lat, lng));
  const addresses = inventAddresses(seedRandom(seed, 'addresses'), cells, centres, places);
  return { outline, places, cells, exposure, addresses, wards, spots };
}

function nearestCell(
  cells: readonly bigint[],
  centres: readonly { lat: number; lng: number }[],
  site: Site,
): bigint {
  let best = Number.POSITIVE_INFINITY;
  let nearest = cells[0] as bigint;
  for (const [i, cell] of cells.entries()) {
    const centre = centres[i] as { lat: number; lng: number };
    const { east, north } = pointToKm(centre.lat, centre.lng);
    const distance = (east - site.east) ** 2 + (north - site.north) ** 2;
    if (distance < best) {
      best = distance;
      nearest = cell;
    }
  }
  return nearest;
}

/** A cell, its ring and, for two rings, the ring about that; the centre first. */
function ringsAbout(centre: bigint, rings: 1 | 2, geometry: Geometry): bigint[] {
  const first = [centre, ...geometry.neighbours(centre)];
  return rings === 1 ? first : [...new Set([...first, ...first.flatMap(geometry.neighbours)])];
}

function inventPlaces(
  random: Random,
  { cells, siteCells }: { cells: readonly bigint[]; siteCells: readonly bigint[][] },
  geometry: Geometry,
): Place[] {
  const places: Place[] = [];
  const add = (className: ClassName, names: string, cell: bigint, busy: number): void => {
    places.push(inventPlace(random, { id: places.length + 1, className, names, cell, busy }, geometry));
  };
  for (const [s, site] of SITES.entries()) {
    const near = siteCells[s] as bigint[];
    let rank = 0;
    for (const [className, names] of classesOf(site.places)) {
      for (const name of names) {
        // The first is in the middle, the rest in any cell of the site, the middle twice as likely.
        const spread = Math.max(0, Math.floor(random() * (near.length + 1)) - 1);
        add(className, name, near[rank++ === 0 ? 0 : spread] as bigint, site.busy);
      }
    }
  }
  const taken = new Set(siteCells.flat());
  const within = new Set(cells);
  const free = cells.filter((cell) => !taken.has(cell) && isInland(cell, within, geometry));
  for (const [className, names] of classesOf(SCATTERED)) {
    for (const name of names) add(className, name, drawItem(random, free), 0.7);
  }
  return places;
}

function isInland(cell: bigint, within: ReadonlySet<bigint>, geometry: Geometry): boolean {
  return geometry.neighbours(cell).every((other) => within.has(other));
}

function classesOf(places: Site['places']): [ClassName, readonly string[]][] {
  return Object.entries(places) as [ClassName, readonly string[]][];
}

type PlacePlan = { id: number; className: ClassName; names: string; cell: bigint; busy: number };

function inventPlace(random: Random, plan: PlacePlan, geometry: Geometry): Place {
  const { kind, rhythm, people, capacity, suffixes }: PlaceClass = CLASSES[plan.className];
  const [name, ...aliases] = plan.names.split('|') as [string, ...string[]];
  const centre = geometry.cellCentre(plan.cell);
  const middle = pointToKm(centre.lat, centre.lng);
  // A cell of resolution 9 holds a circle of about 0.17 km, so 0.1 km from its centre is inside it.
  const angle = random() * 2 * Math.PI;
  const reach = 0.1 * Math.sqrt(random());
  const point = kmToPoint(middle.east + reach * Math.cos(angle), middle.north + reach * Math.sin(angle));
  return {
    id: `P${String(plan.id).padStart(3, '0')}`,
    name,
    aliases,
    kind,
    rhythm,
    suffixes,
    lat: Math.round(point.lat * 1e6) / 1e6,
    lng: Math.round(point.lng * 1e6) / 1e6,
    capacity: capacity === null ? null : drawInteger(random, capacity[0] / 10, capacity[1] / 10) * 10,
    people: Math.max(1, Math.round(drawInteger(random, people[0], people[1]) * plan.busy)),
    cell: plan.cell,
  };
}

function sumByCell(places: readonly Place[], cells: readonly bigint[]): number[] {
  const people = new Map<bigint, number>();
  for (const place of places) people.set(place.cell, (people.get(place.cell) ?? 0) + place.people);
  return cells.map((cell) => people.get(cell) ?? 0);
}

function plantSpots(random: Random, siteCells: readonly bigint[][], places: readonly Place[]): Spot[] {
  const candidates = SITES.flatMap((site, i) => (site.excess === null ? [] : [i]));
  const [quay, ...others] = candidates as [number, ...number[]];
  const total = places.reduce((sum, place) => sum + place.people, 0);
  return [quay, ...shuffle(random, others).slice(0, 2)].map((index, rank): Spot => {
    const site = SITES[index] as Site;
    const cells = siteCells[index] as bigint[];
    const within = new Set(cells);
    const people = places.reduce((sum, place) => sum + (within.has(place.cell) ? place.people : 0), 0);
    const excess = site.excess as ExcessName;
    return {
      name: site.name,
      excess,
      centre: cells[0] as bigint,
      cells,
      // The first is where something is done about it: what is left then is no less than the least of the others.
      relativeRisk: rank === 0 ? 7.5 : drawInteger(random, 9, 16) / 2,
      ...EXCESSES[excess],
      knownToPolice: rank === 2 ? 0.12 : KNOWN_TO_POLICE,
      exposure: people / total,
    };
  });
}

/** Postal addresses of each cell: dense inside, thin at the edge, none in parks and where only clubs are. */
function inventAddresses(
  random: Random,
  cells: readonly bigint[],
  centres: readonly { lat: number; lng: number }[],
  places: readonly Place[],
): number[] {
  const bare = new Set(places.filter((place) => place.kind === 'park').map((place) => place.cell));
  const club = places.find((place) => place.rhythm === 'night' && place.kind === 'street');
  if (club !== undefined) bare.add(club.cell);
  return cells.map((cell, i) => {
    const { lat, lng } = centres[i] as { lat: number; lng: number };
    const { east, north } = pointToKm(lat, lng);
    const reach = Math.hypot(east / HALF_WIDTH_KM, north / HALF_HEIGHT_KM);
    const draw = random();
    const spread = drawNormal(random);
    const few = drawInteger(random, 1, 7);
    if (bare.has(cell) || draw < 0.05) return 0;
    if (draw < 0.13) return few;
    return Math.max(8, Math.round(420 * Math.exp(-1.1 * reach + 0.3 * spread)));
  });
}

/** Residents of each ward, in the order of the outline's wards: about 2.2 an address. */
export function wardPopulations(city: City): number[] {
  const addresses = new Array<number>(city.outline.wards.length).fill(0);
  for (const [i, ward] of city.wards.entries()) {
    addresses[ward] = (addresses[ward] as number) + (city.addresses[i] as number);
  }
  return addresses.map((count) => Math.round(count * 2.2));
}

/** A home: a cell drawn in proportion to its addresses, as an index into the city's cells. */
export function homePicker(city: City): (random: Random) => number {
  const sums = cumulate(city.addresses);
  return (random) => drawIndex(random, sums);
}
