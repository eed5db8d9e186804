/** cardiff publish: freezes a period and makes its release, or a draft that freezes nothing. */
import { join } from 'node:path';
import { FROZEN_TABLES } from '../reports/disclosure/frozen.ts';
import { limitToAgreedArea } from '../reports/disclosure/reported.ts';
import { measurePlaced } from '../reports/disclosure/utility.ts';
import { releaseFiles } from '../reports/release-files.ts';
import { previousManifest, writeRelease } from '../reports/write-release.ts';
import { forPlaces } from '../schemas/policy.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import { boardContent, manifest } from './board-content.ts';
import { localDate } from './clock.ts';
import {
  covers,
  isMonth,
  isQuarter,
  latestDelivered,
  periodEnd,
  readCoverage,
  suppliersAwaited,
} from './coverage.ts';
import { NotReady } from './not-ready.ts';
import { checkKey, type Partnership, readGeography } from './partnership.ts';
import { startProgress } from './progress.ts';
import { protectPeriod } from './protect-period.ts';
import { RELEASE_TABLE, readRelease } from './release-record.ts';
import { UsageError } from './usage-error.ts';
import { writeSnapshots } from './write-snapshots.ts';

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
  /** By source, how much of a quarter is shown at which detail: for the operator alone. */
  readonly utility: Readonly<Record<string, Awaited<ReturnType<typeof measurePlaced>>>>;
}

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
  const awaited = await suppliersAwaited(
    store,
    settings.sources.filter(({ id }) => !options.without.includes(id)),
    end,
    today,
  );
  if (!frozen && !options.draft && isQuarter(period) && awaited.suppliers.length > 0) {
    throw new NotReady(
      `${period} is provisional until ${awaited.until}, or until ${awaited.suppliers.join(', ')} ${awaited.suppliers.length > 1 ? 'have' : 'has'} delivered: until then publish its months, which are of the area alone`,
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
    ...awaited.suppliers.map(
      (of) => `Provisional: ${of} has not delivered the whole period; what comes later is shown apart.`,
    ),
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
      return { protectedRows: rows, content, files: await releaseFiles(store.run, content, rows) };
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
    const utility: Record<string, Awaited<ReturnType<typeof measurePlaced>>> = {};
    for (const { id } of isQuarter(period) ? sources : []) {
      const { threshold } = forPlaces(protectedRows.policy);
      const of = { source: id, period, areas: geography.areas, threshold };
      utility[id] = await measurePlaced(store.query, of, protectedRows.released, protectedRows.geography);
    }
    return {
      period,
      folder: target,
      draft: options.draft,
      made: outcome === 'written',
      files: ['manifest.json', ...files.map(({ path }) => path)],
      notes: protectedRows.notes,
      utility,
    };
  } finally {
    progress.done();
  }
}

const nameOf = (sources: readonly SourceSettings[], id: string) =>
  sources.find((source) => source.id === id)?.name ?? id;
