/** A profile that a partnership describes in cardiff.yaml: its supplier's columns, codes and dates, without code. */
import { z } from 'zod';
import { PLACE_KINDS, WEAPONS } from './incident.ts';
import {
  COUNTS,
  DATE_FORMATS,
  type Fate,
  type FieldDecision,
  type InclusionRule,
  OFFENCE_CLASSES,
  type Profile,
  type Role,
  SOURCE_KINDS,
} from './profile.ts';

/** What becomes of a column is decided by the part that it plays, so that no description can keep what must not be kept. */
const DECISIONS = {
  supplier: ['keep', 'who supplied the record'],
  person: ['digest', 'counts distinct persons; keyed, in the store only'],
  occurred: ['coarsen', 'day and hour are kept, minutes are not'],
  occurred_time: ['coarsen', 'the hour is kept, minutes are not'],
  occurred_from: ['coarsen', 'day and hour are kept'],
  occurred_to: ['coarsen', 'the last hour of the window'],
  occurred_month: ['keep', 'all that is told of the time'],
  known_at: ['coarsen', 'an incident cannot be later; how many days lie between is kept'],
  known_time: ['coarsen', 'belongs to the date of arrival or record; its part of the day is kept'],
  covered_to: ['keep', 'tells up to when a supplier has delivered'],
  weapon: ['coarsen', 'grouped by weapon'],
  place_type: ['coarsen', 'the home gate; the kind of place'],
  place_text: ['coarsen', 'compared with the list of public places in memory and not kept'],
  latitude: ['coarsen', 'becomes a cell of about 0.1 square kilometres'],
  longitude: ['coarsen', 'becomes a cell of about 0.1 square kilometres'],
  easting: ['coarsen', 'becomes a cell of about 0.1 square kilometres'],
  northing: ['coarsen', 'becomes a cell of about 0.1 square kilometres'],
  area_code: ['keep', 'a statistical area, as the supplier gives it'],
  offence: ['coarsen', 'grouped by class of violence; other offences are left out'],
  inclusion: ['gate', 'which records count; not kept'],
  age: ['coarsen', 'five bands'],
  sex: ['coarsen', 'four values'],
  version: ['gate', 'tells which of two versions of a record is the later; not kept'],
  domestic: ['gate', 'a domestic incident is given no place; the mark itself is not kept'],
} as const satisfies Record<Role, readonly [Fate, string]>;

/** The parts that a column can play by name; columns that decide what counts are described under `counts`. */
const ROLES = Object.keys(DECISIONS).filter((role) => role !== 'inclusion') as Exclude<Role, 'inclusion'>[];
const column = z.string().trim().min(1);
const reason = z.string().min(1).max(80);

export const ProfileSettings = z
  .strictObject({
    title: z.string().min(1).describe('What the records are'),
    kind: z.enum(SOURCE_KINDS),
    dates: z.enum(DATE_FORMATS).default('iso'),
    key: z.array(column).default([]).describe('Columns that identify a record together'),
    columns: z
      .partialRecord(z.enum(ROLES), z.union([column, z.array(column).min(1)]))
      .describe('The column, or columns, of each part of an incident'),
    needed: z
      .array(column)
      .default([])
      .describe('Columns without which a file is refused, beside those of the day, the key and what counts'),
    drop: z.array(column).default([]).describe('Columns that are known and not read'),
    counts: z
      .record(
        column,
        z.strictObject({
          codes: z.record(z.string(), reason).describe('Codes to "counts", or to the reason for leaving out'),
          missing: reason.default(COUNTS),
          unlisted: reason.default('in no list of codes'),
        }),
      )
      .default({})
      .describe('Columns that decide which records count as an incident'),
    codes: z
      .strictObject({
        weapons: z.record(z.string(), z.enum(WEAPONS)).default({}),
        place_types: z.record(z.string(), z.enum(PLACE_KINDS)).default({}),
        offences: z.record(z.string(), z.enum(OFFENCE_CLASSES)).default({}),
      })
      .prefault({}),
    arrival_stands_in: z
      .boolean()
      .default(false)
      .describe('Whether the day of arrival is taken for the day of an incident that is not told'),
  })
  .superRefine((settings, context) => {
    const { columns, counts, key, needed, drop } = settings;
    const complain = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (!columns.occurred && !columns.occurred_from && !columns.occurred_month)
      complain(['columns'], 'wanted one of occurred, occurred_from and occurred_month');
    if (Boolean(columns.latitude) !== Boolean(columns.longitude))
      complain(['columns'], 'wanted both latitude and longitude, or neither');
    if (Boolean(columns.easting) !== Boolean(columns.northing))
      complain(['columns'], 'wanted both easting and northing, or neither');
    if (settings.arrival_stands_in && !columns.known_at)
      complain(['columns'], 'arrival_stands_in needs the column of known_at');
    for (const [role, names] of Object.entries(columns))
      if (Array.isArray(names) && names.length > 1 && role !== 'place_text')
        complain(['columns', role], 'only place_text can be several columns');
    const all = [...Object.values(columns).flat(), ...Object.keys(counts), ...drop];
    const seen = new Set<string>();
    for (const name of all) {
      if (seen.has(plain(name)))
        complain(['columns'], `two parts are read from the column ${JSON.stringify(name)}`);
      seen.add(plain(name));
    }
    key.forEach((name, i) => {
      if (drop.some((dropped) => plain(dropped) === plain(name)))
        complain(['key', i], 'a column of the key cannot be dropped');
    });
    needed.forEach((name, i) => {
      if (!seen.has(plain(name)) && !key.some((part) => plain(part) === plain(name)))
        complain(['needed', i], 'is no column of this profile');
    });
  });
