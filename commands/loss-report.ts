/** What of a source's columns became what, and what of an incident it does not tell: the loss report. */
import type { FileHeader } from '../ingest/header.ts';
import type { Fate, Profile, Role } from '../schemas/profile.ts';

/** Columns by what became of them, as the supplier calls them, and elements of an incident that no column tells. */
export interface LossReport {
  kept: string[];
  coarsened: string[];
  digested: string[];
  /** Read at the door and forgotten. */
  gated: string[];
  /** Not read, whether the profile knows them or not. */
  dropped: string[];
  /** What the source does not tell of an incident. */
  lacks: string[];
}

const LISTS: Readonly<Record<Fate, keyof LossReport>> = {
  keep: 'kept',
  coarsen: 'coarsened',
  digest: 'digested',
  gate: 'gated',
  drop: 'dropped',
};

/** Elements of an incident, and the parts that tell of them. */
const ELEMENTS: Readonly<Record<string, readonly Role[]>> = {
  'day of the incident': ['occurred', 'occurred_from'],
  'window of time': ['occurred_to'],
  'arrival or record': ['known_at'],
  weapon: ['weapon'],
  'kind of place': ['place_type'],
  'description of the place': ['place_text'],
  coordinates: ['latitude', 'easting'],
  offence: ['offence'],
  person: ['person'],
  age: ['age'],
  sex: ['sex'],
};

export const emptyLoss = (): LossReport => ({
  kept: [],
  coarsened: [],
  digested: [],
  gated: [],
  dropped: [],
  lacks: [],
});

/** The report of one file, by the columns that were found in it. */
export function lossOf(profile: Profile, { present, unknown }: FileHeader): LossReport {
  const loss = emptyLoss();
  const told = new Set<Role>();
  for (const field of present) {
    const decision = profile.fields[field];
    if (!decision) continue;
    loss[LISTS[decision.fate]].push(decision.header);
    if (decision.role) told.add(decision.role);
  }
  loss.dropped.push(...unknown);
  loss.lacks = Object.entries(ELEMENTS)
    .filter(([, roles]) => !roles.some((role) => told.has(role)))
    .map(([element]) => element);
  return loss;
}

/** The report of several files: a column counts once, and an element is lacking where no file tells it. */
export function addLoss(into: LossReport, more: LossReport, isFirst: boolean): void {
  for (const list of Object.values(LISTS)) into[list] = [...new Set([...into[list], ...more[list]])];
  into.lacks = isFirst ? more.lacks : into.lacks.filter((element) => more.lacks.includes(element));
}

const WORDS: readonly (readonly [keyof LossReport, string])[] = [
  ['kept', 'kept'],
  ['coarsened', 'made coarser'],
  ['digested', 'keyed digest'],
  ['gated', 'read and forgotten'],
  ['dropped', 'not read'],
  ['lacks', 'not told'],
];
const MOST_LISTED = 40;

/** The report in lines for a person. */
export function lossText(loss: LossReport): string[] {
  return WORDS.filter(([list]) => loss[list].length > 0).map(([list, words]) => {
    const more = loss[list].length - MOST_LISTED;
    return `  ${words}: ${loss[list].slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
}

/** What was not mapped and why, in lines for a person. */
export const flagText = (flagged: Readonly<Record<string, number>>): string[] =>
  Object.entries(flagged).map(([words, n]) =>
    words === 'outside the agreed area'
      ? `  ${words}: ${n}`
      : `  not mapped: ${words === 'could be a home' ? '' : 'point '}${words}: ${n}`,
  );
