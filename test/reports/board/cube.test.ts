import { expect, test } from 'vitest';
import {
  categoriesOf,
  hoursOfBand,
  knownShare,
  locatedShare,
  monthFigures,
  monthRuns,
  periodTotal,
} from '../../../reports/board/cube.ts';
import { ADDITIVE_10_5, ECDS_8_5 } from '../../../schemas/policy.ts';
import type { ReleasedRow } from '../../../schemas/released.ts';

function row(cut: ReleasedRow['cut'], atom: string, value: number, period = '2025-Q3'): ReleasedRow {
  const level = atom === 'pool' ? 'pool' : cut === 'month' ? 'month' : 'category';
  return {
    source: 'ed',
    period,
    cut,
    atom,
    level,
    label: atom,
    threshold_on: 'records',
    value,
    low: Math.max(10, value - 4),
    high: value + 4,
  };
}

test('the total of a quarter errs no more than one of its months', () => {
  const rows = [row('month', '2025-07', 85), row('month', '2025-08', 95), row('month', '2025-09', 90)];
  expect(periodTotal(rows, 'ed', '2025-Q3', ADDITIVE_10_5)).toEqual({ value: 270, low: 266, high: 274 });
});

test('a total is never below what its months promise', () => {
  const ten = (month: string): ReleasedRow => row('month', month, 10);
  expect(periodTotal([ten('2025-07')], 'ed', '2025-07', ADDITIVE_10_5)).toEqual({
    value: 10,
    low: 10,
    high: 14,
  });
  expect(
    periodTotal([ten('2025-07'), ten('2025-08'), ten('2025-09')], 'ed', '2025-Q3', ADDITIVE_10_5),
  ).toEqual({
    value: 30,
    low: 30,
    high: 34,
  });
});

test.each([
  ['06-12', 6],
  ['21-00', 3],
  ['00-03', 3],
])('the band %s has %i hours', (band, hours) => {
  expect(hoursOfBand(band)).toBe(hours);
});

test('a quarter of which a month is missing has no total', () => {
  const rows = [row('month', '2025-07', 85), row('month', '2025-09', 90)];
  expect(periodTotal(rows, 'ed', '2025-Q3', ADDITIVE_10_5)).toBeUndefined();
});

test('months released together count towards a quarter that holds them all, and are no month of their own', () => {
  const rows = [row('month', '2025-07/2025-08', 15), row('month', '2025-09', 20)];
  expect(periodTotal(rows, 'ed', '2025-Q3', ADDITIVE_10_5)?.value).toBe(35);
  expect(periodTotal(rows, 'ed', '2025-09', ADDITIVE_10_5)?.value).toBe(20);
  expect(periodTotal(rows, 'ed', '2025-08', ADDITIVE_10_5)).toBeUndefined();
  expect([...monthFigures(rows, 'ed').keys()]).toEqual(['2025-09']);
  expect(monthRuns(rows, 'ed')[0]).toMatchObject({ first: '2025-07', last: '2025-08' });
});

test('months together that begin before the quarter leave it without a total', () => {
  const rows = [
    row('month', '2025-06/2025-07', 15),
    row('month', '2025-08', 20),
    row('month', '2025-09', 20),
  ];
  expect(periodTotal(rows, 'ed', '2025-Q3', ADDITIVE_10_5)).toBeUndefined();
});

test('what is not shown of a cut is named as missing, in the order of printing', () => {
  const { shown, missing, pool } = categoriesOf(
    [row('night_band', '21-00', 60), row('night_band', 'pool', 20)],
    'ed',
    '2025-Q3',
    'night_band',
  );
  expect(shown.map(({ atom }) => atom)).toEqual(['21-00']);
  expect(missing).toEqual(['06-12', '12-18', '18-21', '00-03', '03-06', 'unknown']);
  expect(pool?.value).toBe(20);
});

test.each([
  [
    'the unknown is shown',
    [row('weapon', 'body', 80), row('weapon', 'unknown', 10), row('weapon', 'refused', 10)],
    'about 80%',
  ],
  ['the unknown is in the pool', [row('weapon', 'body', 80), row('weapon', 'pool', 20)], 'at least 80%'],
  [
    'a share is never better than 5 points',
    [row('weapon', 'body', 115), row('weapon', 'pool', 20)],
    'at least 85%',
  ],
  ['nothing was released', [], '–'],
])('the known share where %s', (_, rows, expected) => {
  expect(knownShare(rows, 'ed', '2025-Q3', 'weapon')).toBe(expected);
});

test('the located share is an upper bound where those not located are in the pool', () => {
  expect(
    locatedShare(
      [row('located', 'home', 40), row('located', 'unlocated', 30), row('located', 'map', 130)],
      'ed',
      '2025-Q3',
    ),
  ).toBe('about 65%');
  expect(locatedShare([row('located', 'home', 40), row('located', 'pool', 130)], 'ed', '2025-Q3')).toBe(
    'at most 80%',
  );
});

test('months that are rounded each by itself add up their bounds, whatever policy is in force by now', () => {
  const months = ['2025-07', '2025-08', '2025-09'].map((month) => ({
    ...row('month', month, 90, month),
    ...{ low: 88, high: 92 },
  }));
  for (const policy of [ECDS_8_5, ADDITIVE_10_5])
    expect(periodTotal(months, 'ed', '2025-Q3', policy)).toEqual({ value: 270, low: 264, high: 276 });
});
