/** What a person is told of a failure, whichever it is. */
import { KafkaError } from '../ingest/kafka-error.ts';
import { SourceError } from '../ingest/source-error.ts';
import { Refused } from './refused.ts';
import { UsageError } from './usage-error.ts';

/** Only sentences of our own are shown: the words of others may quote a value of somebody's record. */
export function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return 'unexpected failure';
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return 'the disk is full: free some space and run the command again';
  if (code && path)
    return `${path} cannot be used (${code}): check that it is there and yours to read and write`;
  const own =
    error instanceof UsageError ||
    error instanceof SourceError ||
    error instanceof Refused ||
    error instanceof KafkaError ||
    (error.constructor === Error && !code);
  return own ? error.message : `unexpected failure (${error.constructor.name}${code ? ` ${code}` : ''})`;
}
