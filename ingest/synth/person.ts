import { DAY, dateText } from './calendar.ts';
import { drawInteger, drawItem, drawMix, mixOf, type Random } from './random.ts';

/** An invented person. No value belongs to anyone: the NHS number is of the range kept for tests. */
export type Person = {
  readonly nhsNumber: string;
  readonly name: string;
  /** Civil minute of birth, at midnight. */
  readonly born: number;
  readonly postcode: string;
  readonly sex: 'M' | 'F' | '';
};

const FORENAMES_M = [
  'Aldric',
  'Bartram',
  'Caspian',
  'Dougal',
  'Evander',
  'Fenwick',
  'Gethin',
  'Hamish',
  'Idris',
  'Jago',
  'Kofi',
  'Lorcan',
  'Mateusz',
  'Nikhil',
  'Osric',
  'Piers',
  'Quentin',
  'Rafiq',
  'Stellan',
  'Tobiah',
  'Umar',
  'Viggo',
];
const FORENAMES_F = [
  'Agnessa',
  'Blodwen',
  'Cordelia',
  'Demelza',
  'Eithne',
  'Farida',
  'Gwenllian',
  'Honorine',
  'Ismene',
  'Jolanta',
  'Kerensa',
  'Lowenna',
  'Morwenna',
  'Nerys',
  'Ottilie',
  'Parveen',
  'Rhoswen',
  'Saskia',
  'Tamsin',
  'Ursula',
  'Wanjiru',
];
const SURNAME_STARTS = [
  'Quill',
  'Brack',
  'Thren',
  'Wobble',
  'Ample',
  'Mickle',
  'Harrow',
  'Under',
  'Pentre',
  'Oaken',
  'Trevel',
  'Dabble',
  'Crim',
  'Fother',
  'Zell',
  'Jessel',
  'Nettle',
  'Ravens',
  'Swither',
  'Yatter',
];
const SURNAME_ENDS = [
  'feather',
  'bourne',
  'thwaite',
  'wick',
  'more',
  'borough',
  'stack',
  'ington',
  'swade',
  'garth',
  'yard',
  'mond',
  'leigh',
  'by',
  'combe',
  'whistle',
  'penny',
  'over',
];

/** Ten-digit numbers of the test range 999 with valid check digits, each another: some 900,000, then the same again. */
export function nhsNumbers(): () => string {
  let serial = 0;
  return () => {
    for (;;) {
      // 381,161 shares no factor with a million: numbers that follow one another look unordered and never meet.
      const nine = `999${String((serial++ * 381_161 + 417) % 1_000_000).padStart(6, '0')}`;
      const check = nhsCheckDigit(nine);
      if (check !== null) return nine + check;
    }
  };
}

/** The check digit of nine digits, or null where the nine can have none. */
export function nhsCheckDigit(nine: string): number | null {
  let sum = 0;
  for (let i = 0; i < 9; i++) sum += Number(nine[i]) * (10 - i);
  const digit = (11 - (sum % 11)) % 11;
  return digit === 10 ? null : digit;
}

const AGES = mixOf<readonly [number, number]>([
  [[2, 10], 0.5],
  [[11, 17], 8],
  [[18, 30], 46],
  [[31, 50], 31],
  [[51, 79], 13.5],
  [[80, 96], 1],
]);

/** Whom an incident may injure: the ages and the share of males. */
export type Crowd = 'anyone' | 'pupils' | 'home';
const MALES: Readonly<Record<Crowd, number>> = { anyone: 0.72, pupils: 0.68, home: 0.4 };

/** A person of a crowd with an NHS number, whose age is that of the civil minute given. */
export function inventPerson(random: Random, nhsNumber: string, crowd: Crowd, minute: number): Person {
  const [low, high] = crowd === 'pupils' && random() < 0.85 ? ([11, 17] as const) : drawMix(random, AGES);
  const days = Math.floor(drawInteger(random, low, high) * 365.25 + random() * 365);
  const male = random() < MALES[crowd];
  const forename = drawItem(random, male ? FORENAMES_M : FORENAMES_F);
  const surname = drawItem(random, SURNAME_STARTS) + drawItem(random, SURNAME_ENDS);
  const born = (Math.floor(minute / DAY) - days) * DAY;
  const postcode = inventPostcode(random);
  return {
    nhsNumber,
    name: `${surname}, ${forename}`,
    born,
    postcode,
    sex: random() < 0.015 ? '' : male ? 'M' : 'F',
  };
}

/** A postcode of an area (MH) that does not exist. */
export function inventPostcode(random: Random): string {
  const letters = 'ABDEFGHJLNPQRSTUWXYZ';
  const letter = (): string => letters[Math.floor(random() * letters.length)] as string;
  return `MH${drawInteger(random, 1, 9)} ${drawInteger(random, 1, 9)}${letter()}${letter()}`;
}

/** Whole years from birth to a civil minute. */
export function ageAt(born: number, minute: number): number {
  const birth = dateText(born);
  const now = dateText(minute);
  return Number(now.slice(0, 4)) - Number(birth.slice(0, 4)) - (now.slice(5) < birth.slice(5) ? 1 : 0);
}
