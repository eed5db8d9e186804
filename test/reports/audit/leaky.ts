/** A year of one source in tables as a careful protector makes them, and careless ones to be caught. */
import type { AuditedRelease } from '../../../reports/audit/audit.ts';

const K = 10;
const BASE = 5;
const CELLS = ['89195a3298bffff', '89195a3299bffff', '89195a329cfffff'] as const;
export const QUARTERS = ['2024-Q1', '2024-Q2', '2024-Q3', '2024-Q4'];

/** True numbers of a quarter: by class of each cut, in the order in which they are rounded. */
export interface Truth {
  readonly place: Readonly<Record<string, number>>;
  readonly weapon: Readonly<Record<string, number>>;
}

/** Four quarters; the same total by place and by weapon. "rest" is the reserve. */
export const TRUTH: readonly Truth[] = [
  {
    place: { home: 31, unlocated: 17, [CELLS[0]]: 22, W01: 28, W02: 14, rest: 13 },
    weapon: { body: 77, blunt: 26, unknown: 22 },
  },
  {
    place: { home: 28, unlocated: 14, [CELLS[0]]: 16, W01: 33, W02: 12, rest: 18 },
    weapon: { body: 81, blunt: 21, unknown: 19 },
  },
  {
    place: { home: 33, unlocated: 21, [CELLS[0]]: 12, W01: 25, W02: 19, rest: 16 },
    weapon: { body: 74, blunt: 30, unknown: 22 },
  },
  {
    place: { home: 29, unlocated: 16, [CELLS[0]]: 3, W01: 30, W02: 18, rest: 15 },
    weapon: { body: 70, blunt: 24, unknown: 17 },
  },
];

export interface Row {
  source: string;
  period: string;
  cut: string;
  atom: string;
  level: string;
  label: string;
  threshold_on: string;
  value: number;
  low: number;
  high: number;
}

/** One pass of cumulative rounding from a carry; the values and the carry after it. */
export function round(counts: readonly number[], carry: number): { values: number[]; carry: number } {
  let left = carry;
  const values = counts.map((count) => {
    const value = BASE * Math.floor((count + left) / BASE);
    left += count - value;
    return value;
  });
  return { values, carry: left };
}

export function row(period: string, cut: string, atom: string, value: number, level = 'category'): Row {
  const label =
    level === 'area' ? `Elsewhere in ${atom}` : level === 'pool' ? 'All other places together' : atom;
  const [low, high] = [Math.max(K, value - BASE + 1), value + BASE - 1];
  return { source: 'ed', period, cut, atom, level, label, threshold_on: 'records', value, low, high };
}

const total = (truth: Truth) => Object.values(truth.place).reduce((sum, count) => sum + count, 0);
const levelOf = (atom: string) =>
  atom.startsWith('8') ? 'cell' : /^W/.test(atom) ? 'area' : atom === 'pool' ? 'pool' : 'category';

/** How a protector makes its tables; each choice of a careless one is one of these. */
export interface Manner {
  /** Where the pass of a cut begins, given where the months stand. */
  readonly startOf?: (cut: string, carry: number) => number;
  /** The rounding of one cut. */
  readonly roundCut?: (counts: readonly number[], carry: number) => number[];
}

/** The rows of all four quarters. What is below the threshold joins the pool. */
export function rowsOf(truths: readonly Truth[] = TRUTH, manner: Manner = {}, carry = 3): Row[] {
  const rows: Row[] = [];
  let at = carry;
  for (const [q, truth] of truths.entries()) {
    const period = QUARTERS[q]!;
    const all = total(truth);
    const months = [Math.floor(all / 3), Math.ceil(all / 3) + 2];
    const counts = [...months, all - months[0]! - months[1]!];
    const { values, carry: next } = round(counts, at);
    for (const [i, value] of values.entries()) {
      const month = `2024-${String(3 * q + i + 1).padStart(2, '0')}`;
      rows.push(row(month, 'month', month, value, 'month'));
    }
    for (const cut of ['place', 'weapon'] as const) {
      const classes = Object.entries(truth[cut]);
      const shown = classes.filter(([atom, count]) => count >= K && atom !== 'rest' && atom !== 'unknown');
      const pooled = classes
        .filter((each) => !shown.includes(each))
        .reduce((sum, [, count]) => sum + count, 0);
      const atoms: [string, number][] = [...shown, ['pool', pooled]];
      const start = manner.startOf?.(cut, at) ?? at;
      const rounded = (manner.roundCut ?? ((numbers, from) => round(numbers, from).values))(
        atoms.map(([, count]) => count),
        start,
      );
      for (const [i, [atom]] of atoms.entries())
        rows.push(row(period, cut, atom, rounded[i]!, levelOf(atom)));
    }
    at = next;
  }
  return rows;
}

