/** The reports as files. */
import { boardDocument } from './board-document.ts';
import type { BoardContent, SummaryContent } from './content.ts';
import { boardPage } from './page.ts';
import { type ProofContent, proofDocument } from './proof-document.ts';
import { SUMMARY_ROOM, summaryDocument } from './summary-document.ts';
import { typesetPdf, typesetWithin } from './typst.ts';

const SUMMARY_PAGES = 2;

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

/** public/proof.pdf. */
export function renderProof(content: ProofContent): Uint8Array {
  return typesetPdf(proofDocument(content));
}
