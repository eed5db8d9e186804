/**
 * How well hotspots are found on cities where it is known what was planted: a script, run for the figures, whose
 * parts test/reports/hotspots-calibration.test.ts runs in small.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest } from '../../commands/ingest.ts';
import { openPartnership, openPartnershipStore, readGeography } from '../../commands/partnership.ts';
import { synth } from '../../commands/synth.ts';
import { inventCity } from '../../ingest/synth/city.ts';
import { inventIncidents } from '../../ingest/synth/incidents.ts';
import { type Grid, layGrid } from '../../reports/grid.ts';
import { findHotspots } from '../../reports/hotspots.ts';
import { type Hotspots, hotspots } from '../../reports/statistics/hotspots.ts';
import { cellCentre, cellsWithin, cellText, neighbours, textToCell } from '../../transform/h3-cell.ts';

const GEOMETRY = { cellCentre, cellsWithin, cellText, neighbours };
/** The day on which the files are read, and the twelve months to the end of the last quarter. */
const NOW = Date.UTC(2025, 9, 20, 11);
const TWELVE_MONTHS = { from: '2024-10-01', to: '2025-09-01' };

/** A planted spot, and what one source's records say of it. */
export interface FoundSpot {
  readonly name: string;
  /** Planted so that the police know few of its incidents: no spot in their records, and not to be found there. */
  readonly hidden: boolean;
  /** The star about its centre is hot (q <= 0.05), and a cell of it is called: the centre, unless it is empty. */
  readonly found: boolean;
  readonly centre: string;
  readonly centreQ: number;
  /** How many of its cells are called, out of how many with an incident, out of how many there are. */
  readonly called: number;
  readonly withIncidents: number;
  readonly cells: number;
}

/** What one source's records of one city lead to. */
export interface SourceScore {
  readonly source: string;
  readonly spots: readonly FoundSpot[];
  /** Called cells outside every spot: whose star reaches into one, and whose star does not (false). */
  readonly beside: readonly string[];
  readonly false: readonly string[];
  readonly falseAlone: readonly string[];
  readonly dispersion: number;
}

interface TruthSpot {
  readonly name: string;
  readonly known_to_police: number;
  readonly centre: string;
  readonly cells: readonly string[];
}

