/** A gazetteer out of public lists: a food-hygiene register, postcodes, and outlines of areas. Pure. */
import { levelOf, type Place } from '../../schemas/gazetteer.ts';
import {
  type AddressParts,
  NO_STREET_NAME,
  partsOfAddress,
  STREET_TYPES,
  WELSH_STREET_TYPES,
} from './address.ts';
import { kindOfBusiness } from './business-kinds.ts';
import { groupBy } from './group-by.ts';
import { clustersOf, metresBetween, middleOf, nearestTo, type Point } from './metres.ts';

export interface Business extends Point {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly address: readonly string[];
  readonly postcode: string;
  /** Name of the register that it is from. */
  readonly register: string;
}

export interface PostcodePoint extends Point {
  readonly postcode: string;
  readonly ward: string;
}

export interface AreaOutline {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly polygons: readonly (readonly (readonly (readonly [lng: number, lat: number])[])[])[];
  readonly provenance: string;
}

export interface PublicLists {
  readonly businesses: readonly Business[];
  readonly postcodes: readonly PostcodePoint[];
  readonly areas: readonly AreaOutline[];
}

/** Two addresses of one street are seldom further apart; of two streets of one name seldom nearer. */
export const STREET_GAP_METRES = 900;
const MOST_STREET_POINTS = 40;
/** So many businesses in one building make it a place of its own, such as an arcade or a market. */
const COMPLEX_BUSINESSES = 4;
const COMPLEX_METRES = 250;
/** A town or a suburb that addresses name is one from so many businesses on. */
const LOCALITY_BUSINESSES = 3;

interface Located extends Business {
  readonly parts: AddressParts;
  readonly areas: readonly string[];
}

/** Places, streets, areas and postcodes, in this order, each by name; a business without an address or a point is left out. */
export function buildGazetteer({ businesses, postcodes, areas }: PublicLists): Place[] {
  const pointed = withPoints(businesses, postcodes);
  const localities = localitiesOf(pointed, areas);
  const outlined = areas.map((area) => outlineToPlace(area));
  const areaRows = [...outlined, ...localities];
  const streets = knownStreets(pointed);
  const parts = withOneSpelling(
    pointed.map((business) => partsOfAddress(business.address[0] as string, streets)),
  );
  const located = pointed.map(
    (business, i): Located => ({
      ...business,
      parts: parts[i] as AddressParts,
      areas: areasOf(business, areas, localities),
    }),
  );
  const streetRows = streetsOf(located);
  const withStreets = (business: Located) =>
    streetRows.find(
      ({ name, points: along = [] }) => name === business.parts.street && isAlong(along, business),
    )?.id;
  const rows = [...placesOf(located, withStreets), ...complexesOf(located)];
  return [
    ...rows.sort(byName),
    ...streetRows.sort(byName),
    ...areaRows.sort(byName),
    ...postcodes.map((postcode) => postcodeToPlace(postcode, areas)),
  ];
}

/** A point that is further from its postcode's than this is a mistake of the register's. */
const POSTCODE_METRES = 800;

/**
 * Businesses with points that can be trusted: their own where their postcode's is near, else that of the postcode.
 * A business without a postcode gets the point of its street, where that is one; registers place those anywhere.
 */
function withPoints(businesses: readonly Business[], postcodes: readonly PostcodePoint[]): Business[] {
  const listed = new Map(postcodes.map((postcode) => [postcode.postcode, postcode]));
  const addressed = businesses.filter(({ address }) => address.length > 0);
  const pointed = addressed.flatMap((business): Business[] => {
    if (business.postcode === '') return [];
    const centre = listed.get(business.postcode.replaceAll(' ', ''));
    const isNear = centre === undefined || metresBetween(business, centre) < POSTCODE_METRES;
    if (!Number.isNaN(business.lat) && isNear) return [business];
    return centre ? [{ ...business, lat: centre.lat, lng: centre.lng }] : [];
  });
  const streets = knownStreets(pointed);
  const streetOf = ({ address }: Business) => partsOfAddress(address[0] as string, streets).street;
  const byStreet = groupBy(pointed, streetOf);
  const others = addressed.flatMap((business): Business[] => {
    const along = business.postcode === '' ? (byStreet.get(streetOf(business)) ?? []) : [];
    if (streetOf(business) === '' || clustersOf(along, STREET_GAP_METRES).length !== 1) return [];
    const { lat, lng } = nearestTo(along, middleOf(along));
    return [{ ...business, lat, lng }];
  });
  return [...pointed, ...others];
}

