/**
 * Real violence at the volume of an emergency department, published quarter by quarter through the real protector and
 * attacked with everything that is public: a script, run for the figures, whose small form is a test.
 */
import { type AuditedRelease, auditReleases } from '../../reports/audit/audit.ts';
import type { Leak } from '../../reports/audit/report.ts';
import { buildReleased } from '../../reports/disclosure/cube.ts';
import { writeFrozen, writePartnership } from '../../reports/disclosure/frozen.ts';
import type { Area } from '../../reports/disclosure/partition.ts';
import { buildPartnership } from '../../reports/disclosure/partnership.ts';
import { monthText, parseMonth, parseQuarter } from '../../reports/disclosure/period.ts';
import { release } from '../../reports/disclosure/release.ts';
import { partnershipTable, releasedTables } from '../../reports/release-files.ts';
import { releasedTable, toCsv } from '../../reports/table.ts';
import { ADDITIVE_10_5 } from '../../schemas/policy.ts';
import { GeographyRow, type PartnershipRow, type ReleasedRow } from '../../schemas/released.ts';
import { openTestStore, type TestIncident } from '../reports/disclosure/store-fixture.ts';
import { CARDIFF, readViolence, readWards, thin } from './south-wales.ts';

/** Located incidents a month in Cardiff. */
export const VOLUMES = [54, 86, 161];
/** Five quarters; three months come before the first, so that a geography is frozen from little and renewed from more. */
const QUARTERS = ['2024-Q3', '2024-Q4', '2025-Q1', '2025-Q2', '2025-Q3'];
const POLICY = { ...ADDITIVE_10_5, historyMonths: 3 };
const SOURCE = 'ed';

export interface Published {
  readonly rows: readonly ReleasedRow[];
  readonly geography: ReadonlyMap<string, readonly GeographyRow[]>;
  readonly partnership: readonly PartnershipRow[];
}

/** The eighteen months that there are, as if each followed on the one before. */
export function readMonths(): TestIncident[] {
  const violence = readViolence('2018');
  const months = [...new Set(violence.map(({ month }) => month))].toSorted();
  const from = parseMonth('2025-09') - months.length + 1;
  return violence.map((each) => ({
    ...each,
    source: SOURCE,
    month: monthText(from + months.indexOf(each.month)),
  }));
}

/** Publishes every quarter in order, each frozen before the next, and keeps what anybody and the board then have. */
export async function publishAll(
  incidents: readonly TestIncident[],
  areas: readonly Area[],
  key: Uint8Array,
): Promise<Published> {
  const store = await openTestStore();
  await store.add(incidents);
  const rows: ReleasedRow[] = [];
  const geography = new Map<string, readonly GeographyRow[]>();
  const partnership: PartnershipRow[] = [];
  for (const period of QUARTERS) {
    const input = { query: store.query, key, policy: POLICY, source: SOURCE, period, areas };
    const cube = await buildReleased(input);
    if (cube.frozen) await writeFrozen(store.run, cube.frozen);
    for (const row of cube.frozen?.rows ?? []) rows.push(row);
    geography.set(period, cube.geography);
    const built = await buildPartnership({
      ...{ ...input, released: rows, geography: cube.geography },
      ...{ places: [], schools: false, hotspots: new Map() },
    });
    if (built.isNew) {
      await writePartnership(store.run, SOURCE, period, built.rows);
      partnership.push(...built.rows);
    }
  }
  return { rows, geography, partnership };
}

/** The releases as files, as `cardiff audit` finds them. */
export function asFiles({ rows, geography, partnership }: Published): AuditedRelease[] {
  return QUARTERS.map((period) => {
    const until = rows.filter(
      (row) => row.period <= monthText(parseQuarter(period) + 2) || row.period <= period,
    );
    const held = partnership.filter((row) => row.period <= period);
    const ground = releasedTable('geography', '', GeographyRow, release(geography.get(period) ?? []));
    const tables = [...releasedTables(release(until)), ground];
    const files = new Map(tables.map((table) => [`public/tables/${table.name}.csv`, toCsv(table)]));
    const bands = partnershipTable(release(held.filter((row) => row.period === held.at(-1)?.period)));
    files.set(`tables/${bands.name}.csv`, toCsv(bands));
    files.set('manifest.json', JSON.stringify({ release: period, period, policy: POLICY, files: [] }));
    return { period, files };
  });
}

