// Sources: log-linear Poisson model with offset, McCullagh and Nelder (1989); quasi-Poisson dispersion, Wedderburn
// (1974); yearly harmonics, as in Lopez Bernal and others (2017). Assaults peak in summer, and months differ in length
// and in how many Friday and Saturday nights they hold (Bellis and others 2012): an XmR chart of the raw counts
// would call that news.

/** One month: its count, its first day's year and month (1-12). */
export interface MonthCount {
  year: number;
  month: number;
  count: number;
}

/** Adjusted values in the order of the months; or the counts as they came, with the words that say why. */
export interface SeasonAdjusted {
  values: number[];
  adjusted: boolean;
  harmonics: 0 | 1 | 2;
  /** Variance over that of a Poisson count; 1 when nothing was fitted. */
  dispersion: number;
  words: string;
}

const LEAST_MONTHS = 24;
const MONTHS_FOR_TWO_HARMONICS = 36;
const DAY_MS = 86_400_000;

/** Number of days in a month (1-12). */
export function daysInMonth(year: number, month: number): number {
  return (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / DAY_MS;
}

/** Number of Fridays and Saturdays in a month (1-12): the nights that carry most of the violence. */
export function weekendNights(year: number, month: number): number {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  let nights = 0;
  for (let day = 0; day < daysInMonth(year, month); day++) {
    const weekday = (first + day) % 7;
    if (weekday === 5 || weekday === 6) nights++;
  }
  return nights;
}

/**
 * What each month's count would have been in an average month: the count divided by what length, weekend nights and
 * time of year made of it. A straight (log) trend is fitted beside the season so that growth is not taken for season,
 * and is left in the values. The model is fitted on the first `baseline` months (all, when not given).
 */
export function adjustForSeason(months: MonthCount[], baseline = months.length): SeasonAdjusted {
  const counts = months.map((month) => month.count);
  const fitted = months.slice(0, baseline);
  const unadjusted = (words: string): SeasonAdjusted => ({
    values: counts,
    adjusted: false,
    harmonics: 0,
    dispersion: 1,
    words,
  });
  if (fitted.length < LEAST_MONTHS) {
    return unadjusted(
      `Not adjusted for the time of year: that takes at least ${LEAST_MONTHS} months, and there are ${fitted.length}.`,
    );
  }
  if (fitted.every((month) => month.count === 0)) {
    return unadjusted('Not adjusted for the time of year: there is no incident to learn it from.');
  }
  const harmonics = fitted.length >= MONTHS_FOR_TWO_HARMONICS ? 2 : 1;
  const rows = months.map((month) => monthRow(month, harmonics));
  const offsets = months.map(({ year, month }) => Math.log(daysInMonth(year, month)));
  const fit = fitPoisson(rows.slice(0, baseline), counts.slice(0, baseline), offsets.slice(0, baseline));
  if (fit === undefined) {
    return unadjusted('Not adjusted for the time of year: the counts are too few to tell it.');
  }
  // Columns 0 and 1 are the level and the trend, which stay in the values.
  const effects = rows.map((row, i) => {
    let log = offsets[i]!;
    for (let k = 2; k < row.length; k++) log += row[k]! * fit.coefficients[k]!;
    return Math.exp(log);
  });
  const usual = effects.slice(0, baseline).reduce((sum, effect) => sum + effect, 0) / fitted.length;
  return {
    values: counts.map((count, i) => (count * usual) / effects[i]!),
    adjusted: true,
    harmonics,
    dispersion: fit.dispersion,
    words: 'Adjusted for the length of the month, its Friday and Saturday nights and the time of year.',
  };
}

function monthRow({ year, month }: MonthCount, harmonics: 1 | 2): number[] {
  const row = [1, year + (month - 0.5) / 12 - 2020, weekendNights(year, month) - 8.7];
  for (let k = 1; k <= harmonics; k++) {
    const angle = (2 * Math.PI * k * (month - 0.5)) / 12;
    row.push(Math.cos(angle), Math.sin(angle));
  }
  return row;
}

/** Coefficients of a log-linear fit and the Pearson dispersion. */
export interface PoissonFit {
  coefficients: number[];
  dispersion: number;
}

/**
 * Log-linear Poisson fit by iteratively reweighted least squares; rows hold the covariates, offsets are on the log
 * scale. Undefined when the covariates cannot be told apart or the fit does not settle.
 */
export function fitPoisson(rows: number[][], counts: number[], offsets: number[]): PoissonFit | undefined {
  const columns = rows[0]!.length;
  let predictors = counts.map((count) => Math.log(count + 0.5));
  let coefficients: number[] = [];
  for (let round = 0; round < 50; round++) {
    const means = predictors.map(Math.exp);
    const working = counts.map((count, i) => predictors[i]! - offsets[i]! + (count - means[i]!) / means[i]!);
    const next = solveWeighted(rows, means, working);
    if (next === undefined || next.some((value) => !Number.isFinite(value))) return undefined;
    const change = round === 0 ? 1 : Math.max(...next.map((value, k) => Math.abs(value - coefficients[k]!)));
    coefficients = next;
    predictors = rows.map((row, i) => row.reduce((sum, x, k) => sum + x * next[k]!, offsets[i]!));
    if (change < 1e-12) {
      const pearson = counts.reduce((sum, count, i) => {
        const mean = Math.exp(predictors[i]!);
        return sum + (count - mean) ** 2 / mean;
      }, 0);
      return { coefficients, dispersion: pearson / Math.max(1, counts.length - columns) };
    }
  }
  return undefined;
}

/** Weighted least squares by Cholesky factors of the normal equations; undefined when they are singular. */
function solveWeighted(rows: number[][], weights: number[], targets: number[]): number[] | undefined {
  const p = rows[0]!.length;
  const lower = Array.from({ length: p }, () => new Float64Array(p));
  const solution = new Array<number>(p).fill(0);
  rows.forEach((row, i) => {
    for (let j = 0; j < p; j++) {
      const weighted = row[j]! * weights[i]!;
      solution[j]! += weighted * targets[i]!;
      for (let k = 0; k <= j; k++) lower[j]![k]! += weighted * row[k]!;
    }
  });
  for (let j = 0; j < p; j++) {
    const diagonal = lower[j]![j]!;
    for (let k = 0; k <= j; k++) {
      let sum = lower[j]![k]!;
      for (let m = 0; m < k; m++) sum -= lower[j]![m]! * lower[k]![m]!;
      if (k < j) lower[j]![k] = sum / lower[k]![k]!;
      else if (sum <= diagonal * 1e-12) return undefined;
      else lower[j]![j] = Math.sqrt(sum);
    }
  }
  for (let j = 0; j < p; j++) {
    for (let k = 0; k < j; k++) solution[j]! -= lower[j]![k]! * solution[k]!;
    solution[j]! /= lower[j]![j]!;
  }
  for (let j = p - 1; j >= 0; j--) {
    for (let k = j + 1; k < p; k++) solution[j]! -= lower[k]![j]! * solution[k]!;
    solution[j]! /= lower[j]![j]!;
  }
  return solution;
}
