/** An invented partnership: twelve wards, two sources and police.uk, 27 months. */

import type {
  BoardContent,
  BoardGeography,
  NamedArea,
  SummaryContent,
} from '../../../reports/board/content.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';
import type { PartnershipRow, Released, ReleasedRow } from '../../../schemas/released.ts';
import {
  cellBoundary,
  cellCentre,
  cellsWithin,
  cellText,
  type Position,
  textToCell,
} from '../../../transform/h3-cell.ts';

export const HOSTILE = [
  `Rope & Anchor </script><script>document.title='owned'</script>`,
  `"Quay" <img src=x onerror=alert(1)> 'Side'`,
  '#panic("typst") $x$ *bold* @ref \\ `raw`',
  'Ty Coch – Tŷ Gŵyr 日本 \u202Egnp.exe \u0000\u0007 😀',
];

const WARDS = [
  'Northfield',
  'Hill & Vale',
  'Old Mill',
  'Castle',
  'Exchange',
  'Riverside',
  'Docks',
  'St Anne’s',
  'Llanfair Isaf',
  'Southgate',
  'Marsh Green',
  'Eastbrook',
];
const PERIOD = '2025-Q3';
const ACROSS = 4;
const DOWN = 3;

function corner(i: number, j: number): Position {
  // Fixed irregularity; the edge is irregular too, so that the outline looks like a town's.
  const wobble = (k: number) => ((((i * 7 + j * 13 + k) * 37) % 19) - 9) / 9;
  return [-3.26 + 0.036 * i + 0.008 * wobble(1), 51.455 + 0.022 * j + 0.005 * wobble(5)];
}

function ward(i: number, j: number): Position[][] {
  const ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
  return [[...ring, ring[0]!]];
}

function outline(): Position[][] {
  const ring: Position[] = [];
  for (let i = 0; i < ACROSS; i++) ring.push(corner(i, 0));
  for (let j = 0; j < DOWN; j++) ring.push(corner(ACROSS, j));
  for (let i = ACROSS; i > 0; i--) ring.push(corner(i, DOWN));
  for (let j = DOWN; j > 0; j--) ring.push(corner(0, j));
  return [[...ring, ring[0]!]];
}

const areas: NamedArea[] = WARDS.map((name, k) => ({
  code: `W${k + 1}`,
  name,
  rings: ward(k % ACROSS, Math.floor(k / ACROSS)),
}));

const MIDDLE: Position = [-3.185, 51.487];

/** Cells by distance from the middle of the town. */
const cells = cellsWithin(outline())
  .map(cellText)
  .toSorted((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));

function distance(cell: string): number {
  const { lat, lng } = cellCentre(textToCell(cell));
  return Math.hypot((lng - MIDDLE[0]) * 0.62, lat - MIDDLE[1]);
}

const PLACES = [
  'The Golden Lamb',
  'Exchange Street',
  HOSTILE[0]!,
  'Central Station',
  HOSTILE[1]!,
  HOSTILE[2]!,
  HOSTILE[3]!,
];

const geography: BoardGeography = {
  outline: outline(),
  areas,
  cellBoundary: (cell) => cellBoundary(textToCell(cell)),
  cellCentre: (cell) => {
    const { lat, lng } = cellCentre(textToCell(cell));
    return [lng, lat];
  },
  place: (id) => {
    const cell = cells[Number(id.slice(1)) * 2];
    if (cell === undefined) return undefined;
    const { lat, lng } = cellCentre(textToCell(cell));
    return { at: [lng + 0.0007, lat - 0.0004], cell };
  },
};

const BANDS = [
  { band: '5-9', low: 5, high: 9 },
  { band: '10-19', low: 10, high: 19 },
  { band: '20-39', low: 20, high: 39 },
  { band: '40+', low: 40, high: null },
];

function partnershipRows(source: string, step: number): PartnershipRow[] {
  const chosen = [
    ...cells.slice(0, 26 * step).filter((_, i) => i % step === 0),
    ...cells.slice(60, 300).filter((_, i) => i % 17 === step),
  ];
  const base = { source, period: PERIOD };
  const ofCells = chosen.map((atom, i): PartnershipRow => {
    const band = BANDS[i < 2 ? 3 : i < 7 ? 2 : i < 17 ? 1 : 0]!;
    const hotspot = i < 4 ? 'strong' : i < 9 ? 'likely' : '';
    return { ...base, level: 'cell', atom, label: `Cell ${atom}`, ...band, hotspot };
  });
  const ofPlaces = PLACES.map((label, i): PartnershipRow => {
    return {
      ...base,
      level: 'place',
      atom: `p${i}`,
      label,
      ...BANDS[i < 1 ? 3 : i < 3 ? 2 : 1]!,
      hotspot: '',
    };
  });
  const rests = areas.slice(0, 9).map((area, i): PartnershipRow => {
    return {
      ...base,
      level: 'area',
      atom: area.code,
      label: `Elsewhere in ${area.name}`,
      ...BANDS[i % 3]!,
      hotspot: '',
    };
  });
  return [...ofCells, ...ofPlaces, ...rests];
}

