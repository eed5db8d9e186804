/** What publish does with the attacker's answer. The attacker itself is tried in test/reports/audit/. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type AuditedRelease, auditReleases } from '../../reports/audit/audit.ts';
import { changeFile, copyOf, inTown, makeCity, type Town } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });
// The attacker is the real one: it is only watched.
vi.mock('../../reports/audit/audit.ts', async (original) => {
  const real = await original<typeof import('../../reports/audit/audit.ts')>();
  return { ...real, auditReleases: vi.fn(real.auditReleases) };
});
const attacker = vi.mocked(auditReleases);

let city: string;
beforeAll(async () => {
  city = await makeCity();
  await inTown(city, async ({ read, publish }) => {
    await read();
    await publish({ period: '2024-12' });
  });
});
afterAll(() => rm(city, { recursive: true, force: true }));

const own = (threshold: number, base: number, bands: string) =>
  `policy: { name: ours, rounding: additive, threshold: ${threshold}, base: ${base}, reserve: 1.5, historyMonths: 12,
    minAddresses: 8, partnershipThreshold: ${base}, partnershipBands: [${bands}] }`;
const inUse = 'policy: additive-10-5';
/** Rules that settings take at the beginning of a year, and that do not hold. */
const LEAKING = {
  /** One record of one's own tells nearly how many there are. */
  lowThreshold: own(4, 4, '4, 10, 20, 40'),
  /** Bands that say more than any figure. */
  narrowBands: own(10, 5, '5, 8, 11, 14, 17, 20, 40'),
};
const CELL =
  /^2025-Q1 is not published: with what was released before it would show (ed|miu|police|ambulance), 2025-Q1, [\w ]+, .+ more closely than the policy allows \(.+\)$/;

/** How many rows each table of the store has, without the register. */
async function sizesOf({ store }: Town): Promise<Record<string, number>> {
  const tables = await store.query<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary AND table_name <> 'register' ORDER BY name`,
  );
  const sizes: Record<string, number> = {};
  for (const { name } of tables)
    sizes[name] =
      (await store.query<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${name}`))[0]?.n ?? -1;
  return sizes;
}

const linesOf = async (folder: string) =>
  (await readFile(join(folder, 'register.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a release that would leak is refused with the cell, and nothing of it is there', async () => {
  const folder = await copyOf(city);
  const before = await linesOf(folder);
  const quarter = { period: '2025-Q1' };
  await changeFile(folder, 'cardiff.yaml', inUse, LEAKING.lowThreshold);
  await inTown(folder, async (town) => {
    const frozen = await sizesOf(town);
    await expect(town.publish(quarter)).rejects.toThrow(CELL);
    expect(await sizesOf(town)).toEqual(frozen);
  });
  await changeFile(folder, 'cardiff.yaml', LEAKING.lowThreshold, LEAKING.narrowBands);
  await inTown(folder, async ({ publish }) => {
    await expect(publish({ ...quarter, draft: true })).rejects.toThrow(CELL);
  });
  expect(readdirSync(join(folder, 'releases'))).toEqual(['2024-12']);
  expect(existsSync(join(folder, 'drafts/2025-Q1'))).toBe(false);
  const refusals = (await linesOf(folder)).slice(before.length);
  expect(refusals).toHaveLength(2);
  for (const line of refusals) {
    expect(line).toMatchObject({ event: 'refusal', period: '2025-Q1' });
    expect(line.because).toMatch(CELL);
    // What is proved stays with the operator.
    expect(line).not.toHaveProperty('low');
    expect(line.because).not.toContain('proved');
  }
  // What was refused can be published once it leaks no more: other rules from another year on are no leak of the old ones.
  await changeFile(folder, 'cardiff.yaml', LEAKING.narrowBands, own(18, 6, '6, 12, 24, 48'));
  await inTown(folder, async ({ publish }) => expect((await publish(quarter)).made).toBe(true));
});

test('the attacker is given every earlier release as it lies there, and the new one with all that others may see', async () => {
  const folder = await copyOf(city);
  attacker.mockClear();
  await inTown(folder, async ({ publish }) => {
    await publish({ period: '2025-Q1' });
    // Made anew, it is not attacked again: its proof stays what it was.
    await publish({ period: '2025-Q1' });
  });
  expect(attacker).toHaveBeenCalledTimes(1);
  const [releases] = attacker.mock.calls[0] as [readonly AuditedRelease[]];
  expect(releases.map(({ period }) => period)).toEqual(['2024-12', '2025-Q1']);
  for (const { period, files } of releases) {
    const names = [...files.keys()];
    for (const name of [
      'manifest.json',
      'board.pdf',
      'board.html',
      'public/summary.pdf',
      'public/tables/months.csv',
      ...(period === '2025-Q1' ? ['tables/partnership_places.csv'] : []),
    ])
      expect(names).toContain(name);
    expect(names.filter((name) => /^(partners|operational)\//.test(name))).toEqual([]);
    expect(files.get('board.pdf')).toBeInstanceOf(Uint8Array);
    expect(files.get('tables/months.csv')).toBe(
      await readFile(join(folder, 'releases', period, 'tables/months.csv'), 'utf8'),
    );
  }
});
