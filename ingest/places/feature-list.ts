/** Reads named points and lines of a GeoJSON file: places, and streets along their lines. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { SourceError } from '../source-error.ts';

export interface NamedFeature {
  /** As the file has it, empty where it has none. */
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isLine: boolean;
  readonly points: readonly { readonly lat: number; readonly lng: number }[];
}

const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).rest(z.number());
const Line = z.array(Position).min(2);
const Features = z.object({
  type: z.literal('FeatureCollection'),
  features: z
    .array(
      z.object({
        type: z.literal('Feature'),
        id: z.union([z.string(), z.number()]).optional(),
        geometry: z.discriminatedUnion('type', [
          z.object({ type: z.literal('Point'), coordinates: Position }),
          z.object({ type: z.literal('LineString'), coordinates: Line }),
          z.object({ type: z.literal('MultiLineString'), coordinates: z.array(Line).min(1) }),
        ]),
        properties: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .min(1),
});
/** Every street of a county has less. */
const MOST_BYTES = 64 << 20;

/**
 * The points and lines that have a name; undefined where the file holds anything else, such as outlines.
 *
 * @throws SourceError where the file is too large.
 */
export async function readFeatures(path: string): Promise<NamedFeature[] | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  if (found.size > MOST_BYTES)
    throw new SourceError(`${path} has more than ${MOST_BYTES >> 20} MB: supply what lies in the area alone`);
  const parsed = Features.safeParse(jsonOf(await readFile(path, 'utf8')));
  return parsed.data?.features.flatMap(({ id, geometry, properties }) => {
    const text = (key: string) => (typeof properties?.[key] === 'string' ? properties[key] : '');
    if (text('name') === '') return [];
    const positions =
      geometry.type === 'Point'
        ? [geometry.coordinates]
        : geometry.type === 'LineString'
          ? geometry.coordinates
          : geometry.coordinates.flat();
    return {
      id: text('id') || String(id ?? ''),
      name: text('name'),
      kind: text('kind'),
      isLine: geometry.type !== 'Point',
      points: positions.map(([lng, lat]) => ({ lat, lng })),
    };
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
