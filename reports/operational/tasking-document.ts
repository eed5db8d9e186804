/** The tasking sheet as data: three named places on one page, which nights, when in them, with what. */

import type { Grant } from '../../schemas/grant.ts';
import { NIGHT_BANDS } from '../../schemas/released.ts';
import { categoryWords } from '../board/cube.ts';
import type { Block, ReportDocument, Table } from '../board/document.ts';
import { lastDay, twelveMonthsInWords } from '../board/periods.ts';
import { cleanText, countText, listText, sentence, shorten } from '../board/words.ts';
import { countLimits } from '../statistics/rates.ts';
import { NIGHTS, type OperationalRow } from './rows.ts';

const PLACES = 3;
/** A sentence of an agreement gets two lines at most: the sheet is one page. */
const MOST_LETTERS = 120;
const MOST_OF_A_NAME = 70;
const MOST_WEAPONS = 4;
const NIGHT_NAMES: Readonly<Record<string, string>> = {
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
  Sat: 'Saturday',
  Sun: 'Sunday',
};

export interface TaskingContent {
  readonly partnership: string;
  readonly period: string;
  readonly policy: string;
  readonly sources: readonly { readonly id: string; readonly name: string }[];
  readonly rows: readonly OperationalRow[];
  readonly threshold: number;
  /** How many percent of a source's records could be put on the map, to 5 points; null where it is not known. */
  readonly located: (source: string) => number | null;
}

/** What stands on every page, and on every row, of this tier. */
export const operationalMarking = ({ name, expires }: Grant<'operational'>): readonly string[] => [
  `OPERATIONAL - for ${shorten(cleanText(name), 60)} alone`,
  'NOT EVIDENCE',
  `destroy by ${expires}`,
];

/** Everything that tasking.pdf says. */
export function taskingDocument(grant: Grant<'operational'>, content: TaskingContent): ReportDocument {
  const { period, sources, rows } = content;
  const source = sources.find(({ id }) => rows.some((row) => row.source === id && row.level === 'place'));
  const chosen = source ? busiest(rows, source.id) : [];
  const words = (text: string) => shorten(cleanText(text), MOST_LETTERS);
  const name = source ? sentence(cleanText(source.name)) : '';
  const located = source ? content.located(source.id) : null;
  const { operational } = grant;
  return {
    title: 'Where and when to be',
    tier: 'operational',
    policy: content.policy,
    partnership: cleanText(content.partnership),
    subtitle: `Tasking sheet, ${twelveMonthsInWords(period)}`,
    marking: [...operationalMarking(grant)],
    date: lastDay(period),
    messagesTitle: 'What this is',
    messages: [
      {
        lead: `For ${words(grant.name)}:`,
        text: `${words(grant.purpose)}. Agreement in force until ${grant.expires}.`,
      },
      {
        lead: 'Not evidence.',
        text: `These are counts of records, not of what anybody did. ${words(operational?.use_as_evidence ?? '')}. Nobody may try to find out who was hurt.`,
      },
      {
        lead: `${twelveMonthsInWords(period)}.`,
        text: source
          ? `${name} alone${located === null ? '' : `: about ${located}% of its records are of a public place that is known`}. Another place may have had as many.`
          : `No named place has ${content.threshold} records.`,
      },
    ],
    maps: [],
    front: chosen.flatMap((place, i) => placeBlocks(i + 1, place, rows, content)),
    body: [
      {
        kind: 'text',
        text: `A night belongs to the day on which it began: 02:00 on a Sunday is Saturday night. Ranges allow for chance alone (95%). Only places with ${content.threshold} records or more in twelve months are counted. Legal basis: ${words(operational?.legal_basis ?? '')}. Assessment: ${words(operational?.dpia ?? '')}. Questions and mistakes: ${words(operational?.contact ?? '')}.`,
      },
    ],
    appendix: [],
  };
}

/** The named places of a source with most records. */
function busiest(rows: readonly OperationalRow[], source: string): OperationalRow[] {
  const own = rows.filter(
    (row) => row.source === source && row.level === 'place' && row.breakdown === 'weapon',
  );
  const first = own.filter((row, i) => own.findIndex(({ atom }) => atom === row.atom) === i);
  return first
    .map((row) => ({ ...row, records: total(own.filter(({ atom }) => atom === row.atom)) }))
    .toSorted((a, b) => b.records - a.records || (a.atom < b.atom ? -1 : 1))
    .slice(0, PLACES);
}

