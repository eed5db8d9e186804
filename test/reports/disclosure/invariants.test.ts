/**
 * What the protected cube promises, I1 to I22, each with a protector that breaks it and is caught. Where a promise is
 * held more thoroughly in a file of its own, the heading names it.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { latLngToCell } from 'h3-js';
import { describe, expect, test } from 'vitest';
import { type CutsInput, protectCuts } from '../../../reports/disclosure/cuts.ts';
import { deriveSubkey, keyedChoices, keyedPhase } from '../../../reports/disclosure/keyed.ts';
import { protectNearest, roundNearest } from '../../../reports/disclosure/nearest.ts';
import { type FrozenCut, freezeGeography, type Geography } from '../../../reports/disclosure/partition.ts';
import { release } from '../../../reports/disclosure/release.ts';
import { nominalInterval, roundCumulative } from '../../../reports/disclosure/rounding.ts';
import { selectBlocks } from '../../../reports/disclosure/selection.ts';
import { mergeTallies, type Tally } from '../../../reports/disclosure/tally.ts';
import { releasedTable, toCsv } from '../../../reports/table.ts';
import { ADDITIVE_10_5, ECDS_8_5, PolicyRules } from '../../../schemas/policy.ts';
import { ReleasedRow } from '../../../schemas/released.ts';
import { createHmac, digestColumn, subkey } from '../../../transform/digest.ts';
import { cellText, createCellIndex, parentCell, pointsToCells } from '../../../transform/h3-cell.ts';
import { rowOf } from './row-of.ts';

const K = ADDITIVE_10_5.threshold;
const B = ADDITIVE_10_5.base;
const KEY = Buffer.from('a key of the tests, thirty-two bytes');
const cell = (i: number) => 0x891958a0003ffffn + BigInt(i) * 0x40000n;
const CELLS = 12;
const AREAS = [0, 1, 2, 3].map((a) => ({
  ...{ code: `W${a}`, name: `Ward ${a}` },
  cells: [0, 1, 2].map((c) => cell(a * 3 + c)),
}));
const KINDS = ['street', 'licensed', 'shop', 'unknown'];
const plain = (records: number): Tally => ({ records, persons: null });

/** A quarter: records by cell, not located, at home; and of the first two by kind of place. */
interface Quarter {
  readonly cells: readonly number[];
  readonly unlocated: number;
  readonly home: number;
  readonly kinds: readonly number[];
}

const quarters = fc
  .record({
    cells: fc.array(fc.oneof(fc.nat(12), fc.nat(60)), { minLength: CELLS, maxLength: CELLS }),
    unlocated: fc.nat(40),
    home: fc.nat(40),
    weights: fc.array(fc.nat(10), { minLength: 4, maxLength: 4 }),
  })
  .map(({ weights, ...quarter }): Quarter => {
    const rest = sum(quarter.cells) + quarter.unlocated;
    const whole = sum(weights) || 1;
    const kinds = weights.map((weight) => Math.floor((rest * weight) / whole));
    return { ...quarter, kinds: [...kinds.slice(0, 3), rest - sum(kinds.slice(0, 3))] };
  });

function sum(of: readonly number[]): number {
  return of.reduce((total, n) => total + n, 0);
}

const totalOf = ({ cells, unlocated, home }: Quarter) => sum(cells) + unlocated + home;

function tallies({ cells, unlocated, home, kinds }: Quarter): Map<FrozenCut, Map<string, Tally>> {
  const places = cells.map((n, i): [string, Tally] => [cell(i).toString(16), plain(n)]);
  return new Map<FrozenCut, Map<string, Tally>>([
    ['place', new Map([...places, ['home', plain(home)], ['unlocated', plain(unlocated)]])],
    [
      'place_kind',
      new Map([...KINDS.map((kind, i): [string, Tally] => [kind, plain(kinds[i]!)]), ['home', plain(home)]]),
    ],
    ['weapon', new Map()],
    ['night_band', new Map()],
  ]);
}

