/**
 * What a listener does with messages. There are three ways: raw records into the store, raw records into the
 * partnership's topic, and depersonalised incidents into the store.
 */
import type { Portion } from '../ingest/portion.ts';
import type { TopicSettings } from '../schemas/kafka-settings.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import type { Tally } from '../schemas/tally.ts';
import type { Span } from '../transform/stream.ts';
import type { Partnership } from './partnership.ts';

/** One source that is listened to. */
export interface Listened {
  readonly source: SourceSettings;
  readonly topic: TopicSettings;
}

/** What has been taken of a partition since its last commit: all from `from` up to `next`. */
export interface Taken {
  readonly from: number;
  next: number;
  high: number;
  missing: number;
}
/** By partition. */
export type TakenOf = ReadonlyMap<number, Readonly<Taken>>;

/** What became of a source's messages. */
export interface Committed {
  readonly source: string;
  readonly tally: Tally;
  /** Values under keys that no field of the source takes. */
  readonly unknownKeys: number;
}

export interface Side {
  /** Takes messages of a portion from number `from` on; resolves with the number of the first before which a commit must come. */
  readonly take: (listened: Listened, portion: Portion, from: number) => Promise<number>;
  /**
   * Puts what waits out of the way of what comes next, and returns how to commit it, with what was taken of each source.
   * One commit has ended before the next is asked for.
   */
  readonly turn: (taken: ReadonlyMap<string, TakenOf>) => () => Promise<Committed[]>;
  readonly close: () => Promise<void>;
}

export interface SideOptions {
  readonly partnership: Partnership;
  readonly listened: readonly Listened[];
  /** Cells of the agreed area, where its outline is there. */
  readonly agreed: ReadonlySet<bigint> | undefined;
  /** Called before a commit with what it is about; throws where the source has to stop instead. */
  readonly check: (source: string, tally: Tally) => void;
}

/** What was taken of a source's topic, as the store keeps it. */
export const spansOf = ({ topic, generation }: TopicSettings, taken: TakenOf | undefined): Span[] =>
  [...(taken ?? [])].map(([partition, reached]) => ({
    origin: '',
    topic,
    generation,
    partition,
    ...reached,
  }));
