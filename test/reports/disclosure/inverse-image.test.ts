// An attacker who knows the method tries every input of a small universe: what does each output leave possible?
import { describe, expect, test } from 'vitest';
import { protectCuts } from '../../../reports/disclosure/cuts.ts';
import { deriveSubkey, keyedOrder, keyedPick } from '../../../reports/disclosure/keyed.ts';
import type { FrozenAtom, FrozenCut, Geography } from '../../../reports/disclosure/partition.ts';
import { selectPartnership } from '../../../reports/disclosure/partnership.ts';
import { nominalInterval, roundCumulative } from '../../../reports/disclosure/rounding.ts';
import { selectBlocks } from '../../../reports/disclosure/selection.ts';
import type { Tally } from '../../../reports/disclosure/tally.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';

const K = 10;
const B = 5;
const MOST = 20;
const PHASES = [0, 1, 2, 3, 4];
const subkey = deriveSubkey(Buffer.from('oracle'), 'ed', '2025-Q3', 'place');

/** By output: the least and the most that each part (blocks, then the pool where there is one) can have been. */
type Image = Map<string, { values: (number | null)[]; least: number[]; most: number[] }>;

function look(image: Image, values: (number | null)[], truth: readonly number[]) {
  const output = values.join();
  const seen = image.get(output);
  if (!seen) {
    image.set(output, { values, least: [...truth], most: [...truth] });
    return;
  }
  truth.forEach((n, i) => {
    seen.least[i] = Math.min(seen.least[i]!, n);
    seen.most[i] = Math.max(seen.most[i]!, n);
  });
}

const records = (n: number): Tally => ({ records: n, persons: null });

function* universe(blocks: number, reserve: readonly number[]): Generator<number[]> {
  const counts = new Array<number>(blocks + 1).fill(0);
  for (let i = 0; i < (MOST + 1) ** blocks; i++) {
    let rest = i;
    for (let j = 0; j < blocks; j++) {
      counts[j] = rest % (MOST + 1);
      rest = Math.floor(rest / (MOST + 1));
    }
    for (const r of reserve) {
      counts[blocks] = r;
      yield counts;
    }
  }
}

interface Protector {
  readonly blocks: number;
  readonly reserve: readonly number[];
  /** By block: the one that holds it where it is too small. */
  readonly within?: readonly (string | undefined)[];
  /** The most that the first block alone can be. */
  readonly firstMost?: number;
  readonly round?: (counts: Int32Array, order: Int32Array, phase: number, out: Int32Array) => void;
}

/** Images of the protector over the phases that the attacker holds possible. The keyed order and pick are known. */
function imagesOf(protector: Protector, phases: readonly number[]): Image {
  const image: Image = new Map();
  const names = Array.from({ length: protector.blocks }, (_, i) => `b${i}`);
  const round =
    protector.round ??
    ((counts, order, phase, out) => {
      roundCumulative(counts, order, counts.length, B, phase, out);
    });
  const { within = [], firstMost = MOST } = protector;
  for (const counts of universe(protector.blocks, protector.reserve)) {
    if (counts[0]! > firstMost) continue;
    const blocks = names.map((atom, i) => ({ atom, tally: records(counts[i]!), within: within[i] }));
    const selection = selectBlocks(blocks, records(counts[protector.blocks]!), K, (atoms) =>
      keyedPick(subkey, atoms),
    );
    if (!selection) {
      look(image, [...names.map(() => null), null], [...counts.slice(0, -1), 0]);
      continue;
    }
    const shown = selection.shown.map((block) => Number(block.atom.slice(1)));
    const truth = counts.slice(0, -1);
    // A row counts what it holds, too.
    for (const { atom, tally } of selection.shown) truth[Number(atom.slice(1))] = tally.records;
    const parts = [...shown.map((i) => truth[i]!), selection.pool.records];
    const order = keyedOrder(subkey, [...shown.map((i) => names[i]!), 'pool']);
    const out = new Int32Array(parts.length);
    for (const phase of phases) {
      round(Int32Array.from(parts), order, phase, out);
      const values = names.map((_, i) => (shown.includes(i) ? out[shown.indexOf(i)]! : null));
      look(image, [...values, out[parts.length - 1]!], [...truth, selection.pool.records]);
    }
  }
  return image;
}

