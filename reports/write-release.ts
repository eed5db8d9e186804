/** The folder of a release: the only place that writes released files. It appears whole or not at all. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of a release: its path in the folder, and its bytes or how to write it there. */
export interface ReleaseFile {
  readonly path: string;
  readonly content: string | Uint8Array | ((path: string) => Promise<void>);
}

export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What became of the folder: made new, found to hold the same bytes already, or found to hold others. */
export type WriteOutcome = 'written' | 'the same' | { readonly differs: readonly string[] };

/**
 * Writes files and their manifest into `folder`. The manifest is `about` with every file's size and SHA-256, so
 * equal content gives equal bytes. A folder that exists is never changed, unless `replace` is set: then the new
 * one takes its place.
 */
export async function writeRelease(
  folder: string,
  files: readonly ReleaseFile[],
  about: object,
  replace = false,
): Promise<WriteOutcome> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await removeUnfinished(parent);
  const made = await mkdtemp(join(parent, UNFINISHED));
  try {
    const listed: ManifestFile[] = [];
    for (const { path, content } of files) {
      const target = join(made, path);
      await mkdir(dirname(target), { recursive: true });
      if (typeof content === 'function') await content(target);
      else await writeFile(target, content);
      const bytes = await readFile(target);
      listed.push({ path, bytes: bytes.length, sha256: sha256(bytes) });
    }
    const manifest = `${JSON.stringify({ ...about, files: listed }, null, 2)}\n`;
    await writeFile(join(made, 'manifest.json'), manifest);
    if (!replace && (await stat(folder).catch(() => undefined)))
      return await compare(folder, listed, manifest);
    if (replace) await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
    return 'written';
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const UNFINISHED = '.unfinished-';
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** Removes what a process that was killed left behind. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name.startsWith(UNFINISHED)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function compare(
  folder: string,
  files: readonly ManifestFile[],
  manifest: string,
): Promise<WriteOutcome> {
  const differs: string[] = [];
  for (const { path, sha256: wanted } of files) {
    const found = await readFile(join(folder, path)).catch(() => undefined);
    if (!found || sha256(found) !== wanted) differs.push(path);
  }
  const found = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => '');
  if (found !== manifest) differs.push('manifest.json');
  return differs.length === 0 ? 'the same' : { differs };
}

/** SHA-256 of the manifest of the latest release before `period` in time; null for the first. */
export async function previousManifest(
  releases: string,
  period: string,
  endOf: (period: string) => string,
): Promise<string | null> {
  const names = (await readdir(releases).catch(() => [])).filter((name) =>
    /^\d{4}-(Q[1-4]|\d{2})$/.test(name),
  );
  const rank = (name: string) => `${endOf(name)}|${name}`;
  const before = names
    .filter((name) => rank(name) < rank(period))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .at(-1);
  const text =
    before && (await readFile(join(releases, before, 'manifest.json'), 'utf8').catch(() => undefined));
  return text ? sha256(text) : null;
}
