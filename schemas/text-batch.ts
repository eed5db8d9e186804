/**
 * A batch of source records as text, column by column: the value of field f in row i is
 * `bytes[starts[f][i] .. ends[f][i])`, UTF-8, without its quotation marks. Every format ends in this one shape.
 * It belongs to the reader, which fills it again once the caller has asked for the next batch.
 */
export interface TextBatch {
  n: number;
  readonly capacity: number;
  bytes: Uint8Array;
  /** By field of the profile, in the order of its keys; a column that the file does not have is empty throughout. */
  readonly starts: readonly Int32Array[];
  readonly ends: readonly Int32Array[];
  /** 1 where the row has another number of columns than the header; its values are not to be read. */
  readonly ragged: Uint8Array;
}

/**
 * Allocates a batch of `capacity` rows, `fields` columns and `bytes` bytes of text, in memory that threads can share
 * where `shared` is set.
 */
export function allocateTextBatch(capacity: number, fields: number, bytes = 0, shared = false): TextBatch {
  const memory = (size: number) => (shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  const offsets = () => Array.from({ length: fields }, () => new Int32Array(memory(4 * capacity)));
  return {
    n: 0,
    capacity,
    bytes: new Uint8Array(memory(bytes)),
    starts: offsets(),
    ends: offsets(),
    ragged: new Uint8Array(memory(capacity)),
  };
}
