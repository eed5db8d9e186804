// Twelve months in bands beside the quarters that anybody has: the bands give way, so that neither narrows the other.
import type { PartnershipRow } from '../../schemas/released.ts';

/** What may be any whole number from low to high; null where there is no upper end. */
export interface Range {
  readonly low: number;
  readonly high: number | null;
}

/** A row of the partnership tier before anything beside it is looked at. */
export type Banded = Pick<PartnershipRow, 'level' | 'atom' | 'band' | 'low' | 'high'>;

/** Rows, and ranges that are public already, that count the same records: their sums are one number. */
export interface Group {
  readonly name: string;
  readonly rows: readonly Banded[];
  /** Whether each record of the one is of the other too; else most are, and rows do not take over from quarters. */
  readonly isExact: boolean;
  /** What is in the group and in no row; null where nothing is. */
  readonly unshown: Range | null;
  /**
   * The most that the row of what is left of an area can be, where it says none itself: its cells were left out, each of
   * them with less than the threshold. Null where they can have had anything.
   */
  readonly mostLeft: number | null;
  readonly quarters: readonly Range[];
  /** What its quarters have of other groups: so much at least, and as much more as one of what they hold can have. */
  readonly held?: Range;
  /** Rows of other groups that are wholly in its quarters: those of its parts. */
  readonly others?: readonly Range[];
  /** What is so of its own row in the quarters, beside parts; what is left of an area is not in that alone. */
  readonly alone?: { readonly quarters: readonly Range[]; readonly held: Range };
}

const sum = (of: readonly number[]) => of.reduce((total, n) => total + n, 0);
const most = (of: readonly Range[]) => sum(of.map(({ high }) => high ?? Number.POSITIVE_INFINITY));

/**
 * Whether each row and each quarter keeps all that it can stand for when both sums are known to be one number. Rows and
 * quarters can share their records out in any way, so that only the two sums bind them. `rowsHigh` is how much the rows
 * can be together, where more is known of that than they say.
 */
export function hasRoom(
  rows: readonly Range[],
  quarters: readonly Range[],
  rowsHigh: number = most(rows),
): boolean {
  const rowsLow = sum(rows.map(({ low }) => low));
  const [low, high] = [sum(quarters.map((each) => each.low)), most(quarters)];
  const widest = (of: readonly Range[]) =>
    Math.max(0, ...of.map((r) => (r.high === null ? 0 : r.high - r.low)));
  const reach = Math.max(widest(rows), widest(quarters));
  // A quarter of which nothing is known must be able to have had nothing.
  const rests = quarters.flatMap((each, i) => (each.high === null ? [quarters.toSpliced(i, 1)] : []));
  return rowsLow + reach <= high && low + reach <= rowsHigh && rests.every((rest) => rowsLow <= most(rest));
}

/** A row's band, or with each step one that says less: without its upper end, then from a lower band up. */
export function widen(row: Banded, steps: number, bands: readonly number[]): Banded {
  if (steps === 0) return row;
  const low = bands[Math.max(0, bands.indexOf(row.low) - (steps - 1))]!;
  return { ...row, low, high: null, band: `${low}+` };
}

/**
 * The rows of a group, each as wide as it takes for the group to have room, or none. `draw` gives a number 0..63 for a
 * name that looks random without the key: by it one row in eight is wider than it need be, and one group in 64 is not
 * shown. So no row and no gap proves that a narrower one would have been too narrow. `least` is 1 where what is not
 * shown of another group would be looked for in this one: its rows then have no upper end.
 */
export function leaveRoom(
  group: Group,
  bands: readonly number[],
  draw: (name: string) => number,
  least = 0,
): Banded[] {
  const { name, rows, isExact, unshown, mostLeft, quarters, others = [], alone } = group;
  const rest = unshown ? [unshown] : [];
  const held = group.held ? [group.held] : [];
  const binds = least > 0 || quarters.some(({ low, high }) => low > 0 || high !== null);
  if (!binds || rows.length === 0) return [...rows];
  if (draw(name) === 0) return [];
  for (let step = least; step <= bands.length; step++) {
    const wider = rows.map((row) => widen(row, step + drawnSteps(draw(`${row.level} ${row.atom}`)), bands));
    // What the rows can be, in the same order.
    const can = wider.map(({ level, low, high }) => ({
      low,
      high: high ?? (level === 'area' ? mostLeft : null),
    }));
    const all = [...can, ...rest];
    const inside = wider.filter(({ level }) => level !== 'area');
    const hasAll = hasRoom([...wider, ...rest, ...others, ...held], quarters, most([...all, ...others]));
    if (hasAll && (!alone || hasRoom([...inside, alone.held], alone.quarters, most(all))))
      return isExact ? wider.map((row, i) => sayLeast(row, all.toSpliced(i, 1), quarters)) : wider;
  }
  return [];
}

/** A row without an upper end says no less than the quarters say of it already. */
function sayLeast(row: Banded, others: readonly Range[], quarters: readonly Range[]): Banded {
  if (row.high !== null) return row;
  const low = Math.max(row.low, sum(quarters.map((each) => each.low)) - most(others));
  return { ...row, low, band: `${low}+` };
}

function drawnSteps(drawn: number): number {
  if (drawn >= 8) return 0;
  return drawn >= 4 ? 1 : drawn >= 2 ? 2 : drawn + 3;
}
