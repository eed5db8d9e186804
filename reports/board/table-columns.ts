import type { Table } from './document.ts';

/** Lines of a list that a page of the PDF holds. */
const PAGE_LINES = 56;
/** The title of a table and the names of its columns. */
const HEAD_LINES = 4;
/** A table begins no column's end: so many lines follow its head at least. */
const LEAST_ROWS = 3;
const ROW_LETTERS = 44;
const NOTE_LETTERS = 80;

/**
 * The tables one below the other in columns, two a page, all about equally long; a table that is split goes on under
 * its title. Lengths are estimated from the number of letters.
 */
export function intoColumns(tables: readonly Table[]): Table[][] {
  const lines = tables.reduce((sum, table) => sum + linesOf(table), 0);
  if (lines === 0) return [];
  const pages = Math.ceil((lines + HEAD_LINES) / (2 * PAGE_LINES));
  let room = Math.ceil(lines / (2 * pages));
  // A table that is split needs its head again, and one that is moved leaves a gap.
  while (fill(tables, room).length > 2 * pages) room++;
  return fill(tables, room);
}

/** The tables in as many columns of so many lines as they take. */
function fill(tables: readonly Table[], room: number): Table[][] {
  const columns: Table[][] = [[]];
  let used = 0;
  for (const table of tables) {
    let rest: Table | undefined = table;
    while (rest) {
      const last = columns.at(-1) as Table[];
      const isNew = last.length === 0;
      const fits = rowsWithin(rest, room - used - HEAD_LINES);
      if (!isNew && fits < Math.min(LEAST_ROWS, rest.rows.length)) {
        columns.push([]);
        used = 0;
        continue;
      }
      const [head, tail] = splitTable(rest, Math.max(fits, 1));
      last.push(head);
      used += linesOf(head);
      rest = tail;
    }
  }
  return columns;
}

function splitTable(table: Table, rows: number): [Table, Table | undefined] {
  if (rows >= table.rows.length) return [table, undefined];
  const { note: _, ...head } = table;
  const title = table.title.endsWith(CONTINUED) ? table.title : table.title + CONTINUED;
  return [
    { ...head, rows: table.rows.slice(0, rows) },
    { ...table, title, rows: table.rows.slice(rows) },
  ];
}

const CONTINUED = ', continued';

function rowsWithin({ rows }: Table, lines: number): number {
  let used = 0;
  const end = rows.findIndex((row) => {
    used += rowLines(row);
    return used > lines;
  });
  return end === -1 ? rows.length : end;
}

function linesOf({ rows, note }: Table): number {
  const notes = note ? Math.ceil(note.length / NOTE_LETTERS) : 0;
  return HEAD_LINES + notes + rows.reduce((sum, row) => sum + rowLines(row), 0);
}

function rowLines({ cells }: Table['rows'][number]): number {
  return Math.max(...cells.map((cell) => Math.ceil(cell.length / ROW_LETTERS)), 1);
}
