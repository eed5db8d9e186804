/**
 * Real violence at the volume of an emergency department, published quarter by quarter through the real protector and
 * attacked with everything that is public: a script, run for the figures, whose small form is a test.
 */
import { auditReleases } from '../../reports/audit/audit.ts';
import {
  boundCells,
  type LinearTable,
  type Range,
  type Target,
  type Terms,
} from '../../reports/audit/bounds.ts';
import type { Leak } from '../../reports/audit/report.ts';
import { buildReleased } from '../../reports/disclosure/cube.ts';
import { writeFrozen, writePartnership } from '../../reports/disclosure/frozen.ts';
import type { Area } from '../../reports/disclosure/partition.ts';
import { buildPartnership } from '../../reports/disclosure/partnership.ts';
import { monthText, parseMonth, parseQuarter, quarterText } from '../../reports/disclosure/period.ts';
import { releasedTables } from '../../reports/release-files.ts';
import { toCsv } from '../../reports/table.ts';
import { ADDITIVE_10_5 } from '../../schemas/policy.ts';
import type { GeographyRow, PartnershipRow, ReleasedRow } from '../../schemas/released.ts';
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

export interface Finding {
  readonly where: string;
  readonly proved: Range;
  readonly nominal: Range;
}

/**
 * Bounds every shown and every hidden figure of both tiers by linear programmes over all that is out, knowing how the
 * geography lies and one supplier's exact number in one month of each quarter. Returns what is narrower than promised.
 */
export async function attack(
  { rows, geography, partnership }: Published,
  areas: readonly Area[],
  known: ReadonlyMap<string, number>,
  withPartnership: boolean,
): Promise<{ leaks: Finding[]; targets: number }> {
  const bands = withPartnership ? partnership : [];
  const areaOf = new Map(areas.flatMap(({ code, cells }) => cells.map((c) => [c.toString(16), code])));
  const blocks = (quarter: string) =>
    (geography.get(quarter) ?? []).filter(({ cut, role }) => cut === 'place' && role === 'block');
  const told = [
    ...[...geography.keys()].flatMap(blocks).filter(({ level }) => level === 'cell'),
    ...bands.filter(({ level }) => level === 'cell'),
  ];
  const pieces = [...new Set(told.map(({ atom }) => atom)), ...areas.map(({ code }) => code), 'elsewhere'];
  const areaOfPiece = (piece: string) => areaOf.get(piece) ?? (piece === 'elsewhere' ? '' : piece);

  const cells: Range[] = [];
  const sums: { terms: Terms; low: number; high: number }[] = [];
  const numbers = new Map<string, number>();
  const cell = (name: string): number => {
    const found = numbers.get(name) ?? cells.push({ low: 0, high: Number.POSITIVE_INFINITY }) - 1;
    numbers.set(name, found);
    return found;
  };
  const targets: (Target & { where: string; nominal: Range })[] = [];
  const say = (where: string, names: readonly string[], nominal: Range) => {
    const terms = names.map((name) => [cell(name), 1] as const);
    sums.push({ terms, ...nominal });
    targets.push({ where, terms, enough: nominal, nominal });
  };
  const top = (high: number | null) => high ?? Number.POSITIVE_INFINITY;

  for (const quarter of QUARTERS) {
    const own = rows.filter((row) => row.cut === 'place' && row.period === quarter);
    const first = parseQuarter(quarter);
    const months = rows.filter(
      (row) => row.cut === 'month' && parseMonth(row.period) >= first && parseMonth(row.period) <= first + 2,
    );
    for (const row of months) {
      const exact = known.get(row.atom);
      if (exact === undefined) say(`month ${row.atom}`, [`month ${row.atom}`], row);
      else sums.push({ terms: [[cell(`month ${row.atom}`), 1]], low: exact, high: exact });
    }
    if (own.length === 0) continue;
    const shown = new Map(own.map((row) => [row.atom, row]));
    const isBlock = new Set(blocks(quarter).map(({ atom }) => atom));
    const at = (piece: string) => `${quarter} ${piece}`;
    const membersOf = (atom: string) =>
      pieces.includes(atom) && areaOf.has(atom)
        ? [at(atom)]
        : pieces.filter((p) => areaOfPiece(p) === atom && !(areaOf.has(p) && isBlock.has(p))).map(at);
    const inPool = new Set(pieces.map(at));
    for (const atom of isBlock) {
      const row = shown.get(atom);
      say(
        `${quarter} ${atom}${row ? '' : ' (not shown)'}`,
        membersOf(atom),
        row ?? { low: 0, high: POLICY.threshold - 1 },
      );
      if (row) for (const member of membersOf(atom)) inPool.delete(member);
    }
    const pool = shown.get('pool');
    if (pool) say(`${quarter} pool`, [...inPool], pool);
    sums.push({
      terms: [
        ...pieces.map((piece) => [cell(at(piece)), 1] as const),
        ...months.map((row) => [cell(`month ${row.atom}`), -1] as const),
      ],
      ...{ low: 0, high: 0 },
    });
  }
  for (const row of bands) {
    const last = parseQuarter(row.period);
    const window = [last - 9, last - 6, last - 3, last].map(quarterText);
    const same = bands.filter(({ period }) => period === row.period);
    const isShown = new Set(same.map(({ atom }) => atom));
    const own = pieces.filter((piece) => {
      if (row.level === 'cell') return piece === row.atom;
      if (isShown.has(piece) && areaOf.has(piece)) return false;
      return areaOfPiece(piece) === row.atom;
    });
    const names = window.flatMap((quarter) => own.map((piece) => `${quarter} ${piece}`));
    say(`twelve months to ${row.period} ${row.atom}`, names, { low: row.low, high: top(row.high) });
  }
  const table: LinearTable = { cells, sums };
  const found = await boundCells(table, targets);
  if (found === null) throw new Error('no table fits what was released');
  const leaks = targets.flatMap(({ where, nominal }, i): Finding[] => {
    const proved = found[i]!;
    const isNarrow =
      proved.low > nominal.low || (nominal.high < Number.POSITIVE_INFINITY && proved.high < nominal.high);
    return isNarrow ? [{ where, proved, nominal }] : [];
  });
  return { leaks, targets: targets.length };
}

