/**
 * Free text of a location to a public place. The text is looked at here and nowhere else; what comes out is the
 * number of a place in the gazetteer, or that it is somebody's home, or nothing.
 */

/** The text names a home or private address. */
export const PRIVATE = -2;
/** The text names what may be somebody's home (a numbered house, a postcode, a driveway) and no public place. */
export const NUMBERED_HOUSE = -3;
/** The text names no public place, or more than one. */
export const NO_PLACE = -1;

export interface PlaceNames {
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface PlaceResolver {
  readonly byName: ReadonlyMap<string, number>;
  readonly longestName: number;
  /** Answers already given; emptied when full, so that memory stays flat. */
  readonly answers: Map<string, number>;
}

const MAX_ANSWERS = 50_000;

const words = (text: string) =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/['\u2019]|\p{Mn}|\p{Cf}/gu, '')
    .replace(/&/g, ' and ')
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'the');

const RELATIVE =
  '(?:mum|mother|mam|dad|father|parent|partner|ex|exs|ex partner|friend|mate|boyfriend|girlfriend|bf|gf|husband|wife|brother|sister|son|daughter|nan|nanna|gran|granny|grandparent|grandmother|grandfather|neighbour|neighbor|relative|family|cousin|aunt|auntie|uncle|flatmate|housemate|landlord|carer)s?';
const OWNER = `(?:own|pts?|patients?|victims?|suspects?|offenders?|assailants?|someones|elses|his|hers?|their|my|${RELATIVE})`;
const DWELLING =
  '(?:home|house|hse|flat|address|addy|place(?! of work)|gaff|garden|room|bedroom|property|doorstep|driveway|residence|accommodation|caravan)';
const ON_THE_WAY =
  'walk|walking|walked|way|going|go|went|heading|headed|returning|coming|journey|cycling|travelling';

/** Words, joined by single spaces, by which a text says that it speaks of a home, whatever place it names too. */
const PRIVATE_WORDS = new RegExp(
  [
    `\\b${OWNER} (?:(?!states|says|said|at|outside|in|near)\\w+ )?${DWELLING}s?\\b`,
    `^(?:(?:at|in|from|outside|round|around|o s) )+(?:(?:his|her|their|my|a) )?${RELATIVE}$|^(?:his|her|their|my) ${RELATIVE}$`,
    `(?<!\\b(?:${ON_THE_WAY}) (?:back )?)\\bh[o0]me\\b(?! (?:game|match|end|fans?|stand|supporters?|team)\\b)`,
    '\\b(?:athome|ownhome|homeaddress)\\b',
    '\\b(?:same|own|private|at|residential) address\\b|\\baddress (?:as|above|withheld|known|given)\\b',
    '\\bprivate (?:house|dwelling|property|residence|flat|garden|party)\\b|\\bhouse party\\b',
    '\\b(?:ff?la?t|apartment|appt|apt|bedsit) ?(?:no |number )?(?:[0-9]+[a-z]?|[a-z])\\b',
    '\\b(?:floor|basement|attic|council|shared|student|studio) flat\\b|\\bflat (?:above|over|below|under)\\b|\\bflats\\b',
    '\\b(?:in|at|inside|outside|a|of) (?:flat|house|hse|apartment)\\b(?! (?:iron|of))',
    '\\b(?:bedsit|maisonette|dwelling|domicile|residence|residential|resid(?:es|ing)|lodgings|refuge|indoors)\\b',
    '\\b(?:in|from|out of) bed\\b|\\bbedroom\\b|\\bliving room\\b|\\bin (?:bath|shower)\\b',
    '\\bliv(?:es|ing) (?:at|with|there|here)\\b|\\bwhere (?:he|she|they|pt) lives?\\b',
    '\\bdomestic\\b|\\bdv\\b',
    // Welsh: at home, a home, in the (his, her, my) house.
    '\\b[gc]artref\\b|\\byn (?:y|ei|fy) (?:ty|thy|dy|nhy)\\b|\\bfflat\\b',
  ].join('|'),
);
/** Words that may speak of a home; a public place that is named beside them outweighs them. */
const UNSURE_WORDS = new RegExp(
  [
    '\\b(?:flat|apartment|cottage|bungalow|farmhouse|hostel|caravan|doorstep|driveway|property|address|accommodation|halls|sheltered|adref?)\\b',
    '\\b(?:front|back) (?:door|garden|room)\\b|\\bin (?:garden|kitchen|bathroom|lounge|hallway|stairwell)\\b',
    '\\b\\w+s (?:house|hse|gaff|pad|crib|digs|garden|garage)\\b',
    '^(?:same )?as above$|^same$|\\bnext door\\b|\\bneighbours?\\b',
    '\\b(?:no|number) [0-9]+[a-z]?\\b',
    // A postcode stands for some fifteen addresses.
    '\\b[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][abd-hjlnp-uw-z]{2}\\b',
  ].join('|'),
);
/** Words that name no place by themselves, whoever lists them as a name. */
const GENERIC_NAME =
  /^(?:(?:at|in|a|my|his|her|own|home|house|flat|flats|address|place|room|property|hostel) ?)+$|^(?:garden|street|road|pub|bar|club|town|park|shop|school)$/;

/** Builds the resolver; a name that two places share names neither. */
export function createPlaceResolver(places: readonly PlaceNames[]): PlaceResolver {
  const byName = new Map<string, number>();
  let longestName = 0;
  places.forEach((place, i) => {
    for (const name of [place.name, ...place.aliases]) {
      const key = words(name);
      if (key.join('').length < 3 || GENERIC_NAME.test(key.join(' '))) continue;
      longestName = Math.max(longestName, key.length);
      const joined = key.join(' ');
      byName.set(joined, byName.has(joined) && byName.get(joined) !== i ? NO_PLACE : i);
    }
  });
  return { byName, longestName, answers: new Map() };
}

/**
 * The place that a text names; PRIVATE where it speaks of a home, NUMBERED_HOUSE where of no place but what may be one,
 * NO_PLACE where it names none of the gazetteer's places or the longest names found in it belong to several. A
 * public place counts before the street that it is in.
 */
export function resolvePlace(resolver: PlaceResolver, text: string): number {
  const known = resolver.answers.get(text);
  if (known !== undefined) return known;
  const answer = findPlace(resolver, words(text));
  if (resolver.answers.size >= MAX_ANSWERS) resolver.answers.clear();
  resolver.answers.set(text, answer);
  return answer;
}

const STREET_WORDS =
  /^(?:street|st|road|rd|avenue|ave|av|lane|ln|close|cl|drive|dr|terrace|terr|way|crescent|cres|place|pl|court|ct|gardens|gdns|row|grove|mews|rise|heol|stryd|ffordd|clos|rhodfa|maes)$/;
const HOUSE_NUMBER = /^\d{1,3}[a-z]?$/;

interface Found {
  readonly place: number;
  readonly at: number;
  readonly length: number;
  readonly isStreet: boolean;
}

function findPlace(resolver: PlaceResolver, tokens: readonly string[]): number {
  const found = findNames(resolver, tokens);
  const venues = found.filter(({ isStreet }) => !isStreet);
  // The words of a public place's name say nothing of a home: the Home Inn is none.
  const rest = tokens.map((token, i) =>
    venues.some(({ at, length }) => i >= at && i < at + length) ? '#' : token,
  );
  const text = rest.join(' ');
  if (PRIVATE_WORDS.test(text)) return PRIVATE;
  if (venues.length > 0) return onlyLongest(venues);
  if (isNumbered(tokens) || UNSURE_WORDS.test(text)) return NUMBERED_HOUSE;
  return onlyLongest(found);
}

/** The names that occur in the text; of two that overlap the longer. */
function findNames({ byName, longestName }: PlaceResolver, tokens: readonly string[]): Found[] {
  const found: Found[] = [];
  for (let length = Math.min(longestName, tokens.length); length > 0; length--) {
    for (let at = 0; at + length <= tokens.length; at++) {
      const place = byName.get(tokens.slice(at, at + length).join(' '));
      if (place === undefined || found.some((f) => at < f.at + f.length && f.at < at + length)) continue;
      found.push({ place, at, length, isStreet: STREET_WORDS.test(tokens[at + length - 1] as string) });
    }
  }
  return found;
}

/** The place that the longest of the names belong to, NO_PLACE where that is not one place. */
function onlyLongest(found: readonly Found[]): number {
  const longest = found.filter(({ length }) => length === found[0]?.length);
  return new Set(longest.map(({ place }) => place)).size === 1 ? (longest[0] as Found).place : NO_PLACE;
}

/** True where a number stands before or after a street's name. */
function isNumbered(tokens: readonly string[]): boolean {
  return tokens.some(
    (token, i) =>
      HOUSE_NUMBER.test(token) &&
      (tokens.slice(i + 1, i + 5).some((word) => STREET_WORDS.test(word)) ||
        (i > 0 &&
          STREET_WORDS.test(tokens[i - 1] as string) &&
          !/^(?:am|pm|hrs|oclock|past)$/.test(tokens[i + 1] ?? ''))),
  );
}
