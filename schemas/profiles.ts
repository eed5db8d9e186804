/** The profiles that need no settings, by id. */
import { ISTV } from './istv.ts';
import { POLICE_RMS } from './police-rms.ts';
import { POLICE_UK } from './police-uk.ts';
import type { Profile } from './profile.ts';

export const PROFILES: Readonly<Record<string, Profile>> = {
  [ISTV.id]: ISTV,
  [POLICE_RMS.id]: POLICE_RMS,
  [POLICE_UK.id]: POLICE_UK,
};
