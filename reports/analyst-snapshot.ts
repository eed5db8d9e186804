/**
 * analyst.duckdb: public-place incidents at the detail that analysts work with, beside cells, places and hotspots.
 * Pseudonymised personal data, for named analysts: no home, no person, no digest, no order of the supplier's rows.
 */

import type { Grant } from '../schemas/grant.ts';
import { ANALYST_MACROS, ANALYST_VALUES, ANALYST_VIEWS } from './analyst-questions.ts';
import { type DescribedTable, type DuckdbSchema, typesOf, writeDuckdbFile } from './duckdb-file.ts';
import type { Grid } from './grid.ts';
import { AREA_TABLE, CELL_TABLE, type MapTables, SOURCE_TABLE } from './map-tables.ts';
import type { Quality } from './quality/quality.ts';
import { QUALITY_TABLES, qualityRows } from './quality/quality-tables.ts';
import { insertRows, type WriteFile } from './sql.ts';
import type { Hotspots } from './statistics/hotspots.ts';

export interface AnalystPlace {
  readonly place_id: string;
  readonly name: string;
  readonly kind: string;
  readonly cell: bigint;
  readonly capacity: number | null;
}

export interface AnalystHotspots {
  readonly source: string;
  readonly period: string;
  readonly grid: Grid;
  readonly found: Hotspots;
}

const TABLES = {
  about: {
    title: 'What this file is, and for whom',
    columns: {
      marking: ['VARCHAR', 'How it is to be handled'],
      partnership: ['VARCHAR', 'Partnership'],
      recipients: ['VARCHAR', 'Partners whose agreement of the analyst tier is in force, and until when'],
      period: ['VARCHAR', 'Latest period released when it was made'],
      year_from: ['DATE', 'First day of the first of "the twelve months" of views and macros'],
      year_to: ['DATE', 'First day of the last of them'],
    },
  },
  source: SOURCE_TABLE,
  area: AREA_TABLE,
  incident: {
    title:
      'Incidents of violence in public places. Never add sources together: one incident can be in several',
    columns: {
      source: ['VARCHAR', 'Source of the record'],
      supplier: ['VARCHAR', 'Site or force that supplied it'],
      month: ['DATE', 'First day of the month of occurrence'],
      occurred_on: ['DATE', 'Local date of occurrence; empty where only the month is known'],
      hour_of_week: [
        'UTINYINT',
        '0 = Monday 00:00-00:59 local time, 167 = Sunday 23:00-23:59; empty where not known',
      ],
      time_precision: [
        'VARCHAR',
        'exact, window (one of its hours was drawn), day, month, or an exact time on a clock-change night',
      ],
      window_from: ['TIMESTAMP', 'First hour (UTC) of a window of several hours'],
      window_to: ['TIMESTAMP', 'Last hour (UTC) of a window of several hours'],
      cell: ['UBIGINT', 'H3 cell of resolution 9; empty where the place is not known'],
      located_by: [
        'VARCHAR',
        'coordinates, or what its text (of an ambulance also its point) names: place, junction, street, postcode (these give the cell; a long street none), sector or area; or none',
      ],
      area_code: ['VARCHAR', 'Named area that the centre of the cell lies in'],
      supplied_area_code: [
        'VARCHAR',
        'Area code as the supplier gives it; where no more is known, the area of the gazetteer that the text names',
      ],
      place_id: ['VARCHAR', 'Public place of the gazetteer'],
      place_kind: ['VARCHAR', 'Kind of place'],
      offence: ['VARCHAR', 'Class of offence; empty for hospital records'],
      weapon: ['VARCHAR', 'Group of weapon'],
    },
  },
  place: {
    title: 'Public places of the gazetteer',
    columns: {
      place_id: ['VARCHAR', 'Short name'],
      name: ['VARCHAR', 'Name'],
      kind: ['VARCHAR', 'Kind of place'],
      cell: ['UBIGINT', 'H3 cell of resolution 9'],
      capacity: ['INTEGER', 'How many people it holds, where known'],
    },
  },
  cell: CELL_TABLE,
  hotspot: {
    title:
      'Verdict on every cell with an incident: exact permutation Gi* or, where people about are known, exact test given them',
    columns: {
      source: ['VARCHAR', 'Source of the records'],
      period: ['VARCHAR', 'Quarter (2025-Q3) or twelve months to its end (12m-2025-Q3)'],
      kind: ['VARCHAR', 'What a hot cell is hotter than'],
      cell: ['UBIGINT', 'H3 cell of resolution 9'],
      count: ['INTEGER', 'Incidents in the cell'],
      star_count: ['INTEGER', 'Incidents in the cell and its neighbours'],
      p: ['DOUBLE', 'Chance of so full a star if incidents fell anywhere (or where people are)'],
      q: ['DOUBLE', 'False discovery rate over all cells (Benjamini and Hochberg)'],
      label: ['VARCHAR', 'strong: q <= 0.01; likely: q <= 0.05'],
      own_q: ['DOUBLE', 'The same for the cell by itself'],
      own_label: ['VARCHAR', 'strong or likely for the cell by itself'],
      reason: ['VARCHAR', 'Why it is or is not called'],
    },
  },
  quality: {
    title: 'What became of the records of each source file',
    columns: {
      source: ['VARCHAR', 'Source'],
      file: ['INTEGER', 'Number of the file, in the order of reading; its name may say whom it is about'],
      read: ['INTEGER', 'Rows read'],
      accepted: ['INTEGER', 'Rows that became incidents'],
      corrected: ['INTEGER', 'Of those, corrections of earlier rows'],
      duplicate: ['INTEGER', 'Rows that said nothing new'],
      covered_to: ['DATE', 'Latest date that the file speaks for'],
      tally: ['VARCHAR', 'Rejected, excluded and unmapped values by field and reason, as JSON'],
    },
  },
  ...QUALITY_TABLES,
} as const satisfies Readonly<Record<string, DescribedTable>>;

