// What is frozen: which cells, parts and areas may be shown, and which of them hold what is too small.
import { describe, expect, test } from 'vitest';
import {
  type FrozenAtom,
  type FrozenCut,
  freezeGeography,
  type Geography,
  type PartitionInput,
} from '../../../reports/disclosure/partition.ts';
import { selectBlocks } from '../../../reports/disclosure/selection.ts';
import { APART, type Tally } from '../../../reports/disclosure/tally.ts';
import { ADDITIVE_10_5, ECDS_8_5 } from '../../../schemas/policy.ts';
import { cellText, createCellIndex, parentCell, pointsToCells } from '../../../transform/h3-cell.ts';

const POINTS = Array.from({ length: 900 }, (_, i) => [51.45 + (i % 30) / 900, -3.2 + i / 15_000] as const);
const found = new BigUint64Array(POINTS.length);
pointsToCells(
  createCellIndex(),
  Float64Array.from(POINTS, ([lat]) => lat),
  Float64Array.from(POINTS, ([, lng]) => lng),
  POINTS.length,
  found,
);
/** Two larger cells of a town, seven cells each. */
const [NEAR, FAR] = [...byParent(new Set(found)).values()]
  .filter((cells) => cells.length === 7)
  .toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)) as [bigint[], bigint[]];

function byParent(cells: ReadonlySet<bigint>): Map<bigint, bigint[]> {
  const groups = new Map<bigint, bigint[]>();
  for (const cell of cells) {
    const parent = parentCell(cell, 8);
    groups.set(
      parent,
      [...(groups.get(parent) ?? []), cell].toSorted((a, b) => (a < b ? -1 : 1)),
    );
  }
  return groups;
}

const TOWN = { code: 'T', name: 'Town', cells: [...NEAR, ...FAR] };
const PART = `T/${cellText(parentCell(NEAR[0]!, 8))}`;

/** Freezes from what a quarter had on average: records by cell. Much is too far off to be in any row. */
function freeze(
  records: readonly (readonly [bigint, number])[],
  more: Partial<PartitionInput> = {},
): Geography {
  const place = new Map(records.map(([cell, n]) => [cellText(cell), 4 * n]));
  return freezeGeography({
    ...{ source: 'ed', first: 24_300, policy: ADDITIVE_10_5, areas: [TOWN], addresses: undefined },
    shownBefore: () => undefined,
    heldBefore: () => undefined,
    history: {
      months: 12,
      counts: {
        ...({ weapon: new Map(), place_kind: new Map(), night_band: new Map() } as Record<
          FrozenCut,
          Map<string, number>
        >),
        place: place.set(APART, 400),
      },
    },
    ...more,
  })!;
}

const blocks = ({ atoms }: Geography) =>
  Object.fromEntries(
    atoms
      .filter(({ cut, role }) => cut === 'place' && role === 'block')
      .map(({ atom, within = 'pool' }: FrozenAtom) => [atom, within]),
  );
/** Some records over seven cells, none of which has enough to be a block. */
const over = (cells: readonly bigint[], n: number) =>
  cells.map((cell, i) => [cell, Math.floor((n + i) / 7)] as const);

