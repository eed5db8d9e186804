/** The charts that both reports show, each with its title, one-line reading and alternative text. */

import { type BarChart, drawBars } from './bars.ts';
import { changeTable } from './board-tables.ts';
import type { BoardSource, ReportContent } from './content.ts';
import {
  type Categories,
  type CategoryCut,
  categoriesOf,
  categoryWords,
  hoursOfBand,
  isUnknown,
  type MonthRun,
  monthFigures,
  monthRuns,
} from './cube.ts';
import type { Block, Picture } from './document.ts';
import { partnerSources } from './messages.ts';
import { monthsBetween, periodInWords, rangeInWords } from './periods.ts';
import { areaFigures } from './places.ts';
import { shortInWords, shortMonths } from './short-months.ts';
import { sideBySide } from './side-by-side.ts';
import { SOURCE_COLOURS } from './svg.ts';
import { describeTrend, drawTrend, readTrend, trendKey, trendOf } from './trend.ts';
import {
  cleanText,
  countText,
  figureText,
  highestOf,
  listText,
  numberText,
  orText,
  sentence,
} from './words.ts';

/** Width of a chart in points: half of a page, and a phone's. */
export const CHART_WIDTH = 242;
const TREND_HEIGHT = 124;
const MOST_AREAS = 10;

/** The monthly chart of one source. */
export function trendPicture(content: ReportContent, source: BoardSource, height = TREND_HEIGHT): Picture {
  const name = cleanText(source.name);
  const trend = trendOf(monthFigures(content.released, source.id), content.period);
  const alt = describeTrend(trend, name);
  const runs = monthRuns(content.released, source.id);
  const short = shortMonths(runs, content.period);
  const together = runs.filter(({ first, last }) => first !== last);
  const notes = [
    source.kind === 'police.uk' ? 'Published at police.uk; not comparable with the others.' : '',
    trend.points.some(({ limits }) => limits) ? trend.adjustment : '',
    trend.trialLimits && trend.points.some(({ limits }) => limits)
      ? 'Limits are provisional: fewer than 13 months stand behind them.'
      : '',
    togetherWords(together),
  ];
  return {
    title: `${sentence(name)}: ${source.unit} a month`,
    svg: drawTrend({
      trend,
      base: content.policy.base,
      period: content.period,
      colour: SOURCE_COLOURS[source.kind],
      width: CHART_WIDTH,
      height,
      alt,
    }),
    alt,
    reading: short.length > 0 ? shortInWords(short) : readTrend(trend, content.period),
    note: notes.filter((note) => note !== '').join(' '),
  };
}

/** The charts of the months two by two beneath their key, with the change on a year before where there is room. */
export function trendBlocks(content: ReportContent, pictures: Picture[]): Block[] {
  if (pictures.length === 0) return [];
  const items = trendKey(
    partnerSources(content).map((source) =>
      trendOf(monthFigures(content.released, source.id), content.period),
    ),
  );
  const change = changeTable(content);
  return [
    ...(items.length > 0 ? ([{ kind: 'key', items }] satisfies Block[]) : []),
    ...sideBySide([
      ...pictures.map((picture): Block => ({ kind: 'picture', picture })),
      ...(change && pictures.length % 2 === 1 ? [{ kind: 'table', table: change } satisfies Block] : []),
    ]),
    ...(change && pictures.length % 2 === 0 ? [{ kind: 'table', table: change } satisfies Block] : []),
  ];
}

/** The months that were too few by themselves: told one by one while they are few, else from where to where. */
function togetherWords(runs: MonthRun[]): string {
  if (runs.length === 0) return '';
  if (runs.length <= 2) {
    const told = runs.map(({ first, last, figure }) => `${rangeInWords(first, last)} ${figureText(figure)}`);
    return `Shown together and not drawn: ${listText(told)}.`;
  }
  const months = runs.reduce((sum, { first, last }) => sum + monthsBetween(first, last).length, 0);
  const values = runs.map(({ figure }) => figure.value);
  const least = numberText(Math.min(...values));
  const most = numberText(Math.max(...values));
  const range = least === most ? least : `${least} to ${most}`;
  return (
    `${numberText(months)} months were too few by themselves and are not drawn: each is counted together with the next ` +
    `(${range} each time), as in the table of months that comes with this report.`
  );
}

