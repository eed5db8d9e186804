import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { dictionary } from '../commands/dictionary.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cardiff-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  );

test('every command of the README runs, in its order, and its queries answer', async () => {
  const commands = blocks('')
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('npm run -s cardiff -- '));
  expect(commands.length).toBeGreaterThan(4);
  for (const line of commands) {
    const args = line.replace('npm run -s cardiff -- ', '').split(' ');
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/main.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect({ line, status, stderr: status === 0 ? '' : stderr }).toEqual({ line, status: 0, stderr: '' });
  }
  const instance = await DuckDBInstance.create(join(folder, 'town/data/analyst.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  const queries = blocks('sql')
    .flatMap((block) => block.split(';\n'))
    .filter((sql) => sql.trim() !== '');
  for (const sql of queries) {
    const reader = await connection.runAndReadAll(sql);
    expect({ sql, rows: reader.currentRowCount > 0 }).toEqual({ sql, rows: true });
  }
  connection.closeSync();
  instance.closeSync();
}, 120_000);

test('every script that the README names is one of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?(?:-s )?([a-z]+)/g)].map((match) => match[1] as string);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('every command is in the README or in the help that it points to', () => {
  const missing = Object.keys(COMMANDS).filter(
    (name) => !readme.includes(`\`${name}`) && !readme.includes(`-- ${name}`),
  );
  expect(missing).toEqual(['demo']);
});

test('every file and folder that README and ARCHITECTURE name is there', () => {
  const texts = [readme, readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')];
  const named = texts.flatMap((text) =>
    [...text.matchAll(/`((?:schemas|ingest|transform|reports|commands|test|bench)\/[\w./-]*)`/g)].map(
      (m) => m[1] as string,
    ),
  );
  const missing = named.filter((path) => spawnSync('test', ['-e', join(root, path)]).status !== 0);
  expect(missing).toEqual([]);
});

test('the data dictionary is what the schemas say', () => {
  expect(readFileSync(join(root, 'schemas/DICTIONARY.md'), 'utf8')).toBe(dictionary());
});
