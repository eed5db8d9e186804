import { expect, test } from 'vitest';
import { writePartnership } from '../../../reports/disclosure/frozen.ts';
import { buildPartnership, type PartnershipInput } from '../../../reports/disclosure/partnership.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';
import { PartnershipRow, type ReleasedRow } from '../../../schemas/released.ts';
import { openTestStore, type TestIncident, type TestStore } from './store-fixture.ts';

const cell = (i: number) => 0x891958a0003ffffn + BigInt(i) * 0x40000n;
const text = (i: number) => cell(i).toString(16);
const AREAS = [
  { code: 'W1', name: 'Adamsdown', cells: Array.from({ length: 12 }, (_, i) => cell(i)) },
  { code: 'W2', name: 'Splott', cells: Array.from({ length: 12 }, (_, i) => cell(12 + i)) },
];
const PLACES = [
  { id: 'club', name: 'The Anchor', kind: 'licensed', cell: cell(0) },
  { id: 'school', name: 'High School', kind: 'school', cell: cell(1) },
];

const at = (n: number, incident: Partial<TestIncident>): TestIncident[] =>
  Array.from({ length: n }, () => ({ source: 'ed', month: '2025-03', ...incident }));

async function build(store: TestStore, input: Partial<PartnershipInput> = {}) {
  return buildPartnership({
    ...{ query: store.query, key: Buffer.from('key'), policy: ADDITIVE_10_5, source: 'ed' },
    ...{ released: [], geography: [] },
    ...{ period: '2025-Q3', areas: AREAS, places: PLACES, schools: false },
    hotspots: new Map([['club', 'strong' as const]]),
    ...input,
  });
}

const brief = (rows: readonly PartnershipRow[]) => rows.map((row) => `${row.level} ${row.atom} ${row.band}`);

test.each([
  [4, []],
  [5, [`cell ${text(2)} 5-9`]],
  [9, [`cell ${text(2)} 5-9`]],
  [10, [`cell ${text(2)} 10-19`]],
  [39, [`cell ${text(2)} 20-39`]],
  [40, [`cell ${text(2)} 40+`]],
])('a cell with %i records is shown as %j', async (n, expected) => {
  const store = await openTestStore();
  await store.add(at(n, { cell: cell(2) }));
  const { rows } = await build(store);
  expect(brief(rows)).toEqual(expected);
  for (const row of rows) expect(PartnershipRow.parse(row)).toEqual(row);
});

test('places, then cells without them, then what is left of an area: no record is in two rows', async () => {
  const store = await openTestStore();
  await store.add([
    ...at(12, { cell: cell(0), placeId: 'club' }),
    ...at(6, { cell: cell(0) }),
    ...at(4, { cell: cell(3) }),
    ...at(4, { cell: cell(4) }),
    ...at(3, { cell: cell(5) }),
    ...at(50, { cell: cell(0), placeKind: 'home' }),
    ...at(50, { cell: null }),
    ...at(50, { cell: cell(6), month: '2024-09' }),
    ...at(50, { cell: cell(6), month: '2025-10' }),
  ]);
  const { rows } = await build(store);
  expect(brief(rows)).toEqual(['area W1 10-19', `cell ${text(0)} 5-9`, 'place club 10-19']);
  expect(rows.map((row) => row.hotspot)).toEqual(['', '', 'strong']);
});

test('a school is part of its cell until a second approval', async () => {
  const store = await openTestStore();
  await store.add(at(7, { cell: cell(1), placeId: 'school', placeKind: 'school' }));
  expect(brief((await build(store)).rows)).toEqual([`cell ${text(1)} 5-9`]);
  expect(brief((await build(store, { schools: true })).rows)).toEqual(['place school 5-9']);
});

test('one person who comes 20 times is not shown', async () => {
  const store = await openTestStore();
  await store.add(at(20, { cell: cell(2), person: 1n }));
  expect((await build(store)).rows).toEqual([]);
});

test.each([
  [0, true],
  [7, false],
  [8, true],
])('a cell with %i addresses is shown: %s', async (count, expected) => {
  const store = await openTestStore();
  await store.add(at(20, { cell: cell(2) }));
  const { rows } = await build(store, { addresses: new Map([[cell(2), count]]) });
  expect(rows.some((row) => row.level === 'cell')).toBe(expected);
});

test.each([
  // cells of the area, records in them (four each), band of what is left
  [2, 8, []],
  [3, 8, ['area W 5+']],
  [3, 12, ['area W 5+']],
  [4, 12, ['area W 10+']],
  [6, 12, ['area W 10-19']],
])('the rest of an area of %i small cells with %i records is shown as %j', async (cells, n, expected) => {
  const store = await openTestStore();
  for (let i = 0; i < n / 4; i++) await store.add(at(4, { cell: cell(i) }));
  const area = { code: 'W', name: 'Ward', cells: Array.from({ length: cells }, (_, i) => cell(i)) };
  expect(brief((await build(store, { areas: [area] })).rows)).toEqual(expected);
});

