/** What in a supplier's records is not as it was: another coding, or months with too many or too few. */
import { type BreakSettings, findBreaks } from '../statistics/change-in-shares.ts';
import { mannKendall } from '../statistics/mann-kendall.ts';
import { adjustForSeason, type MonthCount } from '../statistics/season.ts';
import { xmrChart } from '../statistics/xmr.ts';
import type { RecordClass } from './read-records.ts';

/** One thing that changed, in numbers and words. */
export interface Signal {
  readonly source: string;
  readonly supplier: string;
  readonly kind: 'coding' | 'volume';
  /** What the make-up is of: weapon, place, time, or volume. */
  readonly element: string;
  /** The first month that is different. */
  readonly month: string;
  /** The last month of the new kind. */
  readonly until: string;
  /** The value that changed most; empty for volume. */
  readonly value: string;
  /** Shares in percent, or records a month as they would be in an average one. */
  readonly before: number;
  readonly after: number;
  /** Chance of finding so much where nothing changed; null for limits, which have none. */
  readonly p: number | null;
}

/** What a record says of an element, its faults among the values: the make-up whose changes are looked for. */
const MAKE_UPS: Readonly<Record<string, (record: RecordClass) => string>> = {
  weapon: ({ weapon, weapon_code }) =>
    weapon_code === 'nothing'
      ? 'left empty'
      : weapon_code === 'a code that is not listed'
        ? 'not a listed code'
        : weapon,
  place: ({ home, mapped, place_text, place_code }) =>
    place_code === 'a code that is not listed'
      ? 'not a listed code'
      : home
        ? 'home'
        : mapped
          ? 'on the map'
          : place_text === 'something'
            ? 'described, not on the map'
            : 'not described',
  time: ({ time, copied, band }) =>
    time === 'an hour' && copied === 'yes'
      ? 'the same second as the arrival'
      : time !== '' && time !== 'an hour'
        ? time
        : band === 'unknown'
          ? 'not known'
          : 'an hour',
};

/** Months from the first to the last, those without records among them. */
export function monthsBetween(first: string, last: string): string[] {
  const number = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1;
  return Array.from({ length: number(last) - number(first) + 1 }, (_, i) => {
    const at = number(first) + i;
    return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
  });
}

/**
 * The signals of each supplier. `upTo` is the last month that is delivered as a whole: one that has only begun is no
 * fall.
 */
export function findSignals(
  records: readonly RecordClass[],
  upTo: (source: string) => string | undefined,
  settings?: BreakSettings,
): Signal[] {
  const suppliers = new Map<string, RecordClass[]>();
  for (const record of records) {
    const last = upTo(record.source);
    if (last === undefined || record.month > last) continue;
    const name = JSON.stringify([record.source, record.supplier]);
    const own = suppliers.get(name);
    if (own) own.push(record);
    else suppliers.set(name, [record]);
  }
  return [...suppliers].flatMap(([name, own]) => {
    const [source, supplier] = JSON.parse(name) as [string, string];
    const months = deliveredMonths(own, upTo(source) as string);
    return [...codingSignals(own, months, settings), ...volumeSignals(own, months)].map((signal) => ({
      source,
      supplier,
      ...signal,
    }));
  });
}

/**
 * The months that a supplier has been delivering for: a first file also holds a few records of before it, and so few
 * months of them are no beginning.
 */
function deliveredMonths(own: readonly RecordClass[], last: string): string[] {
  const counts = new Map<string, number>();
  for (const { month, n } of own) counts.set(month, (counts.get(month) ?? 0) + n);
  const sorted = [...counts.values()].toSorted((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const first = [...counts.keys()].toSorted().find((month) => 3 * (counts.get(month) ?? 0) >= usual);
  return monthsBetween(first ?? last, last);
}

type Found = Omit<Signal, 'source' | 'supplier'>;

function codingSignals(
  own: readonly RecordClass[],
  months: readonly string[],
  settings: BreakSettings = {},
): Found[] {
  const elements = Object.entries(MAKE_UPS);
  // One chance of a false alarm for a supplier, whatever is looked at.
  const alpha = (settings.alpha ?? 0.001) / elements.length;
  return elements.flatMap(([element, sayingOf]) => {
    const values = [...new Set(own.map(sayingOf))].toSorted();
    const counts = months.map(() => values.map(() => 0));
    for (const record of own) {
      const row = counts[months.indexOf(record.month)];
      const at = values.indexOf(sayingOf(record));
      if (row) row[at] = (row[at] ?? 0) + record.n;
    }
    return findBreaks(counts, { ...settings, alpha }).breaks.map(({ at, before, after, category, p }) => ({
      kind: 'coding' as const,
      element,
      month: months[at] as string,
      until: months[after.to] as string,
      value: values[category] as string,
      before: percent(before.shares[category] as number),
      after: percent(after.shares[category] as number),
      p,
    }));
  });
}

const percent = (share: number) => Math.round(100 * share);
/** Of many months some lie outside their limits by chance: only one so many standard deviations off is told. */
const SURE = 3.5;
/** Limits of fewer months than this are trial ones, and call nobody. */
const FIRM_MONTHS = 13;

/** A month without any record is a gap in what was delivered where so many are usual: chance empties no such month. */
const USUAL_OF_A_GAP = 10;

/** Gaps, and months outside the limits of the supplier's own past, season and trend taken out. */
function volumeSignals(own: readonly RecordClass[], months: readonly string[]): Found[] {
  const counts = months.map((month) => ({
    year: Number(month.slice(0, 4)),
    month: Number(month.slice(5)),
    count: own.reduce((sum, record) => (record.month === month ? sum + record.n : sum), 0),
  }));
  const some = counts
    .map(({ count }) => count)
    .filter((count) => count > 0)
    .toSorted((a, b) => a - b);
  const usual = some[some.length >> 1] ?? 0;
  if (usual < USUAL_OF_A_GAP) return outsideLimits(counts, months);
  const isGap = counts.map(({ count }) => count === 0);
  const gaps = months.flatMap((month, i): Found[] => {
    if (!isGap[i] || isGap[i - 1]) return [];
    const end = isGap.indexOf(false, i);
    const until = months.at(end < 0 ? -1 : end - 1) as string;
    return [{ kind: 'volume', element: 'volume', month, until, value: '', before: usual, after: 0, p: null }];
  });
  // Laid beside what gaps pull down, every other month would be out of the usual.
  const whole = <T>(list: readonly T[]) => list.filter((_, i) => !isGap[i]);
  return [...gaps, ...outsideLimits(whole(counts), whole(months))];
}

function outsideLimits(counts: MonthCount[], months: readonly string[]): Found[] {
  if (months.length < FIRM_MONTHS) return [];
  const { values, dispersion } = adjustForSeason(counts);
  // Less violence from year to year is no fault of who counts it: what is left is how a month differs from its time.
  const { slope } = mannKendall(values);
  const level = values.map((value, i) => value - slope * (i - (values.length - 1) / 2));
  return xmrChart(level, { betterIs: 'neither' }).points.flatMap(({ value, mean, cause }, i) =>
    (cause === 'outside-high' || cause === 'outside-low') &&
    Math.abs(value - mean) > SURE * Math.sqrt(Math.max(1, dispersion) * mean)
      ? [
          {
            kind: 'volume' as const,
            element: 'volume',
            month: months[i] as string,
            until: months[i] as string,
            value: '',
            before: Math.round(mean),
            after: Math.max(1, Math.round(value)),
            p: null,
          },
        ]
      : [],
  );
}
