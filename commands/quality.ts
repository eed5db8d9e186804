/** cardiff quality: how well each supplier's records are filled in, what changed, and what is missing from the map. */
import { ALL_THAT_WAS_READ, limitToAgreedArea } from '../reports/disclosure/reported.ts';
import { type Quality, readQuality } from '../reports/quality/quality.ts';
import type { RecordScope } from '../reports/quality/read-records.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import { covers, periodEnd, readCoverage } from './coverage.ts';
import { type Geography, type Partnership, readGeography } from './partnership.ts';

/** The last month that each source has delivered as a whole, by source; without those that have delivered none. */
export async function wholeMonths(
  store: Store,
  sources: readonly SourceSettings[],
): Promise<Map<string, string>> {
  const last = new Map<string, string>();
  for (const each of await readCoverage(store, sources)) {
    if (each.to === null) continue;
    const month = each.to.slice(0, 7);
    const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 2;
    const before = `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
    last.set(each.source.id, covers(each, periodEnd(month)) ? month : before);
  }
  return last;
}

/** The quality of what the agreed area reports, exact: for the operator and, of public places, for analysts. */
export async function measureQuality(
  { settings }: Partnership,
  store: Store,
  { areas, cells }: Geography,
  scope: RecordScope,
): Promise<Quality> {
  await limitToAgreedArea(store.run, cells, ALL_THAT_WAS_READ);
  const names = new Map(areas.flatMap((area) => area.cells.map((cell) => [cell, area.name] as const)));
  return readQuality({
    query: store.query,
    scope,
    upTo: await wholeMonths(store, settings.sources),
    areaOf: (cell) => names.get(cell) ?? '',
  });
}

/** The quality of everything, for the operator's eyes. */
export async function quality(partnership: Partnership, store: Store): Promise<Quality> {
  return measureQuality(partnership, store, await readGeography(partnership), 'all');
}
