/** cardiff retract: takes back what was released. Nothing is overwritten; what comes later leaves it out and says so. */
import { isDeepStrictEqual } from 'node:util';
import { isPrintedName, PRINTED_NAME } from '../ingest/printed-name.ts';
import { FROZEN_TABLES } from '../reports/disclosure/frozen.ts';
import type { LineOf, RegisterLine } from '../schemas/register.ts';
import {
  CUTS,
  type Cut,
  type PartnershipRow,
  type ReleasedRow,
  type StarredRow,
} from '../schemas/released.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import type { Partnership } from './partnership.ts';
import { linesOf, openLines, registerNow } from './register.ts';
import { UsageError } from './usage-error.ts';

export type Retraction = Pick<LineOf<'retraction'>, 'period' | 'source' | 'cut' | 'atom' | 'because'>;

/**
 * Records that a released value, or all of a cut, a source or a period, is withdrawn.
 *
 * @throws UsageError where nothing was released that fits, or no reason is given.
 */
export async function retract(
  partnership: Partnership,
  store: Store,
  [period, source, cut, atom]: readonly string[],
  because: string | undefined,
): Promise<Retraction> {
  if (!period)
    throw new UsageError(
      'which period? for example: cardiff retract 2025-Q3 ed weapon firearm --because "wrong code"',
    );
  if (!because || !isPrintedName(because))
    throw new UsageError(`--because: wanted a reason of ${PRINTED_NAME}, and no person's details in it`);
  if (cut !== undefined && !CUTS.includes(cut as Cut))
    throw new UsageError(`"${cut}" is no cut: wanted one of ${CUTS.join(', ')}`);
  const lines = await openLines(partnership, store);
  const wanted: Retraction = {
    period,
    source: source ?? null,
    cut: (cut as Cut | undefined) ?? null,
    atom: atom ?? null,
    because,
  };
  if (!(await wasReleased(store, wanted)))
    throw new UsageError(
      `nothing was released as ${wordsOf(wanted, partnership.settings.sources)}: see the tables of releases/${period}`,
    );
  // Asked again, as after a kill, it is withdrawn once.
  if (!retractionsBefore(lines).some((known) => isDeepStrictEqual(known, wanted)))
    await registerNow(partnership, store, [{ event: 'retraction', ...wanted }]);
  return wanted;
}

async function wasReleased(store: Store, { period, source, cut, atom }: Retraction): Promise<boolean> {
  for (const statement of FROZEN_TABLES) await store.run(statement);
  const [found] = await store.query<{ n: number }>(
    `SELECT count(*)::INTEGER AS n FROM (
      SELECT source, period, cut, atom FROM released
      UNION ALL SELECT source, period, 'place', atom FROM partnership)
    WHERE period = $1 AND coalesce($2, source) = source AND coalesce($3, cut) = cut AND coalesce($4, atom) = atom`,
    [period, source, cut, atom],
  );
  return (found?.n ?? 0) > 0;
}

/** The retractions before a line of the register, or all of them. */
export const retractionsBefore = (
  lines: readonly RegisterLine[],
  n = Number.POSITIVE_INFINITY,
): Retraction[] =>
  linesOf(lines, 'retraction')
    .filter((line) => line.n < n)
    .map(({ period, source, cut, atom, because }) => ({ period, source, cut, atom, because }));

/** The rows without those that were withdrawn. */
export const withoutRetracted = <Row extends ReleasedRow | StarredRow | PartnershipRow>(
  rows: readonly Row[],
  retractions: readonly Retraction[],
): Row[] =>
  rows.filter(
    (row) =>
      !retractions.some(
        ({ period, source, cut, atom }) =>
          row.period === period &&
          (source === null || source === row.source) &&
          (cut === null || cut === ('cut' in row ? row.cut : 'place')) &&
          (atom === null || atom === row.atom),
      ),
  );

/** What was withdrawn, in words: "Emergency department, 2025-Q3, weapon, firearm". */
export function wordsOf(
  { period, source, cut, atom }: Retraction,
  sources: readonly SourceSettings[],
): string {
  const name = source === null ? null : (sources.find(({ id }) => id === source)?.name ?? source);
  return [name, period, cut, atom].filter((part) => part !== null).join(', ');
}

/** A retraction as a note of a report. */
export const retractionNote = (retraction: Retraction, sources: readonly SourceSettings[]): string =>
  `Withdrawn: ${wordsOf(retraction, sources)}. ${retraction.because}`;
