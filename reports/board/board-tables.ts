/** The tables of the board's report that cover the whole area. */
import { forPlaces } from '../../schemas/policy.ts';
import type { BoardContent, ReportContent } from './content.ts';
import { knownShare, locatedShare, monthRuns, periodTotal } from './cube.ts';
import type { Table } from './document.ts';
import { changeOf, partnerSources } from './messages.ts';
import { isQuarter, monthInWords, monthsOf, quarterOfRows, yearBefore } from './periods.ts';
import { areaFigures } from './places.ts';
import { rulesIn } from './rules.ts';
import { shortMonths } from './short-months.ts';
import { cleanText, figureText, listText, numberText, sentence } from './words.ts';

/** Each named area with what is known of it over twelve months and in the quarter, sources side by side. */
export function areaTable(content: BoardContent): Table {
  const sources = partnerSources(content);
  const all = content.geography.areas.map((area) => ({
    area,
    figures: sources.map((source) => areaFigures(content, source.id, area)),
  }));
  const isShown = ({ figures }: (typeof all)[number]) =>
    figures.some(({ atLeast, released }) => atLeast > 0 || released);
  const silent = all.filter((one) => !isShown(one)).map(({ area }) => cleanText(area.name));
  const rows = all
    .filter(isShown)
    .toSorted(
      (a, b) =>
        (b.figures[0]?.atLeast ?? 0) - (a.figures[0]?.atLeast ?? 0) || (a.area.name < b.area.name ? -1 : 1),
    );
  return {
    title: `Each named area: twelve months to ${monthInWords(monthsOf(quarterOfRows(content)).at(-1)!)}, and the quarter`,
    columns: [
      { title: 'Named area', align: 'left' },
      ...sources.flatMap((source) => [
        { title: `${sentence(cleanText(source.name))}, 12 months`, align: 'right' as const },
        { title: 'this quarter', align: 'right' as const },
      ]),
    ],
    rows: rows.map(({ area, figures }) => ({
      cells: [
        cleanText(area.name),
        ...figures.flatMap(({ atLeast, released }) => [
          atLeast > 0 ? `at least ${numberText(atLeast)}` : 'none shown',
          released ? figureText(released) : 'too few to show',
        ]),
      ],
    })),
    note: [
      `“Too few to show”: fewer than ${forPlaces(content.policy).threshold}, or held together with others that are. “This quarter” adds up what is shown of the area.`,
      ...(silent.length > 0 ? [`Nothing is shown of ${listText(silent)}.`] : []),
    ].join(' '),
  };
}

/** The change on a year before with its 95% interval, which allows for chance and for the rounding of both figures. */
export function changeTable(content: ReportContent): Table | undefined {
  const { released, period, policy } = content;
  const before = yearBefore(period);
  const isShort = ({ id }: { readonly id: string }) =>
    [period, before].some((each) => shortMonths(monthRuns(released, id), each).length > 0);
  const sources = partnerSources(content);
  const left = sources.filter((source) => !isShort(source));
  const rows = left.flatMap(({ id, name }) => {
    const now = periodTotal(released, id, period, policy);
    const then = periodTotal(released, id, before, rulesIn(content, before));
    if (!now || !then) return [];
    const change = changeOf(now, then);
    return [
      {
        cells: [
          sentence(cleanText(name)),
          figureText(now),
          figureText(then),
          change ? `${change.share} (${change.lower} to ${change.upper})` : '–',
        ],
      },
    ];
  });
  if (rows.length === 0) return undefined;
  const length = isQuarter(period) ? 'quarter' : 'month';
  return {
    title: `The ${length} and the same ${length} a year before`,
    columns: [
      { title: 'Source', align: 'left' },
      { title: `This ${length}`, align: 'right' },
      { title: 'A year before', align: 'right' },
      { title: 'Change (95% interval)', align: 'right' },
    ],
    rows,
    note: [
      'An interval that holds both less and more (− and +) is a change that chance and rounding alone can explain.',
      ...(left.length < sources.length ? ['Sources of which a delivery may be missing are left out.'] : []),
    ].join(' '),
  };
}

/** How much of each source's records is known well enough to count, from rounded figures. */
export function completenessTable(content: BoardContent): Table {
  const { released, period } = content;
  const sources = partnerSources(content);
  return {
    title: 'Share of the quarter’s records, to 5 points',
    columns: [
      { title: 'Source', align: 'left' },
      { title: 'Place on the map', align: 'right' },
      { title: 'Time known', align: 'right' },
      { title: 'Weapon known', align: 'right' },
      { title: 'Kind of place known', align: 'right' },
    ],
    rows: sources.map(({ id, name }) => ({
      cells: [
        sentence(cleanText(name)),
        locatedShare(released, id, period),
        knownShare(released, id, period, 'night_band'),
        knownShare(released, id, period, 'weapon'),
        knownShare(released, id, period, 'place_kind'),
      ],
    })),
    note: '“At least” and “at most”: what is not known is held together with what is too small to be shown. “–”: not released for this period.',
  };
}
