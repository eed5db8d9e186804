// Reads the files of a release as a stranger would: by their headers, with no knowledge of how they were made.
import type { AuditedRelease } from './audit.ts';

/** The rules that a release names for itself. */
export interface NamedPolicy {
  readonly name: string;
  readonly threshold: number;
  readonly base: number;
  readonly partnershipThreshold: number;
  readonly bands: readonly number[];
  /** Whether values go to the nearest multiple of the base, each by itself, instead of adding up. */
  readonly nearest: boolean;
}

/** Where a file lies: for anyone, for the partnership, or for one partner. */
export type Shelf = 'released' | 'partnership' | 'partner';

/** A row with a value; null where the file withholds it. */
export interface ValueRow {
  readonly path: string;
  readonly shelf: Shelf;
  readonly source: string;
  readonly period: string;
  readonly cut: string;
  readonly atom: string;
  readonly level: string;
  readonly label: string;
  readonly thresholdOn: string;
  /** The rules of its year, as the release that says it names them. */
  readonly policy: NamedPolicy;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** A row with a band over the twelve months to the end of a quarter. */
export interface BandRow {
  readonly path: string;
  readonly shelf: Shelf;
  readonly source: string;
  readonly period: string;
  readonly level: string;
  readonly atom: string;
  readonly label: string;
  readonly low: number;
  /** Infinity for the open band. */
  readonly high: number;
  readonly policy: NamedPolicy;
}

/** A row of the partition in force: what may be shown, and what never is by itself. */
export interface GeographyRow {
  readonly source: string;
  readonly firstQuarter: string;
  readonly cut: string;
  readonly atom: string;
  readonly label: string;
  readonly isReserve: boolean;
  /** The atom whose row holds this one where it is too small; empty for the pool. */
  readonly within: string;
  readonly cells: readonly string[];
}

/** A file of rows as it stands. */
export interface Sheet {
  readonly path: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One release, read. */
export interface OpenRelease {
  readonly period: string;
  /** The rules in force, of what is not by place. */
  readonly policy: NamedPolicy;
  /** All rules that the release names: of places, and of earlier years as well. */
  readonly rules: readonly NamedPolicy[];
  readonly manifest: unknown;
  readonly sheets: readonly Sheet[];
  readonly values: readonly ValueRow[];
  readonly bands: readonly BandRow[];
  readonly geography: readonly GeographyRow[];
}

/** @throws Error in one sentence where the manifest is none or names no policy. */
export function readRelease({ period, files }: AuditedRelease): OpenRelease {
  const manifest = parseManifest(period, textOf(files.get('manifest.json')));
  const sheets = [...files].flatMap(([path, content]): Sheet[] => {
    if (path.endsWith('.csv')) return [{ path, ...parseCsv(textOf(content)) }];
    return path.endsWith('.geojson') ? [{ path, ...parseFeatures(period, path, textOf(content)) }] : [];
  });
  const inForce = readRules(period, member(manifest, 'policy'));
  const earlier = member(member(manifest, 'policy'), 'earlierYears');
  const years = new Map(
    Object.entries(Object(earlier)).map(([year, rules]) => [year, readRules(period, rules)]),
  );
  const rulesOf: RulesOf = (of) => years.get(of.slice(0, 4)) ?? inForce;
  return {
    period,
    policy: inForce.area,
    rules: [inForce, ...years.values()].flatMap(({ area, places }) => [area, places]),
    manifest,
    sheets,
    values: sheets.flatMap((sheet) => readValues(sheet, rulesOf)),
    bands: sheets.flatMap((sheet) => readBands(sheet, rulesOf)),
    geography: sheets.flatMap(readGeography),
  };
}

/** A file's content as text; empty where there is none. */
export function textOf(content: string | Uint8Array | undefined): string {
  return typeof content === 'string' ? content : content ? Buffer.from(content).toString('utf8') : '';
}

/** Comma-separated values with quotation marks (RFC 4180); the first line is the header. */
export function parseCsv(text: string): { header: string[]; rows: string[][] } {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quoted) {
      if (letter !== '"') value += letter;
      else if (text[i + 1] === '"') value += text[++i];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ',' || letter === '\n') {
      row.push(value.endsWith('\r') && letter === '\n' ? value.slice(0, -1) : value);
      value = '';
      if (letter === '\n') {
        rows.push(row);
        row = [];
      }
    } else value += letter;
  }
  if (value !== '' || row.length > 0) rows.push([...row, value]);
  const [header = [], ...rest] = rows;
  return { header, rows: rest };
}

/** The properties of the features of a map, as rows; with the name that each feature has in the file. */
function parseFeatures(period: string, path: string, text: string): Omit<Sheet, 'path'> {
  const features = member(parseJson(text), 'features');
  if (!Array.isArray(features))
    throw new Error(`${period}, ${path} holds no features: wanted the release as it was made`);
  const rows = features.map((feature: unknown): object => ({
    id: member(feature, 'id'),
    ...Object(member(feature, 'properties')),
  }));
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const textIn = (value: unknown) => (value === null || value === undefined ? '' : String(value));
  return { header, rows: rows.map((row) => header.map((name) => textIn(member(row, name)))) };
}

