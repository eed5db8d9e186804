/** A protected table of places as GeoJSON (RFC 7946), for maps: every row of it, those without a shape too. */
import { areaOfPart } from '../schemas/released.ts';
import type { Rings } from '../transform/h3-cell.ts';
import type { BoardGeography } from './board/content.ts';
import type { ReleasedTable } from './table.ts';

/**
 * The rows as features, in their order: cells with their outline, parts of areas with that of the larger cell, named
 * areas with theirs (a row counts what of it is not in a row inside it), named places as points. What is at home, not located or pooled has no geometry.
 */
export function toGeoJson({ rows, columns }: ReleasedTable, geography: BoardGeography): string {
  const areas = new Map(geography.areas.map(({ code, rings }) => [code, rings]));
  const geometry = (level: unknown, atom: string) => {
    if (level === 'cell') return polygon([geography.cellBoundary(atom)]);
    if (level === 'part') return polygon([geography.cellBoundary(atom.slice(areaOfPart(atom).length + 1))]);
    if (level === 'area') return polygon(areas.get(atom));
    const at = level === 'place' ? geography.place?.(atom)?.at : undefined;
    return at ? { type: 'Point', coordinates: at } : null;
  };
  const features = rows.map((row) => ({
    type: 'Feature',
    id: [row['source'], row['period'], row['level'], row['atom']].join(' '),
    geometry: geometry(row['level'], String(row['atom'])),
    // The columns of the table and nothing else that a row may carry.
    properties: Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])),
  }));
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}

function polygon(rings: Rings | undefined) {
  if (!rings) return null;
  const isOne = typeof rings[0]?.[0]?.[0] === 'number';
  return { type: isOne ? 'Polygon' : 'MultiPolygon', coordinates: rings };
}
