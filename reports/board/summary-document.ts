/** The public summary as data: two pages, from released rows alone. */
import { areaOfPart, type ReleasedRow } from '../../schemas/released.ts';
import { areaOfCell } from './area-of-cell.ts';
import { DRAFT_MARKING } from './board-document.ts';
import type { BoardSource, SummaryContent } from './content.ts';
import { cutRows, monthRuns } from './cube.ts';
import type { Block, ReportDocument, Table } from './document.ts';
import { leadSource, partnerSources, summaryMessages } from './messages.ts';
import { coverageTable, methodBlocks } from './method.ts';
import { lastDay, periodInWords } from './periods.ts';
import { areaPicture, categoryPicture, trendBlocks, trendPicture } from './pictures.ts';
import { sideBySide } from './side-by-side.ts';
import { cleanText, figureText, sentence } from './words.ts';

/** Stands on every page of the public summary. */
export const PUBLIC_MARKING = 'PUBLIC - protected figures, free to share';

/** How much the summary says: at most so many rows of places and bars of areas, and charts so high, lower where there are many. */
export interface SummaryRoom {
  readonly places: number;
  readonly areas: number;
  readonly trend: number;
  readonly trendOfMany: number;
}

/** From what is best to read to what fits where messages, sources and names are long; what fits no better is not made smaller. */
export const SUMMARY_ROOM: readonly [SummaryRoom, ...SummaryRoom[]] = [
  { places: 16, areas: 10, trend: 88, trendOfMany: 64 },
  { places: 12, areas: 7, trend: 72, trendOfMany: 54 },
  { places: 6, areas: 4, trend: 54, trendOfMany: 42 },
];

/** Everything that public/summary.pdf says. */
export function summaryDocument(
  content: SummaryContent,
  room: SummaryRoom = SUMMARY_ROOM[0],
): ReportDocument {
  return {
    title: `Violence, ${periodInWords(content.period)}`,
    tier: 'public',
    policy: content.policy.name,
    partnership: cleanText(content.partnership),
    subtitle: periodInWords(content.period),
    marking: [PUBLIC_MARKING, ...(content.draft ? [DRAFT_MARKING] : [])],
    date: lastDay(content.period),
    messagesTitle: 'What this says',
    messages: summaryMessages(content),
    maps: [],
    front: charts(content, room),
    body: [...placeBlocks(content, room), ...methodBlocks(content, 'public')],
    appendix: [],
  };
}

function charts(content: SummaryContent, { trend, trendOfMany }: SummaryRoom): Block[] {
  const sources = partnerSources(content).filter(
    (source) => monthRuns(content.released, source.id).length > 0,
  );
  const height = sources.length > 2 ? trendOfMany : trend;
  const trends = sources.map((source) => trendPicture(content, source, height));
  const cuts = [
    categoryPicture(content, 'night_band'),
    categoryPicture(content, 'weapon'),
    categoryPicture(content, 'place_kind'),
  ].filter((picture) => picture !== undefined);
  const coverage: Block = { kind: 'table', table: coverageTable(content) };
  return [
    { kind: 'heading', text: 'The figures' },
    ...trendBlocks(content, trends),
    ...sideBySide([...cuts.map((picture): Block => ({ kind: 'picture', picture })), coverage]),
  ];
}

/** The named areas of all sources, beside the whole list of the first. */
function placeBlocks(content: SummaryContent, room: SummaryRoom): Block[] {
  const areas = areaPicture(content, room.areas);
  const lead = leadSource(content);
  const table = lead && placeTable(content, lead, room.places);
  const blocks: Block[] = [
    ...(areas ? [{ kind: 'picture' as const, picture: areas }] : []),
    ...(table && table.rows.length > 0 ? [{ kind: 'table' as const, table }] : []),
  ];
  if (blocks.length === 0) return [];
  return [{ kind: 'heading', text: `By place, ${periodInWords(content.period)}` }, ...sideBySide(blocks)];
}

function placeTable(content: SummaryContent, source: BoardSource, most: number): Table {
  const rows = cutRows(content.released, source.id, content.period, 'place');
  const sorted = rows.toSorted((a, b) => b.value - a.value || (a.atom < b.atom ? -1 : 1));
  const more = rows.length - most;
  const names = placeNames(content, sorted);
  return {
    title: sentence(cleanText(source.name)),
    columns: [
      { title: 'Place', align: 'left' },
      { title: sentence(source.unit), align: 'right' },
    ],
    rows: sorted.slice(0, most).map((row, i) => ({ cells: [names[i] ?? '', figureText(row)] })),
    ...(more > 0 ? { note: `${more} more are in the tables published with this summary.` } : {}),
  };
}

/** A cell or part goes by the named area it lies in, numbered where that has several: its index stands in the tables. */
function placeNames({ geography }: SummaryContent, rows: ReleasedRow[]): string[] {
  const names = rows.map((row) => {
    const whole = geography.areas.find(({ code }) => row.level === 'part' && code === areaOfPart(row.atom));
    if (whole) return `A part of ${cleanText(whole.name)}`;
    if (row.level !== 'cell') return cleanText(row.label);
    const area = cleanText(areaOfCell(geography, row.atom)?.name ?? '');
    return area ? `A cell in ${area}` : 'A cell outside the named areas';
  });
  return names.map((name, i) => {
    if (!['cell', 'part'].includes(rows[i]!.level) || names.indexOf(name) === names.lastIndexOf(name))
      return name;
    return `${name} (${names.slice(0, i + 1).filter((other) => other === name).length})`;
  });
}
