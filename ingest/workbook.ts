/** The archive that a workbook is, in the clear or behind a password. */
import { open } from 'node:fs/promises';
import { COMPOUND } from './compound-file.ts';
import { decryptWorkbook, type WorkbookPassword } from './encrypted-workbook.ts';
import { openZip, openZipBuffer, type ZipArchive } from './zip.ts';

/** The first bytes of a zip archive. */
const ZIP = Buffer.from('PK\x03\x04');

/**
 * Opens a workbook; undefined for a file that is none by its first bytes.
 *
 * @throws SourceError where it is damaged, or the password is missing or wrong.
 */
export async function openWorkbook(
  path: string,
  password: WorkbookPassword | undefined,
): Promise<ZipArchive | undefined> {
  const head = await readHead(path, COMPOUND.length);
  if (head.subarray(0, ZIP.length).equals(ZIP)) return openZip(path);
  if (head.equals(COMPOUND)) return openZipBuffer(await decryptWorkbook(path, password));
  return undefined;
}

/** A file that cannot be read is left to what reads it as a whole. */
async function readHead(path: string, bytes: number): Promise<Buffer> {
  const file = await open(path).catch(() => undefined);
  try {
    const { buffer, bytesRead } = (await file?.read(Buffer.alloc(bytes))) ?? {};
    return buffer?.subarray(0, bytesRead) ?? Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  } finally {
    await file?.close();
  }
}
