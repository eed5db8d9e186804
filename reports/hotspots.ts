/** Hotspots of a source over a window of months, computed on the store: for analysts, and for the board as a label. */
import type { Grid } from './grid.ts';
import type { QuerySql } from './sql.ts';
import { type Hotspots, hotspots } from './statistics/hotspots.ts';

export interface Window {
  readonly source: string;
  /** First days (YYYY-MM-DD) of the first and the last month. */
  readonly from: string;
  readonly to: string;
}

/** A sexual offence is in no figure of a place, and so in no verdict on one. */
const NOT_SEXUAL = `offence IS DISTINCT FROM 'sexual offence'`;

/**
 * Verdicts on every cell of the grid, in its order. The cap of the test comes from as many months before the
 * window as it has itself, where there are records of them. `exposure` gives the people about in each cell.
 */
export async function findHotspots(
  query: QuerySql,
  window: Window,
  grid: Grid,
  exposure?: ReadonlyMap<bigint, number>,
): Promise<Hotspots> {
  const counts = new Float64Array(grid.cells.length);
  const rows = await query<{ cell: bigint; n: number }>(
    `SELECT cell, count(*)::INTEGER AS n FROM incident
     WHERE source = $1 AND month BETWEEN $2::DATE AND $3::DATE AND cell IS NOT NULL AND ${NOT_SEXUAL} GROUP BY cell`,
    [window.source, window.from, window.to],
  );
  for (const { cell, n } of rows) {
    const at = grid.index.get(cell);
    if (at !== undefined) counts[at] = n;
  }
  const earlier = await query<{ cell: bigint; n: number }>(
    `SELECT cell, count(*)::INTEGER AS n FROM incident
     WHERE source = $1 AND cell IS NOT NULL AND ${NOT_SEXUAL} AND month < $2::DATE
       AND month >= $2::DATE - to_months((date_diff('month', $2::DATE, $3::DATE) + 1)::INTEGER) GROUP BY cell`,
    [window.source, window.from, window.to],
  );
  const history = earlier.filter(({ cell }) => grid.index.has(cell)).map(({ n }) => n);
  return hotspots({
    counts,
    ...(history.length > 0 && { history }),
    ...(exposure && { exposure: Float64Array.from(grid.cells, (cell) => exposure.get(cell) ?? 0) }),
    neighbours: grid.neighbours,
  });
}
