import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../reports/board/asset.ts';
import { drawBars } from '../../../reports/board/bars.ts';
import { fontCoverage } from '../../../reports/board/font-coverage.ts';
import { placeLabels } from '../../../reports/board/label-placing.ts';
import { changeInWords, changeOf } from '../../../reports/board/messages.ts';
import { atLeastExtent, isInside, middleOf } from '../../../reports/board/projection.ts';
import { label, tag, text } from '../../../reports/board/svg.ts';
import { intoColumns } from '../../../reports/board/table-columns.ts';
import { drawTrend, readTrend, trendOf } from '../../../reports/board/trend.ts';
import { cleanText, figureText, highestOf, numberText } from '../../../reports/board/words.ts';
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

test('a fall is rounded like a rise', () => {
  const forty = { value: 40, low: 36, high: 44 };
  expect(changeOf({ value: 25, low: 21, high: 29 }, forty)?.share).toBe('−38%');
  expect(changeOf({ value: 55, low: 51, high: 59 }, forty)?.share).toBe('+38%');
  expect(changeInWords({ value: 25, low: 21, high: 29 }, forty, 'last year')).toContain(
    '38% fewer than the 40',
  );
});

test('all that an interval does not tell apart from the highest is named, by its rate an hour', () => {
  const figure = (value: number) => ({ value, low: value - 4, high: value + 4 });
  const night = { label: 'night', figure: figure(65), per: 3 };
  expect(highestOf([{ label: 'afternoon', figure: figure(70), per: 6 }, night])).toEqual(['night']);
  const others = ['a', 'b', 'c'].map((label, i) => ({ label, figure: figure(60 + 2 * i) }));
  expect(highestOf(others)).toEqual(['c', 'b', 'a']);
  expect(highestOf([])).toEqual([]);
});

test('lists in columns are about equally long, and lose no line', () => {
  const table = (title: string, rows: number) => ({
    title,
    columns: [{ title: 'Place', align: 'left' as const }],
    rows: Array.from({ length: rows }, (_, i) => ({ cells: [`${title} ${i}`] })),
  });
  const lengths = fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lengths, (counts) => {
      const columns = intoColumns(counts.map((count, i) => table(`list ${i}`, count)));
      const rows = columns.map((tables) => tables.flatMap((each) => each.rows));
      expect(rows.flat()).toEqual(counts.flatMap((count, i) => table(`list ${i}`, count).rows));
      expect(Math.max(...rows.map((column) => column.length))).toBeLessThanOrEqual(60);
    }),
  );
  const [left = [], right = []] = intoColumns([table('ed', 32), table('miu', 2), table('police', 46)]);
  const count = (tables: typeof left) => tables.flatMap(({ rows }) => rows).length;
  expect(Math.abs(count(left) - count(right))).toBeLessThan(12);
});

test('a map of one cell still shows a good part of the land', () => {
  const land = { west: 0, east: 10, south: 0, north: 5 };
  const shown = atLeastExtent({ west: 9, east: 9.1, south: 2, north: 2.1 }, land, 0.6);
  expect(shown.west).toBeCloseTo(4);
  expect(shown.east).toBeCloseTo(10);
  expect(shown.north - shown.south).toBeCloseTo(3);
  expect(atLeastExtent(land, { west: 4, east: 5, south: 1, north: 2 }, 0.6)).toEqual(land);
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

test('a month that stands for its quarter alone is named', () => {
  const some = months([80, 85, 75, 80, 90, 80, 75]);
  expect(readTrend(trendOf(some, '2024-Q3'), '2024-Q3')).toContain(
    'July 2024, the only month of the quarter',
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

test('a bar’s label is cut where it would not fit, and not at its beginning', () => {
  const labelled = (words: string) =>
    />([^<]*)<\/text>/.exec(
      drawBars({
        series: [{ name: 'ED', colour: '#000' }],
        groups: [{ label: words, figures: [{ low: 11, value: 15, high: 19 }] }],
        absent: 'too few to show',
        width: 250,
        alt: 'bars',
      }),
    )?.[1];
  for (const words of [
    'Body (fist, foot, head)',
    'Knife or sharp object',
    '06:00–12:00',
    'Creigiau/St. Fagans',
  ])
    expect(labelled(words)).toBe(words);
  expect(labelled('Whitchurch and Tongwynlais')).toBe('Whitchurch and Tong…');
  expect(labelled('W'.repeat(24))).toBe(`${'W'.repeat(11)}…`);
});

test('the number at the end of a trend is not cut off', () => {
  const some = new Map(
    ['2024-01', '2024-02'].map((month) => [month, { value: 12_340, low: 12_336, high: 12_344 }]),
  );
  const svg = drawTrend({
    trend: trendOf(some, '2024-02'),
    base: 5,
    period: '2024-02',
    colour: '#000',
    width: 200,
    height: 88,
    alt: 'a trend',
  });
  const x = Number(/x="([\d.]+)"[^>]*font-weight="600">12,340</.exec(svg)?.[1]);
  expect(x + '12,340'.length * 3.7).toBeLessThan(200);
});
