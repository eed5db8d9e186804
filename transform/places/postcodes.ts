/** Postcodes in a text: whole ones, sectors (CF24 3) and districts (CF24). */
import { levelOf, type Place } from '../../schemas/gazetteer.ts';
import { metresBetween, middleOf, type Point } from '../gazetteer/metres.ts';

export interface PostcodeSector {
  readonly point: Point;
  /** Metres from its middle to the furthest of its postcodes. */
  readonly radius: number;
  /** Areas that all its postcodes lie in. */
  readonly areas: readonly string[];
}

export interface PostcodeIndex {
  /** Number of the gazetteer's row by postcode, lower case without a space. */
  readonly units: ReadonlyMap<string, number>;
  readonly sectors: ReadonlyMap<string, PostcodeSector>;
  readonly districts: ReadonlyMap<string, PostcodeSector>;
}

export interface FoundPostcode {
  readonly start: number;
  readonly end: number;
  /** Number of the postcode's row; -1 where it is a sector's or a district's, or not listed. */
  readonly unit: number;
  /** Undefined where the gazetteer has no postcode of it. */
  readonly sector: PostcodeSector | undefined;
  readonly isDistrict: boolean;
}

export function createPostcodeIndex(places: readonly Place[]): PostcodeIndex {
  const units = new Map<string, number>();
  const sectors = new Map<string, Place[]>();
  const districts = new Map<string, Place[]>();
  const addTo = (map: Map<string, Place[]>, key: string, place: Place) => {
    const list = map.get(key);
    if (list) list.push(place);
    else map.set(key, [place]);
  };
  places.forEach((place, i) => {
    if (levelOf(place) !== 'postcode') return;
    const key = place.name.toLowerCase().replace(/[^a-z0-9]/g, '');
    units.set(key, i);
    addTo(sectors, key.slice(0, -2), place);
    addTo(districts, key.slice(0, -3), place);
  });
  const summed = (map: Map<string, Place[]>) => new Map([...map].map(([key, all]) => [key, sectorOf(all)]));
  return { units, sectors: summed(sectors), districts: summed(districts) };
}

function sectorOf(all: readonly Place[]): PostcodeSector {
  const point = middleOf(all);
  const [first = [], ...others] = all.map(({ areas = [] }) => areas);
  return {
    point,
    radius: Math.max(...all.map((place) => metresBetween(place, point))),
    areas: first.filter((area) => others.every((areas) => areas.includes(area))),
  };
}

const UNIT = /^([a-z]{1,2}\d[a-z\d]?)(\d)([abd-hjlnp-uw-z]{2})$/;
const SECTOR = /^([a-z]{1,2}\d[a-z\d]?)(\d)$/;
const DISTRICT = /^[a-z]{1,2}\d[a-z\d]?$/;

/** The first postcode of a text, the most exact there is; undefined where there is none. */
export function findPostcode(index: PostcodeIndex, words: readonly string[]): FoundPostcode | undefined {
  let found: FoundPostcode | undefined;
  for (let start = 0; start < words.length; start++) {
    const first = words[start] as string;
    if (first.length > 7 || !/^[a-z]{1,2}[\do]?/.test(first)) continue;
    let joined = '';
    for (let end = start + 1; end <= Math.min(words.length, start + 3); end++) {
      joined += words[end - 1] as string;
      if (joined.length > 7) break;
      if (joined.length < 3 || !/\d/.test(joined)) continue;
      const here = readPostcode(index, joined, start, end);
      if (here?.unit !== undefined && here.unit >= 0) return here;
      if (here && (!found || (found.isDistrict && !here.isDistrict))) found = here;
    }
  }
  return found;
}

function readPostcode(
  index: PostcodeIndex,
  text: string,
  start: number,
  end: number,
): FoundPostcode | undefined {
  const plain = text.replace(/^([a-z]{1,2})o/, '$10').replace(/(\d)o/g, '$10');
  const unit = UNIT.exec(plain);
  if (unit) {
    const [, out = '', digit = ''] = unit;
    const sector = index.sectors.get(out + digit);
    return { start, end, unit: index.units.get(plain) ?? -1, sector, isDistrict: false };
  }
  // A district alone needs no space, and "M4" is a road: only districts of the gazetteer count.
  const isSector = SECTOR.test(plain) && end > start + 1 && index.sectors.has(plain);
  if (isSector) return { start, end, unit: -1, sector: index.sectors.get(plain), isDistrict: false };
  if (DISTRICT.test(plain) && index.districts.has(plain))
    return { start, end, unit: -1, sector: index.districts.get(plain), isDistrict: true };
  return undefined;
}
