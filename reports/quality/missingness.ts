// Sources: Nguyen and others (2022) found that whether a record can be mapped depends on the patient's sex, race and way
// of arrival; missing at random given what is known, Little and Rubin (2019, chapter 1); weights that are the inverse
// of the share that is known, within strata, as Horvitz and Thompson (1952).
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts';
import { testIndependence } from '../statistics/independence.ts';
import { wilsonLimits } from '../statistics/rates.ts';
import type { MappedClass, RecordClass } from './read-records.ts';

/** How often something is missing in one group of the records, with 95% limits in percent. */
export interface MissingRow {
  readonly source: string;
  /** What is missing: place, time or weapon. */
  readonly missing: string;
  /** What the groups are by: hour, weapon, arrival or delay. */
  readonly factor: string;
  readonly value: string;
  readonly records: number;
  readonly of: number;
  readonly low: number;
  readonly high: number;
  /** Of the factor as a whole: chance of such differences where it does not matter, over all factors of the source. */
  readonly q: number;
  /** Cramér's V of the factor: 0 it does not matter, 1 it decides. */
  readonly v: number;
}

const MISSING: Readonly<
  Record<string, { readonly asked: (r: RecordClass) => boolean; readonly has: (r: RecordClass) => boolean }>
> = {
  place: { asked: ({ home }) => !home, has: ({ mapped }) => !mapped },
  time: { asked: () => true, has: ({ band }) => band === 'unknown' },
  weapon: { asked: () => true, has: ({ weapon }) => weapon === 'unknown' || weapon === 'refused' },
};
const FACTORS: Readonly<Record<string, (record: RecordClass) => string>> = {
  hour: ({ band }) => band,
  weapon: ({ weapon }) => weapon,
  arrival: ({ arrival }) => arrival,
  delay: ({ delay }) => delay,
};
/** A factor says nothing of what is missing where it is the same thing. */
const SAME: readonly (readonly [missing: string, factor: string])[] = [
  ['time', 'hour'],
  ['weapon', 'weapon'],
];

/** How what is missing is spread over hours, weapons, arrivals and delays, by source. */
export function missingness(records: readonly RecordClass[]): MissingRow[] {
  const sources = [...new Set(records.map(({ source }) => source))];
  return sources.flatMap((source) => {
    const own = records.filter((record) => record.source === source);
    const tables = Object.entries(MISSING).flatMap(([missing, { asked, has }]) =>
      Object.entries(FACTORS).flatMap(([factor, sayingOf]) => {
        if (SAME.some(([a, b]) => a === missing && b === factor)) return [];
        const groups = new Map<string, { have: number; of: number }>();
        for (const record of own) {
          if (!asked(record) || sayingOf(record) === '') continue;
          const group = groups.get(sayingOf(record)) ?? { have: 0, of: 0 };
          group.of += record.n;
          if (has(record)) group.have += record.n;
          groups.set(sayingOf(record), group);
        }
        return groups.size > 1 ? [{ missing, factor, groups }] : [];
      }),
    );
    const tests = tables.map(({ groups }) => testIndependence([...groups.values()]));
    const qs = benjaminiHochberg(Float64Array.from(tests, ({ p }) => p));
    return tables.flatMap(({ missing, factor, groups }, t) =>
      [...groups].toSorted(byName).map(([value, { have, of }]) => {
        const { lower, upper } = wilsonLimits(have, of);
        return {
          ...{ source, missing, factor, value, records: have, of },
          ...{ low: 100 * lower, high: 100 * upper, q: qs[t] as number, v: (tests[t] as { v: number }).v },
        };
      }),
    );
  });
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** What of a source's map would change if what is missing were spread like what is known at the same hours. */
export interface MapEffect {
  readonly source: string;
  readonly area: string;
  readonly records: number;
  /** Of the records on the map, in percent. */
  readonly shown: number;
  /** The same with each record standing for those of its hour and shift that are not on the map. */
  readonly weighted: number;
  /** The largest share that it can have, and the smallest: all or none of what is missing. */
  readonly least: number;
  readonly most: number;
}

/** Strata with fewer records on the map are weighted like the source as a whole. */
const LEAST_MAPPED = 10;

/**
 * What missing places do to the map, by named area: the shares shown, those that follow where a record's chance of
 * being mapped depends on the hour and the shift alone, and the bounds that hold whatever it depends on.
 */
export function mapEffect(classes: readonly MappedClass[], areaOf: (cell: bigint) => string): MapEffect[] {
  const sources = [...new Set(classes.map(({ source }) => source))];
  return sources.flatMap((source) => {
    const own = classes.filter((each) => each.source === source);
    const strata = new Map<string, { mapped: number; all: number }>();
    const whole = { mapped: 0, all: 0 };
    for (const each of own) {
      const stratum = strata.get(stratumOf(each)) ?? { mapped: 0, all: 0 };
      strata.set(stratumOf(each), stratum);
      for (const sum of [stratum, whole]) {
        sum.all += each.n;
        if (each.cell !== null) sum.mapped += each.n;
      }
    }
    if (whole.mapped === 0) return [];
    const areas = new Map<string, { records: number; weight: number }>();
    let weights = 0;
    for (const each of own) {
      if (each.cell === null) continue;
      const stratum = strata.get(stratumOf(each)) as { mapped: number; all: number };
      const { all, mapped } = stratum.mapped >= LEAST_MAPPED ? stratum : whole;
      const weight = (each.n * all) / mapped;
      weights += weight;
      const area = areas.get(areaOf(each.cell)) ?? { records: 0, weight: 0 };
      areas.set(areaOf(each.cell), { records: area.records + each.n, weight: area.weight + weight });
    }
    const missing = whole.all - whole.mapped;
    return [...areas]
      .map(([area, { records, weight }]) => ({
        source,
        area,
        records,
        shown: (100 * records) / whole.mapped,
        weighted: (100 * weight) / weights,
        least: (100 * records) / whole.all,
        most: (100 * (records + missing)) / whole.all,
      }))
      .toSorted((a, b) => b.records - a.records || (a.area < b.area ? -1 : 1));
  });
}

const stratumOf = ({ band, arrival }: MappedClass) => `${band}|${arrival}`;
