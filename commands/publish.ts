/** cardiff publish: freezes a period and makes its release, or a draft that freezes nothing. */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { monthRuns } from '../reports/board/cube.ts';
import type { Recipient } from '../reports/board/proof-document.ts';
import { renderProof } from '../reports/board/render.ts';
import { shortInWords, shortOrHidden } from '../reports/board/short-months.ts';
import { FROZEN_TABLES } from '../reports/disclosure/frozen.ts';
import { RECORDING_TABLES } from '../reports/disclosure/recording.ts';
import { limitToAgreedArea } from '../reports/disclosure/reported.ts';
import { measurePlaced } from '../reports/disclosure/utility.ts';
import { releaseFiles } from '../reports/release-files.ts';
import {
  addFiles,
  beginRelease,
  clearUnfinished,
  compareRelease,
  discardRelease,
  type FinishedRelease,
  finishRelease,
  manifestHash,
  placeRelease,
  previousManifest,
  type UnfinishedRelease,
} from '../reports/write-release.ts';
import type { Agreement } from '../schemas/agreement.ts';
import { forPlaces } from '../schemas/policy.ts';
import type { LineOf, RegisterEvent, RegisterLine } from '../schemas/register.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import { inForce, readAgreements } from './agreements.ts';
import { approversOf } from './approve.ts';
import { auditBefore } from './audit-before.ts';
import { boardContent, manifest, proofContent } from './board-content.ts';
import { localDate } from './clock.ts';
import {
  type Coverage,
  covers,
  isMonth,
  isQuarter,
  latestDelivered,
  periodEnd,
  readCoverage,
  suppliersAwaited,
} from './coverage.ts';
import { grantsOf } from './grants.ts';
import { freezeOperationalTier, operationalFilesFor } from './operational.ts';
import { stageExtracts } from './partner-extracts.ts';
import { checkKey, type Partnership, readGeography } from './partnership.ts';
import { checkPlan, publicationPlan } from './plan.ts';
import { sexualOffencesCounted } from './policy-in-force.ts';
import { startProgress } from './progress.ts';
import { type ProtectedRows, protectPeriod } from './protect-period.ts';
import { NotReady, Refused } from './refused.ts';
import { flushLines, linesOf, openLines, recordLines, registerNow } from './register.ts';
import {
  AUDIT_TABLE,
  type FrozenAudit,
  type FrozenRelease,
  RELEASE_TABLE,
  readAudit,
  readRelease,
} from './release-record.ts';
import { type Retraction, retractionNote, retractionsBefore, withoutRetracted } from './retract.ts';
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
  /** The DuckDB files that were made anew. */
  readonly snapshots: readonly string[];
  /** By source, how much of a quarter is shown at which detail: for the operator alone. */
  readonly utility: Readonly<Record<string, Awaited<ReturnType<typeof measurePlaced>>>>;
}

/**
 * Publishes a period. Refuses, freezing nothing, until every expected source covers its end or its absence is
 * recorded, and what the settings ask for is approved; what the attacker can narrow is refused as well. Every refusal
 * is in the register. Asked again for a period that is frozen, it makes the same bytes from the frozen rows, or refuses.
 *
 * @throws UsageError for a period that is none or not over; Refused with the reason.
 */
export async function publish(
  partnership: Partnership,
  store: Store,
  options: PublishOptions,
): Promise<Publication> {
  const { settings } = partnership;
  await checkKey(partnership, store);
  const register = await openLines(partnership, store);
  for (const statement of [...FROZEN_TABLES, ...RECORDING_TABLES, RELEASE_TABLE, AUDIT_TABLE])
    await store.run(statement);
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
  const agreements = await readAgreements(
    partnership.folder,
    settings.sources.map(({ id }) => id),
  );
  const request = { partnership, store, register, period, today, coverage, agreements, options };
  try {
    return await publishPeriod(request);
  } catch (error) {
    if (error instanceof Refused)
      await registerNow(partnership, store, [{ event: 'refusal', period, because: error.message }]);
    throw error;
  }
}

interface Request {
  readonly partnership: Partnership;
  readonly store: Store;
  readonly register: readonly RegisterLine[];
  readonly period: string;
  readonly today: string;
  readonly coverage: readonly Coverage[];
  readonly agreements: readonly Agreement[];
  readonly options: PublishOptions;
}

