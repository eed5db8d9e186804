/** Data quality of all sources: read once, computed by pure functions. */
import type { QuerySql } from '../sql.ts';
import { type MapEffect, type MissingRow, mapEffect, missingness } from './missingness.ts';
import { type RecordScope, readFileMonths, readMappedClasses, readRecordClasses } from './read-records.ts';
import { type ScorecardRow, scorecard } from './scorecard.ts';
import { findSignals, type Signal } from './signals.ts';

export interface Quality {
  readonly scorecard: readonly ScorecardRow[];
  readonly signals: readonly Signal[];
  /** Of the twelve months to the last that is delivered as a whole, as is the effect on the map. */
  readonly missingness: readonly MissingRow[];
  readonly mapEffect: readonly MapEffect[];
}

export interface QualityInput {
  readonly query: QuerySql;
  readonly scope: RecordScope;
  /** The last month of each source that is delivered as a whole. */
  readonly upTo: ReadonlyMap<string, string>;
  /** The name of the area of a cell; empty where it lies in none. */
  readonly areaOf: (cell: bigint) => string;
}

/** Reads the view `reported` and the ledger of files. */
export async function readQuality({ query, scope, upTo, areaOf }: QualityInput): Promise<Quality> {
  const records = await readRecordClasses(query, scope);
  const files = await readFileMonths(query);
  const last = (source: string) => upTo.get(source);
  const inYear = ({ source, month }: { source: string; month: string }) => {
    const to = last(source);
    return to !== undefined && month <= to && month > yearBefore(to);
  };
  const effects: MapEffect[] = [];
  for (const [source, to] of upTo) {
    const classes = await readMappedClasses(query, source, monthAfter(yearBefore(to)), to);
    effects.push(...mapEffect(classes, areaOf));
  }
  return {
    scorecard: scorecard(records, files),
    signals: findSignals(records, last),
    missingness: missingness(records.filter(inYear)),
    mapEffect: effects,
  };
}

const yearBefore = (month: string) => `${Number(month.slice(0, 4)) - 1}${month.slice(4)}`;
function monthAfter(month: string): string {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5));
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
}
