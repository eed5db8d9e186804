/** Outlines and figures of the partnership's area, as it supplies them: GeoJSON and small CSV files. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { SourceError } from './source-error.ts';
import { readTable } from './table.ts';

const Position = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).rest(z.number());
const Ring = z.array(Position).min(4);
const Geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: z.array(Ring).min(1) }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(Ring).min(1)) }),
]);
const Feature = z.object({
  type: z.literal('Feature'),
  geometry: Geometry,
  properties: z.record(z.string(), z.unknown()).nullish(),
});
const GeoJson = z.union([
  z
    .object({ type: z.literal('FeatureCollection'), features: z.array(Feature).min(1) })
    .transform(({ features }) => features),
  Feature.transform((feature) => [feature]),
  Geometry.transform((geometry) => [{ type: 'Feature' as const, geometry, properties: null }]),
]);

/** Polygons of [longitude, latitude]; of each the first ring is the outline, the others are holes. */
export type Polygons = [number, number][][][];

export interface Outline {
  readonly polygons: Polygons;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Outlines of a whole county in full detail have less. */
const MOST_BYTES = 16 << 20;

/** The polygons of a GeoJSON file with their properties. @throws SourceError where it is none. */
export async function readOutlines(path: string): Promise<Outline[]> {
  const found = await stat(path).catch(() => undefined);
  if (found && found.size > MOST_BYTES)
    throw new SourceError(
      `${path} has more than ${MOST_BYTES >> 20} MB: supply outlines that are generalised, as for a map of the whole area`,
    );
  // A named pipe would be waited for without end.
  const text = await (found?.isFile() ? readFile(path, 'utf8') : Promise.reject()).catch(() => {
    throw new SourceError(`${path} is not there: supply the GeoJSON file that cardiff.yaml names`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SourceError(`${path} is not valid JSON: supply GeoJSON (WGS84, longitude before latitude)`);
  }
  const parsed = GeoJson.safeParse(json);
  if (!parsed.success)
    throw new SourceError(
      `${path} holds no polygons in degrees: supply GeoJSON (WGS84, longitude before latitude)`,
    );
  return parsed.data.map(({ geometry, properties }) => ({
    polygons: (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).map((polygon) =>
      polygon.map((ring) => ring.map(([lng, lat]): [number, number] => [lng, lat])),
    ),
    properties: properties ?? {},
  }));
}

/** A figure by cell from a CSV with the columns "cell" (H3 index in hexadecimal) and `column`. */
export async function readCellFigures(path: string, column: string): Promise<Map<string, number>> {
  const figures = new Map<string, number>();
  for await (const { line, values } of readTable(path, ['cell', column])) {
    const [cell = '', text = ''] = values;
    const figure = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!/^89[0-9a-f]{13}$/i.test(cell))
      throw new SourceError(`${path}:${line}: "${cell}" is no H3 cell of resolution 9`);
    if (!(figure >= 0))
      throw new SourceError(`${path}:${line}: ${column}: wanted a number of 0 or more, below 1,000,000,000`);
    figures.set(cell.toLowerCase(), (figures.get(cell.toLowerCase()) ?? 0) + figure);
  }
  if (![...figures.values()].some((figure) => figure > 0))
    throw new SourceError(
      `${path} holds no figure above 0: supply it, or write "not supplied" in cardiff.yaml`,
    );
  return figures;
}