/** Frozen from a busy year: cells 0 and 3 stand alone, Ward 3 is the reserve. */
const history = tallies({
  cells: [90, 30, 30, 90, 30, 30, 20, 20, 20, 7, 7, 7],
  ...{ unlocated: 90, home: 90, kinds: [150, 150, 100, 80] },
});
const GEOGRAPHY: Geography = freezeGeography({
  ...{ source: 'ed', first: 24_300, policy: { ...ADDITIVE_10_5, historyMonths: 3 }, areas: AREAS },
  addresses: undefined,
  shownBefore: () => undefined,
  heldBefore: () => undefined,
  history: {
    months: 12,
    counts: Object.fromEntries(
      [...history].map(([cut, of]) => [cut, new Map([...of].map(([atom, tally]) => [atom, tally.records]))]),
    ) as Record<FrozenCut, Map<string, number>>,
  },
})!;

const protect = (quarter: Quarter, phase: number, more: Partial<CutsInput> = {}) =>
  protectCuts({
    ...{ geography: GEOGRAPHY, tallies: tallies(quarter), policy: ADDITIVE_10_5, phase },
    choose: (cut) => keyedChoices(deriveSubkey(KEY, 'ed', '2025-Q3', cut)),
    ...more,
  });

const phases = fc.nat(B - 1);
type Rows = ReturnType<typeof protect>;
const ofCut = (rows: Rows, cut: string) => rows.filter((row) => row.cut === cut);
const valuesOf = (rows: Rows) => sum(rows.map((row) => row.value));

/** The true number of a row of the place cut. */
function truthOf(quarter: Quarter, rows: Rows, atom: string): number {
  const shown = new Set(ofCut(rows, 'place').map((row) => row.atom));
  if (atom === 'home') return quarter.home;
  const outside = (shown.has('home') ? 0 : quarter.home) + quarter.unlocated;
  if (atom === 'unlocated') return outside;
  const own = quarter.cells.filter((_, i) => {
    return rowOf(GEOGRAPHY, shown, GEOGRAPHY.cells.get(cell(i))) === atom;
  });
  return sum(own) + (atom === 'pool' && !shown.has('unlocated') ? outside : 0);
}

