// Pages for receptions: what they say in words must leave the figures that it is a part of all that these promise.
import type { Found } from './file-attacks.ts';
import type { ValueRow } from './read-release.ts';

/** Shares in the words of the pages. */
export const SHARES: ReadonlyMap<string, number> = new Map([
  ['1 in 20', 1 / 20],
  ['1 in 10', 1 / 10],
  ['1 in 5', 1 / 5],
  ['a third', 1 / 3],
  ['half', 1 / 2],
  ['two thirds', 2 / 3],
]);
const SHARE = `(${[...SHARES.keys()].join('|')})`;
/** A class of shares, and what the shares are of: places not found (also as "these"), homes, or all records. */
const CLASS = new RegExp(
  `(?:fewer than ${SHARE}|${SHARE} (?:or more|to ${SHARE})) of (these nothing|those without a place|the records of homes|all records)`,
  'g',
);
const COUNTS = /(\d[\d,]*) of (\d[\d,]*) in public places/g;

/** The true numbers that one or several figures together can stand for, and what they show. */
interface Whole {
  readonly value: number;
  readonly low: number;
}

/** Looks at every class and count that the page of a source says of a quarter. */
export function findInReception(
  where: string,
  source: string,
  period: string,
  text: string,
  rows: readonly ValueRow[],
): Found {
  const located = new Map(
    rows
      .filter((row) => row.source === source && row.period === period && row.cut === 'located')
      .map((row) => [row.atom, row]),
  );
  const [first] = located.values();
  const wholeOf = (...atoms: readonly string[]): Whole | undefined => {
    const parts = atoms.map((atom) => located.get(atom));
    if (parts.length === 0 || parts.some((row) => row === undefined)) return undefined;
    const sum = (of: 'value' | 'low') => parts.reduce((total, row) => total + (row?.[of] ?? 0), 0);
    return { value: sum('value'), low: sum('low') };
  };
  const leaks: Found['leaks'][number][] = [];
  const tell = (said: string, why: string, nominalHigh = 0) =>
    leaks.push({ where: `${where}, "${said}"`, why, low: 0, high: 0, nominalLow: 0, nominalHigh });
  let targets = 0;
  const plain = text.replace(/\s+/g, ' ').toLowerCase();
  for (const [said, below, from, to, of] of plain.matchAll(CLASS)) {
    targets++;
    const whole =
      of === 'all records'
        ? wholeOf(...located.keys())
        : wholeOf(of === 'the records of homes' ? 'home' : 'unlocated');
    if (!whole || !first) {
      tell(said, 'it is a share of what no table shows');
      continue;
    }
    const { threshold, base } = first.policy;
    const at = (words: string | undefined) =>
      words === undefined ? undefined : Math.round((SHARES.get(words) ?? 0) * whole.value);
    const [least, end] = [at(from) ?? 0, at(below ?? to)];
    if (end !== undefined && end - least < threshold)
      tell(said, `fewer than ${threshold} numbers are left of the part that it speaks of`, threshold);
    if (least > 0 && whole.low - least + 1 < base)
      tell(said, `fewer than ${base} numbers may be left of the rest of what it is a share of`, base);
  }
  for (const [said, part, whole] of plain.matchAll(COUNTS)) {
    targets++;
    const number = (digits: string | undefined) => Number(digits?.replaceAll(',', ''));
    if (number(part) !== wholeOf('unlocated')?.value || number(whole) !== wholeOf('map', 'unlocated')?.value)
      tell(said, 'it is not what the table of places says');
  }
  return { targets, leaks };
}