/**
 * What `cardiff audit` finds in the releases, by tier, for an attacker who holds the exact numbers of some months from
 * elsewhere.
 */
export async function attack(published: Published, known: ReadonlyMap<string, number> = new Map()) {
  const knowing = [...known].map(([month, records]) => ({
    ...{ source: SOURCE, period: month, cut: 'month', atom: month, records },
  }));
  const { attacks, leaks } = await auditReleases(asFiles(published), { knowing });
  const isPartnership = new Set(
    attacks.filter(({ tier }) => tier === 'partnership').map((each) => each.attack),
  );
  return {
    released: leaks.filter(({ attack: by }) => !isPartnership.has(by)),
    partnership: leaks.filter(({ attack: by }) => isPartnership.has(by)),
    targets: attacks.reduce((sum, { targets }) => sum + targets, 0),
  };
}

export interface Shares {
  readonly cell: number;
  readonly area: number;
  readonly whole: number;
}

export interface Score {
  /** Seeds of which anything leaked: in each tier, to whoever knows one month of each quarter exactly, and every month. */
  readonly released: number;
  readonly partnership: number;
  readonly releasedToKnower: number;
  readonly partnershipToKnower: number;
  readonly targets: number;
  readonly examples: readonly Leak[];
  /** Of the located incidents, in percent: what the last quarter and its twelve months show, and what plain suppression would. */
  readonly quarter: Shares;
  readonly plainQuarter: Shares;
  readonly year: Shares;
  readonly plainYear: Shares;
}

/** Publishes and attacks one volume with each of the seeds. */
export async function scoreVolume(
  months: readonly TestIncident[],
  perMonth: number,
  seeds: readonly number[],
): Promise<Score> {
  const areas = readWards(CARDIFF);
  const sums = { quarter: zero(), plainQuarter: zero(), year: zero(), plainYear: zero() };
  const leaky = { released: 0, partnership: 0, releasedToKnower: 0, partnershipToKnower: 0 };
  let targets = 0;
  const examples: Leak[] = [];
  for (const seed of seeds) {
    const incidents = thin(months, areas, perMonth, seed * 7919);
    const published = await publishAll(incidents, areas, new Uint8Array(32).fill(seed));
    const exact = (atoms: readonly string[]) =>
      new Map(atoms.map((atom) => [atom, incidents.filter(({ month }) => month === atom).length]));
    const one = await attack(published, exact(QUARTERS.map((period) => monthText(parseQuarter(period) + 1))));
    const every = await attack(
      published,
      exact(published.rows.flatMap(({ cut, atom }) => (cut === 'month' ? [atom] : []))),
    );
    leaky.released += Number(one.released.length > 0);
    leaky.partnership += Number(one.partnership.length > 0);
    leaky.releasedToKnower += Number(every.released.length > 0);
    leaky.partnershipToKnower += Number(every.partnership.length > 0);
    for (const found of [one, every]) {
      targets += found.targets;
      examples.push(...found.released.slice(0, 1), ...found.partnership.slice(0, 1));
    }
    add(sums.quarter, quarterShares(published, incidents), seeds.length);
    add(sums.plainQuarter, plainShares(incidents, areas, '2025-07', 10), seeds.length);
    add(sums.year, yearShares(published, incidents, areas), seeds.length);
    add(sums.plainYear, plainShares(incidents, areas, '2024-10', 5), seeds.length);
  }
  return { ...leaky, targets, examples, ...sums };
}

type Open = { -readonly [Name in keyof Shares]: number };
const zero = (): Open => ({ cell: 0, area: 0, whole: 0 });
function add(to: Open, shares: Shares, n: number): void {
  for (const name of ['cell', 'area', 'whole'] as const) to[name] += shares[name] / n;
}
const percent = (part: number, whole: number) => (100 * part) / whole;

