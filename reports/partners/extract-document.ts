/** extract.pdf as data: the tables of one partner, with what its agreement says about them. */
import type { Agreement } from '../../schemas/agreement.ts';
import type { Cut, ReleasedRow } from '../../schemas/released.ts';
import { PARTNERSHIP_MARKING } from '../board/board-document.ts';
import type { BoardContent, BoardSource } from '../board/content.ts';
import { CATEGORY_CUTS, type CategoryCut, categoryWords, monthRuns } from '../board/cube.ts';
import type { Block, ReportDocument, Table } from '../board/document.ts';
import { lastDay, monthsOf, periodInWords, rangeInWords, twelveMonthsInWords } from '../board/periods.ts';
import { PUBLIC_MARKING } from '../board/summary-document.ts';
import { bandText, cleanText, figureText, listText, sentence } from '../board/words.ts';
import { CUT_TABLES } from '../release-files.ts';

const MOST_MONTHS = 12;

/** Everything that extract.pdf says. `content` holds the partner's sources and rows alone. */
export function extractDocument(content: BoardContent, agreement: Agreement): ReportDocument {
  const { period, policyLines, notes } = content;
  const name = cleanText(agreement.name);
  return {
    title: `Violence, ${periodInWords(period)}`,
    tier: agreement.tier === 'partnership' ? 'partnership' : 'public',
    policy: content.policy.name,
    partnership: cleanText(content.partnership),
    subtitle: `Extract for ${name}`,
    marking: [
      agreement.tier === 'partnership' ? PARTNERSHIP_MARKING : PUBLIC_MARKING,
      cleanText(agreement.notice),
    ],
    date: lastDay(period),
    messagesTitle: 'What this is',
    messages: [
      { lead: `For ${name}:`, text: cleanText(agreement.purpose) },
      { lead: 'Lawful basis:', text: cleanText(agreement.lawful_basis) },
      { lead: 'Agreed by', text: `${listText(agreement.parties.map(cleanText))}.` },
      {
        lead: 'The same figures as everybody’s:',
        text: 'this extract leaves out what the agreement does not name, and changes nothing. A range in brackets is what a figure promises: the true number is within it.',
      },
    ],
    maps: [],
    front: [],
    body: [
      ...content.sources.flatMap((source) => sourceBlocks(content, agreement, source)),
      { kind: 'heading', text: 'The policy in force' },
      { kind: 'points', items: policyLines.map(cleanText) },
      ...(notes.length > 0
        ? ([
            { kind: 'subheading', text: 'Notes' },
            { kind: 'points', items: notes.map(cleanText) },
          ] satisfies Block[])
        : []),
    ],
    appendix: [],
  };
}

function sourceBlocks(content: BoardContent, agreement: Agreement, source: BoardSource): Block[] {
  const tables = agreement.cuts.flatMap((cut) => cutTable(content, source, cut));
  const places = placesTable(content, source);
  return [
    { kind: 'heading', text: sentence(cleanText(source.name)) },
    ...[...tables, ...places].map((table): Block => ({ kind: 'table', table })),
    ...(tables.length + places.length === 0
      ? ([{ kind: 'text', text: 'Nothing is released of this source for the period.' }] satisfies Block[])
      : []),
  ];
}

function cutTable(content: BoardContent, source: BoardSource, cut: Cut): Table[] {
  const own = content.released.filter((row) => row.source === source.id && row.cut === cut);
  const cells =
    cut === 'month'
      ? monthRuns(own, source.id)
          .filter(({ last }) => last <= (monthsOf(content.period).at(-1) ?? ''))
          .slice(-MOST_MONTHS)
          .map(({ first, last, figure }) => [rangeInWords(first, last), figureText(figure)])
      : own.filter((row) => row.period === content.period).map((row) => [labelOf(row), figureText(row)]);
  if (cells.length === 0) return [];
  const [, title] = CUT_TABLES[cut];
  return [
    {
      title,
      columns: [
        { title: cut === 'month' ? 'Month' : 'What', align: 'left' },
        { title: sentence(source.unit), align: 'right' },
      ],
      rows: cells.map((row) => ({ cells: row })),
    },
  ];
}

const isCategory = (cut: ReleasedRow['cut']): cut is CategoryCut => cut in CATEGORY_CUTS;

const labelOf = ({ cut, atom, level, label }: ReleasedRow): string =>
  level === 'category' && isCategory(cut) ? categoryWords(cut, atom) : cleanText(label);

function placesTable({ rows, period }: BoardContent, source: BoardSource): Table[] {
  const own = rows.filter((row) => row.source === source.id);
  if (own.length === 0) return [];
  return [
    {
      title: `Places, ${twelveMonthsInWords(period)}`,
      columns: [
        { title: 'Place', align: 'left' },
        { title: sentence(source.unit), align: 'right' },
      ],
      rows: own.map((row) => ({ cells: [cleanText(row.label), bandText(row.band)] })),
    },
  ];
}
