/** The protected rows of a period: built and frozen, or read as they were frozen. */
import { buildReleased } from '../reports/disclosure/cube.ts';
import {
  type Frozen,
  readPartnership,
  readReleased,
  readStarred,
  writeFrozen,
  writePartnership,
} from '../reports/disclosure/frozen.ts';
import { buildPartnership } from '../reports/disclosure/partnership.ts';
import { buildRecording, readRecording, writeRecording } from '../reports/disclosure/recording.ts';
import { layGrid } from '../reports/grid.ts';
import { findHotspots } from '../reports/hotspots.ts';
import type { Policy } from '../schemas/policy.ts';
import type { RecordingRow } from '../schemas/recording.ts';
import type { GeographyRow, PartnershipRow, Released, ReleasedRow, StarredRow } from '../schemas/released.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { cellText, neighbours } from '../transform/h3-cell.ts';
import type { Store } from '../transform/store.ts';
import { isQuarter, periodEnd } from './coverage.ts';
import type { Geography, Partnership } from './partnership.ts';
import { holdPolicy, policiesOfYears, policyOf } from './policy-in-force.ts';
import type { FrozenRelease, ReadRelease } from './release-record.ts';

/** Everything of a period that may be shown. */
export interface ProtectedRows {
  /** All frozen rows up to the period's end, and a draft's own. */
  readonly released: Released<ReleasedRow>[];
  /** What stands beside them as a star, of the same periods. */
  readonly starred: Released<StarredRow>[];
  readonly partnership: Released<PartnershipRow>[];
  /** The frozen geographies that the period's cuts were made with. */
  readonly geography: Released<GeographyRow>[];
  /** How the records of the period were filled in; none where it was frozen without it. */
  readonly recording: ReadonlyMap<string, readonly Released<RecordingRow>[]>;
  readonly policy: Policy;
  /** What held in the years of earlier rows, by year: those alone that had other rules. */
  readonly earlierPolicies: ReadonlyMap<number, Policy>;
  readonly notes: readonly string[];
}

/** Builds the protected rows of each source; with `freeze`, within the caller's transaction, writes them down. */
export async function protectPeriod(
  { key, settings, places }: Partnership,
  store: Store,
  geography: Geography,
  period: string,
  sources: readonly SourceSettings[],
  decided: FrozenRelease,
  frozen: ReadRelease['included'] | undefined,
  freeze: boolean,
): Promise<ProtectedRows> {
  const policy = await policyOf(store, settings, period);
  const years = new Set<number>();
  const held = await policiesOfYears(store);
  const { query, run } = store;
  const { areas } = geography;
  const shared = {
    query,
    key,
    policy,
    policyOfYear: (year: number) => held.get(year) ?? policy,
    period,
    areas,
    ...(geography.addresses && { addresses: geography.addresses }),
  };
  const released: Released<ReleasedRow>[] = [];
  const starred: Released<StarredRow>[] = [];
  const frozenGeography: Released<GeographyRow>[] = [];
  const partnership: Released<PartnershipRow>[] = [];
  const recording = new Map<string, readonly Released<RecordingRow>[]>();
  const remarks = [...decided.notes];
  const included: Record<string, readonly string[]> = {};
  for (const { id, name } of sources) {
    const cube = await buildReleased({ ...shared, source: id });
    remarks.push(...cube.notes.map((note) => `${name}: ${note}`));
    const periods = frozen ? (frozen[id] ?? []) : await periodsBefore(store, id, period);
    const earlier = await readReleased(query, id, periods);
    const known = new Set(earlier.map(rowKey));
    const rows = [...earlier, ...(cube.frozen?.rows ?? []).filter((row) => !known.has(rowKey(row)))];
    released.push(...rows);
    const stars = [...(await readStarred(query, id, periods)), ...(cube.frozen?.starred ?? [])];
    starred.push(...stars);
    included[id] = [...new Set([...rows, ...stars].map((row) => row.period))].toSorted();
    frozenGeography.push(...cube.geography);
    const recorded = frozen
      ? await readRecording(query, id, period)
      : await buildRecording({ query, policy, source: id, period, rows, geography: cube.geography });
    if (recorded) recording.set(id, recorded);
    if (freeze && recorded && !frozen) await writeRecording(run, id, period, recorded);
    if (freeze && cube.frozen) await writeFrozen(run, cube.frozen);
    for (const { month } of cube.frozen?.months ?? []) years.add(Math.floor(month / 12));
    if (!isQuarter(period)) continue;
    if (frozen) {
      partnership.push(...((await readPartnership(query, id, period)) ?? []));
      continue;
    }
    const hotspots = await hotspotLabels(store, geography, id, period, places);
    const built = await buildPartnership({
      ...shared,
      source: id,
      released: [...rows, ...stars],
      geography: cube.geography,
      places,
      unshown: unshownMonths(cube.frozen),
      schools: false,
      hotspots,
    });
    partnership.push(...built.rows);
    if (freeze && built.isNew) await writePartnership(run, id, period, built.rows);
  }
  if (freeze) {
    await holdPolicy(store, settings, period, years);
    const { sources: ids, absent, notes, previous } = decided;
    await run('INSERT INTO release VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      period,
      policy.name,
      JSON.stringify(ids),
      JSON.stringify(absent),
      JSON.stringify(notes),
      previous,
      JSON.stringify(included),
    ]);
  }
  // In the order of names, whatever the order of the settings: no order of rows tells anything.
  return {
    released: released.toSorted(byColumns('source', 'period', 'cut', 'level', 'atom')),
    starred,
    partnership: partnership.toSorted(byColumns('source', 'level', 'atom')),
    geography: frozenGeography.toSorted(byColumns('source', 'cut', 'atom')),
    recording,
    policy,
    earlierPolicies: new Map(
      [...held].filter(
        ([year, other]) =>
          JSON.stringify(other) !== JSON.stringify(policy) &&
          [...released, ...starred, ...partnership].some((row) => yearOf(row.period) === year),
      ),
    ),
    notes: remarks,
  };
}

