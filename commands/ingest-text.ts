/** What became of the records of each source, for a person. */
import { total } from '../schemas/tally.ts';
import type { SourceSummary } from './ingest.ts';

/** One line a source, with rejections, exclusions and notes below it. */
export function ingestText(sources: Readonly<Record<string, SourceSummary>>): string {
  const lines = Object.entries(sources).flatMap(([id, summary]) => [
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
    ...summary.files.flatMap((file) => file.notes.map((note) => `  ${file.name}: ${note}`)),
  ]);
  return lines.length > 0 ? lines.join('\n') : 'nothing new in any inbox';
}
