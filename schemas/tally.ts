/** What became of the records of a source: numbers only, never a value. */

/** Counts by field, as the supplier calls it, and reason. */
export type ByFieldAndReason = Record<string, Record<string, number>>;

/** Kept while a file is read; every row ends in exactly one of rejected, excluded and passed. */
export interface Tally {
  read: number;
  /** Rows that became incidents; the store tells new ones from duplicates and corrections. */
  passed: number;
  rejected: ByFieldAndReason;
  excluded: ByFieldAndReason;
  /** Values that no code list explains, by field; their rows are kept with the value "unknown", or left out. */
  unmapped: Record<string, number>;
  /** Points that were not mapped, or lie outside the agreed area, by what is wrong with them. */
  flagged: Record<string, number>;
  located: number;
  homeGated: number;
  timeKnown: number;
  /** Texts of a location that held personal details; no text is kept, these and the others. */
  personalTexts: number;
  /** Latest local day, as days since 1970-01-01, that the records speak for; undefined where none does. */
  coveredTo: number | undefined;
}

/** A tally of nothing. */
export const emptyTally = (): Tally => ({
  read: 0,
  passed: 0,
  rejected: {},
  excluded: {},
  unmapped: {},
  flagged: {},
  located: 0,
  homeGated: 0,
  timeKnown: 0,
  personalTexts: 0,
  coveredTo: undefined,
});

/** Adds to a count by field and reason. */
export function count(counts: ByFieldAndReason, field: string, reason: string, by = 1): void {
  counts[field] ??= {};
  const reasons = counts[field];
  reasons[reason] = (reasons[reason] ?? 0) + by;
}

/** The sum of all counts. */
export const total = (counts: ByFieldAndReason): number =>
  Object.values(counts).reduce((sum, reasons) => sum + Object.values(reasons).reduce((a, b) => a + b, 0), 0);
