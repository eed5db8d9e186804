/** What is asked first of board.duckdb, as views of protected rows: sums of values are values, sums of ends are ends. */
import type { DescribedView } from './duckdb-file.ts';

const SOURCE = 'Source of the records. Sources are never added together';
const VALUE = 'Records, rounded';
const LOW = 'Smallest true number that it can stand for';
const HIGH = 'Largest true number that it can stand for';
const QUARTER = 'Quarter (2025-Q3)';

export const BOARD_VIEWS: Readonly<Record<string, DescribedView>> = {
  months: {
    title: 'The agreed area by month',
    columns: { source: SOURCE, month: 'Month (2025-09)', value: VALUE, low: LOW, high: HIGH },
    sql: `SELECT source, atom AS month, value, low, high FROM released WHERE cut = 'month' ORDER BY source, month`,
  },
  change_on_year: {
    title: 'Each quarter of the agreed area against the same quarter a year before, from its months',
    columns: {
      source: SOURCE,
      quarter: QUARTER,
      before: 'Records in that quarter a year before, rounded',
      now: VALUE,
      change_percent: 'Change of the rounded figures, to 5 points',
      low_percent: 'Smallest change that the ranges allow, to 5 points; chance comes on top',
      high_percent: 'Largest change that the ranges allow',
    },
    sql: `WITH quarters AS (
  SELECT source, left(atom, 4)::INTEGER AS year, (right(atom, 2)::INTEGER + 2) // 3 AS quarter,
    sum(value)::INTEGER AS value, sum(low)::INTEGER AS low, sum(high)::INTEGER AS high
  FROM released WHERE cut = 'month' GROUP BY ALL HAVING count(*) = 3)
SELECT source, now.year || '-Q' || quarter AS quarter, before.value AS before, now.value AS now,
  (5 * round(20 * (now.value / nullif(before.value, 0) - 1)))::INTEGER AS change_percent,
  (5 * floor(20 * (now.low / nullif(before.high, 0) - 1)))::INTEGER AS low_percent,
  (5 * ceil(20 * (now.high / nullif(before.low, 0) - 1)))::INTEGER AS high_percent
FROM quarters now JOIN quarters before USING (source, quarter) WHERE before.year = now.year - 1
ORDER BY source, quarter`,
  },
  areas: {
    title: 'Named areas by quarter: their cells, their parts and the rest that is shown of them',
    columns: {
      source: SOURCE,
      quarter: QUARTER,
      area: 'Named area',
      value: 'Records shown, rounded; what of it is held in a pool comes on top',
      at_least: 'Smallest true number of those shown',
    },
    sql: `SELECT source, period AS quarter, area.name AS area, sum(value)::INTEGER AS value, sum(low)::INTEGER AS at_least
FROM released LEFT JOIN cell ON level = 'cell' AND text = atom
JOIN area ON area.code = CASE level WHEN 'cell' THEN area_code WHEN 'part' THEN split_part(atom, '/', 1) WHEN 'area' THEN atom END
WHERE cut = 'place' GROUP BY ALL ORDER BY source, quarter, value DESC, area`,
  },
  hospital_beside_police: {
    title: 'What is shown of each hospital beside each police force, by named area and quarter',
    columns: {
      hospital: 'Hospital source',
      police: 'Police source',
      quarter: QUARTER,
      area: 'Named area',
      hospital_value: 'Records shown, rounded; empty where too few',
      police_value: 'Records shown, rounded; empty where too few. One incident can be in both',
    },
    sql: `SELECT hospital.id AS hospital, police.id AS police, quarters.quarter, area.name AS area, h.value AS hospital_value, p.value AS police_value
FROM source hospital CROSS JOIN source police CROSS JOIN area
CROSS JOIN (SELECT DISTINCT period AS quarter FROM released WHERE cut = 'place') quarters
LEFT JOIN areas h ON h.source = hospital.id AND h.area = area.name AND h.quarter = quarters.quarter
LEFT JOIN areas p ON p.source = police.id AND p.area = area.name AND p.quarter = quarters.quarter
WHERE hospital.kind = 'emergency department' AND police.kind = 'police' AND (h.value IS NOT NULL OR p.value IS NOT NULL)
ORDER BY hospital, police, quarters.quarter, hospital_value DESC NULLS LAST, area`,
  },
  named_places: {
    title: 'Named public places in bands, twelve months: partnership tier, not for publication',
    columns: {
      source: SOURCE,
      period: 'The quarter that ends the twelve months',
      place: 'Name',
      band: 'Number of records in the twelve months',
      hotspot: 'Whether its cell stands out: strong or likely',
    },
    sql: `SELECT source, period, label AS place, band, hotspot FROM partnership WHERE level = 'place'
ORDER BY source, period, low DESC, place`,
  },
  hotspots: {
    title: 'Cells that stand out, twelve months: partnership tier, not for publication',
    columns: {
      source: SOURCE,
      period: 'The quarter that ends the twelve months',
      cell: 'H3 cell of resolution 9, in hexadecimal',
      area: 'Named area',
      band: 'Number of records in the twelve months, without the places shown by name',
      hotspot: 'strong (q <= 0.01) or likely (q <= 0.05)',
      boundary: 'Outline as WKT (longitude latitude)',
    },
    sql: `SELECT source, period, text AS cell, area.name AS area, band, hotspot, boundary
FROM partnership JOIN cell ON text = atom LEFT JOIN area ON area.code = area_code
WHERE level = 'cell' AND hotspot <> '' ORDER BY source, period, hotspot DESC, low DESC, text`,
  },
};
