import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReleased, type Cube } from '../../../reports/disclosure/cube.ts';
import { readGeography, writeFrozen } from '../../../reports/disclosure/frozen.ts';
import { extendSeries } from '../../../reports/disclosure/month-series.ts';
import type { Area } from '../../../reports/disclosure/partition.ts';
import { monthText, parseMonth } from '../../../reports/disclosure/period.ts';
import { selectBlocks, selectPlaces } from '../../../reports/disclosure/selection.ts';
import type { Tally } from '../../../reports/disclosure/tally.ts';
import { measurePlaced, measureUtility } from '../../../reports/disclosure/utility.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';
import { CUTS, ReleasedRow } from '../../../schemas/released.ts';
import { rowOf } from './row-of.ts';
import { openTestStore, type TestIncident, type TestStore } from './store-fixture.ts';

const KEY = new Uint8Array(32).fill(7);
const FIRST_CELL = 0x891958a0003ffffn;
const cell = (i: number) => FIRST_CELL + BigInt(i) * 0x40000n;
const AREAS: Area[] = [0, 1, 2, 3, 4].map((a) => ({
  code: `W${a}`,
  name: `Ward ${a}`,
  cells: [0, 1, 2, 3].map((c) => cell(a * 4 + c)),
}));
const KINDS = ['home', 'licensed', 'licensed', 'street', 'street', 'street', 'shop', 'park', 'unknown'];
const WEAPONS = ['body', 'body', 'body', 'glass_bottle', 'knife_sharp', 'blunt', 'unknown'];

function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A city whose cells differ much: the first of each ward is busy. */
function incidents(
  seed: number,
  months: number,
  perMonth: number,
  extra: Partial<TestIncident> = {},
): TestIncident[] {
  const random = makeRandom(seed);
  const from = parseMonth('2024-01');
  return Array.from({ length: months * perMonth }, (_, i) => {
    const placeKind = KINDS[Math.floor(random() * KINDS.length)]!;
    const located = placeKind !== 'home' && random() < 0.85;
    return {
      source: 'ed',
      month: monthText(from + (i % months)),
      cell: located ? cell(Math.floor(random() ** 2 * 22)) : null,
      placeKind,
      weapon: WEAPONS[Math.floor(random() * WEAPONS.length)]!,
      hourOfWeek: random() < 0.8 ? Math.floor(random() * 168) : null,
      ...extra,
    };
  });
}

async function build(store: TestStore, period: string, key = KEY): Promise<Cube> {
  const cube = await buildReleased({
    ...{ query: store.query, key, policy: ADDITIVE_10_5, source: 'ed', period, areas: AREAS },
  });
  if (cube.frozen) await writeFrozen(store.run, cube.frozen);
  return cube;
}

const sorted = (rows: readonly ReleasedRow[]) => rows.map((row) => JSON.stringify(row)).toSorted();
const sum = (rows: readonly ReleasedRow[]) => rows.reduce((total, row) => total + row.value, 0);

test('the rows of every cut of a quarter add exactly to its three months, and follow the schema', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const store = await openTestStore();
    await store.add(incidents(seed, 24, 60 + 40 * seed));
    for (const period of ['2025-Q1', '2025-Q2', '2025-Q3']) {
      const { rows } = await build(store, period, Uint8Array.of(seed));
      expect(new Set(rows.map((row) => row.cut))).toEqual(new Set(CUTS));
      const ofCut = (cut: ReleasedRow['cut']) => sum(rows.filter((row) => row.cut === cut));
      for (const cut of CUTS) expect(ofCut(cut)).toBe(ofCut('month'));
      for (const row of rows) expect(ReleasedRow.parse(row)).toEqual(row);
    }
  }
});

