// The other kind of policy: every count rounded to the nearest multiple by itself, what is below the threshold a star.
// Nothing holds the rest of a whole, so that no whole is known from which a star would follow.
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import type { Cut, StarredRow } from '../../schemas/released.ts';
import { AT_HOME, type CutRow, type CutsInput, frozenAtoms, groupByAtom, splitByRole } from './cuts.ts';
import { CATEGORY_CUTS } from './partition.ts';
import { reaches, type Tally } from './tally.ts';

/** What a count becomes: a value with the numbers that it can stand for, or a star. */
export type Nearest =
  | { readonly value: number; readonly low: number; readonly high: number }
  | { readonly value: null; readonly low: number; readonly high: number | null };

/**
 * A count as the policy shows it. 0 is shown. Where persons are known, a star may stand for any number of records: for
 * many of few persons.
 */
export function roundNearest(tally: Tally, { threshold, base }: Pick<Policy, 'threshold' | 'base'>): Nearest {
  if (tally.records === 0) return { value: 0, low: 0, high: 0 };
  if (!reaches(tally, threshold))
    return { value: null, low: 1, high: tally.persons === null ? threshold - 1 : null };
  const below = Math.floor(base / 2);
  const value = Math.floor((tally.records + below) / base) * base;
  return { value, low: Math.max(threshold, value - below), high: value - below + base - 1 };
}

export type NearestRow = CutRow | Omit<StarredRow, 'source' | 'period'>;
interface NamedTally {
  readonly atom: string;
  readonly level: 'cell' | 'part' | 'area' | 'category';
  readonly label: string;
  readonly tally: Tally;
}

/**
 * The rows of a quarter's breakdowns under such a policy: the frozen blocks of each cut and none of its reserve. A cut
 * whose rows come so close to the whole quarter, of which the months tell, that one narrows the other is left out;
 * that is decided from what is shown alone.
 */
export function protectNearest(input: Omit<CutsInput, 'phase' | 'choose'>, months: readonly Nearest[]) {
  const { geography, tallies, policy } = input;
  const blocksOf = (cut: Cut, grouped: ReadonlyMap<string, readonly Tally[]>): NamedTally[] => {
    const frozen = frozenAtoms(geography, cut);
    return splitByRole(geography, cut, grouped).blocks.map(({ atom, tally }) => {
      const { level, label } = frozen.get(atom)!;
      return { atom, level, label: atom === 'home' ? AT_HOME : label, tally };
    });
  };
  const place = tallies.get('place')!;
  const asLists = (of: ReadonlyMap<string, Tally>) =>
    new Map([...of].map(([atom, tally]) => [atom, [tally]]));
  const cuts: [Cut, NamedTally[]][] = [
    ['place', blocksOf('place', groupByAtom(geography, place))],
    ...CATEGORY_CUTS.map((cut): [Cut, NamedTally[]] => [cut, blocksOf(cut, asLists(tallies.get(cut)!))]),
    ['located', blocksOf('located', asLists(place))],
  ];
  const isKeyed = [...tallies.values()].some((of) =>
    [...of.values()].some(({ persons }) => persons !== null),
  );
  return cuts.flatMap(([cut, blocks]) => {
    const own = cut === 'place' || cut === 'located' ? forPlaces(policy) : policy;
    // The same set stands for the same numbers wherever it is shown.
    const rounded = blocks.map(({ atom, tally }) =>
      roundNearest(tally, atom === 'home' ? forPlaces(policy) : own),
    );
    if (!leavesRoom(rounded, months)) return [];
    // Blocks of which there are none this quarter know no persons, and their source may.
    const threshold_on = isKeyed ? 'persons' : 'records';
    return blocks.map(({ atom, level, label }, i): NearestRow => {
      return { cut, atom, level, label, threshold_on, ...rounded[i]! };
    });
  });
}

/** Whether parts of a whole leave each other, the whole and the months that make it up all that they can stand for. */
function leavesRoom(parts: readonly Nearest[], months: readonly Nearest[]): boolean {
  const sum = (of: readonly number[]) => of.reduce((total, n) => total + n, 0);
  const most = sum(months.map(({ high }) => high ?? Number.POSITIVE_INFINITY));
  const widest = Math.max(
    0,
    ...[...parts, ...months].map(({ low, high }) => (high === null ? 0 : high - low)),
  );
  const least = sum(parts.map(({ low }) => low));
  return least + widest <= most && least <= sum(months.map(({ low }) => low));
}
