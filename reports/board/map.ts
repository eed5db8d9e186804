/** The map of bands: cells shaded, named areas outlined, what stands out numbered. */
import type { Position } from '../../transform/h3-cell.ts';
import { drawLegend, LEGEND_HEIGHT } from './map-legend.ts';
import { drawLettering } from './map-lettering.ts';
import { drawLocator, drawScaleBar } from './map-locator.ts';
import { anchorOf, fixedGroup, type MapDrawing, type MapMark } from './map-mark.ts';
import {
  atLeastExtent,
  type Extent,
  extentOf,
  fitExtent,
  type Projection,
  padExtent,
  polygonsOf,
  ringsPath,
} from './projection.ts';
import { BAND_FILLS, drawing, INK, type Markup, path, RULE, tag, text } from './svg.ts';

const CORNER = 3;

/** The map and its legend as SVG, `width` x `height` points. Groups and keys are marked for the page's script. */
export function drawMap(map: MapDrawing): string {
  const height = map.height - LEGEND_HEIGHT;
  const projection = fitExtent(frameOf(map), map.width, height);
  const clip = `${map.id}-frame`;
  const box = { x: 0, y: 0, width: map.width, height, rx: CORNER };
  return drawing(
    map.width,
    map.height,
    { class: 'map', id: map.id },
    tag('title', {}, text(map.alt)),
    tag('clipPath', { id: clip }, tag('rect', box)),
    tag('rect', { ...box, fill: '#eef2f5' }),
    tag(
      'g',
      { 'clip-path': `url(#${clip})` },
      tag('g', { class: 'view' }, ...layers(map, projection, height)),
    ),
    tag('rect', { ...box, fill: 'none', stroke: RULE, 'stroke-width': 0.7 }),
    ...drawLocator(map, projection, height),
    drawScaleBar(projection.kilometre, height),
    drawLegend(map, height),
  );
}

/** The box around what the map is to hold; the whole land where nothing is marked. */
function frameOf(map: MapDrawing): Extent {
  const numbered = map.marks.filter((mark) => mark.number !== undefined);
  const chosen = map.holds === 'numbered' && numbered.length > 0 ? numbered : map.marks;
  const marked = extentOf(chosen.flatMap((mark) => cornersOf(map, mark)));
  const outline = extentOf(polygonsOf(map.geography.outline).flat(2));
  if (marked) {
    const padded = padExtent(marked, map.holds === 'numbered' ? 0.45 : 0.06);
    return outline ? atLeastExtent(padded, outline, map.least) : padded;
  }
  return outline ? padExtent(outline, 0.03) : { west: -1, east: 1, south: -1, north: 1 };
}

function cornersOf(map: MapDrawing, mark: MapMark): Position[] {
  if (mark.kind === 'cell') return map.geography.cellBoundary(mark.atom);
  const place = map.geography.place?.(mark.atom);
  return place ? [place.at] : [];
}

function layers(map: MapDrawing, projection: Projection, height: number): Markup[] {
  const areas = map.geography.areas.map((area) => ringsPath(area.rings, projection)).join('');
  const seen = map.marks.filter((mark) => isSeen(cornersOf(map, mark), projection.seen));
  const cells = seen.filter((mark) => mark.kind === 'cell');
  const places = seen.filter((mark) => mark.kind === 'place');
  return [
    tag('path', {
      d: ringsPath(map.geography.outline, projection),
      class: 'land',
      fill: '#fdfdfb',
      stroke: '#87919b',
      'stroke-width': 0.9,
    }),
    tag('g', { class: 'cells' }, ...cells.map((mark) => drawCell(map, mark, projection))),
    tag(
      'g',
      { class: 'areas', fill: 'none' },
      // Light beneath and dark above, so that the line is seen on land and on the darkest cell.
      tag('path', { d: areas, stroke: '#ffffff', 'stroke-width': 1.7, 'stroke-opacity': 0.8 }),
      tag('path', { d: areas, stroke: '#66717c', 'stroke-width': 0.6 }),
    ),
    tag(
      'g',
      { class: 'hotspots' },
      ...hotspotsAbove(cells).map((mark) => drawHotspot(map, mark, projection)),
    ),
    tag('g', { class: 'places' }, ...places.map((mark) => drawPlace(map, mark, projection))),
    ...drawLettering(map, projection, height),
  ];
}

function isSeen(corners: Position[], seen: Extent): boolean {
  return corners.some(([x, y]) => x > seen.west && x < seen.east && y > seen.south && y < seen.north);
}

function drawCell(map: MapDrawing, mark: MapMark, { project }: Projection): Markup {
  return tag(
    'path',
    {
      d: path(map.geography.cellBoundary(mark.atom).map(project), 'Z'),
      fill: BAND_FILLS[Math.min(mark.band, BAND_FILLS.length - 1)],
      stroke: '#ffffff',
      'stroke-width': 0.4,
      'data-key': mark.key,
    },
    tag('title', {}, text(mark.title)),
  );
}

/** Strong ones last, so that their outline lies on top. */
function hotspotsAbove(cells: MapMark[]): MapMark[] {
  return [
    ...cells.filter((mark) => mark.hotspot === 'likely'),
    ...cells.filter((mark) => mark.hotspot === 'strong'),
  ];
}

function drawHotspot(map: MapDrawing, mark: MapMark, { project }: Projection): Markup {
  const strong = mark.hotspot === 'strong';
  return tag('path', {
    d: path(map.geography.cellBoundary(mark.atom).map(project), 'Z'),
    fill: 'none',
    stroke: INK,
    'stroke-width': strong ? 1.5 : 1,
    'stroke-dasharray': strong ? undefined : '2 1.4',
    'stroke-linejoin': 'round',
  });
}

/** A place is a diamond, shaded by its own band. */
function drawPlace(map: MapDrawing, mark: MapMark, projection: Projection): Markup {
  const at = anchorOf(map, mark, projection);
  if (!at) return text('');
  return fixedGroup(
    at,
    tag(
      'path',
      {
        d: 'M0 -3.2L3.2 0L0 3.2L-3.2 0Z',
        fill: BAND_FILLS[Math.min(mark.band, BAND_FILLS.length - 1)],
        stroke: INK,
        'stroke-width': 0.8,
        'data-key': mark.key,
      },
      tag('title', {}, text(mark.title)),
    ),
  );
}