/** Invents a city, reads its files as `cardiff ingest` does, and looks for its spots in each source's last year. */
export async function scorePlanted(
  seed: number,
  options: { readonly scale?: number; readonly sources?: readonly string[] } = {},
): Promise<SourceScore[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-calibration-'));
  try {
    await synth(folder, { seed, months: 27, scale: options.scale ?? 1 });
    const opened = await openPartnership(folder);
    const partnership = {
      ...opened,
      now: () => NOW,
      today: () => NOW / 86_400_000 - (NOW % 86_400_000) / 86_400_000,
    };
    const { cells, exposure } = await readGeography(partnership);
    const grid = layGrid(cells, neighbours);
    const truth = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8')) as { spots: TruthSpot[] };
    const store = await openPartnershipStore(folder);
    try {
      await ingest(partnership, store, []);
      const scores: SourceScore[] = [];
      for (const source of options.sources ?? ['ed', 'police']) {
        const found = await findHotspots(store.query, { source, ...TWELVE_MONTHS }, grid, exposure);
        const spots = score(found, grid, truth.spots, source);
        scores.push({ source, dispersion: found.dispersion, ...spots });
      }
      return scores;
    } finally {
      store.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function score({ cells: verdicts }: Hotspots, grid: Grid, spots: readonly TruthSpot[], source: string) {
  const usual = Math.max(...spots.map((spot) => spot.known_to_police));
  const planted = new Set(spots.flatMap((spot) => spot.cells.map(textToCell)));
  const verdictOf = (text: string) => verdicts[grid.index.get(textToCell(text)) as number];
  const called = grid.cells.filter((cell, i) => verdicts[i]?.label !== '' && !planted.has(cell));
  const reachesIn = (cell: bigint) => neighbours(cell).some((other) => planted.has(other));
  return {
    spots: spots.map(({ name, centre, cells, known_to_police }): FoundSpot => {
      const own = cells.map(verdictOf);
      return {
        name,
        hidden: source === 'police' && known_to_police < usual,
        found: (verdictOf(centre)?.q ?? 1) <= 0.05 && own.some((verdict) => verdict && verdict.label !== ''),
        centre: verdictOf(centre)?.label ?? '',
        centreQ: verdictOf(centre)?.q ?? 1,
        called: own.filter((verdict) => verdict && verdict.label !== '').length,
        withIncidents: own.filter((verdict) => verdict && verdict.count > 0).length,
        cells: cells.length,
      };
    }),
    beside: called.filter(reachesIn).map(cellText),
    false: called.filter((cell) => !reachesIn(cell)).map(cellText),
    falseAlone: grid.cells
      .filter((cell, i) => verdicts[i]?.ownLabel !== '' && !planted.has(cell))
      .map(cellText),
  };
}

/** In how many cities with nothing planted anything is called, each told twelve months of its attendances. */
export interface FalseAlarms {
  readonly cities: number;
  /** Seeds of the cities in which a star, or a cell by itself, is called. */
  readonly stars: readonly number[];
  readonly alone: readonly number[];
}

/**
 * Counts false alarms over cities in which risk is proportional to the people about. Every attendance of a public
 * incident counts in the cell of its place, as it would where each record's text names the place.
 */
export function countFalseAlarms(
  seeds: readonly number[],
  scale: number,
  done: (cities: number) => void = () => undefined,
): FalseAlarms {
  const stars: number[] = [];
  const alone: number[] = [];
  for (const [i, seed] of seeds.entries()) {
    const { cells } = testCity(seed, scale);
    if (cells.some(({ label }) => label !== '')) stars.push(seed);
    if (cells.some(({ ownLabel }) => ownLabel !== '')) alone.push(seed);
    done(i + 1);
  }
  return { cities: seeds.length, stars, alone };
}

function testCity(seed: number, scale: number): Hotspots {
  const city = inventCity(seed, { plant: false }, GEOMETRY);
  const grid = layGrid(city.cells, neighbours);
  const counts = new Float64Array(city.cells.length);
  for (const incident of inventIncidents(city, seed, { months: 12, endMonth: '2025-09', scale })) {
    if (incident.place < 0 || !incident.attended) continue;
    const at = grid.index.get(incident.cell) as number;
    counts[at] = (counts[at] as number) + incident.injured;
  }
  return hotspots({ counts, exposure: city.exposure, neighbours: grid.neighbours });
}

/** Seeds of cities: five to show, and five that nothing was chosen on. */
async function main(seeds = [1, 2, 3, 4, 5, 31, 32, 33, 34, 35]): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const totals = new Map<string, { found: number; of: number }>();
  for (const seed of seeds) {
    for (const { source, spots, ...score } of await scorePlanted(seed)) {
      say(`seed ${seed}, ${source} (dispersion ${score.dispersion.toFixed(2)})`);
      for (const spot of spots) {
        if (!spot.hidden) {
          const total = totals.get(source) ?? { found: 0, of: 0 };
          totals.set(source, { found: total.found + (spot.found ? 1 : 0), of: total.of + 1 });
        }
        say(
          `  ${spot.name}: ${spot.found ? `found, centre ${spot.centre || 'empty'}` : spot.hidden ? 'not found, hidden from the police' : 'NOT FOUND'} (q ${spot.centreQ.toExponential(1)}), ${spot.called} of ${spot.cells} cells called (${spot.withIncidents} with incidents)`,
        );
      }
      say(
        `  beside a spot: ${score.beside.length}; false: ${score.false.join(', ') || 'none'}; alone: ${score.falseAlone.length}`,
      );
    }
  }
  for (const [source, { found, of }] of totals) say(`${source}: ${found} of ${of} spots found`);
  for (const scale of [1, 10]) {
    const seeds = Array.from({ length: 200 }, (_, i) => 1000 + i);
    const { cities, stars, alone } = countFalseAlarms(seeds, scale);
    const share = (n: number) => `${((100 * n) / cities).toFixed(1)} %`;
    say(
      `nothing planted, scale ${scale}, ${cities} cities: a star is called in ${share(stars.length)} (seeds ${stars.join(', ') || 'none'}), a cell by itself in ${share(alone.length)}`,
    );
  }
}

if (import.meta.filename === process.argv[1]) await main();
