/** Tells a person at a terminal how far a long task has come: one live line there, a plain line now and then elsewhere. */

export interface Progress {
  /** Says how far the task is; `share` from 0 to 1, `detail` such as "1,234,567 rows". */
  readonly update: (share: number, detail: string) => void;
  readonly done: () => void;
}

const PLAIN_EVERY_MS = 10_000;
const LIVE_EVERY_MS = 100;

/** Progress of a task on stderr. Nothing is written for a task that ends within a second. */
export function startProgress(task: string, stream: NodeJS.WriteStream, now: () => number): Progress {
  const started = now();
  let last = started + 900;
  let wrote = false;
  const every = stream.isTTY ? LIVE_EVERY_MS : PLAIN_EVERY_MS;
  return {
    update(share, detail) {
      const time = now();
      if (time - last < every) return;
      last = time;
      const left = share > 0 ? ((time - started) * (1 - share)) / share / 1000 : 0;
      const line = `${task}: ${Math.floor(share * 100)}%, ${detail}, about ${Math.ceil(left)} s left`;
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
      wrote = true;
    },
    done() {
      if (wrote && stream.isTTY) stream.write('\r\u001b[K');
    },
  };
}
