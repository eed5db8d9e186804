/** What became of the records of each source, for a person. */
import { total } from '../schemas/tally.ts';
import type { SourceSummary } from './ingest.ts';
import { flagText, lossText } from './loss-report.ts';

const percent = (share: number | null) => (share === null ? '–' : `${Math.round(100 * share)}%`);

/** One line a source, with rejections, exclusions and notes below it; `failed` files are told of by themselves. */
export function ingestText(sources: Readonly<Record<string, SourceSummary>>, failed = 0): string {
  const read = Object.entries(sources).filter(([, { files }]) => files.length > 0);
  const lines = read.flatMap(([id, summary]) => [
    `${id}: read ${summary.read} = accepted ${summary.accepted} + rejected ${total(summary.rejected)} + duplicate ${summary.duplicate} + excluded ${total(summary.excluded)}` +
      (summary.corrected > 0 ? ` (${summary.corrected} of them corrections)` : ''),
    ...(['rejected', 'excluded'] as const).flatMap((part) =>
      Object.entries(summary[part]).flatMap(([field, reasons]) =>
        Object.entries(reasons).map(([reason, n]) => `  ${part}: ${field}: ${reason}: ${n}`),
      ),
    ),
    ...Object.entries(summary.unmapped).map(
      ([field, n]) => `  not explained by any code list: ${field}: ${n}`,
    ),
    ...flagText(summary.flagged),
    ...lossText(summary.loss),
    `  located ${percent(summary.located)}, at home ${percent(summary.home_gated)}, hour known ${percent(summary.time_known)}`,
    ...summary.notes.map((note) => `  ${note}`),
    ...summary.files.flatMap((file) => file.notes.map((note) => `  ${file.name}: ${note}`)),
  ]);
  if (lines.length > 0) return lines.join('\n');
  return failed > 0 ? 'nothing was read' : 'nothing new in any inbox';
}
