/** The files of a release, from protected rows alone. */
import {
  type PartnershipRow,
  PartnershipRow as PartnershipSchema,
  type Released,
  type ReleasedRow,
  ReleasedRow as ReleasedSchema,
} from '../schemas/released.ts';
import type { BoardContent } from './board/content.ts';
import { renderBoard, renderSummary } from './board/render.ts';
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
};

/** The released tables of a period: one a cut. */
export function releasedTables(rows: readonly Released<ReleasedRow>[]): ReleasedTable[] {
  return Object.entries(CUT_TABLES).flatMap(([cut, [name, title]]) => {
    const own = rows.filter((row) => row.cut === cut);
    return own.length === 0 ? [] : [releasedTable(name, title, ReleasedSchema, own)];
  });
}

/** The partnership tier's table. */
export const partnershipTable = (rows: readonly Released<PartnershipRow>[]): ReleasedTable =>
  releasedTable(
    'partnership_places',
    'Places over twelve months, in bands; rows do not overlap',
    PartnershipSchema,
    rows,
  );

/** Every file of a release but the manifest. `content` holds all rows to date, the tables those of the period. */
export async function releaseFiles(run: RunSql, content: BoardContent): Promise<ReleaseFile[]> {
  const board = await renderBoard(content);
  const { rows, ...summary } = content;
  const tables = releasedTables(content.released);
  const partnership = rows.length > 0 ? [partnershipTable(rows)] : [];
  const maps = content.released.filter(({ cut }) => cut === 'place');
  const csv = (table: ReleasedTable): TableFile => fileOf(table, 'csv', toCsv(table));
  const mapOf = (name: string, shown: readonly Released<ReleasedRow | PartnershipRow>[]): TableFile[] =>
    [...partnership, ...tables]
      .filter((table) => table.name === name)
      .map((table) => fileOf(table, 'geojson', toGeoJson(shown, content.geography)));
  const ofAll = [...tables.map(csv), ...mapOf('places', maps)];
  const ofBoard = [
    ...[...partnership, ...tables].flatMap((table) => [csv(table), fileOf(table, 'parquet')]),
    ...mapOf('partnership_places', rows),
    ...mapOf('places', maps),
  ];
  return [
    { path: 'board.pdf', content: board['board.pdf'] },
    { path: 'board.html', content: board['board.html'] },
    { path: 'public/summary.pdf', content: await renderSummary(summary) },
    ...ofAll.map((file) => written(run, file, 'public/')),
    { path: 'public/dictionary.md', content: dictionaryOf(tables) },
    { path: 'public/datapackage.json', content: dataPackage(content, ofAll) },
    ...ofBoard.map((file) => written(run, file, '')),
    { path: 'dictionary.md', content: dictionaryOf([...partnership, ...tables]) },
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