/** What is narrowed, of the outputs whose inverse image the universe does not cut off. */
function narrowed(image: Image, poolMost: number, keyKnown: boolean): string[] {
  const found: string[] = [];
  for (const [output, { values, least, most }] of image) {
    const inside = values.every(
      (value, i) => value === null || value + B - 1 <= (i === values.length - 1 ? poolMost : MOST),
    );
    if (!inside) continue;
    values.forEach((value, i) => {
      const isPool = i === values.length - 1;
      if (value === null && isPool) return;
      const wanted = value === null ? { low: 0, high: K - 1 } : nominalInterval(value, K, B);
      const range = `${output}: part ${i} in [${least[i]}, ${most[i]}]`;
      if (value !== null && keyKnown) return;
      if (least[i]! > wanted.low || most[i]! < wanted.high) found.push(range);
    });
  }
  return found;
}

const reserve = Array.from({ length: 25 }, (_, i) => i);

test('with the phase unknown, no output of three blocks and a reserve narrows anything below nominal', () => {
  const image = imagesOf({ blocks: 3, reserve }, PHASES);
  expect(image.size).toBeGreaterThan(300);
  expect(narrowed(image, 24, false)).toEqual([]);
}, 60_000);

const HELD: readonly (readonly [string, readonly (string | undefined)[]])[] = [
  ['two cells in an area', [undefined, 'b0', 'b0']],
  ['a cell in a part in an area', [undefined, 'b0', 'b1']],
];
test.each(HELD)(
  'nor with %s that holds them where they are too small',
  (_, within) => {
    const image = imagesOf({ blocks: 3, reserve, within }, PHASES);
    expect(image.size).toBeGreaterThan(300);
    expect(narrowed(image, 24, false)).toEqual([]);
  },
  60_000,
);

// With the key, a shown value gives its number away to less than the base; what is not shown is safe even then.
test.each(PHASES)(
  'with the whole key known (phase %i), what is not shown can still be anything from 0 to 9',
  (phase) => {
    expect(narrowed(imagesOf({ blocks: 2, reserve }, [phase]), 24, true)).toEqual([]);
  },
);

describe('the oracle catches a protector that', () => {
  test('has no reserve in its pool', () => {
    const found = narrowed(imagesOf({ blocks: 3, reserve: [0] }, PHASES), 34, false);
    // Two blocks of at most 9 that round to 20 together were both 7 at least.
    expect(found.some((line) => line.includes('[7, 9]'))).toBe(true);
  }, 60_000);

  test('lets an area hold cells that has nothing else', () => {
    const found = narrowed(
      imagesOf({ blocks: 3, reserve, within: [undefined, 'b0', 'b0'], firstMost: 0 }, PHASES),
      24,
      false,
    );
    // Two cells of at most 9 whose area shows 15 were both 2 at least.
    expect(found.some((line) => line.includes('[2, 9]'))).toBe(true);
  }, 60_000);

  test('does not key its phase', () => {
    expect(narrowed(imagesOf({ blocks: 2, reserve }, [0]), 24, false).length).toBeGreaterThan(0);
  });

  test('rounds each atom and the total by itself', () => {
    const nearest = (n: number) => Math.round(n / B) * B;
    const image: Image = new Map();
    for (let a = K; a <= MOST; a++) {
      for (let b = K; b <= MOST; b++) look(image, [nearest(a), nearest(b), nearest(a + b)], [a, b, a + b]);
    }
    const both = image.get('15,15,35')!;
    expect([both.least[0], both.most[0]]).toEqual([16, 17]);
  });

  test('rounds two sources in one pass, against someone who knows one of them', () => {
    const police = [13, 11];
    const image: Image = new Map();
    const out = new Int32Array(4);
    for (let a = K; a <= MOST; a++) {
      for (let b = K; b <= MOST; b++) {
        for (const phase of PHASES) {
          const counts = Int32Array.of(a, police[0]!, b, police[1]!);
          roundCumulative(counts, Int32Array.of(0, 1, 2, 3), 4, B, phase, out);
          look(image, [...out], [a, police[0]!, b, police[1]!]);
        }
      }
    }
    const leaks = [...image.values()].filter(
      ({ values, least, most }) =>
        values[2]! <= 15 &&
        values[0]! <= 15 &&
        (most[2]! < nominalInterval(values[2]!, K, B).high ||
          least[2]! > nominalInterval(values[2]!, K, B).low),
    );
    expect(leaks.length).toBeGreaterThan(0);
  });
});

