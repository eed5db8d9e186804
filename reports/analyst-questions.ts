/**
 * What analysts ask first, as views and macros of analyst.duckdb. "The twelve months" are those that `about` names;
 * sources are set side by side and never added together. Plain SQL: no extension is needed.
 */
import type { DescribedMacro, DescribedView } from './duckdb-file.ts';

const NIGHT = "['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']";
const BANDS = "['00-03', '03-06', '06-12', '06-12', '12-18', '12-18', '18-21', '21-00']";
const KNOWN_WEAPON = "weapon NOT IN ('unknown', 'refused')";
const YEAR = 'month BETWEEN (SELECT year_from FROM about) AND (SELECT year_to FROM about)';
const THE_YEAR = `SELECT * FROM incident WHERE ${YEAR}`;

/** A share that is not met, without what would be met by chance, in percent. */
const unknown = (share: string) =>
  `CASE WHEN incidents >= 20 AND by_chance < incidents THEN greatest(0, least(100, round(100 * (${share}) / (1 - by_chance / incidents)))) END`;
const HALF = '1.96 * sqrt(p * (1 - p) / (incidents + 4))';

/** One o'clock UTC on the last Sunday of a month. */
const changeIn = (month: number) => {
  const last = `last_day(make_date(year(utc), ${month}, 1))`;
  return `(${last} - (isodow(${last}) % 7)::INTEGER + INTERVAL 1 HOUR)`;
};

const SOURCE = 'Source of the records';
const INCIDENTS = 'Incidents in public places in the twelve months';
const AREA = 'Named area; empty where the place is not known or lies in none';

/** Values of an hour of the week, and of two points. */
export const ANALYST_VALUES: Readonly<Record<string, DescribedMacro>> = {
  night: {
    title: 'The day on which the night began: 03:00 on a Sunday belongs to Sat',
    parameters: { hour_of_week: '0 = Monday 00:00-00:59 local time' },
    sql: `${NIGHT}[((hour_of_week::INTEGER + 162) % 168) // 24 + 1]`,
  },
  night_number: {
    title: 'The same as a number: 1 = Mon, 7 = Sun',
    parameters: { hour_of_week: '0 = Monday 00:00-00:59 local time' },
    sql: '((hour_of_week::INTEGER + 162) % 168) // 24 + 1',
  },
  band: {
    title: 'Part of the day: 06-12, 12-18, 18-21, 21-00, 00-03 or 03-06',
    parameters: { hour_of_week: '0 = Monday 00:00-00:59 local time' },
    sql: `${BANDS}[(hour_of_week::INTEGER % 24) // 3 + 1]`,
  },
  local_time: {
    title: 'The time that clocks in the United Kingdom show; since 1996 they change at 01:00 UTC',
    parameters: { utc: 'TIMESTAMP in UTC' },
    sql: `utc + CASE WHEN utc >= ${changeIn(3)} AND utc < ${changeIn(10)} THEN INTERVAL 1 HOUR ELSE INTERVAL 0 HOUR END`,
  },
  metres_between: {
    title: 'Metres between two points on a sphere of the mean radius of the Earth',
    parameters: {
      lat1: 'Degrees',
      lng1: 'Degrees',
      lat2: 'Degrees',
      lng2: 'Degrees',
    },
    sql: '2 * 6371008.8 * asin(sqrt(pow(sin(radians(lat2 - lat1) / 2), 2) + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lng2 - lng1) / 2), 2)))',
  },
};

