/** Data quality as tables of analyst.duckdb: counts of public-place records alone, which are in the file as rows too. */
import type { DescribedTable } from '../duckdb-file.ts';
import { FILE_MEASURES, MEASURES } from './measures.ts';
import type { Quality } from './quality.ts';

const SOURCE = ['VARCHAR', 'Source'] as const;
const SUPPLIER = ['VARCHAR', 'Site or force; empty where a file may hold several'] as const;

export const QUALITY_TABLES = {
  scorecard: {
    title:
      'How records of public places are filled in, by supplier, month of occurrence and shift: of so many that can be asked, how many have what the measure is about',
    columns: {
      source: SOURCE,
      supplier: SUPPLIER,
      month: ['DATE', 'First day of the month; for measures of files, of the month that they end with'],
      shift: ['VARCHAR', 'Part of the day of the arrival, "not told", or "all"'],
      measure: ['VARCHAR', 'Name of the measure, explained in the table measure'],
      records: ['INTEGER', 'How many have it'],
      asked: ['INTEGER', 'Of how many'],
    },
  },
  measure: {
    title: 'What the measures of the scorecard are; located_by_… is the share located in that way',
    columns: {
      measure: ['VARCHAR', 'Name'],
      element: ['VARCHAR', 'What it is about: place, time, weapon, person, all, delivery or file'],
      title: ['VARCHAR', 'What it tells'],
      better: ['VARCHAR', 'high, low or neither'],
    },
  },
  quality_signal: {
    title:
      'Where a supplier codes in another way than before (likelihood ratio, over all stretches of months), or a month lies outside its own past (XmR)',
    columns: {
      source: SOURCE,
      supplier: SUPPLIER,
      kind: ['VARCHAR', 'coding or volume'],
      element: ['VARCHAR', 'weapon, place, time or volume'],
      month: ['DATE', 'First day of the first month that is different'],
      until: ['DATE', 'First day of the last month of that kind'],
      value: ['VARCHAR', 'The value whose share changes most; empty for volume'],
      before: ['INTEGER', 'Percent before, or records in a usual month'],
      after: ['INTEGER', 'Percent from then on, or records in that month'],
      p: ['DOUBLE', 'Chance of finding so much where nothing changed; empty for volume'],
    },
  },
  missingness: {
    title: 'How often place, hour or weapon is missing over twelve months, by what it may depend on',
    columns: {
      source: SOURCE,
      missing: ['VARCHAR', 'place, time or weapon'],
      factor: ['VARCHAR', 'hour, weapon, arrival or delay'],
      value: ['VARCHAR', 'Value of the factor'],
      records: ['INTEGER', 'Records in which it is missing'],
      asked: ['INTEGER', 'Of how many'],
      low: ['DOUBLE', 'Lower 95% limit of the share, percent (Wilson)'],
      high: ['DOUBLE', 'Upper limit'],
      q: [
        'DOUBLE',
        'Of the factor: false discovery rate of its mattering (chi-square, Benjamini and Hochberg)',
      ],
      v: ['DOUBLE', 'Of the factor: how much it matters, 0 to 1 (Cramér)'],
    },
  },
  map_effect: {
    title:
      'What missing places do to the map over twelve months: shares of named areas as shown, weighted by hour and shift, and the bounds that hold whatever is missing',
    columns: {
      source: SOURCE,
      area: ['VARCHAR', 'Named area; empty outside of all'],
      records: ['INTEGER', 'Records on the map'],
      shown: ['DOUBLE', 'Percent of the records on the map'],
      weighted: [
        'DOUBLE',
        'The same with each record standing for those of its hour and shift that are not on it',
      ],
      least: ['DOUBLE', 'Percent of all records if none of the missing were there'],
      most: ['DOUBLE', 'If all of them were'],
    },
  },
} as const satisfies Readonly<Record<string, DescribedTable>>;

/** The rows of each table, by its name, of the sources named. */
export function qualityRows(
  { scorecard, signals, missingness, mapEffect }: Quality,
  sources: readonly string[],
): Readonly<Record<keyof typeof QUALITY_TABLES, readonly object[]>> {
  const day = (month: string) => `${month}-01`;
  const own = <Row extends { readonly source: string }>(rows: readonly Row[]) =>
    rows.filter(({ source }) => sources.includes(source));
  return {
    scorecard: own(scorecard).map(({ of, ...row }) => ({ ...row, month: day(row.month), asked: of })),
    measure: [
      { measure: 'records', element: 'all', title: 'Records', better: 'neither' },
      ...Object.entries(MEASURES).map(([measure, { element, title, better }]) => ({
        ...{ measure, element, title, better },
      })),
      ...Object.entries(FILE_MEASURES).map(([measure, title]) => ({
        ...{ measure, element: 'file', title, better: 'low' },
      })),
    ],
    quality_signal: own(signals).map((row) => ({ ...row, month: day(row.month), until: day(row.until) })),
    missingness: own(missingness).map(({ of, ...row }) => ({ ...row, asked: of })),
    map_effect: own(mapEffect),
  };
}
