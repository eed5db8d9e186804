import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mannKendall } from '../../../reports/statistics/mann-kendall.ts';

const VECTORS = '../shared/vectors/statistics/mk';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);

function readColumn(file: string, at: number): number[] {
  const lines = readFileSync(`${VECTORS}/${file}`, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => Number(line.split(',')[at]));
}

withVectors('trend tests and slopes equal the published ones', () => {
  const expected = JSON.parse(readFileSync(`${VECTORS}/expected.json`, 'utf8'));
  const cases: [string, number[]][] = [
    ['maxau_s', readColumn('maxau.csv', 1)],
    ['maxau_Q', readColumn('maxau.csv', 2)],
    ['AirPassengers', readColumn('AirPassengers.csv', 1)],
    ['ties_24', expected.ties_24.y],
  ];
  for (const [name, values] of cases) {
    const wanted = expected[name];
    const got = mannKendall(values);
    expect(got.s, name).toBe(wanted.S);
    expect(got.variance, name).toBeCloseTo(wanted.varS, 9);
    expect(got.tau, name).toBeCloseTo(wanted.tau ?? wanted.tau_b, 12);
    expect(got.z, name).toBeCloseTo(wanted.z, 11);
    if (wanted.p !== undefined) expect(got.p, name).toBeCloseTo(wanted.p, 12);
    expect(got.slope, name).toBeCloseTo(wanted.sen, 10);
    expect(got.lower, name).toBeCloseTo(wanted.sen_ci95[0], 10);
    expect(got.upper, name).toBeCloseTo(wanted.sen_ci95[1], 10);
  }
});

test('a flat series has no trend', () => {
  expect(mannKendall([4, 4, 4, 4])).toMatchObject({ s: 0, z: 0, p: 1, slope: 0 });
});