describe('a part of an area', () => {
  test.each([
    // Expected around a cell, and of the rest of the town: what may be shown, and what holds what is too small of it.
    [9, 28, { T: 'pool' }],
    [10, 28, { [PART]: 'T', T: 'pool' }],
    [10, 15, { [PART]: 'T', T: 'pool' }],
    [10, 14, { T: 'pool' }],
  ])('is shown where %i are expected of it and %i of the rest', (near, rest, expected) => {
    expect(blocks(freeze([...over(NEAR, near), ...over(FAR, rest)]))).toEqual(expected);
  });

  test('goes by its area and the cell around it, and has the cells that no finer row has', () => {
    const { atoms, cells } = freeze([...over(NEAR, 21), ...over(FAR, 28), [NEAR[0]!, 12]]);
    expect(atoms.find(({ level }) => level === 'part')).toMatchObject({
      atom: PART,
      label: `Town, around cell ${PART.slice(2)}`,
    });
    const own = [...cells].filter(([, atom]) => atom === PART).map(([cell]) => cell);
    expect(own.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(NEAR.slice(1));
  });
});

describe('a cell', () => {
  const [cell] = NEAR as [bigint];
  const name = cellText(cell);
  test.each([
    // Expected in it, and of the rest of its town: a row that holds it makes up for a cell that is shown less often.
    [10, 3, undefined],
    [9, 14, 'none'],
    [5, 15, 'T'],
    [4, 15, 'none'],
    [10, 15, 'T'],
    [10, 14, undefined],
  ])('of %i beside %i is held by %s', (n, rest, held) => {
    const { atoms } = freeze([[cell, n], ...over(FAR, rest)]);
    const found = atoms.find(({ atom }) => atom === name);
    expect(found ? found.within : 'none').toBe(held);
  });

  test('is held by the part around it before the area', () => {
    const found = blocks(freeze([...over(NEAR.slice(0), 28), [cell, 12], ...over(FAR, 28)]));
    expect(found).toMatchObject({ [name]: PART, [PART]: 'T' });
  });

  test('is held by nothing under a policy of stars, where each value stands by itself', () => {
    const found = blocks(freeze([[cell, 12], ...over(FAR, 28)], { policy: ECDS_8_5 }));
    expect(found).toEqual({ [name]: 'pool', T: 'pool' });
  });
});

test('where sexual offences are by place from twenty on, blocks and what holds them are made for that', () => {
  const policy = { ...ADDITIVE_10_5, sexualOffencesByPlace: 20 };
  const [cell] = NEAR as [bigint];
  const found = (n: number, rest: number) => blocks(freeze([[cell, n], ...over(FAR, rest)], { policy }));
  expect(found(19, 29)).toEqual({ T: 'pool' });
  expect(found(20, 29)).toEqual({ [cellText(cell)]: 'pool', T: 'pool' });
  expect(found(10, 30)).toEqual({ [cellText(cell)]: 'T', T: 'pool' });
});

describe('after four quarters', () => {
  const [cell] = NEAR as [bigint];
  const name = cellText(cell);
  const records = [[cell, 12], ...over(NEAR, 14), ...over(FAR, 28)] as const;
  /** As frozen again, with what was shown before in which share of its quarters, and what held what. */
  const again = (shown: Readonly<Record<string, number>>, held: (cell: bigint) => string | undefined) =>
    blocks(
      freeze([...records.slice(1).filter(([each]) => each !== cell), [cell, 12]], {
        shownBefore: (_, atom) => shown[atom],
        heldBefore: held,
      }),
    );
  const inTown = () => 'T';

  test.each([
    ['always shown', 1, true],
    ['not shown once', 0.75, false],
  ])('an area that was %s gives rise to new blocks and holds them: %d %s', (_, share, isNew) => {
    const found = again({ T: share }, inTown);
    expect(name in found).toBe(isNew);
    if (isNew) expect(found[name]).toBe('T');
  });

  test('what was shown too seldom is part of the area again, and of no new part', () => {
    const held = (each: bigint) => (each === cell ? name : 'T');
    const { cells } = freeze([...over(NEAR, 28), ...over(FAR, 28), [cell, 30]], {
      shownBefore: (_, atom) => ({ T: 1, [name]: 0.25 })[atom],
      heldBefore: held,
    });
    expect(cells.get(NEAR[1]!)).toBe(PART);
    expect(cells.get(cell)).toBe('T');
  });

  test('a part that stays has the cells that it had', () => {
    const held = (each: bigint) => (NEAR.indexOf(each) >= 2 ? PART : 'T');
    const { cells } = freeze([...over(NEAR, 28), ...over(FAR, 28)], {
      shownBefore: (_, atom) => ({ T: 1, [PART]: 1 })[atom],
      heldBefore: held,
    });
    expect(NEAR.map((each) => cells.get(each))).toEqual(['T', 'T', ...NEAR.slice(2).map(() => PART)]);
  });
});

describe('what is shown', () => {
  const tally = (n: number): Tally => ({ records: n, persons: null });
  const first = (atoms: readonly string[]) => atoms.toSorted()[0]!;
  const chain = (cell: number, part: number, area: number) => [
    { atom: 'cell', tally: tally(cell), within: 'part' },
    { atom: 'part', tally: tally(part), within: 'area' },
    { atom: 'area', tally: tally(area) },
  ];
  test.each([
    // A cell, the rest of its part and of its area: the rows that hold them, and the pool, of 20 at first.
    [10, 10, 10, { cell: 10, part: 10, area: 10 }, 20],
    [9, 10, 10, { part: 19, area: 10 }, 20],
    [9, 0, 10, { area: 19 }, 20],
    [9, 1, 9, { part: 10 }, 29],
    [9, 0, 0, {}, 29],
    [10, 0, 0, { cell: 10 }, 20],
  ])('of a cell of %i, a part of %i and an area of %i', (cell, part, area, rows, pool) => {
    const selection = selectBlocks(chain(cell, part, area), tally(20), 10, first)!;
    expect(Object.fromEntries(selection.shown.map((each) => [each.atom, each.tally.records]))).toEqual(rows);
    expect(selection.pool.records).toBe(pool);
  });

  test('a pool that is too small takes in what no row holds, so that a cell is missing only where its row has it', () => {
    const picked: string[][] = [];
    const pick = (atoms: readonly string[]) => {
      picked.push([...atoms]);
      return first(atoms);
    };
    const selection = selectBlocks(chain(10, 0, 12), tally(9), 10, pick)!;
    expect(picked).toEqual([['area']]);
    expect(selection.shown.map(({ atom }) => atom)).toEqual(['cell']);
    expect(selection.pool.records).toBe(21);
  });
});
