// The linear attack: what all files of a tier, added and subtracted, prove of every figure, shown or not.
import { boundCells, type Range } from './bounds.ts';
import type { NamedPolicy } from './read-release.ts';
import type { Leak, Narrowest } from './report.ts';
import {
  type Aim,
  type AimKind,
  buildSystem,
  type Known,
  type Link,
  type SourceFiles,
  type System,
} from './system.ts';

/** What became of one aim. */
export interface Bounded {
  readonly aim: Aim;
  readonly range: Range;
  /** What the policy lets be known, with what the tiers below say already. */
  readonly nominal: Range;
}

/** What one source's files prove, by tier; a tier is null where its files contradict each other. */
export interface LinearFindings {
  readonly released: readonly Bounded[] | null;
  readonly partnership: readonly Bounded[] | null;
  /** How much of the partnership tier fits together. */
  readonly link: Link;
  /** Exact numbers that speak of nothing in the files. */
  readonly idle: readonly Known[];
}

/** In plain words what is tried on each kind of aim. */
export const LINEAR_ATTACKS: Readonly<Record<AimKind, string>> = {
  published:
    'taking the rounding apart: every figure shown, from all tables added and subtracted (linear bounds)',
  total: 'months against quarters: the total, from months and from every breakdown',
  hidden:
    'what is left over: blocks, categories and months too small to be shown (complement, linear bounds)',
  year: 'bands of one year against each other (linear bounds)',
  band: 'bands of twelve months against quarters, and rolling years against each other (differencing over time)',
  unshown: 'places and cells that a year does not show, from the years before and after it and from quarters',
  piece:
    'pieces of ground by quarter that nobody published: between places, cells, areas and years (differencing)',
};

/** Bounds every aim of both tiers of one source. */
export async function attackSource(files: SourceFiles): Promise<LinearFindings> {
  const { idle } = buildSystem(files, { bands: true, link: 'quarters', mayBeTaken: false });
  const below = await bound(files, false, 'quarters');
  const released = below?.filter(({ aim }) => aim.kind !== 'band') ?? null;
  if (files.bands.length === 0) return { released, partnership: [], link: 'quarters', idle };
  for (const link of ['quarters', 'years', 'nothing'] as const) {
    const own = await bound(files, true, link);
    if (own === null) continue;
    // Where that is because a year left out by chance what its quarters hold, it is laid over them as one that may have.
    const over = link === 'years' ? await bound(files, true, 'quarters', true) : null;
    const found = over
      ? [
          ...over.filter(({ aim }) => aim.kind !== 'unshown'),
          ...own.filter(({ aim }) => aim.kind === 'unshown' || aim.kind === 'band'),
        ]
      : own;
    const partnership = [...found, ...(await boundYears(files))];
    return { released, partnership, link: over ? 'quarters' : link, idle };
  }
  return { released, partnership: null, link: 'nothing', idle };
}

/** The bands of each year by themselves. */
async function boundYears(files: SourceFiles): Promise<Bounded[]> {
  const { table, aims } = buildSystem(files, { bands: true, link: 'nothing', mayBeTaken: false });
  const bands = aims.filter(({ kind }) => kind === 'band').map((aim) => ({ ...aim, kind: 'year' as const }));
  const ranges = await boundCells(
    table,
    bands.map(({ terms, nominal }) => ({ terms, enough: nominal })),
  );
  return bands.map((aim, i) => ({ aim, range: ranges?.[i] ?? aim.nominal, nominal: aim.nominal }));
}

async function bound(
  files: SourceFiles,
  bands: boolean,
  link: Link,
  mayBeLeftOut = false,
): Promise<Bounded[] | null> {
  const strict = buildSystem(files, { bands, link, mayBeTaken: false, mayBeLeftOut });
  const wide = ({ threshold, partnershipThreshold }: NamedPolicy) => ({
    low: 0,
    high: Math.max(threshold, partnershipThreshold) - 1,
  });
  const solve = ({ table }: System, aims: readonly Aim[]) =>
    boundCells(
      table,
      aims.map(({ terms, kind, nominal, policy }) =>
        kind === 'band'
          ? { terms, enoughNumbers: policy.base }
          : { terms, enough: kind === 'piece' ? wide(policy) : nominal },
      ),
    );
  const ranges = await solve(strict, strict.aims);
  // A large block may have been taken into its pool: where that could be, what seemed proved is not.
  const open = buildSystem(files, { bands, link, mayBeTaken: true, mayBeLeftOut });
  if (ranges === null) {
    const taken = await solve(open, open.aims);
    return taken && open.aims.map((aim, i) => ({ aim, range: taken[i]!, nominal: aim.nominal }));
  }
  const suspects = strict.aims.flatMap((aim, i) =>
    (
      ['piece', 'band'].includes(aim.kind)
        ? isSmall(ranges[i]!, aim, files)
        : isNarrower(ranges[i]!, aim.nominal)
    )
      ? [i]
      : [],
  );
  const again =
    suspects.length === 0
      ? []
      : await solve(
          open,
          suspects.map((i) => open.aims[i]!),
        );
  const other = new Map(suspects.map((i, j) => [i, again?.[j]]));
  return strict.aims.map((aim, i) => ({ aim, range: hull(ranges[i]!, other.get(i)), nominal: aim.nominal }));
}

