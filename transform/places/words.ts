/** A text as plain words. */

/** Letters of other scripts that look like Latin ones: a home must not hide behind them. */
const LOOK_ALIKE: Readonly<Record<string, string>> = Object.fromEntries(
  [...'аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdɡgɩiһhοoαaεeιiκkνvρpτtυuχxɑaøołlđdħhŧt'.matchAll(/(.)(.)/gu)].map(
    ([, from, to]) => [from as string, to as string],
  ),
);

export interface Words {
  /** Lower-case letters and digits of a to z; "the" is left out. */
  readonly words: string[];
  /** Whether "the" stood before the word. */
  readonly the: boolean[];
}

const isPlain = (code: number) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
const APOSTROPHE = 39;
const AMPERSAND = 38;

/** Splits a text at all that is neither letter nor digit; apostrophes join, "&" is "and", accents are dropped. */
export function wordsOf(text: string): Words {
  const plain = withoutTimes(plainText(text));
  const words: string[] = [];
  const the: boolean[] = [];
  let isThe = false;
  let word = '';
  let start = -1;
  const end = (at: number) => {
    if (start >= 0) word += plain.slice(start, at);
    start = -1;
    if (word === '') return;
    if (word === 'the') isThe = true;
    else {
      words.push(word);
      the.push(isThe);
      isThe = false;
    }
    word = '';
  };
  for (let i = 0; i < plain.length; i++) {
    const code = plain.charCodeAt(i);
    if (isPlain(code)) {
      if (start < 0) start = i;
    } else if (code === APOSTROPHE) {
      if (start >= 0) word += plain.slice(start, i);
      start = -1;
    } else {
      end(i);
      if (code === AMPERSAND) {
        words.push('and');
        the.push(false);
      }
    }
  }
  end(plain.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === 'cooperative') words[i] = 'coop';
    if (word !== 'co' || !/^op(?:erative)?$/.test(words[i + 1] ?? '')) continue;
    words.splice(i, 2, 'coop');
    the.splice(i + 1, 1);
  }
  return { words, the };
}

/** Without times of day, whose numbers would else be houses'. */
const withoutTimes = (text: string): string =>
  text.includes(':') ? text.replaceAll(/\b\d{1,2}:\d\d\b(?: ?(?:am|pm|hrs)\b)?/g, ' ') : text;

/** Lower case, without accents and invisible characters, with one kind of apostrophe. */
function plainText(text: string): string {
  const lower = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  if (/^[\x00-\x7f]*$/.test(lower)) return lower;
  return lower
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc\u0060\u00b4]|\p{Mn}|\p{Cf}/gu, '')
    .replace(/[^\x20-\x7f]/gu, (letter) => LOOK_ALIKE[letter] ?? letter);
}