test('every true number of an atom reaches the threshold and lies in the interval of its row', async () => {
  const store = await openTestStore();
  await store.add(incidents(3, 24, 130));
  const { rows } = await build(store, '2025-Q2');
  const within = `source = 'ed' AND month BETWEEN DATE '2025-04-01' AND DATE '2025-06-01'`;
  const geography = await readGeography(store.query, 'ed', parseMonth('2025-04'));
  const places = await store.query<{ kind: string; cell: bigint | null }>(
    `SELECT place_kind AS kind, cell FROM incident WHERE ${within}`,
  );
  const atomOf = ({ kind, cell: of }: { kind: string; cell: bigint | null }) =>
    kind === 'home' ? 'home' : of === null ? 'unlocated' : (geography!.cells.get(of) ?? 'pool');
  const shown = rows.filter((row) => row.cut === 'place');
  const names = new Set(shown.map((row) => row.atom));
  const truth = new Map<string, number>();
  for (const row of places) {
    const atom = rowOf(geography!, names, atomOf(row));
    truth.set(atom, (truth.get(atom) ?? 0) + 1);
  }
  expect(shown.some((row) => row.level === 'cell')).toBe(true);
  expect(shown.some((row) => row.level === 'area')).toBe(true);
  for (const row of shown) {
    const n = truth.get(row.atom)!;
    expect(n).toBeGreaterThanOrEqual(10);
    expect(row.value % 5).toBe(0);
    expect(Math.abs(row.value - n)).toBeLessThan(5);
    expect(n).toBeGreaterThanOrEqual(row.low);
    expect(n).toBeLessThanOrEqual(row.high);
  }
});

test('with a person key, every atom of a quarter has ten persons', async () => {
  const store = await openTestStore();
  const people = incidents(3, 18, 200).map((incident, i) => ({ ...incident, person: BigInt(1 + (i % 70)) }));
  const one = Array.from({ length: 40 }, () => ({
    source: 'ed',
    month: '2025-05',
    person: 5n,
    cell: cell(3),
  }));
  await store.add([...people, ...one]);
  const { rows } = await build(store, '2025-Q2');
  const geography = await readGeography(store.query, 'ed', parseMonth('2025-04'));
  const persons = await store.query<{ person: bigint; cell: bigint }>(
    `SELECT person0 AS person, cell FROM incident WHERE cell IS NOT NULL AND place_kind <> 'home'
    AND month BETWEEN DATE '2025-04-01' AND DATE '2025-06-01'`,
  );
  const shown = rows.filter((row) => row.cut === 'place' && (row.level === 'cell' || row.level === 'area'));
  expect(shown.length).toBeGreaterThan(0);
  for (const row of shown) {
    const of = persons.filter((record) => geography!.cells.get(record.cell) === row.atom);
    expect(new Set(of.map((record) => record.person)).size).toBeGreaterThanOrEqual(10);
    expect(row.threshold_on).toBe('persons');
  }
});

test('a source without records has no rows and freezes nothing', async () => {
  const store = await openTestStore();
  expect(await build(store, '2025-Q2')).toMatchObject({ rows: [], frozen: null });
});

test('the same set has the same value in every cut', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const store = await openTestStore();
    await store.add(incidents(seed, 18, 90));
    const { rows } = await build(store, '2025-Q2', Uint8Array.of(seed));
    const home = rows.filter((row) => row.atom === 'home');
    expect(home.map((row) => row.cut).toSorted()).toEqual(['located', 'place', 'place_kind']);
    expect(new Set(home.map((row) => row.value)).size).toBe(1);
    const unlocated = rows.filter((row) => row.atom === 'unlocated');
    expect(new Set(unlocated.map((row) => row.value)).size).toBe(1);
    const onMap = rows.filter((row) => row.cut === 'place' && row.level !== 'category');
    expect(rows.find((row) => row.cut === 'located' && row.atom === 'map')!.value).toBe(sum(onMap));
  }
});

