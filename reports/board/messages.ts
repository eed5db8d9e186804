/** What the first page says: a few plain sentences, each number with its period and its uncertainty. */
import { rateRatio } from '../statistics/rates.ts';
import type { BoardContent, BoardSource, ReportContent, StandsOut } from './content.ts';
import { monthFigures, monthRuns, periodTotal } from './cube.ts';
import type { Message } from './document.ts';
import {
  isQuarter,
  periodInWords,
  quarterOf,
  quarterOfRows,
  twelveMonthsInWords,
  yearBefore,
} from './periods.ts';
import { areaFigures, type Spot, spotsOf, standsOutWords } from './places.ts';
import { rulesIn, rulesOfPlaces } from './rules.ts';
import { shortInWords, shortMonths } from './short-months.ts';
import { readTrend, trendOf } from './trend.ts';
import {
  bandText,
  cleanText,
  countText,
  type Figure,
  listText,
  numberText,
  sentence,
  shorten,
} from './words.ts';

/** The sources whose records may stand beside each other: those that the partners recorded themselves. */
export function partnerSources(content: ReportContent): BoardSource[] {
  const partners = content.sources.filter((source) => source.kind !== 'police.uk');
  return partners.length > 0 ? partners : content.sources;
}

/** The sources of the emergency departments, else whatever there is. */
export function leadSource(content: ReportContent): BoardSource | undefined {
  return content.sources.find((source) => source.kind === 'emergency department') ?? content.sources[0];
}

/** The key messages of the board's report, most important first. */
export function boardMessages(content: BoardContent): Message[] {
  return [...countMessages(content), ...placeMessages(content), ...laterMessage(content)];
}

/** The key messages of the public summary. */
export function summaryMessages(content: ReportContent): Message[] {
  return [...countMessages(content), ...areaMessages(content), ...laterMessage(content)];
}

function countMessages(content: ReportContent): Message[] {
  const said = partnerSources(content).map((source) => countMessage(content, source));
  const last = said.at(-1);
  if (last && said.length > 1)
    last.text += ' The sources are never added together: some people are known to both.';
  return said;
}

function countMessage(content: ReportContent, source: BoardSource): Message {
  const { released, period } = content;
  const name = sentence(cleanText(source.name));
  const total = periodTotal(released, source.id, period, content.policy);
  const when = periodInWords(period);
  if (!total) {
    return {
      lead: `${name}:`,
      text: `the figure for ${when} is too small to be shown, or is shown with another month.`,
    };
  }
  return {
    lead: `${name}: ${numberText(total.value)} ${source.unit} of violence in ${when}`,
    text: `(${between(total)}). ${comparedInWords(content, source, total)}`,
  };
}

/** What a total is beside the year before and the months before, unless a delivery seems to be missing. */
function comparedInWords(content: ReportContent, { id }: BoardSource, total: Figure): string {
  const { released, period } = content;
  const runs = monthRuns(released, id);
  const short = shortMonths(runs, period);
  if (short.length > 0) return shortInWords(short);
  const earlier = yearBefore(period);
  const then = periodInWords(earlier);
  const before = periodTotal(released, id, earlier, rulesIn(content, earlier));
  const usual = readTrend(trendOf(monthFigures(released, id), period), period);
  if (!before) return usual;
  if (shortMonths(runs, earlier).length > 0)
    return `Not compared with ${then}, of which a delivery may be missing. ${usual}`;
  return `${changeInWords(total, before, then)} ${usual}`;
}

function between({ low, high }: Figure): string {
  return low === high
    ? 'as published'
    : `the true number is between ${numberText(low)} and ${numberText(high)}`;
}

/** A change in signed percent, with its 95% interval. `beyondChance` where that leaves out "no change". */
export interface Change {
  share: string;
  lower: string;
  upper: string;
  beyondChance: boolean;
}

/** The change from one figure to another; its interval allows for chance and for the rounding of both. */
export function changeOf(now: Figure, before: Figure): Change | undefined {
  if (before.low === 0) return undefined;
  const ratio = (a: number, b: number) => rateRatio({ count: a, base: 1 }, { count: b, base: 1 });
  const lower = ratio(now.low, before.high).lower;
  const upper = ratio(now.high, before.low).upper;
  return {
    share: signed(percentOf(now, before)),
    lower: signed(100 * (lower - 1)),
    upper: signed(100 * (upper - 1)),
    beyondChance: lower > 1 || upper < 1,
  };
}