export const ANALYST_VIEWS: Readonly<Record<string, DescribedView>> = {
  by_month: {
    title: 'Incidents in public places by source and month',
    columns: { source: SOURCE, month: 'First day of the month', incidents: 'Incidents in public places' },
    sql: 'SELECT source, month, count(*) AS incidents FROM incident GROUP BY ALL ORDER BY ALL',
  },
  by_hour: {
    title: 'The 168 hours of the week over all months, known times only',
    columns: {
      source: SOURCE,
      hour_of_week: '0 = Monday 00:00-00:59 local time',
      day: 'Day of the calendar',
      hour: 'Hour of the day',
      incidents:
        'Incidents in public places; one in a window of several hours counts in the hour that was drawn for it',
      aoristic:
        'The same with each window in equal parts over all the hours that it reaches into (Ratcliffe 2002); windows of more than a day have no hour and are in neither',
    },
    sql: `WITH hour AS (
  SELECT source, local_time(unnest(range(window_from, window_to + INTERVAL 1 HOUR, INTERVAL 1 HOUR))) AS local,
    1 / (date_diff('hour', window_from, window_to) + 1) AS part
  FROM incident WHERE hour_of_week IS NOT NULL AND window_from IS NOT NULL),
part AS (
  SELECT source, hour_of_week, 1 AS incidents, CASE WHEN window_from IS NULL THEN 1 ELSE 0 END AS part FROM incident
  UNION ALL SELECT source, (isodow(local) - 1) * 24 + hour(local), 0, part FROM hour)
SELECT s AS source, week.hour AS hour_of_week, ${NIGHT}[week.hour // 24 + 1] AS day, week.hour % 24 AS hour,
  coalesce(sum(incidents), 0)::BIGINT AS incidents, coalesce(sum(part), 0)::DOUBLE AS aoristic
FROM (SELECT DISTINCT source AS s FROM incident) CROSS JOIN (SELECT unnest(range(168)) AS hour) week
LEFT JOIN part ON part.source = s AND part.hour_of_week = week.hour GROUP BY ALL ORDER BY ALL`,
  },
  hotspots: {
    title: 'Cells that stand out, surest first; the test is explained at the table hotspot',
    columns: {
      source: SOURCE,
      period: 'Quarter (2025-Q3) or twelve months to its end (12m-2025-Q3)',
      cell: 'H3 cell of resolution 9, in hexadecimal',
      area: AREA,
      count: 'Incidents in the cell',
      star_count: 'Incidents in the cell and its neighbours',
      q: 'False discovery rate over all cells',
      label: 'strong: q <= 0.01; likely: q <= 0.05',
      reason: 'Why it is called',
    },
    sql: `SELECT source, period, text AS cell, area.name AS area, count, star_count, round(q, 4) AS q, label, reason
FROM hotspot JOIN cell USING (cell) LEFT JOIN area ON area.code = cell.area_code
WHERE label <> '' ORDER BY source, period, hotspot.q, star_count DESC, text`,
  },
  nights_and_bands: {
    title: 'Which nights, and when in them: the twelve months, known times only',
    columns: {
      source: SOURCE,
      night_number: '1 = Mon, 7 = Sun',
      night: 'Day on which the night began',
      band: 'Part of the day, local time',
      incidents: INCIDENTS,
      percent: 'Of the incidents of the source whose time is known',
    },
    sql: `WITH counted AS (
  SELECT source, night_number(hour_of_week) AS night_number, night(hour_of_week) AS night, band(hour_of_week) AS band,
    count(*) AS incidents
  FROM (${THE_YEAR}) WHERE hour_of_week IS NOT NULL GROUP BY ALL)
SELECT *, round(100 * incidents / sum(incidents) OVER (PARTITION BY source), 1) AS percent
FROM counted ORDER BY source, incidents DESC, night_number, band`,
  },
  change_on_year: {
    title:
      'The twelve months against the twelve before, by named area, with 95% limits of the ratio of two Poisson counts',
    columns: {
      source: SOURCE,
      area: AREA,
      before: 'Incidents in the twelve months before',
      now: INCIDENTS,
      change_percent: 'Change; empty where there was nothing before',
      low_percent: 'Lower limit of the change; empty where a count is 0',
      high_percent: 'Upper limit; what lies between the limits is not told from chance',
    },
    sql: `WITH counted AS (
  SELECT source, area.name AS area, count(*) FILTER (${YEAR}) AS now, count(*) FILTER (NOT (${YEAR})) AS before
  FROM incident LEFT JOIN area ON area.code = area_code
  WHERE month BETWEEN (SELECT year_from FROM about) - INTERVAL 12 MONTH AND (SELECT year_to FROM about)
  GROUP BY ALL)
SELECT source, area, before, now, round(100 * (now / nullif(before, 0) - 1)) AS change_percent,
  CASE WHEN now > 0 AND before > 0 THEN round(100 * (now / before * exp(-1.96 * sqrt(1 / now + 1 / before)) - 1)) END AS low_percent,
  CASE WHEN now > 0 AND before > 0 THEN round(100 * (now / before * exp(1.96 * sqrt(1 / now + 1 / before)) - 1)) END AS high_percent
FROM counted ORDER BY source, now DESC, area`,
  },
  weapon_where: {
    title: 'With what, in which kind of place: the twelve months',
    columns: {
      source: SOURCE,
      place_kind: 'Kind of place',
      weapon: 'Group of weapon',
      incidents: INCIDENTS,
      percent: 'Of the incidents of that source and kind of place whose weapon is known; empty for unknown',
    },
    sql: `WITH counted AS (
  SELECT source, place_kind, weapon, count(*) AS incidents, ${KNOWN_WEAPON} AS is_known FROM (${THE_YEAR}) GROUP BY ALL)
SELECT source, place_kind, weapon, incidents, CASE WHEN is_known
    THEN round(100 * incidents / sum(incidents) OVER (PARTITION BY source, place_kind, is_known), 1) END AS percent
FROM counted ORDER BY source, place_kind, incidents DESC, weapon`,
  },
  hospital_beside_police: {
    title:
      'Each hospital beside each police force by named area: the twelve months, for police violence with injury only. One incident can be in both',
    columns: {
      hospital: 'Hospital source',
      police: 'Police source',
      area: 'Named area',
      hospital_incidents: INCIDENTS,
      police_incidents: 'Violence with injury in public places recorded by that force',
      hospital_per_police: 'The first over the second',
    },
    sql: `WITH counted AS (
  SELECT source, area.name AS area, count(*) AS incidents
  FROM (${THE_YEAR}) JOIN area ON area.code = area_code JOIN source ON source.id = source
  WHERE kind = 'emergency department' OR offence = 'violence with injury' GROUP BY ALL)
SELECT hospital.id AS hospital, police.id AS police, area.name AS area, coalesce(h.incidents, 0) AS hospital_incidents,
  coalesce(p.incidents, 0) AS police_incidents, round(coalesce(h.incidents, 0) / nullif(p.incidents, 0), 2) AS hospital_per_police
FROM source hospital CROSS JOIN source police CROSS JOIN area
LEFT JOIN counted h ON h.source = hospital.id AND h.area = area.name
LEFT JOIN counted p ON p.source = police.id AND p.area = area.name
WHERE hospital.kind = 'emergency department' AND police.kind = 'police' ORDER BY hospital, police, hospital_incidents DESC, area`,
  },
  completeness: {
    title:
      'How complete the records are, by source, supplier and month: what is missing is not spread evenly',
    columns: {
      source: SOURCE,
      supplier: 'Site or force that supplied it',
      month: 'First day of the month',
      incidents: 'Incidents in public places, or whose place is not known',
      hour_percent: 'Of those, with a known hour',
      cell_percent: 'With a known cell',
      place_percent: 'With a named public place',
      weapon_percent: 'With a known weapon',
    },
    sql: `SELECT source, supplier, month, count(*) AS incidents, round(100 * count(hour_of_week) / count(*)) AS hour_percent,
  round(100 * count(cell) / count(*)) AS cell_percent, round(100 * count(place_id) / count(*)) AS place_percent,
  round(100 * count(*) FILTER (${KNOWN_WEAPON}) / count(*)) AS weapon_percent
FROM incident GROUP BY ALL ORDER BY ALL`,
  },
};

