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
import { type Recording, renderBoard, renderReceptions, renderSummary } from './board/render.ts';
import { dataPackage, dictionaryOf, type TableFile } from './data-package.ts';
import { toGeoJson } from './geojson.ts';
import { writeParquet } from './parquet.ts';
import type { RunSql } from './sql.ts';
import { type ReleasedTable, releasedTable, toCsv } from './table.ts';
import type { ReleaseFile } from './write-release.ts';

/** Name and title of the table of each cut. */
export const CUT_TABLES: Readonly<Record<ReleasedRow['cut'], readonly [name: string, title: string]>> = {
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
    return [optional({ ...table, columns }, ['value', 'high'])];
  });
}

/** What the released places hold together: public, so that anybody can tell what a value is about. */
const geographyTable = (rows: readonly Released<GeographyRow>[]): ReleasedTable =>
  optional(
    releasedTable(
      'geography',
      'The frozen geography: atoms that can be shown, those that never are, and the cells that they hold',
      GeographySchema,
      rows,
    ),
    ['cells'],
  );

/** The table with columns that can be empty. */
const optional = (table: ReleasedTable, names: readonly string[]): ReleasedTable => ({
  ...table,
  columns: table.columns.map((column) =>
    names.includes(column.name) ? { ...column, required: false } : column,
  ),
});

/** The partnership tier's table. */
export const partnershipTable = (rows: readonly Released<PartnershipRow>[]): ReleasedTable =>
  releasedTable(
    'partnership_places',
    'Places over twelve months, in bands; rows do not overlap',
    PartnershipSchema,
    rows,
  );

/** Tables whose rows are places. */
const MAPS = ['partnership_places', 'places'];

/** Every file of a release but the manifest. `content` holds all rows to date, the tables those of the period. */
export async function releaseFiles(
  run: RunSql,
  content: BoardContent,
  {
    starred,
    geography,
    recording,
  }: {
    readonly starred: readonly Released<StarredRow>[];
    readonly geography: readonly Released<GeographyRow>[];
    readonly recording: Recording;
  },
): Promise<ReleaseFile[]> {
  const board = await renderBoard(content);
  const { rows, ...summary } = content;
  const tables = [
    ...releasedTables(content.released, starred),
    ...(geography.length > 0 ? [geographyTable(geography)] : []),
  ];
  const partnership = rows.length > 0 ? [partnershipTable(rows)] : [];
  const csv = (table: ReleasedTable): TableFile => fileOf(table, 'csv', toCsv(table));
  const maps = (of: readonly ReleasedTable[]): TableFile[] =>
    of
      .filter(({ name }) => MAPS.includes(name))
      .map((table) => fileOf(table, 'geojson', toGeoJson(table, content.geography)));
  const ofAll = [...tables.map(csv), ...maps(tables)];
  const ofBoard = [
    ...[...partnership, ...tables].flatMap((table) => [csv(table), fileOf(table, 'parquet')]),
    ...maps([...partnership, ...tables]),
  ];
  return [
    { path: 'board.pdf', content: board['board.pdf'] },
    { path: 'board.html', content: board['board.html'] },
    { path: 'public/summary.pdf', content: await renderSummary(summary) },
    ...renderReceptions(summary, recording).map(({ source, pdf }) => ({
      path: `public/receptions/${source}.pdf`,
      content: pdf,
    })),
    ...ofAll.map((file) => written(run, file, 'public/')),
    { path: 'public/dictionary.md', content: dictionaryOf(content, tables) },
    { path: 'public/datapackage.json', content: dataPackage(content, ofAll) },
    ...ofBoard.map((file) => written(run, file, '')),
    { path: 'dictionary.md', content: dictionaryOf(content, [...partnership, ...tables]) },
    { path: 'datapackage.json', content: dataPackage(content, ofBoard) },
  ];
}

/** A table's file, from the package that it is in. */
export const fileOf = (table: ReleasedTable, format: TableFile['format'], content?: string): TableFile => ({
  table,
  format,
  path: `tables/${table.name}.${format}`,
  ...(content !== undefined && { content }),
});

/** The file as a release has it; without content it is Parquet, which DuckDB writes. */
export const written = (run: RunSql, { table, path, content }: TableFile, folder: string): ReleaseFile => ({
  path: `${folder}${path}`,
  content: content ?? ((target) => writeParquet(run, table, target)),
});
