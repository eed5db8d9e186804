/** The reports as files. */

import type { RecordingRow } from '../../schemas/recording.ts';
import type { Released } from '../../schemas/released.ts';
import { boardDocument } from './board-document.ts';
import type { BoardContent, SummaryContent } from './content.ts';
import { boardPage } from './page.ts';
import { type ProofContent, proofDocument } from './proof-document.ts';
import { receptionPage } from './reception-page.ts';
import { SUMMARY_ROOM, summaryDocument } from './summary-document.ts';
import { typesetPdf, typesetReception, typesetWithin } from './typst.ts';

const SUMMARY_PAGES = 2;

/** How the records of each source were filled in; sources that were frozen without it are not there. */
export type Recording = ReadonlyMap<string, readonly Released<RecordingRow>[]>;

/** The board's report, on paper and as one page that needs no network. The same content gives the same bytes. */
export function renderBoard(content: BoardContent): { 'board.pdf': Uint8Array; 'board.html': string } {
  const document = boardDocument(content);
  return { 'board.pdf': typesetPdf(document), 'board.html': boardPage(document) };
}

/** public/summary.pdf. Its content has no place for rows of the partnership tier. */
export function renderSummary(content: SummaryContent): Uint8Array {
  return typesetWithin(
    SUMMARY_PAGES,
    SUMMARY_ROOM.map((room) => summaryDocument(content, room)),
  );
}

/** public/receptions/SOURCE.pdf, by source: one page each. Receptions of which too little may be said have none. */
export function renderReceptions(
  content: SummaryContent,
  recording: Recording,
): { source: string; pdf: Uint8Array }[] {
  return content.sources.flatMap((source) => {
    const rows = recording.get(source.id);
    const page = rows && receptionPage(content, source, rows);
    return page ? [{ source: source.id, pdf: typesetReception(page) }] : [];
  });
}

/** public/proof.pdf. */
export function renderProof(content: ProofContent): Uint8Array {
  return typesetPdf(proofDocument(content));
}
