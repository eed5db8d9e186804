import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boundCells,
  type LinearTable,
  propagate,
  type Range,
  type Sum,
} from '../../../reports/audit/bounds.ts';

const VECTORS = '../shared/vectors/disclosure';
const withVectors = test.skipIf(!existsSync(VECTORS) && process.env['CI'] === undefined);
const read = (path: string) => JSON.parse(readFileSync(`${VECTORS}/${path}`, 'utf8'));

const exactly = (value: number): Range => ({ low: value, high: value });
const between = (low: number, high: number): Range => ({ low, high });
const sum = (cells: readonly number[], range: Range): Sum => ({
  terms: cells.map((cell) => [cell, 1] as const),
  ...range,
});
const each = (table: LinearTable) => table.cells.map((_, cell) => ({ terms: [[cell, 1]] as const }));

describe('sdcTable 4x4', () => {
  /** The table with the primary cells and `also` withheld, and the bounds of every withheld cell, by "row,column". */
  async function attack(also: readonly string[]): Promise<Map<string, Range>> {
    const { rows, cols, inner, primary } = read('sdctable/problem_4x4.json');
    const all: [string, number][] = rows.flatMap((row: string) =>
      cols.map((col: string) => [`${row},${col}`, inner[row][col]]),
    );
    const withheld = new Set<string>([...primary.map((pair: string[]) => pair.join(',')), ...also]);
    const cells = all.map(([name, value]) =>
      withheld.has(name) ? between(0, Number.POSITIVE_INFINITY) : exactly(value),
    );
    const margin = (of: (name: string) => boolean) => {
      const members = all.flatMap(([name], i) => (of(name) ? [i] : []));
      return sum(members, exactly(members.reduce((total, i) => total + all[i]![1], 0)));
    };
    const sums = [
      ...rows.map((row: string) => margin((name) => name.startsWith(row))),
      ...cols.map((col: string) => margin((name) => name.endsWith(col))),
    ];
    const bounds = await boundCells({ cells, sums }, each({ cells, sums }));
    return new Map(all.flatMap(([name], i) => (withheld.has(name) ? [[name, bounds![i]!]] : [])));
  }

  withVectors('finds the cell that can be worked out, and the bounds of the others', async () => {
    const { expected, lp_bounds_before_verified_here } = read('sdctable/problem_4x4.json');
    const bounds = await attack([]);
    const { cell, value } = expected.attacker_finds_exact;
    expect(bounds.get(cell.join(','))).toEqual(exactly(value));
    expect([...bounds.values()].filter(({ low, high }) => low === high)).toHaveLength(1);
    for (const [name, [low, high]] of Object.entries<number[]>(lp_bounds_before_verified_here))
      expect(bounds.get(name)).toEqual({ low, high });
  });

  withVectors('and how far one more withheld cell helps', async () => {
    const { w_b_bounds_after_each_single_extra_verified_here: after } = read('sdctable/problem_4x4.json');
    for (const [extra, [low, high]] of Object.entries<number[]>(after))
      expect((await attack([extra])).get('w,b')).toEqual({ low, high });
  });
});

withVectors('linked tables: each is safe by itself, together they give K away', async () => {
  const { cells: values, table1, table2, expected } = read('linked/linked_county_size.json');
  const names = Object.keys(values);
  const attack = async (tables: readonly Record<string, string[]>[], withheld: readonly string[]) => {
    const cells = names.map((name) =>
      withheld.includes(name) ? between(0, Number.POSITIVE_INFINITY) : exactly(values[name]),
    );
    const sums = tables.flatMap((table) =>
      Object.values(table).map((members) =>
        sum(
          members.map((name) => names.indexOf(name)),
          exactly(members.reduce((total, name) => total + values[name], 0)),
        ),
      ),
    );
    const bounds = await boundCells({ cells, sums }, each({ cells, sums }));
    return Object.fromEntries(withheld.map((name) => [name, bounds![names.indexOf(name)]!]));
  };
  const primary = names.filter((name) => values[name] <= 3);
  for (const table of [table1, table2])
    for (const { low, high } of Object.values(await attack([table], primary)))
      expect(high).toBeGreaterThan(low);
  const joint = await attack([table1, table2], primary);
  expect(joint['K']).toEqual(exactly(expected.jointly_exact.K));
  const mended = await attack([table1, table2], [...primary, 'N']);
  for (const [name, [low, high]] of Object.entries<number[]>(expected.after_suppressing_N_in_both))
    expect(mended[name]).toEqual({ low, high });
});

