/** Records as text columns, for tests of what comes after reading. */
import type { Profile } from '../schemas/profile.ts';
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';

/** What a supplier writes in one row, by field of the profile; a field that is not given is empty. */
export type SourceRow = Readonly<Record<string, string>>;

/** A batch as a reader would give it: fields that are dropped are not in it. */
export function batchOf(profile: Profile, rows: readonly SourceRow[]): TextBatch {
  const fields = Object.keys(profile.fields);
  const batch = allocateTextBatch(Math.max(1, rows.length), fields.length);
  const texts: Uint8Array[] = [];
  let at = 0;
  rows.forEach((row, i) => {
    fields.forEach((field, f) => {
      const read = profile.fields[field]?.fate !== 'drop';
      // A comma between the values shows that nothing beyond an end is read.
      const text = new TextEncoder().encode(`${read ? (row[field] ?? '') : ''},`);
      (batch.starts[f] as Int32Array)[i] = at;
      at += text.length;
      (batch.ends[f] as Int32Array)[i] = at - 1;
      texts.push(text);
    });
  });
  batch.bytes = new Uint8Array(Buffer.concat(texts));
  batch.n = rows.length;
  return batch;
}