const CUT_TITLES: Record<CategoryCut, string> = {
  night_band: 'When: time of day',
  weapon: 'How: weapon',
  place_kind: 'Where: kind of place',
};

/** Bands are of three hours and of six: by their counts alone the long ones would look busier than they are. */
const PER_HOUR = 'Bars: records an hour; numbers: records of the whole band. ';

/** The categories of a cut, sources beside each other; undefined where the period has no such cut. */
export function categoryPicture(content: ReportContent, cut: CategoryCut): Picture | undefined {
  const found = partnerSources(content)
    .map((source) => ({ source, categories: categoriesOf(content.released, source.id, content.period, cut) }))
    .filter(({ categories }) => categories.shown.length > 0);
  if (found.length === 0) return undefined;
  const atoms = orderedAtoms(found.map(({ categories }) => categories)).filter(
    (atom) => !isUnknown(cut, atom),
  );
  const groups = atoms.map((atom) => ({
    label: categoryWords(cut, atom),
    figures: found.map(({ categories }) => categories.shown.find((shown) => shown.atom === atom)?.figure),
    ...(cut === 'night_band' ? { per: hoursOfBand(atom) } : {}),
  }));
  const hourly = cut === 'night_band' ? PER_HOUR : '';
  const alt = `Bar chart, ${periodInWords(content.period)}. ${hourly}${describeGroups(
    groups,
    found.map(({ source }) => source.name),
  )}`;
  return {
    title: CUT_TITLES[cut],
    svg: drawBars(
      barsOf(
        found.map(({ source }) => source),
        groups,
        alt,
      ),
    ),
    alt,
    reading: readGroups(
      groups,
      found.map(({ source }) => source),
      cut,
    ),
    note: hourly + restWords(content, found, cut),
  };
}

/** The atoms that any source shows, in the order of the cut. */
function orderedAtoms(all: Categories[]): string[] {
  const shown = new Set(all.flatMap((categories) => categories.shown.map(({ atom }) => atom)));
  return [...new Set(all.flatMap(({ order }) => order))].filter((atom) => shown.has(atom));
}

function barsOf(sources: BoardSource[], groups: BarChart['groups'], alt: string): BarChart {
  return {
    series: sources.map(({ name, kind }) => ({
      name: sentence(cleanText(name)),
      colour: SOURCE_COLOURS[kind],
    })),
    groups,
    absent: 'too few to show',
    width: CHART_WIDTH,
    alt,
  };
}

function describeGroups(groups: BarChart['groups'], names: string[]): string {
  return groups
    .map(({ label, figures }) => {
      const each = figures.map(
        (figure, i) => `${cleanText(names[i] ?? '')} ${figure ? figureText(figure) : 'not shown'}`,
      );
      return `${label}: ${names.length > 1 ? each.join(', ') : figures[0] ? figureText(figures[0]) : 'not shown'}.`;
    })
    .join(' ');
}

