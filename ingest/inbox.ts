/** The inboxes: one folder a source, in which its supplier's files are dropped. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The files of a source's inbox by name, without hidden ones and those still being copied (.part, .tmp). */
export async function listInbox(folder: string, source: string): Promise<string[]> {
  const inbox = join(folder, 'inbox', source);
  const entries = await readdir(inbox, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(
      (entry) =>
        entry.isFile() && !entry.name.startsWith('.') && !/\.(part|tmp|crdownload)$/i.test(entry.name),
    )
    .map((entry) => join(inbox, entry.name))
    .sort();
}

/** The source in whose inbox a file lies; undefined for a file elsewhere. */
export function sourceOfPath(folder: string, path: string): string | undefined {
  const parts = relative(join(folder, 'inbox'), path).split(sep);
  return parts.length === 2 && parts[0] !== '..' ? parts[0] : undefined;
}

/**
 * Removes a source file whose records are in the store, once it has lain there for as long as the partnership keeps
 * them: a file that was written long before it was delivered is kept as long as any other.
 */
export async function disposeOf(path: string, afterCommit: string, now: number): Promise<boolean> {
  const days = afterCommit === 'delete' ? 0 : Number(/\d+/.exec(afterCommit)?.[0]);
  const found = await stat(path).catch(() => undefined);
  if (!found || now - Math.max(found.mtimeMs, found.ctimeMs) < days * 86_400_000) return false;
  await rm(path);
  return true;
}
