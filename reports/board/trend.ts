/** The monthly chart of one source: released months, and the band that usual month-to-month variation fills. */
import { adjustForSeason } from '../statistics/season.ts';
import { type SpecialCause, xmrChart } from '../statistics/xmr.ts';
import { monthInWords, monthsBetween, monthsOf, shiftMonth } from './periods.ts';
import { drawing, INK, label, type Markup, MUTED, path, RULE, tag, text } from './svg.ts';
import { type Figure, listText, numberText } from './words.ts';

/** A released month with the limits that hold for it; those are absent where there are too few months for any. */
export interface TrendPoint {
  month: string;
  figure: Figure;
  limits?: { lower: number; mean: number; upper: number };
  cause: SpecialCause | '';
}

export interface Trend {
  points: TrendPoint[];
  /** Months that were not released by themselves. */
  gaps: string[];
  /** What was done about the time of year, in a sentence. */
  adjustment: string;
  /** True while fewer than 13 months stand behind the limits. */
  trialLimits: boolean;
}

const LEAST_FOR_LIMITS = 6;

/**
 * The chart's points from the released months up to the end of the period. The rules of the chart are applied to the
 * months as adjusted for the season; the limits are then turned back, so that they stand beside the released figures.
 */
export function trendOf(months: ReadonlyMap<string, Figure>, period: string): Trend {
  const last = monthsOf(period).at(-1) ?? period;
  const shown = [...months].filter(([month]) => month <= last);
  const first = shown[0]?.[0];
  const gaps = first ? monthsBetween(first, last).filter((month) => !months.has(month)) : [];
  if (shown.length < LEAST_FOR_LIMITS) {
    const points = shown.map(([month, figure]) => ({ month, figure, cause: '' as const }));
    return {
      points,
      gaps,
      adjustment: `No limits are drawn: that takes ${LEAST_FOR_LIMITS} months.`,
      trialLimits: true,
    };
  }
  const season = adjustForSeason(
    shown.map(([month, { value }]) => ({
      year: Number(month.slice(0, 4)),
      month: Number(month.slice(5)),
      count: value,
    })),
  );
  const chart = xmrChart(season.values, { betterIs: 'neither' });
  const points = shown.map(([month, figure], i) => {
    const point = chart.points[i]!;
    const effect = point.value > 0 ? figure.value / point.value : 1;
    const limits = {
      lower: Math.max(0, point.lower * effect),
      mean: point.mean * effect,
      upper: point.upper * effect,
    };
    return { month, figure, limits, cause: point.cause };
  });
  return { points, gaps, adjustment: plainAdjustment(season.words), trialLimits: chart.trialLimits };
}

/** Months that are shown with others do not count towards those that an adjustment takes: a reader is to know why. */
function plainAdjustment(words: string): string {
  return words.replace(
    /that takes at least (\d+) months, and there (?:are|is) (\d+)\./,
    'only $2 months are shown by themselves, and it takes $1 of them.',
  );
}

const CAUSE_WORDS: Record<SpecialCause, string> = {
  'outside-high': 'above its upper limit',
  'outside-low': 'below its lower limit',
  'trend-high': 'part of seven months rising in a row',
  'trend-low': 'part of seven months falling in a row',
  'two-of-three-high': 'one of two in three months close to the upper limit',
  'two-of-three-low': 'one of two in three months close to the lower limit',
  'shift-high': 'part of seven months in a row above the mean',
  'shift-low': 'part of seven months in a row below the mean',
};

/** What the chart says of the period's months, in one line. */
export function readTrend(trend: Trend, period: string): string {
  const months = new Set(monthsOf(period));
  const here = trend.points.filter(({ month }) => months.has(month));
  if (here.length === 0) return 'The months of this period were too few to be shown.';
  if (!here.some(({ limits }) => limits)) return 'There are too few months to tell what is usual.';
  const special = here.filter(({ cause }) => cause !== '');
  if (special.length === 0) {
    if (months.size === 1) return 'The month is within its usual month-to-month variation.';
    if (here.length === months.size)
      return 'No month of this period is outside the usual month-to-month variation.';
    const names = listText(here.map(({ month }) => monthInWords(month)));
    return here.length === 1
      ? `${names}, the only month of the quarter shown by itself, is within the usual month-to-month variation.`
      : `${names}, the months of the quarter shown by themselves, are within the usual month-to-month variation.`;
  }
  const told = special.map(
    ({ month, cause }) => `${monthInWords(month)} is ${CAUSE_WORDS[cause as SpecialCause]}`,
  );
  return `By month: ${told.join('; ')}, beyond the usual variation.`;
}

