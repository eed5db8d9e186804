import type { Weapon } from '../../schemas/incident.ts';
import {
  civilToUtc,
  DAY,
  dateText,
  hourOfWeek,
  lastSundayAtOne,
  monthStart,
  parseMonth,
} from './calendar.ts';
import { type City, homePicker, KNOWN_TO_POLICE, type Place, type Spot } from './city.ts';
import { RHYTHMS, type Rhythm, SEASONS } from './hours.ts';
import {
  cumulate,
  drawIndex,
  drawInteger,
  drawMix,
  drawPoisson,
  type Mix,
  mixOf,
  type Random,
  seedRandom,
} from './random.ts';

/** Something that happened in the city, before anyone wrote it down. */
export type Incident = {
  readonly id: number;
  /** Wall clock; in the hour that March skips, what a clock not yet put forward shows. */
  readonly minute: number;
  /** Index of the public place, or -1 for a home. */
  readonly place: number;
  readonly cell: bigint;
  /** Index of the spot in whose cells it happened, or -1. */
  readonly spot: number;
  readonly weapon: Weapon;
  /** Persons injured, 1 to 4: each is an attendance where they attend, and a crime where the police know. */
  readonly injured: number;
  readonly attended: boolean;
  readonly known: boolean;
};

/** How long and how large: months that end with `endMonth` (2025-09), and a factor on the number of incidents. */
export type Span = { readonly months: number; readonly endMonth: string; readonly scale: number };

/** What is planted in time. The intervention takes `change` off a spot's whole rate from a civil minute on. */
export type Plan = {
  readonly yearlyTrend: number;
  readonly intervention: { readonly spot: number; readonly from: number; readonly change: number } | null;
};

const ATTENDANCES_A_MONTH = 105;
const HOME_SHARE = 0.2;
const HOME_KNOWN_TO_POLICE = 0.4;
// Incidents that only the police know, as a share of those that come to a hospital.
const POLICE_ONLY = 0.6;
const POLICE_ONLY_HOME = 0.8;
const BRAWLS = 0.04;
const PERSONS_AN_INCIDENT = 1 + BRAWLS * 1.6;
const NEW_YEAR = 3.5;

const WEAPONS = mixOf<Weapon>([
  ['body', 0.672],
  ['glass_bottle', 0.08],
  ['knife_sharp', 0.06],
  ['blunt', 0.06],
  ['other', 0.045],
  ['unknown', 0.045],
  ['refused', 0.035],
  ['firearm', 0.0025],
  ['explosive', 0.0005],
]);

/** The first month of a span, as its number; throws on months, scales and month texts that make no sense. */
export function firstMonth(span: Span): number {
  if (!Number.isInteger(span.months) || span.months < 1 || span.months > 240) {
    throw new Error(`got ${span.months} months, wanted a whole number from 1 to 240`);
  }
  if (!(span.scale > 0 && span.scale <= 1000))
    throw new Error(`got scale ${span.scale}, wanted one above 0 and up to 1000`);
  return parseMonth(span.endMonth) - span.months + 1;
}

/** What `plant` plants in time: a fall of 12 % a year, and in four months or more an intervention in the first spot. */
export function planOf(city: City, span: Span): Plan {
  if (city.spots.length === 0) return { yearlyTrend: 0, intervention: null };
  const from = monthStart(firstMonth(span) + Math.round(span.months * 0.55));
  return { yearlyTrend: -0.12, intervention: span.months < 4 ? null : { spot: 0, from, change: -0.4 } };
}

/** A spot's relative risk at a civil minute: what was planted, less what an intervention took off. */
export function riskAt(spot: Spot, index: number, plan: Plan, minute: number): number {
  const action = plan.intervention;
  const acted = action !== null && action.spot === index && minute >= action.from;
  return spot.relativeRisk * (acted ? 1 + action.change : 1);
}

/**
 * All incidents of a span in order of time. The place of a public incident is drawn in proportion to the place's
 * people, times the relative risk of a spot that holds it, whatever the hour; so where nothing is planted, counts
 * by cell are multinomial in the exposure but for brawls (4 % of incidents injure two to four).
 */