async function publishPeriod(request: Request): Promise<Publication> {
  const { partnership, store, register, period, agreements, options, today } = request;
  const { settings, folder } = partnership;
  const frozen = await readRelease(store, period);
  const decided = frozen ?? (await decide(request));
  const sources = settings.sources.filter((source) => decided.sources.includes(source.id));
  const line = linesOf(register, 'release').find((each) => each.period === period);
  const plan = line?.plan ?? publicationPlan(settings);
  if (!frozen && !options.draft) checkPlan(period, plan, register);
  const earlier = linesOf(register, 'release').filter(
    (each) => each.n < (line?.n ?? Number.POSITIVE_INFINITY),
  );
  const known = frozen && (await readAudit(store, period));
  const releases = join(folder, 'releases');
  const target = join(folder, options.draft ? 'drafts' : 'releases', period);

  const progress = startProgress(`publishing ${period}`, process.stderr, partnership.now);
  let unfinished: UnfinishedRelease | undefined;
  try {
    for (const parent of [
      releases,
      join(folder, 'drafts'),
      join(target, 'partners'),
      join(target, 'operational'),
    ])
      await clearUnfinished(parent);
    const geography = await readGeography(partnership);
    await limitToAgreedArea(store.run, geography.cells, await sexualOffencesCounted(store, settings));

    /** The release under another name, attacked. */
    const stage = async (rows: ProtectedRows, draft: boolean): Promise<Staged> => {
      const retractions = retractionsBefore(register, line?.n);
      const left = withoutWithdrawn(request, rows, retractions);
      const content = boardContent(partnership, geography, period, draft, sources, left);
      unfinished = await addFiles(
        await beginRelease(dirname(target)),
        await releaseFiles(store.run, content, left),
      );
      progress.update(0.7, 'attacking it');
      const about = manifest(content, rows, sources, decided.absent, decided.previous, plan, retractions);
      // The attacker reads the manifest too; the proof sheet, which holds its answer, comes into the second one.
      await finishRelease(unfinished, about);
      const audit = known ?? {
        report: await auditBefore(period, unfinished.folder, releases, earlier),
        recipients: recipientsOf(request),
      };
      const proof = renderProof(proofContent(content, plan, audit));
      unfinished = await addFiles(unfinished, [{ path: 'public/proof.pdf', content: proof }]);
      return { release: await finishRelease(unfinished, about), audit };
    };
    const prepare = async (): Promise<Prepared> => {
      progress.update(0.1, 'counting and protecting');
      const rows = await protectPeriod(
        partnership,
        store,
        geography,
        period,
        sources,
        decided,
        frozen?.included,
        !options.draft && !frozen,
      );
      const tasked = grantsOf(agreements, 'operational', today);
      if (!options.draft && !frozen && isQuarter(period) && tasked.length > 0)
        await freezeOperationalTier(partnership, store, geography, plan.policy, period, sources, tasked);
      progress.update(0.4, 'drawing maps and charts');
      const approved = options.draft || frozen ? [] : await approvals(request, () => stage(rows, true));
      const { release, audit } = await stage(rows, options.draft);
      if (options.draft) {
        const last = linesOf(register, 'draft').findLast((each) => each.period === period);
        const events: RegisterEvent[] =
          last?.manifest === release.manifest
            ? []
            : [{ event: 'draft', period, manifest: release.manifest, plan }];
        await recordLines(partnership, store, events);
        return { release, rows, notes: [], partnerFiles: [], place: async () => undefined };
      }
      await checkSame(period, release, line, target);
      const isThere = await manifestHash(target);
      const left = withoutWithdrawn(request, rows, retractionsBefore(register));
      const extracted = boardContent(partnership, geography, period, false, sources, left);
      const extracts = await stageExtracts({
        store,
        agreements,
        register,
        folder: isThere === undefined ? release.folder : target,
        period,
        day: today,
        release: release.manifest,
        content: extracted,
        starred: left.starred,
        operational: (grant) => operationalFilesFor(partnership, store, extracted, grant),
      });
      const events: RegisterEvent[] = line
        ? []
        : [
            ...(await newGeographies(store, register)),
            {
              event: 'release',
              period,
              manifest: release.manifest,
              plan,
              recipients: agreements.filter((each) => inForce(each, today)).map(({ partner }) => partner),
              approved_by: approved,
              files: release.files.map(({ path, sha256 }) => ({ path, sha256 })),
            },
          ];
      if (!known)
        await store.run('INSERT INTO release_audit VALUES ($1, $2)', [period, JSON.stringify(audit)]);
      await recordLines(partnership, store, [...events, ...extracts.events]);
      return { release, rows, ...extracts, partnerFiles: extracts.files };
    };
    // Everything is made and attacked before the transaction ends: what cannot be drawn or leaks is not frozen.
    const { release, rows, notes, partnerFiles, place } = await store.transaction(prepare);
    // From here on a kill leaves the register complete; what is not in its place yet is made anew when asked for.
    await place();
    const outcome = await placeRelease(release, target, options.draft);
    await flushLines(partnership, store);
    progress.update(0.9, 'writing snapshots');
    const snapshots = options.draft ? [] : await writeSnapshots(partnership, store, geography, agreements);
    const utility: Record<string, Awaited<ReturnType<typeof measurePlaced>>> = {};
    for (const { id } of isQuarter(period) ? sources : []) {
      const { threshold } = forPlaces(rows.policy);
      const of = { source: id, period, areas: geography.areas, threshold };
      utility[id] = await measurePlaced(store.query, of, rows.released, rows.geography);
    }
    return {
      period,
      folder: target,
      draft: options.draft,
      made: outcome === 'written',
      files: ['manifest.json', ...release.files.map(({ path }) => path), ...partnerFiles],
      notes: [...rows.notes, ...notes, ...sources.flatMap((source) => shortNote(source, rows, period))],
      snapshots,
      utility,
    };
  } finally {
    if (unfinished) await discardRelease(unfinished);
    progress.done();
  }
}

