import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cardiff } from '../cardiff-process.ts';
import { type Row, releasesOf, row, rowsOf } from '../reports/audit/leaky.ts';

vi.setConfig({ testTimeout: 120_000 });

async function folderOf(rows: readonly Row[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const { period, files } of releasesOf(rows))
    for (const [path, content] of files) {
      const target = join(folder, 'releases', period, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
  return folder;
}

test('a folder that holds says so and ends with 0, needing neither settings nor key', async () => {
  const { code, stdout } = await cardiff(['audit', '--dir', await folderOf(rowsOf())]);
  expect(stdout).toContain('Attacked 4 releases');
  expect(stdout).toMatch(/narrowest: \d+ of \d+ numbers remain possible/);
  expect(stdout).toContain('No leak');
  expect(code).toBe(0);
});

test('a leak is named with what is proved and what was allowed, and ends with 1', async () => {
  const again = row('2024-02', 'month', '2024-02', 55, 'month');
  const folder = await folderOf([...rowsOf(), again]);
  const { code, stdout } = await cardiff(['audit', '--dir', folder]);
  expect(stdout).toMatch(/^LEAK {2}ed, /m);
  expect(code).toBe(1);
  const one = await cardiff(['audit', '2024-Q3', '--dir', folder]);
  expect(one.stdout).toContain('Attacked 1 release,');
  expect(one.code).toBe(0);
});

test('exact numbers from elsewhere are taken, and refused in one sentence where they are none', async () => {
  const folder = await folderOf(rowsOf());
  const known = async (text: string) => {
    await writeFile(join(folder, 'known.csv'), text);
    return cardiff(['audit', '--dir', folder, '--knowing', join(folder, 'known.csv')]);
  };
  const good = await known('source,period,cut,atom,records\ned,2024-Q1,total,total,125\n');
  expect(good.stdout).toContain('with exact numbers from elsewhere');
  const bad = await known('source,period,cut,atom,records\ned,2024-Q1,total,total,many\n');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('known.csv, line 2');
  const idle = await known('source,period,cut,atom,records\ned,2031-Q1,total,total,5\n');
  expect(idle.code).toBe(1);
  expect(idle.stderr).toContain('nothing released speaks of it');
});

test('no release is no success', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect((await cardiff(['audit', '--dir', folder])).code).toBe(2);
  expect((await cardiff(['audit', 'nowhere', '--dir', folder])).code).toBe(2);
});
