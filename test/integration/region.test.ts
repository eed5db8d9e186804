import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ingest } from '../../commands/ingest.ts';
import { openPartnership, openPartnershipStore } from '../../commands/partnership.ts';
import { publish } from '../../commands/publish.ts';
import { synth } from '../../commands/synth.ts';
import { projectFolder } from '../cardiff-process.ts';
import { hashFolder } from '../folder-contents.ts';

const PERIOD = '2025-Q3';

/** The statements of examples/region.md: what an owner does, and what whoever publishes does. */
function statements(shared: string, owner: string): [own: string[], publishing: string[]] {
  const example = readFileSync(join(projectFolder(), 'examples/region.md'), 'utf8');
  const blocks = [...example.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) =>
    (sql as string)
      .replaceAll("'shared/", `'${shared}/`)
      .replaceAll('OWNER_{i}', `${owner}_{i}`)
      .replaceAll('OWNER.file', `${owner}.file`)
      .split(';\n')
      .filter((statement) => statement.trim() !== ''),
  );
  return blocks as [string[], string[]];
}

test('a release from the shared Parquet of two owners is that of one store, byte for byte', async () => {
  const home = await mkdtemp(join(tmpdir(), 'cardiff-region-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const folders = ['one', 'east', 'west', 'publisher'].map((name) => join(home, name));
  const [one, east, west, publisher] = folders as [string, string, string, string];
  await synth(one, { seed: 5, months: 15, scale: 0.5 });
  for (const folder of [east, west, publisher]) cpSync(one, folder, { recursive: true });
  const shared = join(home, 'shared');
  mkdirSync(shared);
  const read = async (folder: string, sources: readonly string[], after: readonly string[] = []) => {
    const partnership = await openPartnership(folder);
    const store = await openPartnershipStore(folder);
    for (const source of sources) await ingest(partnership, store, [], source);
    for (const sql of after) await store.run(sql);
    return { partnership, store };
  };
  const make = async ({ partnership, store }: Awaited<ReturnType<typeof read>>) => {
    await publish(partnership, store, { period: PERIOD, draft: false, without: [] });
    store.close();
    return hashFolder(join(partnership.folder, 'releases'));
  };
  const wanted = await make(await read(one, ['ed', 'miu', 'police', 'ambulance']));
  for (const [folder, sources] of [
    [east, ['ed']],
    [west, ['miu', 'police', 'ambulance']],
  ] as const)
    (await read(folder, sources, statements(shared, folder === east ? 'east' : 'west')[0])).store.close();
  const got = await make(await read(publisher, [], statements(shared, '')[1]));
  expect(Object.keys(wanted).length).toBeGreaterThan(10);
  expect(got).toEqual(wanted);
}, 120_000);
