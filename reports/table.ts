/** Released rows as tables: the columns and their meaning come from the schema of the row. */
import type { z } from 'zod';
import type { Released } from '../schemas/released.ts';

export type Cell = string | number | null;
export type ReleasedTable = {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly Released<Record<string, Cell>>[];
};

export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer';
  readonly description: string;
  /** What stands in CSV for a number that is not shown; nothing by default. */
  readonly missing?: string;
}

/** A table of released rows whose columns are those of `schema`, in its order. */
export function releasedTable<Row extends Record<string, Cell>>(
  name: string,
  title: string,
  schema: z.ZodObject,
  rows: readonly Released<Row>[],
): ReleasedTable {
  const columns = Object.entries(schema.shape).map(([column, type]): TableColumn => {
    const { description = '' } = type as z.ZodType;
    return { name: column, type: isInteger(type as z.ZodType) ? 'integer' : 'string', description };
  });
  return { name, title, columns, rows: rows as readonly Released<Record<string, Cell>>[] };
}

function isInteger(type: z.ZodType): boolean {
  const { def } = type as unknown as { def: { type: string; innerType?: z.ZodType } };
  return def.innerType ? isInteger(def.innerType) : def.type === 'number';
}

/** The table as CSV (RFC 4180, UTF-8, LF). A text that a spreadsheet would run as a formula is made harmless. */
export function toCsv(table: ReleasedTable): string {
  const lines = [
    table.columns.map((column) => column.name),
    ...table.rows.map((row) => table.columns.map(({ name, missing = null }) => row[name] ?? missing)),
  ];
  return lines.map((values) => `${values.map(csvValue).join(',')}\n`).join('');
}

function csvValue(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // Quotation marks alone do not stop a spreadsheet; a leading apostrophe does. Full-width forms count as well.
  const harmless = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