export interface Band {
  readonly period: string;
  readonly level: string;
  readonly atom: string;
  readonly low: number;
  readonly high: number | null;
}

const csv = (header: readonly string[], rows: readonly object[]) =>
  [header, ...rows.map((each) => header.map((name) => String((each as Record<string, unknown>)[name] ?? '')))]
    .map((line) => `${line.join(',')}\n`)
    .join('');

const HEADER = ['source', 'period', 'cut', 'atom', 'level', 'label', 'threshold_on', 'value', 'low', 'high'];
const GEOGRAPHY: [cut: string, atom: string, role: string, cells: string, within?: string][] = [
  ['place', CELLS[0], 'block', CELLS[0]],
  ['place', 'W01', 'block', CELLS[1]],
  ['place', 'W02', 'block', CELLS[2]],
  ['place', 'W03', 'reserve', '89195a32dcfffff'],
  ['weapon', 'body', 'block', ''],
  ['weapon', 'blunt', 'block', ''],
  ['weapon', 'unknown', 'reserve', ''],
];

export interface Extra {
  readonly bands?: readonly Band[];
  readonly manifest?: object;
  readonly geography?: typeof GEOGRAPHY;
  readonly files?: Readonly<Record<string, string>>;
}

/** One release for each quarter, with its own rows; what is extra is in the last. */
export function releasesOf(
  rows: readonly Row[],
  { bands = [], manifest = {}, geography = GEOGRAPHY, files = {} }: Extra = {},
): AuditedRelease[] {
  const policy = {
    name: 'additive-10-5',
    threshold: K,
    base: BASE,
    reserve: 1.5,
    partnershipThreshold: 5,
    partnershipBands: [5, 10, 20, 40],
  };
  return QUARTERS.map((period, q) => {
    const isOwn = (each: Row) =>
      each.period === period ||
      (each.cut === 'month' && Math.ceil(Number(each.period.slice(5)) / 3) === q + 1);
    const order = (a: Row, b: Row) =>
      `${a.period}|${a.cut}|${a.level}|${a.atom}` < `${b.period}|${b.cut}|${b.level}|${b.atom}` ? -1 : 1;
    const text = csv(HEADER, rows.filter(isOwn).toSorted(order));
    const ground = geography
      .map(([cut, atom, role, cells, within = '']) => ({
        source: 'ed',
        first_quarter: '2024-Q1',
        cut,
        atom,
        level: '',
        label: atom,
        role,
        within,
        cells,
      }))
      .toSorted((a, b) => (`${a.cut}|${a.atom}` < `${b.cut}|${b.atom}` ? -1 : 1));
    const own = bands.filter((band) => band.period === period);
    const isLast = q === QUARTERS.length - 1;
    return {
      period,
      files: new Map([
        ['manifest.json', JSON.stringify({ release: period, policy, ...(isLast ? manifest : {}) })],
        ['public/tables/all.csv', text],
        [
          'public/tables/geography.csv',
          csv(
            ['source', 'first_quarter', 'cut', 'atom', 'level', 'label', 'role', 'within', 'cells'],
            ground,
          ),
        ],
        ...(own.length === 0
          ? []
          : [
              [
                'tables/partnership_places.csv',
                csv(
                  ['source', 'period', 'level', 'atom', 'label', 'band', 'low', 'high', 'hotspot'],
                  own.map((band) => ({
                    source: 'ed',
                    label: band.atom,
                    band: `${band.low}-${band.high ?? ''}`,
                    hotspot: '',
                    ...band,
                  })),
                ),
              ] as [string, string],
            ]),
        ...(isLast ? Object.entries(files) : []),
      ]),
    };
  });
}

export const CELL = CELLS[0];
