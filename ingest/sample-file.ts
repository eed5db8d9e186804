/** The first rows of a file of which nothing is known: its columns and values, in memory only. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { DateFormat } from '../schemas/profile.ts';
import { allocateTextBatch } from '../schemas/text-batch.ts';
import { BATCH_BYTES, readCsv } from './csv.ts';
import { decodeText } from './decode.ts';
import type { WorkbookPassword } from './encrypted-workbook.ts';
import { SourceError } from './source-error.ts';
import { openWorkbook } from './workbook.ts';
import { readSheet } from './xlsx.ts';
import type { ZipArchive } from './zip.ts';

/** Rows that are looked at, and columns. */
export const SAMPLE_ROWS = 100;
const SAMPLE_COLUMNS = 400;

export interface FileSample {
  readonly shape: 'csv' | 'xlsx' | 'xml' | 'json';
  /** Empty for messages and lists. */
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Reads the header and up to SAMPLE_ROWS rows of delimited text or of a workbook's first sheet; of a message or a list
 * only the shape is told. Dates of workbooks become texts in `dates`.
 *
 * @throws SourceError where the file cannot be read.
 */
export async function sampleFile(
  path: string,
  password?: WorkbookPassword,
  dates: DateFormat = 'iso',
): Promise<FileSample> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SourceError('there is no such file: check its name');
  const file = await open(path).catch(() => {
    throw new SourceError('the file cannot be read: check that it is yours to read');
  });
  const { buffer, bytesRead } = await file.read(Buffer.alloc(64)).finally(() => file.close());
  const head = buffer.subarray(0, bytesRead);
  const workbook = await openWorkbook(path, password);
  if (workbook) return sampleSheet(workbook, dates);
  const first = head
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()[0];
  if (first === '<') return { shape: 'xml', names: [], rows: [] };
  if (first === '[') return { shape: 'json', names: [], rows: [] };
  return sampleText(path);
}

async function sampleSheet(zip: ZipArchive, dates: DateFormat): Promise<FileSample> {
  let names: string[] | undefined;
  const rows: string[][] = [];
  try {
    for await (const lot of readSheet(zip, undefined, dates)) {
      for (const { values } of lot) {
        const texts = Array.from(values, (text) => text ?? '');
        if (!names) names = texts.slice(0, SAMPLE_COLUMNS);
        else if (rows.length < SAMPLE_ROWS) rows.push(names.map((_, i) => texts[i] ?? ''));
      }
      if (rows.length >= SAMPLE_ROWS) break;
    }
  } finally {
    zip.close();
  }
  if (!names) throw new SourceError('the sheet is empty: wanted a header row and rows of data');
  return { shape: 'xlsx', names, rows };
}

async function sampleText(path: string): Promise<FileSample> {
  let names: readonly string[] = [];
  const match = (found: readonly string[]) => {
    if (found.length < 2)
      throw new SourceError('the first row names one column only: wanted a header row', 1);
    names = found.slice(0, SAMPLE_COLUMNS);
    return Int32Array.from(found, (_, i) => (i < SAMPLE_COLUMNS ? i : -1));
  };
  const batch = allocateTextBatch(SAMPLE_ROWS, SAMPLE_COLUMNS, BATCH_BYTES);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  const rows: string[][] = [];
  try {
    for await (const { n, bytes, starts, ends, ragged } of readCsv(
      decodeText(stream, 'auto'),
      match,
      () => batch,
    )) {
      for (let row = 0; row < n && rows.length < SAMPLE_ROWS; row++) {
        if (ragged[row] === 1) continue;
        rows.push(
          names.map((_, i) =>
            Buffer.from(
              bytes.subarray((starts[i] as Int32Array)[row], (ends[i] as Int32Array)[row]),
            ).toString('utf8'),
          ),
        );
      }
      break;
    }
  } finally {
    stream.destroy();
  }
  return { shape: 'csv', names, rows };
}
