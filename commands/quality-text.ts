/** Data quality in lines for a person. */
import { FILE_MEASURES, locatedBy, MEASURES } from '../reports/quality/measures.ts';
import type { MapEffect, MissingRow } from '../reports/quality/missingness.ts';
import type { Quality } from '../reports/quality/quality.ts';
import { ALL_SHIFTS, type ScorecardRow } from '../reports/quality/scorecard.ts';
import type { Signal } from '../reports/quality/signals.ts';

const MONTHS_SHOWN = 12;
/** What is shown of the whole scorecard, which --json prints. */
const SHOWN = [
  'complete',
  'place_on_map',
  'place_described',
  'place_not_found',
  'home_described',
  'time_known',
  'time_midnight',
  'time_copied',
  'weapon_known',
  'weapon_refused',
  'weapon_missing',
  'weapon_unlisted',
  'late_delivery',
  'rows_rejected',
  'rows_duplicate',
] as const;

const titleOf = (measure: string): string =>
  MEASURES[measure]?.title ?? FILE_MEASURES[measure as keyof typeof FILE_MEASURES] ?? measure;
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)}%`);
const nameOf = (source: string, supplier: string) =>
  supplier === source || supplier === '' ? source : `${source}, ${supplier}`;

/** For each supplier the last twelve months beside those before, and its worst shift; then signals, and what is missing where. */
export function qualityText({ scorecard, signals, missingness, mapEffect }: Quality): string {
  const suppliers = [
    ...new Set(
      scorecard
        .filter(({ supplier }) => supplier !== '')
        .map(({ source, supplier }) => JSON.stringify([source, supplier])),
    ),
  ];
  const cards = suppliers.flatMap((name) => {
    const [source, supplier] = JSON.parse(name) as [string, string];
    return card(
      source,
      supplier,
      scorecard.filter((row) => row.source === source && (row.supplier === supplier || row.supplier === '')),
    );
  });
  return [
    ...cards,
    ...(signals.length > 0
      ? ['', 'What is not as it was:', ...signals.map(signalText)]
      : ['', 'No change of coding, and no month out of the usual range.']),
    ...missingText(missingness),
    ...effectText(mapEffect),
    '',
    'Exact figures, for you alone. cardiff publish makes a page for each reception out of protected ones.',
  ]
    .join('\n')
    .trimStart();
}

function card(source: string, supplier: string, rows: readonly ScorecardRow[]): string[] {
  const months = [...new Set(rows.filter((row) => row.supplier !== '').map(({ month }) => month))].toSorted();
  const last = months.slice(-MONTHS_SHOWN);
  const before = months.slice(0, -MONTHS_SHOWN);
  const sum = (measure: string, of: readonly string[], shift: string) =>
    rows
      .filter((row) => row.measure === measure && row.shift === shift && of.includes(row.month))
      .reduce((total, row) => ({ records: total.records + row.records, of: total.of + row.of }), {
        records: 0,
        of: 0,
      });
  const shifts = [...new Set(rows.map(({ shift }) => shift))].filter(
    (shift) => shift !== ALL_SHIFTS && shift !== 'not told',
  );
  const lines = SHOWN.flatMap((measure) => {
    const now = sum(measure, last, ALL_SHIFTS);
    const element = MEASURES[measure]?.element;
    const isAsked = element !== 'weapon' && element !== 'all';
    if (now.of === 0 || (!isAsked && sum('weapon_known', last, ALL_SHIFTS).records === 0)) return [];
    const then = sum(measure, before, ALL_SHIFTS);
    return `  ${percent(now.records, now.of).padStart(4)}  ${titleOf(measure)}${then.of > 0 ? ` (before: ${percent(then.records, then.of)})` : ''}${worstShift(measure, shifts, (shift) => sum(measure, last, shift))}`;
  });
  const levels = [
    ...new Set(rows.filter(({ measure }) => measure.startsWith(locatedBy(''))).map(({ measure }) => measure)),
  ];
  const located = levels.map((level) => {
    const { records, of } = sum(level, last, ALL_SHIFTS);
    return `${level.slice(locatedBy('').length)} ${percent(records, of)}`;
  });
  return [
    '',
    `${nameOf(source, supplier)}, ${last[0]} to ${last.at(-1)}, ${sum('records', last, ALL_SHIFTS).records} records:`,
    ...lines,
    `        Located by: ${located.join(', ')}`,
  ];
}

/** A shift of fewer records tells nothing. */
const LEAST_IN_SHIFT = 20;
/** A shift is named where it differs by so much from all. */
const WORTH_TELLING = 0.05;

function worstShift(
  measure: string,
  shifts: readonly string[],
  sumOf: (shift: string) => { records: number; of: number },
): string {
  const better = MEASURES[measure]?.better;
  if (!better || better === 'neither') return '';
  const sums = shifts.map((shift) => ({ shift, ...sumOf(shift) })).filter(({ of }) => of >= LEAST_IN_SHIFT);
  const sorted = sums.toSorted(
    (a, b) => (a.records / a.of - b.records / b.of) * (better === 'high' ? 1 : -1),
  );
  const worst = sorted[0];
  const all = sumOf(ALL_SHIFTS);
  const isWorse = worst && Math.abs(worst.records / worst.of - all.records / all.of) >= WORTH_TELLING;
  return isWorse ? `, worst ${worst.shift}: ${percent(worst.records, worst.of)}` : '';
}

/** One signal in a sentence. */
export function signalText({
  source,
  supplier,
  kind,
  element,
  month,
  until,
  value,
  before,
  after,
  p,
}: Signal): string {
  const who = nameOf(source, supplier);
  if (kind === 'volume')
    return after === 0
      ? `  ${who}: no record ${until === month ? `in ${month}` : `from ${month} to ${until}`} where about ${before} a month are usual: deliver what is missing`
      : `  ${who}: about ${after} records in ${month}, season and trend taken out, where about ${before} are usual: outside the limits of its own past`;
  const span = until === month ? `in ${month}` : `from ${month}`;
  return `  ${who}: ${element}: "${value}" ${before}% before and ${after}% ${span}: another way of coding (p ${p !== null && p < 0.0001 ? 'under 0.0001' : p?.toFixed(4)})`;
}

function missingText(rows: readonly MissingRow[]): string[] {
  const surest = rows.filter(({ q, v }) => q < 0.01 && v >= 0.1);
  const factors = [
    ...new Set(surest.map(({ source, missing, factor }) => JSON.stringify([source, missing, factor]))),
  ];
  if (factors.length === 0)
    return ['', 'What is missing is missing alike at all hours, weapons and arrivals.'];
  return [
    '',
    'What is missing, by what it depends on:',
    ...factors.map((name) => {
      const [source, missing, factor] = JSON.parse(name) as [string, string, string];
      const own = surest.filter(
        (row) => row.source === source && row.missing === missing && row.factor === factor,
      );
      const shares = own
        .filter(({ of }) => of >= LEAST_IN_SHIFT)
        .map(({ value, records, of }) => `${value} ${percent(records, of)}`);
      return `  ${source}: ${missing} by ${factor}: ${shares.join(', ')}`;
    }),
  ];
}

const MOST_AREAS = 5;

function effectText(effects: readonly MapEffect[]): string[] {
  const sources = [...new Set(effects.map(({ source }) => source))];
  if (sources.length === 0) return [];
  return [
    '',
    'What that does to the map: share of the records on it, weighted by hour and shift, and the bounds if all or none of what is missing were there:',
    ...sources.flatMap((source) =>
      effects
        .filter((row) => row.source === source)
        .slice(0, MOST_AREAS)
        .map(
          ({ area, shown, weighted, least, most }) =>
            `  ${source}: ${area || 'elsewhere'}: ${shown.toFixed(0)}%, weighted ${weighted.toFixed(0)}%, ${least.toFixed(0)} to ${most.toFixed(0)}%`,
        ),
    ),
  ];
}
