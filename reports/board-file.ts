/** board.duckdb: the protected cube alone, for people who query. Nothing in it from which more could be learnt. */
import { PartnershipRow, ReleasedRow } from '../schemas/released.ts';
import { BOARD_VIEWS } from './board-questions.ts';
import { type DescribedTable, type DuckdbSchema, typesOf, writeDuckdbFile } from './duckdb-file.ts';
import { AREA_TABLE, CELL_TABLE, type MapTables, SOURCE_TABLE } from './map-tables.ts';
import { insertRows, type WriteFile } from './sql.ts';
import { columnsOf } from './table.ts';

const SQL_TYPES = { string: 'VARCHAR', integer: 'INTEGER' };

/** A tier, whose columns its schema explains. */
const tierTable = (title: string, schema: typeof ReleasedRow | typeof PartnershipRow): DescribedTable => ({
  title,
  columns: Object.fromEntries(
    columnsOf(schema).map(({ name, type, description }) => [name, [SQL_TYPES[type], description] as const]),
  ),
});

const TABLES = {
  released: tierTable(
    'Released tier: rounded counts of every frozen period; the rows of one cut add up to the period',
    ReleasedRow,
  ),
  partnership: tierTable(
    'Partnership tier, not for publication: twelve months in bands; rows do not overlap',
    PartnershipRow,
  ),
  release: {
    title: 'Periods that were frozen and released',
    columns: {
      period: ['VARCHAR', 'Month (2025-09) or quarter (2025-Q3)'],
      policy: ['VARCHAR', 'Disclosure policy that was in force'],
      sources: ['VARCHAR', 'Sources in it, as JSON'],
      absent: ['VARCHAR', 'Sources whose absence was recorded, as JSON'],
      notes: ['VARCHAR', 'Remarks printed in its reports, as JSON'],
    },
  },
  source: SOURCE_TABLE,
  area: AREA_TABLE,
  cell: CELL_TABLE,
} satisfies Readonly<Record<string, DescribedTable>>;

/** Everything in the file and what it means; its comments and its dictionary come from here. */
export const BOARD_SCHEMA: DuckdbSchema = { tables: TABLES, values: {}, views: BOARD_VIEWS, macros: {} };

/** Writes the file to `path`, which must not be in use; the caller puts it in the place of the old one. */
export async function writeBoardFile(
  writeFile: WriteFile,
  path: string,
  { sources, areas, cells }: MapTables,
): Promise<void> {
  await writeDuckdbFile(writeFile, path, BOARD_SCHEMA, async ({ run, append }) => {
    for (const table of ['released', 'partnership', 'release'] as const) {
      const columns = Object.keys(TABLES[table].columns).join(', ');
      await append(table, `SELECT ${columns} FROM ${table} ORDER BY ALL`);
    }
    await insertRows(run, 'source', typesOf(SOURCE_TABLE), sources);
    await insertRows(run, 'area', typesOf(AREA_TABLE), areas);
    await insertRows(run, 'cell', typesOf(CELL_TABLE), cells);
  });
}
