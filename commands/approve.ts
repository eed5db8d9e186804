/** cardiff approve: a person's word for a draft, without which its period is not frozen. */
import { join } from 'node:path';
import { isPrintedName, PRINTED_NAME } from '../ingest/printed-name.ts';
import { changedFiles, manifestHash } from '../reports/write-release.ts';
import type { RegisterLine } from '../schemas/register.ts';
import type { Store } from '../transform/store.ts';
import type { Partnership } from './partnership.ts';
import { Refused } from './refused.ts';
import { linesOf, openLines, registerNow } from './register.ts';
import { UsageError } from './usage-error.ts';

export interface Approval {
  readonly period: string;
  /** Who has approved this draft. */
  readonly approved_by: readonly string[];
  /** How many the settings ask for. */
  readonly wanted: number;
}

/**
 * Records that a person approves the draft that lies in drafts/PERIOD.
 *
 * @throws UsageError without a name; Refused where there is no such draft, it was changed, or the person has approved.
 */
export async function approve(
  partnership: Partnership,
  store: Store,
  period: string,
  as: string | undefined,
): Promise<Approval> {
  const { folder, settings } = partnership;
  const by = as?.normalize('NFC').trim().replace(/\s+/g, ' ');
  if (!by) throw new UsageError(`who approves? for example: cardiff approve ${period} --as "Jane Smith"`);
  if (!isPrintedName(by)) throw new UsageError(`--as: wanted a name of ${PRINTED_NAME}`);
  const lines = await openLines(partnership, store);
  if (linesOf(lines, 'release').some((line) => line.period === period))
    throw new Refused(`${period} is released: there is nothing left to approve`);
  const draft = linesOf(lines, 'draft').findLast((line) => line.period === period)?.manifest;
  const lies = join(folder, 'drafts', period);
  const again = `make it again with "cardiff publish --draft --period ${period}" and read it`;
  if (draft === undefined) throw new Refused(`there is no draft of ${period}: ${again}`);
  if ((await manifestHash(lies)) !== draft)
    throw new Refused(`${lies} is not the draft that the register knows: ${again}`);
  const changed = await changedFiles(lies);
  if (changed.length > 0) throw new Refused(`${lies} was changed (${changed.join(', ')}): ${again}`);
  const before = approversOf(lines, period, draft);
  if (before.some((name) => sameName(name, by)))
    throw new Refused(`${by} has approved this draft already: another person must approve it too`);
  await registerNow(partnership, store, [{ event: 'approval', period, draft, by }]);
  return { period, approved_by: [...before, by], wanted: settings.publish.approvals };
}

const sameName = (a: string, b: string) => a.toLocaleLowerCase('en') === b.toLocaleLowerCase('en');

/** Who has approved the draft of a period whose manifest has this hash. */
export const approversOf = (lines: readonly RegisterLine[], period: string, draft: string): string[] =>
  linesOf(lines, 'approval')
    .filter((line) => line.period === period && line.draft === draft)
    .map(({ by }) => by);