test('late, removed and changed records move nothing that is frozen, and the same period gives the same rows', async () => {
  const store = await openTestStore();
  await store.add(incidents(4, 18, 120));
  const june = await build(store, '2025-05');
  await store.add(incidents(5, 18, 40));
  const quarter = await build(store, '2025-Q2');
  expect(sorted(quarter.rows)).toEqual(expect.arrayContaining(sorted(june.rows)));
  for (const cut of ['place', 'weapon', 'night_band']) {
    expect(sum(quarter.rows.filter((row) => row.cut === cut))).toBe(
      sum(quarter.rows.filter((row) => row.cut === 'month')),
    );
  }
  await store.run(`DELETE FROM incident WHERE hour_of_week IS NULL`);
  const again = await build(store, '2025-Q2');
  expect(again.rows).toEqual(quarter.rows);
  expect(again.frozen).toBeNull();
  expect(sorted((await build(store, '2025-05')).rows)).toEqual(sorted(june.rows));
});

test('two stores with the same records in another order give the same rows', async () => {
  const records = incidents(6, 18, 100);
  const one = await openTestStore();
  const other = await openTestStore();
  await one.add(records);
  await other.add(records.toReversed());
  expect((await build(one, '2025-Q2')).rows).toEqual((await build(other, '2025-Q2')).rows);
});

test('one person who comes 20 times a month is not shown; 20 persons are', async () => {
  for (const [persons, shown] of [
    [1, 0],
    [9, 0],
    [10, 1],
    [20, 1],
  ] as const) {
    const store = await openTestStore();
    await store.add(
      Array.from({ length: 20 }, (_, i) => ({
        source: 'ed',
        month: '2025-01',
        person: BigInt(1 + (i % persons)),
      })),
    );
    const { rows } = await build(store, '2025-01');
    expect(rows).toHaveLength(shown);
    for (const row of rows) expect(row.threshold_on).toBe('persons');
  }
});

test.each([
  [9, 0],
  [10, 1],
  [11, 1],
])('a month with %i records has %i rows', async (records, expected) => {
  const store = await openTestStore();
  await store.add(Array.from({ length: records }, () => ({ source: 'ed', month: '2025-01' })));
  expect((await build(store, '2025-01')).rows).toHaveLength(expected);
});

test('a month below the threshold is shown with the next that reaches it', async () => {
  const store = await openTestStore();
  const add = (month: string, n: number) =>
    store.add(Array.from({ length: n }, () => ({ source: 'ed', month })));
  await add('2025-01', 6);
  expect((await build(store, '2025-01')).rows).toEqual([]);
  await add('2025-02', 30);
  const { rows } = await build(store, '2025-02');
  expect(rows.map((row) => [row.atom, row.label])).toEqual([['2025-01/2025-02', 'January to February 2025']]);
  expect((await build(store, '2025-01')).rows).toEqual([]);
});

const tally = (records: number, persons: Set<number> | null = null): Tally => ({ records, persons });

test('an atom of the series never spans two years, and what a year leaves below the threshold is not shown', () => {
  const { months, atoms } = extendSeries({
    from: parseMonth('2024-11'),
    tallies: [12, 9, 8, 15].map((n) => tally(n)),
    frozenThrough: 0,
    phase: 2,
    yearPhase: () => 4,
    policy: ADDITIVE_10_5,
  });
  expect(months.map((m) => m.closed)).toEqual([true, false, false, true]);
  expect(atoms.map((a) => [monthText(a.first), monthText(a.last), a.value])).toEqual([
    ['2024-11', '2024-11', 10],
    ['2025-01', '2025-02', 25],
  ]);
});

test('a source without a person key counts records', async () => {
  const store = await openTestStore();
  await store.add(incidents(1, 3, 50));
  expect((await build(store, '2024-03')).rows[0]!.threshold_on).toBe('records');
});

