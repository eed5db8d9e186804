// An attacker who holds the exact number of every month from elsewhere knows where the carry stands when a quarter begins
// and ends. Every input of a small universe is tried: what does each output leave possible to somebody who knows that?
import { describe, expect, test } from 'vitest';
import { type CutRow, type CutsInput, protectCuts } from '../../../reports/disclosure/cuts.ts';
import type { FrozenAtom, FrozenCut, Geography } from '../../../reports/disclosure/partition.ts';
import { hasRoomInPass, roundCumulative } from '../../../reports/disclosure/rounding.ts';
import { selectPlaces } from '../../../reports/disclosure/selection.ts';
import type { Tally } from '../../../reports/disclosure/tally.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';

function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [i, item] of items.entries())
    for (const rest of orders([...items.slice(0, i), ...items.slice(i + 1)])) yield [item, ...rest];
}
const upTo = (n: number) => [...Array(n).keys()];

describe('a pass whose start and end are known', () => {
  const [K, B] = [10, 5];
  /** Of each atom the numbers that some order leaves possible between two carries; null where none does. */
  function support(leading: readonly number[], others: readonly number[], start: number, end: number) {
    const atoms = [...leading, ...others];
    const found = atoms.map(() => new Set<number>());
    const walk = (pass: readonly number[], at: number, carry: number): boolean => {
      if (at === pass.length) return carry === end;
      const numbers = upTo(B)
        .map((to) => ({ to, number: atoms[pass[at]!]! + to - carry }))
        .filter(({ to, number }) => number >= K && walk(pass, at + 1, to));
      for (const { number } of numbers) found[pass[at]!]!.add(number);
      return numbers.length > 0;
    };
    let fits = false;
    for (const order of orders(others.map((_, i) => i + leading.length)))
      fits = walk([...leading.keys(), ...order], 0, start) || fits;
    return fits ? found : null;
  }

  test('leaves every atom five numbers, whatever the carries: exactly where there is room', () => {
    const values = [10, 15];
    const lists = (n: number): number[][] =>
      n === 0 ? [[]] : lists(n - 1).flatMap((list) => values.map((value) => [...list, value]));
    let roomy = 0;
    for (const leading of [0, 1, 2].flatMap(lists)) {
      for (const others of [1, 2, 3].flatMap(lists)) {
        if (leading.length + others.length < 2) continue;
        // The ends of the carry leave least.
        const supports = [0, B - 1].flatMap((start) =>
          [0, B - 1].map((end) => support(leading, others, start, end)),
        );
        const widths = supports.flatMap((found) => found?.map((numbers) => numbers.size) ?? []);
        const isWide = Math.min(...widths) >= B;
        expect(hasRoomInPass(leading, others, K, B), `${leading} | ${others}`).toBe(isWide);
        roomy += Number(isWide);
      }
    }
    expect(roomy).toBeGreaterThan(20);
  }, 60_000);
});

