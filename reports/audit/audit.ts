/** The attacker: what released files prove when they are all laid beside each other. */

import type { Range } from './bounds.ts';
import {
  type Found,
  findColumns,
  findExactFigures,
  findFormulas,
  findPartnerRows,
  findRecordThresholds,
  findSideChannels,
} from './file-attacks.ts';
import { invertRounding, possibleCarries } from './inverse-image.ts';
import {
  attackSource,
  type Bounded,
  isNarrowerThan,
  LINEAR_ATTACKS,
  leakOf,
  narrowestOf,
} from './linear-attack.ts';
import { pdfText } from './pdf-text.ts';
import {
  type BandRow,
  monthsOf,
  type NamedPolicy,
  type OpenRelease,
  readRelease,
  textOf,
  type ValueRow,
} from './read-release.ts';
import { findInReception } from './reception-attack.ts';
import type { AttackResult, AuditedTier, AuditReport, Leak, Narrowest } from './report.ts';
import type { AimKind, SourceFiles } from './system.ts';
import { findStrayNumbers, findStrayPoints, htmlText, type Page } from './text-attack.ts';

/** A release as its recipients hold it. */
export interface AuditedRelease {
  /** A month (2025-09) or a quarter (2025-Q3). */
  readonly period: string;
  /** By the path in its folder; what is not text (a PDF) as bytes. Paths that no attack reads may be left out. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/** An exact number that an attacker holds from elsewhere: a hospital's published total, police.uk by month. */
export interface KnownCount {
  readonly source: string;
  readonly period: string;
  readonly cut: string;
  readonly atom: string;
  readonly records: number;
}

/** What the attacker holds beside the releases. */
export interface AuditOptions {
  readonly knowing?: readonly KnownCount[];
  /** The text of register.jsonl. */
  readonly register?: string;
}

/**
 * Attacks the releases with everything in them taken together: each tier with its own files and those of the tiers
 * below it. Recipients of rows (operational and analyst tiers) are outside of this, as their marks say. The same files
 * give the same report.
 *
 * @throws Error in one sentence where a release cannot be read, or a known number speaks of nothing that was released.
 */
export async function auditReleases(
  given: readonly AuditedRelease[],
  { knowing = [], register = '' }: AuditOptions = {},
): Promise<AuditReport> {
  const releases = given.map(withoutOwnWords);
  const open = releases.map(readRelease);
  const attacks: AttackResult[] = [];
  const leaks: Leak[] = [];
  const record = (attack: string, tier: AuditedTier, found: Found, narrowest: Narrowest | null = null) => {
    attacks.push({ attack, tier, targets: found.targets, narrowest });
    leaks.push(...found.leaks.map((leak) => ({ attack, ...leak })));
  };

  const everyFile = sourcesOf(open);
  const hasBands = everyFile.some(({ bands }) => bands.length > 0);
  await attackFigures(everyFile, record, hasBands, false);
  const informed = everyFile
    .map((files) => ({ ...files, knowing: knowing.filter(({ source }) => source === files.source) }))
    .filter((files) => files.knowing.length > 0);
  if (informed.length > 0) {
    await attackFigures(informed, record, hasBands, true);
    record(`${INVERSE}, with exact numbers from elsewhere`, 'released', ...invert(informed));
  }
  const unknown = knowing.find(({ source }) => !everyFile.some((files) => files.source === source));
  if (unknown)
    throw new Error(`an exact number was given for "${unknown.source}": no release has such a source`);
  record(INVERSE, 'released', ...invert(everyFile));
  record(
    'one kind for all: whether everybody of a quarter is of one category or place (homogeneity)',
    'released',
    findUniform(everyFile),
  );
  record(
    'one person, many records: what the threshold counts (repeat attender)',
    'released',
    findRecordThresholds(open),
  );
  record(
    'partners beside each other: every row of an extract is one of the release (collusion)',
    'partnership',
    findPartnerRows(open),
  );
  record(
    'order of rows and names of files',
    'public',
    findSideChannels(open, new Map(releases.map(({ period, files }) => [period, [...files.keys()]]))),
  );
  record('columns beyond those of the tables', 'public', findColumns(open));
  record('exact figures in manifests and register', 'public', findExactFigures(open, register));
  record('formulas in tables', 'public', findFormulas(open));
  await attackPages(releases, open, record);
  return {
    releases: releases.length,
    tiers: hasBands ? ['released', 'partnership'] : ['released'],
    attacks,
    leaks,
  };
}

/**
 * The files that an attack reads: not those of the operational tier, whose recipient holds rows by agreement, nor the
 * proof sheet, which prints how much was tried here and follows from the other files.
 */
const withoutOwnWords = ({ period, files }: AuditedRelease): AuditedRelease => ({
  period,
  files: new Map(
    [...files].filter(([path]) => !path.startsWith('operational/') && path !== 'public/proof.pdf'),
  ),
});

const INVERSE = 'rounding turned round: every start and every order of a breakdown (small breakdowns)';

type Record = (attack: string, tier: AuditedTier, found: Found, narrowest?: Narrowest | null) => void;

/**
 * The rows of all releases by source: each statement once, and two where two files differ. A statement has the rules of
 * the first release that makes it: a year may have others than the one before.
 */
function sourcesOf(open: readonly OpenRelease[]): SourceFiles[] {
  const once = <Row extends object>(rows: readonly Row[]) => {
    const first = new Map<string, Row>();
    for (const row of rows) {
      const said = JSON.stringify({ ...row, path: '', shelf: '', policy: '' });
      if (!first.has(said)) first.set(said, row);
    }
    return [...first.values()];
  };
  // What partners hold is compared with the release, row by row.
  const values = once(open.flatMap((release) => release.values.filter(({ shelf }) => shelf !== 'partner')));
  const bands = once(open.flatMap((release) => release.bands.filter(({ shelf }) => shelf !== 'partner')));
  const geography = once(open.flatMap((release) => release.geography));
  return [...new Set([...values, ...bands].map((row) => row.source))].sort().map((source) => ({
    source,
    values: values.filter((row) => row.source === source),
    bands: bands.filter((row) => row.source === source),
    geography: geography.filter((row) => row.source === source),
    knowing: [],
  }));
}

const KINDS_OF_TIER = {
  released: ['published', 'total', 'hidden', 'piece'],
  partnership: ['published', 'total', 'hidden', 'year', 'band', 'unshown', 'piece'],
} as const satisfies { [tier: string]: readonly AimKind[] };

async function attackFigures(
  sources: readonly SourceFiles[],
  record: Record,
  hasBands: boolean,
  isInformed: boolean,
) {
  const found = { released: [] as [SourceFiles, Bounded][], partnership: [] as [SourceFiles, Bounded][] };
  const loose: string[] = [];
  for (const files of sources) {
    if (isInformed && files.knowing.length === 0) continue;
    const findings = await attackSource(files);
    const [idle] = findings.idle;
    if (idle)
      throw new Error(
        `an exact number was given for "${[idle.source, idle.period, idle.cut, idle.atom].join(', ')}": nothing released speaks of it`,
      );
    for (const tier of ['released', 'partnership'] as const) {
      const bounded = findings[tier];
      if (bounded === null) {
        const where = `${files.source}, all ${tier} tables`;
        const why = 'they contradict each other or the rules they name, so nothing can be promised of them';
        record('whether the tables can all be true', tier, {
          targets: 1,
          leaks: [{ where, why, low: 0, high: 0, nominalLow: 0, nominalHigh: 0 }],
        });
      } else found[tier].push(...bounded.map((each): [SourceFiles, Bounded] => [files, each]));
    }
    if (findings.link !== 'quarters') loose.push(files.source);
  }
  const informed = isInformed ? ', with exact numbers from elsewhere' : '';
  for (const tier of hasBands ? (['released', 'partnership'] as const) : (['released'] as const))
    for (const kind of KINDS_OF_TIER[tier]) {
      const suffix = `${tier === 'partnership' ? ', both tiers together' : ''}${informed}`;
      const own = found[tier].filter(([, { aim }]) => aim.kind === kind);
      const late =
        kind === 'band' && loose.length > 0
          ? ` (${loose.join(', ')}: years by themselves, late records keep them from fitting the quarters)`
          : '';
      const leaks = own.flatMap(([files, each]) => leakOf(each, files, isInformed) ?? []);
      const narrowest = least(own.flatMap(([, each]) => narrowestOf([each]) ?? []));
      record(
        `${LINEAR_ATTACKS[kind]}${suffix}${late}`,
        tier,
        { targets: own.length, leaks: leaks.map(({ attack: _, ...leak }) => leak) },
        narrowest,
      );
      if (kind !== 'hidden' || isInformed) continue;
      // Whoever knows a record of their own in a block knows that it is not empty, and asks how many others there are.
      const alone = own.map(([files, each]): [SourceFiles, Bounded] => [
        files,
        { ...each, range: { low: Math.max(each.range.low, 1), high: each.range.high } },
      ]);
      // The board is promised fewer than its own threshold, so that the own record leaves one number less than that;
      // under four, whoever knows one record would know nearly all of the others.
      const few = alone.filter(([, { aim, range, nominal }]) => {
        const promised = Math.min(aim.policy.base, nominal.high - Math.max(1, nominal.low) + 1);
        return range.high - range.low + 1 < Math.max(FEWEST_BESIDE_ONE, promised) && range.high > 0;
      });
      record(
        `one record of one’s own: how many others there are in what is too small (singleton)${suffix}`,
        tier,
        {
          targets: alone.length,
          leaks: few.map(([, { aim, range, nominal }]) => ({
            where: aim.where,
            why: 'whoever knows one record of it knows nearly how many there are',
            ...{
              low: range.low,
              high: range.high,
              nominalLow: Math.max(1, nominal.low),
              nominalHigh: nominal.high,
            },
          })),
        },
        least(
          alone.map(([, { aim, range, nominal }]) => ({
            where: aim.where,
            width: Math.min(range.high, nominal.high) - range.low + 1,
            nominal: nominal.high - Math.max(1, nominal.low) + 1,
          })),
        ),
      );
    }
}

const FEWEST_BESIDE_ONE = 4;

const least = (all: readonly Narrowest[]): Narrowest | null =>
  all.reduce<Narrowest | null>((best, each) => (isNarrowerThan(each, best) ? each : best), null);

function breakdowns({ values }: SourceFiles): { period: string; cut: string; rows: ValueRow[] }[] {
  const groups = new Map<string, ValueRow[]>();
  for (const row of values) {
    if (row.cut === 'month' || monthsOf(row.period)?.months !== 3) continue;
    const key = `${row.period}|${row.cut}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((rows) => ({ period: rows[0]!.period, cut: rows[0]!.cut, rows }));
}

/** With exact months from elsewhere, the carry is known where a quarter begins and ends. */
function invert(sources: readonly SourceFiles[]): [Found, Narrowest | null] {
  const leaks: Found['leaks'][number][] = [];
  const widths: Narrowest[] = [];
  for (const files of sources) {
    const carries = carriesOf(files);
    for (const { period, cut, rows } of breakdowns(files)) {
      const { policy } = rows[0]!;
      const { base, threshold, nearest } = policy;
      if (nearest) continue;
      const { starts, drift } = carries(monthsOf(period)!.first, policy);
      for (const { row, numbers } of invertRounding(rows, policy, starts, drift) ?? []) {
        const where = `${row.source}, ${row.period}, ${cut}, ${row.label}`;
        const [nominalLow, nominalHigh] = [Math.max(threshold, row.value! - base + 1), row.value! + base - 1];
        // An atom that is the sum of others says so by its lower end.
        const low = row.low !== null && row.low >= 2 * threshold ? Math.max(nominalLow, row.low) : nominalLow;
        // Whoever knows totals exactly cannot be kept from knowing more; but no figure may be known more closely than any.
        const nominal = files.knowing.length > 0 ? base : nominalHigh - low + 1;
        const width = numbers.filter((number) => number >= low).length;
        widths.push({ where, width: Math.min(width, nominal), nominal });
        if (width >= nominal) continue;
        const why =
          numbers.length === 0
            ? 'no pass of rounding gives these values'
            : 'no start and no order of the rounding leaves the others possible';
        leaks.push({
          where,
          low: numbers[0] ?? 0,
          high: numbers.at(-1) ?? 0,
          nominalLow: low,
          nominalHigh,
          why,
        });
      }
    }
  }
  return [{ targets: widths.length, leaks }, least(widths)];
}

function carriesOf({ values, knowing }: SourceFiles) {
  const months = values.filter((row) => row.cut === 'month' && row.value !== null);
  return (quarter: number, policy: NamedPolicy): { starts: readonly number[]; drift: Range } => {
    const any = Array.from({ length: policy.base }, (_, carry) => carry);
    const free = { low: 1 - policy.base, high: policy.base - 1 };
    const year = Math.floor(quarter / 12);
    const own = months
      .map((row) => ({ row, last: monthsOf(row.period)?.first ?? 0 }))
      .filter(({ last }) => Math.floor(last / 12) === year)
      .sort((a, b) => a.last - b.last);
    const steps = own.map(({ row }) => ({
      value: row.value!,
      records: knowing.find(({ cut, atom }) => cut === 'month' && atom === row.atom)?.records,
    }));
    const possible = possibleCarries(steps, policy);
    const before = own.filter(({ last }) => last < quarter).length;
    const within = steps.slice(before, own.filter(({ last }) => last < quarter + 3).length);
    const isExact = within.length > 0 && within.every(({ records }) => records !== undefined);
    const moved = within.reduce((sum, { value, records }) => sum + (records ?? 0) - value, 0);
    return { starts: possible[before] ?? any, drift: isExact ? { low: moved, high: moved } : free };
  };
}

/** Categories that hold everybody: what they leave to all others together must be able to be a threshold. */
function findUniform(sources: readonly SourceFiles[]): Found {
  let targets = 0;
  const leaks: Found['leaks'][number][] = [];
  for (const files of sources)
    for (const { period, cut, rows } of breakdowns(files)) {
      const { base, threshold, nearest } = rows[0]!.policy;
      const value = rows.reduce((sum, row) => sum + (row.value ?? 0), 0);
      for (const row of rows) {
        targets++;
        // Where values stand each by itself, what has no row is told by the months alone.
        const high = nearest
          ? mostOfMonths(files, period) - (row.low ?? 0)
          : value - (row.value ?? 0) + base - 1;
        if (high >= threshold) continue;
        leaks.push({
          where: `${row.source}, ${row.period}, ${cut}, ${row.label}`,
          low: 0,
          high,
          nominalLow: 0,
          nominalHigh: threshold - 1,
          why: 'nearly everybody is of this kind, so whoever is known to be among them is known to be so',
        });
      }
    }
  return { targets, leaks };
}

/** The most that the months of a quarter can have had. */
function mostOfMonths({ values }: SourceFiles, period: string): number {
  const { first } = monthsOf(period)!;
  const own = values.filter((row) => {
    const month = row.cut === 'month' ? (monthsOf(row.period)?.first ?? 0) : 0;
    return month >= first && month < first + 3;
  });
  if (own.length < 3) return Number.POSITIVE_INFINITY;
  return own.reduce((sum, row) => sum + (row.high ?? Number.POSITIVE_INFINITY), 0);
}

async function attackPages(
  releases: readonly AuditedRelease[],
  open: readonly OpenRelease[],
  record: Record,
) {
  const totals = {
    released: { targets: 0, leaks: [] as Found['leaks'][number][] },
    partnership: { targets: 0, leaks: [] as Found['leaks'][number][] },
  };
  const points = { targets: 0, leaks: [] as Found['leaks'][number][] };
  const receptions = { targets: 0, leaks: [] as Found['leaks'][number][] };
  for (const [i, { period, files }] of releases.entries()) {
    const release = open[i]!;
    for (const tier of ['released', 'partnership'] as const) {
      const pages: Page[] = [];
      for (const [path, content] of files) {
        // What a partner holds is of the release or of the board, row by row (see findPartnerRows).
        if (path.startsWith('public/') !== (tier === 'released')) continue;
        const where = `${period}, ${path}`;
        if (path.endsWith('.html')) {
          const html = textOf(content);
          pages.push({ where, text: htmlText(html) });
          const found = findStrayPoints(where, html);
          points.targets += found.targets;
          points.leaks.push(...found.leaks);
        } else if (path.endsWith('.pdf') && typeof content !== 'string') {
          const { pages: texts } = await pdfText(content);
          pages.push(...texts.map((text, page) => ({ where: `${where}, page ${page + 1}`, text })));
          const source = /^public\/receptions\/(.*)\.pdf$/.exec(path)?.[1];
          if (source === undefined) continue;
          const found = findInReception(where, source, period, texts.join(' '), release.values);
          receptions.targets += found.targets;
          receptions.leaks.push(...found.leaks);
        }
      }
      const bands: readonly BandRow[] = tier === 'partnership' ? release.bands : [];
      const found = findStrayNumbers(pages, release.values, bands, release);
      totals[tier].targets += found.targets;
      totals[tier].leaks.push(...found.leaks);
    }
  }
  record(
    'words of pages: every number is a figure of the tables or follows from them',
    'released',
    totals.released,
  );
  record(
    'words of the board’s pages: every number is a figure of the tables or follows from them',
    'partnership',
    totals.partnership,
  );
  record('pages for receptions: shares in words and counts', 'released', receptions);
  record('pictures: points lie where their figures are', 'partnership', points);
}