export type ProfileSettings = z.infer<typeof ProfileSettings>;

/** Column names are compared without case, spaces and punctuation. */
const plain = (name: string) =>
  name
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}]/gu, '');

/** The profile that a description means. Columns of the key that play no part are digested; the rest is as its part says. */
export function profileFromSettings(id: string, settings: ProfileSettings): Profile {
  const fields: Record<string, FieldDecision> = {};
  const inclusion: Record<string, InclusionRule> = {};
  const { occurred, occurred_from, occurred_month, known_at } = settings.columns;
  // Without these nothing of a file could be understood, or everything in it would count.
  const needed = [
    ...[settings.arrival_stands_in ? known_at : (occurred ?? occurred_from ?? occurred_month)].flat(),
    ...Object.keys(settings.counts),
    ...settings.key,
    ...settings.needed,
  ];
  const isNeeded = (header: string) => needed.some((name) => name && plain(name) === plain(header));
  const add = (field: string, header: string, fate: Fate, why: string, role?: Role) => {
    fields[field] = {
      header,
      fate,
      why,
      ...(role ? { role } : {}),
      ...(isNeeded(header) ? { required: true } : {}),
    };
  };
  for (const role of ROLES) {
    [settings.columns[role] ?? []].flat().forEach((header, i) => {
      const [fate, why] = DECISIONS[role];
      add(i === 0 ? role : `${role}_${i + 1}`, header, fate, why, role);
    });
  }
  Object.entries(settings.counts).forEach(([header, { codes, missing, unlisted }], i) => {
    const [fate, why] = DECISIONS.inclusion;
    add(`counts_${i + 1}`, header, fate, why, 'inclusion');
    const lower = Object.fromEntries(Object.entries(codes).map(([code, word]) => [code.toLowerCase(), word]));
    inclusion[`counts_${i + 1}`] = { codes: lower, missing, unlisted };
  });
  settings.drop.forEach((header, i) => {
    add(`dropped_${i + 1}`, header, 'drop', 'not needed, or identifies somebody');
  });
  const key = settings.key.map((header, i) => {
    const known = Object.keys(fields).find((field) => plain(fields[field]?.header ?? '') === plain(header));
    if (known) return known;
    add(`key_${i + 1}`, header, 'digest', 'tells a repeated or corrected record');
    return `key_${i + 1}`;
  });
  const { weapons, place_types, offences } = settings.codes;
  return {
    id,
    title: settings.title,
    kind: settings.kind,
    shape: 'csv',
    dates: settings.dates,
    key,
    fields,
    weapons,
    placeTypes: place_types,
    offences,
    inclusion,
    ...(settings.arrival_stands_in ? { arrivalStandsIn: true } : {}),
  };
}
