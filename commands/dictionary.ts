/** The data dictionary, as Markdown: generated from the contracts, so that it cannot say anything else. */

import { ANALYST_SCHEMA } from '../reports/analyst-snapshot.ts';
import { BOARD_SCHEMA } from '../reports/board-file.ts';
import type { DuckdbSchema } from '../reports/duckdb-file.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { CUTS, PartnershipRow, ReleasedRow } from '../schemas/released.ts';

const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const FATES = {
  keep: 'kept',
  coarsen: 'made coarser',
  digest: 'keyed digest',
  gate: 'read at the door, not kept',
  drop: 'not read',
};

/** The whole dictionary: fields of each source and what becomes of them, released rows, the analyst's tables. */
export function dictionary(): string {
  const sources = Object.values(PROFILES).map(({ id, title, fields }) =>
    [
      `### ${id}\n\n${title}.\n`,
      table(
        ['column', 'needed', 'what becomes of it', 'why'],
        Object.values(fields).map(({ header, required, fate, why }) => [
          header,
          required ? 'yes' : '',
          FATES[fate],
          why,
        ]),
      ),
    ].join('\n'),
  );
  const released = Object.entries({ 'released tier': ReleasedRow, 'partnership tier': PartnershipRow }).map(
    ([title, schema]) =>
      [
        `### ${title}\n`,
        table(
          ['column', 'meaning'],
          Object.entries(schema.shape).map(([name, type]) => [name, type.description ?? '']),
        ),
      ].join('\n'),
  );
  return [
    '# Data dictionary\n\nGenerated from the schemas by `npm run dictionary`.',
    `## Source files\n\nA column that is not listed is not read.\n\n${sources.join('\n\n')}`,
    `## Released tables\n\nCuts: ${CUTS.join(', ')}.\n\n${released.join('\n\n')}`,
    `## board.duckdb\n\n${fileSection(BOARD_SCHEMA)}`,
    `## analyst.duckdb\n\n${fileSection(ANALYST_SCHEMA)}\n`,
  ].join('\n\n');
}

/** What a DuckDB file holds. */
function fileSection({ tables, values, views, macros }: DuckdbSchema): string {
  const section = (
    name: string,
    title: string,
    head: readonly string[],
    rows: readonly (readonly string[])[],
  ) => `### ${name}\n\n${title}.\n\n${table(head, rows)}`;
  return [
    ...Object.entries(tables).map(([name, { title, columns }]) =>
      section(
        name,
        title,
        ['column', 'type', 'meaning'],
        Object.entries(columns).map(([column, [type, meaning]]) => [column, type, meaning]),
      ),
    ),
    ...Object.entries(views).map(([name, { title, columns }]) =>
      section(`${name} (view)`, title, ['column', 'meaning'], Object.entries(columns)),
    ),
    ...Object.entries({ ...macros, ...values }).map(([name, { title, parameters, columns = {} }]) =>
      section(
        `${name}(${Object.keys(parameters).join(', ')})`,
        title,
        ['parameter or column', 'meaning'],
        [...Object.entries(parameters), ...Object.entries(columns)],
      ),
    ),
  ].join('\n\n');
}
