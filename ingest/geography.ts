/** Outlines and figures of the partnership's area, as it supplies them: GeoJSON and small CSV files. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

/** The polygons of a GeoJSON file with their properties. @throws SourceError where it is none. */
export async function readOutlines(path: string): Promise<Outline[]> {
  const text = await readFile(path, 'utf8').catch(() => {
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
  for await (const { line, values } of readTable(createReadStream(path), ['cell', column])) {
    const [cell = '', text = ''] = values;
    const figure = Number(text || Number.NaN);
    if (!/^89[0-9a-f]{13}$/i.test(cell))
      throw new SourceError(`${path}:${line}: "${cell}" is no H3 cell of resolution 9`);
    if (!(figure >= 0)) throw new SourceError(`${path}:${line}: ${column}: wanted a number of 0 or more`);
    figures.set(cell.toLowerCase(), (figures.get(cell.toLowerCase()) ?? 0) + figure);
  }
  return figures;
}
