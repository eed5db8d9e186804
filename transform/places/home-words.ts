/** Words by which a text says that it speaks of a home: what the home gate looks for. */
import { COMMON, GENERIC, VENUE_WORDS } from './common-words.ts';
import { editDistance } from './edit-distance.ts';
import { isSomeonesName } from './given-names.ts';
import { STREET_WORDS } from './street-words.ts';

const RELATIVE =
  '(?:(?:mother|father|sister|brother|son|daughter|mum|dad) in law|mum|mother|mam|mammy|mummy|dad|daddy|father|parent|partner|ex|exs|ex partner|friend|mate|boyfriend|girlfriend|bf|gf|bfs|gfs|husband|hubby|wife|missus|misses|fiance|fiancee|brother|sister|sis|son|daughter|nan|nana|nanna|nannie|nanny|gran|granny|grandad|grandpa|grandparent|grandmother|grandfather|neighbour|neighbor|relative|family|cousin|aunt|auntie|aunty|grandma|uncle|nephew|niece|flatmate|housemate|roommate|landlord|lodger|tenant|carer|in law|inlaw|step dad|stepdad|step mum|stepmum|stepmother|stepson|stepdaughter|step dad|stepfather|stepmother|baby daddy|baby mum|bestie|fella|bloke|lady friend|dealer|client|colleague|tad|mamgu|nain|taid|tadcu|cariad)s?';
const OWNER = `(?:own|pts?|patients?|victims?|suspects?|offenders?|perps?|perpetrators?|assailants?|attackers?|someones|somebodys|elses|his|hers?|their|theirs|my|our|${RELATIVE})`;
const DWELLING =
  '(?:home|house|hse|flat|address|addy|addr|place(?! of work)|gaff|garden|room|bedroom|property|doorstep|driveway|residence|accommodation|accom|caravan|apartment|apt|bungalow|cottage|maisonette|lodgings|digs|pad|crib|shed|garage|porch|hallway|kitchen|landing|yard|drive|street door|front door|back door|estate|block|tent|houseboat|bedsit|ty|cartref)';
const words = (text: string) => text.split(/\s+/);
/** Numbers in words, English and Welsh. */
const ONES = words('one two three four five six seven eight nine');
const TENS = words('twenty thirty forty fifty sixty seventy eighty ninety');
const NUMBER_WORDS: ReadonlySet<string> = new Set([
  ...ONES,
  ...TENS,
  ...TENS.flatMap((ten) => ONES.map((one) => ten + one)),
  ...words(
    'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen hundred oh un dau dwy tri tair pedwar pedair pump chwech saith wyth naw deg deuddeg pymtheg deunaw ugain cant',
  ),
]);
const NUMBERS = [...NUMBER_WORDS].join('|');
const ON_THE_WAY =
  'walk|walking|walked|way|going|go|went|heading|headed|returning|coming|journey|cycling|travelling';

/** What begins one of the words of a text, as any of the patterns has it; looked for there alone, since most words begin none. */
function atWords(patterns: readonly string[]): RegExp {
  return new RegExp(`(?<![^ ])(?:${patterns.join('|')})`);
}

