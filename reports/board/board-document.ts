/** The board's report as data, in the order in which it is read. */
import { areaTable, completenessTable } from './board-tables.ts';
import type { BoardContent, BoardSource } from './content.ts';
import { monthRuns } from './cube.ts';
import type { Block, ReportDocument } from './document.ts';
import { frontMap, mapSheet, sideMap, spotLists } from './map-sheets.ts';
import { boardMessages, leadSource, partnerSources } from './messages.ts';
import { methodBlocks } from './method.ts';
import { isQuarter, lastDay, periodInWords } from './periods.ts';
import { areaPicture, categoryPicture, trendBlocks, trendPicture } from './pictures.ts';
import { spotsOf } from './places.ts';
import { pairs } from './side-by-side.ts';
import { cleanText } from './words.ts';

/** Stands on every page of what the board gets. */
export const PARTNERSHIP_MARKING = 'OFFICIAL-SENSITIVE - partnership, not for publication';
/** Stands on every page of a draft. */
export const DRAFT_MARKING = 'DRAFT - nothing is frozen';

/** Everything that board.pdf and board.html say. */
export function boardDocument(content: BoardContent): ReportDocument {
  const lead = leadSource(content);
  const mapped = content.sources.filter((source) => spotsOf(content, source.id).length > 0);
  const others = mapped.filter((source) => source.id !== lead?.id);
  return {
    title: `Violence, ${periodInWords(content.period)}`,
    tier: 'partnership',
    policy: content.policy.name,
    partnership: cleanText(content.partnership),
    subtitle: periodInWords(content.period),
    marking: [PARTNERSHIP_MARKING, ...(content.draft ? [DRAFT_MARKING] : [])],
    date: lastDay(content.period),
    messagesTitle: 'What this says',
    messages: boardMessages(content),
    maps: (lead ? [lead, ...others] : [])
      .filter((source) => mapped.includes(source))
      .map((source) => mapSheet(content, source)),
    front: lead && mapped.includes(lead) ? frontMap(content, lead) : [],
    body: [...chartBlocks(content), ...areaBlocks(content, others), ...methodBlocks(content, 'board')],
    appendix: spotLists(content, partnerSources(content)),
  };
}

function trendsOf(content: BoardContent, sources: BoardSource[]) {
  const released = sources.filter((source) => monthRuns(content.released, source.id).length > 0);
  return released.map((source) => trendPicture(content, source));
}

const CONTEXT =
  'police.uk publishes offences by month, with places moved to a near point of its own list. They are rounded here ' +
  'like every other figure. They are not comparable with the figures before: they hold other kinds of violence and ' +
  'sexual offences, at home and in public, and no time of day.';

/** What police.uk has published, apart from the partners' own figures. */
function contextBlocks(content: BoardContent): Block[] {
  const trends = trendsOf(
    content,
    content.sources.filter((source) => !partnerSources(content).includes(source)),
  );
  if (trends.length === 0) return [];
  return [
    { kind: 'heading', text: 'For context: published at police.uk' },
    ...trends.map(
      (picture): Block => ({
        kind: 'pair',
        left: [{ kind: 'picture', picture }],
        right: [{ kind: 'text', text: CONTEXT }],
      }),
    ),
  ];
}

function chartBlocks(content: BoardContent): Block[] {
  const trends = trendsOf(content, partnerSources(content));
  const charts = [
    categoryPicture(content, 'night_band'),
    categoryPicture(content, 'weapon'),
    categoryPicture(content, 'place_kind'),
    areaPicture(content),
  ];
  const shown = charts.filter((picture) => picture !== undefined);
  return [
    ...(shown.length > 0 ? ([{ kind: 'newpage' }] satisfies Block[]) : []),
    ...(trends.length > 0 ? ([{ kind: 'heading', text: 'How the months compare' }] satisfies Block[]) : []),
    ...trendBlocks(content, trends),
    ...(shown.length > 0
      ? ([
          { kind: 'heading', text: `When, how and where: ${periodInWords(content.period)}` },
          ...pairs(shown),
        ] satisfies Block[])
      : []),
  ];
}

function areaBlocks(content: BoardContent, others: BoardSource[]): Block[] {
  if (!isQuarter(content.period)) return contextBlocks(content);
  const named: Block[] =
    content.geography.areas.length > 0
      ? [
          { kind: 'heading', text: 'Named areas' },
          { kind: 'table', table: areaTable(content) },
        ]
      : [];
  return [
    ...named,
    { kind: 'paper', blocks: others.map((source) => sideMap(content, source)) },
    { kind: 'heading', text: 'How complete the records are' },
    { kind: 'table', table: completenessTable(content) },
    ...contextBlocks(content),
  ];
}
