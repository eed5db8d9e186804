/** A share as pins of a map, one for each twentieth, and as columns by quarter: to be read from across a room. */
import { drawing, INK, label, type Markup, MUTED, path, RULE, tag, tenth, text } from './svg.ts';

export interface ShareBar {
  readonly label: string;
  readonly year: string;
  readonly percent: number;
}

const WIDTH = 500;
const HEIGHT = 128;
const NOW = '#12406f';
const BEFORE = '#96bcdd';
const PINS = 20;
const PINS_A_ROW = 10;
/** How much of the width the pins have when there are quarters to compare with. */
const PINS_BESIDE = 285;
const [TOP, FOOT, WIDEST] = [20, 30, 46];

/** The latest of the shares in pins, and all of them as columns where there are several. */
export function drawShares(bars: readonly ShareBar[]): string {
  const isAlone = bars.length < 2;
  return drawing(
    WIDTH,
    HEIGHT,
    { class: 'chart' },
    tag('title', {}, text('Shares by quarter')),
    ...pins(bars.at(-1)?.percent ?? 0, isAlone ? WIDTH : PINS_BESIDE),
    ...(isAlone ? [] : columns(bars, PINS_BESIDE + 25)),
  );
}

function pins(percent: number, width: number): Markup[] {
  const step = width / PINS_A_ROW;
  const size = Math.min(step * 0.4, 17);
  const filled = Math.round((percent * PINS) / 100);
  return Array.from({ length: PINS }, (_, i) => {
    const x = step * ((i % PINS_A_ROW) + 0.5);
    const y = size + 4 + Math.floor(i / PINS_A_ROW) * (HEIGHT / 2);
    return pin(x, y, size, i < filled);
  });
}

/** The pin of a map around a point, empty where the place is not known. */
function pin(x: number, y: number, size: number, isFilled: boolean): Markup {
  const at = (dx: number, dy: number) => `${tenth(x + dx * size)} ${tenth(y + dy * size)}`;
  const outline = `M${at(0, 2)}C${at(-0.25, 1.2)} ${at(-0.9, 0.9)} ${at(-0.9, 0)}A${tenth(0.9 * size)} ${tenth(0.9 * size)} 0 1 1 ${at(0.9, 0)}C${at(0.9, 0.9)} ${at(0.25, 1.2)} ${at(0, 2)}Z`;
  return tag(
    'g',
    {},
    tag('path', {
      d: outline,
      fill: isFilled ? NOW : '#ffffff',
      stroke: isFilled ? NOW : MUTED,
      'stroke-width': 1.1,
      ...(isFilled ? {} : { 'stroke-dasharray': '3 2.4' }),
    }),
    ...(isFilled
      ? [tag('circle', { cx: x, cy: y, r: 0.34 * size, fill: '#ffffff' })]
      : [
          label(x, y + 0.42 * size, '?', {
            'text-anchor': 'middle',
            'font-size': 1.15 * size,
            'font-weight': 700,
            fill: MUTED,
          }),
        ]),
  );
}

/** From 0 to 100%; the last is the latest. */
function columns(bars: readonly ShareBar[], left: number): Markup[] {
  const room = (WIDTH - left) / bars.length;
  const width = Math.min(WIDEST, room * 0.74);
  const base = HEIGHT - FOOT;
  const drawn = bars.flatMap(({ label: name, year, percent }, i) => {
    const middle = left + room * (i + 0.5);
    const height = ((base - TOP) * percent) / 100;
    const isLast = i === bars.length - 1;
    const centred = { 'text-anchor': 'middle' };
    return [
      tag('rect', {
        ...{ x: middle - width / 2, y: TOP, width, height: base - TOP },
        ...{ fill: 'none', stroke: RULE, 'stroke-width': 0.7 },
      }),
      tag('rect', { x: middle - width / 2, y: base - height, width, height, fill: isLast ? NOW : BEFORE }),
      label(middle, TOP - 5, `${percent}%`, {
        ...centred,
        'font-size': isLast ? 12.5 : 10.5,
        'font-weight': isLast ? 700 : 400,
        fill: isLast ? NOW : INK,
      }),
      label(middle, base + 12, name, {
        ...centred,
        'font-size': room < 40 ? 7.6 : 9,
        'font-weight': isLast ? 700 : 400,
      }),
      label(middle, base + 23, year, { ...centred, 'font-size': room < 40 ? 7.6 : 9, fill: MUTED }),
    ];
  });
  const line = path([
    [left, base],
    [WIDTH, base],
  ]);
  return [...drawn, tag('path', { d: line, stroke: MUTED, 'stroke-width': 0.8, fill: 'none' })];
}
