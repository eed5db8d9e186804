import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../reports/board/asset.ts';
import { fontCoverage } from '../../../reports/board/font-coverage.ts';
import { placeLabels } from '../../../reports/board/label-placing.ts';
import { changeInWords } from '../../../reports/board/messages.ts';
import { isInside, middleOf } from '../../../reports/board/projection.ts';
import { label, tag, text } from '../../../reports/board/svg.ts';
import { readTrend, trendOf } from '../../../reports/board/trend.ts';
import { cleanText, figureText, numberText } from '../../../reports/board/words.ts';
import type { Position } from '../../../transform/h3-cell.ts';

test('labels lie inside the frame and not over each other', () => {
  const labels = fc.array(
    fc.record({
      x: fc.double({ min: 0, max: 200, noNaN: true }),
      y: fc.double({ min: 0, max: 200, noNaN: true }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(labels, (points) => {
      const wanted = points.map(
        ({ x, y }): { at: [number, number]; text: string; width: number; height: number } => ({
          at: [x, y],
          text: '1',
          width: 12,
          height: 8,
        }),
      );
      const boxes = placeLabels(wanted, { width: 200, height: 200 }, []).map(({ box }) => box);
      return boxes.every(
        (a, i) =>
          a.x >= 0 &&
          a.y >= 0 &&
          a.x + a.width <= 200 &&
          a.y + a.height <= 200 &&
          boxes
            .slice(i + 1)
            .every(
              (b) =>
                a.x >= b.x + b.width ||
                b.x >= a.x + a.width ||
                a.y >= b.y + b.height ||
                b.y >= a.y + a.height,
            ),
      );
    }),
  );
});

test('markup holds no text that could end it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (words) => {
      const { markup } = tag('g', { title: words }, label(0, 0, words), text(words));
      return (markup.match(/</g) ?? []).length === 4 && (markup.match(/"/g) ?? []).length % 2 === 0;
    }),
  );
});

test('text of people’s making loses controls and turned directions, and keeps its letters', () => {
  expect(cleanText('Tŷ\u0000 Gŵyr\n\u202Egnp\u2066 & Co\ud800')).toBe('Tŷ Gŵyr gnp & Co\ufffd');
  expect(cleanText('x'.repeat(500))).toHaveLength(400);
});

test('numbers are written alike on every machine', () => {
  expect([0, 999, 1000, 1234567].map(numberText)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect(figureText({ value: 45, low: 41, high: 49 })).toBe('45 [41–49]');
  expect(figureText({ value: 45, low: 45, high: 45 })).toBe('45');
});

test('the font has Welsh letters and no Chinese ones', () => {
  const file = createRequire(import.meta.url).resolve('source-sans/TTF/SourceSans3-Regular.ttf');
  const covered = fontCoverage(readFileSync(file));
  expect([...'Tŷ Gŵyr–’'].every((letter) => covered.has(letter.codePointAt(0) ?? 0))).toBe(true);
  expect(covered.has(0x65e5)).toBe(false);
});

const RING: Position[] = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
];
const HOLE: Position[] = [
  [1, 1],
  [2, 1],
  [2, 2],
  [1, 2],
  [1, 1],
];

test('a point in a hole is outside; the name of an area stands in its largest part', () => {
  expect(isInside([3, 3], [RING, HOLE])).toBe(true);
  expect(isInside([1.5, 1.5], [RING, HOLE])).toBe(false);
  expect(middleOf([[HOLE], [RING]])).toEqual([2, 2]);
});

test.each([
  [
    { value: 330, low: 326, high: 334 },
    { value: 280, low: 276, high: 284 },
    'chance and rounding alone can explain',
  ],
  [
    { value: 400, low: 396, high: 404 },
    { value: 280, low: 276, high: 284 },
    'more than chance and rounding explain',
  ],
])('a change is called one only beyond chance and rounding', (now, before, words) => {
  expect(changeInWords(now, before, 'last year')).toContain(words);
});

function months(values: number[]) {
  return new Map(
    values.map((value, i) => [
      `2024-${String(i + 1).padStart(2, '0')}`,
      { value, low: value - 4, high: value + 4 },
    ]),
  );
}

test('a month far above the others is told, one among them is not', () => {
  const quiet = [80, 85, 75, 80, 90, 80, 75, 85, 80, 85, 75];
  expect(readTrend(trendOf(months([...quiet, 80]), '2024-12'), '2024-12')).toContain('within its usual');
  expect(readTrend(trendOf(months([...quiet, 150]), '2024-12'), '2024-12')).toContain(
    'December 2024 is above its upper limit',
  );
});

test('the chart says that it is not adjusted for the season, and that its limits are provisional', () => {
  const trend = trendOf(months([80, 85, 75, 80, 90, 80, 75]), '2024-07');
  expect(trend.adjustment).toContain('Not adjusted');
  expect(trend.trialLimits).toBe(true);
});

test('months that come after the period, or are missing, draw no line', () => {
  const all = months([80, 85, 75, 80, 90, 80, 75, 70]);
  all.delete('2024-03');
  const trend = trendOf(all, '2024-06');
  expect(trend.points.map(({ month }) => month)).toEqual([
    '2024-01',
    '2024-02',
    '2024-04',
    '2024-05',
    '2024-06',
  ]);
  expect(trend.gaps).toEqual(['2024-03']);
});

test('the package is found from compiled code as well', () => {
  const root = packageRoot();
  expect(packageRoot(join(root, 'dist', 'reports', 'board'))).toBe(root);
});
