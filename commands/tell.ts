/** A structured log: a line of JSON for each event, with names and numbers and never a value of a record. */
import type { Tell } from './listen-watch.ts';

/** Writes events to a stream, each with the time. */
export const tellOn =
  (stream: NodeJS.WriteStream, now: () => number): Tell =>
  (event, details = {}) => {
    stream.write(`${JSON.stringify({ at: new Date(now()).toISOString(), event, ...details })}\n`);
  };
