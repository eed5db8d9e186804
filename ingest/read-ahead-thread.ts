/** The thread that readAhead starts: reads one file into batches whose memory both threads see. */
import { parentPort, workerData } from 'node:worker_threads';
import { allocateTextBatch, type TextBatch } from '../schemas/text-batch.ts';
import { BATCH_BYTES, BATCH_ROWS } from './csv.ts';
import type { ReadMessage, ReadRequest } from './read-ahead.ts';
import { SourceError } from './source-error.ts';
import { openSourceFile } from './source-file.ts';

const port = parentPort as NonNullable<typeof parentPort>;

/** A few batches that are handed out by turns; a batch is free again once the other thread has said so. */
function sharedBatches(fields: number, batches: number): () => Promise<TextBatch> {
  const free = Array.from({ length: batches }, () =>
    allocateTextBatch(BATCH_ROWS, fields, BATCH_BYTES, true),
  );
  const used: TextBatch[] = [];
  let freed: () => void = () => undefined;
  // Batches come back in the order in which they were sent.
  port.on('message', () => {
    free.push(used.shift() as TextBatch);
    freed();
  });
  return async () => {
    while (free.length === 0) {
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    }
    const batch = free.shift() as TextBatch;
    used.push(batch);
    return batch;
  };
}

async function read({ path, profile, encoding, ahead }: ReadRequest): Promise<void> {
  const take = sharedBatches(Object.keys(profile.fields).length, ahead);
  const file = await openSourceFile(path, profile, encoding, take);
  const say = (message: ReadMessage) => port.postMessage(message);
  for await (const batch of file.batches) say({ batch, position: file.position(), header: file.header() });
  say({ digest: file.digest(), position: file.position(), header: file.header() });
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