function readGroups(groups: BarChart['groups'], sources: BoardSource[], cut: CategoryCut): string {
  const verb = cut === 'night_band' ? 'most an hour at' : 'most often';
  const said = sources.flatMap((_, i) => {
    const highest = highestOf(
      groups.flatMap(({ label, figures, per }) => (figures[i] ? [{ label, figure: figures[i], per }] : [])),
    );
    return highest.length > 0 ? [`${verb} ${orText(highest.map(lowerFirst))}`] : [];
  });
  if (new Set(said).size === 1)
    return `${sentence(said[0] ?? '')}${said.length > 1 ? ', in each source' : ''}.`;
  return `${sentence(said.map((words, i) => `${cleanText(sources[i]?.name ?? '')}: ${words}`).join('; '))}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** What the bars leave out: what is not known, and what is too small; told once where it is the same of all. */
function restWords(
  { policy }: ReportContent,
  found: { source: BoardSource; categories: Categories }[],
  cut: CategoryCut,
): string {
  const perSource = (words: (categories: Categories) => string): string => {
    const said = found.map(({ source, categories }) => ({
      name: cleanText(source.name),
      words: words(categories),
    }));
    const told = said.filter(({ words: some }) => some !== '');
    const same = new Set(said.map(({ words: some }) => some)).size === 1;
    return same ? (told[0]?.words ?? '') : told.map(({ name, words: some }) => `${name} ${some}`).join('; ');
  };
  const known = perSource(({ shown }) =>
    shown
      .filter(({ atom }) => isUnknown(cut, atom))
      .map(({ label, figure }) => `${lowerFirst(label)} ${figureText(figure)}`)
      .join(', '),
  );
  const held = found.some(({ categories }) => categories.missing.some((atom) => isUnknown(cut, atom)));
  const pools = perSource(({ pool }) => (pool ? figureText(pool) : ''));
  const hidden = perSource(({ missing }) =>
    listText(
      missing.filter((atom) => !isUnknown(cut, atom)).map((atom) => lowerFirst(categoryWords(cut, atom))),
    ),
  );
  return [
    known && `${sentence(known)}.`,
    pools && `${held ? 'Not known or too few to show' : 'Too few to show'}, together: ${pools}.`,
    hidden && `Fewer than ${numberText(policy.threshold)}, or held together with others: ${hidden}.`,
  ]
    .filter((words) => words !== '')
    .join(' ');
}

/** The quarter's figures of the named areas, sources side by side; undefined where none is shown. */
export function areaPicture(content: ReportContent, most = MOST_AREAS): Picture | undefined {
  const partners = partnerSources(content);
  const sources = partners.filter((source) =>
    content.geography.areas.some((area) => areaFigures(content, source.id, area).released),
  );
  const without = partners.filter((source) => !sources.includes(source)).map(({ name }) => cleanText(name));
  const groups = content.geography.areas
    .map((area) => ({
      label: cleanText(area.name),
      figures: sources.map((source) => areaFigures(content, source.id, area).released),
    }))
    .filter(({ figures }) => figures.some((figure) => figure !== undefined))
    .toSorted(
      (a, b) => (b.figures[0]?.value ?? -1) - (a.figures[0]?.value ?? -1) || (a.label < b.label ? -1 : 1),
    );
  if (groups.length === 0) return undefined;
  const drawn = groups.slice(0, most);
  const more =
    groups.length > drawn.length
      ? ` The ${countText(groups.length - drawn.length, 'smaller area is', 'smaller areas are')} in the tables.`
      : '';
  const alt = `Bar chart by named area, ${periodInWords(content.period)}. ${describeGroups(
    groups,
    sources.map(({ name }) => name),
  )}`;
  return {
    title: sources.length > 1 ? 'Named areas: the sources side by side' : 'Named areas',
    svg: drawBars(barsOf(sources, drawn, alt)),
    alt,
    reading: readAreas(content, groups, sources),
    note: `Each bar adds up what is shown of the area; the rest of an area may be too few to show. The sources are never summed.${more}${without.length > 0 ? ` Nothing is large enough to be shown of: ${listText(without)}.` : ''}`,
  };
}

function readAreas(content: ReportContent, groups: BarChart['groups'], sources: BoardSource[]): string {
  const hidden = content.geography.areas.length - groups.length;
  const highest = highestOf(
    groups.flatMap(({ label, figures: [figure] }) => (figure ? [{ label, figure }] : [])),
  );
  const most = sources.length > 1 ? `Most ${cleanText(sources[0]!.name)} ${sources[0]!.unit}` : 'Most';
  const without =
    hidden > 0
      ? ` ${hidden} of ${content.geography.areas.length} named areas are too small to be shown for the quarter.`
      : '';
  if (highest.length === 0) return without.trim();
  return `${most}: ${orText(highest)}.${without}`;
}
