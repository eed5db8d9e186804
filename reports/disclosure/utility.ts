// How much of a quarter is shown and at which detail, from what is published alone.
import type { GeographyRow, Released, ReleasedRow } from '../../schemas/released.ts';
import type { Area } from './partition.ts';
import { parseQuarter } from './period.ts';
import { rollUp, splitAt } from './rounding.ts';
import { type Query, readTallies } from './tally.ts';

/** Shares in percent, to 5 points; null where the quarter has no such breakdown. */
export interface Utility {
  /** Of the incidents on the map that the place cut shows: in cells of their own. */
  readonly cell: number | null;
  /** In cells or in named areas. */
  readonly area: number | null;
  /** In the pool of all other places. */
  readonly pool: number | null;
  /** Of all incidents: shown as at home or in private. */
  readonly home: number | null;
  /** Shown as located; what is too small to be told apart counts as located. */
  readonly located: number | null;
  /** Known by part of the day and shown so: the true share is not smaller. */
  readonly timeKnown: number | null;
}

/** The utility of one source and quarter from its released rows; rows of other periods are passed over. */
export function measureUtility(
  rows: readonly Released<ReleasedRow>[],
  source: string,
  period: string,
): Utility {
  const own = rows.filter((row) => row.source === source && row.period === period);
  const sum = (cut: ReleasedRow['cut'], holds: (row: ReleasedRow) => boolean) =>
    own.filter((row) => row.cut === cut && holds(row)).reduce((total, row) => total + row.value, 0);
  const share = (part: number, whole: number) => (whole === 0 ? null : Math.round((part / whole) * 20) * 5);
  const onMap = sum('place', (row) => row.level !== 'category');
  const all = sum('located', () => true);
  return {
    cell: share(
      sum('place', (row) => row.level === 'cell'),
      onMap,
    ),
    area: share(
      sum('place', (row) => row.level !== 'category' && row.level !== 'pool'),
      onMap,
    ),
    pool: share(
      sum('place', (row) => row.level === 'pool'),
      onMap,
    ),
    home: share(
      sum('located', (row) => row.atom === 'home'),
      all,
    ),
    located: share(
      sum('located', (row) => row.atom === 'map' || row.atom === 'pool'),
      all,
    ),
    timeKnown: share(
      sum('night_band', (row) => row.level === 'category'),
      sum('night_band', () => true),
    ),
  };
}

/** Percentages of the incidents on the map that stand in a cell, within a named area, and anywhere. */
export interface Placed {
  readonly cell: number;
  readonly area: number;
  readonly whole: number;
}

/**
 * How much of a quarter is shown at which detail, and how much plain suppression would show of each grid by itself: by
 * the true numbers, so for the operator's screen alone. Null where the quarter has no cut of places.
 */
export async function measurePlaced(
  query: Query,
  {
    source,
    period,
    areas,
    threshold,
  }: { source: string; period: string; areas: readonly Area[]; threshold: number },
  rows: readonly ReleasedRow[],
  geography: readonly GeographyRow[],
): Promise<{ readonly shown: Placed; readonly plain: Placed } | null> {
  const shown = new Set(
    rows
      .filter((row) => row.source === source && row.period === period && row.cut === 'place')
      .map(({ atom }) => atom),
  );
  if (shown.size === 0) return null;
  const from = parseQuarter(period);
  const [tallies] = await readTallies(query, { source, from, to: from + 2 }, 'place');
  const places = [...tallies].filter(([name]) => /^8[0-9a-f]{14}$/.test(name));
  const areaOf = new Map(
    areas.flatMap(({ cells }, a) => cells.map((cell) => [cell.toString(16), a] as const)),
  );
  const ground = geography.filter((row) => row.source === source && row.cut === 'place');
  const byName = new Map(ground.map((row) => [row.atom, row]));
  const holder = (row: GeographyRow | undefined): GeographyRow | undefined =>
    row === undefined || shown.has(row.atom) ? row : holder(byName.get(row.within));
  const levelOf = new Map(
    ground.flatMap((row) => row.cells.split(' ').map((cell) => [cell, holder(row)?.level] as const)),
  );
  // Cells, then areas, then what lies in none, then everything.
  const n = places.length + areas.length + 2;
  const top = n - 1;
  const parent = Int32Array.from({ length: n }, (_, i) => {
    if (i === top) return -1;
    return i < places.length ? places.length + (areaOf.get(places[i]![0]) ?? areas.length) : top;
  });
  const counts = new Int32Array(n);
  for (const [i, [, tally]] of places.entries()) counts[i] = tally.records;
  const [sums, kept, rest] = [new Int32Array(n), new Int32Array(n), new Int32Array(1)];
  rollUp(counts, parent, n, sums);
  const all = sums[top]!;
  const percent = (part: number) => (all === 0 ? 0 : Math.round((100 * part) / all));
  const plain = (first: number, length: number) => {
    const nodes = Int32Array.from({ length }, (_, i) => first + i);
    const shownNodes = splitAt(sums, nodes, length, threshold, kept, rest);
    return percent(kept.subarray(0, shownNodes).reduce((total, node) => total + sums[node]!, 0));
  };
  const own = (...levels: string[]) =>
    places.reduce(
      (total, [name, tally]) => total + (levels.includes(levelOf.get(name) ?? '') ? tally.records : 0),
      0,
    );
  const [cell, area] = [own('cell'), own('part', 'area')];
  return {
    shown: {
      cell: percent(cell),
      area: percent(cell + area),
      whole: shown.has('pool') ? 100 : percent(cell + area),
    },
    plain: { cell: plain(0, places.length), area: plain(places.length, areas.length), whole: 100 },
  };
}
