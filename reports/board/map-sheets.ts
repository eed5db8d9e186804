/** The maps of the board's report, with the lists that their numbers belong to. */
import type { BoardContent, BoardSource } from './content.ts';
import type { Block, MapSheet, Picture, Table } from './document.ts';
import { drawMap } from './map.ts';
import { quarterOfRows, twelveMonthsInWords } from './periods.ts';
import { bandNames, describeSpot, marksOf, type Spot, spotsOf } from './places.ts';
import { rulesOfPlaces } from './rules.ts';
import { intoColumns } from './table-columns.ts';
import { bandText, cleanText, countText, sentence } from './words.ts';

interface MapSize {
  holds: 'all' | 'numbered';
  least: number;
  width: number;
  height: number;
  listed: number;
}

const FRONT_MAP: MapSize = { holds: 'numbered', least: 1 / 3, width: 300, height: 380, listed: 18 };
const PAGE_MAP: MapSize = { holds: 'all', least: 0, width: 340, height: 350, listed: 18 };
const SIDE_MAP: MapSize = { holds: 'numbered', least: 0.6, width: 242, height: 250, listed: 16 };

/** The whole map of a source and its whole list, as the page shows them. */
export function mapSheet(content: BoardContent, source: BoardSource): MapSheet {
  return {
    source: sentence(cleanText(source.name)),
    picture: mapPicture(content, source, `map-${mapId(content, source)}`, PAGE_MAP),
    table: spotTable(spotsOf(content, source.id), 'Cells and named places, highest first'),
  };
}

/** Sources are told apart by their position: an id of people's making is not safe in markup or in an address. */
function mapId(content: BoardContent, source: BoardSource): number {
  return content.sources.indexOf(source) + 1;
}

function mapPicture(content: BoardContent, source: BoardSource, id: string, size: MapSize): Picture {
  const spots = spotsOf(content, source.id);
  const lowerEnds = rulesOfPlaces(content).partnershipBands;
  const hot = spots.filter(({ hotspot }) => hotspot !== '').length;
  // On paper a number is worth nothing without its line beside the map. The page has the whole list there; yet where
  // much stands out, numbers of all of it would cover the map.
  const allStrong =
    size.holds === 'all' && spots.filter(({ hotspot }) => hotspot === 'strong').length <= size.listed;
  const name = cleanText(source.name);
  const period = twelveMonthsInWords(quarterOfRows(content));
  const alt =
    `Map of the ${name}’s ${source.unit}, ${period}: ${countText(spots.length, 'cell or named place', 'cells and named places')} ` +
    `shaded by band, ${hot} of them outlined because they stand out. Highest: ${spots.slice(0, 3).map(describeSpot).join('; ')}.`;
  return {
    title: `${sentence(name)}, ${period}`,
    svg: drawMap({
      ...size,
      id,
      marks: marksOf(
        spots,
        lowerEnds,
        (spot) => spot.number <= size.listed || (allStrong && spot.hotspot === 'strong'),
      ),
      bands: bandNames(lowerEnds),
      geography: content.geography,
      alt,
    }),
    alt,
    reading: `Darker cells had more ${source.unit} in twelve months; outlined cells stand out; numbers are those of the list.`,
  };
}

function spotTable(spots: Spot[], title: string, note?: string): Table {
  return {
    title,
    columns: [
      { title: 'No.', align: 'right' },
      { title: 'Cell or place', align: 'left' },
      { title: '12 months', align: 'right' },
      { title: 'Stands out', align: 'left' },
    ],
    rows: spots.map((spot) => ({
      key: spot.key,
      cells: [String(spot.number), spotWords(spot), bandText(spot.band), spot.hotspot || '–'],
    })),
    ...(note === undefined ? {} : { note }),
  };
}

function spotWords({ kind, label, area }: Spot): string {
  return kind === 'place' && area && !label.includes(area) ? `${label}, ${area}` : label;
}

/** The head of a list beside its map, and where the rest is. */
function headTable(spots: Spot[], { listed }: MapSize): Table {
  const more = spots.length - listed;
  const note = `${countText(more, 'more is', 'more are')} listed at the end; on this map they have no number.`;
  return spotTable(spots.slice(0, listed), 'Highest first', more > 0 ? note : undefined);
}

/** The large map of the first page of the PDF, with the head of its list beside it. */
export function frontMap(content: BoardContent, source: BoardSource): Block[] {
  const spots = spotsOf(content, source.id);
  return [
    { kind: 'heading', text: 'Where to look' },
    {
      kind: 'pair',
      wide: 'left',
      left: [{ kind: 'picture', picture: mapPicture(content, source, 'front', FRONT_MAP) }],
      right: [{ kind: 'table', table: headTable(spots, FRONT_MAP) }],
    },
  ];
}

/** A smaller map with the head of its own list. */
export function sideMap(content: BoardContent, source: BoardSource): Block {
  const spots = spotsOf(content, source.id);
  const picture = mapPicture(content, source, `side-${mapId(content, source)}`, SIDE_MAP);
  return {
    kind: 'pair',
    left: [{ kind: 'picture', picture }],
    right: [{ kind: 'table', table: headTable(spots, SIDE_MAP) }],
  };
}

/**
 * The lists in full, for the end of the PDF, in two columns of one length. Cells of the lowest band that do not stand
 * out carry no number on paper, and are told by their area alone.
 */
export function spotLists(content: BoardContent, sources: BoardSource[]): Block[] {
  const lists = sources.map((source) => longList(content, source)).filter(({ rows }) => rows.length > 0);
  const columns = intoColumns(lists).map((tables) =>
    tables.map((table): Block => ({ kind: 'table', table })),
  );
  const heading: Block = {
    kind: 'heading',
    text: `Cells and named places, ${twelveMonthsInWords(quarterOfRows(content))}`,
  };
  return columns.flatMap((left, i): Block[] => {
    if (i % 2 === 1) return [];
    const pair: Block = { kind: 'pair', left, right: columns[i + 1] ?? [] };
    return [{ kind: 'keep', blocks: i === 0 ? [heading, pair] : [pair] }];
  });
}

function longList(content: BoardContent, source: BoardSource): Table {
  const [lowest = 0] = rulesOfPlaces(content).partnershipBands;
  const spots = spotsOf(content, source.id);
  const isListed = (spot: Spot) => spot.low > lowest || spot.hotspot !== '' || spot.kind === 'place';
  const listed = spots.filter(isListed);
  const rest = spots.filter((spot) => !isListed(spot));
  const byArea = new Map<string, number>();
  for (const { area } of rest) byArea.set(area, (byArea.get(area) ?? 0) + 1);
  const told = [...byArea]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([area, n]) => `${area || 'outside the named areas'} ${n}`);
  const band = bandText(rest[0]?.band ?? '');
  const note = `Besides, ${countText(rest.length, 'cell', 'cells')} with ${band}: ${told.join(', ')}.`;
  return spotTable(listed, sentence(cleanText(source.name)), rest.length > 0 ? note : undefined);
}
