/** Reads cardiff.yaml and the files that it names; every complaint has file and line. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { WorkbookPassword } from '../ingest/encrypted-workbook.ts';
import { Settings } from '../schemas/settings.ts';
import { readYaml } from './read-yaml.ts';
import { UsageError } from './usage-error.ts';

/** Reads and checks the settings of a partnership folder. @throws UsageError naming file, line and remedy. */
export const loadSettings = (folder: string): Promise<Settings> =>
  readYaml(join(folder, 'cardiff.yaml'), Settings, {
    absent: 'is not there: make a partnership folder with "cardiff init FOLDER", or name yours with --dir',
    whole: 'the settings',
    unknown: 'is not a setting: remove it or correct its name',
    missing: 'is missing: "cardiff init FOLDER" makes a file in which every setting is explained',
  });

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
  const text = (await readSecret(folder, path)).trim();
  if (!/^([0-9a-f]{2}){32,}$/i.test(text))
    throw new UsageError(
      `${path} holds no key: wanted at least 64 hexadecimal digits, an even number of them`,
    );
  if (/^(.)\1*$/.test(text))
    throw new UsageError(`${path} holds one digit again and again: make a key with "cardiff init FOLDER"`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** The longest password that Excel takes. */
const MAX_PASSWORD = 255;

/**
 * Reads the passwords of workbooks, by source. What a setting says is not repeated where no file has that name: it may
 * be the password itself.
 *
 * @throws UsageError where one is missing or empty, or others may read it.
 */
export async function loadPasswords(
  folder: string,
  { sources }: Settings,
): Promise<Map<string, WorkbookPassword>> {
  const passwords = new Map<string, WorkbookPassword>();
  for (const { id, password_file: file } of sources) {
    if (file === undefined) continue;
    const path = inFolder(folder, file);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile())
      throw new UsageError(
        `source ${id}: password_file names no file: write the password of its workbooks into one that you alone can read, and name that`,
      );
    const [text = ''] = (await readSecret(folder, path)).replace(/^\ufeff/, '').split(/\r?\n/);
    if (text === '' || text.length > MAX_PASSWORD)
      throw new UsageError(
        `${path} holds no password: wanted up to ${MAX_PASSWORD} characters in its first line`,
      );
    passwords.set(id, { text, file });
  }
  return passwords;
}

/** Reads a file that is its owner's alone, as is the folder of secrets where it is in that. */
async function readSecret(folder: string, path: string): Promise<string> {
  const secrets = join(folder, 'secrets');
  if (dirname(path) === secrets) await refuseOthers(secrets, '700');
  await refuseOthers(path, '600');
  return readFile(path, 'utf8');
}

/** @throws UsageError where others than the owner may read a path. */
export async function refuseOthers(path: string, mode: string): Promise<void> {
  const { mode: found } = await stat(path);
  if (process.platform === 'win32' || (found & 0o077) === 0) return;
  throw new UsageError(
    `${path} can be read by others (mode ${(found & 0o777).toString(8)}): run chmod ${mode} on it`,
  );
}