/** Everything in the file and what it means; its comments and its dictionary come from here. */
export const ANALYST_SCHEMA: DuckdbSchema = {
  tables: TABLES,
  values: ANALYST_VALUES,
  views: ANALYST_VIEWS,
  macros: ANALYST_MACROS,
};

/** Stands in the file, and on whatever is made from it. */
export const ANALYST_MARKING =
  'OFFICIAL-SENSITIVE - PERSONAL DATA (pseudonymised): for the analysts named in the agreement alone, not evidence';

export interface AnalystContent extends MapTables {
  readonly partnership: string;
  /** Latest period released, and the first days of the first and last month of the twelve to its end. */
  readonly period: string;
  readonly year: { readonly from: string; readonly to: string };
  readonly places: readonly AnalystPlace[];
  readonly hotspots: readonly AnalystHotspots[];
  /** Of records of public places. */
  readonly quality: Quality;
}

/**
 * Writes the snapshot to `path`, which must not be in use; the caller puts it in the place of the old one. Takes
 * the view `reported`: incidents outside the agreed area are nobody's business here.
 */
export async function writeAnalystSnapshot(
  grants: readonly [Grant<'analyst'>, ...Grant<'analyst'>[]],
  writeFile: WriteFile,
  path: string,
  content: AnalystContent,
): Promise<void> {
  // There is one file for all analysts: it holds what each of them may see.
  const sources = content.sources.filter(({ id }) => grants.every((grant) => grant.sources.includes(id)));
  const names = sources.map(({ id }) => id);
  const ids = JSON.stringify(names);
  await writeDuckdbFile(writeFile, path, ANALYST_SCHEMA, async ({ run, append }) => {
    const insert = (table: keyof typeof TABLES, rows: readonly object[]) =>
      insertRows(run, table, typesOf(TABLES[table]), rows);
    await insert('about', [
      {
        marking: ANALYST_MARKING,
        partnership: content.partnership,
        recipients: grants.map(({ name, expires }) => `${name} until ${expires}`).join('; '),
        period: content.period,
        year_from: content.year.from,
        year_to: content.year.to,
      },
    ]);
    await insert('source', sources);
    await insert('area', content.areas);
    await insert('place', content.places);
    await insert('cell', content.cells);
    await insert(
      'hotspot',
      content.hotspots.filter(({ source }) => names.includes(source)).flatMap(hotspotRows),
    );
    for (const [table, rows] of Object.entries(qualityRows(content.quality, names)))
      await insert(table as keyof typeof QUALITY_TABLES, rows);
    // Sorted by what is said, so that nothing is left of the order in which a supplier delivered.
    await append(
      'incident',
      `SELECT source, supplier, month, occurred_on, hour_of_week,
        time_precision::VARCHAR, window_from, window_to, reported.cell, located_by::VARCHAR, area.code,
        reported.area_code, place_id, place_kind::VARCHAR, offence, weapon::VARCHAR
      FROM reported LEFT JOIN (
        SELECT unnest(from_json($2::JSON, '[{"cell": "UBIGINT", "code": "VARCHAR"}]'), recursive := true)
      ) AS area ON area.cell = reported.cell
      WHERE place_kind <> 'home' AND offence IS DISTINCT FROM 'sexual offence'
        AND source IN (SELECT unnest($1::JSON::VARCHAR[])) ORDER BY ALL`,
      [
        ids,
        JSON.stringify(content.cells.map(({ cell, area_code }) => ({ cell: `${cell}`, code: area_code }))),
      ],
    );
    await append(
      'quality',
      `SELECT source, id, read, accepted, corrected, duplicate, covered_to, tally
       FROM file WHERE source IN (SELECT unnest($1::JSON::VARCHAR[])) ORDER BY ALL`,
      [ids],
    );
  });
}

function hotspotRows({ source, period, grid, found }: AnalystHotspots) {
  return found.cells.flatMap((verdict, i) =>
    verdict.count === 0
      ? []
      : [
          {
            source,
            period,
            kind: found.kind,
            cell: grid.cells[i] as bigint,
            count: verdict.count,
            star_count: verdict.starCount,
            p: verdict.p,
            q: verdict.q,
            label: verdict.label,
            own_q: verdict.ownQ,
            own_label: verdict.ownLabel,
            reason: verdict.reason,
          },
        ],
  );
}
