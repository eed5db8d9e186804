/** The charts that both reports show, each with its title, one-line reading and alternative text. */

import { type BarChart, drawBars } from './bars.ts';
import type { BoardSource, ReportContent } from './content.ts';
import {
  type Categories,
  type CategoryCut,
  categoriesOf,
  categoryWords,
  isUnknown,
  monthFigures,
  monthRuns,
} from './cube.ts';
import type { Picture } from './document.ts';
import { partnerSources } from './messages.ts';
import { periodInWords, rangeInWords } from './periods.ts';
import { areaFigures } from './places.ts';
import { SOURCE_COLOURS } from './svg.ts';
import { describeTrend, drawTrend, readTrend, trendOf } from './trend.ts';
import { cleanText, countText, figureText, listText, numberText, sentence } from './words.ts';

/** Width of a chart in points: half of a page, and a phone's. */
export const CHART_WIDTH = 242;
const TREND_HEIGHT = 124;
const MOST_AREAS = 10;

/** The monthly chart of one source. */
export function trendPicture(content: ReportContent, source: BoardSource, height = TREND_HEIGHT): Picture {
  const name = cleanText(source.name);
  const trend = trendOf(monthFigures(content.released, source.id), content.period);
  const alt = describeTrend(trend, name);
  const together = monthRuns(content.released, source.id).filter(({ first, last }) => first !== last);
  const notes = [
    source.kind === 'police.uk' ? 'Published at police.uk; not comparable with the others.' : '',
    trend.points.some(({ limits }) => limits) ? trend.adjustment : '',
    trend.trialLimits && trend.points.some(({ limits }) => limits)
      ? 'Limits are provisional below 13 months.'
      : '',
    together.length > 0
      ? `Released together and not drawn: ${listText(together.map(({ first, last, figure }) => `${rangeInWords(first, last)} ${figureText(figure)}`))}.`
      : '',
  ];
  return {
    title: `${sentence(name)}: ${source.unit} a month`,
    svg: drawTrend({
      trend,
      period: content.period,
      colour: SOURCE_COLOURS[source.kind],
      width: CHART_WIDTH,
      height,
      alt,
    }),
    alt,
    reading: readTrend(trend, content.period),
    note: notes.filter((note) => note !== '').join(' '),
  };
}

const CUT_TITLES: Record<CategoryCut, string> = {
  night_band: 'When: time of day',
  weapon: 'How: weapon',
  place_kind: 'Where: kind of place',
};

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
  }));
  const alt = `Bar chart, ${periodInWords(content.period)}. ${describeGroups(
    groups,
    found.map(({ source }) => source.name),
  )}`;
  return {
    title: CUT_TITLES[cut],
    svg: drawBars(
      barsOf(
        content,
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
    note: restWords(content, found, cut),
  };
}

/** The atoms that any source shows, in the order of the cut. */
function orderedAtoms(all: Categories[]): string[] {
  const shown = new Set(all.flatMap((categories) => categories.shown.map(({ atom }) => atom)));
  return [...new Set(all.flatMap(({ order }) => order))].filter((atom) => shown.has(atom));
}

function barsOf(
  content: ReportContent,
  sources: BoardSource[],
  groups: BarChart['groups'],
  alt: string,
): BarChart {
  return {
    series: sources.map(({ name, kind }) => ({
      name: sentence(cleanText(name)),
      colour: SOURCE_COLOURS[kind],
    })),
    groups,
    absent: `under ${content.policy.threshold}, or in the pool`,
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
  const verb = cut === 'night_band' ? 'most at' : 'most often';
  const said = sources.flatMap((_, i) => {
    const sorted = groups
      .flatMap(({ label, figures }) => (figures[i] ? [{ label, figure: figures[i] }] : []))
      .toSorted((a, b) => b.figure.value - a.figure.value);
    const [first, second] = sorted;
    if (!first) return [];
    // What the intervals do not tell apart is not called the most.
    const tied = second && second.figure.high >= first.figure.low ? ` or ${lowerFirst(second.label)}` : '';
    return [`${verb} ${lowerFirst(first.label)}${tied}`];
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
    hidden && `Fewer than ${numberText(policy.threshold)}, or held together in the pool: ${hidden}.`,
  ]
    .filter((words) => words !== '')
    .join(' ');
}

/** The quarter's figures of the named areas, sources side by side; undefined where none is shown. */
export function areaPicture(content: ReportContent): Picture | undefined {
  const sources = partnerSources(content);
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
  const drawn = groups.slice(0, MOST_AREAS);
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
    svg: drawBars(barsOf(content, sources, drawn, alt)),
    alt,
    reading: readAreas(content, groups, sources),
    note: `Each bar adds up what is shown of the area; the rest of an area may be in the pool. The sources are never summed.${more}`,
  };
}

function readAreas(content: ReportContent, groups: BarChart['groups'], sources: BoardSource[]): string {
  const hidden = content.geography.areas.length - groups.length;
  const [first, second] = groups.map(({ label, figures }) => ({ label, figure: figures[0] }));
  const most = sources.length > 1 ? `Most ${cleanText(sources[0]!.name)} ${sources[0]!.unit}` : 'Most';
  const without =
    hidden > 0
      ? ` ${hidden} of ${content.geography.areas.length} named areas are too small to be shown for the quarter.`
      : '';
  if (!first?.figure) return without.trim();
  const tied = second?.figure && second.figure.high >= first.figure.low ? ` or ${second.label}` : '';
  return `${most}: ${first.label}${tied}.${without}`;
}
