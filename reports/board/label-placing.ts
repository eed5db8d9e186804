import type { Point } from './projection.ts';

/** A label that wants to be at a point. */
export interface WantedLabel {
  at: Point;
  text: string;
  width: number;
  height: number;
}

export interface PlacedLabel<Label extends WantedLabel> {
  label: Label;
  /** The middle of the label. */
  at: Point;
  box: Box;
  /** True where it stands aside of its point and needs a line to it. */
  moved: boolean;
}

/** Left upper corner and size. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const DIRECTIONS = 12;

/**
 * Finds each label, in the order of importance, a position on its point or as near as can be (at most `reach` rings
 * away), inside the frame and over no label before it nor any of `taken`. One that finds none is left out.
 */
export function placeLabels<Label extends WantedLabel>(
  labels: readonly Label[],
  frame: { width: number; height: number },
  taken: readonly Box[],
  reach = 6,
): PlacedLabel<Label>[] {
  const boxes = [...taken];
  const placed: PlacedLabel<Label>[] = [];
  for (const label of labels) {
    for (const at of candidates(label.at, reach)) {
      const box = boxAround(at, label);
      if (!isWithin(box, frame) || boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      placed.push({ label, at, box, moved: at !== label.at });
      break;
    }
  }
  return placed;
}

function candidates(at: Point, reach: number): Point[] {
  const [x, y] = at;
  const found: Point[] = [at];
  for (let ring = 1; ring <= reach; ring++) {
    for (let i = 0; i < DIRECTIONS; i++) {
      const angle = (2 * Math.PI * i) / DIRECTIONS - Math.PI / 4;
      found.push([x + (5 + 6 * ring) * Math.cos(angle), y + (5 + 6 * ring) * Math.sin(angle)]);
    }
  }
  return found;
}

function boxAround([x, y]: Point, { width, height }: WantedLabel): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function isWithin(box: Box, frame: { width: number; height: number }): boolean {
  return (
    box.x >= 2 && box.y >= 2 && box.x + box.width <= frame.width - 2 && box.y + box.height <= frame.height - 2
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
