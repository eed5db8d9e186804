/** Reads cardiff.yaml and the files that it names; every complaint has file and line. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { Settings } from '../schemas/settings.ts';
import { UsageError } from './usage-error.ts';

/** Reads and checks the settings of a partnership folder. @throws UsageError naming file, line and remedy. */
export async function loadSettings(folder: string): Promise<Settings> {
  const path = join(folder, 'cardiff.yaml');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(
      `${path} is not there: make a partnership folder with "cardiff init FOLDER", or name yours with --dir`,
    );
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [syntax] = document.errors;
  if (syntax)
    throw new UsageError(
      `${path}:${lines.linePos(syntax.pos[0]).line}: not valid YAML: check indentation, quotes and colons there`,
    );
  const parsed = Settings.safeParse(plainValues(document, path));
  if (parsed.success) return parsed.data;
  // A name that is misspelt leaves the right one missing: the misspelt one is what to tell.
  const { issues } = parsed.error;
  const issue = (issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]) as z.core.$ZodIssue;
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : issue.path;
  const line = lineOf(document.contents as Node | null, keys, lines);
  const what =
    issue.code === 'unrecognized_keys'
      ? 'is not a setting: remove it or correct its name'
      : keys.length > 0 && !document.hasIn(keys)
        ? 'is missing: "cardiff init FOLDER" makes a file in which every setting is explained'
        : issue.message;
  throw new UsageError(`${path}:${line}: ${keys.join('.') || 'the settings'}: ${what}`);
}

/** The settings as plain values. @throws UsageError for an alias of nothing, and for aliases that multiply. */
function plainValues(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new UsageError(`${path}: an alias (*name) means nothing or far too much: write the values out`);
  }
}

/** The line of the innermost node that exists on the way to a setting. */
function lineOf(root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => (item.key as { value?: unknown }).value === key);
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[key as number];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

/** A path of the settings, which is relative to the partnership folder. */
export const inFolder = (folder: string, path: string): string =>
  isAbsolute(path) ? path : join(folder, path);

/**
 * Reads the partnership's key. @throws UsageError where it is missing, short, or others may read it or the folder of
 * secrets that it is in.
 */
export async function loadKey(folder: string, settings: Settings): Promise<Uint8Array> {
  const path = inFolder(folder, settings.key_file);
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new UsageError(
      `${path} is not there: restore the key, without which earlier records cannot be recognised`,
    );
  if (!found.isFile()) throw new UsageError(`${path} is no file: restore the key there`);
  const secrets = join(folder, 'secrets');
  if (dirname(path) === secrets) await refuseOthers(secrets, '700');
  await refuseOthers(path, '600');
  const text = (await readFile(path, 'utf8')).trim();
  if (!/^([0-9a-f]{2}){32,}$/i.test(text))
    throw new UsageError(
      `${path} holds no key: wanted at least 64 hexadecimal digits, an even number of them`,
    );
  if (/^(.)\1*$/.test(text))
    throw new UsageError(`${path} holds one digit again and again: make a key with "cardiff init FOLDER"`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** @throws UsageError where others than the owner may read a path. */
export async function refuseOthers(path: string, mode: string): Promise<void> {
  const { mode: found } = await stat(path);
  if (process.platform === 'win32' || (found & 0o077) === 0) return;
  throw new UsageError(
    `${path} can be read by others (mode ${(found & 0o777).toString(8)}): run chmod ${mode} on it`,
  );
}
