/** Depersonalised incidents to the message that carries them between two sides, and back. */
import {
  AGE_BANDS,
  type IncidentColumns,
  LOCATED_BY,
  NO_DAY,
  NO_HOUR_OF_WEEK,
  NO_TERM,
  PLACE_KINDS,
  SEXES,
  TIME_PRECISIONS,
  WEAPONS,
  WITHDRAWN,
} from '../schemas/incident.ts';
import type { IncidentMessage } from '../schemas/incident-message.ts';
import { type Tally, total } from '../schemas/tally.ts';

type Columns = IncidentMessage['columns'];

const hex = (high: bigint, low: bigint) =>
  high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0');

/**
 * The columns of a batch as a message has them. `offsets` says by row of the source (`incidents.row`) which offset it
 * came from. Texts are numbered anew: only those that occur are sent.
 */
export function incidentsToColumns(
  incidents: IncidentColumns,
  offsets: Float64Array,
): { columns: Columns; terms: string[] } {
  const { n } = incidents;
  const terms: string[] = [];
  const numbers = new Map<number, number>();
  // In the order of the source: records that leave the store come after the others in a batch, wherever they were.
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => (incidents.row[a] as number) - (incidents.row[b] as number),
  );
  const each = <T>(of: (i: number) => T): T[] => Array.from(order, of);
  const isGone = (i: number) => incidents.keyed[i] === WITHDRAWN;
  const whole = (values: ArrayLike<number>, none: number) =>
    each((i) => (isGone(i) || values[i] === none ? null : (values[i] as number)));
  const word = <T extends string>(values: ArrayLike<number>, list: readonly T[]) =>
    each((i) => list[isGone(i) ? 0 : (values[i] as number)] as T);
  const term = (values: Int32Array) =>
    each((i) => {
      const number = values[i] as number;
      if (isGone(i) || number === NO_TERM) return null;
      if (!numbers.has(number)) numbers.set(number, terms.push(incidents.terms[number] as string) - 1);
      return numbers.get(number) as number;
    });
  return {
    columns: {
      offset: each((i) => offsets[incidents.row[i] as number] as number),
      key: each((i) => hex(incidents.key0[i] as bigint, incidents.key1[i] as bigint)),
      keyed: each((i) => incidents.keyed[i] as 0 | 1 | 2),
      version: each((i) => (Number.isNaN(incidents.version[i]) ? null : (incidents.version[i] as number))),
      person: each((i) =>
        isGone(i) || incidents.person0[i] === 0n
          ? null
          : hex(incidents.person0[i] as bigint, incidents.person1[i] as bigint),
      ),
      occurred_on: whole(incidents.occurredOn, NO_DAY),
      month: whole(incidents.month, NO_DAY),
      hour_of_week: whole(incidents.hourOfWeek, NO_HOUR_OF_WEEK),
      time_precision: word(incidents.timePrecision, TIME_PRECISIONS),
      window_from: whole(incidents.windowFrom, NO_DAY),
      window_to: whole(incidents.windowTo, NO_DAY),
      cell: each((i) =>
        isGone(i) || incidents.cell[i] === 0n ? null : (incidents.cell[i] as bigint).toString(16),
      ),
      located_by: word(incidents.locatedBy, LOCATED_BY),
      place_kind: word(incidents.placeKind, PLACE_KINDS),
      weapon: word(incidents.weapon, WEAPONS),
      age_band: word(incidents.ageBand, AGE_BANDS),
      sex: word(incidents.sex, SEXES),
      supplier: term(incidents.supplier),
      area_code: term(incidents.areaCode),
      place_id: term(incidents.placeId),
      offence: term(incidents.offence),
      noted: each((i) => (isGone(i) ? 0 : (incidents.noted[i] as number))),
    },
    terms,
  };
}

/** Offsets of the rows, `read` of them, of which no incident was made. */
export function offsetsLeftOut(incidents: IncidentColumns, offsets: Float64Array, read: number): number[] {
  const made = new Uint8Array(read);
  for (let i = 0; i < incidents.n; i++)
    if (incidents.keyed[i] !== WITHDRAWN) made[incidents.row[i] as number] = 1;
  return Array.from(offsets.subarray(0, read)).filter((_, row) => made[row] === 0);
}

/** What the receiver knows and checks the texts of a message against. */
export interface KnownTerms {
  /** Public places of the receiver's gazetteer; another is not kept, its cell is. */
  readonly places: ReadonlySet<string>;
  /** Numbers of texts in `incidents.terms`. */
  readonly numbers: Map<string, number>;
}

