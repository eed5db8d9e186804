// Bounds of unpublished figures from sums that are published: two linear programmes for each, solved by HiGHS.
import highsModule, { type Highs, type Model } from 'highs';

/** A figure that nobody published, with what is known of it beforehand. */
export interface Range {
  readonly low: number;
  /** Infinity where nothing bounds it. */
  readonly high: number;
}

/** Cells by their number, each with its factor; most often 1. */
export type Terms = readonly (readonly [cell: number, factor: number])[];

/** A figure that is published, or follows from how figures are made: the sum of the terms lies in the range. */
export interface Sum extends Range {
  readonly terms: Terms;
}

/** Whole numbers, at least 0 unless their range says else, and the sums that they take part in. */
export interface LinearTable {
  readonly cells: readonly Range[];
  readonly sums: readonly Sum[];
}

/** What to bound; the search may end once both ends of `enough`, or so many whole numbers, are seen to be possible. */
export interface Target {
  readonly terms: Terms;
  readonly enough?: Range;
  readonly enoughNumbers?: number;
}

// The package's types are those of its CommonJS build, where the loader is a member of what is imported.
const loadHighs = highsModule as unknown as typeof highsModule.default;

const OPTIMAL = 7;
const INFEASIBLE = 8;
const NO_OPTIMUM: readonly number[] = [9, 10];
const TOLERANCE = 1e-6;
const MIP_SECONDS = 10;
/** Whole numbers take a search; in a larger part of a table, linear bounds stand: what they prove is true as well. */
const WHOLE_UP_TO = 300;

let loading: Promise<Highs> | undefined;

/**
 * The smallest and largest whole number that each target can have in any table that fits; null where no table fits.
 * Where the linear optimum is no table of whole numbers, a target of a part of at most 300 cells is solved again in
 * whole numbers. A search that `enough` ended gives at least that range.
 */
export async function boundCells(table: LinearTable, targets: readonly Target[]): Promise<Range[] | null> {
  loading ??= loadHighs();
  const highs = await loading;
  const tightened = propagate(table);
  if (tightened === null) return null;
  const bounds: Range[] = targets.map(() => ({ low: 0, high: 0 }));
  for (const part of connectedParts(table, targets)) {
    const found = boundPart(highs, table, tightened, part, targets);
    if (found === null) return null;
    for (const [target, range] of found) bounds[target] = range;
  }
  return bounds;
}

/** Narrows the cells by each sum in turn until nothing moves; null where a range is left empty. */
export function propagate({ cells, sums }: LinearTable): Range[] | null {
  const lows = cells.map((cell) => cell.low);
  const highs = cells.map((cell) => cell.high);
  const ofCell: number[][] = cells.map(() => []);
  for (const [s, sum] of sums.entries()) for (const [cell] of sum.terms) ofCell[cell]!.push(s);
  const waiting = new Set(sums.keys());
  let steps = 50 * sums.length;
  for (const s of waiting) {
    if (steps-- === 0) break;
    waiting.delete(s);
    const { terms, low, high } = sums[s]!;
    for (const [cell, factor] of terms) {
      let [least, most] = [0, 0];
      for (const [other, weight] of terms) {
        if (other === cell) continue;
        least += weight > 0 ? weight * lows[other]! : weight * highs[other]!;
        most += weight > 0 ? weight * highs[other]! : weight * lows[other]!;
      }
      const ends = [(low - most) / factor, (high - least) / factor].sort((a, b) => a - b);
      const [from, to] = [Math.ceil(ends[0]! - TOLERANCE), Math.floor(ends[1]! + TOLERANCE)];
      if (!(from > lows[cell]! || to < highs[cell]!)) continue;
      lows[cell] = Math.max(lows[cell]!, from);
      highs[cell] = Math.min(highs[cell]!, to);
      if (lows[cell]! > highs[cell]!) return null;
      for (const next of ofCell[cell]!) waiting.add(next);
    }
  }
  return lows.map((low, cell) => ({ low, high: highs[cell]! }));
}

interface Part {
  readonly cells: readonly number[];
  readonly sums: readonly number[];
  readonly targets: readonly number[];
}

