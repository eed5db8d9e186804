/** The ways in which people call a place: its names without what they leave out. */
import type { PlaceLevel } from '../../schemas/gazetteer.ts';
import { COMMON, GENERIC, SKIPPED } from './common-words.ts';
import { isDoubtfulName, isHomeName } from './home-words.ts';
import { STANDS_FOR, STREET_WORDS, WELSH_TYPES } from './street-words.ts';
import { wordsOf } from './words.ts';

export interface NameVariant {
  readonly words: readonly string[];
  /** How far it is from the name as listed, in the units of a match's cost. */
  readonly cost: number;
  /** Whether the name says by itself that the place is public. */
  readonly isSure: boolean;
}

export const SHORTENED = 6;
export const SHOP = 12;
const WITHOUT_TYPE = 14;
/** Words that say what a thing is, and with another such word name one: the Home Inn, the Garden Bar. */
const MAY_NAME = /^(?:home|garden|town|park)$/;
const LEGAL = new Set(['ltd', 'limited', 'plc', 'llp', 'uk', 'llc', 'cyf']);
/** What may stand behind a name and is left out. */
const KIND_WORDS =
  /^(?:pub|bars?|inn|hotel|club|nightclub|night|restaurants?|cafe|tavern|public|house|lounge|carvery|arms|gentlemens|free|guest|ph|school|cinemas?|theatre|arena|stadium|centre|hospital|academy|saloon|catering|casino|catholic|rc|social|sports?|rugby|football|rfc|fish|fishbar|chippy|kebabs?|doner|takeaway|chips|pizza)$/;
/** The same of shops, which people name in full where they are not well known. */
const SHOP_WORDS =
  /^(?:stores?|shop|supermarket|supercentre|mini|market|minimarket|news|newsagents?|group|foods?|foodstores|express|kitchen|grill|coffee|tearooms?|deli|convenience|premier)$/;

/**
 * The names of a place, each once, the full one first; names of nothing but common words, and those of homes, are left
 * out. `localities` are words of towns and suburbs, which names end with and people do not say.
 */
export function nameVariants(
  name: string,
  level: PlaceLevel,
  localities: ReadonlySet<string>,
): NameVariant[] {
  const variants = new Map<string, NameVariant>();
  const add = (words: readonly string[], cost: number) => {
    const kept = words.filter((word) => !SKIPPED.has(word));
    const key = kept.join(' ');
    if (!isUsable(kept, level) || (variants.get(key)?.cost ?? Number.POSITIVE_INFINITY) <= cost) return;
    variants.set(key, { words: kept, cost, isSure: !isDoubtfulName(kept) });
  };
  for (const part of partsOf(name, level)) {
    const all = wordsOf(part).words.map((word, i, words) =>
      canonical(word, level, i > 0 && i === words.length - 1),
    );
    add(all, 0);
    if (level === 'place') shorten(all, localities, add);
    if (level === 'street') shortenStreet(all, add);
    if (level === 'area') shortenArea(all, add);
  }
  return [...variants.values()];
}

/** A name in full, and what stands in its brackets or on either side of its slashes. */
function partsOf(name: string, level: PlaceLevel): string[] {
  const plain = name.replace(/\([^)]*\)/g, ' ');
  const bracketed = [...name.matchAll(/\(([^)]{3,})\)/g)].map(([, inner]) => inner as string);
  const parts = [
    plain,
    ...bracketed.filter(
      (inner) => !/\b(?:only|sales|inns|ltd|limited|premier|garage|petrol|cafe|shop)\b/i.test(inner),
    ),
  ];
  const split = level === 'area' ? plain.split(/\/| and | a (?=T)/) : plain.split(/\s[-/]\s|\/|,/);
  return [...parts, ...(split.length > 1 ? split : [])].filter((part) => part.trim() !== '');
}

/** Words of names are indexed as they are in full, as the words of texts stand for those. */
function canonical(word: string, level: PlaceLevel, isLast: boolean): string {
  if (word === 'st') return isLast ? 'street' : 'saint';
  const [full, other] = STANDS_FOR.get(word) ?? [];
  return level === 'street' && full !== undefined && other === undefined ? full : word;
}

function shorten(
  all: readonly string[],
  localities: ReadonlySet<string>,
  add: (words: readonly string[], cost: number) => void,
): void {
  let words = all.filter((word) => !SKIPPED.has(word));
  const [first = ''] = words;
  if (words.length > 2 && /^(?:old|new)$/.test(first)) add(words.slice(1), SHORTENED);
  if (words.length > 1 && localities.has(first)) add(words.slice(1), SHORTENED);
  let cost = 0;
  const cut = () => {
    const last = words.at(-1) as string;
    if (words.length < 2) return false;
    if (LEGAL.has(last)) cost += 0;
    else if (SHOP_WORDS.test(last)) cost += cost === 0 ? SHOP : 2;
    else if (localities.has(last) || KIND_WORDS.test(last)) cost += cost === 0 ? SHORTENED : 2;
    else return false;
    words = words.slice(0, -1);
    return true;
  };
  while (cut()) {
    const last = words.at(-1) as string;
    // What is left must still be a name: not a suburb, nor a word that means something else in a text.
    if (words.length === 1 && (COMMON.has(last) || localities.has(last) || last.length < 4)) return;
    add(words, cost);
  }
}

function shortenStreet(all: readonly string[], add: (words: readonly string[], cost: number) => void): void {
  const [first = ''] = all;
  const last = all.at(-1) as string;
  if (all.length === 2) for (const type of WELSH_TYPES[last] ?? []) add([type, first], 0);
  if (all.length === 2 && STREET_WORDS.test(last) && first.length >= 5 && !COMMON.has(first))
    add([first], WITHOUT_TYPE);
}

function shortenArea(all: readonly string[], add: (words: readonly string[], cost: number) => void): void {
  if (all.length === 2 && /^(?:village|estate|ward|town)$/.test(all[1] as string))
    add(all.slice(0, 1), SHORTENED);
}

function isUsable(words: readonly string[], level: PlaceLevel): boolean {
  if (words.join('').length < 3 || isHomeName(words)) return false;
  const [only = ''] = words.length === 1 ? words : [];
  if (level === 'area' || level === 'elsewhere') return true;
  if (level === 'street') return only === '' || !GENERIC.has(only);
  // "CF10" is a postcode's, whoever has a shop of that name.
  if (COMMON.has(only) || /^[a-z]{1,2}\d/.test(only)) return false;
  const isKind = (word: string) => GENERIC.has(word) && !(words.length > 1 && MAY_NAME.test(word));
  return !words.every((word) => isKind(word) || /^\d+$/.test(word));
}
