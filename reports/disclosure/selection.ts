// Which frozen atoms a period shows. The only choice that depends on the period is "below the threshold".
import { mergeTallies, reaches, type Tally } from './tally.ts';

export interface Block {
  readonly atom: string;
  readonly tally: Tally;
}

export interface Selection {
  readonly shown: readonly Block[];
  /** Everything else together, at least the threshold. */
  readonly pool: Tally;
}

/**
 * Shows the blocks that reach the threshold and pools the others with the reserve, which is never shown by itself.
 * A pool below the threshold takes in one block of `pick`; null when there is none, and nothing may be shown.
 */
export function selectBlocks(
  blocks: readonly Block[],
  reserve: Tally,
  threshold: number,
  pick: (atoms: readonly string[]) => string,
): Selection | null {
  const shown = blocks.filter((block) => reaches(block.tally, threshold));
  const failed = blocks.filter((block) => !reaches(block.tally, threshold));
  const pool = mergeTallies([reserve, ...failed.map((block) => block.tally)]);
  if (reaches(pool, threshold)) return { shown, pool };
  if (shown.length === 0) return null;
  const taken = pick(shown.map((block) => block.atom));
  return {
    shown: shown.filter((block) => block.atom !== taken),
    pool: mergeTallies([pool, ...shown.filter((block) => block.atom === taken).map((block) => block.tally)]),
  };
}

export interface PlaceSelection {
  /** Shown before everything else and in this order in each cut that has them: same set, same value. */
  readonly outside: readonly Block[];
  readonly geography: Selection;
}

/** What is not on the map, and which of it was frozen as able to stand alone. */
export interface Outside {
  readonly home: Tally;
  readonly homeIsBlock: boolean;
  readonly unlocated: Tally;
  readonly unlocatedIsBlock: boolean;
}

/**
 * Incidents at home and not located are atoms of their own where they were frozen as such and reach the threshold.
 * A home below it joins the not located; both join the pool of the map where those too are below it.
 */
export function selectPlaces(
  outside: Outside,
  blocks: readonly Block[],
  reserve: Tally,
  threshold: number,
  pick: (atoms: readonly string[]) => string,
): PlaceSelection | null {
  const homeShown = outside.homeIsBlock && reaches(outside.home, threshold);
  const rest = homeShown ? outside.unlocated : mergeTallies([outside.home, outside.unlocated]);
  const restShown = outside.unlocatedIsBlock && reaches(rest, threshold);
  const geography = selectBlocks(
    blocks,
    restShown ? reserve : mergeTallies([reserve, rest]),
    threshold,
    pick,
  );
  if (geography === null) return null;
  const shown: Block[] = [];
  if (homeShown) shown.push({ atom: 'home', tally: outside.home });
  if (restShown) shown.push({ atom: 'unlocated', tally: rest });
  return { outside: shown, geography };
}
