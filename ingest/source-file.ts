/** One file of a supplier, from its bytes to text columns. It is read once, from beginning to end. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Profile } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { oneBatch, readCsv, type TakeBatch } from './csv.ts';
import { decodeText, type Encoding } from './decode.ts';
import type { WorkbookPassword } from './encrypted-workbook.ts';
import { type FileHeader, matchHeader } from './header.ts';
import { readJsonRecords } from './json-records.ts';
import { packRows } from './pack-rows.ts';
import { readSheetRecords } from './sheet-records.ts';
import { SourceError } from './source-error.ts';
import { openWorkbook } from './workbook.ts';
import { readXmlRecords } from './xml-records.ts';
import type { ZipArchive } from './zip.ts';

export interface SourceFile {
  readonly bytes: number;
  /** When the file was last written, in milliseconds since 1970. */
  readonly modified: number;
  /** Valid until the next is asked for. */
  readonly batches: AsyncGenerator<TextBatch>;
  /** Bytes read so far. */
  readonly position: () => number;
  /** Once the first batch is there: which columns were found. */
  readonly header: () => FileHeader | undefined;
}

/** How a supplier's files are to be read. */
export interface Opening {
  readonly encoding: Encoding;
  /** Opens its workbooks, where they are protected with one. */
  readonly password?: WorkbookPassword | undefined;
}

/**
 * Opens a file as a profile's records: delimited text or a workbook, an XML message, or a list in JSON. Reading throws
 * SourceError where the file is not what the profile expects, is damaged, or changes while it is read. Batches are made
 * in memory from `take`, by default in one of its own.
 */
export async function openSourceFile(
  path: string,
  profile: Profile,
  { encoding, password }: Opening,
  take: TakeBatch = oneBatch(Object.keys(profile.fields).length),
): Promise<SourceFile> {
  const before = await stat(path).catch(() => undefined);
  if (!before) throw new SourceError('there is no such file: check its name');
  if (!before.isFile()) throw new SourceError('this is a folder: name the files in it');
  let position = 0;
  let header: FileHeader | undefined;
  const told = (found: FileHeader) => {
    header = found;
  };

  async function checkUnchanged(): Promise<void> {
    const after = await stat(path).catch(() => undefined);
    if (after?.size !== before?.size || after?.mtimeMs !== before?.mtimeMs || position !== before?.size) {
      throw new SourceError(
        'the file changed while it was read: wait until it is written, then run the command again',
      );
    }
  }

  async function* readBytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of createReadStream(path, {
        highWaterMark: 1 << 20,
      }) as AsyncIterable<Uint8Array>) {
        position += chunk.length;
        yield chunk;
      }
    } catch {
      throw new SourceError('the file cannot be read: check that it is yours to read and still there');
    }
    await checkUnchanged();
  }

  async function* readWorkbook(zip: ZipArchive): AsyncGenerator<TextBatch> {
    yield* packRows(readSheetRecords(profile, zip, told), take);
    position = before?.size ?? 0;
    await checkUnchanged();
  }

  async function* batches(): AsyncGenerator<TextBatch> {
    const workbook = profile.shape === 'csv' ? await openWorkbook(path, password) : undefined;
    if (workbook) {
      yield* readWorkbook(workbook);
      return;
    }
    const text = decodeText(readBytes(), encoding);
    if (profile.shape === 'xml') yield* packRows(readXmlRecords(profile, text, told), take);
    else if (profile.shape === 'json') yield* packRows(readJsonRecords(profile, text, told), take);
    else
      yield* readCsv(
        text,
        (names) => {
          header = matchHeader(profile, names);
          return header.columns;
        },
        take,
      );
  }

  return {
    bytes: before.size,
    modified: before.mtimeMs,
    batches: batches(),
    position: () => position,
    header: () => header,
  };
}
