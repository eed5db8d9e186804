/**
 * How well a record was filled in: small codes that are kept with each incident, so that a correction replaces them, an
 * erasure removes them, and however a file is split they are the same. All share one number, whose layout is here.
 */
import { NIGHT_BANDS } from './released.ts';

/** The part of the day in which the patient arrived or the record was made: whose shift it was. */
export const ARRIVALS = ['not told', ...NIGHT_BANDS] as const;
/** How long after the incident that was. */
export const DELAYS = ['not told', 'by the next day', 'within a week', 'later'] as const;
/** What was written as the time of day; midnight to the second is how systems write that it is not known. */
export const TIMES_TOLD = ['an hour', 'midnight', 'only the day', 'later than the arrival'] as const;
/** Whether the time was taken over from the arrival, to the second. */
export const COPIES = ['no', 'yes'] as const;
/** What was written where a code is expected. */
export const CODES_TOLD = ['a listed code', 'nothing', 'a code that is not listed'] as const;
/** Whether the place was described in words. */
export const TEXTS_TOLD = ['nothing', 'something'] as const;

/** The codes by name, with the lowest of their bits and their values. */
export const NOTED = {
  arrival: { shift: 0, bits: 3, values: ARRIVALS },
  delay: { shift: 3, bits: 2, values: DELAYS },
  time: { shift: 5, bits: 2, values: TIMES_TOLD },
  copied: { shift: 7, bits: 1, values: COPIES },
  weapon_code: { shift: 8, bits: 2, values: CODES_TOLD },
  place_code: { shift: 10, bits: 2, values: CODES_TOLD },
  place_text: { shift: 12, bits: 1, values: TEXTS_TOLD },
} as const;
export type NotedName = keyof typeof NOTED;

/** The largest number of the layout. */
export const MOST_NOTED = 2 ** 13 - 1;

/** One of the codes out of the number in `column`, as SQL; NULL where the number is. */
export function notedSql(name: NotedName, column = 'noted'): string {
  const { shift, bits, values } = NOTED[name];
  const list = values.map((value) => `'${value}'`).join(', ');
  return `[${list}][1 + ((${column}::INTEGER >> ${shift}) & ${2 ** bits - 1})]`;
}
