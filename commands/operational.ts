/** The operational tier of a period: counted once with it, and made for each partner whose agreement is in force. */
import type { BoardContent } from '../reports/board/content.ts';
import { measureUtility } from '../reports/disclosure/utility.ts';
import { operationalFiles } from '../reports/operational/files.ts';
import { countOperational, freezeOperational, readOperational } from '../reports/operational/rows.ts';
import type { ReleaseFile } from '../reports/write-release.ts';
import type { Grant } from '../schemas/grant.ts';
import type { Policy } from '../schemas/policy.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { cellText } from '../transform/h3-cell.ts';
import type { Store } from '../transform/store.ts';
import type { Geography, Partnership } from './partnership.ts';
import { windowOf } from './protect-period.ts';

/** Counts and freezes the tier with a quarter, in the caller's transaction, for the sources that a partner may see. */
export async function freezeOperationalTier(
  { places }: Partnership,
  store: Store,
  { areas, addresses }: Geography,
  policy: Policy,
  period: string,
  sources: readonly SourceSettings[],
  grants: readonly Grant<'operational'>[],
): Promise<void> {
  const names = new Map(
    areas.flatMap(({ name, cells }) => cells.map((cell) => [cellText(cell), name] as const)),
  );
  const known = new Map([...(addresses ?? [])].map(([cell, number]) => [cellText(cell), number] as const));
  const rows = await countOperational(store.run, store.query, {
    sources: sources.map(({ id }) => id).filter((id) => grants.some((grant) => grant.sources.includes(id))),
    period,
    year: windowOf(period, 12),
    threshold: policy.partnershipThreshold,
    places: places
      .filter(({ kind }) => kind !== 'school')
      .map(({ id, name, cell }) => ({ id, name, cell: cellText(cell) })),
    areaOf: (cell) => names.get(cell) ?? '',
    mayShow: (cell) => {
      const number = known.get(cell) ?? 0;
      return number === 0 || number >= policy.minAddresses;
    },
  });
  await freezeOperational(store.run, rows);
}

/** One partner's files of a quarter; none where nothing was frozen for it with the period. */
export async function operationalFilesFor(
  { settings }: Partnership,
  store: Store,
  { policy, period, released }: BoardContent,
  grant: Grant<'operational'>,
): Promise<ReleaseFile[]> {
  const rows = await readOperational(store.run, store.query, period, grant.sources);
  if (rows.length === 0) return [];
  return operationalFiles(grant, {
    partnership: settings.partnership,
    period,
    policy: policy.name,
    sources: settings.sources,
    rows,
    threshold: policy.partnershipThreshold,
    located: (source) => measureUtility(released, source, period).located,
  });
}
