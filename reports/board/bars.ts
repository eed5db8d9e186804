/** Horizontal bars with the promised interval as a whisker; several sources stand beside each other, never stacked. */
import { drawing, INK, label, type Markup, MUTED, path, tag, text } from './svg.ts';
import { type Figure, figureText, shorten } from './words.ts';

/** One figure a series; undefined where it is not shown. Bars are as long as the figure by `per`, such as hours. */
export interface BarGroup {
  label: string;
  figures: (Figure | undefined)[];
  per?: number;
}

export interface BarChart {
  series: { name: string; colour: string }[];
  groups: BarGroup[];
  /** What is printed where a figure is not shown. */
  absent: string;
  width: number;
  alt: string;
}

const LABEL_WIDTH = 88;
const NUMBER_WIDTH = 56;

/** The chart as SVG, as high as it needs. The axis starts at zero and is shared by all series. */
export function drawBars(chart: BarChart): string {
  const many = chart.series.length > 1;
  const bar = many ? 7.6 : 9;
  const gap = many ? 5.5 : 4.5;
  const key = drawKey(chart);
  const top = key.height;
  const rowHeight = chart.series.length * bar + gap;
  const height = top + chart.groups.length * rowHeight + 1;
  const most = Math.max(
    1,
    ...chart.groups.flatMap(({ figures, per = 1 }) => figures.map((figure) => (figure?.high ?? 0) / per)),
  );
  const scale = (chart.width - LABEL_WIDTH - NUMBER_WIDTH) / most;
  const rows = chart.groups.map((group, g) =>
    drawGroup(chart, group, top + g * rowHeight + gap / 2, bar, scale),
  );
  return drawing(
    chart.width,
    height,
    { class: 'chart' },
    tag('title', {}, text(chart.alt)),
    ...key.markup,
    ...rows,
    tag('path', {
      d: path([
        [LABEL_WIDTH, top],
        [LABEL_WIDTH, height - 1],
      ]),
      stroke: MUTED,
      'stroke-width': 0.6,
      fill: 'none',
    }),
  );
}

interface Key {
  markup: Markup[];
  height: number;
}

/** The sources' colours: on one line where the names are short enough, else one below the other. */
function drawKey({ series, width }: BarChart): Key {
  if (series.length < 2) return { markup: [], height: 2 };
  const words = series.map(({ name }) => shorten(name, 52));
  const widths = words.map((name) => 20 + 3.8 * name.length);
  const left = width - LABEL_WIDTH >= total(widths) ? LABEL_WIDTH : 0;
  const oneLine = width - left >= total(widths);
  const markup = series.flatMap(({ colour }, i) => {
    const x = oneLine ? left + total(widths.slice(0, i)) : 0;
    const y = oneLine ? 1 : 1 + 11 * i;
    return [tag('rect', { x, y, width: 8, height: 7, fill: colour }), label(x + 11, y + 6.2, words[i] ?? '')];
  });
  return { markup, height: oneLine ? 13 : 2 + 11 * series.length };
}

function total(widths: number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

function drawGroup(chart: BarChart, group: BarGroup, y: number, bar: number, scale: number): Markup {
  const middle = y + (chart.series.length * bar) / 2;
  const bars = group.figures.map((figure, i) => {
    const colour = chart.series[i]?.colour ?? INK;
    return drawBar(figure, chart.absent, y + i * bar, bar, scale / (group.per ?? 1), colour);
  });
  return tag(
    'g',
    {},
    label(LABEL_WIDTH - 5, middle + 2.4, shortenToWidth(group.label), { 'text-anchor': 'end' }),
    ...bars,
  );
}

/** How wide a letter may be at the drawing's 7.5 points; what is narrow or wide by itself, others by their kind. */
const letterWidth = (letter: string): number => {
  if (/[MWmw@%…—]/.test(letter)) return 6.6;
  if (/[\s.,:;'’|()[\]/Iijlftr-]/.test(letter)) return 2.7;
  return /[\p{Lu}&]/u.test(letter) ? 4.9 : 4.1;
};

/** A label that is not cut off where it ends at the axis. */
function shortenToWidth(words: string): string {
  const letters = [...words];
  let [width, n] = [0, 0];
  for (; n < letters.length; n++) {
    width += letterWidth(letters[n] as string);
    if (width > LABEL_WIDTH - 6) break;
  }
  return shorten(words, n);
}

function drawBar(
  figure: Figure | undefined,
  absent: string,
  y: number,
  bar: number,
  scale: number,
  colour: string,
): Markup {
  const base = y + bar / 2 + 2.3;
  if (!figure)
    return label(LABEL_WIDTH + 4, base, absent, { fill: MUTED, 'font-style': 'italic', 'font-size': 6.6 });
  const low = LABEL_WIDTH + figure.low * scale;
  const high = LABEL_WIDTH + figure.high * scale;
  const middle = y + bar / 2;
  const whisker: [number, number][] = [
    [low, middle],
    [high, middle],
  ];
  return tag(
    'g',
    {},
    tag('rect', {
      x: LABEL_WIDTH,
      y: y + 0.5,
      width: Math.max(figure.value * scale, 0.4),
      height: bar - 1,
      fill: colour,
    }),
    ...(high > low
      ? [
          tag('path', { d: path(whisker), stroke: '#ffffff', 'stroke-width': 2, fill: 'none' }),
          tag('path', { d: path(whisker), stroke: INK, 'stroke-width': 0.8, fill: 'none' }),
        ]
      : []),
    label(high + 4, base, figureText(figure), { 'font-size': 7 }),
  );
}
