// Suppliers that deliver after a period was frozen: atoms of their own, part of no other figure.
import type { Policy } from '../../schemas/policy.ts';
import { LATE, type ReleasedRow } from '../../schemas/released.ts';
import { deriveSubkey, keyedPhase } from './keyed.ts';
import { roundNearest } from './nearest.ts';
import { monthDate, monthsLabel, parseMonth, quarterText } from './period.ts';
import { nominalInterval, roundCumulative } from './rounding.ts';
import { mergeTallies, type Query, reaches, readTallies, type Tally } from './tally.ts';

export interface LateInput {
  readonly query: Query;
  readonly key: Uint8Array;
  readonly policy: Policy;
  readonly source: string;
  /** The quarter that is being frozen, which the rows appear with. */
  readonly period: string;
  /** Numbers of the months that were frozen before. */
  readonly frozen: readonly number[];
}

export interface Late {
  readonly rows: ReleasedRow[];
  /** "2025-07 supplier": what the rows have counted. */
  readonly counted: string[];
}

/**
 * A row for each supplier and quarter of which nothing was counted when its months were frozen, and that reaches the
 * threshold by now. What does not is looked at again with the next quarter.
 */
export async function findLate(input: LateInput): Promise<Late> {
  const { query, key, policy, source, period, frozen } = input;
  if (frozen.length === 0) return { rows: [], counted: [] };
  const span = { source, from: Math.min(...frozen), to: Math.max(...frozen) };
  const known = await query<{ of: string }>(
    `SELECT strftime(month, '%Y-%m') || ' ' || supplier AS of FROM counted_supplier
    WHERE source = ? AND month BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)`,
    [source, monthDate(span.from), monthDate(span.to)],
  );
  const counted = new Set(known.map(({ of }) => of));
  const late = new Map<string, { months: number[]; tallies: Tally[]; of: string[]; supplier: string }>();
  const [bySupplier] = await readTallies(query, span, 'supplier');
  for (const [of, tally] of bySupplier) {
    const month = parseMonth(of.slice(0, 7));
    if (counted.has(of) || !frozen.includes(month)) continue;
    const supplier = of.slice(8);
    const atom = `${supplier} ${quarterText(month)}`;
    const own = late.get(atom) ?? { months: [], tallies: [], of: [], supplier };
    own.months.push(month);
    own.tallies.push(tally);
    own.of.push(of);
    late.set(atom, own);
  }
  const shown = [...late].filter(([, { tallies }]) => reaches(mergeTallies(tallies), policy.threshold));
  const rows = shown.map(([atom, { months, tallies, supplier }]): ReleasedRow => {
    const tally = mergeTallies(tallies);
    const label = `${supplier}, ${monthsLabel(Math.min(...months), Math.max(...months))}, delivered late`;
    const subkey = deriveSubkey(key, source, quarterText(months[0]!), `${LATE} ${supplier}`);
    return {
      ...{ source, period, cut: LATE, atom, level: 'category', label },
      threshold_on: tally.persons === null ? 'records' : 'persons',
      ...roundAlone(tally, policy, subkey),
    };
  });
  return { rows, counted: shown.flatMap(([, { of }]) => of) };
}

function roundAlone(tally: Tally, policy: Policy, subkey: Uint8Array) {
  const { threshold, base } = policy;
  if (policy.rounding === 'nearest') {
    const { value, low, high } = roundNearest(tally, policy);
    return { value: value!, low, high: high! };
  }
  const out = new Int32Array(1);
  const phase = keyedPhase(subkey, base);
  roundCumulative(Int32Array.of(tally.records), Int32Array.of(0), 1, base, phase, out);
  return { value: out[0]!, ...nominalInterval(out[0]!, threshold, base) };
}