/** The first month of a month or quarter, counted from year 0; and how many months it has. Null for neither. */
export function monthsOf(period: string): { first: number; months: number } | null {
  const parts = /^(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))$/.exec(period);
  if (!parts) return null;
  const [, year, quarter, month] = parts;
  return quarter
    ? { first: Number(year) * 12 + 3 * (Number(quarter) - 1), months: 3 }
    : { first: Number(year) * 12 + Number(month) - 1, months: 1 };
}

/** The quarter (2025-Q3) that begins with a month. */
export const quarterName = (first: number) =>
  `${Math.floor(first / 12)}-Q${Math.floor((first % 12) / 3) + 1}`;

/** A month by its number as 2025-09. */
export const monthName = (month: number) =>
  `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;

function parseManifest(period: string, text: string): unknown {
  const manifest = parseJson(text);
  if (manifest === undefined)
    throw new Error(
      `the release ${period} has no manifest.json that can be read: wanted the release as it was made`,
    );
  return manifest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The rules of a year: of the whole area, and of what is by place, which may be shown from a higher number only. */
interface Rules {
  readonly area: NamedPolicy;
  readonly places: NamedPolicy;
}

/** The rules that statements about a period stand by. */
type RulesOf = (period: string) => Rules;

const CUTS_OF_PLACES = ['place', 'located'];

function readRules(period: string, policy: unknown): Rules {
  const area = readPolicy(period, policy);
  const higher = member(policy, 'sexualOffencesByPlace');
  if (typeof higher !== 'number') return { area, places: area };
  const bands = [higher, ...area.bands.filter((low) => low >= higher + 3)];
  return { area, places: { ...area, threshold: higher, partnershipThreshold: higher, bands } };
}

function readPolicy(period: string, policy: unknown): NamedPolicy {
  const [threshold, base] = [member(policy, 'threshold'), member(policy, 'base')];
  if (typeof threshold !== 'number' || typeof base !== 'number')
    throw new Error(
      `the manifest of ${period} names no threshold or base: without them nobody can say what a value may stand for`,
    );
  const name = String(member(policy, 'name') ?? '');
  const bands = member(policy, 'partnershipBands');
  return {
    name,
    threshold,
    base,
    partnershipThreshold: Number(member(policy, 'partnershipThreshold') ?? threshold),
    bands: Array.isArray(bands) ? bands.map(Number) : [],
    nearest: member(policy, 'rounding') === 'nearest' || /ecds|nearest/.test(name),
  };
}

/** A member of an object that came from elsewhere. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}

const shelfOf = (path: string): Shelf =>
  path.startsWith('public/') ? 'released' : path.startsWith('partners/') ? 'partner' : 'partnership';

/** The rows of a sheet that has these columns, each as a function from column to text; else none. */
function rowsWith({ header, rows }: Sheet, columns: readonly string[]) {
  if (!columns.every((column) => header.includes(column))) return [];
  return rows.map((row) => (column: string) => row[header.indexOf(column)] ?? '');
}

// Figures are what looks like one; "*" and nothing at all mean withheld.
const figure = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null);

const readValues = (sheet: Sheet, rulesOf: RulesOf): ValueRow[] =>
  rowsWith(sheet, ['source', 'period', 'cut', 'atom', 'value']).map((at) => ({
    ...common(sheet, at),
    cut: at('cut'),
    thresholdOn: at('threshold_on'),
    value: figure(at('value')),
    low: figure(at('low')),
    high: figure(at('high')),
    policy: rulesOf(at('period'))[CUTS_OF_PLACES.includes(at('cut')) ? 'places' : 'area'],
  }));

const readBands = (sheet: Sheet, rulesOf: RulesOf): BandRow[] =>
  rowsWith(sheet, ['source', 'period', 'atom', 'band']).map((at) => ({
    ...common(sheet, at),
    low: figure(at('low')) ?? 0,
    high: figure(at('high')) ?? Number.POSITIVE_INFINITY,
    policy: rulesOf(at('period')).places,
  }));

function common({ path }: Sheet, at: (column: string) => string) {
  const shelf = shelfOf(path);
  const [source, period, atom] = [at('source'), at('period'), at('atom')];
  return { path, shelf, source, period, atom, level: at('level'), label: at('label') };
}

const readGeography = (sheet: Sheet): GeographyRow[] =>
  rowsWith(sheet, ['source', 'first_quarter', 'cut', 'atom', 'role']).map((at) => ({
    source: at('source'),
    firstQuarter: at('first_quarter'),
    cut: at('cut'),
    atom: at('atom'),
    label: at('label'),
    isReserve: at('role') === 'reserve',
    within: at('within'),
    cells: at('cells').match(/[0-9a-f]{15}/g) ?? [],
  }));
