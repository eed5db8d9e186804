import { type Box, type PlacedLabel, placeLabels, type WantedLabel } from './label-placing.ts';
import { locatorBox } from './map-locator.ts';
import { anchorOf, fixedGroup, type MapDrawing, type MapMark } from './map-mark.ts';
import { middleOf, type Projection } from './projection.ts';
import { INK, label, type Markup, MUTED, path, tag } from './svg.ts';
import { cleanText, shorten } from './words.ts';

interface NumberLabel extends WantedLabel {
  mark: MapMark;
}

/** The numbers of the marks that have one, and the names of the areas where there is room for them. */
export function drawLettering(map: MapDrawing, projection: Projection, height: number): Markup[] {
  const frame = { width: map.width, height };
  const places = map.marks.filter((mark) => mark.kind === 'place');
  const diamonds = places.flatMap((mark) => diamondBox(map, mark, projection));
  const corner = locatorBox(map, projection, height);
  const scale = { x: 0, y: height - 20, width: 90, height: 20 };
  const fixed = [...diamonds, scale, ...(corner ? [corner] : [])];
  const numbers = placeLabels(numberLabels(map, projection), frame, fixed);
  const taken = [...fixed, ...numbers.map(({ box }) => box)];
  const names = placeLabels(areaNames(map, projection), frame, taken, 3);
  return [
    tag(
      'g',
      { class: 'names', fill: MUTED, 'font-size': 6.6, 'text-anchor': 'middle' },
      ...names.map(({ label: { text }, at }) => fixedGroup(at, haloed(text))),
    ),
    tag(
      'g',
      { class: 'numbers', 'font-size': 6.4, 'font-weight': 600, 'text-anchor': 'middle' },
      ...numbers.map(drawNumber),
    ),
  ];
}

function numberLabels(map: MapDrawing, projection: Projection): NumberLabel[] {
  return map.marks.flatMap((mark) => {
    const at = mark.number === undefined ? undefined : anchorOf(map, mark, projection);
    const text = String(mark.number);
    return at ? [{ at, text, width: 4 + 4 * text.length, height: 8.4, mark }] : [];
  });
}

/** The number and its line stay together with their cell: all of them keep their size while the map is zoomed. */
function drawNumber({ label: { at, text, width, mark }, at: to, moved }: PlacedLabel<NumberLabel>): Markup {
  const x = to[0] - at[0];
  const y = to[1] - at[1];
  const leader = tag('path', {
    d: path([
      [0, 0],
      [x, y],
    ]),
    stroke: INK,
    'stroke-width': 0.5,
    fill: 'none',
  });
  const badge = tag('rect', {
    x: x - width / 2 + 0.3,
    y: y - 3.9,
    width: width - 0.6,
    height: 7.8,
    rx: 3.9,
    fill: '#ffffff',
    stroke: INK,
    'stroke-width': 0.5,
    'data-key': mark.key,
  });
  return fixedGroup(at, ...(moved ? [leader] : []), badge, label(x, y + 2.2, text, { 'data-key': mark.key }));
}

/** A label on a place would hide it. */
function diamondBox(map: MapDrawing, mark: MapMark, projection: Projection): Box[] {
  const at = anchorOf(map, mark, projection);
  return at ? [{ x: at[0] - 2.5, y: at[1] - 2.5, width: 5, height: 5 }] : [];
}

function haloed(name: string): Markup {
  return label(0, 2.2, name, {
    stroke: '#ffffff',
    'stroke-width': 2.2,
    'stroke-linejoin': 'round',
    'paint-order': 'stroke',
  });
}

function areaNames(map: MapDrawing, { project }: Projection): WantedLabel[] {
  return map.geography.areas.map((area) => {
    const name = shorten(cleanText(area.name), 24);
    return { at: project(middleOf(area.rings)), text: name, width: 3.2 * name.length, height: 8 };
  });
}
