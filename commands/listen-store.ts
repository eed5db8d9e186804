/** The store as a listener has it: open while there is something to commit, and otherwise left to other commands. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../transform/store.ts';
import { checkKey, openPartnershipStore, type Partnership } from './partnership.ts';

const TRY_EVERY_MS = 25;
const TRIES = 200;

export interface HeldStore {
  /** Opens the store where it is not open. @throws Error in one sentence, where another process has it. */
  readonly use: <T>(work: (store: Store) => Promise<T>) => Promise<T>;
  /** Closes it, until it is used again. */
  readonly rest: () => void;
}

export function holdStore(partnership: Partnership): HeldStore {
  let open: Store | undefined;
  const rest = () => {
    open?.close();
    open = undefined;
  };
  return {
    rest,
    use: async (work) => {
      if (!open) {
        open = await openFreeStore(partnership.folder);
        await checkKey(partnership, open);
        // The other cores are busy with what comes next.
        await open.run('SET threads = 1');
      }
      try {
        return await work(open);
      } catch (error) {
        // A database that has failed once in earnest answers nothing more until it is opened anew.
        rest();
        throw error;
      }
    },
  };
}

/** Opens the store, and where another command has it, waits for that a while, or until `stop`: most take a moment. */
export async function openFreeStore(folder: string, stop?: AbortSignal): Promise<Store> {
  for (let tries = 0; ; tries++) {
    try {
      return await openPartnershipStore(folder);
    } catch (error) {
      if (tries === TRIES || stop?.aborted || !/is in use/.test((error as Error).message)) throw error;
      await sleep(TRY_EVERY_MS);
    }
  }
}