/** Words, joined by single spaces, by which a text says that it speaks of a home, whatever place it names too. */
const PRIVATE_WORDS = atWords([
  `\\b${OWNER} (?:(?!states|says|said|at|outside|in|near)\\w+ )?${DWELLING}s?\\b`,
  `^(?:(?:at|in|from|outside|round|around|o s) )+(?:(?:his|her|their|my|a) )?${RELATIVE}$|^(?:his|her|their|my) ${RELATIVE}$`,
  `\\b(?:at|round|in|outside|by) (?:his|hers|theirs|mine|ours)$`,
  `(?<!\\b(?:${ON_THE_WAY}) (?:back )?)\\bh[o0]me\\b(?! (?:game|match|end|fans?|stand|supporters?|team)\\b)`,
  '\\bhome (?:address|addr)\\b|\\b(?:at|own|in|from|inside|outside|leaving|left) h[o0]me\\b',
  '\\bhm\\b(?! pris)|\\bsofa ?surf\\w*|\\bbed ?spaces?\\b|\\bfoster (?:home|care|carers|mum|mums|parents|placement|family)\\b|\\bplacement\\b',
  '\\b(?:athome|ownhome|homeaddress|homeadd|ptshome|homeaddy)\\b|\\bh me\\b|\\b(?:nursing|care|residential|childrens|rest|foster)homes?\\b|\\b(?:private|residential|home|own|same|usual)addr\\w*|\\w*(?:flat|flt)[0-9]|\\b[0-9]f[0-9]\\b|\\b[gt]ff\\b',
  '\\bown (?:front |back )?(?:step|street|road|door|garden|yard)\\b|\\bapmt\\b|\\bbed sit\\b|^house$|^ty$|^landing$',
  `^${RELATIVE}$`,
  '\\b(?:same|own|private|at|residential|usual|permanent|registered|temp|temporary|current|correspondence|above|pas|recorded) (?:address|addr)\\b|\\b(?:address|addr) (?:as|above|withheld|known|given|on|in)\\b',
  '\\bprivate (?:house|dwelling|property|residence|flat|garden|party|home|land)\\b|\\bhouse ?part(?:y|ies)\\b|\\b(?:flat|garden|dinner|bbq) party\\b',
  '\\b(?:ff?la?t|fl4t|apartment|appt|apt|bedsit|maisonette) ?(?:no |number |nr |num )?(?:[0-9]+[a-z]?|[a-z])\\b',
  '\\b(?:ground|first|second|third|top|1st|2nd|3rd|4th|upper|lower|middle)? ?(?:floor|basement|attic|council|shared|student|studio|penthouse|garden|granny) (?:flat|apartment)\\b|\\bflat (?:above|over|below|under|upstairs|near|nr|by|opp|opposite|behind|next|beside|in|on|at|off|across|round)\\b|\\bflats\\b',
  '\\b(?:in|at|inside|outside|a|of) (?:flat|house|hse|apartment|bungalow|maisonette)\\b(?! (?:iron|of)\\b)',
  '\\b(?:bedsit|maisonette|dwelling|domicile|residence|residential|resid(?:es|ing|ent)|lodgings|refuge|indoors|homestead|tower block|high ?rise|council house|hmo|supported living|extra care|retirement|nursing home|care home|rest home)\\b',
  '\\b(?:in|from|out of) bed\\b|\\bbedrooms?\\b|\\b(?:living|sitting|spare|front) room\\b|\\bin (?:bath|shower|the bath)\\b|\\bin (?:his|her|their|my) (?:\\w+ )?(?:kitchen|lounge|hallway|garden|room|bathroom|yard)\\b',
  '\\bliv(?:e|es|ed|ing|in) (?:at|with|there|here|alone|on|in|near|nr|off|opposite|opp|above|over|by|next|round|around|behind|across|down|up)\\b|\\b\\b(?:he|she|they|pt|patient|victim|i|where|who) (?:lives?|lived|stays?|resides?|staying|is staying|now lives|lives)\\b|\\b(?:lives|lived|resides)\\b|\\b(?:staying|stays) (?:at|with|in|above|over|near|nr|round)\\b',
  '\\b(?:room|rm|ystafell) ?(?:no |number )?[0-9]+[a-z]?\\b|\\b(?:when|once|after|as) (?:he|she|they|we|i|pt) got (?:in|back)\\b',
  '\\bsupported (?:housing|accom\\w*|lodgings)\\b|\\b(?:emergency|temporary|temp) (?:housing|accom\\w*)\\b|\\b(?:uni|university) halls\\b|\\b(?:where|he|she|they|pt) sleeps?\\b|\\b(?:hes|shes|theyre|is|now) (?:living|lodging)\\b',
  '\\bdomestic\\b|\\bdv\\b|\\bdva\\b|\\bdomestics\\b|\\bdom viol\\w*|\\bidva\\b',
  '\\b(?:hall|halls) of residence\\b|\\b(?:student|uni|university) (?:digs|house|flat|room)\\b|\\bhalls room\\b|\\bdorm(?:itory|s)?\\b',
  // Welsh: at home, a home, in the (his, her, my) house; at his mother's.
  '\\b[gc]h?artref\\b|\\bngh?artref\\b|\\byn (?:y|ei|eu|fy) (?:ty|thy|dy|nhy|tai|fflat)\\b|\\bfflat(?:iau)?\\b|\\b(?:ty|thy|dy|nhy) (?:mam|dad|tad|nan|gran|nanna|mum|ffrind|fy|ei|nain|mamgu|tadcu|taid|cariad|gwr|wraig|brawd|chwaer)\\b|\\bi?adref?\\b.*\\b(?:yn|ei)\\b|\\bparti ty\\b|\\b(?:ei|eu|fy) (?:h?ystafell|dy|gegin|chegin|ardd|gardd)\\b|\\bystafell wely\\b',
]);
/** Words that may speak of a home; a public place that is named beside them outweighs them. */
const UNSURE_WORDS = atWords([
  '\\b(?:flat|apartment|apartments|cottage|bungalow|farmhouse|hostel|caravan|doorstep|driveway|property|address|addr|accommodation|accom|halls|sheltered|adref?|lodge|mansions?|villas?|homestead|farm|maisonettes?|tent|houseboat|communal|intercom|letterbox|mobile home|annexe)\\b',
  '\\b(?:squat|semi detached|semi independent|approved premises|landing|shed|porch|loft|attic|adres|afterparty|supported|carer|care worker|support worker|social worker|district nurse|health visitor|midwife)\\b|\\bafter party\\b|\\broom at\\b|\\bsleeping in\\b|\\bdrws ffrynt\\b|\\byn yr ardd\\b',
  '^house\\b|\\b(?:to|from|crack|terraced|detached|derelict|empty|random|another) house\\b|(?<!\\b(?:public|opera|coffee|ale|beer|pizza|kebab|custom|court|club|free|steak|curry|balti|tap) )\\bhouses? (?:on|in|off|near|nr|by|opposite|opp|next|round|behind)\\b',
  '\\b(?:his|her|their|own|my|on|asleep on) (?:sofa|settee|couch)\\b|\\b(?:his|her|their|own|my) (?:boat|narrowboat|van|caravan)\\b|\\bon drive(?:way)?\\b|\\bat door\\b|\\b(?:answered|opened|answering|opening|knock\\w* (?:on|at)) (?:his |her |own |front )?door\\b|\\bat (?:someones|somebodys)\\b',
  '\\b(?:front|back) (?:door|garden|room)\\b|\\bin (?:garden|kitchen|bathroom|lounge|hallway|stairwell)\\b|\\bstairwell\\b',
  '\\b\\w+s (?:house|hse|gaff|pad|crib|digs|garden|garage|home|place|flat)\\b',
  '\\bas (?:per )?(?:above|address|registered|pas|demographics?|details)\\b|\\bsee above\\b|\\bsame(?: \\w*\\d\\w*)?$|\\bnext doors?\\b|\\bneighbours?\\b|\\bsee (?:address|demographics|pas)\\b',
  `\\b(?:number|num|rhif) (?:${NUMBERS})\\b|\\b(?:no|number|num|nr|rhif) ?[0-9]+[a-z]?\\b|\\b(?:room|rm|plot|pitch|block) [0-9]+[a-z]?\\b`,
  '\\b(?:mr|mrs|miss|ms) [a-z]+\\b',
  `\\b(?:at|round|in|from|outside) (?:(?:an?|his|her|their|my) )?${RELATIVE}\\b`,
  '(?<!\\b(?:with|by|and|of) (?:his |her |their |my |ex )?)\\b(?:nans|nanas|nannas|mums|mams|dads|grans|grandmas|grandads|sisters|brothers|aunties|aunts|uncles|cousins|exs|gfs|bfs|girlfriends|boyfriends|partners|parents|inlaws)(?: (?:in|at|on|near|by)\\b|(?: [a-z#]+)?(?: \\w*\\d\\w*)?$)',
  // Whose place it is comes first: "stepdad's, Grand Avenue", "mates, Fairwater".
  `^(?:(?:at|round|in|from|outside|near|o s|os) )*(?:(?:his|her|their|my|pts?) )?(?:ex )?(?!(?:family|friend)s? (?:and|at|in|with)\\b)(?:${RELATIVE.slice(3, -3)})s\\b`,
  // A postcode stands for some fifteen addresses.
  '\\b(?:[a-z]{1,2}|(?!at|on|in|by|to|of|is|st|rd|no|he|we|up|or|as|am|pm|pt|nr)[a-z]{2} )[0-9][a-z0-9]? ?[0-9o] ?[abd-jlnp-uw-z] ?[abd-jlnp-uw-z]\\b',
]);

