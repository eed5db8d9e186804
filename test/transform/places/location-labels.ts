/** Texts labelled by hand, and how well a resolver does on them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { levelOf, type Place } from '../../../schemas/gazetteer.ts';
import { type PlaceResolver, type Resolved, resolvePlace } from '../../../transform/places/resolve-place.ts';

export interface Label {
  readonly text: string;
  readonly kind: string;
  /** Ids of rows, any of which is right; of a junction two, joined by "+". */
  readonly expected: readonly string[];
}

/** Reads a file of tests/fixtures with the columns text, kind and expected. */
export function readLabels(name: string): Label[] {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', name);
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const values = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, inQuotes, plain]) => inQuotes?.replaceAll('""', '"') ?? plain ?? '',
      );
      const [text = '', kind = '', expected = ''] = values;
      return { text, kind, expected: expected.split('|').filter((id) => id !== '') };
    });
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
  { kind, expected, text }: Label,
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
      if (level !== 'postcode') return isExact ? 'wrong' : 'missed';
      return samePoint(resolver, expected[0] ?? '', resolved) ? 'right' : 'wrong';
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
        (each) =>
          rowOf(resolver, each.split('+')[0] as string)?.street === id(place) ||
          each.split('+').includes(id(place)),
      );
      return level === 'street' && isOfIt ? 'missed' : 'wrong';
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

function samePoint(resolver: PlaceResolver, id: string, { location }: Resolved): boolean {
  const row = rowOf(resolver, id);
  return row !== undefined && row.lat === location.point.lat && row.lng === location.point.lng;
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
