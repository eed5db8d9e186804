// The months of one source and calendar year: one cumulative series that every breakdown of a quarter hangs on.
import type { Policy } from '../../schemas/policy.ts';
import { roundCumulative } from './rounding.ts';
import { mergeTallies, reaches, type Tally } from './tally.ts';

/** A month as it was frozen. What was frozen never moves, whatever arrives later. */
export interface FrozenMonth {
  readonly month: number;
  /** Whether an atom of the series ends with the month; an open month is counted with the next that closes. */
  readonly closed: boolean;
  /** Secret, 0..base-1: where the rounding stands after the month. */
  readonly phase: number;
  /** Secret: records of the atom that the month closes, 0 for an open one. */
  readonly records: number;
}

/** Months `first`..`last` together: the smallest run that reaches the threshold. */
export interface MonthAtom {
  readonly first: number;
  readonly last: number;
  readonly tally: Tally;
  readonly value: number;
}

export interface SeriesInput {
  /** The number of the first month that is not closed yet, with the tally of each month from there on. */
  readonly from: number;
  readonly tallies: readonly Tally[];
  /** Months up to this one are frozen as open already: nothing closes there. */
  readonly frozenThrough: number;
  readonly phase: number;
  readonly yearPhase: (year: number) => number;
  readonly policy: Policy;
}

/**
 * Freezes months in order. A month below the threshold rolls forward; the series begins anew each January, and what
 * is below the threshold at the end of a year is not published. A policy of stars shows each month by itself.
 */
export function extendSeries(input: SeriesInput): { months: FrozenMonth[]; atoms: MonthAtom[] } {
  const { threshold, base, rounding } = input.policy;
  const months: FrozenMonth[] = [];
  const atoms: MonthAtom[] = [];
  const out = new Int32Array(1);
  let phase = input.phase;
  let first = input.from;
  let open: Tally[] = [];
  input.tallies.forEach((ofMonth, i) => {
    const month = input.from + i;
    if (month % 12 === 0) {
      phase = input.yearPhase(month / 12);
      first = month;
      open = [];
    }
    open.push(ofMonth);
    if (month <= input.frozenThrough) return;
    const tally = mergeTallies(open);
    const closed = rounding === 'nearest' || reaches(tally, threshold);
    if (closed) {
      phase = roundCumulative(Int32Array.of(tally.records), Int32Array.of(0), 1, base, phase, out);
      atoms.push({ first, last: month, tally, value: out[0]! });
      first = month + 1;
      open = [];
    }
    months.push({ month, closed, phase, records: closed ? tally.records : 0 });
  });
  return { months, atoms };
}