/** The chart in figures, for those who do not see it. */
export function describeTrend(trend: Trend, name: string): string {
  const first = trend.points[0];
  const last = trend.points.at(-1);
  if (!first || !last) return `${name} by month: nothing released yet.`;
  const values = trend.points.map(({ figure }) => figure.value);
  const low = numberText(Math.min(...values));
  const high = numberText(Math.max(...values));
  const limits = last.limits
    ? ` Usual range of the last month: ${numberText(Math.round(last.limits.lower))} to ${numberText(Math.round(last.limits.upper))}.`
    : '';
  return (
    `Line chart. ${name} by month, ${monthInWords(first.month)} to ${monthInWords(last.month)}: ` +
    `between ${low} and ${high} a month, ${numberText(last.figure.value)} in ${monthInWords(last.month)}.${limits}`
  );
}

/** What the marks of the charts mean, each with a small drawing of it; empty where no chart has limits. */
export function trendKey(trends: readonly Trend[]): { svg: string; text: string }[] {
  const points = trends.flatMap((trend) => trend.points);
  if (!points.some(({ limits }) => limits)) return [];
  const rung = tag('circle', { cx: 10, cy: 5, r: 3.3, fill: 'none', stroke: INK, 'stroke-width': 0.9 });
  const dot = tag('circle', { cx: 10, cy: 5, r: 1.5, fill: INK });
  const dashes = [1, 9].map((y) =>
    tag('path', {
      d: path([
        [0, y],
        [20, y],
      ]),
      ...EDGE,
      'stroke-dasharray': LIMIT_DASHES,
    }),
  );
  const items = [
    {
      marks: [
        tag('rect', { x: 0, y: 1, width: 20, height: 8, fill: USUAL_FILL, 'fill-opacity': USUAL_OPACITY }),
        ...dashes,
        tag('path', {
          d: path([
            [0, 5],
            [20, 5],
          ]),
          ...EDGE,
        }),
      ],
      text: 'usual variation, with its mean and its limits',
    },
    ...(points.some(({ cause }) => cause !== '')
      ? [{ marks: [dot, rung], text: 'ringed: a month outside it, whenever it was' }]
      : []),
    {
      marks: [tag('rect', { x: 4, y: 0, width: 12, height: 10, fill: PERIOD_FILL })],
      text: 'the period reported on',
    },
  ];
  return items.map(({ marks, text: words }) => ({ svg: drawing(20, 10, {}, ...marks), text: words }));
}

export interface TrendChart {
  trend: Trend;
  /** What figures are rounded to: the scale counts in it, so that no number beside the chart seems a closer one. */
  base: number;
  period: string;
  colour: string;
  width: number;
  height: number;
  alt: string;
}

const PERIOD_FILL = '#f3ecd9';
const USUAL_FILL = '#8a96a1';
const USUAL_OPACITY = 0.16;
const LIMIT_DASHES = '2.5 1.5';
const EDGE = { fill: 'none', stroke: MUTED, 'stroke-width': 0.5 };
const LEFT = 22;
const RIGHT = 28;
const TOP = 6;
const BOTTOM = 15;

interface Axes {
  x: (month: string) => number;
  y: (value: number) => number;
  months: string[];
  top: number;
  step: number;
}

/** The monthly chart as SVG: a dot a month, the usual range as a band, special months ringed. */
export function drawTrend(chart: TrendChart): string {
  const axes = axesOf(chart);
  return drawing(
    chart.width,
    chart.height,
    { class: 'chart' },
    tag('title', {}, text(chart.alt)),
    ...periodShade(chart, axes),
    ...grid(chart, axes),
    ...band(chart.trend, axes),
    ...line(chart, axes),
  );
}

function axesOf({ trend, base, period, width, height }: TrendChart): Axes {
  const last = monthsOf(period).at(-1) ?? period;
  const first = trend.points[0]?.month ?? last;
  // A year at least, so that a young series does not look like a long one.
  const yearAgo = shiftMonth(last, -11);
  const start = [first, yearAgo].sort()[0] ?? first;
  const months = monthsBetween(start, last);
  const most = Math.max(
    10,
    ...trend.points.map(({ figure, limits }) => Math.max(figure.high, limits?.upper ?? 0)),
  );
  const step =
    base *
    ([1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 500, 1000].find((size) => most / (base * size) <= 5) ?? 2000);
  const top = step * Math.ceil(most / step);
  const wide = (width - LEFT - RIGHT) / Math.max(1, months.length - 1);
  return {
    months,
    top,
    step,
    x: (month) => LEFT + wide * months.indexOf(month),
    y: (value) => height - BOTTOM - ((height - TOP - BOTTOM) * value) / top,
  };
}

