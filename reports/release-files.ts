/** The files of a release, from protected rows alone. */
import {
  type GeographyRow,
  GeographyRow as GeographySchema,
  type PartnershipRow,
  PartnershipRow as PartnershipSchema,
  type Released,
  type ReleasedRow,
  ReleasedRow as ReleasedSchema,
  type StarredRow,
} from '../schemas/released.ts';
import type { BoardContent } from './board/content.ts';
import { renderBoard, renderSummary } from './board/render.ts';
import { writeParquet } from './parquet.ts';
import type { RunSql } from './sql.ts';
import { type ReleasedTable, releasedTable, toCsv } from './table.ts';
import type { ReleaseFile } from './write-release.ts';

const CUT_TABLES: Readonly<Record<ReleasedRow['cut'], readonly [name: string, title: string]>> = {
  month: ['months', 'The area by month'],
  place: ['places', 'Places by quarter: cells, named areas and what is held together'],
  weapon: ['weapons', 'Weapons by quarter, the area as a whole'],
  place_kind: ['place_kinds', 'Kinds of place by quarter, the area as a whole'],
  night_band: [
    'night_bands',
    'Parts of the day by quarter, the area as a whole; a night belongs to the day on which it began',
  ],
  located: ['located', 'How many records could be put on the map, by quarter'],
  late: ['late', 'Suppliers that delivered after their period was frozen; part of no other figure'],
};

/** The released tables of a period: one a cut. */
export function releasedTables(
  shown: readonly Released<ReleasedRow>[],
  starred: readonly Released<StarredRow>[] = [],
): ReleasedTable[] {
  const key = ({ source, period, level, atom }: ReleasedRow | StarredRow) =>
    JSON.stringify([source, period, level, atom]);
  const rows =
    starred.length === 0 ? shown : [...shown, ...starred].toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return Object.entries(CUT_TABLES).flatMap(([cut, [name, title]]) => {
    const own = rows.filter((row) => row.cut === cut);
    if (own.length === 0) return [];
    const table = releasedTable(name, title, ReleasedSchema, own);
    const columns = table.columns.map((each) => (each.name === 'value' ? { ...each, missing: '*' } : each));
    return [{ ...table, columns }];
  });
}

/** What the released places hold together: public, so that anybody can tell what a value is about. */
const geographyTable = (rows: readonly Released<GeographyRow>[]): ReleasedTable =>
  releasedTable(
    'geography',
    'The frozen geography: atoms that can be shown, those that never are, and the cells that they hold',
    GeographySchema,
    rows,
  );

/** The partnership tier's table. */
export const partnershipTable = (rows: readonly Released<PartnershipRow>[]): ReleasedTable =>
  releasedTable(
    'partnership_places',
    'Places over twelve months, in bands; rows do not overlap',
    PartnershipSchema,
    rows,
  );

/** Every file of a release but the manifest. `content` holds all rows to date, the tables those of the period. */
export async function releaseFiles(
  run: RunSql,
  content: BoardContent,
  {
    starred,
    geography,
  }: {
    readonly starred: readonly Released<StarredRow>[];
    readonly geography: readonly Released<GeographyRow>[];
  },
): Promise<ReleaseFile[]> {
  const board = await renderBoard(content);
  const { rows, ...summary } = content;
  const tables = [
    ...releasedTables(content.released, starred),
    ...(geography.length > 0 ? [geographyTable(geography)] : []),
  ];
  const partnership = rows.length > 0 ? [partnershipTable(rows)] : [];
  const files: ReleaseFile[] = [
    { path: 'board.pdf', content: board['board.pdf'] },
    { path: 'board.html', content: board['board.html'] },
    { path: 'public/summary.pdf', content: await renderSummary(summary) },
    ...tables.map((table) => ({ path: `public/tables/${table.name}.csv`, content: toCsv(table) })),
    { path: 'public/datapackage.json', content: dataPackage(content, tables, 'tables/') },
  ];
  for (const table of [...partnership, ...tables]) {
    files.push({ path: `tables/${table.name}.csv`, content: toCsv(table) });
    files.push({ path: `tables/${table.name}.parquet`, content: (path) => writeParquet(run, table, path) });
  }
  if (partnership.length > 0)
    files.push({ path: 'tables/partnership_places.geojson', content: placesGeoJson(content) });
  files.push({
    path: 'datapackage.json',
    content: dataPackage(content, [...partnership, ...tables], 'tables/'),
  });
  return files;
}

/** Frictionless Data Package (version 2) of the CSV files: what each column means. */
function dataPackage(
  { partnership, period, policy }: BoardContent,
  tables: readonly ReleasedTable[],
  folder: string,
): string {
  const resources = tables.map(({ name, title, columns }) => ({
    name,
    title,
    path: `${folder}${name}.csv`,
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: {
      fields: columns.map((column) => ({
        name: column.name,
        type: column.type,
        description: column.description,
      })),
      missingValues: ['', '*'],
    },
  }));
  const about = {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: `violence-${period.toLowerCase()}`,
    title: `${partnership}: ${period}`,
    description: `Disclosure policy ${policy.name}. A value stands for any true number from low to high.`,
    policy,
    resources,
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

/** Cells of the partnership tier as GeoJSON; rows without a shape of their own are left out. */
function placesGeoJson({ rows, geography }: BoardContent): string {
  const features = rows
    .filter((row) => row.level === 'cell')
    .map(({ atom, ...row }) => ({
      type: 'Feature',
      properties: { cell: atom, ...row },
      geometry: { type: 'Polygon', coordinates: [geography.cellBoundary(atom)] },
    }));
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}
