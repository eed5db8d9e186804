/** Figures by place with a threshold of their own, as settings ask for where sexual offences may be among them. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { audit } from '../../commands/audit.ts';
import { loadSettings } from '../../commands/load-settings.ts';
import { parseCsv } from '../../reports/audit/read-release.ts';
import { hashFolder } from '../folder-contents.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

let city: string;
beforeAll(async () => {
  city = await makeCity();
  await inTown(city, ({ read }) => read());
});
afterAll(() => rm(city, { recursive: true, force: true }));

const IN_USE = 'policy: additive-10-5';

describe('what is by place begins at its own threshold, and the audit holds it to that', () => {
  test.each([
    ['additive-10-5', 15],
    ['additive-10-5', 20],
    ['ecds-8-5', 13],
  ])('%s, places from %i', async (policy, least) => {
    const folder = await copyOf(city);
    await changeFile(folder, 'cardiff.yaml', IN_USE, `policy: ${policy}`);
    await changeFile(
      folder,
      'cardiff.yaml',
      'sexual_offences_by_place: never',
      `sexual_offences_by_place: ${least}`,
    );
    await inTown(folder, async ({ publish }) =>
      expect((await publish({ period: '2025-Q3' })).made).toBe(true),
    );
    const report = await audit({ dir: folder, positionals: [] } as unknown as Parameters<typeof audit>[0]);
    expect(report.text).toContain('No leak');
    const read = async (path: string) => {
      const { header, rows } = parseCsv(await readFile(join(folder, 'releases/2025-Q3', path), 'utf8'));
      return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
    };
    const places = (await read('public/tables/places.csv')).filter(({ value }) => value !== '*');
    const shown = places.filter(({ value }) => value !== '0');
    expect(shown.length).toBeGreaterThan(5);
    for (const { low } of shown) expect(Number(low)).toBeGreaterThanOrEqual(least);
    const bands = await read('tables/partnership_places.csv');
    expect(bands.length).toBeGreaterThan(5);
    for (const { low } of bands) expect(Number(low)).toBeGreaterThanOrEqual(least);
    const page = await readFile(join(folder, 'releases/2025-Q3/board.html'), 'utf8');
    expect(page).toContain(`places over twelve months are shown from ${least} records`);
    expect(page).toContain(`figures by place are shown from ${least} records`);
    expect(page).toContain(`in bands from ${least} up`);
  });
});

test('what is recorded as a sexual offence is counted once it has a threshold, in files that were read before too', async () => {
  const folder = await copyOf(city);
  const among = "SELECT count(*)::INTEGER AS n FROM incident WHERE offence = 'sexual offence'";
  await inTown(folder, async ({ store, read }) => {
    await read();
    expect(await store.query(among)).toEqual([{ n: 0 }]);
  });
  await changeFile(folder, 'cardiff.yaml', 'sexual_offences_by_place: never', 'sexual_offences_by_place: 20');
  await inTown(folder, async ({ store, read }) => {
    await read();
    const [row] = await store.query<{ n: number }>(among);
    expect(row?.n).toBeGreaterThan(20);
  });
});

test('what was read while it was counted is in no figure once settings say never again', async () => {
  const tablesOf = async (folder: string) => {
    await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
    return hashFolder(join(folder, 'releases/2025-Q3/public/tables'));
  };
  const folder = await copyOf(city);
  const [never, counted] = ['sexual_offences_by_place: never', 'sexual_offences_by_place: 20'];
  await changeFile(folder, 'cardiff.yaml', never, counted);
  await inTown(folder, ({ read }) => read());
  await changeFile(folder, 'cardiff.yaml', counted, never);
  await inTown(folder, ({ read }) => read());
  expect(await tablesOf(folder)).toEqual(await tablesOf(await copyOf(city)));
});

test('under a policy of stars, a threshold whose smallest value would stand for fewer numbers is refused', async () => {
  const folder = await copyOf(city);
  await changeFile(folder, 'cardiff.yaml', IN_USE, 'policy: ecds-8-5');
  await changeFile(folder, 'cardiff.yaml', 'sexual_offences_by_place: never', 'sexual_offences_by_place: 14');
  await expect(loadSettings(folder)).rejects.toThrow('else the smallest number that rounds to some multiple');
});
