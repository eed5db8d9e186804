/** How the incidents of a kind of place lie in the week. */
export type Rhythm = 'night' | 'street' | 'day' | 'school' | 'transport' | 'open' | 'home';

// Weight of the nights that begin on Monday .. Sunday, and of each clock hour, 0 to 23, of such a night.
const NIGHTS = [0.35, 0.35, 0.45, 0.65, 2.2, 2.9, 0.75];
const NIGHT_HOURS = [
  3.6, 3.4, 3, 1.7, 0.6, 0.25, 0.12, 0.1, 0.1, 0.1, 0.12, 0.2, 0.3, 0.3, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.1,
  1.6, 2.4, 3.3,
];
const DAY_HOURS = [
  0.25, 0.2, 0.15, 0.1, 0.05, 0.05, 0.15, 0.4, 0.8, 0.9, 1, 1.2, 1.3, 1.3, 1.4, 1.7, 1.8, 1.7, 1.5, 1.3, 1.1,
  0.9, 0.7, 0.4,
];
const SCHOOL_HOURS = [
  0, 0, 0, 0, 0, 0, 0, 0.2, 1.2, 0.6, 0.9, 1, 1.8, 1.4, 0.9, 2.6, 1.4, 0.4, 0.2, 0.1, 0, 0, 0, 0,
];
const HOME_HOURS = [
  1.9, 1.5, 1.1, 0.7, 0.5, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1, 1.1, 1.3, 1.5, 1.7, 1.9, 2, 2.1, 2.1,
  2,
];

function week(weight: (weekday: number, hour: number) => number): Float64Array {
  const weights = new Float64Array(168);
  let sum = 0;
  for (let i = 0; i < 168; i++) {
    const value = weight(Math.floor(i / 24), i % 24);
    weights[i] = value;
    sum += value;
  }
  return weights.map((value) => value / sum);
}

/** Hours before six belong to the night that began on the day before. */
function nightWeight(weekday: number, hour: number): number {
  const began = hour < 6 ? (weekday + 6) % 7 : weekday;
  const weekend = hour >= 6 && hour < 18 ? 1 : (NIGHTS[began] as number);
  return weekend * (NIGHT_HOURS[hour] as number);
}

const night = week(nightWeight);
const day = week((weekday, hour) => (DAY_HOURS[hour] as number) * (weekday === 5 ? 1.3 : 1));
const blend = (share: number): Float64Array =>
  night.map((value, i) => share * value + (1 - share) * (day[i] as number));

/** Shares of the 168 hours of the week for each rhythm; each sums to 1. */
export const RHYTHMS: Readonly<Record<Rhythm, Float64Array>> = {
  night,
  street: blend(0.62),
  day,
  school: week((weekday, hour) => (weekday < 5 ? (SCHOOL_HOURS[hour] as number) : 0.01)),
  transport: blend(0.4),
  open: blend(0.25),
  home: week((weekday, hour) => (HOME_HOURS[hour] as number) * (weekday >= 5 ? 1.4 : 1)),
};

/** Factor of each calendar month, January first: highest from May to July, lowest in February. */
export const SEASONS: readonly number[] = [
  0.93, 0.84, 0.97, 1.0, 1.12, 1.13, 1.14, 1.06, 1.0, 0.98, 0.91, 0.94,
];

/** Hours of the week (0 = Monday 00) on the given weekdays, 0 to 6, from an hour to before another. */
export function hoursOn(weekdays: readonly number[], from: number, to: number): number[] {
  return weekdays.flatMap((weekday) =>
    Array.from({ length: to - from }, (_, i) => (weekday * 24 + from + i) % 168),
  );
}