test('with persons, a pool counts them anew over what is merged', () => {
  const people = (from: number, n: number) => new Set(Array.from({ length: n }, (_, i) => from + i));
  const first = (atoms: readonly string[]) => atoms[0]!;
  const apart = selectBlocks(
    [
      { atom: 'a', tally: tally(20, people(0, 20)) },
      { atom: 'b', tally: tally(12, people(0, 6)) },
    ],
    tally(12, people(100, 6)),
    10,
    first,
  );
  expect(apart?.shown.map(({ atom }) => atom)).toEqual(['a']);
  const same = selectBlocks(
    [
      { atom: 'a', tally: tally(20, people(0, 20)) },
      { atom: 'b', tally: tally(12, people(0, 6)) },
    ],
    tally(12, people(0, 6)),
    10,
    first,
  );
  expect(same?.shown).toEqual([]);
  expect(same?.pool.records).toBe(44);
});

test('whatever is left out of a selection is in its pool, and the pool reaches the threshold', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 8 }), fc.nat(40), (counts, reserve) => {
      const blocks = counts.map((n, i) => ({ atom: String(i), tally: tally(n) }));
      const selection = selectBlocks(blocks, tally(reserve), 10, (atoms) => atoms.at(-1)!);
      const total = counts.reduce((a, b) => a + b, reserve);
      if (selection === null) {
        expect(Math.max(0, ...counts)).toBeLessThan(10);
        expect(total).toBeLessThan(10);
        return;
      }
      expect(selection.pool.records).toBeGreaterThanOrEqual(10);
      expect(selection.shown.reduce((a, b) => a + b.tally.records, selection.pool.records)).toBe(total);
    }),
  );
});

test.each([
  // home, not located, map: which atoms stand before the map
  [9, 20, 40, ['unlocated']],
  [10, 20, 40, ['home', 'unlocated']],
  [10, 9, 40, ['home']],
  [9, 0, 40, []],
  [5, 5, 40, ['unlocated']],
])('%i at home and %i not located beside %i on the map show %j', (home, unlocated, map, expected) => {
  const selection = selectPlaces(
    { home: tally(home), homeIsBlock: true, unlocated: tally(unlocated), unlocatedIsBlock: true },
    [{ atom: 'area', tally: tally(20) }],
    tally(map - 20),
    10,
    (atoms) => atoms[0]!,
    { atStart: () => true, inPass: () => true },
  );
  expect(selection?.outside.map(({ atom }) => atom)).toEqual(expected);
});

describe('the partition', () => {
  test('is frozen for four quarters and then made anew', async () => {
    const store = await openTestStore();
    await store.add(incidents(7, 34, 120));
    const quarters = ['2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2026-Q1'];
    const made: boolean[] = [];
    for (const quarter of quarters) made.push((await build(store, quarter)).frozen?.newGeography !== null);
    expect(made).toEqual([true, false, false, false, true]);
  });

  test('has a reserve of at least one and a half thresholds that no row is about', async () => {
    const store = await openTestStore();
    await store.add(incidents(8, 18, 200));
    const { rows, frozen } = await build(store, '2025-Q2');
    const geography = frozen!.newGeography!;
    for (const cut of ['place', 'weapon', 'place_kind', 'night_band'] as const) {
      const reserve = geography.atoms.filter((atom) => atom.cut === cut && atom.role === 'reserve');
      expect(reserve.length).toBeGreaterThan(0);
      for (const { atom } of reserve)
        expect(rows.some((row) => row.cut === cut && row.atom === atom)).toBe(false);
    }
  });

  test('has no cells before the policy’s months of history, and no cut at all before three', async () => {
    const store = await openTestStore();
    await store.add(incidents(9, 12, 300));
    const first = await build(store, '2024-Q1');
    expect(new Set(first.rows.map((row) => row.cut))).toEqual(new Set(['month']));
    const second = await build(store, '2024-Q2');
    expect(second.rows.some((row) => row.level === 'area')).toBe(true);
    expect(second.rows.some((row) => row.level === 'cell')).toBe(false);
    expect(second.notes).toEqual(['Partition: named areas, expected from 3 months of history.']);
  });

  test.each([
    [0, true],
    [7, false],
    [8, true],
  ])('shows a cell with %i addresses: %s', async (count, expected) => {
    const store = await openTestStore();
    await store.add(incidents(10, 18, 300));
    const { rows } = await buildReleased({
      ...{ query: store.query, key: KEY, policy: ADDITIVE_10_5, source: 'ed', period: '2025-Q2' },
      ...{ areas: AREAS, addresses: new Map(AREAS.flatMap((a) => a.cells.map((c) => [c, count]))) },
    });
    const inAreas = new Set(AREAS.flatMap((area) => area.cells.map((c) => c.toString(16))));
    expect(rows.some((row) => row.level === 'cell' && inAreas.has(row.atom))).toBe(expected);
  });
});