describe('the breakdowns of a quarter whose exact total is known, and the carry before it', () => {
  const policy = { ...ADDITIVE_10_5, threshold: 6, base: 3 };
  const [K, B] = [policy.threshold, policy.base];
  const records = (n: number): Tally => ({ records: n, persons: null });
  const atom = (cut: FrozenAtom['cut'], name: string, role: FrozenAtom['role'] = 'block'): FrozenAtom => ({
    ...{ cut, atom: name, level: 'category', label: name, role },
  });
  const geographyOf = (outside: FrozenAtom['role'], areas: readonly string[], kinds: boolean): Geography => ({
    ...{ source: 'ed', first: 0, note: '' },
    atoms: [
      ...[atom('located', 'home', outside), atom('located', 'unlocated', outside)],
      ...areas.map((name) => atom('place', name)),
      ...(kinds ? [atom('place_kind', 'street'), atom('place_kind', 'unknown', 'reserve')] : []),
    ],
    cells: new Map(areas.map((name, i) => [BigInt(i + 1), name])),
  });

  /** Numbers by output, and in it by what is shown or hidden. */
  type Image = Map<string, Map<string, Set<number>>>;
  interface Truth {
    readonly home: number;
    readonly unlocated: number;
    readonly areas: readonly number[];
    readonly elsewhere: number;
    readonly street: number;
  }

  function* truths(total: number, areas: number, kinds: boolean): Generator<Truth> {
    for (const home of upTo(total + 1))
      for (const unlocated of upTo(total - home + 1))
        for (const rest of partsOf(total - home - unlocated, areas))
          for (const street of kinds ? upTo(total - home + 1) : [0])
            yield { home, unlocated, areas: rest.slice(0, areas), elsewhere: rest[areas]!, street };
  }
  function* partsOf(total: number, cuts: number): Generator<number[]> {
    if (cuts === 0) yield [total];
    else for (const n of upTo(total + 1)) for (const rest of partsOf(total - n, cuts - 1)) yield [n, ...rest];
  }

  function imageOf(
    geography: Geography,
    total: number,
    phase: number,
    protect: typeof protectCuts = protectCuts,
  ): Image {
    const image: Image = new Map();
    const areas = [...geography.cells.values()];
    const kinds = geography.atoms.some(({ cut }) => cut === 'place_kind');
    const names = [...areas, 'pool'];
    const passes = [...orders(names)];
    // What anybody but the holder of the key does not know: the order, and which block a pool takes in.
    const keys = passes.flatMap((pass) =>
      (kinds ? [0, 1] : [0]).map((turn) => ({ pass, turn, pick: pass.filter((name) => name !== 'pool') })),
    );
    for (const truth of truths(total, areas.length, kinds)) {
      const { home, unlocated, elsewhere, street } = truth;
      const places = truth.areas.map((n, i): [string, Tally] => [String(i + 1), records(n)]);
      const tallies = new Map<FrozenCut, ReadonlyMap<string, Tally>>([
        [
          'place',
          new Map([
            ...places,
            ['9', records(elsewhere)],
            ...Object.entries({ home: records(home), unlocated: records(unlocated) }),
          ]),
        ],
        [
          'place_kind',
          new Map(
            Object.entries({
              ...{ home: records(home), street: records(street) },
              unknown: records(total - home - street),
            }),
          ),
        ],
        ['weapon', new Map()],
        ['night_band', new Map()],
      ]);
      for (const { pass, turn, pick } of keys) {
        const choose = (cut: string) => ({
          order: (list: readonly string[]) => {
            const at = (i: number) => (cut === 'place' ? pass.indexOf(list[i]!) : turn ? -i : i);
            return Int32Array.from([...list.keys()].toSorted((a, b) => at(a) - at(b)));
          },
          pick: (list: readonly string[]) => pick.find((name) => list.includes(name)) ?? list[0]!,
        });
        const rows = protect({ geography, tallies, policy, phase, choose });
        const output = rows.map((row) => `${row.cut} ${row.atom} ${row.value}`).join();
        const known: Map<string, Set<number>> = image.get(output) ?? new Map();
        image.set(output, known);
        const shown = new Set(rows.map((row) => `${row.cut} ${row.atom}`));
        const outside = (shown.has('place home') ? 0 : home) + unlocated;
        const of: Record<string, number> = {
          ...{ 'place home': home, 'place unlocated': outside, 'place_kind street': street },
          ...Object.fromEntries(areas.map((name, i) => [`place ${name}`, truth.areas[i]!])),
        };
        if (!shown.has('place unlocated')) of['place unlocated'] = unlocated;
        if (!kinds) delete of['place_kind street'];
        for (const { cut, atom: name } of rows) {
          const ofCut = rows.filter((row) => row.cut === cut && row.atom !== name);
          const others = ofCut.map((row) => of[`${cut === 'located' ? 'place' : cut} ${row.atom}`] ?? home);
          of[`${cut} ${name}`] ??= name === 'home' ? home : total - others.reduce((sum, n) => sum + n, 0);
        }
        for (const [name, number] of Object.entries(of)) {
          const label = `${shown.has(name) ? 'shown' : 'hidden'} ${name}`;
          known.set(label, (known.get(label) ?? new Set()).add(number));
        }
      }
    }
    return image;
  }

  function leaksOf(image: Image): string[] {
    return [...image].flatMap(([output, known]) =>
      [...known].flatMap(([name, numbers]) => {
        const isSafe = name.startsWith('shown')
          ? numbers.size >= B
          : upTo(K).every((number) => numbers.has(number));
        return isSafe ? [] : [`${output}: ${name} is one of ${[...numbers].sort((a, b) => a - b)}`];
      }),
    );
  }

  const cases: [string, Geography, readonly number[]][] = [
    ['home, not located, an area', geographyOf('block', ['A'], false), [12, 15, 18, 21, 22, 24, 27]],
    ['two areas alone', geographyOf('reserve', ['A', 'B'], false), [12, 17, 18, 21]],
    ['home, not located, an area, a kind of place', geographyOf('block', ['A'], true), [19]],
  ];
  describe.each(cases)('%s', (_, geography, totals) => {
    test.each(totals)(
      'of %i: nothing shown keeps fewer numbers than the base, nothing hidden fewer than 0 to 5',
      (total) => {
        for (const phase of upTo(B)) {
          const image = imageOf(geography, total, phase);
          expect(leaksOf(image)).toEqual([]);
          if (total >= 18) expect(image.size).toBeGreaterThan(2);
        }
      },
      60_000,
    );
  });

  test('a protector that shows what comes first whatever its value is caught', () => {
    const careless = ({ tallies, phase, choose }: CutsInput): CutRow[] => {
      const of = (name: string) => tallies.get('place')!.get(name)!;
      const selection = selectPlaces(
        { home: of('home'), homeIsBlock: true, unlocated: of('unlocated'), unlocatedIsBlock: true },
        [{ atom: 'A', tally: of('1') }],
        of('9'),
        K,
        choose('place').pick,
        { atStart: () => true, inPass: () => true },
      );
      if (selection === null) return [];
      const { outside, geography } = selection;
      const others = [...geography.shown, { atom: 'pool', tally: geography.pool }];
      const order = choose('place').order(others.map((block) => block.atom));
      const pass = [...outside, ...[...order].map((i) => others[i]!)];
      const [values, counts] = [new Int32Array(pass.length), pass.map(({ tally }) => tally.records)];
      roundCumulative(Int32Array.from(counts), Int32Array.from(pass.keys()), pass.length, B, phase, values);
      return pass.map(({ atom: name }, i) => ({
        ...{ cut: 'place', atom: name, level: 'category', label: name, threshold_on: 'records' },
        ...{ value: values[i]!, low: 0, high: 0 },
      }));
    };
    const leaks = leaksOf(imageOf(geographyOf('block', ['A'], false), 24, B - 1, careless));
    expect(leaks).toContainEqual(expect.stringMatching(/shown place home is one of 6$/));
  });
});
