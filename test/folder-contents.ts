/** What lies in a folder, for comparing two of them byte by byte. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** SHA-256 of every file below a folder, by its path with forward slashes, in order. */
export function hashFolder(folder: string): Record<string, string> {
  return Object.fromEntries(listFiles(folder).map((path) => [path, hashFile(join(folder, path))]));
}

export const hashFile = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

/** Every file below a folder, hidden ones as well, in order. */
export const listFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
