/** The scorecard: for each supplier, month and shift, how many of the records have what they should. Exact counts. */
import { FILE_MEASURES, locatedBy, MEASURES } from './measures.ts';
import type { FileMonth, RecordClass } from './read-records.ts';

/** Of `of` records that can be asked, `records` have what the measure is about. */
export interface ScorecardRow {
  readonly source: string;
  /** Empty for measures of files, which may hold several suppliers' rows. */
  readonly supplier: string;
  readonly month: string;
  /** Part of the day of the arrival, "not told", or "all" for the month as a whole. */
  readonly shift: string;
  readonly measure: string;
  readonly records: number;
  readonly of: number;
}

/** All shifts together. */
export const ALL_SHIFTS = 'all';

/** The rows of all suppliers, months and shifts, in the order of the classes; measures of which nothing can be asked are left out. */
export function scorecard(records: readonly RecordClass[], files: readonly FileMonth[]): ScorecardRow[] {
  const groups = new Map<string, RecordClass[]>();
  for (const record of records)
    for (const shift of [ALL_SHIFTS, record.arrival || 'not told']) {
      const name = JSON.stringify([record.source, record.supplier, record.month, shift]);
      const group = groups.get(name);
      if (group) group.push(record);
      else groups.set(name, [record]);
    }
  const levels = [...new Set(records.map(({ located_by }) => located_by))].toSorted();
  const rows = [...groups].flatMap(([name, group]) => {
    const [source, supplier, month, shift] = JSON.parse(name) as [string, string, string, string];
    const place = { source, supplier, month, shift };
    const all = countOf(group, () => true);
    const outside = countOf(group, ({ home }) => !home);
    return [
      { ...place, measure: 'records', records: all, of: all },
      ...Object.entries(MEASURES).map(([measure, { asked, has }]) => ({
        ...place,
        measure,
        records: countOf(group, (record) => asked(record) && has(record)),
        of: countOf(group, asked),
      })),
      ...levels.map((level) => ({
        ...place,
        measure: locatedBy(level),
        records: countOf(group, ({ home, located_by }) => !home && located_by === level),
        of: outside,
      })),
    ].filter(({ of }) => of > 0);
  });
  const ofFiles = files.flatMap(({ source, month, read, rejected, duplicate, unmapped }) => {
    const counts = { rows_rejected: rejected, rows_duplicate: duplicate, values_unmapped: unmapped };
    return (Object.keys(FILE_MEASURES) as (keyof typeof FILE_MEASURES)[]).map((measure) => ({
      ...{ source, supplier: '', month, shift: ALL_SHIFTS, measure, records: counts[measure], of: read },
    }));
  });
  const key = ({ source, supplier, month, shift }: ScorecardRow) =>
    JSON.stringify([source, supplier, month, shift]);
  return [...rows, ...ofFiles].toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

const countOf = (records: readonly RecordClass[], holds: (record: RecordClass) => boolean): number =>
  records.reduce((sum, record) => (holds(record) ? sum + record.n : sum), 0);