export function inventIncidents(city: City, seed: number, span: Span): Incident[] {
  const first = firstMonth(span);
  const random = seedRandom(seed, 'incidents');
  const plan = planOf(city, span);
  const world = prepareWorld(city, plan);
  const drafts: Omit<Incident, 'id'>[] = [];
  for (let month = first; month < first + span.months; month++) {
    const years = (month - first - (span.months - 1) / 2) / 12;
    const trend = Math.exp(Math.log(1 + plan.yearlyTrend) * years);
    const season = SEASONS[month % 12] as number;
    inventMonth(random, world, { month, factor: trend * season * span.scale }, drafts);
  }
  drafts.sort((a, b) => a.minute - b.minute);
  return drafts.map((draft, id) => ({ id, ...draft }));
}

type World = {
  readonly city: City;
  readonly plan: Plan;
  readonly spotOfCell: ReadonlyMap<bigint, number>;
  readonly pickHome: (random: Random) => number;
  /** Mean share of public incidents in each hour of the week, and of those at home. */
  readonly publicWeek: Float64Array;
  readonly baseSum: number;
};

function prepareWorld(city: City, plan: Plan): World {
  const spotOfCell = new Map(city.spots.flatMap((spot, i) => spot.cells.map((cell) => [cell, i] as const)));
  const people = city.places.reduce((sum, place) => sum + place.people, 0);
  const publicWeek = new Float64Array(168);
  for (const place of city.places) {
    const share = place.people / people;
    RHYTHMS[place.rhythm].forEach((weight, hour) => {
      publicWeek[hour] = (publicWeek[hour] as number) + share * weight;
    });
  }
  // The rate elsewhere is set so that the city's total at the start is the same with spots as without.
  const baseSum = city.places.reduce((sum, place) => {
    const spot = spotOfCell.get(place.cell);
    return sum + place.people * (spot === undefined ? 1 : (city.spots[spot] as Spot).relativeRisk);
  }, 0);
  return { city, plan, spotOfCell, pickHome: homePicker(city), publicWeek, baseSum };
}

type MonthPlan = { readonly month: number; readonly factor: number };

function inventMonth(random: Random, world: World, plan: MonthPlan, drafts: Omit<Incident, 'id'>[]): void {
  const start = monthStart(plan.month);
  const hours = (monthStart(plan.month + 1) - start) / 60;
  const clock = hourSampler(start, hours);
  const weights = world.city.places.map((place) => {
    const spot = world.spotOfCell.get(place.cell);
    return (
      place.people *
      (spot === undefined ? 1 : riskAt(world.city.spots[spot] as Spot, spot, world.plan, start))
    );
  });
  const sums = cumulate(weights);
  // What only the police know is as rare, in a spot they know little of, as their share of the rest of it.
  const policeSums = cumulate(
    weights.map((weight, i) => {
      const spot = world.city.spots[world.spotOfCell.get((world.city.places[i] as Place).cell) ?? -1];
      return spot === undefined ? weight : (weight * spot.knownToPolice) / KNOWN_TO_POLICE;
    }),
  );
  const weeks = clock.sum(world.publicWeek);
  const aWeek = (ATTENDANCES_A_MONTH / PERSONS_AN_INCIDENT / (365.25 / 12 / 7)) * plan.factor;
  const publicMean = aWeek * (1 - HOME_SHARE) * weeks * ((sums.at(-1) as number) / world.baseSum);
  const homeMean = aWeek * HOME_SHARE * clock.sum(RHYTHMS.home);

  const addPublic = (attended: boolean, minuteAt?: number): void => {
    drafts.push(
      publicIncident(random, world, {
        place: drawIndex(random, attended ? sums : policeSums),
        clock,
        attended,
        minuteAt,
      }),
    );
  };
  const addHome = (attended: boolean): void => {
    drafts.push(homeIncident(random, world, clock.draw(random, 'home', RHYTHMS.home), attended));
  };
  for (let n = drawPoisson(random, publicMean); n > 0; n--) addPublic(true);
  for (
    let n = drawPoisson(
      random,
      (publicMean * POLICE_ONLY * (policeSums.at(-1) as number)) / (sums.at(-1) as number),
    );
    n > 0;
    n--
  )
    addPublic(false);
  for (let n = drawPoisson(random, homeMean); n > 0; n--) addHome(true);
  for (let n = drawPoisson(random, homeMean * POLICE_ONLY_HOME); n > 0; n--) addHome(false);
  // One more in the hour that is skipped or repeated, so that every clock change is in the files.
  const change = lastSundayAtOne(plan.month);
  if (plan.month % 12 === 2 || plan.month % 12 === 9) addPublic(true, change + 30);
}