/** What `cardiff audit` finds in the same releases, as files. */
async function auditFiles({ rows, geography, partnership }: Published, known: ReadonlyMap<string, number>) {
  const releases = QUARTERS.map((period) => {
    const until = rows.filter(
      (row) => row.period <= monthText(parseQuarter(period) + 2) || row.period <= period,
    );
    const files = new Map<string, string>();
    for (const table of releasedTables(until as never))
      files.set(`public/tables/${table.name}.csv`, toCsv(table));
    const bands = partnership.filter((row) => row.period <= period);
    const held = bands.filter((row) => row.period === bands.at(-1)?.period);
    files.set('tables/partnership_places.csv', csvOf(held));
    files.set('public/tables/geography.csv', csvOf(geography.get(period) ?? []));
    files.set('manifest.json', JSON.stringify({ release: period, period, policy: POLICY, files: [] }));
    return { period, files };
  });
  const knowing = [...known].map(([month, records]) => ({
    ...{ source: SOURCE, period: month, cut: 'month', atom: month, records },
  }));
  const { leaks } = await auditReleases(releases, { knowing });
  // That the attacker knows what it was given is no leak; nor that a cell which twelve months do not show has fewer in any
  // quarter than the board's threshold, which is what the board is promised of it.
  return leaks.filter(
    ({ where, low, high }) =>
      ![...known.keys()].some((month) => where.includes(`(${month})`)) &&
      !(low === 0 && high === POLICY.partnershipThreshold - 1 && where.includes(', cell ')),
  );
}

function csvOf(rows: readonly object[]): string {
  const [first] = rows;
  if (!first) return '';
  return [Object.keys(first), ...rows.map((row) => Object.values(row))]
    .map(
      (values) => `${values.map((v) => (/[",]/.test(String(v ?? '')) ? `"${v}"` : (v ?? ''))).join(',')}\n`,
    )
    .join('');
}

const toFinding = ({ attack: how, where, low, high, nominalLow, nominalHigh }: Leak): Finding => ({
  where: `${where}: ${how}`,
  proved: { low, high },
  nominal: { low: nominalLow, high: nominalHigh },
});

export interface Shares {
  readonly cell: number;
  readonly area: number;
  readonly whole: number;
}

export interface Score {
  /** Seeds of which anything was narrowed, in each tier, and examples. */
  readonly released: number;
  readonly partnership: number;
  readonly audit: number;
  readonly targets: number;
  readonly examples: readonly Finding[];
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
  let [released, partnership, audit, targets] = [0, 0, 0, 0];
  const examples: Finding[] = [];
  for (const seed of seeds) {
    const incidents = thin(months, areas, perMonth, seed * 7919);
    const published = await publishAll(incidents, areas, new Uint8Array(32).fill(seed));
    const known = new Map(
      QUARTERS.map((quarter) => monthText(parseQuarter(quarter) + 1)).map((month) => [
        month,
        incidents.filter((each) => each.month === month).length,
      ]),
    );
    for (const tier of [false, true]) {
      const { leaks, targets: tried } = await attack(published, areas, known, tier);
      targets += tried;
      if (leaks.length > 0 && tier) partnership++;
      if (leaks.length > 0 && !tier) released++;
      examples.push(...leaks.slice(0, 2));
    }
    const found = await auditFiles(published, known);
    if (found.length > 0) audit++;
    examples.push(...found.slice(0, 2).map(toFinding));
    add(sums.quarter, quarterShares(published, incidents), seeds.length);
    add(sums.plainQuarter, plainShares(incidents, areas, '2025-07', 10), seeds.length);
    add(sums.year, yearShares(published, incidents, areas), seeds.length);
    add(sums.plainYear, plainShares(incidents, areas, '2024-10', 5), seeds.length);
  }
  return { released, partnership, audit, targets, examples, ...sums };
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
  const atomOf = new Map(
    (geography.get('2025-Q3') ?? [])
      .filter((row) => row.cut === 'place')
      .flatMap((row) => row.cells.split(' ').map((cell) => [cell, row] as const)),
  );
  const count = (level: string) =>
    own.filter(({ cell }) => {
      const atom = atomOf.get(cell?.toString(16) ?? '');
      return atom?.level === level && shown.has(atom.atom);
    }).length;
  const [cell, area] = [count('cell'), count('area')];
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
      `${volume} located a month, ${seeds.length} seeds, ${score.targets} figures tried: ${score.released} leak in the released tier, ${score.partnership} with the partnership's, ${score.audit} by the audit of the files\n` +
        `  by quarter, in a cell / within a ward / at all: ${text(score.quarter)} (prototype at 80: 17 / 60 / 94; plain suppression ${text(score.plainQuarter)})\n` +
        `  partnership by year: ${text(score.year)} (prototype at 80: 47 / 95 / 97; plain suppression ${text(score.plainYear)})\n`,
    );
    for (const { where, proved, nominal } of score.examples.slice(0, 10))
      process.stdout.write(
        `  ${where}: proved [${proved.low}, ${proved.high}], promised [${nominal.low}, ${nominal.high}]\n`,
      );
  }
}

if (import.meta.filename === process.argv[1]) await main();