/** Words that must be seen through a slip of the finger or a digit for a letter. */
const WATCHED = [
  'home',
  'house',
  'flat',
  'address',
  'partner',
  'partners',
  'girlfriend',
  'girlfriends',
  'boyfriend',
  'boyfriends',
  'friends',
  'bedroom',
  'apartment',
  'domestic',
  'residence',
  'accommodation',
  'mothers',
  'fathers',
  'parents',
  'brothers',
  'sisters',
  'husband',
  'neighbours',
  'hostel',
  'gartref',
  'indoors',
  'bungalow',
  'maisonette',
  'doorstep',
  'driveway',
  'caravan',
]; // prettier-ignore
/** Words that are a letter away from a watched one, and right as they stand. */
const RIGHT = new Set(['hole', 'hope', 'hose', 'hoe', 'flag', 'flap', 'flit', 'float', 'patents']);
const WATCHED_SET: ReadonlySet<string> = new Set(WATCHED);
const DIGIT_LETTERS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
};

/** How surely a text speaks of a home. */
export type HomeSign = 'private' | 'unsure' | 'none';

/** What the words of a text say of a home, on their own; `isName` tells words of names, which are no slips. */
export function homeSign(words: readonly string[], isName: (word: string) => boolean): HomeSign {
  const core = withoutCircumstances(words);
  const sign = signOf(words, isName);
  if (core.length === words.length || core.length === 0 || sign === 'private') return sign;
  const ofCore = signOf(core, isName);
  return ofCore === 'none' ? sign : ofCore;
}

