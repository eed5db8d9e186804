/** Rows of a gazetteer out of named points and lines. Pure. */
import type { Place } from '../../schemas/gazetteer.ts';
import { PLACE_KINDS, type PlaceKind } from '../../schemas/incident.ts';
import { numbered, round, STREET_GAP_METRES, slug, thinned } from './build-gazetteer.ts';
import { groupBy } from './group-by.ts';
import { clustersOf, middleOf, nearestTo, type Point } from './metres.ts';

export interface Feature {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isLine: boolean;
  readonly points: readonly Point[];
}

const ID = /^[A-Za-z0-9][A-Za-z0-9:_-]{0,39}$/;
const kindOf = (kind: string): Exclude<PlaceKind, 'home'> =>
  kind !== 'home' && (PLACE_KINDS as readonly string[]).includes(kind)
    ? (kind as Exclude<PlaceKind, 'home'>)
    : 'public';

/**
 * Points become places of their kind, public where they have none that is known; homes are left out. Lines become
 * streets: pieces of one name that lie near each other are one.
 */
export function featuresToPlaces(features: readonly Feature[], provenance: string): Place[] {
  const taken = new Map<string, number>();
  const places = features
    .filter(({ isLine, kind }) => !isLine && kind !== 'home')
    .map(({ id, name, kind, points: [at] }): Place => {
      const { lat, lng } = at as Point;
      return {
        id: numbered(ID.test(id) ? id : `p-${slug(name)}`, taken),
        name,
        aliases: [],
        kind: kindOf(kind),
        lat: round(lat),
        lng: round(lng),
        capacity: null,
        level: 'place',
        provenance,
      };
    });
  const lines = features.filter(({ isLine }) => isLine);
  const streets = [...groupBy(lines, ({ name }) => name)].flatMap(([name, pieces]) =>
    clustersOf(
      pieces.flatMap(({ points }) => points),
      STREET_GAP_METRES,
    ).map((along): Place => {
      const { lat, lng } = nearestTo(along, middleOf(along));
      const points = [...new Set(along.map((point) => `${round(point.lat)} ${round(point.lng)}`))];
      return {
        id: numbered(`st-${slug(name)}`, taken),
        name,
        aliases: [],
        kind: 'street',
        lat: round(lat),
        lng: round(lng),
        capacity: null,
        level: 'street',
        points: thinned(points).map((text) => text.split(' ').map(Number) as [number, number]),
        provenance,
      };
    }),
  );
  return [...places, ...streets];
}