interface Staged {
  readonly release: FinishedRelease;
  readonly audit: FrozenAudit;
}

interface Prepared {
  readonly release: FinishedRelease;
  readonly rows: ProtectedRows;
  readonly notes: readonly string[];
  readonly partnerFiles: readonly string[];
  readonly place: () => Promise<void>;
}

/** What is decided of a period that is not frozen. @throws NotReady where it waits for a source. */
async function decide({
  partnership,
  store,
  period,
  today,
  coverage,
  options,
}: Request): Promise<FrozenRelease> {
  const { settings, folder } = partnership;
  const { without } = options;
  const end = periodEnd(period);
  const missing = coverage.filter(
    (each) => each.source.expected && !without.includes(each.source.id) && !covers(each, end),
  );
  if (!options.draft && missing.length > 0) {
    const list = missing
      .map(({ source, to }) => `${source.id} (${to ? `delivered up to ${to}` : 'nothing delivered'})`)
      .join(', ');
    throw new NotReady(
      `${period} is not published: it waits for ${list}. Deliver and ingest the missing files, or record the absence with --without SOURCE`,
    );
  }
  const awaited = await suppliersAwaited(
    store,
    settings.sources.filter(({ id }) => !without.includes(id)),
    end,
    today,
  );
  if (!options.draft && isQuarter(period) && awaited.suppliers.length > 0) {
    throw new NotReady(
      `${period} is provisional until ${awaited.until}, or until ${awaited.suppliers.join(', ')} ${awaited.suppliers.length > 1 ? 'have' : 'has'} delivered: until then publish its months, which are of the area alone`,
    );
  }
  const present = coverage.filter(
    (each) => each.to !== null && !without.includes(each.source.id) && covers(each, end),
  );
  if (present.length === 0)
    throw new Refused(`${period} is not published: no source covers it. Deliver and ingest its files first`);
  return {
    sources: present.map(({ source }) => source.id),
    absent: without,
    notes: [
      ...without.map(
        (id) => `Published without the source "${nameOf(settings.sources, id)}", whose absence is recorded.`,
      ),
      ...missing.map(({ source }) => `The source "${source.name}" has not delivered the whole period.`),
      ...awaited.suppliers.map(
        (of) => `Provisional: ${of} has not delivered the whole period; what comes later is shown apart.`,
      ),
    ],
    previous: await previousManifest(join(folder, 'releases'), period, periodEnd),
  };
}

