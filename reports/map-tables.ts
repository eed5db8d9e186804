/** What both DuckDB files say of sources, areas and cells: words and geometry, no count. */
import type { DescribedTable } from './duckdb-file.ts';

/** Rows of the tables below. */
export interface MapTables {
  readonly sources: readonly { readonly id: string; readonly name: string; readonly kind: string }[];
  readonly areas: readonly {
    readonly code: string;
    readonly name: string;
    readonly population: number | null;
  }[];
  readonly cells: readonly MapCell[];
}

export interface MapCell {
  readonly cell: bigint;
  readonly text: string;
  readonly lat: number;
  readonly lng: number;
  readonly boundary: string;
  readonly parent8: bigint;
  readonly parent7: bigint;
  readonly area_code: string | null;
}

export const SOURCE_TABLE = {
  title: 'Sources. Never add them together: one incident can be in several',
  columns: {
    id: ['VARCHAR', 'Short name, as in the column source'],
    name: ['VARCHAR', 'What reports call it'],
    kind: ['VARCHAR', 'emergency department, ambulance, police or police.uk'],
  },
} as const satisfies DescribedTable;

export const AREA_TABLE = {
  title: 'Named areas',
  columns: {
    code: ['VARCHAR', 'Code; the atom of released rows of level "area"'],
    name: ['VARCHAR', 'Name'],
    population: ['BIGINT', 'Residents, where the outline says how many'],
  },
} as const satisfies DescribedTable;

export const CELL_TABLE = {
  title: 'Every cell of the agreed area',
  columns: {
    cell: ['UBIGINT', 'H3 index, resolution 9'],
    text: ['VARCHAR', 'The same in hexadecimal; the atom of released rows of level "cell"'],
    lat: ['DOUBLE', 'Latitude of the centre in degrees'],
    lng: ['DOUBLE', 'Longitude of the centre in degrees'],
    boundary: ['VARCHAR', 'Outline as WKT (longitude latitude)'],
    parent8: ['UBIGINT', 'Cell of resolution 8 that it belongs to'],
    parent7: ['UBIGINT', 'Cell of resolution 7 that it belongs to'],
    area_code: ['VARCHAR', 'Named area that the centre lies in'],
  },
} as const satisfies DescribedTable;
