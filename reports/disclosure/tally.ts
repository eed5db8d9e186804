// Counts of records with the persons behind them, so that persons can be counted anew over what is merged.
import { notedSql } from '../../schemas/noted.ts';
import { monthDate } from './period.ts';

/** Runs one statement on the store. BIGINT comes back as bigint, INTEGER as number; dates are cast to text. */
export type Query = <Row>(
  sql: string,
  params?: readonly (string | number | bigint | boolean | null)[],
) => Promise<Row[]>;

export interface Tally {
  readonly records: number;
  /** Distinct persons by number; null where the source carries no person key. Records without a key add nobody. */
  readonly persons: ReadonlySet<number> | null;
}

/** Whether there are at least `threshold` records and, where they are known, at least as many persons. */
export function reaches(tally: Tally, threshold: number): boolean {
  return tally.records >= threshold && (tally.persons === null || tally.persons.size >= threshold);
}

/** The union: records are added, persons are counted once. No tallies make an empty one. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  let records = 0;
  let persons: Set<number> | null = null;
  for (const tally of tallies) {
    records += tally.records;
    if (tally.persons === null) continue;
    persons ??= new Set();
    for (const person of tally.persons) persons.add(person);
  }
  return { records, persons };
}

/** The class of what is on the map and may not be shown by place. */
export const APART = 'apart';
const IS_SEXUAL = `offence = 'sexual offence'`;
const isNoPlace = `place_kind = 'home' OR cell IS NULL`;
const placeOf = (otherwise: string) =>
  `CASE WHEN place_kind = 'home' THEN 'home' WHEN cell IS NULL THEN 'unlocated' ${otherwise} ELSE lower(to_hex(cell)) END`;
const namedPlaceOf = (otherwise: string) =>
  `CASE WHEN ${isNoPlace} ${otherwise} THEN '' ELSE lower(to_hex(cell)) || ' ' || coalesce(place_id, '') END`;

/** How the records of a cut are told apart, as SQL over the columns of the incident table. */
export const CLASS_SQL = {
  month: `CAST(month AS VARCHAR)`,
  place: placeOf(`WHEN ${IS_SEXUAL} THEN '${APART}'`),
  place_all: placeOf(''),
  weapon: `coalesce(weapon, 'unknown')`,
  place_kind: `coalesce(place_kind, 'unknown')`,
  night_band: `CASE WHEN hour_of_week IS NULL THEN 'unknown' WHEN hour_of_week % 24 < 3 THEN '00-03'
    WHEN hour_of_week % 24 < 6 THEN '03-06' WHEN hour_of_week % 24 < 12 THEN '06-12'
    WHEN hour_of_week % 24 < 18 THEN '12-18' WHEN hour_of_week % 24 < 21 THEN '18-21' ELSE '21-00' END`,
  named_place: namedPlaceOf(`OR ${IS_SEXUAL}`),
  named_place_all: namedPlaceOf(''),
  supplier: `strftime(month, '%Y-%m') || ' ' || supplier`,
  recorded: `concat_ws('|', CASE WHEN place_kind = 'home' THEN 'home' WHEN cell IS NULL THEN 'unlocated' ELSE 'map' END,
    ${(['place_text', 'arrival', 'copied'] as const).map((name) => `coalesce(${notedSql(name)}, '')`).join(', ')},
    if(hour_of_week IS NULL, 'no', 'yes'), coalesce(weapon, 'unknown'))`,
} as const;
export type Classes = keyof typeof CLASS_SQL;

/** Which records: months `from`..`to` as numbers; those of frozen months are read as they were counted then. */
export interface Span {
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly frozen?: readonly number[];
  /** Where only records matter: nobody is told apart. */
  readonly recordsOnly?: boolean;
}

/**
 * The tallies of a span by class, for each of several cuts in their order. Persons are numbered over the whole span, so
 * that tallies of one call can be merged.
 */
export async function readTallies<Cuts extends readonly Classes[]>(
  query: Query,
  span: Span,
  ...cuts: Cuts
): Promise<{ [Cut in keyof Cuts]: Map<string, Tally> }> {
  const { sql, params } = selectRecords(span);
  const classes = cuts.map((cut) => CLASS_SQL[cut]).join(', ');
  const person = span.recordsOnly ? 'NULL' : 'dense_rank() OVER (ORDER BY person0, person1)';
  const rows = await query<{ cut: number; class: string; person: number | null; records: number }>(
    `WITH chosen AS (${sql}),
      numbered AS (SELECT [${classes}] AS classes,
        CASE WHEN person0 IS NOT NULL THEN CAST(${person} AS INTEGER) END AS person
        FROM chosen),
      told AS (SELECT CAST(unnest(range(${cuts.length})) AS INTEGER) AS cut, unnest(classes) AS class, person FROM numbered)
    SELECT cut, class, person, CAST(count(*) AS INTEGER) AS records FROM told GROUP BY ALL ORDER BY cut, class, person`,
    params,
  );
  return cuts.map((classes, cut) => {
    const own = rows.filter((row) => row.cut === cut);
    // The months of a source may begin to carry a person key at any one of them; the classes of a cut may not differ.
    const everyClass = classes !== 'month' && own.some((row) => row.person !== null);
    const keyed = new Set(own.filter((row) => row.person !== null).map((row) => row.class));
    const building = new Map<string, { records: number; persons: Set<number> | null }>();
    for (const row of own) {
      const persons = everyClass || keyed.has(row.class) ? new Set<number>() : null;
      const tally = building.get(row.class) ?? { records: 0, persons };
      tally.records += row.records;
      if (row.person !== null) tally.persons?.add(row.person);
      building.set(row.class, tally);
    }
    return building;
  }) as { [Cut in keyof Cuts]: Map<string, Tally> };
}

function selectRecords(span: Span): { sql: string; params: string[] } {
  const columns =
    'month, cell, CAST(place_kind AS VARCHAR) AS place_kind, CAST(weapon AS VARCHAR) AS weapon, hour_of_week, person0, person1, offence, supplier, place_id, noted';
  const frozen = (span.frozen ?? []).map(monthDate);
  const dates = frozen.map(() => 'CAST(? AS DATE)').join(', ');
  const within = 'source = ? AND month BETWEEN CAST(? AS DATE) AND CAST(? AS DATE)';
  const params = [span.source, monthDate(span.from), monthDate(span.to)];
  if (frozen.length === 0) return { sql: `SELECT ${columns} FROM reported WHERE ${within}`, params };
  return {
    sql: `SELECT ${columns} FROM reported WHERE ${within} AND month NOT IN (${dates})
      UNION ALL SELECT ${columns} FROM counted WHERE ${within} AND month IN (${dates})`,
    params: [...params, ...frozen, ...params, ...frozen],
  };
}