/**
 * Adds to `incidents` those of a message that come from offset `next` on; `firstRow` is the row of the first. Returns the
 * message's tally as far as it speaks of these.
 */
export function appendMessage(
  { columns, terms, tally, left_out, from }: IncidentMessage,
  next: number,
  firstRow: number,
  known: KnownTerms,
  incidents: IncidentColumns,
): Tally {
  const numberOf = (text: string) => {
    const found = known.numbers.get(text) ?? incidents.terms.push(text) - 1;
    known.numbers.set(text, found);
    return found;
  };
  const numbers = terms.map(numberOf);
  const term = (number: number | null) => (number === null ? NO_TERM : (numbers[number] as number));
  let foreignPlaces = 0;
  let added = 0;
  let gone = 0;
  for (let i = 0; i < columns.offset.length; i++) {
    if ((columns.offset[i] as number) < next) continue;
    const at = incidents.n + added++;
    const isGone = columns.keyed[i] === WITHDRAWN;
    if (isGone) gone++;
    const key = columns.key[i] as string;
    incidents.key0[at] = BigInt(`0x${key.slice(0, 16)}`);
    incidents.key1[at] = BigInt(`0x${key.slice(16)}`);
    incidents.row[at] = firstRow + added - 1;
    incidents.keyed[at] = columns.keyed[i] as number;
    incidents.version[at] = columns.version[i] ?? Number.NaN;
    const person = columns.person[i];
    incidents.person0[at] = person ? BigInt(`0x${person.slice(0, 16)}`) : 0n;
    incidents.person1[at] = person ? BigInt(`0x${person.slice(16)}`) : 0n;
    incidents.occurredOn[at] = columns.occurred_on[i] ?? NO_DAY;
    incidents.month[at] = columns.month[i] ?? 0;
    incidents.hourOfWeek[at] = columns.hour_of_week[i] ?? NO_HOUR_OF_WEEK;
    incidents.timePrecision[at] = TIME_PRECISIONS.indexOf(columns.time_precision[i] as 'day');
    incidents.windowFrom[at] = columns.window_from[i] ?? NO_DAY;
    incidents.windowTo[at] = columns.window_to[i] ?? NO_DAY;
    const cell = columns.cell[i];
    incidents.cell[at] = cell ? BigInt(`0x${cell}`) : 0n;
    incidents.locatedBy[at] = LOCATED_BY.indexOf(columns.located_by[i] as 'none');
    incidents.placeKind[at] = PLACE_KINDS.indexOf(columns.place_kind[i] as 'home');
    incidents.weapon[at] = WEAPONS.indexOf(columns.weapon[i] as 'body');
    incidents.ageBand[at] = AGE_BANDS.indexOf(columns.age_band[i] as 'unknown');
    incidents.sex[at] = SEXES.indexOf(columns.sex[i] as 'unknown');
    incidents.supplier[at] = term(columns.supplier[i] as number | null);
    incidents.areaCode[at] = term(columns.area_code[i] as number | null);
    incidents.offence[at] = term(columns.offence[i] as number | null);
    incidents.noted[at] = columns.noted[i] as number;
    const place = columns.place_id[i] as number | null;
    const isForeign = place !== null && !known.places.has(terms[place] as string);
    if (isForeign) foreignPlaces++;
    incidents.placeId[at] = isForeign ? NO_TERM : term(place);
  }
  incidents.n += added;
  const unmapped = { ...tally.unmapped, ...(foreignPlaces > 0 ? { place: foreignPlaces } : {}) };
  const whole = { ...tally, coveredTo: tally.coveredTo ?? undefined, unmapped };
  if (next <= from) return whole;
  // Another worker sent the beginning in other portions. What became of each row that is left out is not said by row.
  const leftOut = left_out.filter((offset) => offset >= next).length;
  return {
    ...whole,
    read: added - gone + leftOut,
    passed: added - gone,
    rejected: leftOut > 0 ? { row: { 'left out, and sent in two portions': leftOut } } : {},
    excluded: {},
    located: 0,
    homeGated: 0,
    timeKnown: 0,
    personalTexts: 0,
    unmapped: {},
    flagged: {},
  };
}

/** Whether a tally's numbers add up, which those of another side need not. */
export const addsUp = ({ read, passed, rejected, excluded }: Tally, incidents: number): boolean =>
  read === passed + total(rejected) + total(excluded) && passed <= incidents;
