/** Information Sharing to Tackle Violence minimum data set (ISB 1594), as CSV, and what hospitals add to it. */
import { z } from 'zod';
import type { FieldDecision, Profile } from './profile.ts';

const dateTime = z.string().describe('YYYY-MM-DDThh:mm:ss, local time');
const date = z.string().describe('YYYY-MM-DD');

export const IstvRecord = z.object({
  period_start: date.optional(),
  period_end: date.optional(),
  site_code: z.string(),
  arrival_at: dateTime.optional(),
  assault_at: dateTime,
  method: z.string().describe('National code of the assault method'),
  method_other: z.string().optional(),
  location_type: z.string().describe('01 home or private address, 02 other'),
  location_text: z.string().optional(),
  attendance_id: z.string().optional(),
  nhs_number: z.string().optional(),
  patient_name: z.string().optional(),
  birth_date: z.string().optional(),
  postcode: z.string().optional(),
  age: z.string().optional(),
  sex: z.string().optional(),
  latitude: z.string().optional(),
  longitude: z.string().optional(),
  record_version: z.string().optional(),
});

const fields = {
  period_start: {
    header: 'REPORTING PERIOD START DATE',
    fate: 'drop',
    why: 'the end of the period tells what a file covers',
  },
  period_end: {
    header: 'REPORTING PERIOD END DATE',
    fate: 'keep',
    role: 'covered_to',
    why: 'tells up to when a supplier has delivered; about the file, not a person',
  },
  site_code: {
    header: 'SITE CODE (OF TREATMENT)',
    required: true,
    fate: 'keep',
    role: 'supplier',
    why: 'which hospital supplied the record',
  },
  arrival_at: {
    header: 'ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT',
    fate: 'coarsen',
    role: 'known_at',
    why: 'an assault cannot be later than the arrival; its part of the day and how many days lie between are kept',
  },
  assault_at: {
    header: 'ASSAULT DATE AND TIME',
    required: true,
    fate: 'coarsen',
    role: 'occurred',
    why: 'day and hour are kept, minutes are not',
  },
  method: {
    header: 'ASSAULT METHOD',
    required: true,
    fate: 'coarsen',
    role: 'weapon',
    why: 'grouped by weapon',
  },
  method_other: { header: 'ASSAULT METHOD OTHER DESCRIPTION', fate: 'drop', why: 'free text' },
  location_type: {
    header: 'ASSAULT LOCATION TYPE',
    required: true,
    fate: 'coarsen',
    role: 'place_type',
    why: 'the home gate; the kind of place',
  },
  location_text: {
    header: 'ASSAULT LOCATION DESCRIPTION',
    fate: 'coarsen',
    role: 'place_text',
    why: 'free text, compared with the list of public places in memory and not kept',
  },
  attendance_id: { header: 'ATTENDANCE ID', fate: 'digest', why: 'tells a repeated or corrected record' },
  nhs_number: {
    header: 'NHS NUMBER',
    fate: 'digest',
    role: 'person',
    why: 'counts distinct persons; keyed, in the store only',
  },
  patient_name: { header: 'PATIENT NAME', fate: 'drop', why: 'identifies a person' },
  birth_date: { header: 'DATE OF BIRTH', fate: 'drop', why: 'identifies a person' },
  postcode: { header: 'POSTCODE', fate: 'drop', why: 'home place' },
  age: { header: 'AGE', fate: 'coarsen', role: 'age', why: 'five bands' },
  sex: { header: 'SEX', fate: 'coarsen', role: 'sex', why: 'four values' },
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
  record_version: {
    header: 'RECORD VERSION',
    fate: 'keep',
    role: 'version',
    why: 'a number or time that tells which of two versions of a record is the later, whatever the order they come in',
  },
} satisfies Record<keyof z.infer<typeof IstvRecord>, FieldDecision>;

export const ISTV: Profile<keyof typeof fields> = {
  id: 'istv-csv',
  title: 'Emergency department records of assault (ISTV)',
  kind: 'emergency department',
  shape: 'csv',
  dates: 'iso',
  key: ['attendance_id'],
  fields,
  weapons: {
    '01': 'body',
    '02': 'body',
    '03': 'body',
    '04': 'other',
    '05': 'body',
    '06': 'body',
    '10': 'glass_bottle',
    '11': 'glass_bottle',
    '12': 'knife_sharp',
    '13': 'knife_sharp',
    '14': 'blunt',
    '15': 'firearm',
    '16': 'explosive',
    '17': 'other',
    '23': 'refused',
    '24': 'unknown',
  },
  placeTypes: { '01': 'home', '02': 'unknown' },
  offences: {},
  inclusion: {},
};
