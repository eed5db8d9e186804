import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveSubkey, keyedOrder, keyedPhase, keyedPick } from '../../../reports/disclosure/keyed.ts';
import { nominalInterval, rollUp, roundCumulative, splitAt } from '../../../reports/disclosure/rounding.ts';

const count = fc.integer({ min: 0, max: 300 });
const base = fc.integer({ min: 2, max: 9 });

function round(counts: number[], order: number[], b: number, phase: number) {
  const out = new Int32Array(counts.length);
  const after = roundCumulative(
    Int32Array.from(counts),
    Int32Array.from(order),
    counts.length,
    b,
    phase,
    out,
  );
  return { values: [...out], after };
}

test('each value is b (floor((S_j + t) / b) - floor((S_j-1 + t) / b)), and the phase is where the sum stands', () => {
  fc.assert(
    fc.property(fc.array(count, { minLength: 1 }), base, fc.nat(), (counts, b, seed) => {
      const phase = seed % b;
      const order = counts.map((_, i) => i).reverse();
      const { values, after } = round(counts, order, b, phase);
      let sum = 0;
      for (const i of order) {
        const before = Math.floor((sum + phase) / b);
        sum += counts[i]!;
        expect(values[i]).toBe(b * (Math.floor((sum + phase) / b) - before));
      }
      expect(after).toBe((sum + phase) % b);
    }),
  );
});

test('every run of atoms is a multiple of the base, less than the base from the truth; multiples do not change', () => {
  fc.assert(
    fc.property(fc.array(count, { minLength: 1, maxLength: 12 }), base, fc.nat(), (counts, b, seed) => {
      const order = counts.map((_, i) => i);
      const { values } = round(counts, order, b, seed % b);
      for (let from = 0; from < counts.length; from++) {
        let truth = 0;
        let published = 0;
        for (let to = from; to < counts.length; to++) {
          truth += counts[to]!;
          published += values[to]!;
          expect(published % b).toBe(0);
          expect(Math.abs(published - truth)).toBeLessThan(b);
          if (truth % b === 0) expect(published).toBe(truth);
        }
      }
    }),
  );
});

test('each breakdown of a quarter adds exactly to its three months, in 20,000 cases', () => {
  const quarter = fc.record({
    months: fc.tuple(count, count, count),
    weights: fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }),
    phase: fc.nat(4),
    salt: fc.nat(),
  });
  fc.assert(
    fc.property(quarter, ({ months, weights, phase, salt }) => {
      const total = months[0] + months[1] + months[2];
      const parts = split(total, weights);
      const order = keyedOrder(
        Uint8Array.of(salt % 256),
        parts.map((_, i) => String(i)),
      );
      const ofMonths = round([...months], [0, 1, 2], 5, phase);
      const ofParts = round(parts, [...order], 5, phase);
      expect(sum(ofParts.values)).toBe(sum(ofMonths.values));
      expect(ofParts.after).toBe(ofMonths.after);
    }),
    { numRuns: 20_000 },
  );
});

