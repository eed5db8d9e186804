/** The page for a reception: one page, large, tagged, out of released rows alone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { BoardSource, SummaryContent } from '../../../reports/board/content.ts';
import { receptionPage } from '../../../reports/board/reception-page.ts';
import { renderReceptions } from '../../../reports/board/render.ts';
import type { RecordingMeasure, RecordingRow, Share } from '../../../schemas/recording.ts';
import type { Released, ReleasedRow } from '../../../schemas/released.ts';
import { findProgram } from './chromium.ts';
import { HOSTILE, summaryContent } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardiff-reception-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const poppler = findProgram('pdfinfo');
const needs = process.env['CI'] ? test : test.skipIf(poppler === undefined);

const ED = summaryContent.sources.find(({ kind }) => kind === 'emergency department') as BoardSource;
const PERIOD = '2025-Q3';

function located(period: string, [home, map, unlocated]: readonly number[]): Released<ReleasedRow>[] {
  return Object.entries({ home, map, unlocated }).flatMap(([atom, value]) =>
    value === undefined
      ? []
      : [
          {
            ...{ source: ED.id, period, cut: 'located', atom, level: 'category', label: atom },
            ...{ threshold_on: 'records', value, low: value - 4, high: value + 4 },
          } as Released<ReleasedRow>,
        ],
  );
}

const contentOf = (
  released: Released<ReleasedRow>[],
  more: Partial<SummaryContent> = {},
): SummaryContent => ({
  ...summaryContent,
  period: PERIOD,
  released,
  ...more,
});
const said = (measure: RecordingMeasure, from_share: Share | '', to_share: Share | '', low: number) =>
  ({ source: ED.id, period: PERIOD, measure, from_share, to_share, low }) as Released<RecordingRow>;
const QUARTERS = ['2024-Q2', '2024-Q3', '2024-Q4', '2025-Q1', '2025-Q2', PERIOD].flatMap((period, i) =>
  located(period, [50, 110 + 5 * i, 80 - 5 * i]),
);
const WEAPONS = [
  {
    ...{ source: ED.id, period: PERIOD, cut: 'weapon', atom: 'pool', level: 'pool', label: 'pool' },
    ...{ threshold_on: 'records', value: 60, low: 56, high: 64 },
  } as Released<ReleasedRow>,
];
const leads = (rows: readonly Released<RecordingRow>[], released = QUARTERS) =>
  receptionPage(contentOf(released), ED, rows)?.things.map(({ lead, figure }) => `${lead}: ${figure}`);

test('the figure is the share of records of public places that are on the map, to five points, and homes are none', () => {
  const page = receptionPage(contentOf(QUARTERS), ED, []);
  // 135 of 190.
  expect(page?.headline).toMatchObject({
    figure: '70%',
    period: 'July to September 2025, to the nearest 5%',
  });
  expect(page?.picture.alt).toContain('14 of 20');
  expect(page?.picture.alt).toContain('April to June 2024 60%');
});

test('what would bring most records comes first, each with its figure', () => {
  expect(
    leads(
      [
        said('place_undescribed', '1/2', '2/3', 28),
        said('place_at_night', '2/3', '', 37),
        said('weapon_unknown', '1/5', '', 48),
        said('time_copied', '', '1/20', 0),
      ],
      [...QUARTERS, ...WEAPONS],
    ),
  ).toEqual([
    'Ask where, and write it down: 55 of 190',
    'Ask with what: 1 in 5 or more',
    'Put the questions on the night desk: Two thirds or more',
  ]);
  expect(
    leads([said('place_undescribed', '', '1/3', 0), said('time_copied', '1/10', '1/5', 24)])?.slice(0, 2),
  ).toEqual([
    'Write the name of the place: 55 of 190',
    'Write when it happened, not when they came: 1 in 10 to 1 in 5',
  ]);
});

test('there are three things whatever is known', () => {
  for (const rows of [[], [said('time_unknown', '', '1/20', 0)], [said('home_described', '2/3', '', 33)]])
    expect(leads(rows)?.length).toBe(3);
  expect(leads([said('time_unknown', '', '1/20', 0), said('weapon_unknown', '', '1/20', 0)])).toEqual([
    'Write the name of the place: 55 of 190',
    'Keep writing the hour: Fewer than 1 in 20',
    'Keep asking with what: Fewer than 1 in 20',
  ]);
});

test('a class whose breakdown was withdrawn is not told', () => {
  const rows = [said('weapon_unknown', '1/5', '', 48)];
  expect(leads(rows)?.join()).not.toContain('1 in 5');
});

test('who is no reception, a month, and a quarter that does not tell homes apart have no page', () => {
  const police = { ...ED, kind: 'police' as const };
  expect(receptionPage(contentOf(QUARTERS), police, [])).toBeUndefined();
  expect(receptionPage(contentOf(QUARTERS, { period: '2025-09' }), ED, [])).toBeUndefined();
  const together = QUARTERS.filter(({ atom }) => atom !== 'home');
  expect(receptionPage(contentOf(together), ED, [])).toBeUndefined();
  expect(renderReceptions(contentOf(QUARTERS), new Map())).toEqual([]);
});

test('every number of the page is a share, or a value of the tables or a sum of two', () => {
  const rows = [said('place_undescribed', '1/3', '1/2', 18), said('place_at_night', '1/2', '2/3', 28)];
  const page = receptionPage(contentOf(QUARTERS), ED, rows);
  const words = JSON.stringify({ ...page, picture: page?.picture.alt, date: undefined });
  const numbers = [...words.replace(/\d+%|\d\d:\d\d|20\d\d|additive-10-5/g, '').matchAll(/\d+/g)].map(([n]) =>
    Number(n),
  );
  for (const number of numbers) expect([55, 190, 14, 20]).toContain(number);
});

const FULL = new Map([
  [
    ED.id,
    [
      said('place_undescribed', '1/2', '2/3', 28),
      said('place_at_night', '2/3', '', 37),
      said('time_copied', '1/10', '1/5', 24),
    ],
  ],
]);

needs('the PDF is one page, tagged, with its fonts embedded, and the same bytes again', () => {
  for (const [i, name] of [
    'Emergency department',
    ...HOSTILE,
    'W'.repeat(400),
    'Very long name '.repeat(30),
  ].entries()) {
    const sources = [{ ...ED, name }];
    const content = contentOf(QUARTERS, { sources, draft: i % 2 === 1, partnership: i > 0 ? name : 'Board' });
    const [made] = renderReceptions(content, FULL);
    const file = join(folder, `${i}.pdf`);
    writeFileSync(file, made?.pdf as Uint8Array);
    const info = execFileSync('pdfinfo', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(info).toMatch(/Pages:\s+1\n/);
    expect(info).toMatch(/Tagged:\s+yes/);
    const fonts = execFileSync('pdffonts', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = fonts.trim().split('\n').slice(2);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/yes yes yes/);
    const text = execFileSync('pdftotext', [file, '-'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(text).toContain('PUBLIC - protected figures');
    expect(text.includes('DRAFT')).toBe(i % 2 === 1);
    const [again] = renderReceptions(content, FULL);
    expect(Buffer.from(again?.pdf as Uint8Array).equals(Buffer.from(made?.pdf as Uint8Array))).toBe(true);
  }
});
