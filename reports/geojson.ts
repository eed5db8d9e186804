/** Protected rows of places as GeoJSON (RFC 7946), for maps: every row of the table, those without a shape too. */
import type { PartnershipRow, Released, ReleasedRow, StarredRow } from '../schemas/released.ts';
import type { Rings } from '../transform/h3-cell.ts';
import type { BoardGeography } from './board/content.ts';

/**
 * The rows as features, in their order: cells with their outline, named areas with theirs (a row of an area counts it
 * without the cells and places shown), named places as points. What is at home, not located or pooled has no geometry.
 */
export function toGeoJson(
  rows: readonly Released<ReleasedRow | StarredRow | PartnershipRow>[],
  geography: BoardGeography,
): string {
  const areas = new Map(geography.areas.map(({ code, rings }) => [code, rings]));
  const geometry = ({ level, atom }: Pick<ReleasedRow | PartnershipRow, 'level' | 'atom'>) => {
    if (level === 'cell') return polygon([geography.cellBoundary(atom)]);
    if (level === 'area') return polygon(areas.get(atom));
    const at = level === 'place' ? geography.place?.(atom)?.at : undefined;
    return at ? { type: 'Point', coordinates: at } : null;
  };
  const features = rows.map((row) => ({
    type: 'Feature',
    id: `${row.source} ${row.period} ${row.level} ${row.atom}`,
    geometry: geometry(row),
    properties: row,
  }));
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}

function polygon(rings: Rings | undefined) {
  if (!rings) return null;
  const isOne = typeof rings[0]?.[0]?.[0] === 'number';
  return { type: isOne ? 'Polygon' : 'MultiPolygon', coordinates: rings };
}
