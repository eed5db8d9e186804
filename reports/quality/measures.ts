/** What is measured of how records are filled in, each a share of the records that it can be asked of. */
import type { RecordClass } from './read-records.ts';

export type Element = 'place' | 'time' | 'weapon' | 'person' | 'all' | 'delivery';

export interface Measure {
  readonly element: Element;
  readonly title: string;
  /** Whether a high share is good; neither where it only tells how the supplier works. */
  readonly better: 'high' | 'low' | 'neither';
  /** Which records it is asked of. */
  readonly asked: (record: RecordClass) => boolean;
  readonly has: (record: RecordClass) => boolean;
}

const isPublic = ({ home }: RecordClass) => !home;
const always = () => true;
const isNoted = ({ time }: RecordClass) => time !== '';
const isTimed = ({ band }: RecordClass) => band !== 'unknown';
const isArmed = ({ weapon }: RecordClass) => weapon !== 'unknown' && weapon !== 'refused';

/** The measures by name, in the order in which they are shown. A home has no place to be found. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  complete: {
    element: 'all',
    title: 'Place, hour and weapon all known, of records of public places',
    better: 'high',
    asked: isPublic,
    has: (record) => record.mapped && isTimed(record) && isArmed(record),
  },
  place_on_map: {
    element: 'place',
    title: 'On the map, of records of public places',
    better: 'high',
    asked: isPublic,
    has: ({ mapped }) => mapped,
  },
  place_described: {
    element: 'place',
    title: 'Place described in words, of records of public places',
    better: 'high',
    asked: (record) => isPublic(record) && isNoted(record),
    has: ({ place_text }) => place_text === 'something',
  },
  place_not_found: {
    element: 'place',
    title: 'Described and yet not on the map, of records of public places with a description',
    better: 'low',
    asked: (record) => isPublic(record) && record.place_text === 'something',
    has: ({ mapped }) => !mapped,
  },
  place_kind_missing: {
    element: 'place',
    title: 'Kind of place left empty',
    better: 'low',
    asked: isNoted,
    has: ({ place_code }) => place_code === 'nothing',
  },
  place_kind_unlisted: {
    element: 'place',
    title: 'Kind of place in a code that is not listed',
    better: 'low',
    asked: isNoted,
    has: ({ place_code }) => place_code === 'a code that is not listed',
  },
  home_described: {
    element: 'place',
    title: 'A home described in words, of records of homes',
    better: 'low',
    asked: (record) => record.home && isNoted(record),
    has: ({ place_text }) => place_text === 'something',
  },
  time_known: { element: 'time', title: 'Hour known', better: 'high', asked: always, has: isTimed },
  time_midnight: {
    element: 'time',
    title: 'Midnight to the second, which stands for an hour that is not known',
    better: 'low',
    asked: isNoted,
    has: ({ time }) => time === 'midnight',
  },
  time_only_day: {
    element: 'time',
    title: 'Only the day written',
    better: 'low',
    asked: isNoted,
    has: ({ time }) => time === 'only the day',
  },
  time_after_arrival: {
    element: 'time',
    title: 'Written as later than the arrival, of records whose arrival is known',
    better: 'low',
    asked: (record) => record.delay !== '' && record.delay !== 'not told',
    has: ({ time }) => time === 'later than the arrival',
  },
  time_copied: {
    element: 'time',
    title: 'The same second as the arrival, as if copied, of records whose arrival is known',
    better: 'low',
    asked: (record) => record.delay !== '' && record.delay !== 'not told',
    has: ({ copied }) => copied === 'yes',
  },
  weapon_known: { element: 'weapon', title: 'Weapon known', better: 'high', asked: always, has: isArmed },
  weapon_refused: {
    element: 'weapon',
    title: 'Patient does not know or refuses to say',
    better: 'neither',
    asked: always,
    has: ({ weapon }) => weapon === 'refused',
  },
  weapon_missing: {
    element: 'weapon',
    title: 'Weapon left empty',
    better: 'low',
    asked: isNoted,
    has: ({ weapon_code }) => weapon_code === 'nothing',
  },
  weapon_unlisted: {
    element: 'weapon',
    title: 'Weapon in a code that is not listed',
    better: 'low',
    asked: isNoted,
    has: ({ weapon_code }) => weapon_code === 'a code that is not listed',
  },
  age_known: { element: 'person', title: 'Age known', better: 'high', asked: always, has: ({ age }) => age },
  sex_known: { element: 'person', title: 'Sex known', better: 'high', asked: always, has: ({ sex }) => sex },
  late_arrival: {
    element: 'delivery',
    title: 'Came more than a week after the incident, of records whose arrival is known',
    better: 'neither',
    asked: (record) => record.delay !== '' && record.delay !== 'not told',
    has: ({ delay }) => delay === 'later',
  },
  late_delivery: {
    element: 'delivery',
    title: 'Delivered with a later month’s file, of records whose file is about one month',
    better: 'low',
    asked: ({ months_late }) => months_late !== null,
    has: ({ months_late }) => (months_late ?? 0) >= 1,
  },
};

/** Measures of the rows of files, which are no records yet. */
export const FILE_MEASURES: Readonly<Record<'rows_rejected' | 'rows_duplicate' | 'values_unmapped', string>> =
  {
    rows_rejected: 'Rows that could not be read, of the rows of files that end in the month',
    rows_duplicate: 'Rows that said nothing new, of the rows of files that end in the month',
    values_unmapped: 'Values that no code list explains, for each row of files that end in the month',
  };

/** The name of a measure that tells how records were located. */
export const locatedBy = (level: string): string => `located_by_${level}`;
