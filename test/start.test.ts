import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cardiff } from './cardiff-process.ts';

test('npm start makes a city and its release, and lists what was made, within a minute', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-start-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const city = join(folder, 'city');
  const { code, stdout, stderr } = await cardiff(['demo', '--dir', city], { cwd: folder });
  expect(stderr).not.toContain('cardiff: ');
  expect(code).toBe(0);
  const listed = stdout.split('\n').filter((line) => line.startsWith('  city/'));
  const paths = listed.map((line) => line.trim());
  for (const name of [
    'board.pdf',
    'board.html',
    'public/summary.pdf',
    'manifest.json',
    'tables/places.csv',
    'tables/places.parquet',
  ])
    expect(paths).toContain(`city/releases/2025-Q3/${name}`);
  for (const name of ['store.duckdb', 'board.duckdb', 'analyst.duckdb'])
    expect(paths).toContain(`city/data/${name}`);
  for (const path of paths) {
    expect(existsSync(join(folder, path)), path).toBe(true);
    expect(statSync(join(folder, path)).size, path).toBeGreaterThan(0);
  }
  // Asked again, it takes the folder that is there and changes nothing.
  const again = await cardiff(['demo', '--dir', city], { cwd: folder });
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('As it was released before, for 2025-Q3:');
});