const total = (rows: readonly { readonly records: number }[]) =>
  rows.reduce((sum, { records }) => sum + records, 0);

function placeBlocks(
  number: number,
  place: OperationalRow,
  all: readonly OperationalRow[],
  { sources }: TaskingContent,
): Block[] {
  const own = all.filter(
    (row) => row.source === place.source && row.level === 'place' && row.atom === place.atom,
  );
  const timed = own.filter((row) => row.breakdown === 'night' && row.night !== '');
  const armed = own.filter(
    (row) => row.breakdown === 'weapon' && !['unknown', 'refused'].includes(row.weapon),
  );
  const { lower, upper } = countLimits(place.records);
  const others = sources.flatMap(({ id, name }) => {
    const found = all.filter(
      (row) =>
        row.source === id && id !== place.source && row.atom === place.atom && row.breakdown === 'weapon',
    );
    return found.length === 0 ? [] : [`${cleanText(name)}: ${total(found)}`];
  });
  const items = [
    `${countText(place.records, 'record', 'records')} in twelve months. If nothing changes, a year brings ${Math.floor(lower)} to ${Math.ceil(upper)}.`,
    most(timed, 'night', (night) => `${NIGHT_NAMES[night]} nights`, 'whose time is known', NIGHTS),
    most(timed, 'band', (band) => categoryWords('night_band', band), 'whose time is known', NIGHT_BANDS),
    weapons(armed),
    ...(others.length > 0 ? [`Counted by others too, never to be added: ${others.join(', ')}.`] : []),
  ];
  const area = place.area && !place.label.includes(place.area) ? `, ${cleanText(place.area)}` : '';
  return [
    { kind: 'heading', text: shorten(`${number}. ${cleanText(place.label)}${area}`, MOST_OF_A_NAME) },
    {
      kind: 'pair',
      left: [{ kind: 'points', items }],
      right: [{ kind: 'table', table: nightTable(timed, place.records) }],
    },
  ];
}

/** "Saturday nights and Friday nights: 17 of 26 records whose time is known": the fewest that hold half of them. */
function most(
  rows: readonly OperationalRow[],
  column: 'night' | 'band',
  words: (value: string) => string,
  known: string,
  order: readonly string[],
): string {
  const all = total(rows);
  if (all === 0) return `No record ${known}.`;
  const values = [...new Set(rows.map((row) => row[column]))]
    .map((value) => ({ value, records: total(rows.filter((row) => row[column] === value)) }))
    .toSorted(
      (a, b) =>
        b.records - a.records ||
        order.indexOf(a.value) - order.indexOf(b.value) ||
        (a.value < b.value ? -1 : 1),
    );
  let held = 0;
  const chosen = values.filter(({ records }) => {
    const isNeeded = 2 * held < all;
    if (isNeeded) held += records;
    return isNeeded;
  });
  return `${listText(chosen.map(({ value }) => words(value)))}: ${held} of ${countText(all, 'record', 'records')} ${known}.`;
}

/** "Body (fist, foot, head) 20 and glass or bottle 4, of 27 records whose weapon is known.": the commonest. */
function weapons(armed: readonly OperationalRow[]): string {
  const all = total(armed);
  if (all === 0) return 'With what is not known of any record.';
  const named = armed
    .toSorted((a, b) => b.records - a.records || (a.weapon < b.weapon ? -1 : 1))
    .slice(0, MOST_WEAPONS)
    .map(({ weapon, records }) => `${categoryWords('weapon', weapon).toLowerCase()} ${records}`);
  return `${sentence(listText(named))}, of ${countText(all, 'record', 'records')} whose weapon is known.`;
}

/** Nights by parts of the day; a dot where there was none. */
function nightTable(timed: readonly OperationalRow[], records: number): Table {
  const known = total(timed);
  return {
    title: `Records by night${known < records ? `, ${records - known} of ${records} not timed` : ''}`,
    columns: [
      { title: 'Night', align: 'left' },
      ...NIGHT_BANDS.map((band) => ({ title: band.replace('-', '–'), align: 'right' as const })),
    ],
    rows: NIGHTS.map((night) => ({
      cells: [
        night,
        ...NIGHT_BANDS.map((band) => {
          const n = total(timed.filter((row) => row.night === night && row.band === band));
          return n === 0 ? '·' : String(n);
        }),
      ],
    })),
  };
}
