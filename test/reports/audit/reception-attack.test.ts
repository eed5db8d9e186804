import { expect, test } from 'vitest';
import type { ValueRow } from '../../../reports/audit/read-release.ts';
import { findInReception, SHARES } from '../../../reports/audit/reception-attack.ts';
import { SHARE_WORDS } from '../../../schemas/recording.ts';

const policy = { threshold: 10, base: 5 } as ValueRow['policy'];
const located = (atom: string, value: number) =>
  ({
    ...{ source: 'ed', period: '2025-Q3', cut: 'located', atom, value, low: Math.max(10, value - 4), policy },
  }) as ValueRow;
const ROWS = [located('home', 50), located('map', 145), located('unlocated', 35)];
const said = (text: string, rows = ROWS) =>
  findInReception('2025-Q3, public/receptions/ed.pdf', 'ed', '2025-Q3', text, rows);

test('the attacker knows every share that pages have words for', () => {
  expect([...SHARES.keys()]).toEqual(Object.values(SHARE_WORDS));
});

test('classes and counts that leave everything its numbers are no leak', () => {
  const { targets, leaks } = said(
    `35 of 180 in public places without a place that could be found. Two thirds or more
     of those without a place came between 21:00 and 06:00. In a third to two thirds of these nothing was written.
     Fewer than 1 in 20 of all records lacked the hour.`,
  );
  expect(targets).toBe(4);
  expect(leaks).toEqual([]);
});

test.each([
  ['4 of 180 in public places without a place', ROWS, 'it is not what the table of places says'],
  ['35 of 149 in public places without a place', ROWS, 'it is not what the table of places says'],
  [
    'Half to two thirds of those without a place came',
    ROWS,
    'fewer than 10 numbers are left of the part that it speaks of',
  ],
  [
    'Fewer than 1 in 20 of all records had no hour',
    [located('home', 15), located('map', 60)],
    'fewer than 10 numbers are left',
  ],
  [
    'Two thirds or more of the records of homes had words',
    [located('home', 10)],
    'fewer than 5 numbers may be left of the rest',
  ],
  ['Half or more of the records of homes had words', ROWS.slice(1), 'it is a share of what no table shows'],
])('%s', (text, rows, why) => {
  expect(said(text, rows).leaks.map((leak) => leak.why)).toEqual([expect.stringContaining(why)]);
});
