// What files tell beside their figures: columns, order, names, formulas, figures in manifests and words.
import { type OpenRelease, parseCsv, type Sheet, textOf } from './read-release.ts';
import type { Leak } from './report.ts';

/** A finding of an attack that bounds nothing. */
export interface Found {
  readonly targets: number;
  readonly leaks: readonly Omit<Leak, 'attack'>[];
}

const NOTHING_KNOWN = { low: 0, high: 0, nominalLow: 0, nominalHigh: 0 };
const told = (where: string, why: string) => ({ where, why, ...NOTHING_KNOWN });

// A lone number is none, whatever its sign; full-width forms run as well.
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** Texts that a spreadsheet would run. */
export function findFormulas(releases: readonly OpenRelease[]): Found {
  let targets = 0;
  const leaks = [];
  for (const { period, sheets } of releases)
    for (const { path, header, rows } of sheets.filter((sheet) => sheet.path.endsWith('.csv')))
      for (const [i, row] of [header, ...rows].entries()) {
        targets += row.length;
        const column = row.findIndex((text) => FORMULA.test(text) && !NUMBER.test(text));
        if (column >= 0)
          leaks.push(told(`${period}, ${path}, line ${i + 1}`, 'a spreadsheet runs it as a formula'));
      }
  return { targets, leaks };
}

/** Columns that hold a figure of the table; any other whole numbers are figures that nobody protected. */
const FIGURES = new Set(['value', 'low', 'high', 'band']);
const PLAIN = new Set([
  'source',
  'period',
  'cut',
  'atom',
  'level',
  'label',
  'threshold_on',
  'hotspot',
  'first_quarter',
  'role',
  'cells',
]);

/** Columns beyond those of the tables that hold numbers, as perturbed tables carry their own key and noise. */
export function findColumns(releases: readonly OpenRelease[]): Found {
  let targets = 0;
  const leaks = [];
  for (const { period, sheets } of releases)
    for (const { path, header, rows } of sheets)
      for (const [i, column] of header.entries()) {
        targets++;
        if (FIGURES.has(column) || PLAIN.has(column)) continue;
        if (rows.some((row) => /^-?\d+(\.\d+)?$/.test(row[i] ?? '')))
          leaks.push(
            told(`${period}, ${path}, column ${column}`, 'it holds numbers that are no protected figures'),
          );
      }
  return { targets, leaks };
}

/** Rows in an order that their names do not give, and files whose names say more than what they are. */
export function findSideChannels(
  releases: readonly OpenRelease[],
  paths: ReadonlyMap<string, readonly string[]>,
): Found {
  let targets = 0;
  const leaks = [];
  for (const { period, sheets } of releases) {
    for (const sheet of sheets) {
      targets += sheet.rows.length;
      if (!isInOrderOfNames(sheet))
        leaks.push(
          told(
            `${period}, ${sheet.path}`,
            'its rows are not in the order of their names: the order may tell of the figures behind them',
          ),
        );
    }
    for (const path of paths.get(period) ?? []) {
      targets++;
      const digits = path.replaceAll(period, '').match(/\d+/g);
      if (digits && !path.startsWith('partners/'))
        leaks.push(told(`${period}, ${path}`, 'a number in its name'));
    }
  }
  return { targets, leaks };
}

// The names stand in some order of columns; each column in turn decides among those that are equal so far.
function isInOrderOfNames({ header, rows }: Sheet): boolean {
  const names = header.flatMap((column, i) =>
    FIGURES.has(column) || column === 'label' || column === 'hotspot' ? [] : [i],
  );
  const keep = (groups: string[][][], left: number[]): boolean => {
    const open = groups.filter((group) => group.length > 1);
    if (open.length === 0 || left.length === 0) return true;
    return left.some((column) => {
      const sorted = open.every((group) =>
        group.every((row, i) => i === 0 || (group[i - 1]![column] ?? '') <= (row[column] ?? '')),
      );
      return (
        sorted &&
        keep(
          open.flatMap((group) => runs(group, column)),
          left.filter((each) => each !== column),
        )
      );
    });
  };
  return keep([rows.map((row) => [...row])], names);
}

function runs(group: string[][], column: number): string[][][] {
  const parts: string[][][] = [];
  for (const row of group) {
    const last = parts.at(-1);
    if (last && last[0]![column] === row[column]) last.push(row);
    else parts.push([row]);
  }
  return parts;
}