/** Cells that share a sum or a target stand or fall together; everything else is solved by itself. */
function connectedParts({ cells, sums }: LinearTable, targets: readonly Target[]): Part[] {
  const parent = cells.map((_, i) => i);
  const find = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = i; parent[at] !== root; ) [parent[at], at] = [root, parent[at]!];
    return root;
  };
  for (const { terms } of [...sums, ...targets])
    for (const [cell] of terms) parent[find(cell)] = find(terms[0]![0]);
  const parts = new Map<number, { cells: number[]; sums: number[]; targets: number[] }>();
  for (const cell of cells.keys()) {
    const root = find(cell);
    if (!parts.has(root)) parts.set(root, { cells: [], sums: [], targets: [] });
    parts.get(root)!.cells.push(cell);
  }
  for (const [s, { terms }] of sums.entries()) if (terms[0]) parts.get(find(terms[0][0]))!.sums.push(s);
  for (const [t, { terms }] of targets.entries()) if (terms[0]) parts.get(find(terms[0][0]))!.targets.push(t);
  return [...parts.values()];
}

function boundPart(
  highs: Highs,
  table: LinearTable,
  tightened: readonly Range[],
  part: Part,
  targets: readonly Target[],
): Map<number, Range> | null {
  const place = new Map(part.cells.map((cell, i) => [cell, i]));
  const local = (terms: Terms) => terms.map(([cell, factor]) => [place.get(cell)!, factor] as const);
  const sums = part.sums.map((s) => ({ ...table.sums[s]!, terms: local(table.sums[s]!.terms) }));
  const cells = part.cells.map((cell) => tightened[cell]!);
  const wanted = part.targets.map((t) => ({ ...targets[t]!, terms: local(targets[t]!.terms), t }));
  if (sums.length === 0) return new Map(wanted.map(({ t, terms }) => [t, reach(terms, cells)]));
  const seen = wanted.map(() => ({ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }));
  const inWholeNumbers = cells.length <= WHOLE_UP_TO;
  // Every table that a solution shows is a witness for all targets at once.
  const witness = (values: ArrayLike<number>) => {
    if (inWholeNumbers && !isWhole(values)) return;
    for (const [i, { terms }] of wanted.entries()) {
      let sum = 0;
      for (const [cell, factor] of terms) sum += factor * values[cell]!;
      seen[i]!.low = Math.min(seen[i]!.low, Math.ceil(sum - TOLERANCE));
      seen[i]!.high = Math.max(seen[i]!.high, Math.floor(sum + TOLERANCE));
    }
  };
  const model = highs.createModel(modelOf(cells, sums));
  try {
    model.options.set({ output_flag: false, presolve: 'off', solver: 'simplex', simplex_strategy: 4 });
    if (model.run().modelStatus !== OPTIMAL) return null;
    const start = model.getSolution().colValue;
    witness(start);
    const fits = !inWholeNumbers || isWhole(start) || leastInWholeNumbers(highs, modelOf(cells, sums), [], 1);
    if (fits === 'no table fits') return null;
    const least = (terms: Terms, sign: 1 | -1): number => {
      const solved = leastByPrimalSimplex(model, terms, sign);
      if (solved === null) return Number.NEGATIVE_INFINITY;
      witness(solved.values);
      if (inWholeNumbers && !isWhole(solved.values)) {
        const whole = leastInWholeNumbers(highs, modelOf(cells, sums), terms, sign);
        if (typeof whole === 'number') return whole;
      }
      return Math.ceil(solved.objective - TOLERANCE);
    };
    const open = (i: number): { low: boolean; high: boolean } => {
      const { terms, enough, enoughNumbers = Number.POSITIVE_INFINITY } = wanted[i]!;
      const { low, high } = seen[i]!;
      const possible = reach(terms, cells);
      const isWide = high - low + 1 >= enoughNumbers;
      return {
        low: !isWide && low > Math.max(enough?.low ?? Number.NEGATIVE_INFINITY, possible.low),
        high: !isWide && high < Math.min(enough?.high ?? Number.POSITIVE_INFINITY, possible.high),
      };
    };
    stretch(model, wanted, open, witness);
    const found = new Map<number, Range>();
    for (const [i, { t, terms }] of wanted.entries()) {
      const low = open(i).low ? least(terms, 1) : seen[i]!.low;
      const high = open(i).high ? -least(terms, -1) : seen[i]!.high;
      // Adding 0 turns a -0 into 0.
      found.set(t, { low: low + 0, high: high + 0 });
    }
    return found;
  } finally {
    model.dispose();
  }
}

const MOST_ROUNDS = 60;

