/** One file of a supplier, from its bytes to text columns. It is read once, from beginning to end. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Profile } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import { oneBatch, readCsv, type TakeBatch } from './csv.ts';
import { decodeText, type Encoding } from './decode.ts';
import { type FileHeader, matchHeader } from './header.ts';
import { SourceError } from './source-error.ts';

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

/**
 * Opens a file as a profile's records. Reading throws SourceError where the file is not what the profile expects,
 * is damaged, or changes while it is read. Batches are made in memory from `take`, by default in one of its own.
 */
export async function openSourceFile(
  path: string,
  profile: Profile,
  encoding: Encoding,
  take?: TakeBatch,
): Promise<SourceFile> {
  const before = await stat(path).catch(() => undefined);
  if (!before) throw new SourceError('there is no such file: check its name');
  if (!before.isFile()) throw new SourceError('this is a folder: name the files in it');
  let position = 0;
  let header: FileHeader | undefined;

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
    const after = await stat(path).catch(() => undefined);
    if (after?.size !== before?.size || after?.mtimeMs !== before?.mtimeMs || position !== before?.size) {
      throw new SourceError(
        'the file changed while it was read: wait until it is written, then run the command again',
      );
    }
  }

  return {
    bytes: before.size,
    modified: before.mtimeMs,
    batches: readCsv(
      decodeText(readBytes(), encoding),
      (names) => {
        header = matchHeader(profile, names);
        return header.columns;
      },
      take ?? oneBatch(Object.keys(profile.fields).length),
    ),
    position: () => position,
    header: () => header,
  };
}