// Numbers of a manifest that are no figures: rules, sizes and hashes of files, versions.
const NO_FIGURES = new Set(['policy', 'plan', 'files', 'version', 'tiers', 'proof', 'audit']);

// Shares are in percent of figures that were rounded, whatever their base, and are rounded themselves.
const SHARE = 5;

/** Exact figures in manifests and in the register: what is no multiple of the base was not rounded. */
export function findExactFigures(releases: readonly OpenRelease[], register: string): Found {
  let targets = 0;
  const leaks: Omit<Leak, 'attack'>[] = [];
  const look = (value: unknown, path: string, base: number) => {
    if (typeof value === 'number') {
      targets++;
      if (value % base !== 0)
        leaks.push(told(path, `a figure that is no multiple of ${base}: it was not rounded`));
    } else if (value !== null && typeof value === 'object')
      for (const [name, inner] of Object.entries(value))
        if (!NO_FIGURES.has(name)) look(inner, `${path}, ${name}`, name === 'utility' ? SHARE : base);
  };
  for (const { period, manifest, policy } of releases)
    look(manifest, `${period}, manifest.json`, policy.base);
  const base = releases.at(-1)?.policy.base ?? 5;
  for (const [i, line] of register.split('\n').filter(Boolean).entries()) {
    const { n: _, ...rest } = parseLine(line);
    look(rest, `register.jsonl, line ${i + 1}`, base);
  }
  return { targets, leaks };
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Partners' tables beside those of the release: every row must be one of them, to the letter of its figures. */
export function findPartnerRows(releases: readonly OpenRelease[]): Found {
  let targets = 0;
  const leaks = [];
  const key = (row: object, columns: readonly string[]) =>
    columns.map((name) => String((row as Record<string, unknown>)[name])).join(' | ');
  const KEY = ['source', 'period', 'cut', 'level', 'atom'];
  const figures = ['value', 'low', 'high'];
  const canonical = new Map<string, string>();
  const rowsOf = ({ values, bands }: OpenRelease) => [...values, ...bands];
  for (const release of releases)
    for (const row of rowsOf(release))
      if (row.shelf !== 'partner') canonical.set(key(row, KEY), key(row, figures));
  for (const release of releases)
    for (const row of rowsOf(release)) {
      if (row.shelf !== 'partner') continue;
      targets++;
      const known = canonical.get(key(row, KEY));
      const where = `${release.period}, ${row.path}, ${row.source}, ${row.period}, ${row.label || row.atom}`;
      if (known === undefined)
        leaks.push(
          told(
            where,
            'a partner holds a row that the release does not: what others hold, less this, is a figure nobody protected',
          ),
        );
      else if (known !== key(row, figures))
        leaks.push(told(where, 'a partner holds another figure for the same thing'));
    }
  return { targets, leaks };
}

/** One person's many visits: what the threshold counts must be said, and be persons wherever a source knows persons. */
export function findRecordThresholds(releases: readonly OpenRelease[]): Found {
  const rows = releases.flatMap(({ values }) => values);
  const knowsPersons = new Set(rows.filter((row) => row.thresholdOn === 'persons').map((row) => row.source));
  const isWrong = ({ source, cut, thresholdOn }: (typeof rows)[number]) =>
    !['persons', 'records'].includes(thresholdOn) ||
    (cut !== 'month' && thresholdOn === 'records' && knowsPersons.has(source));
  const wrong = new Map(
    rows.filter(isWrong).map((row) => [`${row.source}, ${row.period}, ${row.cut}, ${row.label}`, row]),
  );
  return {
    targets: rows.length,
    leaks: [...wrong].map(([where, { low, high }]) => ({
      ...told(
        where,
        'the threshold was on records though the source knows persons: all of them may be one person',
      ),
      low: low ?? 0,
      high: high ?? 0,
    })),
  };
}

/** CSV text that no release wrote: an attacker's own numbers (source,period,cut,atom,records). */
export function readKnowing(text: string) {
  const { header, rows } = parseCsv(textOf(text));
  const at = (row: readonly string[], column: string) => row[header.indexOf(column)] ?? '';
  return rows
    .filter((row) => row.some((value) => value !== ''))
    .map((row) => ({
      source: at(row, 'source'),
      period: at(row, 'period'),
      cut: at(row, 'cut'),
      atom: at(row, 'atom'),
      records: Number(at(row, 'records')),
    }));
}
