/** The page for a reception: one sheet of large type that hangs on a wall, out of released rows alone. */
import type { RecordingMeasure, RecordingRow, Share } from '../../schemas/recording.ts';
import { SHARE_WORDS } from '../../schemas/recording.ts';
import type { Released, ReleasedRow } from '../../schemas/released.ts';
import { DRAFT_MARKING } from './board-document.ts';
import type { BoardSource, SummaryContent } from './content.ts';
import type { ReportDocument } from './document.ts';
import { lastDay, monthsOf, periodInWords, shortMonth } from './periods.ts';
import { drawShares, type ShareBar } from './shares.ts';
import { PUBLIC_MARKING } from './summary-document.ts';
import { cleanText, numberText, sentence, shorten } from './words.ts';

/** What reception.typ draws: all words are plain text. */
export interface ReceptionPage {
  readonly title: string;
  readonly reception: string;
  readonly partnership: string;
  readonly marking: readonly string[];
  readonly tier: ReportDocument['tier'];
  readonly policy: string;
  readonly date: ReportDocument['date'];
  /** The one figure, and what it says. */
  readonly headline: { readonly figure: string; readonly text: string; readonly period: string };
  readonly picture: { readonly svg: string; readonly alt: string; readonly title: string };
  readonly thingsTitle: string;
  /** Three things that would help most, each with the figure that says so. */
  readonly things: readonly Thing[];
  readonly closing: string;
}

export interface Thing {
  readonly lead: string;
  readonly text: string;
  readonly figure: string;
  /** What the figure is, and of when. */
  readonly about: string;
}

const MOST_OF_A_NAME = 70;
const MOST_QUARTERS = 6;
const THINGS = 3;
/** What this share of records has is well; percent. */
const WELL = 80;

/**
 * The page of one reception; undefined for sources that are none, and where a quarter does not show which records of
 * public places are on the map: then there are too few to be told.
 */
export function receptionPage(
  content: SummaryContent,
  source: BoardSource,
  recording: readonly Released<RecordingRow>[],
): ReceptionPage | undefined {
  const { period, policy, draft, released } = content;
  if (source.kind !== 'emergency department') return undefined;
  const own = released.filter((row) => row.source === source.id);
  const now = sharesOf(own, period);
  if (!now) return undefined;
  const quarters = [...new Set(own.filter(({ cut }) => cut === 'located').map((row) => row.period))]
    .toSorted()
    .flatMap((quarter) => {
      const shares = sharesOf(own, quarter);
      return shares && quarter <= period ? [{ quarter, percent: shares.onMap }] : [];
    })
    .slice(-MOST_QUARTERS);
  const when = periodInWords(period);
  const noted = recording.filter((row) => row.source === source.id && row.period === period);
  const things = chooseThings(
    now,
    noted,
    own.filter((row) => row.period === period),
    when,
  );
  return {
    title: 'Where did it happen?',
    reception: shorten(sentence(cleanText(source.name)), MOST_OF_A_NAME),
    partnership: shorten(cleanText(content.partnership), MOST_OF_A_NAME),
    marking: [PUBLIC_MARKING, ...(draft ? [DRAFT_MARKING] : [])],
    tier: 'public',
    policy: policy.name,
    date: lastDay(period),
    headline: {
      figure: `${now.onMap}%`,
      text: 'of our records of violence in public places said where it was, well enough for the map.',
      period: `${when}, to the nearest 5%`,
    },
    picture: {
      title:
        quarters.length > 1
          ? 'Each pin is 5% of the records; by quarter on the right'
          : 'Each pin is 5% of the records',
      svg: drawShares(
        quarters.map(({ quarter, percent }): ShareBar => ({ ...quarterLabel(quarter), percent })),
      ),
      alt: `Pins of a map, ${now.onMap / 5} of 20 filled. By quarter: ${quarters.map(({ quarter, percent }) => `${periodInWords(quarter)} ${percent}%`).join(', ')}.`,
    },
    thingsTitle: 'Three things that would help most',
    things,
    closing:
      'Thank you. Where many are hurt, somebody can act: lights, patrols, glasses that do not cut. A computer reads what you write and keeps no name and no word of it: the place, the hour, the kind of weapon and little more.',
  };
}

