import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder: compiled code lies deeper in it than the sources do. */
export function packageRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error('got no package.json above the program, wanted the whole package');
  return packageRoot(above);
}

/** A text file that belongs to the reports: a template, a style sheet, a script. */
export function readAsset(name: string): string {
  return readFileSync(join(packageRoot(), 'reports', 'board', name), 'utf8');
}
