/** An extract of a police records management system: from/to windows, coordinates or British National Grid. */
import { z } from 'zod';
import type { FieldDecision, Profile } from './profile.ts';

const text = z.string().optional();

export const PoliceRmsRecord = z.object({
  crime_ref: z.string(),
  offence_code: z.string(),
  offence: text,
  recorded_at: text,
  committed_from: z.string(),
  committed_to: text,
  location_text: text,
  premises: text,
  premises_type: text,
  easting: text,
  northing: text,
  latitude: text,
  longitude: text,
  victim_age: text,
  victim_sex: text,
  domestic: text,
});

const fields = {
  crime_ref: {
    header: 'crime_ref',
    required: true,
    fate: 'digest',
    why: 'tells a repeated or corrected record',
  },
  offence_code: {
    header: 'offence_code',
    required: true,
    fate: 'coarsen',
    role: 'offence',
    why: 'grouped by class of violence; other offences are left out',
  },
  offence: { header: 'offence', fate: 'drop', why: 'the code says it' },
  recorded_at: {
    header: 'recorded_at',
    fate: 'gate',
    role: 'known_at',
    why: 'an offence cannot be later than its record; tells what a file covers',
  },
  committed_from: {
    header: 'committed_from',
    required: true,
    fate: 'coarsen',
    role: 'occurred_from',
    why: 'day and hour are kept',
  },
  committed_to: {
    header: 'committed_to',
    fate: 'coarsen',
    role: 'occurred_to',
    why: 'the hour in which the window ends',
  },
  location_text: {
    header: 'location_text',
    fate: 'coarsen',
    role: 'place_text',
    why: 'compared with the list of public places in memory and not kept',
  },
  premises: {
    header: 'premises',
    fate: 'coarsen',
    role: 'place_text',
    why: 'compared with the list of public places in memory and not kept',
  },
  premises_type: {
    header: 'premises_type',
    required: true,
    fate: 'coarsen',
    role: 'place_type',
    why: 'the home gate; the kind of place',
  },
  easting: {
    header: 'easting',
    fate: 'coarsen',
    role: 'easting',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  northing: {
    header: 'northing',
    fate: 'coarsen',
    role: 'northing',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  latitude: {
    header: 'latitude',
    fate: 'coarsen',
    role: 'latitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  longitude: {
    header: 'longitude',
    fate: 'coarsen',
    role: 'longitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  victim_age: { header: 'victim_age', fate: 'coarsen', role: 'age', why: 'five bands' },
  victim_sex: { header: 'victim_sex', fate: 'coarsen', role: 'sex', why: 'four values' },
  domestic: {
    header: 'domestic',
    fate: 'gate',
    role: 'domestic',
    why: 'a domestic incident is given no place; the mark itself is not kept',
  },
} satisfies Record<keyof z.infer<typeof PoliceRmsRecord>, FieldDecision>;

/**
 * Home Office codes by class of violence. Forces differ and lists change, so a partnership can set its own
 * under `codes` in cardiff.yaml; a code that is not listed is left out and counted.
 */
const offences: Profile['offences'] = {
  '2': 'violence with injury',
  '4/3': 'violence with injury',
  '5a': 'violence with injury',
  '5d': 'violence with injury',
  '5e': 'violence with injury',
  '8f': 'violence with injury',
  '8g': 'violence with injury',
  '8h': 'violence with injury',
  '8j': 'violence with injury',
  '8n': 'violence with injury',
  '8p': 'violence with injury',
  '8s': 'violence with injury',
  '8t': 'violence with injury',
  '104': 'violence without injury',
  '105a': 'violence without injury',
  '105b': 'violence without injury',
  '17a': 'sexual offence',
  '17b': 'sexual offence',
  '19c': 'sexual offence',
  '19d': 'sexual offence',
  '19e': 'sexual offence',
  '19f': 'sexual offence',
  '19g': 'sexual offence',
  '19h': 'sexual offence',
  '20a': 'sexual offence',
  '20b': 'sexual offence',
};

export const POLICE_RMS: Profile<keyof typeof fields> = {
  id: 'police-rms-csv',
  title: 'Police records of violence',
  kind: 'police',
  dates: 'iso',
  key: ['crime_ref'],
  fields,
  weapons: {},
  placeTypes: {
    dwelling: 'home',
    house: 'home',
    flat: 'home',
    residential: 'home',
    'care home': 'home',
    'licensed premises': 'licensed',
    'public house': 'licensed',
    nightclub: 'licensed',
    bar: 'licensed',
    street: 'street',
    highway: 'street',
    road: 'street',
    transport: 'transport',
    'railway station': 'transport',
    'bus station': 'transport',
    school: 'school',
    park: 'park',
    'open space': 'park',
    shop: 'shop',
    workplace: 'work',
    public: 'public',
    other: 'other',
  },
  offences,
};
