/** The profiles that need no settings, by id. */
import { AE_LEGACY } from './ae-legacy.ts';
import { AMBULANCE } from './ambulance.ts';
import { ECDS_CSV, ECDS_XML } from './ecds.ts';
import { ISTV } from './istv.ts';
import { NIBRS } from './nibrs.ts';
import { POLICE_RMS } from './police-rms.ts';
import { POLICE_UK, POLICE_UK_API } from './police-uk.ts';
import type { Profile } from './profile.ts';

export const PROFILES: Readonly<Record<string, Profile>> = Object.fromEntries(
  [ISTV, ECDS_CSV, ECDS_XML, AE_LEGACY, AMBULANCE, POLICE_RMS, POLICE_UK, POLICE_UK_API, NIBRS].map(
    (profile: Profile) => [profile.id, profile],
  ),
);