type PublicDraw = { place: number; clock: Clock; attended: boolean; minuteAt: number | undefined };

function publicIncident(random: Random, world: World, draw: PublicDraw): Omit<Incident, 'id'> {
  const place = world.city.places[draw.place] as Place;
  const index = world.spotOfCell.get(place.cell) ?? -1;
  const spot = world.city.spots[index];
  // Of a risk of five times the usual, four fifths are what was planted: its hours and weapons, not the usual ones.
  const planted = spot !== undefined && random() < 1 - 1 / spot.relativeRisk ? spot : null;
  const minute =
    draw.minuteAt ??
    (planted === null
      ? draw.clock.draw(random, place.rhythm, RHYTHMS[place.rhythm])
      : draw.clock.draw(random, planted.name, hourWeights(planted.hours)));
  return {
    minute,
    place: draw.place,
    cell: place.cell,
    spot: index,
    weapon: drawMix(random, planted === null ? WEAPONS : spotWeapons(planted)),
    injured: random() < BRAWLS ? drawBrawl(random) : 1,
    attended: draw.attended,
    known: !draw.attended || random() < (spot?.knownToPolice ?? KNOWN_TO_POLICE),
  };
}

function homeIncident(random: Random, world: World, minute: number, attended: boolean): Omit<Incident, 'id'> {
  const cell = world.city.cells[world.pickHome(random)] as bigint;
  const known = !attended || random() < HOME_KNOWN_TO_POLICE;
  return { minute, place: -1, cell, spot: -1, weapon: drawMix(random, WEAPONS), injured: 1, attended, known };
}

const hourWeights = (hours: readonly number[]): Float64Array => {
  const weights = new Float64Array(168);
  for (const hour of hours) weights[hour] = 1;
  return weights;
};

const spotWeapons = (spot: Spot): Mix<Weapon> => mixOf(spot.weapons);

/** Two to four, 2.6 on average. */
function drawBrawl(random: Random): number {
  const draw = random();
  return draw < 0.55 ? 2 : draw < 0.85 ? 3 : 4;
}

/** Draws wall clock minutes of one month in proportion to weights by hour of the week. */
type Clock = {
  /** `name` says which weights, so that their running sums are made once a month. */
  readonly draw: (random: Random, name: Rhythm | string, weights: Float64Array) => number;
  readonly sum: (weights: Float64Array) => number;
};

function hourSampler(start: number, hours: number): Clock {
  const known = new Map<string, Float64Array>();
  const factors = Float64Array.from({ length: hours }, (_, i) => hourFactor(start + i * 60));
  const weigh = (weights: Float64Array): Float64Array =>
    factors.map((factor, i) => factor * (weights[hourOfWeek(start + i * 60)] as number));
  return {
    draw(random, name, weights) {
      let sums = known.get(name);
      if (sums === undefined) {
        sums = cumulate(weigh(weights));
        known.set(name, sums);
      }
      return start + drawIndex(random, sums) * 60 + drawInteger(random, 0, 59);
    },
    sum: (weights) => weigh(weights).reduce((sum, weight) => sum + weight, 0),
  };
}

/** New Year's night is the busiest; the hour that October repeats is twice as long, the one March skips has no length. */
function hourFactor(minute: number): number {
  const day = dateText(minute).slice(5);
  const hour = Math.floor(minute / 60) % 24;
  if ((day === '12-31' && hour >= 21) || (day === '01-01' && hour < 5)) return NEW_YEAR;
  if (hour !== 1) return 1;
  const midnight = Math.floor(minute / DAY) * DAY;
  const length = civilToUtc(midnight + 120) - civilToUtc(midnight + 60);
  return length / 60;
}
