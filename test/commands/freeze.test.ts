/** What is frozen stays: whatever happens to the records afterwards, no byte of an earlier release changes. */
import { cpSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Store } from '../../transform/store.ts';
import { hashFolder } from '../folder-contents.ts';
import { copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/** A month and two quarters are released. */
let released: string;
const PERIODS = ['2025-05', '2025-Q2', '2025-Q3'];

beforeAll(async () => {
  released = await makeCity(15);
  await inTown(released, async ({ read, publish }) => {
    await read();
    for (const period of PERIODS) await publish({ period });
  });
});
afterAll(() => rm(released, { recursive: true, force: true }));

const ONE = `source = (SELECT id FROM term WHERE text = 'ed') AND cell IS NOT NULL AND month = DATE '2025-08-01'`;
const CHANGES: readonly [what: string, change: (store: Store) => Promise<void>][] = [
  [
    'a record is added',
    (store) =>
      store.run(
        `INSERT INTO incident_row SELECT * REPLACE (key0 + 1 AS key0) FROM incident_row WHERE ${ONE} LIMIT 1`,
      ),
  ],
  [
    'a record is removed',
    (store) =>
      store.run(`DELETE FROM incident_row WHERE key0 = (SELECT min(key0) FROM incident_row WHERE ${ONE})`),
  ],
  [
    'a record is changed',
    (store) =>
      store.run(
        `UPDATE incident_row SET cell = NULL, weapon = 'firearm' WHERE key0 = (SELECT min(key0) FROM incident_row WHERE ${ONE})`,
      ),
  ],
  ['every record is gone', (store) => store.run('DELETE FROM incident_row; DELETE FROM counted')],
];

describe('every release is made again to the same bytes when, after it,', () => {
  test.each(CHANGES)('%s', async (_, change) => {
    const folder = await copyOf(released);
    const before = hashFolder(join(folder, 'releases'));
    await rm(join(folder, 'releases'), { recursive: true });
    await inTown(folder, async ({ store, publish }) => {
      await change(store);
      for (const period of PERIODS) await publish({ period });
    });
    expect(hashFolder(join(folder, 'releases'))).toEqual(before);
  });

  test('a protector that counts a period anew is caught', async () => {
    const folder = await copyOf(released);
    const before = hashFolder(join(folder, 'releases'));
    await inTown(folder, async ({ store, publish }) => {
      const [add] = CHANGES;
      for (let i = 0; i < 12; i++) await add![1](store);
      for (const table of [
        'release',
        'released',
        'release_period',
        'partnership',
        'partnership_made',
        'month_phase',
        'counted',
        'counted_supplier',
        'geography',
        'geography_cell',
        'policy_of_year',
        'release_audit',
        'operational',
        'recording',
        'recording_made',
      ])
        await store.run(`DELETE FROM ${table}`);
      cpSync(join(folder, 'releases'), join(folder, 'kept'), { recursive: true });
      await rm(join(folder, 'releases'), { recursive: true });
      const again = async () => {
        for (const period of PERIODS) await publish({ period });
      };
      await expect(again()).rejects.toThrow(
        /was released before, and would now differ in .*tables\/months\.csv/,
      );
    });
    expect(hashFolder(join(folder, 'releases'))).not.toEqual(before);
  });
});
