/** The first line of a business address, taken apart: what it stands in, and the street. */

export interface AddressParts {
  /** Name of the building or of the business that the line begins with; empty where there is none. */
  readonly building: string;
  /** House numbers as written; empty where there are none. */
  readonly number: string;
  /** Empty where the line names no street that can be told from the building. */
  readonly street: string;
}

/** Words with which the name of a street ends. */
export const STREET_TYPES: ReadonlySet<string> = new Set(
  (
    'street road avenue lane close drive terrace way crescent place court gardens row grove mews rise hill square parade ' +
    'walk view broadway esplanade promenade embankment quay arcade green park boulevard circle villas approach link loop ' +
    'yard common side heights'
  ).split(' '),
);
/** Words with which the name of a street begins, in Welsh. */
export const WELSH_STREET_TYPES: ReadonlySet<string> = new Set(
  'heol stryd ffordd clos rhodfa maes lon plas parc rhiw cwrt lôn tyla cae nant bro tir'.split(' '),
);

const NUMBER = /^\d+[A-Za-z]?$/;
const RANGE_WORD = /^(?:-|to|and|&|odd|even)$/i;

/** Words before a street's type that belong to something else than its name. */
export const NO_STREET_NAME =
  /^(?:house|quay|hospital|estate|buildings?|plaza|university|church|bar|cafe|club|pier|hotel|inn|school|cliff|tree|sea|court|centre|hall|road|street|place|park|even|odd|the|and|\W+)$/i;
const PART_OF_NAME = /^(?:st\.?|saint|old|upper|lower|north|south|east|west|great|new|little)$/i;

/**
 * Takes an address line apart. After house numbers comes the street; without one, the longest end of the line that
 * is in `streets` (lower case), or its last two words where they look like a street.
 */
export function partsOfAddress(line: string, streets: ReadonlySet<string>): AddressParts {
  const tokens = line.replace(/,/g, ' , ').split(/\s+/).filter(Boolean);
  const lastNumber = tokens.findLastIndex((token, i) => NUMBER.test(token) && isHouseNumber(tokens, i));
  if (lastNumber >= 0) {
    let first = lastNumber;
    while (
      first > 0 &&
      (NUMBER.test(tokens[first - 1] as string) || RANGE_WORD.test(tokens[first - 1] as string))
    )
      first--;
    return {
      building: joined(tokens.slice(0, first)),
      number: joined(tokens.slice(first, lastNumber + 1)),
      street: joined(tokens.slice(lastNumber + 1).filter((token) => !/^(?:,|odd|even)$/i.test(token))),
    };
  }
  for (let from = 0; from < tokens.length; from++) {
    const end = joined(tokens.slice(from));
    if (streets.has(end.toLowerCase()))
      return { building: joined(tokens.slice(0, from)), number: '', street: end };
  }
  const [first = '', type = ''] = tokens.slice(-2);
  if (!STREET_TYPES.has(type.toLowerCase()) || NO_STREET_NAME.test(first) || /^(?:park)$/i.test(type))
    return { building: joined(tokens), number: '', street: '' };
  let from = tokens.length - 2;
  while (from > 0 && PART_OF_NAME.test(tokens[from - 1] as string)) from--;
  return { building: joined(tokens.slice(0, from)), number: '', street: joined(tokens.slice(from)) };
}

/** A number after "Unit" or "Stall", or with a comma and more numbers behind it, is not the house's. */
function isHouseNumber(tokens: readonly string[], i: number): boolean {
  const before = (tokens[i - 1] ?? '').toLowerCase();
  const rest = tokens.slice(i + 1);
  if (/^(?:unit|stall|stalls|site|room|kiosk|block|bay|phase|floor|building|plot)$/.test(before))
    return false;
  return rest.length > 0 && rest[0] !== ',' && !rest.includes(',') && /[A-Za-z]{3}/.test(rest.join(' '));
}

const joined = (tokens: readonly string[]) =>
  tokens
    .join(' ')
    .replace(/ ,/g, ',')
    .replace(/^[ ,]+|[ ,]+$/g, '');
