/** Small CSV files that are the partnership's own, row by row as strings. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { oneBatch, readCsv } from './csv.ts';
import { decodeText } from './decode.ts';
import { SourceError } from './source-error.ts';

export interface TableRow {
  /** Line of the file, exact as long as no value holds a line end. */
  readonly line: number;
  /** In the order of the columns asked for; a column that the file does not have is undefined. */
  readonly values: readonly (string | undefined)[];
}

/** Reads the named columns of a file; the first is required. @throws SourceError that names the file. */
export async function* readTable(path: string, columns: readonly string[]): AsyncGenerator<TableRow> {
  // A named pipe would be waited for without end.
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SourceError(`${path} is not there: supply the file`);
  try {
    yield* readRows(createReadStream(path), columns);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(`${path}${error.line ? `:${error.line}` : ''}: ${error.message}`);
  }
}

async function* readRows(
  chunks: AsyncIterable<Uint8Array>,
  columns: readonly string[],
): AsyncGenerator<TableRow> {
  const decoder = new TextDecoder();
  let found: boolean[] = [];
  let line = 1;
  const match = (names: readonly string[]) => {
    const wanted = names.map((name) => columns.indexOf(name.trim().toLowerCase()));
    found = columns.map((_, field) => wanted.includes(field));
    if (!found[0]) throw new SourceError(`the first row lacks the column "${columns[0]}"`, 1);
    return Int32Array.from(wanted);
  };
  for await (const batch of readCsv(decodeText(chunks, 'auto'), match, oneBatch(columns.length))) {
    for (let row = 0; row < batch.n; row++) {
      line++;
      if (batch.ragged[row] === 1)
        throw new SourceError('this row has another number of columns than the first', line);
      const values = columns.map((_, field) =>
        found[field]
          ? decoder
              .decode(
                batch.bytes.subarray(
                  (batch.starts[field] as Int32Array)[row],
                  (batch.ends[field] as Int32Array)[row],
                ),
              )
              .trim()
          : undefined,
      );
      yield { line, values };
    }
  }
}
