/** Look-ups in the released cube. */
import { PLACE_KINDS, WEAPONS } from '../../schemas/incident.ts';
import type { Policy } from '../../schemas/policy.ts';
import { type Cut, NIGHT_BANDS, type ReleasedRow } from '../../schemas/released.ts';
import { monthsBetween, monthsOf } from './periods.ts';
import type { Figure } from './words.ts';

/** The cuts whose atoms are categories, with their categories in the order of printing and those that mean "not known". */
export const CATEGORY_CUTS = {
  night_band: { all: [...NIGHT_BANDS, 'unknown'], unknown: ['unknown'] },
  weapon: { all: [...WEAPONS], unknown: ['unknown', 'refused'] },
  place_kind: { all: [...PLACE_KINDS], unknown: ['unknown'] },
} as const;
export type CategoryCut = keyof typeof CATEGORY_CUTS;

const CATEGORY_WORDS: Record<CategoryCut, Record<string, string>> = {
  night_band: {
    '06-12': '06:00–12:00',
    '12-18': '12:00–18:00',
    '18-21': '18:00–21:00',
    '21-00': '21:00–00:00',
    '00-03': '00:00–03:00',
    '03-06': '03:00–06:00',
    unknown: 'Time not known',
  },
  weapon: {
    body: 'Body (fist, foot, head)',
    glass_bottle: 'Glass or bottle',
    knife_sharp: 'Knife or sharp object',
    blunt: 'Blunt object',
    firearm: 'Firearm',
    explosive: 'Explosive',
    vehicle: 'Vehicle',
    other: 'Other',
    unknown: 'Not known',
    refused: 'Would not say',
  },
  place_kind: {
    home: 'Home',
    licensed: 'Licensed premises',
    street: 'Street',
    transport: 'Transport',
    school: 'School',
    work: 'Workplace',
    park: 'Park',
    shop: 'Shop',
    public: 'Other public place',
    other: 'Other',
    unknown: 'Not known',
  },
};

/** The category in plain words. */
export function categoryWords(cut: CategoryCut, atom: string): string {
  return CATEGORY_WORDS[cut][atom] ?? atom;
}

/** The rows of one source, period and cut. */
export function cutRows(
  rows: readonly ReleasedRow[],
  source: string,
  period: string,
  cut: Cut,
): ReleasedRow[] {
  return rows.filter((row) => row.source === source && row.period === period && row.cut === cut);
}

/** Months that were released together: most often one, several where one was too small to stand by itself. */
export interface MonthRun {
  first: string;
  last: string;
  figure: Figure;
}

/** The released months of a source in order of time. */
export function monthRuns(rows: readonly ReleasedRow[], source: string): MonthRun[] {
  const byAtom = new Map<string, MonthRun>();
  for (const row of rows) {
    if (row.source !== source || row.cut !== 'month' || row.level !== 'month') continue;
    const [first = row.atom, last = first] = row.atom.split('/');
    byAtom.set(row.atom, { first, last, figure: row });
  }
  return [...byAtom.values()].sort((a, b) => (a.last < b.last ? -1 : 1));
}

/** The months of a source that were released by themselves. */
export function monthFigures(rows: readonly ReleasedRow[], source: string): Map<string, Figure> {
  const single = monthRuns(rows, source).filter(({ first, last }) => first === last);
  return new Map(single.map(({ last, figure }) => [last, figure]));
}

/**
 * The total of a period from its released months; undefined where they do not fill it exactly. It cannot leave what
 * the bounds of its months add up to. Months of the additive policy in force are rounded as one running series, so that
 * a quarter errs by no more than a month does; others stand each by itself.
 */
