/** The thread that readAhead starts: reads one file into batches whose memory both threads see. */
import { parentPort, workerData } from 'node:worker_threads';
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';
import { BATCH_BYTES, BATCH_ROWS } from './csv.ts';
import type { ReadMessage, ReadRequest } from './read-ahead.ts';
import { SourceError } from './source-error.ts';
import { openSourceFile } from './source-file.ts';

const port = parentPort as NonNullable<typeof parentPort>;

/** Hands out batches by turns; a batch is free again once the other thread has said so by its number. */
function takeInTurn(batches: readonly TextBatch[]): () => Promise<TextBatch> {
  const free = [...batches];
  let freed: () => void = () => undefined;
  port.on('message', (slot: number) => {
    free.push(batches[slot] as TextBatch);
    freed();
  });
  return async () => {
    while (free.length === 0) {
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    }
    return free.shift() as TextBatch;
  };
}

async function read({ path, profile, opening, ahead }: ReadRequest): Promise<void> {
  const fields = Object.keys(profile.fields).length;
  const batches = Array.from({ length: ahead }, () =>
    allocateTextBatch(BATCH_ROWS, fields, BATCH_BYTES, true),
  );
  const say = (message: ReadMessage) => port.postMessage(message);
  // The memory is passed once; a batch is passed by its number, since describing so many columns takes milliseconds.
  say({ batches });
  const file = await openSourceFile(path, profile, opening, takeInTurn(batches));
  const reached = () => ({ position: file.position(), header: file.header() });
  for await (const batch of file.batches) {
    say({ slot: batches.indexOf(batch), n: batch.n, ...reached() });
  }
  say({ ended: true, ...reached() });
}

read(workerData as ReadRequest)
  .catch((error: unknown) => {
    const own = error instanceof SourceError;
    const message = own
      ? error.message
      : `reading failed (${error instanceof Error ? error.constructor.name : 'unknown'})`;
    port.postMessage({ failure: { message, line: own ? error.line : undefined, own } } satisfies ReadMessage);
  })
  .finally(() => port.close());
