// The null check printed beside a hotspot map: how often the same method calls anything hot in fields made from the
// board's own counts in which, by construction, no place is special.

import { benjaminiHochbergThreshold } from './benjamini-hochberg.ts';
import { total } from './exposure-tail.ts';
import { exposureStarPs } from './exposure-test.ts';
import { capCounts, capFromHistory, starTable, starTails } from './gi-star.ts';
import type { Neighbours } from './neighbours.ts';
import { overdispersion } from './overdispersion.ts';
import { seededRandom, shuffleInPlace } from './seeded-random.ts';

const LIKELY_Q = 0.05;

/** Share of shuffles of the field over its cells in which any occupied cell is called hot (likely or strong). */
export function falseAlarmShare(
  counts: ArrayLike<number>,
  neighbours: Neighbours,
  shuffles: number,
  seed: number,
  cap = capFromHistory(counts),
): number {
  const field = capCounts(counts, cap);
  const table = starTable(field, neighbours);
  const random = seededRandom(seed);
  const ps = new Float64Array(field.length);
  let alarms = 0;
  for (let round = 0; round < shuffles; round++) {
    shuffleInPlace(field, random);
    starTails(field, neighbours, table, ps);
    if (anyHot(field, ps)) alarms++;
  }
  return alarms / shuffles;
}

/** The field to check against its exposure, and how many invented fields to draw from which seed. */
export interface ExposedCheck {
  counts: ArrayLike<number>;
  exposure: ArrayLike<number>;
  neighbours: Neighbours;
  fields: number;
  seed: number;
}

/**
 * Share of invented fields in which any occupied cell is called hot when as many incidents as there were, as bunched
 * as they were, fall in proportion to the people about. The whole method runs on each, the dispersion fit included.
 */
export function exposedFalseAlarmShare({ counts, exposure, neighbours, fields, seed }: ExposedCheck): number {
  const factor = overdispersion(counts, exposure, neighbours);
  const incidents = total(counts);
  const random = seededRandom(seed);
  const field = new Int32Array(counts.length);
  let alarms = 0;
  for (let round = 0; round < fields; round++) {
    drawField(field, exposure, incidents, factor, random);
    const fitted = overdispersion(field, exposure, neighbours);
    if (anyHot(field, exposureStarPs(field, exposure, neighbours, fitted))) alarms++;
  }
  return alarms / fields;
}

function anyHot(counts: Int32Array, ps: Float64Array): boolean {
  const threshold = benjaminiHochbergThreshold(ps, LIKELY_Q);
  return threshold >= 0 && ps.some((p, i) => p <= threshold && counts[i]! > 0);
}

/** A Dirichlet-multinomial draw by its urn (Blackwell and MacQueen 1973): now and then an incident repeats an earlier place. */
function drawField(
  field: Int32Array,
  exposure: ArrayLike<number>,
  incidents: number,
  factor: number,
  random: () => number,
): void {
  const weight = factor > 1 ? (incidents - factor) / (factor - 1) : Number.POSITIVE_INFINITY;
  const cumulative = new Float64Array(field.length);
  let people = 0;
  for (let i = 0; i < field.length; i++) {
    people += exposure[i]!;
    cumulative[i] = people;
  }
  const places = new Int32Array(incidents);
  field.fill(0);
  for (let drawn = 0; drawn < incidents; drawn++) {
    const repeats = random() < drawn / (weight + drawn);
    const place = repeats ? places[Math.floor(random() * drawn)]! : firstAbove(cumulative, random() * people);
    places[drawn] = place;
    field[place]!++;
  }
}

function firstAbove(cumulative: Float64Array, value: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
