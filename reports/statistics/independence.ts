// Sources: Pearson's chi-square of a table of groups by yes and no (Agresti 2013, section 3.2.1), with groups whose
// expected count is below five held together (Cochran 1954); Cramér's V (Cramér 1946, section 21.9).
import { upperGamma } from './special-functions.ts';

/** Of `of` records in a group, so many `have` something. */
export interface GroupShare {
  readonly have: number;
  readonly of: number;
}

export interface Independence {
  readonly chiSquare: number;
  readonly df: number;
  /** Chance of differences at least so large if all groups had one share; 1 where nothing can be compared. */
  readonly p: number;
  /** 0: the groups do not differ; 1: the group decides. */
  readonly v: number;
}

const LEAST_EXPECTED = 5;

/** Whether groups differ in the share that has something. */
export function testIndependence(groups: readonly GroupShare[]): Independence {
  const have = groups.reduce((sum, group) => sum + group.have, 0);
  const all = groups.reduce((sum, group) => sum + group.of, 0);
  const share = all === 0 ? 0 : have / all;
  const isLarge = ({ of }: GroupShare) => of * Math.min(share, 1 - share) >= LEAST_EXPECTED;
  const rest = groups
    .filter((group) => !isLarge(group))
    .reduce((sum, group) => ({ have: sum.have + group.have, of: sum.of + group.of }), { have: 0, of: 0 });
  const compared = [...groups.filter(isLarge), ...(isLarge(rest) ? [rest] : [])];
  const df = compared.length - 1;
  if (df < 1) return { chiSquare: 0, df: 0, p: 1, v: 0 };
  const n = compared.reduce((sum, { of }) => sum + of, 0);
  const mean = compared.reduce((sum, group) => sum + group.have, 0) / n;
  const chiSquare = compared.reduce(
    (sum, group) => sum + (group.have - group.of * mean) ** 2 / (group.of * mean * (1 - mean)),
    0,
  );
  return { chiSquare, df, p: upperGamma(df / 2, chiSquare / 2), v: Math.sqrt(chiSquare / n) };
}