/** Pulls all targets that are still open at once, each to one end by lot: one solution shows the ends of many. */
function stretch(
  model: Model,
  wanted: readonly Target[],
  open: (i: number) => { low: boolean; high: boolean },
  witness: (values: ArrayLike<number>) => void,
): void {
  let lot = 1;
  let left = Number.POSITIVE_INFINITY;
  for (let round = 0, idle = 0; round < MOST_ROUNDS && idle < 3; round++) {
    const costs = new Map<number, number>();
    let ends = 0;
    for (const [i, { terms }] of wanted.entries()) {
      const { low, high } = open(i);
      ends += Number(low) + Number(high);
      lot = (Math.imul(lot, 1_664_525) + 1_013_904_223) >>> 0;
      const pull = low && high ? (lot & 0x10000 ? 1 : -1) : low ? 1 : high ? -1 : 0;
      if (pull === 0) continue;
      for (const [cell, factor] of terms)
        costs.set(cell, (costs.get(cell) ?? 0) + pull * factor * (1 + (lot >>> 20) / 4096));
    }
    if (ends === 0) return;
    idle = ends > 0.97 * left ? idle + 1 : 0;
    left = ends;
    const solved = leastByPrimalSimplex(model, [...costs], 1);
    if (solved) witness(solved.values);
  }
}

/** What the ranges of the cells alone leave possible. */
function reach(terms: Terms, cells: readonly Range[]): Range {
  let [low, high] = [0, 0];
  for (const [cell, factor] of terms) {
    const { low: from, high: to } = cells[cell]!;
    low += factor * (factor > 0 ? from : to);
    high += factor * (factor > 0 ? to : from);
  }
  return { low, high };
}

const isWhole = (values: ArrayLike<number>) =>
  Array.prototype.every.call(values, (value: number) => Math.abs(value - Math.round(value)) < TOLERANCE);

function modelOf(cells: readonly Range[], sums: readonly Sum[]) {
  const starts = [0];
  for (const { terms } of sums) starts.push(starts.at(-1)! + terms.length);
  const entries = sums.flatMap(({ terms }) => terms);
  return {
    numCols: cells.length,
    numRows: sums.length,
    colCost: cells.map(() => 0),
    colLower: cells.map(({ low }) => low),
    colUpper: cells.map(({ high }) => high),
    rowLower: sums.map(({ low }) => low),
    rowUpper: sums.map(({ high }) => high),
    matrix: {
      format: 'csr' as const,
      numRows: sums.length,
      numCols: cells.length,
      starts: Int32Array.from(starts),
      indices: Int32Array.from(entries, ([cell]) => cell),
      values: Float64Array.from(entries, ([, factor]) => factor),
    },
  };
}

// Only the objective changes from one target to the next: the last basis stays feasible, and primal simplex goes on
// from it. Presolve would throw it away (10 to 40 times slower).
function leastByPrimalSimplex(model: Model, terms: Terms, sign: 1 | -1) {
  for (const [cell, factor] of terms) model.changeColCost(cell, sign * factor);
  let { modelStatus } = model.run();
  if (modelStatus !== OPTIMAL && !NO_OPTIMUM.includes(modelStatus)) {
    // Rounding errors can bring the way from the last basis to a stop: once more from nothing, by the dual simplex.
    model.clearSolver();
    model.options.set({ presolve: 'on', simplex_strategy: 1 });
    modelStatus = model.run().modelStatus;
    model.options.set({ presolve: 'off', simplex_strategy: 4 });
  }
  const solved =
    modelStatus === OPTIMAL
      ? { objective: model.getObjectiveValue(), values: model.getSolution().colValue }
      : null;
  for (const [cell] of terms) model.changeColCost(cell, 0);
  if (solved === null && !NO_OPTIMUM.includes(modelStatus))
    throw new Error(
      `the solver of the audit stopped without an answer (status ${modelStatus}): this is a fault of ours`,
    );
  return solved;
}

// Where the search takes too long, the linear bound stands.
function leastInWholeNumbers(
  highs: Highs,
  shape: ReturnType<typeof modelOf>,
  terms: Terms,
  sign: 1 | -1,
): number | 'no table fits' | 'unknown' {
  const colCost = [...shape.colCost];
  for (const [cell, factor] of terms) colCost[cell] = sign * factor;
  const integrality = Int32Array.from(colCost, () => 1);
  const model = highs.createModel({ ...shape, colCost, integrality });
  try {
    model.options.set({ output_flag: false, time_limit: MIP_SECONDS });
    const { modelStatus } = model.run();
    if (modelStatus === INFEASIBLE) return 'no table fits';
    return modelStatus === OPTIMAL ? Math.round(model.getObjectiveValue()) : 'unknown';
  } finally {
    model.dispose();
  }
}
