// Sources: XmR chart, Shewhart; Wheeler (1993); limits and rules of NHS England's Making Data Count as set out by the
// plotthedots tool (its version 0.2 rules and the two-of-three rule as changed in late 2023); Nelson (1982) on
// screening moving ranges.

/** 'mdc-2023' lets points beyond the outer limits count towards two of three; 'ptd-0.2' does not. */
export type XmrRuleset = 'mdc-2023' | 'ptd-0.2';

/** Why a point is special, the first that applies; high and low tell the side, or the direction of a trend. */
export type SpecialCause =
  | 'outside-high'
  | 'outside-low'
  | 'trend-high'
  | 'trend-low'
  | 'two-of-three-high'
  | 'two-of-three-low'
  | 'shift-high'
  | 'shift-low';

/** What the board reads at the last point. Neutral when neither direction is better. */
export type VariationIcon =
  | 'common'
  | 'improvement-high'
  | 'improvement-low'
  | 'concern-high'
  | 'concern-low'
  | 'neutral-high'
  | 'neutral-low';

/** Settings of a chart; all but the series have the Making Data Count defaults. */
export interface XmrSettings {
  ruleset?: XmrRuleset;
  /** Leave moving ranges of 3.267 times their mean or more out of the limits, once. */
  screenOutliers?: boolean;
  /** Indices at which a new stretch begins: limits and runs start afresh. */
  rebaseAt?: number[];
  /** Limits from the first so many points of each stretch only (12 or more). */
  fixAfter?: number;
  betterIs?: 'low' | 'high' | 'neither';
  /** Figure the board set itself; without it there is no assurance. */
  target?: number;
}

/** One point of the chart, with the limits in force there. cause is '' for common cause variation. */
export interface XmrPoint {
  value: number;
  mean: number;
  lower: number;
  upper: number;
  nearLower: number;
  nearUpper: number;
  cause: SpecialCause | '';
}

/** The chart. trialLimits: fewer than 13 points stand behind the last limits. */
export interface XmrChart {
  points: XmrPoint[];
  icon: VariationIcon;
  assurance: 'pass' | 'fail' | 'hit or miss' | '';
  trialLimits: boolean;
}

const OUTER = 2.66;
const NEAR = (2 * OUTER) / 3;
const SCREEN = 3.267;
const RUN = 7;
const FIRM_POINTS = 13;

/** Mean and limits of one stretch of values (at least two): lower and upper at 2.66 mean moving ranges, near at 2/3. */
export function xmrLimits(
  values: number[],
  screenOutliers = true,
): Pick<XmrPoint, 'mean' | 'lower' | 'upper' | 'nearLower' | 'nearUpper'> {
  const mean = average(values);
  const ranges = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
  const all = average(ranges);
  const range = screenOutliers ? average(ranges.filter((r) => r < SCREEN * all)) : all;
  return {
    mean,
    lower: mean - OUTER * range,
    upper: mean + OUTER * range,
    nearLower: mean - NEAR * range,
    nearUpper: mean + NEAR * range,
  };
}