/** Months that are about to be frozen before one that closes, and are counted in none. */
function unshownMonths(frozen: Frozen | null): number[] {
  const closed = frozen?.months.findLast((each) => each.closed)?.month ?? 0;
  return (frozen?.months ?? [])
    .map(({ month }) => month)
    .filter((month) => month < closed && !frozen?.remember.includes(month));
}

const yearOf = (period: string): number => Number(period.slice(0, 4));

/** Puts rows in one order whether they were just made or read from the store, so that a release has one set of bytes. */
const byColumns =
  <Column extends string>(...columns: readonly Column[]) =>
  (a: Readonly<Record<Column, string>>, b: Readonly<Record<Column, string>>): number => {
    const column = columns.find((name) => a[name] !== b[name]);
    if (column === undefined) return 0;
    return a[column] < b[column] ? -1 : 1;
  };

const rowKey = (row: ReleasedRow) => `${row.source}|${row.period}|${row.cut}|${row.atom}`;

/** Frozen periods of a source that end no later than this one. */
async function periodsBefore(store: Store, source: string, period: string): Promise<string[]> {
  const rows = await store.query<{ period: string }>(
    'SELECT DISTINCT period FROM released WHERE source = $1 ORDER BY period',
    [source],
  );
  const end = periodEnd(period);
  return rows.map((row) => row.period).filter((each) => periodEnd(each) <= end);
}

/** First days of the first and last month of the twelve, or three, months that end with a quarter. */
export function windowOf(period: string, months: number): { from: string; to: string } {
  const end = periodEnd(period);
  const [year, month] = [Number(end.slice(0, 4)), Number(end.slice(5, 7))];
  const day = (offset: number) => new Date(Date.UTC(year, month - offset, 1)).toISOString().slice(0, 10);
  return { from: day(months), to: day(1) };
}

/** The cells of the agreed area with their neighbours. */
export const gridOf = ({ cells }: Geography) => layGrid(cells, neighbours);

async function hotspotLabels(
  store: Store,
  geography: Geography,
  source: string,
  period: string,
  places: Partnership['places'],
): Promise<Map<string, PartnershipRow['hotspot']>> {
  const grid = gridOf(geography);
  const found = await findHotspots(
    store.query,
    { source, ...windowOf(period, 12) },
    grid,
    geography.exposure,
  );
  const labels = new Map(grid.cells.map((cell, i) => [cellText(cell), found.cells[i]?.label ?? '']));
  for (const place of places) labels.set(place.id, labels.get(cellText(place.cell)) ?? '');
  return labels;
}
