/** Up to when each source has delivered, and what that means for a period. */
import type { SourceSettings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';

export interface Coverage {
  readonly source: SourceSettings;
  /** Latest date (YYYY-MM-DD) that the source's records speak for; null where there are none. */
  readonly to: string | null;
}

/** What each source of the settings covers. */
export async function readCoverage(store: Store, sources: readonly SourceSettings[]): Promise<Coverage[]> {
  const rows = await store.query<{ source: string; covered: string }>(
    'SELECT source, max(covered_to)::VARCHAR AS covered FROM file WHERE covered_to IS NOT NULL GROUP BY source',
  );
  const found = new Map(rows.map((row) => [row.source, row.covered]));
  return sources.map((source) => ({ source, to: found.get(source.id) ?? null }));
}

const DAY_MS = 86_400_000;
const dayNumber = (date: string) => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** Whether a source covers everything up to a date, within the days that its settings allow. */
export const covers = ({ source, to }: Coverage, date: string): boolean =>
  to !== null && dayNumber(to) + source.covers_within_days >= dayNumber(date);

/** A period is provisional for so many days, unless every supplier has delivered before. */
const PROVISIONAL_DAYS = 60;

/**
 * Suppliers of expected sources that have nothing in the store for the last month of a period yet, while it is still
 * waited for them: "source supplier". A source with a list of sites has each of them as a supplier.
 */
export async function suppliersAwaited(
  store: Store,
  sources: readonly SourceSettings[],
  end: string,
  today: string,
): Promise<{ readonly suppliers: readonly string[]; readonly until: string }> {
  const until = new Date((dayNumber(end) + PROVISIONAL_DAYS) * DAY_MS).toISOString().slice(0, 10);
  if (today > until) return { suppliers: [], until };
  const rows = await store.query<{ of: string }>(
    `SELECT DISTINCT source || ' ' || supplier AS of FROM incident WHERE month >= date_trunc('month', $1::DATE)`,
    [end],
  );
  const delivered = new Set(rows.map(({ of }) => of));
  const expected = sources
    .filter((source) => source.expected)
    .flatMap(({ id, sites }) => sites.map((site) => `${id} ${site}`));
  return { suppliers: expected.filter((of) => !delivered.has(of)), until };
}

/** Whether a text is a quarter (2025-Q3), or a month (2025-09). */
export const isQuarter = (period: string): boolean => /^\d{4}-Q[1-4]$/.test(period);
export const isMonth = (period: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(period);

/** Last date (YYYY-MM-DD) of a month (2025-09) or quarter (2025-Q3). */
export function periodEnd(period: string): string {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
  const year = Number(period.slice(0, 4));
  const month = quarter ? Number(quarter[2]) * 3 : Number(period.slice(5));
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The latest quarter that has ended by a date. */
export function latestQuarter(date: string): string {
  const year = Number(date.slice(0, 4));
  for (let quarter = 4; quarter >= 1; quarter--) {
    if (dayNumber(periodEnd(`${year}-Q${quarter}`)) <= dayNumber(date)) return `${year}-Q${quarter}`;
  }
  return `${year - 1}-Q4`;
}

/** The latest quarter of which any expected source covers the end; undefined where none covers one. */
export function latestDelivered(coverage: readonly Coverage[], today: string): string | undefined {
  const ends = coverage.filter(({ source, to }) => source.expected && to !== null);
  const quarters = ends.map(({ source, to }) => {
    const reach = new Date((dayNumber(to as string) + source.covers_within_days) * DAY_MS)
      .toISOString()
      .slice(0, 10);
    return latestQuarter(reach < today ? reach : today);
  });
  return quarters.sort().at(-1);
}
