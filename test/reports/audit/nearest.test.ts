// A policy of stars: values each by themselves, what is below the threshold a star, what is in the reserve no row at all.
import { describe, expect, test } from 'vitest';
import { type AuditedRelease, auditReleases } from '../../../reports/audit/audit.ts';

const POLICY = { name: 'ecds-8-5', rounding: 'nearest', threshold: 8, base: 5, partnershipThreshold: 5 };
const MONTHS = ['2024-01', '2024-02', '2024-03'];
type Counts = Readonly<Record<string, number>>;

interface Shown {
  readonly months?: readonly number[];
  readonly weapon?: Counts;
  readonly located?: Counts;
  readonly persons?: boolean;
  /** What is printed beside a star. */
  readonly star?: readonly [low: number, high: number | ''];
  readonly page?: string;
}

function releaseOf(shown: Shown): AuditedRelease {
  const { months = [42, 38, 40], weapon = { body: 61, blunt: 12, knife: 3, glass: 0 } } = shown;
  const on = shown.persons ? 'persons' : 'records';
  const star = shown.star ?? [1, shown.persons ? '' : 7];
  const row = (period: string, cut: string, atom: string, n: number, level: string) => {
    const value = 5 * Math.round(n / 5);
    const figures = n === 0 ? [0, 0, 0] : n < 8 ? ['*', ...star] : [value, value - 2, value + 2];
    return ['ed', period, cut, atom, level, atom, on, ...figures].join(',');
  };
  const ofCut = (cut: string, counts: Counts) =>
    Object.entries(counts)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([atom, n]) => row('2024-Q1', cut, atom, n, 'category'));
  const header = 'source,period,cut,atom,level,label,threshold_on,value,low,high';
  const table = (rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`;
  const ground = [...Object.keys(weapon).map((atom) => [atom, 'block'] as const), ['unknown', 'reserve']]
    .map(([atom, role]) => `ed,2024-Q1,weapon,${atom},category,${atom},${role},`)
    .toSorted();
  return {
    period: '2024-Q1',
    files: new Map([
      ['manifest.json', JSON.stringify({ release: '2024-Q1', policy: POLICY })],
      [
        'public/tables/months.csv',
        table(months.map((n, i) => row(MONTHS[i]!, 'month', MONTHS[i]!, n, 'month'))),
      ],
      ['public/tables/weapons.csv', table(ofCut('weapon', weapon))],
      ['public/tables/located.csv', table(ofCut('located', shown.located ?? {}))],
      [
        'public/tables/geography.csv',
        `source,first_quarter,cut,atom,level,label,role,cells\n${ground.join('\n')}\n`,
      ],
      ['board.html', shown.page ?? ''],
    ]),
  };
}

const attack = (shown: Shown = {}) => auditReleases([releaseOf(shown)]);

describe('what has no row may be any number', () => {
  test.each<[string, Shown]>([
    ['44 of unknown weapon, which the reserve holds', {}],
    ['next to nobody in the reserve', { weapon: { body: 90, blunt: 20, knife: 8, glass: 0 } }],
    ['persons who are few, with any number of records', { persons: true }],
    ['parts that happen to add up to the months', { weapon: { body: 60, blunt: 30, knife: 20, glass: 10 } }],
    ['those at home apart from the not located', { located: { home: 50, unlocated: 20 } }],
    ['those at home without a row', { located: { unlocated: 20 } }],
  ])('%s: nothing is narrower than the policy says', async (_, shown) => {
    const { leaks, attacks } = await attack(shown);
    expect(leaks).toEqual([]);
    // Zeros aside, the narrowest that the attacker finds is the five numbers of a value.
    expect(Math.min(...attacks.flatMap(({ narrowest }) => narrowest?.width ?? []))).toBe(5);
  });
});

describe('the attacker finds', () => {
  test('a star that a whole gives away', async () => {
    const { leaks } = await attack({ months: [30, 25, 15], weapon: { body: 63, blunt: 10, knife: 4 } });
    expect(leaks).toContainEqual(
      expect.objectContaining({ where: 'ed, 2024-Q1, weapon, knife', low: 1, nominalHigh: 7 }),
    );
  });

  test('a quarter whose parts are at least more than its months', async () => {
    const { leaks } = await attack({ weapon: { body: 90, blunt: 30, knife: 3, glass: 0 } });
    expect(leaks).toContainEqual(
      expect.objectContaining({ where: 'ed, 2024-Q1, the quarter as a whole', low: 117, nominalLow: 114 }),
    );
  });

  test('a star that says more than it may', async () => {
    const { leaks } = await attack({ star: [3, 7] });
    expect(leaks).toContainEqual(
      expect.objectContaining({
        where: 'ed, 2024-Q1, weapon, knife',
        why: expect.stringMatching(/row itself/),
      }),
    );
  });

  test('everybody of one kind', async () => {
    const { leaks } = await attack({ months: [8, 8, 8], weapon: { body: 33 } });
    expect(leaks.some(({ attack: by }) => by.includes('homogeneity'))).toBe(true);
    expect((await attack({ weapon: { body: 90 } })).leaks).toEqual([]);
  });

  test('the bounds of a sum that are those of one value: values each by themselves add up theirs', async () => {
    const page = (low: number, high: number) => `<p>120 [${low}\u2013${high}] records</p>`;
    expect((await attack({ page: page(114, 126) })).leaks).toEqual([]);
    expect((await attack({ page: page(118, 122) })).leaks.length).toBe(2);
  });
});
