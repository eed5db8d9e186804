/** What publish does with the attacker's answer. The attacker itself is tried in test/reports/audit/. */
import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type AuditedRelease, auditReleases } from '../../reports/audit/audit.ts';
import type { AuditReport, Leak } from '../../reports/audit/report.ts';
import { copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });
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
    await publish({ period: '2025-Q2' });
  });
});
afterAll(() => rm(city, { recursive: true, force: true }));

const LEAK: Leak = {
  attack: 'differencing of two releases',
  where: 'Emergency department, 2025-Q3, place, Ropewalk',
  low: 7,
  high: 9,
  nominalLow: 0,
  nominalHigh: 9,
  why: 'two pools differ by one area',
};
const leaking: AuditReport = { releases: 2, tiers: ['released'], attacks: [], leaks: [LEAK] };

const linesOf = async (folder: string) =>
  (await readFile(join(folder, 'register.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a release that would leak is refused with the cell, and nothing of it is there', async () => {
  const folder = await copyOf(city);
  const before = await linesOf(folder);
  await inTown(folder, async ({ publish, store }) => {
    const counts = async () => {
      const tables = await store.query<{ name: string }>(
        `SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary AND table_name <> 'register' ORDER BY name`,
      );
      const sizes: Record<string, number> = {};
      for (const { name } of tables)
        sizes[name] =
          (await store.query<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${name}`))[0]?.n ?? -1;
      return sizes;
    };
    const frozen = await counts();
    attacker.mockResolvedValueOnce(leaking);
    await expect(publish()).rejects.toThrow(
      '2025-Q3 is not published: with what was released before it would show Emergency department, 2025-Q3, place, Ropewalk more closely than the policy allows (differencing of two releases)',
    );
    expect(await counts()).toEqual(frozen);
    attacker.mockResolvedValueOnce(leaking);
    await expect(publish({ draft: true })).rejects.toThrow('2025-Q3 is not published');
  });
  expect(readdirSync(join(folder, 'releases'))).toEqual(['2025-Q2']);
  expect(existsSync(join(folder, 'drafts/2025-Q3'))).toBe(false);
  const refusals = (await linesOf(folder)).slice(before.length);
  expect(refusals).toHaveLength(2);
  for (const line of refusals) {
    expect(line).toMatchObject({ event: 'refusal', period: '2025-Q3' });
    expect(line.because).toContain(LEAK.where);
    // What is proved stays with the operator.
    expect(line.because).not.toMatch(/\b[79]\b/);
  }
  // What was refused can be published once it leaks no more.
  await inTown(folder, async ({ publish }) => expect((await publish()).made).toBe(true));
});

test('the attacker is given every earlier release as it lies there, and the new one with all that others may see', async () => {
  const folder = await copyOf(city);
  attacker.mockClear();
  await inTown(folder, async ({ publish }) => {
    await publish();
    // Made anew, it is not attacked again: its proof stays what it was.
    await publish();
  });
  expect(attacker).toHaveBeenCalledTimes(1);
  const [releases] = attacker.mock.calls[0] as [readonly AuditedRelease[]];
  expect(releases.map(({ period }) => period)).toEqual(['2025-Q2', '2025-Q3']);
  for (const { period, files } of releases) {
    const names = [...files.keys()];
    for (const name of [
      'manifest.json',
      'board.pdf',
      'board.html',
      'public/summary.pdf',
      'public/tables/months.csv',
      'tables/partnership_places.csv',
    ])
      expect(names).toContain(name);
    expect(names.filter((name) => /^(partners|operational)\//.test(name))).toEqual([]);
    expect(files.get('board.pdf')).toBeInstanceOf(Uint8Array);
    expect(files.get('tables/months.csv')).toBe(
      await readFile(join(folder, 'releases', period, 'tables/months.csv'), 'utf8'),
    );
  }
});
