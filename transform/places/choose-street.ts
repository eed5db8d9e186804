/** The street, or the junction of two, that a text speaks of. */
import { isBetween, isCrossing } from './cues.ts';
import type { Candidate } from './find-names.ts';
import { type Location, located, oneOfSeveral } from './location.ts';
import { costOf, type Part, type Parts } from './parts.ts';
import { meetingPoint, metresApart, type PlaceMap } from './place-map.ts';

const CROSSING_METRES = 330;
/** By so much a name must fit better than another to be the one that is meant. */
const CLEARLY = 10;

/** The street where it happened; undefined where the text names none. */
export function chooseStreet(
  map: PlaceMap,
  words: readonly string[],
  { streets, places }: Parts,
  day: number,
): Location | undefined {
  const isMeeting = isCrossing(words) || isBetween(words);
  const here = streets.filter(({ cue }) => cue !== 'leaving' && cue !== 'towards');
  const chosen = here.length > 0 ? here : streets;
  if (chosen.length === 0) return undefined;
  const crossing = findCrossing(map, isMeeting ? streets : chosen, isMeeting);
  if (crossing) return crossing;
  const [best, next] = [...chosen].sort((a, b) => costOf(a) - costOf(b)) as [Part, Part | undefined];
  if (next && costOf(next) - costOf(best) < CLEARLY) return either(map, chosen);
  const [only] = best.candidates;
  // A place that the text names besides says which of them it is.
  return only && (best.candidates.length === 1 || places.length > 0)
    ? located(map, only, 'street', day)
    : oneOfSeveral(map, best.candidates, 'one of several');
}

const either = (map: PlaceMap, parts: readonly Part[]): Location =>
  oneOfSeveral(
    map,
    parts.flatMap(({ candidates }) => candidates),
    'names that contradict',
  );

/** Where two streets meet, if they do: of all that bear the names, the two that come nearest to each other. */
function findCrossing(map: PlaceMap, streets: readonly Part[], isMeeting: boolean): Location | undefined {
  let best: { a: Candidate; b: Candidate; metres: number } | undefined;
  for (const [i, one] of streets.entries()) {
    for (const other of streets.slice(i + 1)) {
      for (const a of isMeeting ? one.all : one.candidates) {
        for (const b of isMeeting ? other.all : other.candidates) {
          if (a.name.place === b.name.place) continue;
          const metres = metresApart(map, a.name.place, b.name.place);
          if (!best || metres < best.metres) best = { a, b, metres };
        }
      }
    }
  }
  if (!best || best.metres > (isMeeting ? CROSSING_METRES * 1.5 : CROSSING_METRES)) return undefined;
  const { a, b } = best;
  return {
    level: 'junction',
    place: a.name.place,
    second: b.name.place,
    point: meetingPoint(map, a.name.place, b.name.place),
    area: -1,
    among: 1,
    confidence: Math.max(55, 92 - a.cost - b.cost),
    reason: 'two streets',
  };
}
