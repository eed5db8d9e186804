/** Reads a large file in a thread of its own, so that it is scanned while earlier rows are anonymised and stored. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Profile } from '../schemas/profile.ts';
import type { TextBatch } from '../schemas/text-batch.ts';
import type { FileHeader } from './header.ts';
import { SourceError } from './source-error.ts';
import { type Opening, openSourceFile, type SourceFile } from './source-file.ts';

/** Smaller files are read sooner than a thread starts. */
const WORTH_A_THREAD = 16 << 20;
/** Batches that the two threads pass to and fro; each holds some 8 MB. */
const BATCHES_AHEAD = 4;

/** What the thread is asked to read. */
export interface ReadRequest {
  readonly path: string;
  readonly profile: Profile;
  readonly opening: Opening;
  readonly ahead: number;
}

/** How far the thread has read. */
interface Reached {
  readonly position: number;
  readonly header: FileHeader | undefined;
}

/** What the thread says: its batches once, then that one is filled; that the file has ended; or why it stopped. */
export type ReadMessage =
  | { readonly batches: readonly TextBatch[] }
  | (Reached & { readonly slot: number; readonly n: number })
  | (Reached & { readonly ended: true })
  | {
      readonly failure: {
        readonly message: string;
        readonly line: number | undefined;
        readonly own: boolean;
      };
    };

/** The same as openSourceFile; a large file is read by a thread. */
export async function readAhead(path: string, profile: Profile, opening: Opening): Promise<SourceFile> {
  const file = await openSourceFile(path, profile, opening);
  if (file.bytes < WORTH_A_THREAD) return file;
  let reached: Reached = { position: 0, header: undefined };

  async function* batches(): AsyncGenerator<TextBatch> {
    const request: ReadRequest = { path, profile, opening, ahead: BATCHES_AHEAD };
    const worker = new Worker(workerFile(), { workerData: request });
    const next = messagesOf(worker);
    let shared: readonly TextBatch[] = [];
    try {
      for (;;) {
        const message = await next();
        if ('failure' in message) {
          const { message: words, line, own } = message.failure;
          throw own ? new SourceError(words, line) : new Error(words);
        }
        if ('batches' in message) {
          shared = message.batches;
          continue;
        }
        reached = message;
        if ('ended' in message) return;
        const batch = shared[message.slot] as TextBatch;
        batch.n = message.n;
        yield batch;
        worker.postMessage(message.slot);
      }
    } finally {
      await worker.terminate();
    }
  }
  return {
    ...file,
    batches: batches(),
    position: () => reached.position,
    header: () => reached.header,
  };
}

/** A function that waits for the worker's next message, and for none that will not come. */
function messagesOf(worker: Worker): () => Promise<ReadMessage> {
  const waiting: ReadMessage[] = [];
  let wake: () => void = () => undefined;
  const put = (message: ReadMessage) => {
    waiting.push(message);
    wake();
  };
  const died = () =>
    put({
      failure: {
        message: 'reading stopped unexpectedly: run the command again',
        line: undefined,
        own: false,
      },
    });
  worker.on('message', put).on('error', died).on('exit', died);
  return async () => {
    while (waiting.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift() as ReadMessage;
  };
}

/** A thread runs compiled code, whichever way this file is run. */
function workerFile(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist', 'ingest', 'read-ahead-thread.js');
}