export const ANALYST_MACROS: Readonly<Record<string, DescribedMacro>> = {
  where_most: {
    title: 'The cells with most incidents in the twelve months',
    parameters: { of_source: 'Source', 'n := 10': 'How many cells' },
    columns: {
      cell: 'H3 cell of resolution 9, in hexadecimal',
      area: AREA,
      places: 'Named places in it, those with most incidents first',
      incidents: INCIDENTS,
      percent: 'Of the incidents of the source whose cell is known',
    },
    sql: `WITH counted AS (
  SELECT cell, count(*) AS incidents FROM (${THE_YEAR}) WHERE source = of_source AND cell IS NOT NULL GROUP BY cell),
named AS (
  SELECT cell, string_agg(name, ', ' ORDER BY incidents DESC, name) AS places
  FROM (SELECT place.cell, name, count(*) AS incidents FROM (${THE_YEAR}) i JOIN place USING (place_id)
        WHERE source = of_source GROUP BY ALL) GROUP BY cell)
SELECT text AS cell, area.name AS area, places, incidents, round(100 * incidents / (SELECT sum(incidents) FROM counted), 1) AS percent
FROM counted JOIN cell USING (cell) LEFT JOIN named USING (cell) LEFT JOIN area ON area.code = cell.area_code
ORDER BY incidents DESC, text LIMIT n`,
  },
  around: {
    title: 'Every incident whose cell has its centre within so many metres of a point, over all months',
    parameters: {
      lat: 'Latitude in degrees',
      lng: 'Longitude in degrees',
      metres: 'A place is known to its cell, some 350 m across: less than 200 says little',
    },
    columns: { '…': 'The columns of incident', distance: 'Metres to the centre of the cell' },
    sql: `SELECT incident.*, round(metres_between(lat, lng, cell.lat, cell.lng))::INTEGER AS distance
FROM incident JOIN cell USING (cell) WHERE metres_between(lat, lng, cell.lat, cell.lng) <= metres
ORDER BY distance, cell, source, occurred_on, hour_of_week`,
  },
  closing_time: {
    title:
      'Nights about closing time in the twelve months, at licensed premises and in the streets beside them',
    parameters: {
      'from_hour := 23': 'First hour, in the evening',
      'until_hour := 4': 'Hour of the morning that it ends before',
    },
    columns: {
      source: SOURCE,
      night: 'Day on which the night began',
      incidents: 'Incidents in public places in those hours',
      percent: 'Of all incidents of the source in public places whose time is known',
      at_licensed: 'At licensed premises',
      beside_licensed: 'Elsewhere in a cell that holds licensed premises',
      with_glass: 'With a glass or bottle',
    },
    sql: `WITH timed AS (
  SELECT source, hour_of_week, place_kind, weapon,
    cell IN (SELECT cell FROM place WHERE kind = 'licensed') AS beside FROM (${THE_YEAR}) WHERE hour_of_week IS NOT NULL)
SELECT source, night(hour_of_week) AS night, count(*) AS incidents,
  round(100 * count(*) / (SELECT count(*) FROM timed t WHERE t.source = timed.source), 1) AS percent,
  count(*) FILTER (place_kind = 'licensed') AS at_licensed,
  count(*) FILTER (place_kind <> 'licensed' AND beside) AS beside_licensed,
  count(*) FILTER (weapon = 'glass_bottle') AS with_glass
FROM timed WHERE hour_of_week % 24 >= from_hour OR hour_of_week % 24 < until_hour
GROUP BY source, night(hour_of_week), night_number(hour_of_week) ORDER BY source, night_number(hour_of_week)`,
  },
  repeat_places: {
    title: 'Named places that come back: with incidents in so many of the twelve months',
    parameters: { 'months_at_least := 3': 'Months with an incident' },
    columns: {
      source: SOURCE,
      place_id: 'Public place of the gazetteer',
      name: 'Name',
      kind: 'Kind of place',
      incidents: INCIDENTS,
      months: 'Months with an incident',
      latest: 'Latest month with one',
      in_its_cell: 'All incidents of the source in its cell: the street counts too',
      per_100_capacity: 'Incidents per 100 people that it holds, where known',
    },
    sql: `WITH in_places AS (
  SELECT source, place_id, count(*) AS incidents, count(DISTINCT month) AS months, max(month) AS latest
  FROM (${THE_YEAR}) WHERE place_id IS NOT NULL GROUP BY ALL),
in_cells AS (SELECT source, cell, count(*) AS in_its_cell FROM (${THE_YEAR}) GROUP BY ALL)
SELECT source, place_id, name, kind, incidents, months, latest, in_its_cell, round(100 * incidents / capacity, 1) AS per_100_capacity
FROM in_places JOIN place USING (place_id) JOIN in_cells USING (source, cell)
WHERE months >= months_at_least ORDER BY source, incidents DESC, place_id`,
  },
  unknown_to_police: {
    title: `Share of hospital incidents that no police record of violence meets near in time and place, by named area: the twelve months.
Pairs that meet by chance are estimated with the police shifted by one to four weeks either way, and taken out. It
depends on the limits: try several, tell the range, and never as a fact about who reports`,
    parameters: {
      'hours := 3': 'Most hours between the two',
      'metres := 400': 'Most metres between the centres of the two cells; 0 = the same cell',
    },
    columns: {
      hospital: 'Hospital source',
      police: 'Police source',
      area: 'Named area of the hospital incident, or all; empty where its cell lies in none',
      incidents: 'Hospital incidents whose hour and cell are known',
      met: 'Of those, met by a police record',
      by_chance: 'How many would be met by chance',
      unknown_percent: '100 (1 - met / incidents) / (1 - by_chance / incidents); empty below 20 incidents',
      low_percent: 'Lower 95% limit of it, for chance in who was met (Agresti and Coull)',
      high_percent: 'Upper limit',
    },
    sql: `WITH timed AS (
  SELECT row_number() OVER () AS n, i.source, source.kind, i.cell, i.area_code, lat, lng,
    date_diff('day', DATE '2000-01-01', occurred_on) * 24 + hour_of_week % 24 AS hour_at
  FROM (${THE_YEAR}) i JOIN cell USING (cell) JOIN source ON source.id = i.source
  WHERE occurred_on IS NOT NULL AND hour_of_week IS NOT NULL),
near AS (
  SELECT a.cell AS cell, b.cell AS other FROM (SELECT DISTINCT cell, lat, lng FROM timed) a
  JOIN (SELECT DISTINCT cell, lat, lng FROM timed) b ON abs(a.lat - b.lat) < 0.00001 * metres + 0.0001
    AND metres_between(a.lat, a.lng, b.lat, b.lng) <= metres + 0.5),
hospital AS (SELECT timed.*, other FROM timed JOIN near USING (cell) WHERE kind = 'emergency department'),
shifted AS (
  SELECT source, cell, hour_at + 168 * weeks AS hour_at, weeks
  FROM timed CROSS JOIN (SELECT unnest(range(-4, 5)) AS weeks) WHERE kind = 'police'),
met AS (
  SELECT DISTINCT h.n, p.source AS police, weeks FROM hospital h
  JOIN shifted p ON p.cell = h.other AND p.hour_at BETWEEN h.hour_at - hours AND h.hour_at + hours),
tested AS (
  SELECT timed.n, timed.source AS hospital, police.id AS police, unnest(['all', area.name]) AS area
  FROM timed CROSS JOIN source police LEFT JOIN area ON area.code = timed.area_code
  WHERE timed.kind = 'emergency department' AND police.kind = 'police'),
counted AS (
  SELECT hospital, police, area, count(DISTINCT n) AS incidents,
    count(*) FILTER (weeks = 0) AS met, count(*) FILTER (weeks <> 0) / 8 AS by_chance
  FROM tested LEFT JOIN met USING (n, police) GROUP BY ALL)
SELECT hospital, police, area, incidents, met, round(by_chance, 1) AS by_chance,
  ${unknown('1 - met / incidents')} AS unknown_percent,
  ${unknown(`1 - p - ${HALF}`)} AS low_percent, ${unknown(`1 - p + ${HALF}`)} AS high_percent
FROM (SELECT *, (met + 2) / (incidents + 4) AS p FROM counted) ORDER BY hospital, police, incidents DESC, area`,
  },
};