describe('the cuts of a quarter together', () => {
  const policy = { ...ADDITIVE_10_5, threshold: 4, base: 2 };
  const block = (cut: FrozenAtom['cut'], name: string, role: FrozenAtom['role'] = 'block'): FrozenAtom => ({
    ...{ cut, atom: name, level: 'category', label: name, role },
  });
  const geography: Geography = {
    ...{ source: 'ed', first: 0, note: '' },
    atoms: [
      ...[block('located', 'home'), block('located', 'unlocated')],
      ...[block('place', 'A'), block('place_kind', 'street'), block('place_kind', 'unknown', 'reserve')],
    ],
    cells: new Map([[0x1n, 'A']]),
  };

  /** Truth: home, not located, area A, elsewhere, street; what is neither home nor street is of unknown kind. */
  function imageOfQuarter(phaseOf: (cut: string, phase: number) => number): Image {
    const image: Image = new Map();
    const names = ['place home', 'place unlocated', 'place A', 'place_kind street', 'located map'];
    const choose = () => ({
      order: (list: readonly string[]) => Int32Array.from(list.keys()),
      pick: (list: readonly string[]) => list[0]!,
    });
    for (let i = 0; i < 8 ** 4; i++) {
      const [home, unlocated, a, elsewhere] = [i & 7, (i >> 3) & 7, (i >> 6) & 7, i >> 9] as const;
      const rest = unlocated + a + elsewhere;
      for (let street = 0; street <= rest; street++) {
        for (const phase of [0, 1]) {
          const tallies = new Map<FrozenCut, ReadonlyMap<string, Tally>>([
            ['place', tallyMap({ home, unlocated, '1': a, '2': elsewhere })],
            ['place_kind', tallyMap({ home, street, unknown: rest - street })],
            ['weapon', new Map()],
            ['night_band', new Map()],
          ]);
          const rows = (cut: string) =>
            protectCuts({ geography, tallies, policy, phase: phaseOf(cut, phase), choose }).filter(
              (row) => row.cut === cut,
            );
          const all =
            phaseOf('place', 0) === phaseOf('located', 0)
              ? protectCuts({ geography, tallies, policy, phase, choose })
              : [...rows('place'), ...rows('place_kind'), ...rows('located')];
          const values = new Map(all.map((row) => [`${row.cut} ${row.atom}`, row.value]));
          const output = all.map((row) => `${row.cut} ${row.atom} ${row.value}`).join();
          const truth = [home, unlocated, a, street, a + elsewhere];
          const seen = image.get(output);
          if (!seen) {
            const shown = names.map((name) => values.get(name) ?? null);
            image.set(output, { values: shown, least: [...truth], most: [...truth] });
            continue;
          }
          truth.forEach((n, j) => {
            seen.least[j] = Math.min(seen.least[j]!, n);
            seen.most[j] = Math.max(seen.most[j]!, n);
          });
        }
      }
    }
    return image;
  }

  function tallyMap(counts: Readonly<Record<string, number>>): Map<string, Tally> {
    return new Map(Object.entries(counts).map(([name, n]) => [name, records(n)]));
  }

  function quarterLeaks(image: Image): string[] {
    const found: string[] = [];
    for (const [output, { values, least, most }] of image) {
      // Numbers that the universe does not cut off: seven is the most that each part can be.
      if (values.some((value, i) => value !== null && value + 1 > (i < 4 ? 7 : 9))) continue;
      if (/(pool) (\d\d|8)/.test(output)) continue;
      values.forEach((value, i) => {
        if (value === null && i === 4) return;
        // "On the map" is at least what its parts, each above the threshold, add up to.
        const parts = output.includes('place A') ? 2 : 1;
        const least4 = Math.max(nominalInterval(value ?? 0, 4, 2).low, 4 * parts);
        const low = value === null ? 0 : i === 4 ? least4 : nominalInterval(value, 4, 2).low;
        const high = value === null ? 3 : value + 1;
        if (least[i]! > low || most[i]! < high) {
          found.push(`${output}: part ${i} in [${least[i]}, ${most[i]}]`);
        }
      });
    }
    return found;
  }

  test('narrow nothing, though they share the incidents at home and the total', () => {
    const image = imageOfQuarter((_, phase) => phase);
    expect(image.size).toBeGreaterThan(300);
    expect(quarterLeaks(image)).toEqual([]);
  }, 60_000);

  test('are caught when each starts at a phase of its own', () => {
    const own = (cut: string, phase: number) => (cut === 'place' ? phase : 1 - phase);
    expect(quarterLeaks(imageOfQuarter(own)).length).toBeGreaterThan(0);
  }, 60_000);
});

