// Installs what is missing and builds what has changed, so that each npm script is one command on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const newest = (path) =>
  statSync(path).isDirectory()
    ? Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
    : modified(path);

// The output of installing and building goes to stderr: stdout belongs to the command that follows.
function run(command, args, shell = false) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2], shell });
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}\n`);
    process.exit(1);
  }
}

if (modified('node_modules/.package-lock.json') < modified('package.json')) {
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], true);
  const now = new Date();
  utimesSync('node_modules/.package-lock.json', now, now);
}
const sources = [
  'main.ts',
  'tsconfig.json',
  'commands',
  'schemas',
  'ingest',
  'transform',
  'reports',
  'bench',
];
if (modified('dist/main.js') < Math.max(...sources.map(newest))) {
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);
}
