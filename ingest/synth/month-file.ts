import { monthText } from './calendar.ts';
import { csvLine } from './csv-line.ts';
import type { Incident } from './incidents.ts';

/** What happened, behind one record of a file. */
export type RecordTruth = {
  readonly source: string;
  readonly key: string;
  readonly incident: Incident;
  readonly month: string;
  readonly text: string;
};

/** Counts by reason. */
export type Tally = Record<string, number>;

/** Adds one to a reason's count. */
export function count(tally: Tally, reason: string): void {
  tally[reason] = (tally[reason] ?? 0) + 1;
}

/** One month's file in the making, and the count of everything that was done to it. */
export type MonthFile = {
  readonly path: string;
  readonly month: number;
  rows: number;
  duplicates: number;
  /** Rows that replace a usable row of an earlier file. */
  corrections: number;
  /** Rows that bring the right version of a row that was useless. */
  repairs: number;
  readonly late: Tally;
  /** Rows that cannot be used, by what is wrong. */
  readonly bad: Tally;
  /** Rows that can be used and are not quite as they should be. */
  readonly odd: Tally;
  readonly excluded: Tally;
  text: string;
  /** Takes a line; those marked are put after all others. */
  readonly add: (line: string, atEnd: boolean) => void;
  readonly finish: (
    headers: readonly string[],
    form: { readonly bom: string; readonly lineEnd: string },
  ) => void;
};

/** Empty files for consecutive months, named by a path's beginning and the month. */
export function monthFiles(pathStart: string, first: number, months: number): MonthFile[] {
  return Array.from({ length: months }, (_, i) => {
    const lines: string[] = [];
    const lastLines: string[] = [];
    const file: MonthFile = {
      path: `${pathStart}${monthText(first + i)}.csv`,
      month: first + i,
      rows: 0,
      duplicates: 0,
      corrections: 0,
      repairs: 0,
      late: {},
      bad: {},
      odd: {},
      excluded: {},
      text: '',
      add(line, atEnd) {
        (atEnd ? lastLines : lines).push(line);
        file.rows++;
      },
      finish(headers, { bom, lineEnd }) {
        file.text = bom + [csvLine(headers), ...lines, ...lastLines, ''].join(lineEnd);
      },
    };
    return file;
  });
}
