import type { MapDrawing } from './map-mark.ts';
import { BAND_FILLS, INK, label, type Markup, path, tag } from './svg.ts';
import { bandText } from './words.ts';

export const LEGEND_HEIGHT = 30;

/** The key beneath a map that ends at `top`: bands, outlines, places. */
export function drawLegend(map: MapDrawing, top: number): Markup {
  const y = top + 12;
  const bands = map.bands.flatMap((band, i) => [
    tag('rect', { x: i * 44, y: y - 6.5, width: 11, height: 8, fill: BAND_FILLS[i] }),
    label(i * 44 + 14, y, bandText(band)),
  ]);
  const second = y + 12.5;
  const hexagon = (x: number) =>
    path(
      [0, 1, 2, 3, 4, 5].map((i) => [
        x + 5 * Math.sin((i * Math.PI) / 3),
        second - 2.5 - 5 * Math.cos((i * Math.PI) / 3),
      ]),
      'Z',
    );
  const outlines = [
    tag('path', { d: hexagon(5.5), fill: 'none', stroke: INK, 'stroke-width': 1.5 }),
    label(14, second, 'stands out: strong'),
    tag('path', {
      d: hexagon(89),
      fill: 'none',
      stroke: INK,
      'stroke-width': 1,
      'stroke-dasharray': '2 1.4',
    }),
    label(97.5, second, 'likely'),
  ];
  const places = map.marks.some((mark) => mark.kind === 'place')
    ? [
        tag('path', {
          d: path(
            [
              [130.5, second - 5.7],
              [133.7, second - 2.5],
              [130.5, second + 0.7],
              [127.3, second - 2.5],
            ],
            'Z',
          ),
          fill: BAND_FILLS[1],
          stroke: INK,
          'stroke-width': 0.8,
        }),
        label(138, second, 'named place'),
      ]
    : [];
  const unit = label(map.bands.length * 44 + 2, y, 'in twelve months');
  return tag('g', { class: 'legend' }, ...bands, unit, ...outlines, ...places);
}