const DEED = /^(?:assault(?:ed)?|attack(?:ed)?|punched|hit|kicked|alleged|pt|states)$/;
const WHEN = /^(?:[0-9]+[a-z]{0,2}|am|pm|hrs)$/;

/** A text without what was done before and the hour after it: what is left may be nothing but whose home it was. */
function withoutCircumstances(words: readonly string[]): readonly string[] {
  const isDeed = (word: string | undefined) => word !== undefined && DEED.test(word);
  const isWhen = (word: string | undefined) => word !== undefined && WHEN.test(word);
  if (!isDeed(words[0]) && !isWhen(words.at(-1))) return words;
  const from = words.findIndex((word) => !isDeed(word));
  const to = words.findLastIndex((word) => !isWhen(word));
  return from < 0 || to < from ? [] : words.slice(from, to + 1);
}

/** The same, of the words as they stand. */
function signOf(words: readonly string[], isName: (word: string) => boolean): HomeSign {
  const text = words.join(' ');
  if (PRIVATE_WORDS.test(text)) return 'private';
  const seen = seenThrough(words, isName);
  if (seen !== undefined && PRIVATE_WORDS.test(seen)) return 'private';
  if (isAtSomeones(words, isName)) return 'unsure';
  return UNSURE_WORDS.test(text) || (seen !== undefined && UNSURE_WORDS.test(seen)) ? 'unsure' : 'none';
}

/** "At Dave's", "round Sarah's on Clifton Street", "Tom's, Splott"; no "Frank's Cafe". */
const isAtSomeones = (words: readonly string[], isName: (word: string) => boolean): boolean =>
  words.some((word, i) => {
    if (!isSomeonesName(word)) return false;
    if (i > 0 && !/^(?:at|round|in|from|outside|os|leaving|s)$/.test(words[i - 1] as string)) return false;
    const next = words[i + 1];
    if (next === undefined || SMALL_WORDS.has(next)) return true;
    return (
      i === 0 && !isName(word) && !GENERIC.has(next) && !VENUE_WORDS.has(next) && !STREET_WORDS.test(next)
    );
  });
const SMALL_WORDS: ReadonlySet<string> = new Set(['on', 'in', 'near', 'nr', 'by', 'off', 'at']);

/** True where a name is made of words for homes and of nothing else, so that it must never count as a place. */
export function isHomeName(words: readonly string[]): boolean {
  const text = words.join(' ');
  return PRIVATE_WORDS.test(text) && text.replace(PRIVATE_WORDS, '').trim() === '';
}

/** True where a name is a house's number and a street, as some businesses are called: it does not make up for other words. */
export const isDoubtfulName = (words: readonly string[]): boolean => isNumbered(words);

/** The text with letters for digits, letters that stand apart joined, and slips in watched words put right; undefined where nothing changes. */
function seenThrough(words: readonly string[], isName: (word: string) => boolean): string | undefined {
  let changed = false;
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    let letters = i;
    while (letters < words.length && (words[letters] as string).length === 1) letters++;
    if (letters - i >= 3) {
      out.push(words.slice(i, letters).join(''));
      changed = true;
      i = letters - 1;
      continue;
    }
    const word = words[i] as string;
    const right = watchedFor(word, words[i + 1], isName);
    if (right === undefined) out.push(word);
    else {
      out.push(...right.words);
      i += right.used - 1;
      changed = true;
    }
  }
  return changed ? out.join(' ') : undefined;
}

