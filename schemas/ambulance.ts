/** Ambulance incidents: when the call came, and where the patient was picked up, which is not always the scene. */
import { z } from 'zod';
import { COUNTS, type FieldDecision, type Profile } from './profile.ts';

const text = z.string().optional();

export const AmbulanceRecord = z.object({
  incident_id: text,
  call_at: z.string(),
  latitude: text,
  longitude: text,
  easting: text,
  northing: text,
  category: z.string(),
  age: text,
  sex: text,
  conveyed_to: text,
  police_at_scene: text,
});

const cell = 'becomes a cell of about 0.1 square kilometres';

const fields = {
  incident_id: { header: 'incident_id', fate: 'digest', why: 'tells a repeated or corrected record' },
  call_at: {
    header: 'call_at',
    required: true,
    fate: 'coarsen',
    role: 'occurred',
    why: 'day and hour of the call are kept: the assault was shortly before',
  },
  latitude: { header: 'latitude', fate: 'coarsen', role: 'latitude', why: cell },
  longitude: { header: 'longitude', fate: 'coarsen', role: 'longitude', why: cell },
  easting: { header: 'easting', fate: 'coarsen', role: 'easting', why: cell },
  northing: { header: 'northing', fate: 'coarsen', role: 'northing', why: cell },
  category: {
    header: 'category',
    required: true,
    fate: 'gate',
    role: 'inclusion',
    why: 'assaults, stabbings and gunshots only; other calls are left out',
  },
  age: { header: 'age', fate: 'coarsen', role: 'age', why: 'five bands' },
  sex: { header: 'sex', fate: 'coarsen', role: 'sex', why: 'four values' },
  conveyed_to: { header: 'conveyed_to', fate: 'drop', why: 'about the care, not the place' },
  police_at_scene: { header: 'police_at_scene', fate: 'drop', why: 'about the response, not the place' },
} satisfies Record<keyof z.infer<typeof AmbulanceRecord>, FieldDecision>;

export const AMBULANCE: Profile<keyof typeof fields> = {
  id: 'ambulance-csv',
  title: 'Ambulance calls to violence',
  kind: 'ambulance',
  shape: 'csv',
  dates: 'iso',
  key: ['incident_id'],
  fields,
  weapons: {},
  placeTypes: {},
  offences: {},
  inclusion: {
    category: {
      // Services differ in their words; a partnership lists its own under `codes: inclusion`.
      codes: {
        assault: COUNTS,
        'assault / sexual assault': 'may be a sexual offence: list the code that tells',
        stabbing: COUNTS,
        gunshot: COUNTS,
        'stab / gunshot / penetrating trauma': COUNTS,
        fall: 'not violence',
        'traffic accident': 'not violence',
        'self-harm': 'not violence',
      },
      missing: 'category not recorded',
      unlisted: 'not listed as violence',
    },
  },
};
