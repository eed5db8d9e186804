/** Rows as strings, from formats that are not delimited text, into batches of text columns. */
import type { TextBatch } from '../schemas/text-batch.ts';
import { BATCH_BYTES, MAX_ROW_BYTES, type TakeBatch } from './csv.ts';
import { SourceError } from './source-error.ts';

/** The values of one record by field of the profile; what the record does not have is undefined. */
export type RowTexts = readonly (string | undefined)[];

/** Control characters other than tab and line ends: no text has them, and digests rely on that. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/**
 * Packs rows, which come in lots, into batches from `take`, each valid until the next is asked for. Memory does not grow
 * with the number of rows.
 *
 * @throws SourceError for a record of more than MAX_ROW_BYTES.
 */
export async function* packRows(
  lots: AsyncIterable<readonly RowTexts[]>,
  take: TakeBatch,
): AsyncGenerator<TextBatch> {
  let batch = await take();
  let bytes = bufferOf(batch);
  let at = 0;
  let n = 0;
  let records = 0;
  for await (const lot of lots) {
    for (const row of lot) {
      records++;
      const size = row.reduce((sum, text) => sum + (text === undefined ? 0 : Buffer.byteLength(text)), 0);
      if (size > MAX_ROW_BYTES)
        throw new SourceError(`record ${records} holds more than 1 MB: this is no record of an incident`);
      if (n === batch.capacity || at + size > BATCH_BYTES) {
        batch.n = n;
        yield batch;
        batch = await take();
        bytes = bufferOf(batch);
        at = 0;
        n = 0;
      }
      for (let field = 0; field < batch.starts.length; field++) {
        (batch.starts[field] as Int32Array)[n] = at;
        const text = row[field];
        if (text) at += bytes.write(text.replace(CONTROLS, ' '), at);
        (batch.ends[field] as Int32Array)[n] = at;
      }
      batch.ragged[n++] = 0;
    }
  }
  batch.n = n;
  if (n > 0) yield batch;
}

const bufferOf = ({ bytes }: TextBatch) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
