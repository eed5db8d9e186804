/** Accident and emergency attendances in the shape that came before ECDS, with what hospitals add for assaults. */
import { z } from 'zod';
import { COUNTS, type FieldDecision, type Profile } from './profile.ts';

const text = z.string().optional();

export const AeLegacyRecord = z.object({
  attendance_number: text,
  site_code: text,
  patient_group: z.string().describe('20 is assault'),
  attendance_category: text,
  arrival_date: z.string(),
  arrival_time: text,
  incident_date: text,
  incident_time: text,
  location_type: text,
  location_text: text,
  weapon: text,
  latitude: text,
  longitude: text,
  arrival_mode: text,
  referral_source: text,
  disposal: text,
  nhs_number: text,
  patient_name: text,
  birth_date: text,
  postcode: text,
  lsoa_of_residence: text,
  age: text,
  sex: text,
});

const identifies = { fate: 'drop', why: 'identifies a person' } as const;
const notNeeded = { fate: 'drop', why: 'not needed to know where, when and with what' } as const;

const fields = {
  attendance_number: {
    header: 'A AND E ATTENDANCE NUMBER',
    fate: 'digest',
    why: 'tells a repeated or corrected record',
  },
  site_code: {
    header: 'SITE CODE (OF TREATMENT)',
    fate: 'keep',
    role: 'supplier',
    why: 'which hospital supplied the record',
  },
  patient_group: {
    header: 'A AND E PATIENT GROUP',
    required: true,
    fate: 'gate',
    role: 'inclusion',
    why: 'assaults only; other groups are left out',
  },
  attendance_category: {
    header: 'A AND E ATTENDANCE CATEGORY',
    fate: 'gate',
    role: 'inclusion',
    why: 'only a first attendance counts, or one injury would count twice',
  },
  arrival_date: {
    header: 'ARRIVAL DATE',
    required: true,
    fate: 'coarsen',
    role: 'known_at',
    why: 'an assault cannot be later; stands in for its day where that is not told; how many days lie between is kept',
  },
  arrival_time: {
    header: 'ARRIVAL TIME',
    fate: 'coarsen',
    role: 'known_time',
    why: 'belongs to the date of arrival; its part of the day is kept',
  },
  incident_date: { header: 'INCIDENT DATE', fate: 'coarsen', role: 'occurred', why: 'the day is kept' },
  incident_time: {
    header: 'INCIDENT TIME',
    fate: 'coarsen',
    role: 'occurred_time',
    why: 'the hour is kept, minutes are not',
  },
  location_type: {
    header: 'A AND E INCIDENT LOCATION TYPE',
    fate: 'coarsen',
    role: 'place_type',
    why: 'the home gate; the kind of place',
  },
  location_text: {
    header: 'INCIDENT LOCATION DESCRIPTION',
    fate: 'coarsen',
    role: 'place_text',
    why: 'free text, compared with the list of public places in memory and not kept',
  },
  weapon: { header: 'WEAPON', fate: 'coarsen', role: 'weapon', why: 'grouped by weapon' },
  latitude: {
    header: 'LATITUDE',
    fate: 'coarsen',
    role: 'latitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  longitude: {
    header: 'LONGITUDE',
    fate: 'coarsen',
    role: 'longitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  arrival_mode: { header: 'A AND E ARRIVAL MODE', ...notNeeded },
  referral_source: { header: 'SOURCE OF REFERRAL FOR A AND E', ...notNeeded },
  disposal: { header: 'A AND E ATTENDANCE DISPOSAL', ...notNeeded },
  nhs_number: {
    header: 'NHS NUMBER',
    fate: 'digest',
    role: 'person',
    why: 'counts distinct persons; keyed, in the store only',
  },
  patient_name: { header: 'PATIENT NAME', ...identifies },
  birth_date: { header: 'PERSON BIRTH DATE', ...identifies },
  postcode: { header: 'POSTCODE OF USUAL ADDRESS', fate: 'drop', why: 'home place' },
  lsoa_of_residence: { header: 'LSOA OF RESIDENCE', fate: 'drop', why: 'home place' },
  age: { header: 'AGE AT CDS ACTIVITY DATE', fate: 'coarsen', role: 'age', why: 'five bands' },
  sex: { header: 'PERSON GENDER CODE CURRENT', fate: 'coarsen', role: 'sex', why: 'four values' },
} satisfies Record<keyof z.infer<typeof AeLegacyRecord>, FieldDecision>;

export const AE_LEGACY: Profile<keyof typeof fields> = {
  id: 'ae-legacy-csv',
  title: 'Accident and emergency attendances for assault (before ECDS)',
  kind: 'emergency department',
  shape: 'csv',
  dates: 'iso',
  key: ['attendance_number'],
  fields,
  weapons: {
    fist: 'body',
    feet: 'body',
    foot: 'body',
    head: 'body',
    body: 'body',
    glass: 'glass_bottle',
    bottle: 'glass_bottle',
    knife: 'knife_sharp',
    blade: 'knife_sharp',
    blunt: 'blunt',
    'blunt object': 'blunt',
    firearm: 'firearm',
    gun: 'firearm',
    explosive: 'explosive',
    vehicle: 'vehicle',
    other: 'other',
    unknown: 'unknown',
    'not known': 'unknown',
    refused: 'refused',
  },
  // A public place need not be a street, and is not called one.
  placeTypes: { '10': 'home', '40': 'work', '50': 'school', '60': 'public', '91': 'other' },
  offences: {},
  inclusion: {
    patient_group: {
      codes: {
        '20': COUNTS,
        '10': 'road traffic accident',
        '30': 'deliberate self-harm',
        '40': 'sports injury',
        '50': 'firework injury',
        '60': 'other accident',
        '70': 'brought in dead',
        '80': 'other than assault',
      },
      missing: 'patient group not recorded',
      unlisted: 'unclassifiable: the patient group is in no list of codes',
    },
    attendance_category: {
      codes: { '1': COUNTS, '01': COUNTS, '2': 'follow-up attendance', '3': 'follow-up attendance' },
      missing: COUNTS,
      unlisted: 'attendance category is in no list of codes',
    },
  },
  arrivalStandsIn: true,
};
