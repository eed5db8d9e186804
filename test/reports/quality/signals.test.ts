import { expect, test } from 'vitest';
import { signalText } from '../../../commands/quality-text.ts';
import type { RecordClass } from '../../../reports/quality/read-records.ts';
import { findSignals, monthsBetween } from '../../../reports/quality/signals.ts';

const records = (countOf: (month: string, i: number) => number): RecordClass[] =>
  monthsBetween('2023-01', '2025-06').flatMap((month, i) => {
    const n = countOf(month, i);
    const same = { arrival: '', delay: '', time: 'an hour', copied: '', weapon_code: '', place_code: '' };
    const known = { place_text: '', band: '21-00', weapon: 'body', located_by: 'place', months_late: null };
    const flags = { home: false, mapped: true, age: true, sex: true };
    return n > 0 ? [{ source: 'ed', supplier: 'ed', month, n, ...same, ...known, ...flags }] : [];
  });
const signalsOf = (countOf: (month: string, i: number) => number) =>
  findSignals(records(countOf), () => '2025-06');

test('months without any record are told as one gap, and make no other month unusual', () => {
  const signals = signalsOf((month, i) => (month >= '2024-05' && month <= '2024-12' ? 0 : 100 + (i % 3)));
  expect(signals).toMatchObject([
    { kind: 'volume', month: '2024-05', until: '2024-12', before: 101, after: 0 },
  ]);
  expect(signals.map(signalText).join()).toContain('ed: no record from 2024-05 to 2024-12 where about 101');
});

test('a gap at the end is one as well; where few are usual an empty month is none', () => {
  expect(signalsOf((month) => (month === '2025-06' ? 0 : 40))).toMatchObject([
    { month: '2025-06', until: '2025-06' },
  ]);
  expect(signalsOf((_, i) => i % 4)).toEqual([]);
});

test('a month of which little was delivered is told with about how much', () => {
  const signals = signalsOf((month, i) => (month === '2024-11' ? 5 : 100 + (i % 3)));
  expect(signals).toHaveLength(1);
  expect(signals.map(signalText).join()).toMatch(/about \d records in 2024-11, season and trend taken out/);
});
