/** The ways in which a row cannot become an incident. */
import type { Role } from '../schemas/profile.ts';

/** Why a row is rejected, by the field that is at fault; a row's problem is a place in this list, 0 for none. */
export const PROBLEMS: readonly (readonly [role: 'time' | Role, reason: string])[] = [
  ['time', ''],
  ['time', 'missing'],
  ['time', 'not a date'],
  ['time', 'in the future'],
  ['time', 'before 1996'],
  ['time', 'later than it was known'],
  ['latitude', 'not a number'],
  ['latitude', 'out of range'],
  ['latitude', 'missing'],
  ['longitude', 'not a number'],
  ['longitude', 'out of range'],
  ['longitude', 'missing'],
  ['easting', 'not a number'],
  ['northing', 'not a number'],
  ['easting', 'not on the National Grid'],
  ['supplier', 'not a listed site'],
  ['version', 'not a number or a time'],
  ['time', 'a serial number of a spreadsheet'],
  ['time', 'a year of two digits'],
  ['time', 'month before day'],
  ['latitude', 'a decimal comma'],
  ['longitude', 'a decimal comma'],
  ['easting', 'a decimal comma'],
  ['northing', 'a decimal comma'],
  ['latitude', 'swapped with the longitude'],
];

/** The place of a problem in the list. */
export const problem = (role: 'time' | Role, reason: string): number =>
  PROBLEMS.findIndex(([r, why]) => r === role && why === reason);