interface Shares {
  /** Percent to 5 points of the records of public places. */
  readonly onMap: number;
  readonly mapped: number;
  readonly unlocated: number;
}

/** What a quarter shows of places; undefined where it does not tell homes, what is on the map and what is not. */
function sharesOf(rows: readonly ReleasedRow[], quarter: string): Shares | undefined {
  const value = (atom: string) =>
    rows.find((row) => row.period === quarter && row.cut === 'located' && row.atom === atom)?.value;
  const [home, mapped, unlocated] = [value('home'), value('map'), value('unlocated')];
  if (home === undefined || mapped === undefined || unlocated === undefined) return undefined;
  return { onMap: Math.round((20 * mapped) / (mapped + unlocated)) * 5, mapped, unlocated };
}

/** "Jul-Sep" and "2025". */
function quarterLabel(quarter: string): { label: string; year: string } {
  const months = monthsOf(quarter).map(shortMonth);
  return { label: `${months[0]}–${months.at(-1)}`, year: quarter.slice(0, 4) };
}

/** A thing with the number of records that it would bring on at least; 0 for what is well already. */
interface Candidate extends Thing {
  readonly gain: number;
}

function chooseThings(
  { mapped, unlocated }: Shares,
  noted: readonly RecordingRow[],
  rows: readonly ReleasedRow[],
  when: string,
): Thing[] {
  const of = (measure: RecordingMeasure) => noted.find((row) => row.measure === measure);
  const candidates: Candidate[] = [
    placeThing(unlocated, mapped + unlocated, of('place_undescribed'), when),
    ...nightThing(of('place_at_night'), when),
    ...codedThings(of, rows, when),
    ...keepThings(of, rows, when),
  ];
  return candidates
    .toSorted((a, b) => b.gain - a.gain)
    .slice(0, THINGS)
    .map(({ gain: _, ...thing }) => thing);
}

function placeThing(
  unlocated: number,
  all: number,
  undescribed: RecordingRow | undefined,
  when: string,
): Candidate {
  const isEmpty = undescribed !== undefined && undescribed.from_share !== '';
  const best = 'Best is the name of the pub, club, shop or park. Else the street, and the nearest junction.';
  return {
    gain: unlocated,
    lead: isEmpty ? 'Ask where, and write it down' : 'Write the name of the place',
    text: isEmpty
      ? `In ${shareText(undescribed)} of these nothing was written. ${best}`
      : `“Town”, “outside a pub” or “in the street” fit many places. ${best}`,
    figure: `${numberText(unlocated)} of ${numberText(all)}`,
    about: `in public places without a place that could be found, ${when}`,
  };
}

function nightThing(row: RecordingRow | undefined, when: string): Candidate[] {
  if (!row || (row.from_share !== '1/2' && row.from_share !== '2/3')) return [];
  return [
    {
      gain: row.low,
      lead: 'Put the questions on the night desk',
      text: 'Where, when, with what: nights are when most of the answers are missing, and when they are worth most.',
      figure: sentence(shareText(row)),
      about: `of those without a place came between 21:00 and 06:00, ${when}`,
    },
  ];
}