describe('rounding is unpicked', () => {
  const nearest = (value: number) => between(value - 2, value + 2);

  withVectors('where parents and children were rounded by themselves', async () => {
    const { independent_rounding_narrowing: seven, two_children: two } = read('own/derived_vectors.json');
    const attack = async (children: number[], parent: number, least: number) => {
      const cells = children.map((value) => between(Math.max(least, value - 2), value + 2));
      const table = { cells, sums: [sum([...cells.keys()], nearest(parent))] };
      return boundCells(table, each(table));
    };
    const [low, high] = seven.attacker_interval_each_child;
    const { children_published_nearest5, parent_published_nearest5 } = seven;
    for (const found of (await attack(children_published_nearest5, parent_published_nearest5, 0))!)
      expect(found).toEqual({ low, high });
    for (const found of (await attack(two.published, two.parent_published, 8))!)
      expect(found).toEqual({ low: two.interval[0], high: two.interval[1] });
  });

  withVectors('and a block closed at m(k-1) and its like gives its members away', async () => {
    const { outputs } = read('own/derived_vectors.json').algorithm_aware;
    const { closed, support } = outputs.find((output: { closed?: number }) => output.closed !== undefined);
    const cells = support.map(() => between(0, 9));
    const table = { cells, sums: [sum([0, 1, 2], between(closed - 4, closed + 4))] };
    for (const [i, found] of (await boundCells(table, each(table)))!.entries())
      expect(found).toEqual({ low: support[i][0], high: support[i][1] });
  });

  withVectors('ONS cell keys: margins perturbed by themselves narrow what is withheld', async () => {
    const lines = readFileSync(`${VECTORS}/ons/expected_var1_var5_var8.csv`, 'utf8').trim().split('\n');
    const rows = lines.slice(1).map((line) => line.split(','));
    const rounded = (n: number) =>
      n < 10 ? between(0, 9) : between(Math.max(10, 5 * Math.round(n / 5) - 2), 5 * Math.round(n / 5) + 2);
    const truth = rows.map((row) => Number(row[3]));
    const cells = truth.map(rounded);
    const groups = new Map<string, number[]>();
    for (const [i, [var1, var5]] of rows.entries())
      groups.set(`${var1},${var5}`, [...(groups.get(`${var1},${var5}`) ?? []), i]);
    const sums = [...groups.values()].map((members) =>
      sum(members, rounded(members.reduce((total, i) => total + truth[i]!, 0))),
    );
    const bounds = (await boundCells({ cells, sums }, each({ cells, sums })))!;
    for (const [i, { low, high }] of bounds.entries()) {
      expect(truth[i]).toBeGreaterThanOrEqual(low);
      expect(truth[i]).toBeLessThanOrEqual(high);
    }
    const narrowed = bounds.filter(({ low, high }, i) => high - low < cells[i]!.high - cells[i]!.low);
    expect(narrowed.length).toBeGreaterThan(0);
  });

  withVectors('a sliver between a coarse cell and its fine ones stands alone', async () => {
    const { h3_sliver_rate_cardiff_bbox: rate } = read('own/derived_vectors.json');
    // Of 100 records in the fine cells, so many were put into another coarse cell when it was indexed directly.
    const sliver = Math.round(100 * rate.res8_vs_parent_res9);
    const table = {
      cells: [between(0, Number.POSITIVE_INFINITY), between(0, Number.POSITIVE_INFINITY)],
      sums: [sum([0, 1], exactly(100)), sum([0], exactly(100 - sliver))],
    };
    expect(await boundCells(table, each(table))).toEqual([exactly(100 - sliver), exactly(sliver)]);
  });
});

describe('any small table', () => {
  const tables = fc.record({
    cells: fc.array(fc.tuple(fc.nat(3), fc.nat(4)), { minLength: 2, maxLength: 4 }),
    sums: fc.array(
      fc.record({
        factors: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }),
        low: fc.integer({ min: -2, max: 8 }),
        width: fc.nat(4),
      }),
      { maxLength: 3 },
    ),
  });
  const toTable = ({
    cells,
    sums,
  }: typeof tables extends fc.Arbitrary<infer T> ? T : never): LinearTable => ({
    cells: cells.map(([low, width]) => between(low, low + width)),
    sums: sums.map(({ factors, low, width }) => ({
      terms: factors
        .slice(0, cells.length)
        .flatMap((factor, i) => (factor === 0 ? [] : [[i, factor] as const])),
      ...between(low, low + width),
    })),
  });
  const fitting = ({ cells, sums }: LinearTable): number[][] =>
    cells
      .reduce<number[][]>(
        (all, { low, high }) =>
          all.flatMap((values) => Array.from({ length: high - low + 1 }, (_, i) => [...values, low + i])),
        [[]],
      )
      .filter((values) =>
        sums.every(({ terms, low, high }) => {
          const total = terms.reduce((at, [cell, factor]) => at + factor * values[cell]!, 0);
          return terms.length === 0 || (total >= low && total <= high);
        }),
      );

  test('is bounded as trying everything bounds it', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (drawn) => {
        const table = toTable(drawn);
        const all = fitting(table);
        const bounds = await boundCells(table, each(table));
        if (all.length === 0) expect(bounds).toBeNull();
        else
          expect(bounds).toEqual(
            table.cells.map((_, cell) => {
              const values = all.map((fit) => fit[cell]!);
              return between(Math.min(...values), Math.max(...values));
            }),
          );
      }),
      { numRuns: 300 },
    );
  });

  test('and propagation never rules out what is possible', () => {
    fc.assert(
      fc.property(tables, (drawn) => {
        const table = toTable(drawn);
        const ranges = propagate(table);
        for (const fit of fitting(table))
          for (const [cell, value] of fit.entries()) {
            expect(ranges![cell]!.low).toBeLessThanOrEqual(value);
            expect(ranges![cell]!.high).toBeGreaterThanOrEqual(value);
          }
      }),
    );
  });
});