function monthName(i: number): string {
  const month = 6 + i;
  return `${2023 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
}

function interval(value: number) {
  return { value, low: Math.max(10, value - 4), high: value + 4 };
}

function monthRows(source: string, level: number): ReleasedRow[] {
  return Array.from({ length: 27 }, (_, i) => {
    const season = 1 + 0.16 * Math.cos((2 * Math.PI * (i - 0.5)) / 12);
    const noise = ((i * 7919) % 23) / 23 - 0.5;
    const last = i === 26 && level < 100 ? 1.55 : 1;
    const value = 5 * Math.round((level * last * season * (1 + 0.16 * noise)) / 5);
    const period = monthName(i);
    return {
      source,
      period,
      cut: 'month',
      atom: period,
      level: 'month',
      label: period,
      threshold_on: 'records',
      ...interval(value),
    };
  });
}

function cutRows(
  source: string,
  cut: ReleasedRow['cut'],
  values: [string, ReleasedRow['level'], number][],
): ReleasedRow[] {
  return values.map(([atom, level, value]) => {
    const name = areas.find((area) => area.code === atom)?.name;
    const words: Record<string, string> = {
      home: 'At home or in private',
      unlocated: 'Not located',
      pool: 'All other places together',
    };
    const label =
      words[atom] ??
      (name ? `Elsewhere in ${name}` : level === 'cell' ? `Castle, cell ${atom}` : atom.replaceAll('_', ' '));
    return { source, period: PERIOD, cut, atom, level, label, threshold_on: 'records', ...interval(value) };
  });
}

function quarterRows(source: string, scale: number): ReleasedRow[] {
  const by = (value: number) => 5 * Math.round((value * scale) / 5);
  return [
    ...cutRows(source, 'place', [
      ['home', 'category', by(40)],
      ['unlocated', 'category', by(30)],
      [cells[0]!, 'cell', by(20)],
      [cells[2]!, 'cell', by(15)],
      ...areas
        .slice(3, scale > 1 ? 11 : 8)
        .map((area, i): [string, ReleasedRow['level'], number] => [
          area.code,
          'area',
          Math.max(10, by(45 - 6 * i)),
        ]),
      ['pool', 'pool', by(35)],
    ]),
    ...cutRows(source, 'located', [
      ['home', 'category', by(40)],
      ['unlocated', 'category', by(30)],
      ['map', 'category', by(190)],
    ]),
    ...cutRows(source, 'night_band', [
      ['12-18', 'category', by(30)],
      ['18-21', 'category', by(35)],
      ['21-00', 'category', by(60)],
      ['00-03', 'category', by(75)],
      ['03-06', 'category', by(20)],
      ['pool', 'pool', by(40)],
    ]),
    ...cutRows(source, 'weapon', [
      ['body', 'category', by(140)],
      ['glass_bottle', 'category', by(25)],
      ['knife_sharp', 'category', by(20)],
      ['blunt', 'category', by(15)],
      ['pool', 'pool', by(60)],
    ]),
    ...cutRows(source, 'place_kind', [
      ['home', 'category', by(40)],
      ['licensed', 'category', by(65)],
      ['street', 'category', by(85)],
      ['transport', 'category', by(15)],
      ['pool', 'pool', by(55)],
    ]),
  ];
}

/** Only the disclosure module marks rows; here they are invented. */
function mark<Row>(rows: Row[]): Released<Row>[] {
  return rows as Released<Row>[];
}

const released = mark([
  ...monthRows('ed', 80),
  ...quarterRows('ed', 1),
  ...monthRows('police', 165),
  ...quarterRows('police', 2),
]);

/** The public summary's content of the quarter. */
export const summaryContent: SummaryContent = {
  partnership: 'Exampleton Violence Prevention Board',
  period: PERIOD,
  draft: false,
  policy: ADDITIVE_10_5,
  policyLines: [
    'At least 10 persons and 10 records stand behind each figure.',
    'Figures are rounded to base 5 with a keyed offset, and add up.',
    'The geography was frozen on 1 January 2025 for four quarters.',
  ],
  sources: [
    { id: 'ed', name: 'Exampleton Royal Infirmary', kind: 'emergency department', unit: 'records' },
    { id: 'police', name: 'police', kind: 'police', unit: 'records' },
  ],
  released,
  geography,
  notes: ['From April 2025 reception staff ask for the place of every assault.'],
};

/** The board's content of the quarter. */
export const boardContent: BoardContent = {
  ...summaryContent,
  rows: mark([...partnershipRows('ed', 1), ...partnershipRows('police', 2)]),
};

/** The board's content of a month: area figures alone. */
export const monthContent: BoardContent = {
  ...boardContent,
  period: '2025-08',
  rows: [],
  released: released.filter((row) => row.period <= '2025-08'),
};
