/** Street-level crime as published at data.police.uk: month, snapped point. Already public; context only. */
import { z } from 'zod';
import type { FieldDecision, Profile } from './profile.ts';

const text = z.string().optional();

export const PoliceUkRecord = z.object({
  crime_id: text,
  month: z.string().describe('YYYY-MM'),
  reported_by: text,
  falls_within: text,
  longitude: text,
  latitude: text,
  location: text,
  lsoa_code: text,
  lsoa_name: text,
  crime_type: z.string(),
  outcome: text,
  context: text,
});

const fields = {
  crime_id: {
    header: 'Crime ID',
    required: true,
    fate: 'digest',
    why: 'tells a repeated or corrected record, together with the month',
  },
  month: {
    header: 'Month',
    required: true,
    fate: 'keep',
    role: 'occurred_month',
    why: 'all that is published of the time',
  },
  reported_by: {
    header: 'Reported by',
    fate: 'keep',
    role: 'supplier',
    why: 'which force supplied the record',
  },
  falls_within: { header: 'Falls within', fate: 'drop', why: 'the same as the force' },
  longitude: {
    header: 'Longitude',
    required: true,
    fate: 'coarsen',
    role: 'longitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  latitude: {
    header: 'Latitude',
    required: true,
    fate: 'coarsen',
    role: 'latitude',
    why: 'becomes a cell of about 0.1 square kilometres',
  },
  location: {
    header: 'Location',
    fate: 'drop',
    why: 'the name of the snap point, which the cell stands for',
  },
  lsoa_code: {
    header: 'LSOA code',
    fate: 'keep',
    role: 'area_code',
    why: 'the statistical area of the snap point, as published',
  },
  lsoa_name: { header: 'LSOA name', fate: 'drop', why: 'the code says it' },
  crime_type: {
    header: 'Crime type',
    required: true,
    fate: 'coarsen',
    role: 'offence',
    why: 'violence only; other types are left out',
  },
  outcome: { header: 'Last outcome category', fate: 'drop', why: 'about the case, not the place' },
  context: { header: 'Context', fate: 'drop', why: 'free text' },
} satisfies Record<keyof z.infer<typeof PoliceUkRecord>, FieldDecision>;

export const POLICE_UK: Profile<keyof typeof fields> = {
  id: 'police-uk-csv',
  title: 'Crime published at police.uk',
  kind: 'police.uk',
  shape: 'csv',
  dates: 'iso',
  key: ['crime_id', 'month'],
  fields,
  weapons: {},
  placeTypes: {},
  offences: {
    'violence and sexual offences': 'violence and sexual offences',
    'violent crime': 'violence and sexual offences',
  },
  inclusion: {},
};

export const PoliceUkApiRecord = z.object({
  crime_id: text,
  month: z.string().describe('YYYY-MM'),
  number: text,
  category: z.string(),
  latitude: text,
  longitude: text,
  street_id: text,
  street_name: text,
  location_type: text,
  location_subtype: text,
  outcome: text,
  outcome_date: text,
  context: text,
});

const apiFields = {
  crime_id: { ...fields.crime_id, header: 'persistent_id' },
  month: { ...fields.month, header: 'month' },
  number: { header: 'id', fate: 'drop', why: 'a number of the service, which the crime id stands for' },
  category: { ...fields.crime_type, header: 'category' },
  latitude: { ...fields.latitude, header: 'location.latitude' },
  longitude: { ...fields.longitude, header: 'location.longitude' },
  street_id: { ...fields.location, header: 'location.street.id' },
  street_name: { ...fields.location, header: 'location.street.name' },
  location_type: { header: 'location_type', fate: 'drop', why: 'which force it was' },
  location_subtype: { header: 'location_subtype', fate: 'drop', why: 'which sort of station it was' },
  outcome: { ...fields.outcome, header: 'outcome_status.category' },
  outcome_date: { ...fields.outcome, header: 'outcome_status.date' },
  context: { ...fields.context, header: 'context' },
} satisfies Record<keyof z.infer<typeof PoliceUkApiRecord>, FieldDecision>;

/** The same crimes as the service's API answers them; it tells neither the force nor the statistical area. */
export const POLICE_UK_API: Profile<keyof typeof apiFields> = {
  id: 'police-uk-json',
  title: 'Crime published at police.uk (answers of its API)',
  kind: 'police.uk',
  shape: 'json',
  dates: 'iso',
  key: ['crime_id', 'month'],
  fields: apiFields,
  weapons: {},
  placeTypes: {},
  offences: {
    'violent-crime': 'violence and sexual offences',
    'violence-and-sexual-offences': 'violence and sexual offences',
  },
  inclusion: {},
};
