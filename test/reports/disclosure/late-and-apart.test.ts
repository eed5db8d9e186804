// Who delivers late, and what may not be shown by place.
import { expect, test } from 'vitest';
import { buildReleased } from '../../../reports/disclosure/cube.ts';
import { writeFrozen } from '../../../reports/disclosure/frozen.ts';
import type { Area } from '../../../reports/disclosure/partition.ts';
import { buildPartnership } from '../../../reports/disclosure/partnership.ts';
import { monthText, parseMonth } from '../../../reports/disclosure/period.ts';
import { ADDITIVE_10_5, type Policy } from '../../../schemas/policy.ts';
import { openTestStore, type TestIncident, type TestStore } from './store-fixture.ts';

const KEY = new Uint8Array(32).fill(5);
const cell = (i: number) => 0x891958a0003ffffn + BigInt(i) * 0x40000n;
const AREAS: Area[] = [0, 1, 2, 3].map((a) => ({
  code: `W${a}`,
  name: `Ward ${a}`,
  cells: [0, 1, 2, 3].map((c) => cell(a * 4 + c)),
}));

/** So many a month from 2024-01 on, spread over the areas; the first cell of each is busy. */
const steady = (months: number, perMonth: number, extra: Partial<TestIncident> = {}): TestIncident[] =>
  Array.from({ length: months * perMonth }, (_, i) => ({
    source: 'ed',
    month: monthText(parseMonth('2024-01') + (i % months)),
    cell: i % 5 === 0 ? null : cell((i * 7) % 16 < 8 ? ((i * 7) % 4) * 4 : (i * 7) % 16),
    ...extra,
  }));

async function freeze(store: TestStore, period: string, policy: Policy = ADDITIVE_10_5) {
  const cube = await buildReleased({
    ...{ query: store.query, key: KEY, policy, source: 'ed', period, areas: AREAS },
  });
  if (cube.frozen) await writeFrozen(store.run, cube.frozen);
  return cube;
}

test('a supplier that comes after its quarter was frozen is shown with the next, by itself, and only once', async () => {
  const store = await openTestStore();
  await store.add(steady(24, 90));
  const before = await freeze(store, '2025-Q1');
  const late = (n: number, month: string, supplier: string): TestIncident[] =>
    Array.from({ length: n }, () => ({ source: 'ed', month, supplier, cell: cell(0) }));
  await store.add([...late(14, '2025-02', 'RVF07'), ...late(9, '2025-03', 'RVF08')]);
  await store.add(late(30, '2025-01', 'supplier'));
  const next = await freeze(store, '2025-Q2');
  const rows = next.rows.filter((row) => row.cut === 'late');
  expect(rows.map(({ atom, label }) => [atom, label])).toEqual([
    ['RVF07 2025-Q1', 'RVF07, February 2025, delivered late'],
  ]);
  expect(rows[0]!.low).toBeLessThanOrEqual(14);
  expect(rows[0]!.high).toBeGreaterThanOrEqual(14);
  expect((await freeze(store, '2025-Q1')).rows).toEqual(before.rows);
  // What was below the threshold is looked at again; what was shown is not, however it grows.
  await store.add([...late(3, '2025-03', 'RVF08'), ...late(40, '2025-02', 'RVF07')]);
  const last = await freeze(store, '2025-Q3');
  expect(last.rows.filter((row) => row.cut === 'late').map((row) => row.atom)).toEqual(['RVF08 2025-Q1']);
});

test('sexual offences move nothing but the pool of places, unless the policy lets them in with its own threshold', async () => {
  const policy = { ...ADDITIVE_10_5, sexualOffencesByPlace: 20 as const };
  const build = async (extra: TestIncident[], rules: Policy) => {
    const store = await openTestStore();
    await store.add([...steady(24, 90), ...extra]);
    return freeze(store, '2025-Q4', rules);
  };
  const offences = Array.from({ length: 60 }, (_, i) => ({
    ...{ source: 'ed', month: monthText(parseMonth('2024-01') + (i % 24)), offence: 'sexual offence' },
    cell: cell(5),
  }));
  const [without, apart, among] = [
    await build([], ADDITIVE_10_5),
    await build(offences, ADDITIVE_10_5),
    await build(offences, policy),
  ];
  const placesOf = (cube: typeof apart) =>
    cube.rows.filter((row) => row.cut === 'place' && (row.level === 'cell' || row.level === 'area'));
  expect(placesOf(apart).map((row) => row.atom)).toEqual(
    expect.arrayContaining(placesOf(without).map((row) => row.atom)),
  );
  const quarter = steady(24, 90).filter(({ month }) => month >= '2025-10');
  for (const row of placesOf(apart)) {
    const cells = apart.geography
      .find((each) => each.cut === 'place' && each.atom === row.atom)!
      .cells.split(' ');
    const n = quarter.filter((each) => each.cell && cells.includes(each.cell.toString(16))).length;
    expect(n).toBeGreaterThanOrEqual(row.low);
    expect(n).toBeLessThanOrEqual(row.high);
  }
  const places = among.rows.filter((row) => row.cut === 'place');
  expect(places.length).toBeGreaterThan(2);
  for (const row of places) expect(row.low).toBeGreaterThanOrEqual(20);
});

test('nor are they in the twelve months of the partnership', async () => {
  const store = await openTestStore();
  await store.add(
    Array.from({ length: 50 }, () => ({
      ...{ source: 'ed', month: '2025-03', cell: cell(2), offence: 'sexual offence', placeId: 'club' },
    })),
  );
  const build = (policy: Policy) =>
    buildPartnership({
      ...{ query: store.query, key: KEY, policy, source: 'ed', period: '2025-Q3', areas: AREAS },
      ...{ places: [{ id: 'club', name: 'Club', kind: 'licensed', cell: cell(2) }], schools: false },
      ...{ released: [], geography: [], hotspots: new Map() },
    });
  expect((await build(ADDITIVE_10_5)).rows).toEqual([]);
  const { rows } = await build({ ...ADDITIVE_10_5, sexualOffencesByPlace: 20 });
  expect(rows.map(({ atom, low }) => [atom, low])).toEqual([['club', 40]]);
});
