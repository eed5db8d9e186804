import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Range } from '../../../reports/audit/bounds.ts';
import { invertRounding } from '../../../reports/audit/inverse-image.ts';
import type { NamedPolicy, ValueRow } from '../../../reports/audit/read-release.ts';

const policyOf = (threshold: number, base: number) => ({ threshold, base }) as NamedPolicy;
const rowOf = (atom: string, value: number) => ({ atom, value }) as ValueRow;

/** Every way of the carry over the rows in this order, one number after the other. */
function* ways(
  rows: readonly ValueRow[],
  { threshold, base }: NamedPolicy,
  carry: number,
): Generator<{ end: number; numbers: number[] }> {
  const [row, ...rest] = rows;
  if (!row) return yield { end: carry, numbers: [] };
  for (let to = 0; to < base; to++) {
    const number = row.value! + to - carry;
    if (number < threshold) continue;
    for (const { end, numbers } of ways(rest, { threshold, base } as NamedPolicy, to))
      yield { end, numbers: [number, ...numbers] };
  }
}

function* orders<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const item of items)
    for (const rest of orders(items.filter((other) => other !== item))) yield [item, ...rest];
}

function invertByTrying(rows: readonly ValueRow[], policy: NamedPolicy, starts: number[], drift: Range) {
  const found = new Map(rows.map((row) => [row, new Set<number>()]));
  const leading = ['home', 'unlocated'].flatMap((atom) => rows.filter((row) => row.atom === atom));
  for (const order of orders(rows.filter((row) => !leading.includes(row)))) {
    const pass = [...leading, ...order];
    for (const start of starts)
      for (const { end, numbers } of ways(pass, policy, start))
        if (end - start >= drift.low && end - start <= drift.high)
          for (const [i, number] of numbers.entries()) found.get(pass[i]!)!.add(number);
  }
  return rows.map((row) => [...found.get(row)!].sort((a, b) => a - b));
}

test('the numbers that a pass leaves possible are those of all its ways, tried one by one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 0, max: 6 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.subarray(['home', 'unlocated', 'a', 'b', 'c', 'd'], { minLength: 4, maxLength: 4 }),
      fc.subarray([0, 1, 2, 3]),
      fc.tuple(fc.integer({ min: -4, max: 4 }), fc.nat(8)),
      (base, above, multiples, atoms, carries, [low, more]) => {
        const policy = policyOf(base + above, base);
        // Values that nobody would release are among them: what is impossible has to be told too.
        const rows = multiples.map((n, i) => rowOf(atoms[i]!, (n + 1) * base));
        const starts = carries.filter((carry) => carry < base);
        const drift = { low, high: low + more };
        expect(invertRounding(rows, policy, starts, drift)?.map(({ numbers }) => numbers)).toEqual(
          invertByTrying(rows, policy, starts, drift),
        );
      },
    ),
    { numRuns: 2_000, seed: 20 },
  );
});

test('a breakdown of more than six atoms in keyed order, or with a star, is not tried', () => {
  const rows = [...'abcdefg'].map((atom) => rowOf(atom, 10));
  const anyway = { low: -4, high: 4 };
  expect(invertRounding(rows, policyOf(10, 5), [0], anyway)).toBeNull();
  expect(invertRounding(rows.slice(1), policyOf(10, 5), [0], anyway)).not.toBeNull();
  expect(invertRounding([{ ...rows[0]!, value: null }], policyOf(10, 5), [0], anyway)).toBeNull();
});
