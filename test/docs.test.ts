import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { dictionary } from '../commands/dictionary.ts';
import { TEST_KEY } from './partnership-folder.ts';
import { queryOutput } from './query-output.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cardiff-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] as string,
  );

test('every command of the README runs, in its order, and its queries answer what it says', async () => {
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
    // What is drawn and rounded depends on the key.
    if (args[0] === 'synth')
      writeFileSync(join(folder, 'town/secrets/partnership.key'), `${TEST_KEY}\n`, { mode: 0o600 });
  }
  // "vitest -u" writes what they answer into README.
  await expect(await withOutputs(readme)).toMatchFileSnapshot('../README.md');
}, 120_000);

/** The README with what its queries answer beneath each block of them. */
async function withOutputs(text: string): Promise<string> {
  const parts: string[] = [];
  let end = 0;
  for (const match of text.matchAll(/^```sql\n([\s\S]*?)^```\n(?:\n```text\n[\s\S]*?^```\n)?/gm)) {
    const [, sql = ''] = match;
    const file = sql.startsWith('-- board.duckdb') ? 'board.duckdb' : 'analyst.duckdb';
    const answers: string[] = [];
    for (const query of sql.split(';\n').filter((each) => each.trim() !== ''))
      answers.push(await queryOutput(join(folder, 'town/data', file), query));
    for (const answer of answers)
      expect({ sql, lines: answer.split('\n').length > 1 }).toEqual({ sql, lines: true });
    parts.push(
      text.slice(end, match.index),
      `\`\`\`sql\n${sql}\`\`\`\n\n\`\`\`text\n${answers.join('\n\n')}\n\`\`\`\n`,
    );
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)].join('');
}

test('every script that the README names is one of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?(?:-s )?([a-z-]+)/g)].map((match) => match[1] as string);
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