function split(total: number, weights: number[]): number[] {
  const whole = sum(weights) + 1;
  const parts = weights.map((weight) => Math.floor((total * weight) / whole));
  return [...parts, total - sum(parts)];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

test('rounding is unbiased: over all phases the mean is the count itself, over 3,000 keys within 3 sigma', () => {
  for (let n = 10; n < 40; n++) {
    const values = [0, 1, 2, 3, 4].map((phase) => round([n], [0], 5, phase).values[0]!);
    expect(sum(values)).toBe(5 * n);
  }
  let error = 0;
  for (let i = 0; i < 3000; i++) {
    const phase = keyedPhase(deriveSubkey(Buffer.from(`key ${i}`), 'ed', '2025', 'month'), 5);
    error += round([12], [0], 5, phase).values[0]! - 12;
  }
  expect(Math.abs(error / 3000)).toBeLessThan((3 * Math.sqrt(6)) / Math.sqrt(3000));
});

test.each([
  [10, 10, 14],
  [15, 11, 19],
  [20, 16, 24],
])('%i can stand for %i to %i', (value, low, high) => {
  expect(nominalInterval(value, 10, 5)).toEqual({ low, high });
});

test('the published table of true numbers 9, 10 and 11 at k = 10 and base 5 has no value below 10', () => {
  for (let phase = 0; phase < 5; phase++) {
    expect(round([10], [0], 5, phase).values[0]).toBe(10);
    expect(round([11], [0], 5, phase).values[0]).toBeGreaterThanOrEqual(10);
  }
});

test('a keyed order is a permutation that a further name does not disturb', () => {
  const subkey = deriveSubkey(Buffer.from('key'), 'ed', '2025-Q3', 'place');
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 }), fc.string(), (names, extra) => {
      const order = [...keyedOrder(subkey, names)];
      expect(order.toSorted((a, b) => a - b)).toEqual(names.map((_, i) => i));
      if (names.includes(extra)) return;
      const longer = [...keyedOrder(subkey, [...names, extra])].map((i) => [...names, extra][i]);
      expect(longer.filter((name) => name !== extra)).toEqual(order.map((i) => names[i]));
    }),
  );
});

test('a keyed pick does not depend on the order of the names, and differs between keys, sources, periods and cuts', () => {
  const names = Array.from({ length: 40 }, (_, i) => `area ${i}`);
  const key = Buffer.from('key');
  const picks = [
    deriveSubkey(key, 'ed', '2025-Q3', 'place'),
    deriveSubkey(key, 'police', '2025-Q3', 'place'),
    deriveSubkey(key, 'ed', '2025-Q4', 'place'),
    deriveSubkey(key, 'ed', '2025-Q3', 'weapon'),
    deriveSubkey(Buffer.from('other'), 'ed', '2025-Q3', 'place'),
  ].map((subkey) => {
    expect(keyedPick(subkey, names)).toBe(keyedPick(subkey, names.toReversed()));
    return [...keyedOrder(subkey, names)].join();
  });
  expect(new Set(picks).size).toBe(picks.length);
});

test('what is joined into key material cannot be mistaken for another source or period', () => {
  const key = Buffer.from('key');
  expect(deriveSubkey(key, 'a|b', 'c', 'd')).not.toEqual(deriveSubkey(key, 'a', 'b|c', 'd'));
});

test('a tree rolled up holds in each node what lies below it, and what is split off loses nothing', () => {
  const tree = fc.array(fc.record({ count: fc.nat(30), up: fc.nat() }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(tree, fc.integer({ min: 1, max: 40 }), (nodes, threshold) => {
      const n = nodes.length;
      // Each node's parent comes after it, or it has none.
      const parent = nodes.map(({ up }, i) =>
        i === n - 1 || up % 5 === 0 ? -1 : i + 1 + (up % (n - i - 1)),
      );
      const sums = new Int32Array(n);
      rollUp(
        Int32Array.from(nodes, ({ count: own }) => own),
        Int32Array.from(parent),
        n,
        sums,
      );
      const below = (i: number): number =>
        nodes[i]!.count + sum(parent.flatMap((up, child) => (up === i ? [below(child)] : [])));
      expect([...sums]).toEqual(nodes.map((_, i) => below(i)));
      const roots = Int32Array.from([...parent.keys()].filter((i) => parent[i] === -1));
      const [shown, rest] = [new Int32Array(n), new Int32Array(1)];
      const kept = splitAt(sums, roots, roots.length, threshold, shown, rest);
      expect(rest[0]! + sum([...shown.subarray(0, kept)].map((i) => sums[i]!))).toBe(
        sum(nodes.map(({ count: own }) => own)),
      );
      for (const i of shown.subarray(0, kept)) expect(sums[i]).toBeGreaterThanOrEqual(threshold);
    }),
  );
});
