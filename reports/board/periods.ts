const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface Month {
  year: number;
  /** 1 to 12. */
  month: number;
}

/** True for a quarter ('2025-Q3'), false for a month ('2025-09'); throws for anything else. */
export function isQuarter(period: string): boolean {
  if (/^\d{4}-Q[1-4]$/.test(period)) return true;
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return false;
  throw new Error(`got period ${period}, wanted a month like 2025-09 or a quarter like 2025-Q3`);
}

/** The months of a period, oldest first, as '2025-09'. */
export function monthsOf(period: string): string[] {
  if (!isQuarter(period)) return [period];
  const year = Number(period.slice(0, 4));
  const first = 3 * Number(period.slice(6)) - 2;
  return [first, first + 1, first + 2].map((month) => monthText({ year, month }));
}

/** The month that is `by` months after (or, when negative, before) the given one. */
export function shiftMonth(month: string, by: number): string {
  const index = 12 * Number(month.slice(0, 4)) + Number(month.slice(5)) - 1 + by;
  return monthText({ year: Math.floor(index / 12), month: (index % 12) + 1 });
}

/** The same month or quarter a year earlier. */
export function yearBefore(period: string): string {
  return `${Number(period.slice(0, 4)) - 1}${period.slice(4)}`;
}

/** The quarter that a month falls in. */
export function quarterOf(month: string): string {
  return `${month.slice(0, 4)}-Q${Math.ceil(Number(month.slice(5)) / 3)}`;
}

/** All months from the first to the last, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first; month <= last; month = shiftMonth(month, 1)) months.push(month);
  return months;
}

/** 'September 2025'. */
export function monthInWords(month: string): string {
  return `${MONTH_NAMES[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
}

/** 'Sep'. */
export function shortMonth(month: string): string {
  return (MONTH_NAMES[Number(month.slice(5)) - 1] ?? '').slice(0, 3);
}

/** 'July to September 2025', or 'September 2025'. */
export function periodInWords(period: string): string {
  const months = monthsOf(period);
  return rangeInWords(months[0] ?? period, months.at(-1) ?? period);
}

/** 'October 2024 to September 2025', the year once where it is the same. */
export function rangeInWords(first: string, last: string): string {
  if (first === last) return monthInWords(first);
  const sameYear = first.slice(0, 4) === last.slice(0, 4);
  const start = sameYear ? monthInWords(first).slice(0, -5) : monthInWords(first);
  return `${start} to ${monthInWords(last)}`;
}

/** The quarter that ends the twelve months of the partnership's rows: they hold for four quarters. */
export function quarterOfRows(content: { period: string; rows?: readonly { period: string }[] }): string {
  return (
    content.rows
      ?.map(({ period }) => period)
      .toSorted()
      .at(-1) ?? content.period
  );
}

/** The twelve months that end with the period, in words. */
export function twelveMonthsInWords(period: string): string {
  const last = monthsOf(period).at(-1) ?? period;
  return rangeInWords(shiftMonth(last, -11), last);
}

/** The last day of the period: the date that its documents carry. */
export function lastDay(period: string): { year: number; month: number; day: number } {
  const last = monthsOf(period).at(-1) ?? period;
  const year = Number(last.slice(0, 4));
  const month = Number(last.slice(5));
  return { year, month, day: new Date(Date.UTC(year, month, 0)).getUTCDate() };
}

function monthText({ year, month }: Month): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
}
