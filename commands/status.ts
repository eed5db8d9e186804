/** cardiff status: what is in the store, what was published, what is late. For the operator's own screen. */
import { SourceError } from '../ingest/source-error.ts';
import type { RegisterLine } from '../schemas/register.ts';
import type { Settings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import { readAgreements, whyNotInForce } from './agreements.ts';
import { approversOf } from './approve.ts';
import { localDate } from './clock.ts';
import { covers, latestDelivered, periodEnd, readCoverage } from './coverage.ts';
import { sortInbox } from './ingest.ts';
import type { Partnership } from './partnership.ts';
import { linesOf, openLines } from './register.ts';
import { type Retraction, retractionNote, retractionsBefore } from './retract.ts';

export interface Status {
  readonly sources: readonly {
    id: string;
    name: string;
    incidents: number;
    files: number;
    /** Files of its inbox that are still to be read, those that could not be among them; null where it cannot be looked into. */
    unread: number | null;
    covered_to: string | null;
    expected: boolean;
  }[];
  readonly topics: readonly TopicStatus[];
  readonly released: readonly string[];
  /** The latest quarter that anybody has delivered, and who has not. */
  readonly next: { period: string; waits_for: readonly string[] } | null;
  readonly last_scheduled: string | null;
  /** Each agreement, and why nothing is made under it today; null where it is in force. */
  readonly agreements: readonly { partner: string; name: string; tier: string; withheld: string | null }[];
  /** Whose draft waits for how many approvals. */
  readonly drafts: readonly { period: string; approved_by: readonly string[]; wanted: number }[];
  readonly retracted: readonly Retraction[];
  /** The last refusal, where nothing was released since. */
  readonly refused: { period: string; because: string } | null;
}

/** How far a topic has been read, and messages of it that could not be, by reason. */
export interface TopicStatus {
  readonly source: string;
  readonly topic: string;
  readonly generation: number;
  readonly read: number;
  /** Messages that the topic held beyond that, when it was last looked at. */
  readonly behind: number;
  /** Offsets that were gone before they could be read. */
  readonly missing: number;
  readonly last_commit: string;
  readonly bad: Readonly<Record<string, number>>;
}

async function readTopics(store: Store): Promise<TopicStatus[]> {
  const topics = await store.query<Omit<TopicStatus, 'bad'>>(
    `SELECT source, topic, generation, sum(next)::DOUBLE AS read, sum(greatest(high - next, 0))::DOUBLE AS behind,
      sum(missing)::DOUBLE AS missing, max(at_time) AS last_commit
     FROM kafka_offset GROUP BY source, origin, topic, generation ORDER BY source, origin, topic, generation`,
  );
  const bad = await store.query<{ topic: string; generation: number; reason: string; n: number }>(
    'SELECT topic, generation, reason, sum(n)::INTEGER AS n FROM kafka_bad_count GROUP BY ALL ORDER BY n DESC',
  );
  return topics.map((each) => ({
    ...each,
    bad: Object.fromEntries(
      bad
        .filter(({ topic, generation }) => topic === each.topic && generation === each.generation)
        .map(({ reason, n }) => [reason, n]),
    ),
  }));
}

/** Reads the status. Exact figures: they are not for publication. */
export async function readStatus(partnership: Partnership, store: Store): Promise<Status> {
  const { settings } = partnership;
  const register = await openLines(partnership, store);
  const today = localDate(partnership.now(), settings.time_zone);
  const agreements = await readAgreements(
    partnership.folder,
    settings.sources.map(({ id }) => id),
  );
  const coverage = await readCoverage(store, settings.sources);
  const counts = await store.query<{ source: string; n: number }>(
    'SELECT source, count(*)::INTEGER AS n FROM incident GROUP BY source',
  );
  const files = await store.query<{ source: string; n: number }>(
    // A topic has a line in the ledger too, of no bytes.
    'SELECT source, count(*)::INTEGER AS n FROM file WHERE bytes > 0 GROUP BY source',
  );
  const unread = new Map<string, number>();
  for (const source of settings.sources) {
    try {
      unread.set(source.id, (await sortInbox(partnership, store, source)).unread.length);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    }
  }
  const of = (rows: readonly { source: string; n: number }[], id: string) =>
    rows.find((row) => row.source === id)?.n ?? 0;
  const [table] = await store.query<{ n: number }>(
    `SELECT count(*)::INTEGER AS n FROM information_schema.tables WHERE table_name = 'release'`,
  );
  const released = table?.n
    ? (await store.query<{ period: string }>('SELECT period FROM release ORDER BY period')).map(
        (row) => row.period,
      )
    : [];
  const period = latestDelivered(coverage, today);
  const [success] = await store.query<{ at_time: string }>('SELECT at_time FROM last_success');
  return {
    sources: coverage.map(({ source, to }) => ({
      id: source.id,
      name: source.name,
      incidents: of(counts, source.id),
      files: of(files, source.id),
      unread: unread.get(source.id) ?? null,
      covered_to: to,
      expected: source.expected,
    })),
    topics: await readTopics(store),
    released,
    next:
      period === undefined || released.includes(period)
        ? null
        : {
            period,
            waits_for: coverage
              .filter((each) => each.source.expected && !covers(each, periodEnd(period)))
              .map(({ source }) => source.id),
          },
    last_scheduled: success?.at_time ?? null,
    agreements: agreements.map((agreement) => ({
      partner: agreement.partner,
      name: agreement.name,
      tier: agreement.tier,
      withheld: whyNotInForce(agreement, today),
    })),
    drafts: settings.publish.approvals === 0 ? [] : openDrafts(register, settings.publish.approvals),
    retracted: retractionsBefore(register),
    refused: lastRefusal(register),
  };
}

/** The drafts of periods that are not released, with their approvals. */
function openDrafts(register: readonly RegisterLine[], wanted: number): Status['drafts'] {
  const released = new Set(linesOf(register, 'release').map(({ period }) => period));
  const latest = new Map(linesOf(register, 'draft').map(({ period, manifest }) => [period, manifest]));
  return [...latest]
    .filter(([period]) => !released.has(period))
    .map(([period, draft]) => ({ period, approved_by: approversOf(register, period, draft), wanted }));
}

function lastRefusal(register: readonly RegisterLine[]): Status['refused'] {
  const last = register.findLast(({ event }) => event === 'refusal' || event === 'release');
  return last?.event === 'refusal' ? { period: last.period, because: last.because } : null;
}

/** The status in lines for a person. */
export function statusText(
  { sources, topics, released, next, last_scheduled, agreements, drafts, retracted, refused }: Status,
  settings: Settings,
): string {
  const filesOf = (n: number) => `${n} file${n === 1 ? '' : 's'}`;
  const lines = sources.flatMap(({ id, name, incidents, files, unread, covered_to, expected }) => [
    `${id} (${name}): ${incidents} incidents${files > 0 ? ` from ${filesOf(files)}` : ''}, ${covered_to ? `delivered up to ${covered_to}` : 'nothing delivered'}${expected ? '' : ', not waited for'}`,
    ...(unread === null ? [`  inbox/${id} cannot be looked into: "cardiff ingest" says why`] : []),
    ...(unread ? [`  still to be read: ${filesOf(unread)} in inbox/${id}: cardiff ingest`] : []),
  ]);
  for (const { source, topic, read, behind, missing, last_commit, bad } of topics) {
    const gone = missing > 0 ? `, ${missing} gone before they could be read` : '';
    lines.push(
      `${source}: topic ${topic}, ${read} messages read, ${behind} behind${gone}, last at ${last_commit}`,
      ...Object.entries(bad).map(([reason, n]) => `  not read: ${reason}: ${n}`),
    );
  }
  lines.push(released.length > 0 ? `released: ${released.join(', ')}` : 'nothing released yet');
  if (next)
    lines.push(
      next.waits_for.length > 0
        ? `${next.period} waits for ${next.waits_for.join(', ')}`
        : `${next.period} is ready: cardiff publish --period ${next.period}`,
    );
  if (last_scheduled) lines.push(`the schedule was last kept at ${last_scheduled}`);
  if (refused) lines.push(`last refused: ${refused.because}`);
  for (const { period, approved_by, wanted } of drafts)
    lines.push(
      `the draft of ${period} has ${approved_by.length} of ${wanted} approvals${approved_by.length > 0 ? `: ${approved_by.join(', ')}` : ''}`,
    );
  for (const { partner, name, tier, withheld } of agreements)
    lines.push(`${partner} (${name}), tier ${tier}: ${withheld ?? 'in force'}`);
  for (const retraction of retracted) lines.push(retractionNote(retraction, settings.sources));
  return lines.join('\n');
}
