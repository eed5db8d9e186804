import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  capCounts,
  capFromHistory,
  conditionalPermutationPs,
  drawTails,
  giStarZ,
  giZ,
  tailProbability,
  totalPermutationPs,
} from '../../../reports/statistics/gi-star.ts';
import type { Neighbours } from '../../../reports/statistics/neighbours.ts';

const VECTORS = '../shared/vectors/statistics';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);

function readNumbers(file: string): Record<string, number>[] {
  const [head = '', ...lines] = readFileSync(`${VECTORS}/${file}`, 'utf8').trim().split('\n');
  const names = head.replaceAll('"', '').trim().split(',');
  return lines.map((line) => {
    const cells = line.trim().split(',');
    return Object.fromEntries(names.map((name, i) => [name, Number(cells[i])]));
  });
}

function neighboursWithin(n: number, isNear: (i: number, j: number) => boolean): Neighbours {
  const offsets = [0];
  const indices: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (j !== i && isNear(i, j)) indices.push(j);
    offsets.push(indices.length);
  }
  return { offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

function column(rows: Record<string, number>[], name: string): number[] {
  return rows.map((row) => row[name]!);
}

function expectClose(got: ArrayLike<number>, wanted: number[], tolerance: number): void {
  wanted.forEach((value, i) => {
    expect(Math.abs(got[i]! - value), `place ${i}`).toBeLessThan(tolerance);
  });
}

withVectors('z-scores equal the published ones of six points within distance 15', () => {
  const rows = readNumbers('gi/six_points.csv');
  const near = neighboursWithin(rows.length, (i, j) => distance(rows[i]!, rows[j]!, 'y_coord') <= 15);
  expectClose(giStarZ(column(rows, 'value'), near), column(rows, 'gistar_B'), 1e-12);
  expectClose(giZ(column(rows, 'value'), near), column(rows, 'gi_B'), 1e-12);
});

withVectors('z-scores equal the published ones of the 16 by 16 grid at every distance', () => {
  const rows = readNumbers('gi/getisord_16x16.csv');
  const values = column(rows, 'val');
  for (const reach of [30, 60, 90, 120, 150]) {
    const near = neighboursWithin(rows.length, (i, j) => distance(rows[i]!, rows[j]!, 'y') <= reach + 1e-9);
    expectClose(giZ(values, near), column(rows, `G${reach}`), 1e-9);
    if (reach <= 60) expectClose(giStarZ(values, near), column(rows, `Gstar${reach}`), 1e-9);
  }
});

function distance(a: Record<string, number>, b: Record<string, number>, y: string): number {
  return Math.hypot(a['x']! - b['x']!, a[y]! - b[y]!);
}

withVectors('exact p-values equal big-integer ones on 127 hexagons', () => {
  const rows = readNumbers('hex/hex127_gistar.csv');
  const near = neighboursWithin(rows.length, (i, j) => {
    const dq = rows[i]!['q']! - rows[j]!['q']!;
    const dr = rows[i]!['r']! - rows[j]!['r']!;
    return Math.max(Math.abs(dq), Math.abs(dr), Math.abs(dq + dr)) === 1;
  });
  const counts = Int32Array.from(column(rows, 'count'));
  expectClose(giStarZ(counts, near), column(rows, 'gistar_z'), 1e-12);
  const total = column(readNumbers('hex/hex127_exact_total_perm.csv'), 'p_upper_exact_total');
  expectClose(totalPermutationPs(counts, near), total, 1e-14);
  const conditional = column(readNumbers('hex/hex127_exact_conditional_perm.csv'), 'p_upper_exact');
  expectClose(conditionalPermutationPs(counts, near), conditional, 1e-14);
});

test('tails of sums equal those of all ways to draw, written out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { minLength: 3, maxLength: 9 }),
      fc.integer({ min: 1, max: 3 }),
      (list, m) => {
        const sums = drawSums(list, m);
        const table = drawTails(Int32Array.from(list), 3);
        for (let sum = 0; sum <= 19; sum++) {
          const share = sums.filter((drawn) => drawn >= sum).length / sums.length;
          expect(tailProbability(table, m, sum)).toBeCloseTo(share, 12);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function drawSums(list: number[], draws: number, from = 0): number[] {
  if (draws === 0) return [0];
  const sums: number[] = [];
  for (let i = from; i < list.length; i++) {
    for (const rest of drawSums(list, draws - 1, i + 1)) sums.push(list[i]! + rest);
  }
  return sums;
}

test('the cap is the 97th percentile of occupied cells, at least 5', () => {
  const history = [...Array.from({ length: 100 }, (_, i) => i + 1), ...new Array<number>(500).fill(0)];
  expect(capFromHistory(history)).toBe(97);
  expect(capFromHistory(history, 0.99)).toBe(99);
  expect(capFromHistory([1, 1, 2])).toBe(5);
  expect(capFromHistory([0, 0])).toBe(5);
  expect([...capCounts([0, 4, 9], 5)]).toEqual([0, 4, 5]);
});

test('a cell without neighbours is judged by its own count', () => {
  const near = neighboursWithin(4, () => false);
  expect([...totalPermutationPs(Int32Array.of(0, 1, 1, 4), near)]).toEqual([1, 0.75, 0.75, 0.25]);
});
