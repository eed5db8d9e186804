/** The names of a file's columns to the fields of a profile. */
import type { Profile } from '../schemas/profile.ts';
import type { Columns } from './csv.ts';
import { SourceError } from './source-error.ts';

/** A column's name without what differs from one export to the next: case, spaces and punctuation. */
export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** Words of columns' names; nobody is called by two of them, nor by all of a longer name. */
const COLUMN_WORDS =
  /^(ae|age|ambulance|and|area|arrival|arrived|assault|at|attendance|attended|birth|by|call|caller|category|class|code|complaint|crime|date|department|description|details|diagnosis|disposal|easting|ed|emergency|end|ethnicity|event|for|free|from|gender|happened|hospital|hour|id|identifier|in|incident|injury|intent|latitude|location|longitude|mechanism|method|nature|nhs|no|northing|number|occurred|of|offence|offense|on|or|other|patient|place|police|post|postcode|premises|presenting|pt|reason|record|recorded|reference|reported|sex|site|source|start|status|street|text|the|time|to|treatment|triage|type|used|venue|victim|weapon|where)$/i;

/**
 * A name that is plainly a column's: letters, perhaps a question mark at the end, and not what may be a person's: two or
 * three words of which none is a column's ("JO BLOGGS"), or that begin with capitals ("Jo Bloggs"), unless all are
 * ("Incident Date").
 */
export const looksLikeName = (name: string) => {
  if (!/^[A-Za-z][A-Za-z _()/-]{0,59}\??$/.test(name)) return false;
  const known = name.split(/[ -]/).map((word) => COLUMN_WORDS.test(word));
  if (/^[A-Z][a-z]+([ -][A-Z][a-z]+)+$/.test(name)) return !known.includes(false);
  return known.includes(true) || !/^[A-Za-z]+([ -][A-Za-z]+){1,2}$/.test(name);
};

/** Columns that no field of the profile takes, as they may be printed. */
export interface FileHeader {
  readonly columns: Columns;
  readonly unknown: readonly string[];
  /** Fields whose column is in the file. */
  readonly present: readonly string[];
}

/**
 * Matches column names to the fields of a profile without regard to case, spaces and punctuation. A field that
 * is dropped is not read, though it is known.
 *
 * @throws SourceError where a required column is missing or two columns have one name.
 */
export function matchHeader(profile: Profile, names: readonly string[]): FileHeader {
  // Read on, such a file would be one long header, and its values would pass for names of columns.
  if (names.some((name) => /[\r\n]/.test(name.trim())))
    throw new SourceError(
      'lines end with a carriage return alone: save the file with LF or CRLF line ends',
      1,
    );
  const fieldNames = Object.keys(profile.fields);
  const wanted = new Map<string, number>();
  fieldNames.forEach((name, i) => {
    const { header } = profile.fields[name] as Profile['fields'][string];
    if (wanted.has(plainName(header)))
      throw new SourceError(
        `two fields are read from the column "${header}": correct "headers" in cardiff.yaml`,
      );
    wanted.set(plainName(header), i);
  });
  const columns = new Int32Array(names.length).fill(-1);
  const unknown: string[] = [];
  const present = new Set<number>();
  names.forEach((name, column) => {
    const field = wanted.get(plainName(name));
    if (field === undefined) {
      unknown.push(looksLikeName(name.trim()) ? name.trim() : `column ${column + 1}`);
      return;
    }
    const { header, fate } = profile.fields[fieldNames[field] as string] as Profile['fields'][string];
    if (present.has(field)) throw new SourceError(`two columns are called "${header}": keep one`, 1);
    present.add(field);
    columns[column] = fate === 'drop' ? -1 : field;
  });
  const missing = fieldNames.filter((name, i) => profile.fields[name]?.required && !present.has(i));
  if (missing.length > 0) {
    const list = missing.map((name) => `"${profile.fields[name]?.header}"`).join(', ');
    throw new SourceError(
      `the first row lacks the column${missing.length > 1 ? 's' : ''} ${list} of ${profile.id}: ` +
        'deliver the file with its header row, or name the columns under "headers" in cardiff.yaml',
      1,
    );
  }
  return {
    columns,
    unknown,
    present: [...present].map((i) => fieldNames[i] as string),
  };
}
