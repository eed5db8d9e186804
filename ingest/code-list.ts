/** A list of codes that a partnership supplies: the national code sets, with what counts and when it is valid. */
import { PLACE_KINDS, WEAPONS } from '../schemas/incident.ts';
import { COUNTS, type CodeLists, type ListedCode } from '../schemas/profile.ts';
import { SourceError } from './source-error.ts';
import { readTable } from './table.ts';

const COLUMNS = [
  'snomed_code',
  'refset_uniqueid',
  'ecds_uniqueid',
  'valid_from',
  'valid_to',
  'counts_as_assault',
  'weapon',
  'place_kind',
];
const ALWAYS_FROM = -2147483648;
const ALWAYS_TO = 2147483647;
/** Said of an intent of which nobody has decided whether it counts. */
const UNDECIDED = 'unclassifiable: listed without a decision whether it counts as assault';

/**
 * Reads CSV files with the columns of the national code sets (SNOMED_Code, REFSET_UniqueID, Valid_From, Valid_To) and
 * those that the partnership adds: Counts_As_Assault (yes or no), Weapon, Place_Kind. `refsets` says which list each
 * field's codes are of; rows of other lists are passed over, and mechanisms and places without a meaning are not listed.
 *
 * @throws SourceError with file and line for what cannot be understood.
 */
export async function readCodeLists(
  paths: readonly string[],
  refsets: Readonly<{ intent: string; mechanism: string; place: string }>,
): Promise<CodeLists> {
  const lists: Record<'intent' | 'mechanism' | 'place', ListedCode[]> = {
    intent: [],
    mechanism: [],
    place: [],
  };
  const fieldOf = new Map(Object.entries(refsets).map(([field, refset]) => [refset, field]));
  for (const path of paths) {
    for await (const { line, values } of readTable(path, COLUMNS)) {
      const [code = '', refset = '', unique = '', from = '', to = '', counts = '', weapon = '', place = ''] =
        values;
      if (code === '') continue;
      const wrong = (what: string) => new SourceError(`${path}:${line}: ${what}`);
      if (!/^\d{6,18}$/.test(code)) throw wrong('SNOMED_Code: wanted 6 to 18 digits, formatted as text');
      if (/E\+/i.test(code))
        throw wrong('SNOMED_Code: a spreadsheet has rounded it: format the column as text');
      const field = refset !== '' ? fieldOf.get(refset) : guessed(counts, weapon, place);
      if (field === undefined) {
        if (refset === '') throw wrong('REFSET_UniqueID: wanted the id of the list that the code is of');
        continue;
      }
      // A code that was withdrawn at a time nobody tells is none that a record can be understood by.
      if (/^code deprecated$/i.test(unique) && to === '') continue;
      const span = {
        code,
        from: dayOf(from, ALWAYS_FROM, () => wrong('Valid_From: wanted YYYY-MM-DD or DD/MM/YYYY')),
        to: dayOf(to, ALWAYS_TO, () => wrong('Valid_To: wanted YYYY-MM-DD or DD/MM/YYYY')),
      };
      if (field === 'intent') lists.intent.push({ ...span, value: intentOf(counts, wrong) });
      else if (field === 'mechanism' && weapon !== '')
        lists.mechanism.push({ ...span, value: oneOf(WEAPONS, weapon, 'Weapon', wrong) });
      else if (field === 'place' && place !== '')
        lists.place.push({ ...span, value: oneOf(PLACE_KINDS, place, 'Place_Kind', wrong) });
    }
  }
  return lists;
}

/** Which list a row is of that does not say: the one whose column it fills. */
function guessed(counts: string, weapon: string, place: string): string | undefined {
  const filled = [counts && 'intent', weapon && 'mechanism', place && 'place'].filter(
    (field) => field !== '',
  );
  return filled.length === 1 ? filled[0] : undefined;
}

type Wrong = (what: string) => SourceError;

function intentOf(counts: string, wrong: Wrong): string {
  if (counts === '') return UNDECIDED;
  if (/^(yes|y|true|1)$/i.test(counts)) return COUNTS;
  if (/^(no|n|false|0)$/i.test(counts)) return 'not assault';
  throw wrong('Counts_As_Assault: wanted yes, no or nothing');
}

function oneOf(values: readonly string[], text: string, column: string, wrong: Wrong): string {
  const value = text.toLowerCase();
  if (!values.includes(value)) throw wrong(`${column}: wanted one of ${values.join(', ')}, or nothing`);
  return value;
}

/** A date as days since 1970-01-01. */
function dayOf(text: string, empty: number, wrong: () => SourceError): number {
  if (text === '') return empty;
  const iso = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
  const uk = /^(\d\d?)[/.-](\d\d?)[/.-](\d{4})/.exec(text);
  const [year, month, day] = (iso ? iso.slice(1) : uk ? [uk[3], uk[2], uk[1]] : []).map(Number);
  const time = Date.UTC(year ?? Number.NaN, (month ?? 0) - 1, day);
  if (Number.isNaN(time) || new Date(time).getUTCDate() !== day) throw wrong();
  return time / 86_400_000;
}
