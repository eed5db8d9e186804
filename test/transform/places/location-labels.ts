/** Texts labelled by hand, and how well a resolver does on them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { levelOf, type Place } from '../../../schemas/gazetteer.ts';
import { metresBetween } from '../../../transform/gazetteer/metres.ts';
import { metresTo } from '../../../transform/places/place-map.ts';
import { type PlaceResolver, type Resolved, resolvePlace } from '../../../transform/places/resolve-place.ts';

export interface Label {
  readonly text: string;
  readonly kind: string;
  /** Ids of rows, any of which is right; of a junction two, joined by "+". */
  readonly expected: readonly string[];
  /** Where it is, of a place that the gazetteer may not have. */
  readonly point?: Place | undefined;
}

/** Rows of a file of tests/fixtures, value by value, without the header. */
function readRows(name: string): string[][] {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', name);
  const text = readFileSync(path, 'utf8').trim();
  const rows: string[][] = [[]];
  for (const [, inQuotes, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n|$)/g)) {
    rows.at(-1)?.push(inQuotes?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(1);
}

/** Reads our own labels: text, kind, and expected ids separated by |. */
export const readLabels = (name: string): Label[] =>
  readRows(name).map(([text = '', kind = '', expected = '']) => ({
    text,
    kind,
    expected: expected.split('|').filter((id) => id !== ''),
  }));

/** How near a row that was added by hand, or that stands for a whole building, must be to the place that is meant. */
const SAME_SITE_METRES = 200;
const POSTCODE_METRES = 250;

/**
 * Reads labels whose answers are names as the registers have them: of a place "NAME | POSTCODE", of a street "NAME,
 * LOCALITY", of a junction two names with a plus. A row of the building that a place is in is right too, as is
 * whatever lies at a postcode that is asked for.
 */
export function readNamedLabels(name: string, places: readonly Place[]): Label[] {
  const named = new Map<string, Place[]>();
  for (const place of places) named.set(place.name, [...(named.get(place.name) ?? []), place]);
  const at = (postcode: string) => places.find(({ id }) => id === postcode.replaceAll(' ', ''));
  const sites = places.filter(({ id }) => /^(?:b|cdf)-/.test(id));
  const near = (point: Place, reach: number, all: readonly Place[]) =>
    all.filter((place) => metresBetween(place, point) <= reach).map(({ id }) => id);
  const streetIds = (text: string): string[] => {
    const [street = '', locality = ''] = text.split(', ').map((part) => part.replace(/ \(.*\)/, ''));
    const all = (named.get(street) ?? []).filter((place) => levelOf(place) === 'street');
    const there = all.filter(({ areas = [] }) =>
      areas.some((area) => places.some(({ id, name }) => id === area && name.includes(locality))),
    );
    return (there.length > 0 && locality !== '' ? there : all).map(({ id }) => id);
  };
  const idsOf = (kind: string, answer: string): string[] => {
    if (kind === 'place') {
      const cut = answer.lastIndexOf(' | ');
      const [place, postcode] = [answer.slice(0, cut), answer.slice(cut + 3)];
      const rows = (named.get(place) ?? []).filter((row) => (row.postcode ?? '') === postcode);
      const point = rows[0] ?? at(postcode);
      return [...rows.map(({ id }) => id), ...(point ? near(point, SAME_SITE_METRES, sites) : [])];
    }
    if (kind === 'street') return streetIds(answer);
    if (kind === 'junction') {
      const [a = [], b = []] = answer.split(' + ').map(streetIds);
      return a.flatMap((one) => b.map((other) => `${one}+${other}`));
    }
    if (kind === 'area') {
      const names = answer.split(/ \(|\)| and /).filter((part) => part !== '');
      return [answer, ...names]
        .flatMap((area) => (named.get(area) ?? []).filter((row) => levelOf(row) === 'area'))
        .map(({ id }) => id);
    }
    const point = kind === 'postcode' ? at(answer) : undefined;
    return point ? near(point, POSTCODE_METRES, places) : [];
  };
  return readRows(name).map(([text = '', kind = '', answer = '']) => ({
    text,
    kind: kind === 'postcode' && /^\S+ \d$/.test(answer) ? 'sector' : kind,
    expected: idsOf(kind, answer),
    point: kind === 'place' ? at(answer.slice(answer.lastIndexOf(' | ') + 3)) : undefined,
  }));
}

/** What became of a text: placed rightly, placed wrongly, or not at the level at which it can be. */
export type Verdict = 'right' | 'wrong' | 'missed';

/**
 * Street or better must be one of the expected rows. An area is right where it is expected, or holds what is
 * expected: less than could be known, which is missed, but not false. A text that names nothing certain is right where
 * it is not placed at street or better.
 */
export function verdictOf(
  resolver: PlaceResolver,
  { kind, expected, text, point }: Label,
): { verdict: Verdict; resolved: Resolved } {
  const resolved = resolvePlace(resolver, text);
  const { places, areaNumbers } = resolver.map;
  const { level, place, second, area, among } = resolved.location;
  const id = (row: number) => places[row]?.id ?? '';
  const verdict = (): Verdict => {
    if (resolved.gate === 'private') return kind === 'home' ? 'right' : 'missed';
    const isPublic = kind === 'postcode' || kind === 'sector';
    const isExact = level === 'place' || level === 'street' || level === 'junction' || level === 'postcode';
    if (resolved.gate === 'unsure' && !isPublic)
      return ['nothing', 'ambiguous', 'home'].includes(kind) ? 'right' : 'missed';
    if (kind === 'sector') return level === 'sector' ? 'right' : isExact ? 'wrong' : 'missed';
    if (kind === 'nothing' || kind === 'home') return level === 'none' ? 'right' : 'wrong';
    if (kind === 'ambiguous') return isExact && among < 2 ? 'wrong' : 'right';
    if (kind === 'postcode') {
      if (!isExact) return 'missed';
      return isAtOneOf(resolver, expected, resolved) ? 'right' : 'wrong';
    }
    if (kind === 'area') {
      if (level === 'area') return expected.includes(id(area)) ? 'right' : 'wrong';
      return isExact ? 'wrong' : 'missed';
    }
    const pair = [id(place), id(second)].sort().join('+');
    const wanted = expected.map((each) => each.split('+').sort().join('+'));
    if (level === 'junction')
      return kind === 'junction'
        ? wanted.includes(pair)
          ? 'right'
          : 'wrong'
        : wanted.includes(id(place)) || wanted.includes(id(second))
          ? 'missed'
          : 'wrong';
    if (level === 'place' || (level === 'street' && place >= 0)) {
      if (wanted.includes(id(place))) return 'right';
      // The street of the place that is meant: less than could be known.
      const isOfIt = expected.some(
        (each) => rowOf(resolver, each)?.street === id(place) || each.split('+').includes(id(place)),
      );
      const isByIt = point !== undefined && metresTo(resolver.map, place, point) < POSTCODE_METRES;
      return level === 'street' && (isOfIt || isByIt) ? 'missed' : 'wrong';
    }
    if (level === 'street') return 'missed';
    if (level !== 'area') return level === 'none' || level === 'sector' ? 'missed' : 'wrong';
    const row = areaNumbers.get(id(area));
    const holds = expected.some((each) =>
      rowOf(resolver, each.split('+')[0] as string)?.areas?.includes(id(area)),
    );
    return row !== undefined && holds
      ? 'missed'
      : expected.some((each) => levelOf(rowOf(resolver, each.split('+')[0] as string) as Place) === 'place')
        ? 'missed'
        : 'wrong';
  };
  return { verdict: verdict(), resolved };
}

const rowOf = (resolver: PlaceResolver, id: string) => resolver.map.places.find((place) => place.id === id);

function isAtOneOf(resolver: PlaceResolver, ids: readonly string[], { location }: Resolved): boolean {
  return resolver.map.places.some(
    ({ id, lat, lng }) => ids.includes(id) && lat === location.point.lat && lng === location.point.lng,
  );
}

/** One line for a person: what a text was taken for. */
export function inWords(resolver: PlaceResolver, { gate, location }: Resolved): string {
  const { places } = resolver.map;
  const { level, place, second, area, among, confidence, reason } = location;
  const named = [place, second, area]
    .filter((row) => row >= 0)
    .map((row) => `${places[row]?.name} (${places[row]?.id})`);
  return `${gate === 'none' ? '' : `${gate} home, `}${level} ${named.join(' x ')}; one of ${among}, ${confidence}, ${reason}`;
}