/** The leak that a bounded aim is, or null. `isInformed`: with exact numbers from elsewhere, nominal is not to be had. */
export function leakOf(
  { aim, range, nominal }: Bounded,
  files: SourceFiles,
  isInformed: boolean,
): Leak | null {
  const about = { attack: LINEAR_ATTACKS[aim.kind], where: aim.where, low: range.low, high: range.high };
  const leak = (why: string): Leak => ({ ...about, nominalLow: nominal.low, nominalHigh: nominal.high, why });
  // A band says how many there were in a year, roughly; other years may say more of it, but not what no figure says.
  if (aim.kind === 'piece' || aim.kind === 'band')
    return isSmall(range, aim, files) ? leak(smallness(range, aim.policy.partnershipThreshold)) : null;
  if (isInformed) {
    const isTooNarrow =
      width(range) < aim.policy.base || (aim.kind !== 'published' && isSmall(range, aim, files));
    return isTooNarrow && range.high > 0
      ? leak('whoever holds the exact numbers from elsewhere knows it so')
      : null;
  }
  const { printed } = aim;
  if (printed && (printed.low > range.low || printed.high < range.high))
    return {
      ...about,
      low: Math.max(range.low, printed.low),
      high: Math.min(range.high, printed.high),
      nominalLow: range.low,
      nominalHigh: range.high,
      why: 'the row itself says more than its value may',
    };
  if (isNarrower(range, nominal))
    return leak(
      range.high < range.low ? 'the figures contradict each other' : 'the tables together prove it',
    );
  return null;
}

/**
 * The aim that keeps the smallest share of what it should keep, but for what is shown as it is, as a policy does with 0. Of bands over time and of pieces, which no row promises
 * an interval of, it is the one of the fewest numbers, against the fewest that any figure may have.
 */
export function narrowestOf(found: readonly Bounded[]): Narrowest | null {
  let least: Narrowest | null = null;
  for (const { aim, range, nominal: own } of found) {
    const isLoose = aim.kind === 'piece' || aim.kind === 'band';
    const nominal = isLoose ? Math.min(aim.policy.base, aim.policy.partnershipThreshold) : width(own);
    if (!Number.isFinite(nominal) || nominal === 1 || (isLoose && range.high === 0)) continue;
    // What is wider than nominal was not searched to its end.
    const kept = isLoose ? width(range) : Math.min(width(range), nominal);
    if (isNarrowerThan({ where: aim.where, width: kept, nominal }, least))
      least = { where: aim.where, width: kept, nominal };
  }
  return least;
}

/** Whether one keeps a smaller share than another, or the same share of fewer numbers. */
export function isNarrowerThan(one: Narrowest, other: Narrowest | null): boolean {
  if (other === null) return true;
  const [own, its] = [one.width / one.nominal, other.width / other.nominal];
  return own < its || (own === its && one.width < other.width);
}

const width = ({ low, high }: Range) => high - low + 1;
const isNarrower = (range: Range, nominal: Range) => range.low > nominal.low || range.high < nominal.high;
const hull = (a: Range, b: Range | undefined): Range =>
  b ? { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) } : a;

// Somebody is there and they are few, or the number is known more closely than any figure that is shown.
function isSmall(range: Range, { policy }: Aim, { bands }: SourceFiles): boolean {
  if (range.high === 0) return false;
  const threshold = bands.length > 0 ? policy.partnershipThreshold : policy.threshold;
  return (range.low > 0 && range.high < threshold) || width(range) < Math.min(policy.base, threshold);
}

const smallness = ({ low, high }: Range, threshold: number) =>
  low > 0 && high < threshold
    ? 'somebody is there, and they are few'
    : 'it is known more closely than any figure that is shown';
