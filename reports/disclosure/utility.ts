// How much of a quarter is shown and at which detail, from what is published alone.
import type { Released, ReleasedRow } from '../../schemas/released.ts';

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
      sum('place', (row) => row.level === 'cell' || row.level === 'area'),
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
