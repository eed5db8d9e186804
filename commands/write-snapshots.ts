/** The DuckDB files that analysts and the board query, each replaced at once. */
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnalystHotspots, writeAnalystSnapshot } from '../reports/analyst-snapshot.ts';
import { writeBoardFile } from '../reports/board-file.ts';
import { findHotspots } from '../reports/hotspots.ts';
import type { Agreement } from '../schemas/agreement.ts';
import { cellBoundary, cellCentre, cellText, parentCell } from '../transform/h3-cell.ts';
import type { Store } from '../transform/store.ts';
import { localDate } from './clock.ts';
import { periodEnd } from './coverage.ts';
import { grantsOf } from './grants.ts';
import type { Geography, Partnership } from './partnership.ts';
import { gridOf, windowOf } from './protect-period.ts';
import { measureQuality } from './quality.ts';
import { profileOf } from './source-profile.ts';

/**
 * Replaces data/board.duckdb, and data/analyst.duckdb while an agreement of its tier is in force, each at once. Without
 * one the analysts' file is removed. Returns the paths of those that are there.
 */
export async function writeSnapshots(
  partnership: Partnership,
  store: Store,
  geography: Geography,
  agreements: readonly Agreement[],
): Promise<string[]> {
  const { folder, settings, places, now } = partnership;
  const written: string[] = [];
  const replace = async (name: string, write: (path: string) => Promise<void>) => {
    const made = join(folder, 'data', `${name}.new`);
    // What a run that was killed left half written would be read as this one's.
    const aside = [`${made}.wal`, `${made}.tmp`];
    for (const path of aside) await rm(path, { recursive: true, force: true });
    try {
      await write(made);
      await chmod(made, 0o600);
      await rename(made, join(folder, 'data', name));
      written.push(join(folder, 'data', name));
    } catch (error) {
      for (const path of [made, ...aside]) await rm(path, { recursive: true, force: true });
      throw error;
    }
  };
  const areaOf = new Map(
    geography.areas.flatMap((area) => area.cells.map((cell) => [cell, area.code] as const)),
  );
  const cells = geography.cells.map((cell) => ({
    cell,
    text: cellText(cell),
    ...cellCentre(cell),
    boundary: `POLYGON ((${cellBoundary(cell)
      .map(([lng, lat]) => `${lng} ${lat}`)
      .join(', ')}))`,
    parent8: parentCell(cell, 8),
    parent7: parentCell(cell, 7),
    area_code: areaOf.get(cell) ?? null,
  }));
  const map = {
    sources: settings.sources.map((source) => ({
      id: source.id,
      name: source.name,
      kind: profileOf(source, { settings }).kind,
    })),
    areas: geography.areas.map(({ code, name, population }) => ({ code, name, population })),
    cells,
  };
  await replace('board.duckdb', (path) => writeBoardFile(store.writeFile, path, map));
  const [first, ...others] = grantsOf(agreements, 'analyst', localDate(now(), settings.time_zone));
  const period = await latestPeriod(store);
  if (!first || period === undefined) {
    for (const name of ['analyst.duckdb', 'analyst.duckdb.wal'])
      await rm(join(folder, 'data', name), { force: true });
    return written;
  }
  const hotspots = await latestHotspots(store, geography);
  const quality = await measureQuality(partnership, store, geography, 'public');
  await replace('analyst.duckdb', (path) =>
    writeAnalystSnapshot([first, ...others], store.writeFile, path, {
      ...map,
      partnership: settings.partnership,
      period,
      year: windowOf(period, 12),
      places: places.map(({ id, name, kind, cell, capacity }) => ({
        place_id: id,
        name,
        kind,
        cell,
        capacity,
      })),
      hotspots,
      quality,
    }),
  );
  return written;
}

/** The release whose period ends last. */
async function latestPeriod(store: Store): Promise<string | undefined> {
  const rows = await store.query<{ period: string }>('SELECT period FROM release ORDER BY period');
  return rows
    .map(({ period }) => period)
    .toSorted((a, b) => (periodEnd(a) < periodEnd(b) ? -1 : 1))
    .at(-1);
}

/** Hotspots of the latest quarter released, whichever period was just asked for: of itself and of its twelve months. */
async function latestHotspots(store: Store, geography: Geography): Promise<AnalystHotspots[]> {
  const [latest] = await store.query<{ period: string; sources: string }>(
    `SELECT period, sources FROM release WHERE period LIKE '%Q%' ORDER BY period DESC LIMIT 1`,
  );
  if (!latest) return [];
  const grid = gridOf(geography);
  const hotspots: AnalystHotspots[] = [];
  for (const source of JSON.parse(latest.sources) as string[]) {
    for (const [months, period] of [
      [3, latest.period],
      [12, `12m-${latest.period}`],
    ] as const) {
      const window = { source, ...windowOf(latest.period, months) };
      hotspots.push({
        source,
        period,
        grid,
        found: await findHotspots(store.query, window, grid, geography.exposure),
      });
    }
  }
  return hotspots;
}
