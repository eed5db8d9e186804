/** Released rows as tables: the columns and their meaning come from the schema of the row. */
import type { z } from 'zod';
import type { Released } from '../schemas/released.ts';
import { csvLine } from './csv-line.ts';

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
  /** Whether every row has a value. */
  readonly required: boolean;
  /** All values that there can be, where they are few. */
  readonly values?: readonly string[];
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
  return { name, title, columns: columnsOf(schema), rows };
}

/** The columns of a schema of rows, in its order. */
export function columnsOf(schema: z.ZodObject): TableColumn[] {
  return Object.entries(schema.shape).map(([column, type]): TableColumn => {
    const { description = '' } = type as z.ZodType;
    const { kind, isNullable, values } = shapeOf(type as z.ZodType);
    return {
      name: column,
      type: kind === 'number' ? 'integer' : 'string',
      description,
      // CSV cannot tell an empty text from none.
      required: !isNullable && !values?.includes(''),
      ...(values && { values: values.filter((value) => value !== '') }),
    };
  });
}

function shapeOf(type: z.ZodType): { kind: string; isNullable: boolean; values?: readonly string[] } {
  const { def } = type as unknown as {
    def: { type: string; innerType?: z.ZodType; entries?: Readonly<Record<string, string>> };
  };
  if (def.innerType) return { ...shapeOf(def.innerType), isNullable: true };
  return { kind: def.type, isNullable: false, ...(def.entries && { values: Object.values(def.entries) }) };
}

/** The table as CSV (RFC 4180, UTF-8, LF). A text that a spreadsheet would run as a formula is made harmless. */
export function toCsv(table: ReleasedTable): string {
  const lines = [
    table.columns.map((column) => column.name),
    ...table.rows.map((row) => table.columns.map(({ name, missing = null }) => row[name] ?? missing)),
  ];
  return lines.map(csvLine).join('');
}
