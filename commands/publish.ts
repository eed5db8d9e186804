/** cardiff publish: freezes a period and makes its release, or a draft that freezes nothing. */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AnalystHotspots, writeAnalystSnapshot } from '../reports/analyst-snapshot.ts';
import type { BoardContent } from '../reports/board/content.ts';
import { writeBoardFile } from '../reports/board-file.ts';
import { buildReleased } from '../reports/disclosure/cube.ts';
import {
  FROZEN_TABLES,
  readPartnership,
  readReleased,
  writeFrozen,
  writePartnership,
} from '../reports/disclosure/frozen.ts';
import { buildPartnership } from '../reports/disclosure/partnership.ts';
import { limitToAgreedArea } from '../reports/disclosure/reported.ts';
import { measureUtility } from '../reports/disclosure/utility.ts';
import { layGrid } from '../reports/grid.ts';
import { findHotspots } from '../reports/hotspots.ts';
import { releaseFiles } from '../reports/release-files.ts';
import { previousManifest, writeRelease } from '../reports/write-release.ts';
import { POLICIES, type Policy } from '../schemas/policy.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { CUTS, type PartnershipRow, type Released, type ReleasedRow } from '../schemas/released.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import {
  cellBoundary,
  cellCentre,
  cellText,
  neighbours,
  parentCell,
  textToCell,
} from '../transform/h3-cell.ts';
import type { Store } from '../transform/store.ts';
import { localDate } from './clock.ts';
import { covers, latestDelivered, periodEnd, readCoverage } from './coverage.ts';
import { NotReady } from './not-ready.ts';
import { checkKey, type Geography, type Partnership, readGeography } from './partnership.ts';
import { startProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

export interface PublishOptions {
  readonly period?: string | undefined;
  readonly draft: boolean;
  readonly without: readonly string[];
}

export interface Publication {
  readonly period: string;
  readonly folder: string;
  readonly draft: boolean;
  /** False where the same release was there already. */
  readonly made: boolean;
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

const isQuarter = (period: string) => /^\d{4}-Q[1-4]$/.test(period);
const isMonth = (period: string) => /^\d{4}-(0[1-9]|1[0-2])$/.test(period);

/**
 * Publishes a period. Refuses, freezing nothing, until every expected source covers its end or its absence is
 * recorded. Asked again for a period that is frozen, it makes the same bytes from the frozen rows, or refuses.
 *
 * @throws UsageError for a period that is none or not over; Error where sources are missing or a release differs.
 */
export async function publish(
  partnership: Partnership,
  store: Store,
  options: PublishOptions,
): Promise<Publication> {
  const { settings, folder } = partnership;
  await checkKey(partnership, store);
  for (const statement of [...FROZEN_TABLES, RELEASE_TABLE]) await store.run(statement);
  const today = localDate(partnership.now(), settings.time_zone);
  const coverage = await readCoverage(store, settings.sources);
  const period = options.period ?? latestDelivered(coverage, today);
  if (period === undefined)
    throw new Error('no source has delivered a whole quarter yet: run "cardiff ingest" first');
  if (!isQuarter(period) && !isMonth(period))
    throw new UsageError(`"${period}" is no period: wanted a month (2025-09) or a quarter (2025-Q3)`);
  const end = periodEnd(period);
  if (end >= today) throw new UsageError(`${period} ends on ${end}: it can be published once it is over`);
  for (const id of options.without) {
    if (!settings.sources.some((source) => source.id === id))
      throw new UsageError(`--without ${id}: there is no such source in cardiff.yaml`);
  }

  const frozen = await readRelease(store, period);
  const missing = coverage.filter(
    (each) => each.source.expected && !options.without.includes(each.source.id) && !covers(each, end),
  );
  if (!frozen && !options.draft && missing.length > 0) {
    const list = missing
      .map(({ source, to }) => `${source.id} (${to ? `delivered up to ${to}` : 'nothing delivered'})`)
      .join(', ');
    throw new NotReady(
      `${period} is not published: it waits for ${list}. Deliver and ingest the missing files, or record the absence with --without SOURCE`,
    );
  }
  const present = coverage.filter(
    ({ to, source }) => to !== null && !options.without.includes(source.id) && covers({ source, to }, end),
  );
  const sources = frozen
    ? settings.sources.filter((source) => frozen.sources.includes(source.id))
    : present.map(({ source }) => source);
  if (sources.length === 0)
    throw new Error(`${period} is not published: no source covers it. Deliver and ingest its files first`);
  const absent = frozen?.absent ?? options.without;
  const notes = frozen?.notes ?? [
    ...options.without.map(
      (id) => `Published without the source "${nameOf(settings.sources, id)}", whose absence is recorded.`,
    ),
    ...missing.map(({ source }) => `The source "${source.name}" has not delivered the whole period.`),
  ];

  const previous = frozen
    ? frozen.previous
    : await previousManifest(join(folder, 'releases'), period, periodEnd);

  const progress = startProgress(`publishing ${period}`, process.stderr, partnership.now);
  try {
    const geography = await readGeography(partnership);
    await limitToAgreedArea(store.run, geography.cells);
    progress.update(0.1, 'counting and protecting');
    const protect = () =>
      protectPeriod(
        partnership,
        store,
        geography,
        period,
        sources,
        { sources: sources.map(({ id }) => id), absent, notes, previous },
        frozen?.included,
        !options.draft && !frozen,
      );
    // Drawn before the transaction ends: what cannot be drawn is not frozen.
    const prepare = async () => {
      const rows = await protect();
      progress.update(0.5, 'drawing maps and charts');
      const content = boardContent(partnership, geography, period, options.draft, sources, rows);
      return { protectedRows: rows, content, files: await releaseFiles(store.run, content) };
    };
    const { protectedRows, content, files } = await (options.draft || frozen
      ? prepare()
      : store.transaction(prepare));
    const target = join(folder, options.draft ? 'drafts' : 'releases', period);
    const outcome = await writeRelease(
      target,
      files,
      manifest(content, protectedRows, sources, absent, previous),
      options.draft,
    );
    if (typeof outcome === 'object') {
      throw new Error(
        `${period} was released before, and would now differ in ${outcome.differs.join(', ')}: a release is never changed. ` +
          'Restore the settings, key and geography that it was made with',
      );
    }
    progress.update(0.9, 'writing snapshots');
    if (!options.draft) await writeSnapshots(partnership, store, geography);
    return {
      period,
      folder: target,
      draft: options.draft,
      made: outcome === 'written',
      files: ['manifest.json', ...files.map(({ path }) => path)],
      notes: protectedRows.notes,
    };
  } finally {
    progress.done();
  }
}

const RELEASE_TABLE =
  'CREATE TABLE IF NOT EXISTS release (period VARCHAR PRIMARY KEY, policy VARCHAR, sources VARCHAR, absent VARCHAR, notes VARCHAR, previous VARCHAR, included VARCHAR)';

/** What was decided when a period was frozen, and holds for good. */
interface FrozenRelease {
  readonly sources: readonly string[];
  readonly absent: readonly string[];
  readonly notes: readonly string[];
  /** SHA-256 of the manifest before it; another release may come in between later. */
  readonly previous: string | null;
}

interface ReadRelease extends FrozenRelease {
  /** By source, the periods whose rows it shows; an earlier one that is frozen after it is not among them. */
  readonly included: Readonly<Record<string, readonly string[]>>;
}

async function readRelease(store: Store, period: string): Promise<ReadRelease | undefined> {
  const [row] = await store.query<{
    sources: string;
    absent: string;
    notes: string;
    previous: string | null;
    included: string;
  }>('SELECT sources, absent, notes, previous, included FROM release WHERE period = $1', [period]);
  return (
    row && {
      sources: JSON.parse(row.sources) as string[],
      absent: JSON.parse(row.absent) as string[],
      notes: JSON.parse(row.notes) as string[],
      previous: row.previous,
      included: JSON.parse(row.included) as Record<string, string[]>,
    }
  );
}

const nameOf = (sources: readonly SourceSettings[], id: string) =>
  sources.find((source) => source.id === id)?.name ?? id;

interface ProtectedRows {
  /** All frozen rows up to the period's end, and a draft's own. */
  readonly released: Released<ReleasedRow>[];
  readonly partnership: Released<PartnershipRow>[];
  readonly notes: readonly string[];
}

/** Builds the protected rows of each source; with `freeze`, within the caller's transaction, writes them down. */
async function protectPeriod(
  { key, settings, places }: Partnership,
  store: Store,
  geography: Geography,
  period: string,
  sources: readonly SourceSettings[],
  decided: FrozenRelease,
  frozen: ReadRelease['included'] | undefined,
  freeze: boolean,
): Promise<ProtectedRows> {
  const policy = POLICIES[settings.disclosure.policy] as Policy;
  const { query, run } = store;
  const { areas, cells } = geography;
  const shared = {
    query,
    key,
    policy,
    period,
    areas,
    ...(geography.addresses && { addresses: geography.addresses }),
  };
  const released: Released<ReleasedRow>[] = [];
  const partnership: Released<PartnershipRow>[] = [];
  const remarks = [...decided.notes];
  const included: Record<string, readonly string[]> = {};
  const inAreas = areas.reduce((sum, area) => sum + area.cells.length, 0);
  for (const { id, name } of sources) {
    const cube = await buildReleased({ ...shared, source: id });
    remarks.push(...cube.notes.map((note) => `${name}: ${note}`));
    const earlier = frozen
      ? await readReleased(query, id, frozen[id] ?? [])
      : await readReleasedBefore(store, id, period);
    const known = new Set(earlier.map(rowKey));
    const rows = [...earlier, ...(cube.frozen?.rows ?? []).filter((row) => !known.has(rowKey(row)))];
    released.push(...rows.toSorted(byColumns('period', 'cut', 'level', 'atom')));
    included[id] = [...new Set(rows.map((row) => row.period))].toSorted();
    if (freeze && cube.frozen) await writeFrozen(run, cube.frozen);
    if (!isQuarter(period)) continue;
    if (frozen) {
      partnership.push(...(await readPartnership(query, id, period)).toSorted(byColumns('level', 'atom')));
      continue;
    }
    const hotspots = await hotspotLabels(store, geography, id, period, places);
    const built = await buildPartnership({
      ...shared,
      source: id,
      places,
      schools: false,
      cellsOutside: cells.length - inAreas,
      hotspots,
    });
    partnership.push(...built.rows.toSorted(byColumns('level', 'atom')));
    if (freeze && built.isNew) await writePartnership(run, built.rows);
  }
  if (freeze) {
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
  return { released, partnership, notes: remarks };
}

/** Puts rows in one order whether they were just made or read from the store, so that a release has one set of bytes. */
const byColumns =
  <Column extends string>(...columns: readonly Column[]) =>
  (a: Readonly<Record<Column, string>>, b: Readonly<Record<Column, string>>): number => {
    const column = columns.find((name) => a[name] !== b[name]);
    if (column === undefined) return 0;
    return a[column] < b[column] ? -1 : 1;
  };

const rowKey = (row: ReleasedRow) => `${row.source}|${row.period}|${row.cut}|${row.atom}`;

/** Frozen rows of a source whose period ends no later than this one. */
async function readReleasedBefore(
  store: Store,
  source: string,
  period: string,
): Promise<Released<ReleasedRow>[]> {
  const rows = await store.query<{ period: string }>(
    'SELECT DISTINCT period FROM released WHERE source = $1 ORDER BY period',
    [source],
  );
  const end = periodEnd(period);
  return readReleased(
    store.query,
    source,
    rows.map((row) => row.period).filter((each) => periodEnd(each) <= end),
  );
}

/** First days of the first and last month of the twelve, or three, months that end with a quarter. */
function windowOf(period: string, months: number): { from: string; to: string } {
  const end = periodEnd(period);
  const [year, month] = [Number(end.slice(0, 4)), Number(end.slice(5, 7))];
  const day = (offset: number) => new Date(Date.UTC(year, month - offset, 1)).toISOString().slice(0, 10);
  return { from: day(months), to: day(1) };
}

const gridOf = ({ cells }: Geography) => layGrid(cells, neighbours);

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

function boardContent(
  { settings, places }: Partnership,
  geography: Geography,
  period: string,
  draft: boolean,
  sources: readonly SourceSettings[],
  { released, partnership, notes }: ProtectedRows,
): BoardContent {
  const policy = POLICIES[settings.disclosure.policy] as Policy;
  const placeById = new Map(places.map((place) => [place.id, place]));
  return {
    partnership: settings.partnership,
    period,
    draft,
    policy,
    policyLines: policyLines(policy, settings.geography.addresses !== 'not supplied'),
    sources: sources.map((source) => ({
      id: source.id,
      name: source.name,
      kind: (PROFILES[source.profile] as (typeof PROFILES)[string]).kind,
      unit: 'records',
    })),
    standsOut: geography.exposure ? 'people about' : 'elsewhere',
    released,
    rows: partnership,
    geography: {
      outline: geography.outline,
      areas: geography.areas.map(({ code, name, population, polygons }) => ({
        code,
        name,
        rings: polygons,
        ...(population !== null && { population }),
      })),
      cellBoundary: (cell) => cellBoundary(textToCell(cell)),
      cellCentre: (cell) => {
        const { lat, lng } = cellCentre(textToCell(cell));
        return [lng, lat];
      },
      place: (id) => {
        const place = placeById.get(id);
        return place && { at: [place.lng, place.lat], cell: cellText(place.cell) };
      },
    },
    notes: [...notes],
  };
}

/** The policy in force, in sentences. */
function policyLines(policy: Policy, addresses: boolean): string[] {
  return [
    `Policy ${policy.name}: a number is shown only where it stands for at least ${policy.threshold} records and, where persons are known, ${policy.threshold} persons.`,
    `Shown numbers are multiples of ${policy.base} and add up exactly; each stands for a range of true numbers printed with it.`,
    `For the partnership, places over twelve months are shown from ${policy.partnershipThreshold} records and, where persons are known, ${policy.partnershipThreshold} persons, in bands.`,
    addresses
      ? `A cell is shown by itself only where it holds at least ${policy.minAddresses} postal addresses, or none.`
      : `No postal addresses were supplied, so the rule of ${policy.minAddresses} addresses a cell is not applied.`,
  ];
}

function manifest(
  { period, policy, partnership, draft }: BoardContent,
  { released, notes }: ProtectedRows,
  sources: readonly SourceSettings[],
  absent: readonly string[],
  previous: string | null,
): object {
  return {
    release: `${draft ? 'draft of ' : ''}${period}`,
    period,
    partnership,
    tiers: { partnership: ['board.pdf', 'board.html', 'tables/'], released: ['public/'] },
    policy,
    plan: { cuts: CUTS, partnership: 'places over twelve months, by quarter' },
    sources: sources.map(({ id, name }) => ({
      id,
      name,
      utility: isQuarter(period) ? measureUtility(released, id, period) : null,
    })),
    without: absent,
    notes,
    previous,
  };
}

/** Replaces data/board.duckdb, and data/analyst.duckdb where the settings ask for it, each at once. */
async function writeSnapshots(
  { folder, settings, places }: Partnership,
  store: Store,
  geography: Geography,
): Promise<void> {
  const replace = async (name: string, write: (path: string) => Promise<void>) => {
    const made = join(folder, 'data', `${name}.new`);
    // What a run that was killed left half written would be read as this one's.
    await rm(`${made}.wal`, { force: true });
    try {
      await write(made);
      await rename(made, join(folder, 'data', name));
    } catch (error) {
      for (const path of [made, `${made}.wal`]) await rm(path, { recursive: true, force: true });
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
  await replace('board.duckdb', (path) => writeBoardFile(store.run, path, { cells, areas: geography.areas }));
  if (!settings.publish.analyst_snapshot) return;
  const hotspots = await latestHotspots(store, geography);
  await replace('analyst.duckdb', (path) =>
    writeAnalystSnapshot(store.run, store.query, path, {
      cells,
      places: places.map(({ id, name, kind, cell, capacity }) => ({
        place_id: id,
        name,
        kind,
        cell,
        capacity,
      })),
      hotspots,
    }),
  );
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