/** The rows without what was withdrawn, which the notes say. */
const withoutWithdrawn = (
  { partnership }: Request,
  rows: ProtectedRows,
  retractions: readonly Retraction[],
): ProtectedRows => ({
  ...rows,
  released: withoutRetracted(rows.released, retractions),
  starred: withoutRetracted(rows.starred, retractions),
  partnership: withoutRetracted(rows.partnership, retractions),
  notes: [...rows.notes, ...retractions.map((each) => retractionNote(each, partnership.settings.sources))],
});

/** Who is due something of the release today. */
const recipientsOf = ({ agreements, today }: Request): Recipient[] =>
  agreements
    .filter((agreement) => inForce(agreement, today))
    .map(({ name, tier, sources, cuts, expires }) => ({ name, tier, sources, cuts, expires }));

/** Who has approved the draft that the period has now. @throws NotReady where they are too few. */
async function approvals(
  { partnership, register, period }: Request,
  stageDraft: () => Promise<Staged>,
): Promise<string[]> {
  const wanted = partnership.settings.publish.approvals;
  if (wanted === 0) return [];
  const { release } = await stageDraft();
  await discardRelease(release);
  const by = approversOf(register, period, release.manifest);
  if (by.length >= wanted) return by;
  const isKnown = linesOf(register, 'draft').some(({ manifest }) => manifest === release.manifest);
  throw new NotReady(
    isKnown
      ? `${period} is not published: its draft has ${by.length} of ${wanted} approvals${by.length > 0 ? ` (${by.join(', ')})` : ''}. Record one with "cardiff approve ${period} --as NAME"`
      : `${period} is not published: there is no draft of it as it would be now, for ${wanted} people to approve. Make one with "cardiff publish --draft --period ${period}"`,
  );
}

/** @throws Refused where the release was another when it was made, naming what differs. */
async function checkSame(
  period: string,
  { files, manifest, folder }: FinishedRelease,
  line: LineOf<'release'> | undefined,
  target: string,
): Promise<void> {
  const before = new Map(line?.files.map(({ path, sha256 }) => [path, sha256]));
  const differs = new Set(
    line ? files.filter(({ path, sha256 }) => before.get(path) !== sha256).map(({ path }) => path) : [],
  );
  if (line && line.manifest !== manifest) differs.add('manifest.json');
  const outcome = await compareRelease({ files, manifest, folder }, target);
  if (typeof outcome === 'object') for (const path of outcome.differs) differs.add(path);
  if (differs.size > 0)
    throw new Refused(
      `${period} was released before, and would now differ in ${[...differs].join(', ')}: a release is never changed. ` +
        'Restore the settings, key and geography that it was made with',
    );
}

/** Geographies that were frozen and are not in the register yet: what they are, as a hash. */
async function newGeographies(store: Store, register: readonly RegisterLine[]): Promise<RegisterEvent[]> {
  const known = linesOf(register, 'geography');
  const frozen = await store.query<{ source: string; first_quarter: string }>(
    'SELECT DISTINCT source, first_quarter FROM geography ORDER BY ALL',
  );
  const events: RegisterEvent[] = [];
  for (const { source, first_quarter } of frozen) {
    if (known.some((line) => line.source === source && line.first_quarter === first_quarter)) continue;
    const rows = await store.query<{ row: string }>(
      `SELECT cell || ' ' || atom AS row FROM geography_cell WHERE source = $1 AND first_quarter = $2 ORDER BY cell`,
      [source, first_quarter],
    );
    const sha256 = createHash('sha256')
      .update(rows.map(({ row }) => row).join('\n'))
      .digest('hex');
    events.push({ event: 'geography', source, first_quarter, sha256 });
  }
  return events;
}

/** For the operator, before the board asks. */
function shortNote(
  { id, name }: SourceSettings,
  { released, policy }: ProtectedRows,
  period: string,
): string[] {
  const short = shortOrHidden(monthRuns(released, id), period, policy.threshold);
  return short.length > 0 ? [`${name}: ${shortInWords(short)} "cardiff quality" says more.`] : [];
}

const nameOf = (sources: readonly SourceSettings[], id: string) =>
  sources.find((source) => source.id === id)?.name ?? id;
