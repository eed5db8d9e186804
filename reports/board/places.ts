/** Where to look: the rows of the partnership tier in order, numbered, with the named area of each. */
import { areaOfPart, type PartnershipRow, type ReleasedRow } from '../../schemas/released.ts';
import { areaOfCell } from './area-of-cell.ts';
import type { BoardContent, BoardGeography, NamedArea, ReportContent, StandsOut } from './content.ts';
import { cutRows } from './cube.ts';
import type { MapMark } from './map-mark.ts';
import { bandText, cleanText, type Figure } from './words.ts';

/** A cell or named place that stands in the list. */
export interface Spot {
  key: string;
  number: number;
  kind: 'cell' | 'place';
  atom: string;
  label: string;
  area: string;
  band: string;
  low: number;
  hotspot: PartnershipRow['hotspot'];
}

const RANK = { strong: 0, likely: 1, '': 2 };

/** A source's cells and places, those of the highest band first, what stands out first within a band. */
export function spotsOf(content: BoardContent, source: string): Spot[] {
  return content.rows
    .filter((row) => row.source === source && (row.level === 'cell' || row.level === 'place'))
    .sort(
      (a, b) =>
        b.low - a.low ||
        RANK[a.hotspot] - RANK[b.hotspot] ||
        compare(b.level, a.level) ||
        compare(a.label, b.label) ||
        compare(a.atom, b.atom),
    )
    .map((row, i) => ({
      key: `${source}-${i + 1}`,
      number: i + 1,
      kind: row.level === 'place' ? 'place' : 'cell',
      atom: row.atom,
      ...nameSpot(content.geography, row),
      band: row.band,
      low: row.low,
      hotspot: row.hotspot,
    }));
}

/** A cell's own name is its index, which no reader wants to see: it goes by the named area that it lies in. */
function nameSpot(geography: BoardGeography, row: PartnershipRow): { label: string; area: string } {
  const area = cleanText(areaOfSpot(geography, row)?.name ?? '');
  if (row.level === 'place') return { label: cleanText(row.label), area };
  return { label: area ? `Cell in ${area}` : 'Cell outside the named areas', area };
}

/** Locale-free, so that lists are in the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function areaOfSpot(geography: BoardGeography, row: { level: string; atom: string }): NamedArea | undefined {
  const cell = row.level === 'place' ? geography.place?.(row.atom)?.cell : row.atom;
  return cell === undefined ? undefined : areaOfCell(geography, cell);
}

/** The lower ends of the policy's partnership bands as printed: '5–9', …, '40+'. */
export function bandNames(lowerEnds: readonly number[]): string[] {
  return lowerEnds.map((low, i) => {
    const next = lowerEnds[i + 1];
    return next === undefined ? `${low}+` : `${low}-${next - 1}`;
  });
}

/** The list as marks of a map; `numbered` says which carry their number on it. */
export function marksOf(
  spots: readonly Spot[],
  lowerEnds: readonly number[],
  numbered: (spot: Spot) => boolean,
): MapMark[] {
  return spots.map((spot) => ({
    key: spot.key,
    kind: spot.kind,
    atom: spot.atom,
    title: describeSpot(spot),
    band: Math.max(
      0,
      lowerEnds.findLastIndex((low) => spot.low >= low),
    ),
    hotspot: spot.hotspot,
    number: numbered(spot) ? spot.number : undefined,
  }));
}

/** '3. Exchange Street, Castle: 20–39, stands out (strong)'. */
export function describeSpot(spot: Spot): string {
  const area = spot.area && !spot.label.includes(spot.area) ? `, ${spot.area}` : '';
  const hotspot = spot.hotspot ? `, stands out (${spot.hotspot})` : '';
  return `${spot.number}. ${spot.label}${area}: ${bandText(spot.band)}${hotspot}`;
}

/** What it means that a cell stands out, to follow 'more'. */
export function standsOutWords(standsOut: StandsOut = 'elsewhere'): string {
  return standsOut === 'people about'
    ? 'than the number of people about explains, judged together with the neighbouring cells'
    : 'than in the rest of the area, judged together with the neighbouring cells; a busy place can stand out because people are there';
}

/** What is known of one source in one named area. */
export interface AreaFigures {
  /** Sum of the lower ends of the rows shown there over twelve months; 0 where none is shown. */
  atLeast: number;
  /** The quarter's released rows there, added up; undefined where none is shown. */
  released: Figure | undefined;
}

/** The figures of a named area. Rows do not overlap, so that lower ends add up to a lower bound that holds. */
export function areaFigures(content: ReportContent, source: string, area: NamedArea): AreaFigures {
  const inArea = (row: { level: string; atom: string }) => {
    if (row.level === 'area') return row.atom === area.code;
    if (row.level === 'part') return areaOfPart(row.atom) === area.code;
    return areaOfSpot(content.geography, row)?.code === area.code;
  };
  const bands = (content.rows ?? []).filter((row) => row.source === source && inArea(row));
  const released = cutRows(content.released, source, content.period, 'place').filter(
    (row) => ['cell', 'part', 'area'].includes(row.level) && inArea(row),
  );
  return { atLeast: bands.reduce((sum, row) => sum + row.low, 0), released: addUp(released) };
}

function addUp(rows: ReleasedRow[]): Figure | undefined {
  if (rows.length === 0) return undefined;
  return rows.reduce<Figure>(
    (sum, row) => ({ value: sum.value + row.value, low: sum.low + row.low, high: sum.high + row.high }),
    { value: 0, low: 0, high: 0 },
  );
}
