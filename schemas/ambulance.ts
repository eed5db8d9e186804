/**
 * Ambulance incidents: when the call came, and where the patient was picked up, which is not always the scene. They do not
 * say whether that was a home, unless the service adds a column; without one only what is at a public place is mapped.
 */
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
  place_type: text,
  location_text: text,
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
  place_type: {
    header: 'place_type',
    fate: 'coarsen',
    role: 'place_type',
    why: 'the home gate: without it, or a code for its value, only what names or lies at a public place is mapped',
  },
  location_text: {
    header: 'location_text',
    fate: 'coarsen',
    role: 'place_text',
    why: 'free text, compared with the list of public places in memory and not kept',
  },
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
