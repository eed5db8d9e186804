import type { Box } from './label-placing.ts';
import { anchorOf, type MapDrawing } from './map-mark.ts';
import {
  type Extent,
  extentOf,
  fitExtent,
  type Point,
  type Projection,
  padExtent,
  polygonsOf,
  ringsPath,
} from './projection.ts';
import { BAND_FILLS, INK, label, type Markup, path, RULE, tag, tenth } from './svg.ts';

/** The bar that says how long a kilometre is, in the lower left corner of a map that ends at `height`. */
export function drawScaleBar(kilometre: number, height: number): Markup {
  const lengths = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
  const length = lengths.findLast((km) => km * kilometre <= 70) ?? 0.1;
  const width = length * kilometre;
  const words = length < 1 ? `${Math.round(1000 * length)} m` : `${length} km`;
  return tag(
    'g',
    { class: 'scale', 'data-kilometres': String(length) },
    tag('rect', {
      x: 5,
      y: height - 17,
      width: Math.max(width, 18) + 8,
      height: 13,
      rx: 2,
      fill: '#ffffff',
      'fill-opacity': 0.85,
    }),
    tag('path', {
      d: path([
        [9, height - 9.5],
        [9, height - 7],
        [9 + width, height - 7],
        [9 + width, height - 9.5],
      ]),
      fill: 'none',
      stroke: INK,
      'stroke-width': 0.7,
    }),
    label(9 + width / 2, height - 9, words, { 'font-size': 6, 'text-anchor': 'middle' }),
  );
}

const SIDE = 84;

/** Where the locator of a map stands, in the corner where it hides least; undefined where the map shows all the land. */
export function locatorBox(map: MapDrawing, projection: Projection, height: number): Box | undefined {
  const outline = extentOf(polygonsOf(map.geography.outline).flat(2));
  if (!outline || sizeOf(projection.seen) >= 0.8 * sizeOf(outline)) return undefined;
  const right = map.width - SIDE - 4;
  const low = { x: right, y: height - SIDE - 4, width: SIDE, height: SIDE };
  // On the page the other corners hold the zoom buttons and the scale.
  if (map.holds === 'all') return low;
  const points = map.marks
    .map((mark) => anchorOf(map, mark, projection))
    .filter((point) => point !== undefined);
  const hidden = (box: Box) => points.filter((point) => isIn(box, point)).length;
  const corners = [low, { ...low, y: 4 }, { ...low, x: 4, y: 4 }];
  return corners.toSorted((a, b) => hidden(a) - hidden(b))[0];
}

function isIn(box: Box, [x, y]: Point): boolean {
  return x > box.x - 6 && x < box.x + box.width + 6 && y > box.y - 6 && y < box.y + box.height + 6;
}

/** The whole land in the corner of a map, with every cell and the frame. */
export function drawLocator(map: MapDrawing, main: Projection, height: number): Markup[] {
  const box = locatorBox(map, main, height);
  const outline = extentOf(polygonsOf(map.geography.outline).flat(2));
  if (!box || !outline) return [];
  const projection = fitExtent(padExtent(outline, 0.04), SIDE, SIDE);
  const { west, north, east, south } = main.seen;
  const [x0, y0] = projection.project([west, north]).map(within) as Point;
  const [x1, y1] = projection.project([east, south]).map(within) as Point;
  const dots = map.marks.flatMap((mark) => {
    if (mark.kind !== 'cell') return [];
    const [cx, cy] = projection.project(map.geography.cellCentre(mark.atom));
    return [tag('circle', { cx, cy, r: 0.8, fill: BAND_FILLS[Math.min(mark.band, BAND_FILLS.length - 1)] })];
  });
  const edge = { fill: 'none', stroke: INK, 'stroke-width': 0.9 };
  return [
    tag(
      'g',
      {
        class: 'locator',
        transform: `translate(${tenth(box.x)} ${tenth(box.y)})`,
      },
      tag('rect', {
        x: 0,
        y: 0,
        width: SIDE,
        height: SIDE,
        rx: 2,
        fill: '#ffffff',
        stroke: RULE,
        'stroke-width': 0.5,
      }),
      tag('path', {
        d: ringsPath(map.geography.outline, projection),
        fill: '#f0f2f3',
        stroke: '#87919b',
        'stroke-width': 0.4,
      }),
      ...dots,
      tag('rect', { x: x0, y: y0, width: x1 - x0, height: y1 - y0, ...edge }),
    ),
  ];
}

function within(value: number): number {
  return Math.min(SIDE - 0.5, Math.max(0.5, value));
}

function sizeOf(box: Extent): number {
  return (box.east - box.west) * (box.north - box.south);
}