interface Advice {
  readonly lead: string;
  readonly text: string;
  readonly about: string;
}
const ADVICE: Readonly<Partial<Record<RecordingMeasure, Advice>>> = {
  home_described: {
    lead: 'Write nothing about a home',
    text: 'The code for a home is enough. Any word more could tell who it was.',
    about: 'of the records of homes had words about the place',
  },
  time_copied: {
    lead: 'Write when it happened, not when they came',
    text: 'The two times should not be the same to the second. “About eleven” is good enough.',
    about: 'of all records had the very time of arrival',
  },
  time_unknown: {
    lead: 'Ask what time it was',
    text: '“About eleven” is good enough. Midnight to the second counts as not known.',
    about: 'of all records had no hour',
  },
  weapon_unknown: {
    lead: 'Ask with what',
    text: 'Fist, foot, glass, bottle, knife: choose one of the list. “Refused” is an answer, too.',
    about: 'of all records did not say with what',
  },
};

function codedThings(
  of: (measure: RecordingMeasure) => RecordingRow | undefined,
  rows: readonly ReleasedRow[],
  when: string,
): Candidate[] {
  return Object.entries(ADVICE).flatMap(([measure, { lead, text, about }]) => {
    const row = of(measure as RecordingMeasure);
    if (!row || row.from_share === '' || !isStillShown(measure as RecordingMeasure, rows)) return [];
    return [{ gain: row.low, lead, text, figure: sentence(shareText(row)), about: `${about}, ${when}` }];
  });
}

/** A class goes with the breakdown that it lies in: when that is withdrawn, so is it. */
function isStillShown(measure: RecordingMeasure, rows: readonly ReleasedRow[]): boolean {
  if (measure !== 'time_unknown' && measure !== 'weapon_unknown') return true;
  return rows.some(({ cut }) => cut === (measure === 'time_unknown' ? 'night_band' : 'weapon'));
}

/** What is well already, so that there are always three. */
function keepThings(
  of: (measure: RecordingMeasure) => RecordingRow | undefined,
  rows: readonly ReleasedRow[],
  when: string,
): Candidate[] {
  const known = (cut: 'night_band' | 'weapon') => {
    const own = rows.filter((row) => row.cut === cut);
    const sum = (holds: (row: ReleasedRow) => boolean) =>
      own.filter(holds).reduce((total, row) => total + row.value, 0);
    const all = sum(() => true);
    return all === 0 ? undefined : Math.floor((20 * sum((row) => row.level !== 'pool')) / all) * 5;
  };
  const keep = (cut: 'night_band' | 'weapon', measure: RecordingMeasure, lead: string, what: string) => {
    const row = of(measure);
    const share = known(cut);
    if (row && row.from_share !== '') return [];
    if (row?.to_share)
      return [
        {
          gain: 0,
          lead,
          text: 'Well done, and it matters as much as the place.',
          figure: sentence(shareText(row)),
          about: `of all records lacked ${what}, ${when}`,
        },
      ];
    return share === undefined
      ? []
      : [
          {
            gain: 0,
            lead: share < WELL ? (ADVICE[measure]?.lead ?? lead) : lead,
            text: 'It matters as much as the place.',
            figure: `${share}% or more`,
            about: `of all records had ${what}, ${when}`,
          },
        ];
  };
  return [
    ...keep('night_band', 'time_unknown', 'Keep writing the hour', 'the hour'),
    ...keep('weapon', 'weapon_unknown', 'Keep asking with what', 'the weapon'),
    {
      gain: -1,
      lead: 'Keep homes out of it',
      text: 'For a home the code is enough: no street, no number, no name.',
      figure: 'No word',
      about: 'about a home, ever',
    },
    {
      gain: -2,
      lead: 'Ask everybody who was hurt by somebody',
      text: 'Where, when, with what. Most people are glad that somebody asks.',
      figure: 'Three questions',
      about: 'a minute each time',
    },
  ];
}

/** "fewer than a third", "a third to a half", "two thirds or more". */
function shareText({ from_share, to_share }: Pick<RecordingRow, 'from_share' | 'to_share'>): string {
  const words = (share: string) => SHARE_WORDS[share as Share];
  if (from_share === '') return `fewer than ${words(to_share)}`;
  return to_share === '' ? `${words(from_share)} or more` : `${words(from_share)} to ${words(to_share)}`;
}