test('a quarter with a month below the threshold at its end has months only', async () => {
  const store = await openTestStore();
  await store.add(incidents(11, 18, 60).filter((incident) => incident.month !== '2025-06'));
  const { rows, notes } = await build(store, '2025-Q2');
  expect(new Set(rows.map((row) => row.cut))).toEqual(new Set(['month']));
  expect(notes[0]).toContain('months only');
});

test('one source says nothing about another: adding police records changes no row of the hospital', async () => {
  const store = await openTestStore();
  await store.add(incidents(12, 18, 100));
  const other = await openTestStore();
  await other.add([...incidents(12, 18, 100), ...incidents(13, 18, 300, { source: 'police' })]);
  expect((await build(store, '2025-Q2')).rows).toEqual((await build(other, '2025-Q2')).rows);
});

test('utility is in steps of five points from published values', async () => {
  const store = await openTestStore();
  await store.add(incidents(14, 18, 200));
  const { rows } = await build(store, '2025-Q2');
  const utility = measureUtility(rows, 'ed', '2025-Q2');
  for (const share of Object.values(utility)) expect(share % 5).toBe(0);
  expect(utility.area! + utility.pool!).toBeGreaterThanOrEqual(95);
});

test('the operator sees how much is shown by place, against plain suppression of the same grids', async () => {
  const store = await openTestStore();
  await store.add(incidents(14, 18, 200));
  const { rows, geography } = await build(store, '2025-Q2');
  const of = { source: 'ed', period: '2025-Q2', areas: AREAS, threshold: 10 };
  const placed = await measurePlaced(store.query, of, rows, geography);
  const onMap = await store.query<{ cell: bigint; n: number }>(
    `SELECT cell, count(*)::INTEGER AS n FROM incident WHERE cell IS NOT NULL AND month >= DATE '2025-04-01' GROUP BY cell`,
  );
  const all = onMap.reduce((total, { n }) => total + n, 0);
  const percent = (cells: readonly { n: number }[]) =>
    Math.round((100 * cells.reduce((total, { n }) => total + n, 0)) / all);
  const shown = new Set(rows.filter((row) => row.cut === 'place').map((row) => row.atom));
  expect(placed!.plain.cell).toBe(percent(onMap.filter(({ n }) => n >= 10)));
  expect(placed!.shown.cell).toBe(percent(onMap.filter(({ cell: at }) => shown.has(at.toString(16)))));
  expect(placed!.shown.area).toBeGreaterThanOrEqual(placed!.shown.cell);
  expect(placed!.shown.area).toBeLessThanOrEqual(placed!.plain.area);
  expect(placed!.shown.whole).toBe(100);
});

test('a writer of released rows takes no plain row', async () => {
  const write = (rows: Cube['rows']) => rows.length;
  const plain: ReleasedRow = {
    ...{ source: 'ed', period: '2025-01', cut: 'month', atom: '2025-01', level: 'month', label: '' },
    ...{ threshold_on: 'records', value: 10, low: 10, high: 14 },
  };
  // @ts-expect-error: the mark is missing
  expect(write([plain])).toBe(1);
});
