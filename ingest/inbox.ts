/** The inboxes: one folder a source, in which its supplier's files are dropped. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SourceError } from './source-error.ts';

/**
 * The files of a source's inbox by name, without hidden ones and those still being copied (.part, .tmp); none where there
 * is no inbox.
 *
 * @throws SourceError where it cannot be looked into: what is in it would be passed over in silence.
 */
export async function listInbox(folder: string, source: string): Promise<string[]> {
  const inbox = join(folder, 'inbox', source);
  const entries = await readdir(inbox, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new SourceError(
      `${inbox} cannot be looked into: let this user read it, and see that it is a folder`,
    );
  });
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

/** What tells a file from another that takes its place. */
export interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Removes a source file whose records are in the store, once it has lain there for as long as the partnership keeps
 * them: a file that was written long before it was delivered is kept as long as any other. What has taken the file's
 * place since it was read (`size` and `mtimeMs` then) is never removed.
 */
export async function disposeOf(
  path: string,
  afterCommit: string,
  now: number,
  read: FileState,
): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.size !== read.size || found.mtimeMs !== read.mtimeMs) return false;
  const days = afterCommit === 'delete' ? 0 : Number(/\d+/.exec(afterCommit)?.[0]);
  // Days are not counted for a file that goes at once: its clock may be ahead of this one.
  if (days > 0 && now - Math.max(found.mtimeMs, found.ctimeMs) < days * 86_400_000) return false;
  await rm(path);
  return true;
}