function watchedFor(
  word: string,
  next: string | undefined,
  isName: (word: string) => boolean,
): { words: string[]; used: number } | undefined {
  if (WATCHED_SET.has(word)) return undefined;
  if (
    next !== undefined &&
    word.length + next.length <= 14 &&
    word.length < 5 &&
    WATCHED_SET.has(word + next)
  )
    return { words: [word + next], used: 2 };
  if (word.length < 3 || word.length > 24) return undefined;
  if (/\d/.test(word) && /[a-z]/.test(word)) {
    const letters = word.replace(/[0134578]/g, (digit) => DIGIT_LETTERS[digit] as string);
    return WATCHED_SET.has(letters) ? { words: [letters], used: 1 } : undefined;
  }
  if (COMMON.has(word) || RIGHT.has(word) || isName(word) || /\d/.test(word)) return undefined;
  for (const watched of WATCHED) {
    if (
      watched[0] === word[0] &&
      Math.abs(watched.length - word.length) <= 1 &&
      editDistance(word, watched, 1) === 1
    )
      return { words: [watched], used: 1 };
  }
  return runOn(word);
}

const RUN_ON = new RegExp(
  `^(?:at|in|outside|near|os?|s)*?(?:(?:own|pts?|patients?|his|her|their|my|laws|${RELATIVE})+?(?:home|house|hse|flat|addr|addy|bedroom|room|place|property|garden|gaff)|(?:home|house|flat|address|bedroom)s?$)`,
);
const RUN_ON_KIN =
  /^(?:(?:at|round|os|outside)(?:his|her|their|my)?|(?:his|her|their|my))(?:nan|nana|mum|mam|dad|gran|sister|brother|auntie|aunty|uncle|cousin|friend|girlfriend|boyfriend|parent|partner|neighbour)s/;

/** A word that is several run together, which say whose home it is. */
function runOn(word: string): { words: string[]; used: number } | undefined {
  if (word.length < 6) return undefined;
  return RUN_ON_KIN.test(word) || RUN_ON.test(word) ? { words: ['own', 'home'], used: 1 } : undefined;
}

const HOUSE_NUMBER = /^\d{1,3}[a-z]?$/;
const isHouseNumber = (word: string) => word.charCodeAt(0) < 58 && HOUSE_NUMBER.test(word);
/** True of a number in words. */
export const isNumberWord = (word: string): boolean => NUMBER_WORDS.has(word);
/** What a number counts when it is none of a house. */
const COUNTED =
  /^(?:am|pm|hrs?|hours?|oclock|past|mins?|minutes|men|males?|females?|lads?|youths?|people|persons?|boys?|girls?|times|x|others|teenagers|guys|yrs?|years?|yo|weeks?|days?|to|half|of|unknown|attackers?|assailants?|women|blokes?|strangers|bouncers|doormen|kids|adults|nights?|ago|drunks?|masked|hooded|large|young|fellas|gents|ladies|teens|lots|groups?|separate|other|asian|white|black)$/;

/** True where a house's number stands before or after a street's name. */
export function isNumbered(words: readonly string[]): boolean {
  return words.some((word, i) => {
    const next = words[i + 1] ?? '';
    if (NUMBER_WORDS.has(word)) return !COUNTED.test(next) && spelledNumber(words, i);
    if (!isHouseNumber(word)) return false;
    if (i > 0 && STREET_WORDS.test(words[i - 1] as string) && !COUNTED.test(next)) return true;
    return !COUNTED.test(next) && words.slice(i + 1, i + 5).some((other) => STREET_WORDS.test(other));
  });
}

const WELSH_STREET = /^(?:heol|stryd|ffordd|clos|rhodfa|lon)$/;

/** True where a number, in words or digits, stands right before or after the name of a street: words start to end (exclusive). */
export function isNumberedStreet(words: readonly string[], start: number, end: number): boolean {
  const isNumber = (word: string | undefined) =>
    word !== undefined && (NUMBER_WORDS.has(word) || isHouseNumber(word));
  const next = words[end + 1] ?? '';
  if (isNumber(words[end]) && !COUNTED.test(next)) return true;
  return isNumber(words[start - 1]) && !/^(?:half|past|to)$/.test(words[start - 2] ?? '');
}

/** A number in words counts as a house's where nothing but a name stands between it and the street. */
function spelledNumber(words: readonly string[], i: number): boolean {
  for (let j = i + 1; j < Math.min(words.length, i + 5); j++) {
    const word = words[j] as string;
    if (STREET_WORDS.test(word)) return j > i + 1 || WELSH_STREET.test(word);
    if (COMMON.has(word) && !NUMBER_WORDS.has(word)) return false;
  }
  return false;
}