test.each([
  ['that many records of one person were in', at(50, { cell: cell(1), person: 1n })],
  ['of too few addresses', at(50, { cell: cell(1) })],
])('beside a cell %s, a band says no more than is true', async (_, hidden) => {
  const store = await openTestStore();
  const persons = hidden.some(({ person }) => person !== undefined);
  await store.add([
    ...hidden,
    ...at(12, { cell: cell(0) }).map((each, i) => (persons ? { ...each, person: BigInt(100 + i) } : each)),
  ]);
  const area = { code: 'W', name: 'Ward', cells: [cell(0), cell(1)] };
  const quarter: ReleasedRow = {
    ...{ source: 'ed', period: '2025-Q1', cut: 'place', atom: 'W', level: 'area', label: 'Ward' },
    ...{ threshold_on: persons ? 'persons' : 'records', value: 60, low: 56, high: 64 },
  };
  const { rows } = await build(store, {
    areas: [area],
    released: [quarter],
    addresses: persons ? new Map() : new Map([[cell(1), 3]]),
  });
  expect(rows.map(({ atom }) => atom)).toEqual([text(0)]);
  for (const { low, high } of rows) {
    expect(low).toBeLessThanOrEqual(12);
    expect(high ?? 12).toBeGreaterThanOrEqual(12);
  }
});

/** A ward that four quarters show as 10 each, which are 14 at most, and what is inside it by the last one's geography. */
function wardOf10(cells: number, inside: readonly { atom: string; cells: readonly number[] }[]) {
  const held = inside.map((each) => ({ ...each, within: 'W' }));
  const rest = Array.from({ length: cells }, (_, i) => i).filter(
    (i) => !inside.some((each) => each.cells.includes(i)),
  );
  return {
    areas: [{ code: 'W', name: 'Ward', cells: Array.from({ length: cells }, (_, i) => cell(i)) }],
    places: [],
    geography: [...held, { atom: 'W', cells: rest, within: '' }].map((each) => ({
      ...{ source: 'ed', first_quarter: '2025-Q3', cut: 'place' as const, role: 'block' as const },
      ...{ atom: each.atom, label: each.atom, within: each.within },
      level: each.atom === 'W' ? ('area' as const) : each.atom.includes('/') ? ('part' as const) : 'cell',
      cells: each.cells.map(text).join(' '),
    })) as PartnershipInput['geography'],
  };
}
const inQuarters = (atom: string, value: number) =>
  ['2024-Q4', '2025-Q1', '2025-Q2', '2025-Q3'].map(
    (period): ReleasedRow => ({
      ...{ source: 'ed', period, cut: 'place', atom, level: 'area', label: atom, threshold_on: 'records' },
      ...{ value, low: Math.max(10, value - 4), high: value + 4 },
    }),
  );
const lows = (rows: readonly PartnershipRow[]) => rows.reduce((sum, { low }) => sum + low, 0);

test.each([0, 7])(
  'a cell that the quarters of its ward hold can still have had 9 in one, beside %i in the year',
  async (n) => {
    const store = await openTestStore();
    await store.add([
      ...at(n, { cell: cell(0) }),
      ...at(12, { cell: cell(1) }),
      ...Array.from({ length: 11 }, (_, i) => at(i < 8 ? 4 : 3, { cell: cell(2 + i) })).flat(),
    ]);
    const ward = wardOf10(14, [{ atom: text(0), cells: [0] }]);
    for (let key = 0; key < 16; key++) {
      const { rows } = await build(store, {
        ...{ ...ward, released: inQuarters('W', 10), key: Buffer.from(`key ${key}`) },
      });
      expect(lows(rows) + 9).toBeLessThanOrEqual(56);
    }
  },
);

test('cells of a ward beside a large part of it are no closer to its quarters than without the part', async () => {
  const store = await openTestStore();
  await store.add([
    ...at(100, { cell: cell(0) }),
    ...[1, 2, 3, 4, 5].flatMap((i) => at(11, { cell: cell(i) })),
  ]);
  const ward = wardOf10(8, [{ atom: 'W/88195d2b1dfffff', cells: [0] }]);
  for (let key = 0; key < 16; key++) {
    const { rows } = await build(store, {
      ...{ ...ward, released: [...inQuarters('W', 10), ...inQuarters('W/88195d2b1dfffff', 30)] },
      key: Buffer.from(`key ${key}`),
    });
    const own = rows.filter(({ atom }) => atom !== text(0) && atom !== 'W');
    const widest = Math.max(4, ...own.map(({ low, high }) => (high === null ? 0 : high - low)));
    expect(lows(own) + widest).toBeLessThanOrEqual(56);
  }
});

test('a part of few persons can have had many records, and takes nothing from the bands of its ward', async () => {
  const store = await openTestStore();
  const persons = (n: number, i: number, first: number, of: number) =>
    at(n, { cell: cell(i) }).map((each, k) => ({ ...each, person: BigInt(first + (k % of)) }));
  await store.add([...persons(30, 0, 1, 8), ...persons(12, 1, 20, 12), ...persons(12, 2, 40, 12)]);
  const ward = wardOf10(4, [{ atom: 'W/88195d2b1dfffff', cells: [0] }]);
  const { rows } = await build(store, {
    ...{ ...ward, geography: ward.geography.map((row) => ({ ...row, within: '' })) },
    released: inQuarters('W', 10).map((row) => ({ ...row, threshold_on: 'persons' as const })),
  });
  expect(rows.map(({ band }) => band)).toEqual(['20-39', '10-19', '10-19']);
});

test('frozen rows are read and not built anew', async () => {
  const store = await openTestStore();
  await store.add(at(20, { cell: cell(2) }));
  const { rows, isNew } = await build(store);
  expect(isNew).toBe(true);
  await writePartnership(store.run, 'ed', '2025-Q3', rows);
  await store.add(at(30, { cell: cell(2) }));
  expect(await build(store)).toEqual({ rows, isNew: false });
  // Twelve months that overlap the frozen ones would tell what came and what went.
  for (const period of ['2025-Q4', '2026-Q1', '2026-Q2'])
    expect(await build(store, { period })).toEqual({ rows, isNew: false });
  expect(await build(store, { period: '2026-Q3' })).toEqual({ rows: [], isNew: true });
});
