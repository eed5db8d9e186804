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

/** A folder that is being filled under another name, and what it holds so far. */
export interface UnfinishedRelease {
  readonly folder: string;
  readonly files: readonly ManifestFile[];
}

/** One that has its manifest. */
export interface FinishedRelease extends UnfinishedRelease {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
}

/** Turns a file's bytes into those that only its recipient can read. */
export type Seal = (content: Uint8Array) => Promise<Uint8Array>;

/** What became of the folder: made new, found to hold the same bytes already, or found to hold others. */
export type WriteOutcome = 'written' | 'the same' | { readonly differs: readonly string[] };

const UNFINISHED = '.unfinished-';
const MANIFEST = 'manifest.json';
const SEALED = '.age';
const SUMS = 'SHA256SUMS';
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** Removes what a process that was killed left behind in the folder of releases. */
export async function clearUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    if (name.startsWith(UNFINISHED)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Begins a release that will lie in `parent`. */
export async function beginRelease(parent: string): Promise<UnfinishedRelease> {
  await mkdir(parent, { recursive: true });
  return { folder: await mkdtemp(join(parent, UNFINISHED)), files: [] };
}

/** Writes files. With `seal` each becomes NAME.age, and what is listed is its content before. */
export async function addFiles(
  { folder, files }: UnfinishedRelease,
  more: readonly ReleaseFile[],
  seal?: Seal,
): Promise<UnfinishedRelease> {
  const listed = [...files];
  for (const { path, content } of more) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if (typeof content === 'function') await content(target);
    else await writeFile(target, content);
    const bytes = await readFile(target);
    listed.push({ path, bytes: bytes.length, sha256: sha256(bytes) });
    if (!seal) continue;
    await writeFile(`${target}${SEALED}`, await seal(bytes));
    await rm(target);
  }
  return { folder, files: listed };
}

/** Writes the manifest: `about` with every file's size and SHA-256, so that equal content gives equal bytes. */
export async function finishRelease(
  { folder, files }: UnfinishedRelease,
  about: object,
): Promise<FinishedRelease> {
  const manifest = `${JSON.stringify({ ...about, files }, null, 2)}\n`;
  await writeFile(join(folder, MANIFEST), manifest);
  return { folder, files, manifest: sha256(manifest) };
}

/** Writes SHA256SUMS, which `sha256sum -c` reads: of every file as it lies there, encrypted or not. */
export async function addChecksums({ folder }: FinishedRelease): Promise<void> {
  const paths = (await filesIn(folder)).sort();
  const lines = await Promise.all(
    paths.map(async (path) => `${sha256(await readFile(join(folder, path)))}  ${path}\n`),
  );
  await writeFile(join(folder, SUMS), lines.join(''));
}

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );

/**
 * Puts a release in its place. A folder that exists is never changed, unless `replace` is set: then the new one takes
 * its place.
 */
export async function placeRelease(
  release: FinishedRelease,
  target: string,
  replace = false,
): Promise<WriteOutcome> {
  if (replace) await rm(target, { recursive: true, force: true });
  const before = await compareRelease(release, target);
  if (before !== 'none') return before;
  await mkdir(dirname(target), { recursive: true });
  await rename(release.folder, target);
  return 'written';
}

/** Whether a folder holds the same release, or none yet. */
export async function compareRelease(
  release: FinishedRelease,
  target: string,
): Promise<WriteOutcome | 'none'> {
  if (!(await stat(target).catch(() => undefined))) return 'none';
  const differs = await differingFiles(release.files, target);
  if ((await manifestHash(target)) !== release.manifest) differs.push(MANIFEST);
  return differs.length === 0 ? 'the same' : { differs };
}

async function differingFiles(files: readonly ManifestFile[], folder: string): Promise<string[]> {
  const differs: string[] = [];
  for (const { path, sha256: wanted } of files) {
    const found = await readFile(join(folder, path)).catch(() => undefined);
    if (!found || sha256(found) !== wanted) differs.push(path);
  }
  return differs;
}

/** Removes a release that was not put in its place. */
export const discardRelease = ({ folder }: UnfinishedRelease): Promise<void> =>
  rm(folder, { recursive: true, force: true });

/** SHA-256 of a folder's manifest; undefined where there is none. */
export async function manifestHash(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, MANIFEST)).catch(() => undefined);
  return text && sha256(text);
}

/** The files of a folder that are not as its manifest says. */
export async function changedFiles(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, MANIFEST), 'utf8');
  const { files } = JSON.parse(text) as { files: ManifestFile[] };
  return differingFiles(files, folder);
}

/** A release as it lies there, all but the folders named. */
export interface ReadRelease {
  /** By path: text as a string, anything else as bytes. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** SHA-256 of each. */
  readonly hashes: ReadonlyMap<string, string>;
}

const TEXT = /\.(csv|json|geojson|html|md|txt)$/;

/** Reads every file of a release but those in its folders `without`. */
export async function readReleaseFolder(folder: string, without: readonly string[]): Promise<ReadRelease> {
  const files = new Map<string, string | Uint8Array>();
  const hashes = new Map<string, string>();
  for (const path of (await filesIn(folder)).sort()) {
    if (without.some((name) => path.startsWith(`${name}/`))) continue;
    const bytes = await readFile(join(folder, path));
    files.set(path, TEXT.test(path) ? bytes.toString('utf8') : bytes);
    hashes.set(path, sha256(bytes));
  }
  return { files, hashes };
}

/** The files of a folder that are not as its own SHA256SUMS says; that list itself where it cannot be read. */
export async function brokenChecksums(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, SUMS), 'utf8').catch(() => undefined);
  if (!text) return [SUMS];
  const broken: string[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const [wanted, path = ''] = line.split('  ');
    const bytes = await readFile(join(folder, path)).catch(() => undefined);
    if (!bytes || sha256(bytes) !== wanted) broken.push(path);
  }
  return broken;
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
  return (before && (await manifestHash(join(releases, before)))) || null;
}
