/**
 * analyst.duckdb: public-place incidents at the detail that analysts work with, beside cells, places and hotspots.
 * Pseudonymised personal data, for named analysts: no home, no person, no digest, no order of the supplier's rows.
 */
import { rm } from 'node:fs/promises';
import type { Grid } from './grid.ts';
import { type QuerySql, quoted, type RunSql } from './sql.ts';
import type { Hotspots } from './statistics/hotspots.ts';

export interface AnalystCell {
  readonly cell: bigint;
  readonly text: string;
  readonly lat: number;
  readonly lng: number;
  readonly boundary: string;
  readonly parent8: bigint;
  readonly parent7: bigint;
  readonly area_code: string | null;
}

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

/** Tables with what they and their columns mean; the comments in the file and its dictionary come from here. */
export const ANALYST_TABLES: Readonly<
  Record<
    string,
    { title: string; columns: Readonly<Record<string, readonly [type: string, meaning: string]>> }
  >
> = {
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
        'coordinates, or what its text names: place, junction, street, postcode (these give the cell; a long street none), sector or area; or none',
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
  cell: {
    title: 'Every cell of the agreed area',
    columns: {
      cell: ['UBIGINT', 'H3 index, resolution 9'],
      text: ['VARCHAR', 'The same in hexadecimal'],
      lat: ['DOUBLE', 'Latitude of the centre in degrees'],
      lng: ['DOUBLE', 'Longitude of the centre in degrees'],
      boundary: ['VARCHAR', 'Outline as WKT (longitude latitude)'],
      parent8: ['UBIGINT', 'Cell of resolution 8 that it belongs to'],
      parent7: ['UBIGINT', 'Cell of resolution 7 that it belongs to'],
      area_code: ['VARCHAR', 'Named area that the centre lies in'],
    },
  },
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
  dictionary: {
    title: 'What each view and each column of a table holds',
    columns: {
      table_name: ['VARCHAR', 'Table or view'],
      column_name: ['VARCHAR', 'Column; empty where a view is described'],
      meaning: ['VARCHAR', 'What it holds'],
    },
  },
};

const VIEWS: Readonly<Record<string, readonly [meaning: string, sql: string]>> = {
  by_month: [
    'Incidents by source and month',
    'SELECT source, month, count(*) AS incidents FROM incident GROUP BY ALL ORDER BY ALL',
  ],
  by_hour: [
    'The 168 hours of the week, known times only',
    `SELECT s AS source, week.hour AS hour_of_week, ['Monday','Tuesday','Wednesday','Thursday','Friday','Saturday','Sunday'][week.hour // 24 + 1] AS day,
      week.hour % 24 AS hour, count(incident.source) AS incidents
     FROM (SELECT DISTINCT source AS s FROM incident) CROSS JOIN (SELECT unnest(range(168)) AS hour) week
     LEFT JOIN incident ON incident.source = s AND incident.hour_of_week = week.hour GROUP BY ALL ORDER BY ALL`,
  ],
  by_weapon: [
    'Incidents by source, kind of place and weapon',
    'SELECT source, place_kind, weapon, count(*) AS incidents FROM incident GROUP BY ALL ORDER BY ALL',
  ],
  by_area: [
    'Incidents by source, named area and month',
    'SELECT source, area_code, month, count(*) AS incidents FROM incident GROUP BY ALL ORDER BY ALL',
  ],
  by_place: [
    'Incidents by source and named place over all months, most first',
    'SELECT source, place_id, name, kind, count(*) AS incidents FROM incident JOIN place USING (place_id) GROUP BY ALL ORDER BY incidents DESC, source, place_id',
  ],
};

/** Writes the snapshot to `path`, which must not be in use; the caller puts it in the place of the old one. */
export async function writeAnalystSnapshot(
  run: RunSql,
  query: QuerySql,
  path: string,
  content: {
    cells: readonly AnalystCell[];
    places: readonly AnalystPlace[];
    hotspots: readonly AnalystHotspots[];
  },
): Promise<void> {
  await rm(path, { force: true });
  await run(`ATTACH ${quoted(path)} AS analyst`);
  try {
    for (const [table, { columns }] of Object.entries(ANALYST_TABLES)) {
      await run(
        `CREATE TABLE analyst.${table} (${Object.entries(columns)
          .map(([name, [type]]) => `${name} ${type}`)
          .join(', ')})`,
      );
    }
    await insert(run, 'place', content.places);
    await insert(run, 'cell', content.cells);
    await insert(run, 'hotspot', content.hotspots.flatMap(hotspotRows));
    // Sorted by what is said, so that nothing is left of the order in which a supplier delivered.
    await run(`INSERT INTO analyst.incident SELECT source, supplier, month, occurred_on, hour_of_week,
        time_precision::VARCHAR, window_from, window_to, incident.cell, located_by::VARCHAR, cell.area_code, incident.area_code, place_id,
        place_kind::VARCHAR, offence, weapon::VARCHAR
      FROM incident LEFT JOIN analyst.cell AS cell ON cell.cell = incident.cell
      WHERE place_kind <> 'home' ORDER BY ALL`);
    await run(
      'INSERT INTO analyst.quality SELECT source, id, read, accepted, corrected, duplicate, covered_to, tally FROM file ORDER BY ALL',
    );
    const [{ store }] = (await query('SELECT current_database() AS store')) as [{ store: string }];
    await describe(run, store);
  } finally {
    await run('DETACH analyst');
  }
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

async function insert(run: RunSql, table: string, rows: readonly object[]): Promise<void> {
  const { columns } = ANALYST_TABLES[table] as (typeof ANALYST_TABLES)[string];
  const shape = JSON.stringify([
    Object.fromEntries(Object.entries(columns).map(([name, [type]]) => [name, type])),
  ]);
  const json = JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  await run(
    `INSERT INTO analyst.${table} SELECT unnest(from_json($1::JSON, ${quoted(shape)}), recursive := true)`,
    [json],
  );
}

async function describe(run: RunSql, store: string): Promise<void> {
  for (const [table, { title, columns }] of Object.entries(ANALYST_TABLES)) {
    await run(`COMMENT ON TABLE analyst.${table} IS ${quoted(title)}`);
    for (const [column, [, meaning]] of Object.entries(columns)) {
      await run(`COMMENT ON COLUMN analyst.${table}.${column} IS ${quoted(meaning)}`);
      await run('INSERT INTO analyst.dictionary VALUES ($1, $2, $3)', [table, column, meaning]);
    }
  }
  await run('USE analyst');
  try {
    for (const [view, [meaning, sql]] of Object.entries(VIEWS)) {
      await run(`CREATE VIEW ${view} AS ${sql}`);
      await run(`COMMENT ON VIEW ${view} IS ${quoted(meaning)}`);
      await run('INSERT INTO dictionary VALUES ($1, NULL, $2)', [view, meaning]);
    }
  } finally {
    await run(`USE "${store}"`);
  }
}