export function periodTotal(
  rows: readonly ReleasedRow[],
  source: string,
  period: string,
  { rounding, base }: Pick<Policy, 'rounding' | 'base'>,
): Figure | undefined {
  const months = monthsOf(period);
  const runs = monthRuns(rows, source).filter(
    ({ first, last }) => months.includes(first) && months.includes(last),
  );
  const filled = runs.reduce((sum, { first, last }) => sum + monthsBetween(first, last).length, 0);
  if (filled !== months.length) return undefined;
  const value = runs.reduce((sum, { figure }) => sum + figure.value, 0);
  const isSeries =
    rounding === 'additive' && runs.every(({ figure }) => figure.high - figure.value === base - 1);
  const error = isSeries ? base - 1 : Number.POSITIVE_INFINITY;
  const low = runs.reduce((sum, { figure }) => sum + figure.low, 0);
  const high = runs.reduce((sum, { figure }) => sum + figure.high, 0);
  return { value, low: Math.max(low, value - error), high: Math.min(high, value + error) };
}

/** The categories of a cut: what is shown, what is not, and what is held together in the pool. */
export interface Categories {
  shown: { atom: string; label: string; figure: Figure }[];
  missing: string[];
  /** All of them, shown or not. */
  order: string[];
  pool: Figure | undefined;
}

/** The categories of a cut of one source and period in their order of printing, those for "not known" included. */
export function categoriesOf(
  rows: readonly ReleasedRow[],
  source: string,
  period: string,
  cut: CategoryCut,
): Categories {
  const found = cutRows(rows, source, period, cut);
  const byAtom = new Map(found.filter((row) => row.level === 'category').map((row) => [row.atom, row]));
  const order = [...new Set<string>([...CATEGORY_CUTS[cut].all, ...byAtom.keys()])];
  return {
    shown: order.flatMap((atom) => {
      const row = byAtom.get(atom);
      return row ? [{ atom, label: categoryWords(cut, atom), figure: row }] : [];
    }),
    order,
    missing: order.filter((atom) => !byAtom.has(atom)),
    pool: found.find((row) => row.level === 'pool'),
  };
}

/** How many hours a band of the night has: '21-00' has three. */
export function hoursOfBand(atom: string): number {
  const [from = 0, to = 0] = atom.split('-').map(Number);
  return (to - from + 24) % 24 || 24;
}

/** True where the atom is one of those that say the thing is not known. */
export function isUnknown(cut: CategoryCut, atom: string): boolean {
  return (CATEGORY_CUTS[cut].unknown as readonly string[]).includes(atom);
}

/**
 * The share of a source's records of which the thing is known, to 5 points and from rounded parts, as printed;
 * 'at least' where some of the unknown may be in the pool. '–' where the cut was not released.
 */
export function knownShare(
  rows: readonly ReleasedRow[],
  source: string,
  period: string,
  cut: CategoryCut,
): string {
  const { shown, pool } = categoriesOf(rows, source, period, cut);
  const total = shown.reduce((sum, { figure }) => sum + figure.value, pool?.value ?? 0);
  if (total === 0) return '–';
  const unknown = shown.filter(({ atom }) => isUnknown(cut, atom));
  const known = shown.filter(({ atom }) => !isUnknown(cut, atom));
  if (unknown.length === 0 && pool) {
    return `at least ${fivePoints(sum(known) / total, Math.floor)}`;
  }
  return `about ${fivePoints(1 - sum(unknown) / total, Math.round)}`;
}

/**
 * The share of records on the map, printed like `knownShare`; 'at most' where those not located are held together
 * with them.
 */
export function locatedShare(rows: readonly ReleasedRow[], source: string, period: string): string {
  const found = cutRows(rows, source, period, 'located');
  const total = found.reduce((sum, row) => sum + row.value, 0);
  if (total === 0) return '–';
  const onMap = found.find((row) => row.atom === 'map');
  if (onMap) return `about ${fivePoints(onMap.value / total, Math.round)}`;
  const pool = found.find((row) => row.level === 'pool');
  return pool ? `at most ${fivePoints(pool.value / total, Math.ceil)}` : '–';
}

function sum(parts: { figure: Figure }[]): number {
  return parts.reduce((total, { figure }) => total + figure.value, 0);
}

function fivePoints(share: number, round: (x: number) => number): string {
  return `${5 * round(20 * share)}%`;
}
