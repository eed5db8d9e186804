/** The public summary as data: two pages, from released rows alone. */
import { DRAFT_MARKING } from './board-document.ts';
import type { BoardSource, SummaryContent } from './content.ts';
import { cutRows, monthRuns } from './cube.ts';
import type { Block, ReportDocument, Table } from './document.ts';
import { leadSource, partnerSources, summaryMessages } from './messages.ts';
import { coverageTable, methodBlocks } from './method.ts';
import { lastDay, periodInWords } from './periods.ts';
import { areaPicture, categoryPicture, trendPicture } from './pictures.ts';
import { pairs, sideBySide } from './side-by-side.ts';
import { cleanText, figureText, sentence } from './words.ts';

/** Stands on every page of the public summary. */
export const PUBLIC_MARKING = 'PUBLIC - protected figures, free to share';

const MOST_ROWS = 16;
/** Low, so that all charts stand on the first page. */
const LOW_TREND = 88;

/** Everything that public/summary.pdf says. */
export function summaryDocument(content: SummaryContent): ReportDocument {
  return {
    title: `Violence, ${periodInWords(content.period)}`,
    tier: 'public',
    partnership: cleanText(content.partnership),
    subtitle: periodInWords(content.period),
    marking: [PUBLIC_MARKING, ...(content.draft ? [DRAFT_MARKING] : [])],
    date: lastDay(content.period),
    messagesTitle: 'What this says',
    messages: summaryMessages(content),
    maps: [],
    front: charts(content),
    body: [...placeBlocks(content), ...methodBlocks(content, 'public')],
    appendix: [],
  };
}

function charts(content: SummaryContent): Block[] {
  const trends = partnerSources(content)
    .filter((source) => monthRuns(content.released, source.id).length > 0)
    .map((source) => trendPicture(content, source, LOW_TREND));
  const cuts = [
    categoryPicture(content, 'night_band'),
    categoryPicture(content, 'weapon'),
    categoryPicture(content, 'place_kind'),
  ].filter((picture) => picture !== undefined);
  const coverage: Block = { kind: 'table', table: coverageTable(content) };
  return [
    { kind: 'heading', text: 'The figures' },
    ...pairs(trends),
    ...sideBySide([...cuts.map((picture): Block => ({ kind: 'picture', picture })), coverage]),
  ];
}

/** The named areas of all sources, beside the whole list of the first. */
function placeBlocks(content: SummaryContent): Block[] {
  const areas = areaPicture(content);
  const lead = leadSource(content);
  const table = lead && placeTable(content, lead);
  const blocks: Block[] = [
    ...(areas ? [{ kind: 'picture' as const, picture: areas }] : []),
    ...(table && table.rows.length > 0 ? [{ kind: 'table' as const, table }] : []),
  ];
  if (blocks.length === 0) return [];
  return [
    { kind: 'newpage' },
    { kind: 'heading', text: `By place, ${periodInWords(content.period)}` },
    ...sideBySide(blocks),
  ];
}

function placeTable(content: SummaryContent, source: BoardSource): Table {
  const rows = cutRows(content.released, source.id, content.period, 'place');
  const more = rows.length - MOST_ROWS;
  return {
    title: sentence(cleanText(source.name)),
    columns: [
      { title: 'Place', align: 'left' },
      { title: sentence(source.unit), align: 'right' },
    ],
    rows: rows
      .toSorted((a, b) => b.value - a.value || (a.atom < b.atom ? -1 : 1))
      .slice(0, MOST_ROWS)
      .map((row) => ({ cells: [cleanText(row.label), figureText(row)] })),
    ...(more > 0 ? { note: `${more} more are in the tables published with this summary.` } : {}),
  };
}