const byName = (a: Place, b: Place) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1);
const isAlong = (points: readonly (readonly [number, number])[], { lat, lng }: Point) =>
  points.some(([a, b]) => metresBetween({ lat: a, lng: b }, { lat, lng }) < STREET_GAP_METRES);
/** Degrees to a metre. */
export const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
/** A name as part of an id. */
export const slug = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/['\u2019]|\p{Mn}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 30);

/** Names of streets that house numbers come before, in lower case. */
function knownStreets(businesses: readonly Business[]): Set<string> {
  const none = new Set<string>();
  return new Set([
    ...longerNames(businesses),
    ...businesses.flatMap(({ address }) => {
      const { number, street } = partsOfAddress(address[0] as string, none);
      return number !== '' && isStreetName(street) ? [street.toLowerCase()] : [];
    }),
  ]);
}

/** Names of three words, in lower case, with which several addresses end that have no number: one word is seldom shared by chance. */
function longerNames(businesses: readonly Business[]): string[] {
  const ends = businesses.flatMap(({ address }) => {
    const words = (address[0] as string).toLowerCase().split(/[\s,]+/);
    return /\d/.test(words.slice(-4).join('')) || !STREET_TYPES.has(words.at(-1) as string) ? [] : [words];
  });
  const byTwo = groupBy(ends, (words) => words.slice(-2).join(' '));
  return [...byTwo].flatMap(([, all]) => {
    const longer = new Set(all.map((words) => words.slice(-3).join(' ')));
    const [only = ''] = longer;
    return all.length > 2 &&
      longer.size === 1 &&
      only.split(' ').length === 3 &&
      !NO_STREET_NAME.test(only.split(' ')[0] as string)
      ? [only]
      : [];
  });
}

function isStreetName(name: string): boolean {
  const words = name.toLowerCase().split(/[ -]+/);
  const [last = ''] = words.slice(-1);
  if (/\d|,/.test(name) || words.length > 6 || /^(?:unit|stall|floor|block)/.test(words[0] ?? ''))
    return false;
  return words.length > 1 || STREET_TYPES.has(last) || name.length > 6;
}

const looksLikeStreet = (name: string) => {
  const words = name.toLowerCase().split(/[ -]+/);
  return (
    isStreetName(name) &&
    (STREET_TYPES.has(words.at(-1) as string) ||
      WELSH_STREET_TYPES.has(words[0] as string) ||
      /^The /.test(name))
  );
};

/** Streets that are the same but for dots and apostrophes, as most addresses have them. */
function withOneSpelling(all: readonly AddressParts[]): AddressParts[] {
  const plain = ({ street }: AddressParts) => street.replaceAll(/['’.]/g, '').toLowerCase();
  const spelt = new Map(
    [...groupBy(all, plain)].map(([key, same]) => {
      const often = [...groupBy(same, ({ street }) => street)].map(([street, { length }]) => ({
        street,
        length,
      }));
      return [key, often.reduce((most, one) => (one.length > most.length ? one : most)).street];
    }),
  );
  return all.map((parts) => ({ ...parts, street: spelt.get(plain(parts)) ?? parts.street }));
}

function streetsOf(businesses: readonly Located[]): Place[] {
  const byStreet = groupBy(
    businesses.filter(({ parts }) => parts.street !== '' && isStreetName(parts.street)),
    ({ parts }) => parts.street,
  );
  const taken = new Map<string, number>();
  return [...byStreet].flatMap(([name, all]) => {
    if (!looksLikeStreet(name) && all.filter(({ parts }) => parts.number !== '').length < 2) return [];
    return clustersOf(all, STREET_GAP_METRES).map((cluster): Place => {
      const centre = nearestTo(cluster, middleOf(cluster));
      const id = numbered(`st-${slug(name)}`, taken);
      const along = [...new Set(cluster.map(({ lat, lng }) => `${round(lat)} ${round(lng)}`))].sort();
      return {
        id,
        name,
        aliases: [],
        kind: 'street',
        lat: round(centre.lat),
        lng: round(centre.lng),
        capacity: null,
        level: 'street',
        areas: [...new Set(cluster.flatMap(({ areas }) => areas))].sort(),
        points: thinned(along).map((text) => text.split(' ').map(Number) as [number, number]),
        provenance: `street of ${cluster[0]?.register}`,
      };
    });
  });
}

/** So many of the points along a street as are kept, evenly spread. */
export const thinned = (points: readonly string[]) =>
  points.length <= MOST_STREET_POINTS
    ? points
    : Array.from(
        { length: MOST_STREET_POINTS },
        (_, i) => points[Math.round((i * (points.length - 1)) / (MOST_STREET_POINTS - 1))] as string,
      );

/** An id, or where it is taken the next with a number. */
export function numbered(id: string, taken: Map<string, number>): string {
  const n = (taken.get(id) ?? 0) + 1;
  taken.set(id, n);
  return n === 1 ? id : `${id}-${n}`;
}

function placesOf(
  businesses: readonly Located[],
  streetOf: (business: Located) => string | undefined,
): Place[] {
  const shared = new Map<string, number>();
  for (const { parts } of businesses) {
    const key = buildingAlias(parts.building).toLowerCase();
    shared.set(key, (shared.get(key) ?? 0) + 1);
  }
  return businesses.flatMap((business): Place[] => {
    const { parts, id, name, type, lat, lng, postcode, areas, register } = business;
    const kind = kindOfBusiness(type, name, parts.building);
    if (!kind || !/[A-Za-z]{2}|\d/.test(name)) return [];
    const alias = buildingAlias(parts.building);
    const isOwn = alias !== '' && (shared.get(alias.toLowerCase()) ?? 0) < 2;
    const street = streetOf(business);
    return [
      {
        id: `fsa-${id}`,
        name: printed(name),
        aliases: isOwn && alias.toLowerCase() !== name.toLowerCase() ? [printed(alias)] : [],
        kind,
        lat: round(lat),
        lng: round(lng),
        capacity: null,
        level: 'place',
        ...(street ? { street } : {}),
        areas: [...areas],
        ...(postcode === '' ? {} : { postcode }),
        provenance: `${register} ${id}`,
      },
    ];
  });
}

/** A building's name that may be what people call the place: not a floor, a unit, or a house with a common name. */
function buildingAlias(building: string): string {
  const last = (building.split(', ').at(-1) ?? '').trim();
  if (
    /\b(?:floors?|unit|basement|stall|site|flat|mall|ltd|limited|plc|block|building \d|kiosk|managers?|house|chambers|buildings|rooms?|estate|retail|leisure|business|trading|centre|shopping|village|stadium|university|hospital|park)\b/i.test(
      last,
    )
  )
    return '';
  return /[A-Za-z]{3}/.test(last) ? last : '';
}

const printed = (text: string) =>
  text
    .replace(/[|[\]]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** Buildings that several businesses share. */
function complexesOf(businesses: readonly Located[]): Place[] {
  const byBuilding = groupBy(
    businesses.flatMap((business) => {
      const building = (business.parts.building.split(', ').at(-1) ?? '').replace(
        /^.*\b(?:unit|stall|site) [\w-]+ /i,
        '',
      );
      return /[A-Za-z]{4}/.test(building) && !/\b(?:floors?|unit|stall|site|and \d+)\b|\d/i.test(building)
        ? [{ ...business, building }]
        : [];
    }),
    ({ building }) => building.toLowerCase(),
  );
  const taken = new Map<string, number>();
  return [...byBuilding.values()].flatMap((all): Place[] => {
    if (all.length < COMPLEX_BUSINESSES) return [];
    const centre = middleOf(all);
    if (all.some((business) => metresBetween(business, centre) > COMPLEX_METRES)) return [];
    const [{ building, register }] = all as [(typeof all)[number]];
    return [
      {
        id: numbered(`b-${slug(building)}`, taken),
        name: printed(building),
        aliases: [],
        kind: 'public',
        lat: round(centre.lat),
        lng: round(centre.lng),
        capacity: null,
        level: 'place',
        areas: [...new Set(all.flatMap(({ areas }) => areas))].sort(),
        provenance: `building of ${register}`,
      },
    ];
  });
}

/** Towns and suburbs that addresses name and that no outline has. */
function localitiesOf(businesses: readonly Business[], areas: readonly AreaOutline[]): Place[] {
  const known = new Set(areas.flatMap(({ name, aliases }) => [name, ...aliases].map(slug)));
  const byName = groupBy(
    businesses.flatMap((business) => localityNames(business).map((locality) => ({ locality, business }))),
    ({ locality }) => locality,
  );
  return [...byName].flatMap(([name, all]): Place[] => {
    if (all.length < LOCALITY_BUSINESSES || known.has(slug(name)) || /\d/.test(name)) return [];
    const centre = middleOf(all.map(({ business }) => business));
    const far = all.map(({ business }) => metresBetween(business, centre)).sort((a, b) => a - b);
    return [
      {
        id: `area-${slug(name)}`,
        name,
        aliases: [],
        kind: 'public',
        lat: round(centre.lat),
        lng: round(centre.lng),
        capacity: null,
        level: 'area',
        radius: Math.max(300, Math.round(far[Math.floor(far.length * 0.9)] as number)),
        provenance: `locality of ${all[0]?.business.register}`,
      },
    ];
  });
}

const localityNames = ({ address }: Business) => [...new Set(address.slice(1))];

function areasOf(business: Business, areas: readonly AreaOutline[], localities: readonly Place[]): string[] {
  const names = new Set(localityNames(business).map(slug));
  return [
    ...areas
      .filter(({ polygons, name }) => isWithin(polygons, business) || names.has(slug(name)))
      .map(({ id }) => id),
    ...localities.filter(({ name }) => names.has(slug(name))).map(({ id }) => id),
  ].sort();
}

/** True where a point lies inside outlines, by how often a line east of it crosses their edges. */
function isWithin(polygons: AreaOutline['polygons'], { lat, lng }: Point): boolean {
  let inside = false;
  for (const ring of polygons.flat()) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x1, y1] = ring[i] as readonly [number, number];
      const [x2, y2] = ring[j] as readonly [number, number];
      if (y1 > lat !== y2 > lat && lng < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
    }
  }
  return inside;
}

function outlineToPlace({ id, name, aliases, polygons, provenance }: AreaOutline): Place {
  const corners = polygons.flatMap(([outer = []]) => outer.map(([lng, lat]) => ({ lat, lng })));
  const [north, south] = [
    Math.max(...corners.map(({ lat }) => lat)),
    Math.min(...corners.map(({ lat }) => lat)),
  ];
  const [east, west] = [
    Math.max(...corners.map(({ lng }) => lng)),
    Math.min(...corners.map(({ lng }) => lng)),
  ];
  const centre = { lat: round((north + south) / 2), lng: round((east + west) / 2) };
  return {
    id,
    name,
    aliases: [...aliases],
    kind: 'public',
    ...centre,
    capacity: null,
    level: 'area',
    radius: Math.round(Math.max(...corners.map((corner) => metresBetween(corner, centre)))),
    provenance,
  };
}

function postcodeToPlace({ postcode, lat, lng, ward }: PostcodePoint, areas: readonly AreaOutline[]): Place {
  const listed = areas.some(({ id }) => id === ward);
  const within = listed
    ? [ward]
    : areas.filter(({ polygons }) => isWithin(polygons, { lat, lng })).map(({ id }) => id);
  return {
    id: postcode,
    name: `${postcode.slice(0, -3)} ${postcode.slice(-3)}`,
    aliases: [],
    kind: 'other',
    lat: round(lat),
    lng: round(lng),
    capacity: null,
    level: 'postcode',
    areas: within,
    provenance: 'postcode list',
  };
}

/** Rows of a gazetteer by level. */
export const ofLevel = (places: readonly Place[], level: ReturnType<typeof levelOf>): Place[] =>
  places.filter((place) => levelOf(place) === level);