/** The change in a sentence; its interval stands with the months. */
export function changeInWords(now: Figure, before: Figure, when: string): string {
  const change = changeOf(now, before);
  if (!change) return `In ${when} there were ${numberText(before.value)}.`;
  const percent = percentOf(now, before);
  const seen =
    Math.abs(percent) < 0.5
      ? `About as many as in ${when}`
      : `${Math.round(Math.abs(percent))}% ${percent < 0 ? 'fewer' : 'more'} than the ${numberText(before.value)} of ${when}`;
  return change.beyondChance
    ? `${seen}, which is more than chance and rounding explain.`
    : `${seen}, which chance and rounding alone can explain.`;
}

/** Multiplied before it is divided: a half stays a half. */
function percentOf(now: Figure, before: Figure): number {
  return (100 * (now.value - before.value)) / before.value;
}

/** Halves go away from zero, so that a fall is rounded like a rise. */
function signed(percent: number): string {
  const whole = Math.round(Math.abs(percent));
  return `${whole === 0 ? '' : percent > 0 ? '+' : '−'}${whole}%`;
}

function placeMessages(content: BoardContent): Message[] {
  const source = leadSource(content);
  if (!source || !isQuarter(content.period)) return [];
  const spots = spotsOf(content, source.id);
  const k = rulesOfPlaces(content).partnershipThreshold;
  const when = twelveMonthsInWords(quarterOfRows(content));
  const best = spots[0];
  if (!best)
    return [
      { lead: 'Where to look:', text: `no cell or named place reached ${k} ${source.unit} in ${when}.` },
    ];
  const top = spots.filter((spot) => spot.low === best.low);
  const names = top.slice(0, 3).map(spotName);
  const rest = top.length > 3 ? [countText(top.length - 3, 'other', 'others')] : [];
  return [
    {
      lead: `Where to look: ${listText([...names, ...rest])}`,
      text:
        `had ${bandText(best.band)} ${source.unit} each from the ${cleanText(source.name)} in ${when}. ` +
        `${countText(spots.length, 'cell or named place', 'cells and named places')} had ${k} or more. ${standingOut(spots, content.standsOut)}`,
    },
  ];
}

function standingOut(spots: readonly Spot[], standsOut: StandsOut | undefined): string {
  const strong = spots.filter((spot) => spot.hotspot === 'strong').length;
  const likely = spots.filter((spot) => spot.hotspot === 'likely').length;
  if (strong + likely === 0) return `None stands out: none had more ${standsOutWords(standsOut)}.`;
  const told = [...(strong ? [`${strong} strongly`] : []), ...(likely ? [`${likely} likely`] : [])];
  return `Of these, ${countText(strong + likely, 'stands', 'stand')} out (${listText(told)}): more ${standsOutWords(standsOut)}. The others may be chance.`;
}

function spotName({ label, area, kind, number }: Spot): string {
  const where = kind === 'place' && area && !label.includes(area) ? `${label}, ${area}` : label;
  const name = kind === 'cell' ? label.replace('Cell', 'a cell') : shorten(where, 60);
  return `${name} (no. ${number})`;
}

function areaMessages(content: ReportContent): Message[] {
  const source = leadSource(content);
  if (!source || !isQuarter(content.period)) return [];
  const [most, next] = content.geography.areas
    .map((area) => ({ name: cleanText(area.name), figure: areaFigures(content, source.id, area).released }))
    .flatMap(({ name, figure }) => (figure ? [{ name, figure }] : []))
    .toSorted((a, b) => b.figure.value - a.figure.value || (a.name < b.name ? -1 : 1));
  if (!most)
    return [{ lead: 'Places:', text: 'no named area was large enough to be shown by itself this quarter.' }];
  const { low, high, value } = most.figure;
  const alone = next === undefined || next.figure.high < low;
  return [
    {
      lead: `${alone ? 'Most were shown for' : 'Among the highest by area is'} ${most.name}: ${numberText(value)} ${source.unit}`,
      text: `from the ${cleanText(source.name)} (between ${numberText(low)} and ${numberText(high)}).`,
    },
  ];
}

function laterMessage({ period }: ReportContent): Message[] {
  if (isQuarter(period)) return [];
  return [
    {
      lead: 'Places follow with the quarter',
      text: `${periodInWords(quarterOf(period))}, with what happened when and how. A month gives the figures of the whole area alone.`,
    },
  ];
}