describe('partnership', () => {
  const threshold = 3;
  const bands = [3, 6, 12];
  const areas = [
    { code: 'A', cells: ['a1', 'a2', 'a3'] },
    { code: 'B', cells: ['b1', 'b2', 'b3'] },
  ];
  const cells = [...areas.flatMap((area) => area.cells), 'o1', 'o2'];

  function partnershipImage(guarded: boolean): Image {
    const image: Image = new Map();
    const counts = cells.map(() => 0);
    for (let i = 0; i < 4 ** cells.length; i++) {
      let rest = i;
      cells.forEach((_, j) => {
        counts[j] = rest % 4;
        rest = Math.floor(rest / 4);
      });
      const shown = selectPartnership({
        records: new Map(cells.map((cell, j) => [`${cell} `, records(counts[j]!)])),
        places: new Set(),
        // Without a guard: as if each area had members enough.
        areas: guarded
          ? areas
          : areas.map(({ code, cells: own }) => ({
              code,
              cells: [...own, ...Array.from({ length: 9 }, (_, n) => `${code}${n}`)],
            })),
        mayShow: () => true,
        threshold,
        bands,
      });
      const lows = new Map(shown.map(({ atom, low }) => [atom, low]));
      const unshown = (area: (typeof areas)[number]) =>
        area.cells.reduce((sum, cell) => sum + (lows.has(cell) ? 0 : counts[cells.indexOf(cell)]!), 0);
      const atoms = [...cells, 'A', 'B'];
      look(
        image,
        atoms.map((atom) => lows.get(atom) ?? null),
        [...counts, ...areas.map(unshown)],
      );
    }
    return image;
  }

  function partnershipLeaks(image: Image): string[] {
    const found: string[] = [];
    for (const [output, { values, least, most }] of image) {
      values.forEach((low, i) => {
        const range = `${output}: part ${i} in [${least[i]}, ${most[i]}]`;
        if (low === null) {
          // An area all of whose cells are shown has no rest to hide.
          const own = areas[i - cells.length];
          if (own?.cells.every((cell) => values[cells.indexOf(cell)] !== null)) return;
          if (least[i]! > 0 || most[i]! < threshold - 1) found.push(range);
        } else if (least[i]! > low || (i < cells.length && most[i]! < 3)) found.push(range);
      });
    }
    return found;
  }

  test('no band of a rest narrows a cell or an area that is not shown', () => {
    const image = partnershipImage(true);
    expect(image.size).toBeGreaterThan(50);
    expect([...image.values()].some(({ values }) => values[cells.length] !== null)).toBe(true);
    expect([...image.values()].some(({ values }) => values.at(-1) !== null)).toBe(true);
    expect(partnershipLeaks(image)).toEqual([]);
  }, 60_000);

  test('the oracle catches a rest that is shown without the guard', () => {
    expect(partnershipLeaks(partnershipImage(false)).length).toBeGreaterThan(0);
  }, 60_000);
});
