// Twelve months beside four released quarters: an attacker who adds up both learns nothing that either does not say.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Banded,
  hasRoom,
  leaveRoom,
  type Range,
  widen,
} from '../../../reports/disclosure/leave-room.ts';

const BANDS = [5, 10, 20, 40];
const banded = (records: number, atom = 'cell'): Banded => {
  const low = BANDS.findLast((each) => each <= records)!;
  const next = BANDS[BANDS.indexOf(low) + 1];
  const high = next === undefined ? null : next - 1;
  return { level: 'cell', atom, band: high === null ? `${low}+` : `${low}-${high}`, low, high };
};
const shown = (value: number): Range => ({ low: Math.max(10, value - 4), high: value + 4 });
const HIDDEN: Range = { low: 0, high: 9 };
const never = () => 63;

/** What remains possible for each quarter and row when both sums are one number: by trying every sum. */
function possible(rows: readonly Range[], quarters: readonly Range[]): Range[] {
  const TOP = 400;
  const parts = [...rows, ...quarters].map(({ low, high }) => ({ low, high: high ?? TOP }));
  const sides = [parts.slice(0, rows.length), parts.slice(rows.length)];
  const sum = (of: readonly { low: number; high: number }[], end: 'low' | 'high') =>
    of.reduce((total, each) => total + each[end], 0);
  return parts.map((part, i) => {
    const [own, other] = i < rows.length ? [sides[0]!, sides[1]!] : [sides[1]!, sides[0]!];
    const others = own.filter((each) => each !== part);
    const can: number[] = [];
    for (let n = part.low; n <= part.high; n++) {
      const [from, to] = [n + sum(others, 'low'), n + sum(others, 'high')];
      if (from <= sum(other, 'high') && to >= sum(other, 'low')) can.push(n);
    }
    return { low: Math.min(...can), high: Math.max(...can) };
  });
}

/** The rows, with what is left of an area ending where its cells do. */
const bound = (rows: readonly (Range | Banded)[], mostLeft: number | null): Range[] =>
  rows.map((row) => ({
    low: row.low,
    high: row.high ?? ('level' in row && row.level === 'area' ? mostLeft : null),
  }));

/** What is left of an area of so many cells of four each at most: the highest band, open, that tells of none of them. */
const restOf = (members: number): Banded => {
  const low = BANDS.findLast((each) => each <= (members - 1) * 4)!;
  return { level: 'area', atom: 'g', band: `${low}+`, low, high: null };
};

const keepsAll = (
  rows: readonly Range[],
  quarters: readonly Range[],
  mostLeft: number | null = null,
): boolean =>
  possible(bound(rows, mostLeft), quarters).every(({ low, high }, i) => {
    const nominal = [...rows, ...quarters][i]!;
    // An open band ends where the quarters say that it does: no upper end was promised.
    return low === nominal.low && (nominal.high === null || high === nominal.high);
  });

const QUARTERS = [shown(20), shown(15), shown(10), HIDDEN];

test('released quarters of 20, 15, 10 and one hidden: a band of 20-39 would prove the hidden one to be 2 at most', () => {
  expect(possible([banded(38)], QUARTERS)[4]).toEqual({ low: 0, high: 2 });
  expect(hasRoom([banded(38)], QUARTERS)).toBe(false);
  const group = {
    name: 'cell',
    rows: [banded(38)],
    isExact: true,
    unshown: null,
    mostLeft: null,
    quarters: QUARTERS,
  };
  const rows = leaveRoom(group, BANDS, never);
  // The quarters say 37 already.
  expect(rows).toEqual([{ ...banded(38), band: '37+', low: 37, high: null }]);
  expect(keepsAll(rows, QUARTERS)).toBe(true);
});

test('what is left of an area is as much as its cells can have: a band beside it makes up for no more', () => {
  const quarters = [shown(20), shown(10), HIDDEN, HIDDEN];
  const group = { name: 'g', rows: [banded(19), restOf(3)], isExact: true, unshown: null, quarters };
  const keptFor = (mostLeft: number | null) => leaveRoom({ ...group, mostLeft }, BANDS, never);
  const bands = (rows: readonly Banded[]) => rows.map(({ level, band }) => `${level} ${band}`);
  // 19 and 12 at most, of at least 26.
  expect(bands(keptFor(null))).toEqual(['cell 10-19', 'area 7+']);
  expect(keepsAll(keptFor(null), quarters)).toBe(true);
  expect(keepsAll(keptFor(null), quarters, 12)).toBe(false);
  expect(bands(keptFor(12))).toEqual(['cell 14+', 'area 5+']);
  expect(keepsAll(keptFor(12), quarters, 12)).toBe(true);
});

