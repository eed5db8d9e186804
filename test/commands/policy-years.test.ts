/** What becomes of releases when the policy changes at New Year: every figure goes on by the rules of its own year. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { audit } from '../../commands/audit.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 90_000 });

/** Two years of which nothing is released. */
let city: string;
beforeAll(async () => {
  city = await makeCity(24);
  await inTown(city, ({ read }) => read());
});
afterAll(() => rm(city, { recursive: true, force: true }));

const IN_USE = 'policy: additive-10-5';
const OWN = `policy: { name: ours, rounding: additive, threshold: 6, base: 3, reserve: 1.5, historyMonths: 12,
    minAddresses: 8, partnershipThreshold: 6, partnershipBands: [6, 12, 24, 48] }`;
const STARS = 'policy: ecds-8-5';

const attack = (folder: string, ...positionals: string[]) =>
  audit({ dir: folder, positionals, json: false } as unknown as Parameters<typeof audit>[0]);
const policyIn = async (folder: string, period: string) =>
  JSON.parse(await readFile(join(folder, 'releases', period, 'manifest.json'), 'utf8')).policy;

describe('a policy that changes at New Year is held to by its own audit', () => {
  test.each([
    ['additive-10-5', IN_USE, 'ecds-8-5', STARS],
    ['ecds-8-5', STARS, 'additive-10-5', IN_USE],
    ['ours', OWN, 'ecds-8-5', STARS],
  ])('from %s', async (before, old, after, next) => {
    const folder = await copyOf(city);
    if (old !== IN_USE) await changeFile(folder, 'cardiff.yaml', IN_USE, old);
    await inTown(folder, ({ publish }) => publish({ period: '2024-Q4' }));
    await changeFile(folder, 'cardiff.yaml', old, next);
    await inTown(folder, async ({ publish }) => {
      expect((await publish({ period: '2025-Q1' })).made).toBe(true);
      // Made again, it has the same bytes.
      expect((await publish({ period: '2025-Q1' })).made).toBe(false);
    });
    expect((await attack(folder)).text).toContain('No leak');
    // Whoever has the new release alone reads in it by which rules the figures of the old year stand.
    expect((await attack(folder, '2025-Q1')).text).toContain('No leak');
    expect(await policyIn(folder, '2025-Q1')).toMatchObject({
      name: after,
      earlierYears: { 2024: { name: before } },
    });
    expect(await policyIn(folder, '2024-Q4')).not.toHaveProperty('earlierYears');
    expect(await readFile(join(folder, 'releases/2025-Q1/board.html'), 'utf8')).toContain(
      `Figures of 2024 stand by the policy ${before}`,
    );
  });
});

test('a source that joins in the new year has the months of the old one by the rules of the old one', async () => {
  const folder = await copyOf(city);
  await inTown(folder, ({ publish }) => publish({ period: '2024-12', without: ['miu'] }));
  await changeFile(folder, 'cardiff.yaml', IN_USE, OWN);
  await inTown(folder, async ({ publish, store }) => {
    expect((await publish({ period: '2025-01' })).made).toBe(true);
    const years = await store.query(
      `SELECT left(period, 4)::INTEGER AS year, bool_and(value % 5 = 0) AS old, bool_and(value % 3 = 0) AS ours
       FROM released WHERE source = 'miu' GROUP BY year ORDER BY year`,
    );
    expect(years).toEqual([
      { year: 2023, old: true, ours: false },
      { year: 2024, old: true, ours: false },
      { year: 2025, old: expect.any(Boolean), ours: true },
    ]);
  });
  expect((await attack(folder)).text).toContain('No leak');
});