function average(values: number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 1 or -1 at each point that completes seven in a row on one side of the mean (sides: 1, 0 or -1), else 0. */
export function completedShifts(sides: number[]): number[] {
  let length = 0;
  return sides.map((side, i) => {
    length = side !== 0 && side === sides[i - 1] ? length + 1 : 1;
    return side !== 0 && length >= RUN ? side : 0;
  });
}

/** 1 or -1 at each point that completes seven in a row rising or falling, else 0. A tie breaks the run. */
export function completedTrends(values: number[]): number[] {
  let length = 0;
  let before = 0;
  return values.map((value, i) => {
    const step = i === 0 ? 0 : Math.sign(value - values[i - 1]!);
    length = step === 0 ? 0 : step === before ? length + 1 : 1;
    before = step;
    return length >= RUN - 1 ? step : 0;
  });
}

/** Marks all seven points of each run that completedShifts or completedTrends found, with the run's sign. */
export function spreadRuns(completed: number[]): number[] {
  return completed.map((_, i) => completed.slice(i, i + RUN).find((sign) => sign !== 0) ?? 0);
}

/** Whether each point lies in three in a row on one side of the mean, of which at least two are far from it. */
export function inTwoOfThree(far: boolean[], sides: number[]): boolean[] {
  const found = far.map(() => false);
  for (let i = 2; i < far.length; i++) {
    const sameSide = Math.abs(sides[i - 2]! + sides[i - 1]! + sides[i]!) === 3;
    const count = Number(far[i - 2]) + Number(far[i - 1]) + Number(far[i]);
    if (sameSide && count >= 2) found.fill(true, i - 2, i + 1);
  }
  return found;
}

/** XmR chart of a series in time order, at least two points. */
export function xmrChart(values: number[], settings: XmrSettings = {}): XmrChart {
  const { screenOutliers = true, rebaseAt = [], fixAfter, betterIs = 'low', ruleset = 'mdc-2023' } = settings;
  const starts = [0, ...rebaseAt.filter((at) => at > 0 && at < values.length).sort((a, b) => a - b)];
  const points = starts.flatMap((start, k) => {
    const stretch = values.slice(start, starts[k + 1] ?? values.length);
    return stretchPoints(stretch, xmrLimits(stretch.slice(0, fixAfter), screenOutliers), ruleset, betterIs);
  });
  const last = points.at(-1)!;
  const behind = Math.min(fixAfter ?? values.length, values.length - starts.at(-1)!);
  return {
    points,
    icon: iconOf(last.cause, betterIs),
    assurance: assuranceOf(last, settings.target, betterIs),
    trialLimits: behind < FIRM_POINTS,
  };
}

function stretchPoints(
  values: number[],
  limits: ReturnType<typeof xmrLimits>,
  ruleset: XmrRuleset,
  betterIs: 'low' | 'high' | 'neither',
): XmrPoint[] {
  const sides = values.map((value) => Math.sign(value - limits.mean));
  const outside = values.map((value) => value > limits.upper || value < limits.lower);
  const beyondNear = values.map((value) => value > limits.nearUpper || value < limits.nearLower);
  const far = beyondNear.map((beyond, i) => beyond && (ruleset === 'mdc-2023' || !outside[i]));
  const trends = spreadRuns(completedTrends(values));
  const twoOfThree = inTwoOfThree(far, sides).map((found, i) => found && far[i]!);
  const shifts = spreadRuns(completedShifts(sides));
  return values.map((value, i) => {
    const causes: SpecialCause[] = [];
    const side = sides[i]! > 0 ? 'high' : 'low';
    if (outside[i]) causes.push(`outside-${side}`);
    if (trends[i] !== 0) causes.push(trends[i]! > 0 ? 'trend-high' : 'trend-low');
    if (twoOfThree[i]) causes.push(`two-of-three-${side}`);
    if (shifts[i] !== 0) causes.push(shifts[i]! > 0 ? 'shift-high' : 'shift-low');
    // Since 2023 the tool shows improvement when a point is special both ways; before, the first rule decided.
    const better = causes.find((cause) => betterIs !== 'neither' && cause.endsWith(betterIs));
    const cause = (ruleset === 'mdc-2023' ? better : undefined) ?? causes[0] ?? '';
    return { value, ...limits, cause };
  });
}

function iconOf(cause: SpecialCause | '', betterIs: 'low' | 'high' | 'neither'): VariationIcon {
  if (cause === '') return 'common';
  const side = cause.endsWith('high') ? 'high' : 'low';
  if (betterIs === 'neither') return `neutral-${side}`;
  return side === betterIs ? `improvement-${side}` : `concern-${side}`;
}

/** Whether the process as it stands will always, never or sometimes meet the target. */
function assuranceOf(
  { lower, upper }: XmrPoint,
  target: number | undefined,
  betterIs: 'low' | 'high' | 'neither',
): XmrChart['assurance'] {
  if (target === undefined || betterIs === 'neither') return '';
  if (target > upper) return betterIs === 'low' ? 'pass' : 'fail';
  if (target < lower) return betterIs === 'low' ? 'fail' : 'pass';
  return 'hit or miss';
}