const quarter = fc.oneof(
  fc.constantFrom(10, 15, 20, 25, 40).map(shown),
  fc.constant(HIDDEN),
  fc.constant<Range>({ low: 0, high: null }),
);

test('whatever the quarters and the bands, what is shown of a group narrows none of them', () => {
  fc.assert(
    fc.property(
      fc.array(quarter, { minLength: 4, maxLength: 4 }),
      fc.array(fc.integer({ min: 5, max: 90 }), { minLength: 1, maxLength: 4 }),
      fc.option(fc.integer({ min: 4, max: 40 })),
      fc.option(fc.integer({ min: 3, max: 12 })),
      (quarters, counts, rest, members) => {
        const unshown = rest === null || members !== null ? null : { low: 0, high: rest };
        const left = members === null ? null : restOf(members);
        const rows = [...counts.map((n, i) => banded(n, `c${i}`)), ...(left ? [left] : [])];
        const mostLeft = members === null ? null : members * 4;
        // Bands and quarters that no records can have are nobody's.
        const all = [...bound(rows, mostLeft), ...(unshown ? [unshown] : [])];
        const low = quarters.reduce((sum, each) => sum + each.low, 0);
        const high = quarters.reduce((sum, each) => sum + (each.high ?? 1000), 0);
        fc.pre(all.reduce((sum, each) => sum + each.low, 0) <= high);
        fc.pre(all.reduce((sum, each) => sum + (each.high ?? 1000), 0) >= low);
        const group = { name: 'g', rows, isExact: true, unshown, mostLeft, quarters };
        const kept = leaveRoom(group, BANDS, never);
        if (kept.length === 0 || quarters.every((each) => each.low === 0 && each.high === null)) return;
        expect(keepsAll(unshown ? [...kept, unshown] : kept, quarters, mostLeft)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the same attacker catches bands that do not give way', () => {
  let caught = 0;
  for (let n = 20; n < 60; n++) if (!keepsAll([banded(n)], QUARTERS)) caught++;
  expect(caught).toBeGreaterThan(15);
});

test('a wide row or a gap proves nothing: by another key any count of its range gives the same', () => {
  const group = (n: number) => ({
    name: 'cell',
    rows: [banded(n)],
    isExact: true,
    unshown: null,
    mostLeft: null,
    quarters: QUARTERS,
  });
  const outputs = new Map<string, number[]>();
  for (let n = 37; n <= 66; n++) {
    for (let drawn = 0; drawn < 64; drawn++) {
      const output = JSON.stringify(leaveRoom(group(n), BANDS, (name) => (name === 'cell' ? 63 : drawn)));
      outputs.set(output, [...(outputs.get(output) ?? []), n]);
    }
  }
  for (const [output, counts] of outputs) {
    const [row] = JSON.parse(output) as Banded[];
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    expect(least).toBe(Math.max(37, row!.low));
    expect(most).toBe(row!.high ?? 66);
  }
  expect(leaveRoom(group(45), BANDS, () => 0)).toEqual([]);
});

test('a quarter of which nothing is known is left to have had nothing by any other one', () => {
  const open = { low: 0, high: null };
  const rows = [{ low: 60, high: 90 }];
  expect(hasRoom(rows, [open, open, open, { low: 11, high: 19 }])).toBe(true);
  expect(hasRoom(rows, [open, { low: 11, high: 19 }, { low: 11, high: 19 }, { low: 11, high: 19 }])).toBe(
    false,
  );
});

test('where no quarter is out, bands are as they are', () => {
  const open: Range[] = Array.from({ length: 4 }, () => ({ low: 0, high: null }));
  const rows = [banded(7), banded(25, 'other')];
  expect(
    leaveRoom(
      { name: 'g', rows, isExact: true, unshown: null, mostLeft: null, quarters: open },
      BANDS,
      () => 0,
    ),
  ).toEqual(rows);
});

test.each([
  [0, '20-39'],
  [1, '20+'],
  [2, '10+'],
  [3, '5+'],
  [9, '5+'],
])('a row of 20-39 that is %i steps wider is %s', (steps, band) => {
  expect(widen(banded(25), steps, BANDS).band).toBe(band);
});