/** By the true numbers behind what is shown: what a reader can place. */
function quarterShares({ rows, geography }: Published, incidents: readonly TestIncident[]): Shares {
  const own = incidents.filter(({ month }) => month >= '2025-07');
  const shown = new Map(
    rows.filter((row) => row.cut === 'place' && row.period === '2025-Q3').map((row) => [row.atom, row]),
  );
  const ground = (geography.get('2025-Q3') ?? []).filter((row) => row.cut === 'place');
  const byName = new Map(ground.map((row) => [row.atom, row]));
  const holder = (row: GeographyRow | undefined): GeographyRow | undefined =>
    row === undefined || shown.has(row.atom) ? row : holder(byName.get(row.within));
  const levelOf = new Map(
    ground.flatMap((row) => row.cells.split(' ').map((cell) => [cell, holder(row)?.level] as const)),
  );
  const count = (...levels: string[]) =>
    own.filter(({ cell }) => levels.includes(levelOf.get(cell?.toString(16) ?? '') ?? '')).length;
  const [cell, area] = [count('cell'), count('part', 'area')];
  const whole = shown.has('pool') ? own.length : cell + area;
  return {
    cell: percent(cell, own.length),
    area: percent(cell + area, own.length),
    whole: percent(whole, own.length),
  };
}

function yearShares(
  { partnership }: Published,
  incidents: readonly TestIncident[],
  areas: readonly Area[],
): Shares {
  const own = incidents.filter(({ month }) => month >= '2024-10');
  const shown = new Set(partnership.filter(({ period }) => period === '2025-Q3').map(({ atom }) => atom));
  const areaOf = new Map(areas.flatMap(({ code, cells }) => cells.map((cell) => [cell, code])));
  const cell = own.filter((each) => shown.has(each.cell!.toString(16))).length;
  const area = own.filter(
    (each) => !shown.has(each.cell!.toString(16)) && shown.has(areaOf.get(each.cell!)!),
  ).length;
  return {
    cell: percent(cell, own.length),
    area: percent(cell + area, own.length),
    whole: percent(cell + area, own.length),
  };
}

/** What stands in cells, or in wards, of at least k: each grid by itself, with no thought of the other. */
function plainShares(
  incidents: readonly TestIncident[],
  areas: readonly Area[],
  from: string,
  k: number,
): Shares {
  const own = incidents.filter(({ month }) => month >= from);
  const areaOf = new Map(areas.flatMap(({ code, cells }) => cells.map((cell) => [cell, code])));
  const share = (nameOf: (each: TestIncident) => string) => {
    const counts = new Map<string, number>();
    for (const each of own) counts.set(nameOf(each), (counts.get(nameOf(each)) ?? 0) + 1);
    return percent(
      [...counts.values()].filter((n) => n >= k).reduce((a, b) => a + b, 0),
      own.length,
    );
  };
  return { cell: share((e) => String(e.cell)), area: share((e) => areaOf.get(e.cell!)!), whole: 100 };
}

async function main(): Promise<void> {
  const seeds = Array.from({ length: Number(process.argv[2] ?? 30) }, (_, i) => i + 1);
  const months = readMonths();
  const text = ({ cell, area, whole }: Shares) => [cell, area, whole].map((n) => n.toFixed(0)).join(' / ');
  for (const volume of VOLUMES) {
    const score = await scoreVolume(months, volume, seeds);
    process.stdout.write(
      `${volume} located a month, ${seeds.length} seeds, ${score.targets} targets: ${score.released} leak in the released tier, ${score.partnership} with the partnership's; to whoever knows every month exactly ${score.releasedToKnower} and ${score.partnershipToKnower}\n` +
        `  by quarter, in a cell / within a ward / at all: ${text(score.quarter)} (prototype at 80: 17 / 60 / 94; plain suppression ${text(score.plainQuarter)})\n` +
        `  partnership by year: ${text(score.year)} (prototype at 80: 47 / 95 / 97; plain suppression ${text(score.plainYear)})\n`,
    );
    for (const { attack: by, where, low, high, nominalLow, nominalHigh } of score.examples.slice(0, 10))
      process.stdout.write(
        `  ${where}: proved [${low}, ${high}], allowed [${nominalLow}, ${nominalHigh}] by ${by}\n`,
      );
  }
}

if (import.meta.filename === process.argv[1]) await main();