function periodShade({ period, height }: TrendChart, { x, months }: Axes): Markup[] {
  const inside = monthsOf(period).filter((month) => months.includes(month));
  const half = months.length > 1 ? (x(months[1]!) - x(months[0]!)) / 2 : 4;
  const start = x(inside[0]!) - half;
  const end = x(inside.at(-1)!) + half;
  return [
    tag('rect', { x: start, y: TOP, width: end - start, height: height - TOP - BOTTOM, fill: PERIOD_FILL }),
  ];
}

function grid({ width, height }: TrendChart, { x, y, months, top, step }: Axes): Markup[] {
  const lines: Markup[] = [];
  for (let value = 0; value <= top; value += step) {
    lines.push(
      tag('path', {
        d: path([
          [LEFT - 3, y(value)],
          [width - RIGHT + 4, y(value)],
        ]),
        stroke: value === 0 ? MUTED : RULE,
        'stroke-width': value === 0 ? 0.6 : 0.4,
        fill: 'none',
      }),
      label(LEFT - 6, y(value) + 2.4, numberText(value), {
        'text-anchor': 'end',
        fill: MUTED,
        'font-size': 6.8,
      }),
    );
  }
  const januaries = months.filter((month) => month.endsWith('-01'));
  const ticks = januaries.flatMap((month) => [
    tag('path', {
      d: path([
        [x(month), height - BOTTOM],
        [x(month), height - BOTTOM + 3],
      ]),
      stroke: MUTED,
      'stroke-width': 0.6,
      fill: 'none',
    }),
    label(x(month), height - BOTTOM + 10.5, `Jan ${month.slice(0, 4)}`, {
      'text-anchor': 'middle',
      fill: MUTED,
      'font-size': 6.8,
    }),
  ]);
  return [...lines, ...ticks];
}

function band({ points }: Trend, { x, y }: Axes): Markup[] {
  const limited = points.flatMap(({ month, limits }) => (limits ? [{ at: x(month), ...limits }] : []));
  if (limited.length === 0) return [];
  const upper = limited.map(({ at, upper: value }): [number, number] => [at, y(value)]);
  const lower = limited.map(({ at, lower: value }): [number, number] => [at, y(value)]);
  const mean = limited.map(({ at, mean: value }): [number, number] => [at, y(value)]);
  return [
    tag('path', {
      d: path([...upper, ...lower.toReversed()], 'Z'),
      fill: USUAL_FILL,
      'fill-opacity': USUAL_OPACITY,
    }),
    tag('path', { d: path(upper), ...EDGE, 'stroke-dasharray': LIMIT_DASHES }),
    tag('path', { d: path(lower), ...EDGE, 'stroke-dasharray': LIMIT_DASHES }),
    tag('path', { d: path(mean), ...EDGE }),
  ];
}

function line({ trend, colour }: TrendChart, { x, y }: Axes): Markup[] {
  const at = ({ month, figure }: TrendPoint): [number, number] => [x(month), y(figure.value)];
  const runs: TrendPoint[][] = [];
  for (const point of trend.points) {
    const run = runs.at(-1);
    if (run && shiftMonth(run.at(-1)!.month, 1) === point.month) run.push(point);
    else runs.push([point]);
  }
  const dots = trend.points.map((point) => {
    const [cx, cy] = at(point);
    const title = `${monthInWords(point.month)}: ${numberText(point.figure.value)}`;
    return tag('circle', { cx, cy, r: 1.5, fill: colour }, tag('title', {}, text(title)));
  });
  const rings = trend.points
    .filter(({ cause }) => cause !== '')
    .map((point) => {
      const [cx, cy] = at(point);
      return tag('circle', { cx, cy, r: 3.3, fill: 'none', stroke: INK, 'stroke-width': 0.9 });
    });
  const last = trend.points.at(-1);
  const end = last
    ? [
        label(x(last.month) + 5.5, y(last.figure.value) + 2.4, numberText(last.figure.value), {
          'font-weight': 600,
        }),
      ]
    : [];
  return [
    ...runs.map((run) =>
      tag('path', {
        d: path(run.map(at)),
        fill: 'none',
        stroke: colour,
        'stroke-width': 1.2,
        'stroke-linejoin': 'round',
      }),
    ),
    ...dots,
    ...rings,
    ...end,
  ];
}
