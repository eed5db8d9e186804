/** What a map is drawn from. */
import type { BoardGeography } from './content.ts';
import type { Point, Projection } from './projection.ts';
import { type Markup, tag, tenth } from './svg.ts';

/** One cell or place on the map. `number` is its place in the list beside the map, where it has one there. */
export interface MapMark {
  /** What links it with its line in the list; unique on a page. */
  key: string;
  kind: 'cell' | 'place';
  /** The cell's hexadecimal text, or the place's id. */
  atom: string;
  /** What a reader is told about it. */
  title: string;
  /** Index of its band, from the lowest. */
  band: number;
  hotspot: '' | 'likely' | 'strong';
  number: number | undefined;
}

export interface MapDrawing {
  /** Unique on a page; ids in the drawing start with it. */
  id: string;
  marks: MapMark[];
  bands: string[];
  /** What the frame is laid around: every mark, or those with a number; the rest of the land is in the corner. */
  holds: 'all' | 'numbered';
  /** The smallest share of the land's width and height that the frame may show. */
  least: number;
  geography: BoardGeography;
  width: number;
  height: number;
  /** What the map shows, for those who do not see it. */
  alt: string;
}

/** Where the number of a mark belongs; undefined of a place that is nowhere. */
export function anchorOf(
  { geography }: MapDrawing,
  mark: MapMark,
  { project }: Projection,
): Point | undefined {
  if (mark.kind === 'cell') return project(geography.cellCentre(mark.atom));
  const place = geography.place?.(mark.atom);
  return place && project(place.at);
}

/** A group at a point that keeps its size while the map is zoomed. */
export function fixedGroup([x, y]: Point, ...children: Markup[]): Markup {
  const transform = `translate(${tenth(x)} ${tenth(y)})`;
  return tag('g', { class: 'fixed', transform, 'data-x': x, 'data-y': y }, ...children);
}
