// Which frozen atoms a period shows. The only choice that depends on the period is "below the threshold".
import { mergeTallies, reaches, type Tally } from './tally.ts';

export interface Block {
  readonly atom: string;
  readonly tally: Tally;
  /** The block that holds it where it is too small; undefined for the pool. */
  readonly within?: string | undefined;
}

export interface Selection {
  readonly shown: readonly Block[];
  /** Everything else together, at least the threshold. */
  readonly pool: Tally;
}

/**
 * Shows the blocks that reach the threshold, each with those that it holds and that do not; pools the others with the
 * reserve, which is never shown by itself. A pool below the threshold takes in one block of `pick`; null when there is
 * none, and nothing may be shown.
 */
export function selectBlocks(
  blocks: readonly Block[],
  reserve: Tally,
  threshold: number,
  pick: (atoms: readonly string[]) => string,
): Selection | null {
  const byName = new Map(blocks.map((block) => [block.atom, block]));
  const depth = ({ within }: Block): number => (within === undefined ? 0 : 1 + depth(byName.get(within)!));
  const held = new Map<string | undefined, Tally[]>([[undefined, [reserve]]]);
  const shown = new Map<string, Block>();
  for (const block of blocks.toSorted((a, b) => depth(b) - depth(a))) {
    const { atom, within } = block;
    const tally = mergeTallies([block.tally, ...(held.get(atom) ?? [])]);
    if (reaches(tally, threshold)) shown.set(atom, { ...block, tally });
    else held.set(within, [...(held.get(within) ?? []), tally]);
  }
  const pool = mergeTallies(held.get(undefined)!);
  /** The one shown that holds it, if any does. */
  const holder = (name: string | undefined): string | undefined =>
    name === undefined || shown.has(name) ? name : holder(byName.get(name)!.within);
  const kept = blocks.flatMap(({ atom }) => shown.get(atom) ?? []);
  const selection = { shown: kept.map((block) => ({ ...block, within: holder(block.within) })), pool };
  return reaches(pool, threshold) ? selection : takeIn(selection, pick);
}

/** Takes the block that `pick` names into the pool, one that no block shown holds; null when there is none. */
function takeIn({ shown, pool }: Selection, pick: (atoms: readonly string[]) => string): Selection | null {
  if (shown.length === 0) return null;
  const names = new Set(shown.map((block) => block.atom));
  const free = shown.filter(({ within }) => within === undefined || !names.has(within));
  const taken = pick(free.map((block) => block.atom));
  return {
    shown: shown.filter((block) => block.atom !== taken),
    pool: mergeTallies([pool, ...shown.filter((block) => block.atom === taken).map((block) => block.tally)]),
  };
}

/**
 * Takes in one block of `pick` after the other until what is shown has room (see hasRoomInPass); null when it never has.
 * What has room is shown as it is, whatever was taken elsewhere: so a block that is missing may as well be too small.
 */
export function makeRoom(
  selection: Selection,
  pick: (atoms: readonly string[]) => string,
  hasRoom: (selection: Selection) => boolean,
): Selection | null {
  let left: Selection | null = selection;
  while (left !== null && !hasRoom(left)) left = takeIn(left, pick);
  return left;
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

/** What a pass of rounding leaves to somebody who knows where it begins and ends. */
export interface Room {
  /** Whether a tally may be what a pass begins with. */
  readonly atStart: (first: Tally) => boolean;
  readonly inPass: (places: PlaceSelection) => boolean;
}

/**
 * Incidents at home and not located are atoms of their own where they were frozen as such, reach the threshold and
 * leave room. A home that does not joins the not located; both join the pool of the map where they do not, or where
 * the map has no room without them.
 */
export function selectPlaces(
  outside: Outside,
  blocks: readonly Block[],
  reserve: Tally,
  threshold: number,
  pick: (atoms: readonly string[]) => string,
  room: Room,
): PlaceSelection | null {
  const { home, unlocated, homeIsBlock, unlocatedIsBlock } = outside;
  const homeShown = homeIsBlock && reaches(home, threshold) && room.atStart(home);
  const rest = homeShown ? unlocated : mergeTallies([home, unlocated]);
  const restShown = unlocatedIsBlock && reaches(rest, threshold) && (homeShown || room.atStart(rest));
  const leading: Block[] = [];
  if (homeShown) leading.push({ atom: 'home', tally: home });
  if (restShown) leading.push({ atom: 'unlocated', tally: rest });
  for (let n = leading.length; n >= 0; n--) {
    const first = leading.slice(0, n);
    const inPool = [...leading.slice(n).map(({ tally }) => tally), ...(restShown ? [] : [rest])];
    const selection = selectBlocks(blocks, mergeTallies([reserve, ...inPool]), threshold, pick);
    const geography =
      selection && makeRoom(selection, pick, (left) => room.inPass({ outside: first, geography: left }));
    if (geography) return { outside: first, geography };
  }
  return null;
}
