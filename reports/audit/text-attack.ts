// Words and pictures: every number that a page prints must be one that the tables print, or follow from them.

import type { Found } from './file-attacks.ts';
import { byPeriod } from './ground.ts';
import type { BandRow, OpenRelease, ValueRow } from './read-release.ts';

/** A page as text, with the tier that may read it. */
export interface Page {
  readonly where: string;
  readonly text: string;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';
/** What is no figure: dates, hours, shares, page numbers, links, hashes, codes and names with digits in them. */
const NO_FIGURES = [
  new RegExp(`(?:\\d{1,2}\\s)?${MONTH}(?:\\s+\\d{4})?`, 'g'),
  // The limits of a control chart follow from the released months, by a formula that is printed beside them.
  /Usual range[^.]*/gi,
  // The example that explains an interval.
  /Interval: \d+ \[[\s\S]{0,80}?from\s+\d+\s+to\s+\d+/g,
  /\b\d{4}-(?:Q[1-4]|\d{2}(?:-\d{2})?)\b/g,
  /\b\d{1,2}:\d{2}\b/g,
  /[+\u2212-]?\d+(?:\.\d+)?\s?%/g,
  /\b\d+ \/ \d+\b/g,
  /\b[A-Za-z]+[-_]?\d[\w.-]*/g,
  /\b8[0-9a-f]{14}\b/g,
  /\b\d+(?:\.\d+)? k?m\b(?:\u00b2)?/g,
];
const COUNTED = /^\s*(?:records?|persons?|people|incidents?|offences?|attendances?|patients?|assaults?)\b/;

/**
 * Looks at every number of the pages. A number of records must be a figure of the tables or a sum of such; another
 * number may besides be a multiple of the base, a rule of the policy, or a number of rows.
 */
export function findStrayNumbers(
  pages: readonly Page[],
  rows: readonly ValueRow[],
  bands: readonly BandRow[],
  release: OpenRelease,
): Found {
  const bases = [...new Set(release.rules.map(({ base }) => base))];
  const figures = sumsOf(rows, bands, namesOfSeveral(release));
  for (const { threshold, base, partnershipThreshold, bands: lowerEnds } of release.rules)
    for (const rule of [
      threshold,
      base,
      partnershipThreshold,
      ...lowerEnds,
      ...lowerEnds.map((low) => low - 1),
    ])
      figures.add(rule);
  const lists = new Map<string, number>();
  for (const row of bands) lists.set(row.source, (lists.get(row.source) ?? 0) + 1);
  const mostRows = Math.max(
    31,
    rows.length === 0 ? 0 : new Set(rows.map((row) => row.atom)).size,
    ...lists.values(),
  );
  const named = numbersInNames(release);
  let targets = 0;
  const leaks = [];
  for (const { where, text } of pages) {
    const bare = NO_FIGURES.reduce((left, pattern) => left.replace(pattern, ' \u00b7 '), text);
    for (const match of bare.matchAll(/(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?/g)) {
      targets++;
      const number = Number(match[0].replaceAll(',', ''));
      const after = bare.slice(match.index + match[0].length, match.index + match[0].length + 24);
      const isYear = number >= 1990 && number <= 2100 && match[0].length === 4;
      const isCount = COUNTED.test(after);
      const isLoose =
        !isCount &&
        (bases.some((base) => number % base === 0) || number <= mostRows || isYear || named.has(number));
      if (figures.has(number) || isLoose || isTwoNumbers(match[0], mostRows)) continue;
      const before = bare
        .slice(Math.max(0, match.index - 40), match.index)
        .replace(/\s+/g, ' ')
        .trim();
      leaks.push({
        where: `${where}, after "${before}"`,
        why: `${number} neither is in the tables of its tier nor follows from them`,
        ...{ low: 0, high: 0, nominalLow: 0, nominalHigh: 0 },
      });
    }
  }
  return { targets, leaks };
}

/** Rows by period and by the name of the area that they are in or what is left of. */
function byAreaName<Row extends Pick<ValueRow, 'period' | 'label'>>(
  places: readonly Row[],
): [name: string, rows: Row[]][] {
  const groups = new Map<string, { name: string; rows: Row[] }>();
  for (const row of places) {
    const [, rest, ofCell] =
      /^(?:Elsewhere in ([\s\S]*)|([\s\S]*), (?:around )?cell [0-9a-f]+)$/.exec(row.label) ?? [];
    const name = rest ?? ofCell;
    if (name === undefined) continue;
    const group = groups.get(`${row.period}|${name}`) ?? { name, rows: [] };
    groups.set(`${row.period}|${name}`, group);
    group.rows.push(row);
  }
  return [...groups.values()].map(({ name, rows }) => [name, rows]);
}

const MOST_SUBSETS_OF = 10;

/** All ways of taking some of the rows; of many, only all of them. */
function subsetsOf(rows: readonly ValueRow[]): ValueRow[][] {
  if (rows.length > MOST_SUBSETS_OF) return [[...rows]];
  return Array.from({ length: 2 ** rows.length }, (_, bits) => rows.filter((_row, i) => (bits >> i) & 1));
}

/** Names that several areas have. */
function namesOfSeveral({ manifest }: OpenRelease): Set<string> {
  const { areas } = manifest as { areas?: readonly { name?: unknown }[] };
  const names = Array.isArray(areas) ? areas.map(({ name }) => String(name)) : [];
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}

/** Numbers that are a part of names: of sources, areas and places ("The 1865", "Beat 117"), or of what a note quotes. */
function numbersInNames({ sheets, manifest }: OpenRelease): Set<number> {
  const names = sheets.flatMap(({ header, rows }) => {
    const at = header.indexOf('label');
    return at < 0 ? [] : rows.map((row) => row[at] ?? '');
  });
  const strings = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : value !== null && typeof value === 'object'
        ? Object.values(value).flatMap(strings)
        : [];
  const { partnership, sources, areas, notes } = manifest as Record<string, unknown>;
  return new Set(
    [...names, ...strings([partnership, sources, areas, notes])].flatMap((name) =>
      (name.match(/\d+(?:,\d{3})*(?:\.\d+)?/g) ?? []).map((digits) => Number(digits.replaceAll(',', ''))),
    ),
  );
}

// The numbers of two neighbours of a list, which stand so close on a map that a reader of PDFs takes them for one.
function isTwoNumbers(digits: string, most: number): boolean {
  const half = Math.ceil(digits.length / 2) - (digits.length % 2);
  const [first, second] = [Number(digits.slice(0, half)), Number(digits.slice(half))];
  return digits.length > 1 && second === first + 1 && second <= most;
}

// Figures, and sums of runs of months, of quarters' breakdowns, and of what belongs to one area.
function sumsOf(
  rows: readonly ValueRow[],
  bands: readonly BandRow[],
  ofSeveral: ReadonlySet<string>,
): Set<number> {
  const figures = new Set<number>([0]);
  const unique = [
    ...new Map(rows.map((row) => [`${row.source}|${row.period}|${row.cut}|${row.atom}`, row])).values(),
  ];
  const spreadOf = (of: readonly ValueRow[]) =>
    of.reduce((most, row) => Math.max(most, ...ends(row).map((end) => Math.abs(end - (row.value ?? 0)))), 0);
  const ends = (row: ValueRow) => {
    const value = row.value ?? 0;
    return [value, row.low ?? value, row.high ?? value];
  };
  for (const row of unique) for (const end of ends(row)) figures.add(end);
  const addSums = (group: readonly ValueRow[]) => {
    const shown = group.filter((row) => row.value !== null);
    for (let at = 0; at < 3; at++) figures.add(shown.reduce((sum, row) => sum + ends(row)[at]!, 0));
  };
  const months = unique.filter((row) => row.cut === 'month').sort((a, b) => (a.period < b.period ? -1 : 1));
  for (const source of new Set(unique.map((row) => row.source))) {
    const own = months.filter((row) => row.source === source);
    // A run of additive figures of one year's rules is as sure as one of them: its ends are as far from it as theirs.
    // Others add up theirs.
    for (const i of own.keys())
      for (let j = i; j < own.length && j < i + 12; j++) {
        const run = own.slice(i, j + 1);
        const { nearest, base } = own[i]!.policy;
        if (nearest || run.some(({ policy }) => policy.nearest || policy.base !== base)) {
          addSums(run);
          continue;
        }
        const sum = run.reduce((total, row) => total + (row.value ?? 0), 0);
        const spread = spreadOf(run);
        for (const end of [sum - spread, sum, sum + spread]) figures.add(end);
      }
    const places = unique.filter((row) => row.source === source && row.cut === 'place');
    for (const [name, own] of byAreaName(places)) {
      const rests = own.filter((row) => row.level === 'area');
      const cells = own.filter((row) => row.level !== 'area');
      // Of areas with one name nobody can tell which cell is whose: any of them may belong to either.
      const groups = ofSeveral.has(name) ? subsetsOf(cells) : [cells];
      for (const group of groups)
        for (const rest of [[], ...rests.map((row) => [row])]) addSums([...rest, ...group]);
    }
    const ofSource = bands.filter((row) => row.source === source);
    for (const row of ofSource) for (const end of [row.low, row.high]) figures.add(end);
    // "At least" in an area adds up the lower ends there, those of named places too, of which no row says where they are.
    for (const [period, rows] of byPeriod(ofSource)) {
      const inPlaces = new Set([0]);
      for (const { level, low } of rows)
        if (level === 'place') for (const sum of [...inPlaces]) inPlaces.add(sum + low);
      for (const [, own] of [...byAreaName(rows), [period, []] as const])
        for (const sum of inPlaces) figures.add(own.reduce((total, { low }) => total + low, sum));
    }
  }
  return figures;
}

/** The words of a page of HTML, attributes that are read aloud among them; no styles, no scripts, no coordinates. */
export function htmlText(html: string): string {
  const spoken = [...html.matchAll(/\b(?:aria-label|title|alt|content)="([^"]*)"/g)]
    .map(([, words]) => words)
    .filter((words) => !/^(?:width=device-width|default-src)/.test(words ?? ''));
  const plain = html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, ' ');
  return `${plain} ${spoken.join(' . ')}`;
}

/** Points of a chart that say their figure: they must lie where it says, on one line from figure to height. */
export function findStrayPoints(where: string, html: string): Found {
  let targets = 0;
  const leaks = [];
  for (const [, svg] of html.matchAll(/<svg\b([\s\S]*?)<\/svg>/g)) {
    const points = [
      ...svg!.matchAll(/<circle\b[^>]*\bcy="([\d.]+)"[^>]*><title>[^<]*?: (\d+(?:,\d{3})*)/g),
    ].map(([, y, value]) => ({
      y: Number(y),
      value: Number(value!.replaceAll(',', '')),
    }));
    targets += points.length;
    const [first, last] = [
      points.toSorted((a, b) => a.value - b.value)[0],
      points.toSorted((a, b) => b.value - a.value)[0],
    ];
    if (!first || !last || first.value === last.value) continue;
    const slope = (last.y - first.y) / (last.value - first.value);
    for (const { y, value } of points)
      if (Math.abs(first.y + slope * (value - first.value) - y) > 0.11)
        leaks.push({
          ...{
            where: `${where}, the point of ${value}`,
            why: 'it does not lie where its figure is: another figure was drawn',
          },
          ...{ low: value, high: value, nominalLow: value, nominalHigh: value },
        });
  }
  return { targets, leaks };
}
