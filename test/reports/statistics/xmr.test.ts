import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  completedShifts,
  completedTrends,
  inTwoOfThree,
  spreadRuns,
  xmrChart,
  xmrLimits,
} from '../../../reports/statistics/xmr.ts';

const VECTORS = '../shared/vectors/statistics/spc';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);

function readRows(file: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(`${VECTORS}/${file}`, 'utf8')
    .trim()
    .replaceAll('"', '')
    .split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

const TABLES: [file: string, screenOutliers: boolean][] = [
  ['vignette_deviation_screened.csv', true],
  ['vignette_deviation_unscreened.csv', false],
  ['two_of_three_opposite_sides.csv', true],
];

for (const [file, screenOutliers] of TABLES) {
  withVectors(`limits and causes equal the tool's in ${file}`, () => {
    const rows = readRows(file);
    const chart = xmrChart(
      rows.map((row) => Number(row['y'])),
      { ruleset: 'ptd-0.2', screenOutliers },
    );
    rows.forEach((row, i) => {
      const point = chart.points[i]!;
      expect(point.mean).toBeCloseTo(Number(row['mean']), 12);
      expect(point.lower).toBeCloseTo(Number(row['lpl']), 12);
      expect(point.upper).toBeCloseTo(Number(row['upl']), 12);
      expect(point.cause).toBe(row['type'] === 'Common Cause' ? '' : 'outside-high');
    });
  });
}

withVectors('limits equal the published ones of the random series, screened or not', () => {
  const rows = readRows('snapshot_rnorm20.csv');
  const all = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8'));
  const expected = all['snapshot_rnorm20.csv'];
  const plain = xmrLimits(rows.map((row) => Number(row['y'])));
  expect(plain.mean).toBeCloseTo(expected.y.mean, 12);
  expect(plain.lower).toBeCloseTo(expected.y.lpl, 12);
  expect(plain.upper).toBeCloseTo(expected.y.upl, 12);
  const outlier = rows.map((row) => Number(row['y_outlier']));
  expect(xmrLimits(outlier).lower).toBeCloseTo(expected.y_outlier.screened.lpl, 12);
  expect(xmrLimits(outlier).upper).toBeCloseTo(expected.y_outlier.screened.upl, 12);
  expect(xmrLimits(outlier, false).lower).toBeCloseTo(expected.y_outlier.unscreened.lpl, 12);
  expect(xmrLimits(outlier, false).upper).toBeCloseTo(expected.y_outlier.unscreened.upl, 12);
});

withVectors('each rule marks what the tool marks', () => {
  const units = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8')).rule_units;
  for (const [sides, marks] of units.seven_one_side) expect(completedShifts(sides)).toEqual(marks);
  for (const [values, marks] of units.seven_trend) expect(completedTrends(values)).toEqual(marks);
  for (const { close, side, out } of units.two_in_three) {
    expect(inTwoOfThree(close.map(Boolean), side).map(Number)).toEqual(out);
  }
});

test('a run marks all seven of its points', () => {
  expect(spreadRuns([0, 0, 0, 0, 0, 0, 0, -1, 0])).toEqual([0, -1, -1, -1, -1, -1, -1, -1, 0]);
});

const QUIET = [10, 12, 9, 11, 10, 12, 9, 11, 10, 12, 9, 11];

test('two of three counts a point beyond the outer limits under the rules of 2023 only', () => {
  const limits = xmrLimits(QUIET);
  const near = (limits.nearUpper + limits.upper) / 2;
  const series = [...QUIET, limits.upper + 1, near];
  const causes = (ruleset: 'mdc-2023' | 'ptd-0.2'): string[] =>
    xmrChart([...series, limits.mean + 0.1], { ruleset, fixAfter: 12 })
      .points.slice(12)
      .map((point) => point.cause);
  expect(causes('mdc-2023')).toEqual(['outside-high', 'two-of-three-high', '']);
  expect(causes('ptd-0.2')).toEqual(['outside-high', '', '']);
});

test('the icon reads the last point: a fall in violence is an improvement', () => {
  const fall = [...QUIET, 0];
  expect(xmrChart(fall).icon).toBe('improvement-low');
  expect(xmrChart(fall, { betterIs: 'high' }).icon).toBe('concern-low');
  expect(xmrChart(fall, { betterIs: 'neither' }).icon).toBe('neutral-low');
  expect(xmrChart([...fall, 10]).icon).toBe('common');
});

test('a point special both ways shows the improvement under the rules of 2023', () => {
  // Seven falling points, the first of which are still above the upper limit of the fixed stretch.
  const series = [...QUIET, 40, 36, 32, 28, 26, 24, 22];
  const last = (ruleset: 'mdc-2023' | 'ptd-0.2'): string =>
    xmrChart(series, { ruleset, fixAfter: 12 }).points.at(-1)!.cause;
  expect(last('mdc-2023')).toBe('trend-low');
  expect(last('ptd-0.2')).toBe('outside-high');
});

test('a rebase starts limits and runs afresh', () => {
  const chart = xmrChart([...QUIET, ...QUIET.map((value) => value + 20)], { rebaseAt: [12] });
  expect(chart.points.every((point) => point.cause === '')).toBe(true);
  expect(chart.points[12]!.mean).toBeCloseTo(chart.points[0]!.mean + 20, 12);
  expect(chart.trialLimits).toBe(true);
});

test('a target beyond the limits will be passed or failed, one within them hit or missed', () => {
  const assurance = (target: number): string => xmrChart(QUIET, { target }).assurance;
  expect(assurance(100)).toBe('pass');
  expect(assurance(0)).toBe('fail');
  expect(assurance(10)).toBe('hit or miss');
  expect(xmrChart(QUIET).assurance).toBe('');
});
