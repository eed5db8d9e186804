/** The parts of a zip archive, by yauzl: read one by one where they lie, within bounds. */
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { SourceError } from './source-error.ts';

/** Bounds against archives that unpack to far more than they are. */
const MAX_ENTRIES = 2000;
const MAX_UNPACKED = 2 ** 31;
const SMALL = 64 << 20;
const MAX_RATIO = 200;

/** An archive whose parts are opened by name. */
export interface ZipArchive {
  readonly names: readonly string[];
  /** Bytes of a part when unpacked, as the archive says; reading more fails. */
  readonly sizeOf: (name: string) => number;
  readonly open: (name: string) => AsyncIterable<Uint8Array>;
  readonly close: () => void;
}

const damaged = () => new SourceError('the spreadsheet is damaged: save it again and deliver that');
const tooLarge = () =>
  new SourceError('the archive unpacks to far more than any file of records: deliver CSV instead');

/** Opens an archive. @throws SourceError where it is damaged, encrypted or unreasonable. */
export async function openZip(path: string): Promise<ZipArchive> {
  return listEntries(await openPromise(path, { autoClose: false }).catch(refuse));
}

/** The same for an archive in memory. */
export async function openZipBuffer(bytes: Buffer): Promise<ZipArchive> {
  return listEntries(await fromBufferPromise(bytes).catch(refuse));
}

const refuse = () => {
  throw damaged();
};

async function listEntries(zip: ZipFile): Promise<ZipArchive> {
  const entries = new Map<string, Entry>();
  let unpacked = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize);
      if (
        entries.size >= MAX_ENTRIES ||
        unpacked > MAX_UNPACKED ||
        (entry.uncompressedSize > SMALL && ratio > MAX_RATIO)
      )
        throw tooLarge();
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    zip.close();
    throw error instanceof SourceError ? error : damaged();
  }
  return {
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
    open: (name) => readEntry(zip, entries.get(name)),
    close: () => zip.close(),
  };
}

async function* readEntry(zip: ZipFile, entry: Entry | undefined): AsyncGenerator<Uint8Array> {
  if (!entry) throw damaged();
  let stream: Readable | undefined;
  try {
    stream = (await zip.openReadStreamPromise(entry)) as Readable;
    // yauzl looks at the length alone.
    let sum = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== entry.crc32) throw damaged();
  } catch (error) {
    throw error instanceof SourceError ? error : damaged();
  } finally {
    stream?.destroy();
  }
}