describe('I1 a point has one cell, and coarser ones are its parents', () => {
  const points = Array.from(
    { length: 4000 },
    (_, i) => [51.45 + ((i * 7919) % 4001) / 40_000, -3.25 + i / 25_000] as const,
  );
  const fine = new BigUint64Array(points.length);
  pointsToCells(
    createCellIndex(),
    Float64Array.from(points, ([lat]) => lat),
    Float64Array.from(points, ([, lng]) => lng),
    points.length,
    fine,
  );
  const countBy = (names: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const parents = [...fine].map((each) => cellText(parentCell(each, 8)));
  /** Parents whose count is not that of their cells: the difference is people. */
  const slivers = (coarse: readonly string[]) => {
    const [byCell, byCoarse] = [countBy(parents), countBy(coarse)];
    return [...byCoarse].filter(([name, n]) => (byCell.get(name) ?? 0) !== n);
  };
  test('a parent less its cells is nobody', () => expect(slivers(parents)).toEqual([]));
  test('direct coarse indexing is caught', () =>
    expect(slivers(points.map(([lat, lng]) => latLngToCell(lat, lng, 8))).length).toBeGreaterThan(10));
});

describe('I2 the atoms of a cut hold every record once', () => {
  const holdsAll = (quarter: Quarter, rows: Rows) => {
    const places = ofCut(rows, 'place');
    return (
      places.length === 0 || sum(places.map(({ atom }) => truthOf(quarter, rows, atom))) === totalOf(quarter)
    );
  };
  test('whatever the counts', () =>
    fc.assert(fc.property(quarters, phases, (quarter, phase) => holdsAll(quarter, protect(quarter, phase)))));
  test('a protector that leaves out its pool is caught', () =>
    expect(
      fc.check(
        fc.property(quarters, (quarter) =>
          holdsAll(
            quarter,
            protect(quarter, 0).filter(({ atom }) => atom !== 'pool'),
          ),
        ),
      ).failed,
    ).toBe(true));
});

describe('I3, I4 published sets are nested or apart, and what is left of one is an atom', () => {
  /** Sets of cells that one release speaks of, from which an attacker takes one from another. */
  const smallest = (sets: readonly (readonly number[])[], quarter: Quarter) => {
    const differences = sets.flatMap((a) =>
      sets
        .filter((b) => b.every((i) => a.includes(i)) && b.length < a.length)
        .map((b) => a.filter((i) => !b.includes(i))),
    );
    return Math.min(
      ...differences.map((of) => sum(of.map((i) => quarter.cells[i]!))),
      Number.POSITIVE_INFINITY,
    );
  };
  const setsOf = (quarter: Quarter, geography: Geography) => {
    const rows = ofCut(protect(quarter, 2, { geography }), 'place').filter(
      ({ level }) => level === 'cell' || level === 'area',
    );
    return rows.map(({ atom }) =>
      [...Array(CELLS).keys()].filter((i) => geography.cells.get(cell(i)) === atom),
    );
  };
  test('no set of the place cut is part of another', () =>
    fc.assert(
      fc.property(quarters, (quarter) => {
        expect(smallest(setsOf(quarter, GEOGRAPHY), quarter)).toBe(Number.POSITIVE_INFINITY);
      }),
    ));
  test('a block that is split for somebody else is caught', () => {
    const split = (quarter: Quarter) => [
      ...setsOf(quarter, GEOGRAPHY),
      ...AREAS.map((_, a) => [a * 3, a * 3 + 1, a * 3 + 2]),
    ];
    expect(fc.check(fc.property(quarters, (quarter) => smallest(split(quarter), quarter) >= K)).failed).toBe(
      true,
    );
  });
});

describe('I5 an atom holds the threshold in records and in persons', () => {
  const people = (n: number, from: number): Tally => ({
    records: 2 * n,
    persons: new Set(Array.from({ length: n }, (_, i) => from + i)),
  });
  const select = (persons: readonly number[], forget: boolean) => {
    const of = (tally: Tally): Tally => (forget ? plain(tally.records) : tally);
    const blocks = persons.map((n, i) => ({ atom: String(i), tally: of(people(n, 100 * i)) }));
    return selectBlocks(blocks, of(people(20, 10_000)), K, (atoms) => atoms[0]!);
  };
  const holds = (persons: readonly number[], forget: boolean) =>
    select(persons, forget)!.shown.every(({ atom }) => persons[Number(atom)]! >= K);
  const counts = fc.array(fc.nat(25), { maxLength: 6 });
  test('one person who comes often is not shown', () =>
    fc.assert(fc.property(counts, (n) => holds(n, false))));
  test('a threshold on records alone is caught', () =>
    expect(fc.check(fc.property(counts, (n) => holds(n, true))).failed).toBe(true));
});

describe('I6 every value stands for at least as many numbers as the base', () => {
  const preimages = (k: number, base: number) => {
    const of = new Map<number, Set<number>>();
    const out = new Int32Array(1);
    for (let n = k; n < 60; n++) {
      for (let phase = 0; phase < base; phase++) {
        roundCumulative(Int32Array.of(n), Int32Array.of(0), 1, base, phase, out);
        of.set(out[0]!, (of.get(out[0]!) ?? new Set()).add(n));
      }
    }
    return [...of].filter(([value]) => value < 50).map(([, numbers]) => numbers.size);
  };
  test('the smallest for exactly as many, others for more', () => {
    expect(Math.min(...preimages(K, B))).toBe(B);
    expect(Math.min(...preimages(12, 6))).toBe(6);
  });
  test('a threshold that the base does not divide is caught, and no setting allows it', () => {
    expect(Math.min(...preimages(8, 5))).toBe(2);
    const { sexualOffencesByPlace: _, ...rules } = ADDITIVE_10_5;
    expect(PolicyRules.safeParse({ ...rules, threshold: 8 }).success).toBe(false);
  });
});

describe('I7, I8 parts add up, and each is a multiple less than the base from the truth (rounding.test.ts, cube.test.ts)', () => {
  const isAdditive = (rows: Rows) => {
    const cuts = ['place', 'place_kind', 'located']
      .map((cut) => ofCut(rows, cut))
      .filter((of) => of.length > 0);
    return new Set(cuts.map(valuesOf)).size <= 1;
  };
  test('in every cut', () =>
    fc.assert(
      fc.property(quarters, phases, (quarter, phase) => {
        const rows = protect(quarter, phase);
        expect(isAdditive(rows)).toBe(true);
        for (const row of ofCut(rows, 'place')) {
          const truth = truthOf(quarter, rows, row.atom);
          expect(row.value % B).toBe(0);
          expect(Math.abs(row.value - truth)).toBeLessThan(B);
          expect(truth).toBeGreaterThanOrEqual(row.low);
          expect(truth).toBeLessThanOrEqual(row.high);
        }
      }),
    ));
  test('independent rounding is caught', () => {
    const independent = (quarter: Quarter) => {
      const rows = protect(quarter, 0);
      return rows.map((row) =>
        row.cut === 'place' ? { ...row, value: B * Math.round(truthOf(quarter, rows, row.atom) / B) } : row,
      );
    };
    expect(fc.check(fc.property(quarters, (quarter) => isAdditive(independent(quarter)))).failed).toBe(true);
  });
});

// I9 and I22, the attacker's interval is the nominal one: inverse-image.test.ts (a pool without reserve, unkeyed rounding,
// independent rounding, two sources in one pass, own offsets for cuts) and thinned-south-wales.test.ts.
// I10 and I12, the frozen stays: test/commands/freeze.test.ts (the store empty; a period issued again).

describe('I11 what changes nothing that is published changes nothing at all', () => {
  /** Moves a record to another cell of its atom. */
  const move = (quarter: Quarter): Quarter | null => {
    const from = quarter.cells.findIndex((n, i) => i % 3 === 1 && n > 0);
    if (from < 0) return null;
    return {
      ...quarter,
      cells: quarter.cells.map((n, i) => (i === from ? n - 1 : i === from + 1 ? n + 1 : n)),
    };
  };
  const isBlind = (make: (quarter: Quarter) => unknown) =>
    fc.property(quarters, (quarter) => {
      const moved = move(quarter);
      return moved === null || JSON.stringify(make(moved)) === JSON.stringify(make(quarter));
    });
  test('a record elsewhere in its atom gives the same rows', () =>
    fc.assert(isBlind((quarter) => protect(quarter, 3))));
  test('exact figures in the manifest are caught', () =>
    expect(
      fc.check(isBlind((quarter) => ({ rows: protect(quarter, 3), busiest: Math.max(...quarter.cells) })))
        .failed,
    ).toBe(true));
});

describe('I13 the same set has the same value, whoever asks and how often', () => {
  const answers = (quarter: Quarter, draw: (time: number) => number) =>
    new Set([0, 1, 2, 3].map((time) => JSON.stringify(protect(quarter, draw(time)))));
  test('asked again', () => {
    const phase = () => keyedPhase(deriveSubkey(KEY, 'ed', '2025', 'month'), B);
    fc.assert(fc.property(quarters, (quarter) => answers(quarter, phase).size === 1));
    fc.assert(
      fc.property(quarters, phases, (quarter, at) => {
        const home = protect(quarter, at).filter(({ atom }) => atom === 'home');
        expect(
          new Set(home.map(({ value, low, high }) => `${value} ${low} ${high}`)).size,
        ).toBeLessThanOrEqual(1);
      }),
    );
  });
  test('noise drawn anew each time is caught', () =>
    expect(
      fc.check(fc.property(quarters, (quarter) => answers(quarter, (time) => time).size === 1)).failed,
    ).toBe(true));
});

describe('I14 what is held together reaches the threshold', () => {
  const select = (counts: readonly number[], reserve: number, k: number) =>
    selectBlocks(
      counts.map((n, i) => ({ atom: String(i), tally: plain(n) })),
      plain(reserve),
      k,
      (atoms) => atoms[0]!,
    );
  const inputs = [fc.array(fc.nat(25), { maxLength: 6 }), fc.nat(25)] as const;
  test('or nothing is shown', () =>
    fc.assert(fc.property(...inputs, (n, reserve) => (select(n, reserve, K)?.pool.records ?? K) >= K)));
  test('a pool of any size is caught', () => {
    const loose = (counts: readonly number[], reserve: number) =>
      mergeTallies([plain(reserve), ...counts.filter((n) => n < K).map(plain)]).records;
    expect(fc.check(fc.property(...inputs, (n, reserve) => loose(n, reserve) >= K)).failed).toBe(true);
  });
});

describe('I15, I17 tables hold the columns of their schema, and no cell that a spreadsheet runs', () => {
  const row: ReleasedRow = {
    ...{ source: 'ed', period: '2025-Q3', cut: 'place', atom: 'W1', level: 'area', label: 'Ward 1' },
    ...{ threshold_on: 'records', value: 10, low: 10, high: 14 },
  };
  const csv = (of: object) => toCsv(releasedTable('t', 'T', ReleasedRow, release([of as ReleasedRow])));
  test('whatever else a row carries stays behind', () =>
    expect(csv({ ...row, occurred_at: '2025-07-01T23:15', person0: 'ab12' })).toBe(csv(row)));
  const isHarmless = (write: (label: string) => string) =>
    fc.property(fc.constantFrom(...'=+-@\t\r＝＋－＠'), fc.string(), (first, rest) => {
      const at = `source,period,cut,atom,level,label`.split(',').length;
      const cells = write(first + rest).split(',');
      return !/^"?[=+\-@\t\r＝＋－＠]/.test(cells[at - 1] ?? '') || cells.length < at;
    });
  const body = (text: string) => text.slice(text.indexOf('\n') + 1);
  test('a label that begins as a formula does not', () =>
    fc.assert(isHarmless((label) => body(csv({ ...row, label })))));
  test('quotation marks alone are caught', () =>
    expect(fc.check(isHarmless((label) => `ed,2025-Q3,place,W1,area,"${label}"`)).failed).toBe(true));
});

describe('I16 digests are no list to look up', () => {
  const numbers = Array.from({ length: 5000 }, (_, i) => String(4_000_000_000 + i * 7919));
  const bytes = Buffer.from(numbers.join(''));
  const starts = Int32Array.from(numbers, (_, i) => i * 10);
  const ends = Int32Array.from(numbers, (_, i) => i * 10 + 10);
  const [high, low] = [new BigUint64Array(numbers.length), new BigUint64Array(numbers.length)];
  digestColumn(createHmac(subkey(KEY, 'person')), bytes, starts, ends, numbers.length, high, low);
  const inStore = new Set(high);
  const lookUp = (hash: (text: string) => bigint) =>
    numbers.filter((number) => inStore.has(hash(number))).length;
  const sha = (text: string) => createHash('sha256').update(text).digest().readBigUInt64BE();
  test('whoever has every number and no key finds nobody', () => {
    expect(lookUp(sha)).toBe(0);
    expect(lookUp((number) => sha(`nhs|${number}`))).toBe(0);
  });
  test('a hash without a key is caught', () => {
    const unkeyed = new Set(numbers.map(sha));
    expect(numbers.filter((number) => unkeyed.has(sha(number)))).toHaveLength(numbers.length);
  });
});

// I18, PDF and SVG hold no other number: test/attack.test.ts and test/canary.test.ts, with planted controls.
// I19, a release is what its manifest says: test/commands/publish.test.ts; the register has tests of its own.

describe('I20 rounding favours no side over the keys (rounding.test.ts)', () => {
  const bias = (phaseOf: (i: number) => number) => {
    const out = new Int32Array(1);
    let error = 0;
    for (let i = 0; i < 3000; i++) {
      roundCumulative(Int32Array.of(13), Int32Array.of(0), 1, B, phaseOf(i), out);
      error += out[0]! - 13;
    }
    return Math.abs(error / 3000);
  };
  const threeSigma = (3 * Math.sqrt(6)) / Math.sqrt(3000);
  test('on average a value is what it stands for', () =>
    expect(
      bias((i) => keyedPhase(deriveSubkey(Buffer.from(`key ${i}`), 'ed', '2025', 'month'), B)),
    ).toBeLessThan(threeSigma));
  test('unkeyed rounding is caught', () => expect(bias(() => 0)).toBeGreaterThan(threeSigma));
});

describe('I21 a cell of a few addresses is never shown by itself (cube.test.ts, partnership.test.ts)', () => {
  const freeze = (addresses: ReadonlyMap<bigint, number> | undefined) =>
    freezeGeography({
      ...{
        source: 'ed',
        first: 24_300,
        policy: { ...ADDITIVE_10_5, historyMonths: 3 },
        areas: AREAS,
        addresses,
      },
      shownBefore: () => undefined,
      heldBefore: () => undefined,
      history: {
        months: 12,
        counts: {
          place: new Map(AREAS.flatMap((area) => area.cells.map((c) => [c.toString(16), 200] as const))),
          ...{ weapon: new Map(), place_kind: new Map(), night_band: new Map() },
        },
      },
    })!.atoms.filter(({ level }) => level === 'cell').length;
  const all = (n: number) => new Map(AREAS.flatMap((area) => area.cells.map((c) => [c, n] as const)));
  test.each([
    [1, 0],
    [7, 0],
    [8, CELLS],
    [0, CELLS],
  ])('with %i addresses each, %i cells can be shown', (n, shown) => expect(freeze(all(n))).toBe(shown));
  test('without the rule the same cells would be', () => expect(freeze(undefined)).toBe(CELLS));
});

describe('the policy of stars: each value stands by itself', () => {
  const months = (n: number) => [n, n, n].map((each) => roundNearest(plain(each), ECDS_8_5));
  const rows = (quarter: Quarter) =>
    protectNearest(
      { geography: GEOGRAPHY, tallies: tallies(quarter), policy: ECDS_8_5 },
      months(Math.ceil(totalOf(quarter) / 3)),
    );
  test.each([
    [0, 0, 0, 0],
    [1, null, 1, 7],
    [7, null, 1, 7],
    [8, 10, 8, 12],
    [12, 10, 8, 12],
    [13, 15, 13, 17],
  ])('%i is shown as %s, for %i to %i', (n, value, low, high) => {
    expect(roundNearest(plain(n), ECDS_8_5)).toEqual({ value, low, high });
  });
  test('no star and no value is narrowed: no cut holds the rest of a whole, and what comes near one is left out', () =>
    fc.assert(
      fc.property(quarters, (quarter) => {
        const made = rows(quarter);
        expect(made.some(({ atom }) => atom === 'pool')).toBe(false);
        const most = sum(months(Math.ceil(totalOf(quarter) / 3)).map(({ high }) => high!));
        for (const cut of new Set(made.map((row) => row.cut))) {
          const own = made.filter((row) => row.cut === cut);
          const least = sum(months(Math.ceil(totalOf(quarter) / 3)).map(({ low }) => low));
          expect(sum(own.map(({ low }) => low))).toBeLessThanOrEqual(least);
          for (const row of own) {
            const others = sum(own.filter((other) => other !== row).map(({ low }) => low));
            expect(others + row.high!).toBeLessThanOrEqual(most);
          }
        }
      }),
    ));
  test('the additive interval is the wider one', () => {
    const { low, high } = nominalInterval(20, K, B);
    expect(high - low + 1).toBe(9);
    const nearest = roundNearest(plain(20), ECDS_8_5);
    expect(nearest.high! - nearest.low + 1).toBe(5);
  });
});
