/** Source profiles: what a supplier's file holds, and what becomes of each of its fields. A profile is data. */
import type { PlaceKind, Weapon } from './incident.ts';

/**
 * What becomes of a field: kept as it is, made coarser, replaced by a keyed digest, read at the door and then
 * forgotten (`gate`), or not read at all.
 */
export type Fate = 'keep' | 'coarsen' | 'digest' | 'gate' | 'drop';

/** The part that a field plays in making an incident. Several fields may play `place_text`. */
export type Role =
  | 'supplier'
  | 'person'
  | 'occurred'
  | 'occurred_from'
  | 'occurred_to'
  | 'occurred_month'
  | 'known_at'
  | 'covered_to'
  | 'weapon'
  | 'place_type'
  | 'place_text'
  | 'latitude'
  | 'longitude'
  | 'easting'
  | 'northing'
  | 'area_code'
  | 'offence'
  | 'age'
  | 'sex'
  | 'domestic'
  /** A number or a time that grows from one version of a record to the next. */
  | 'version';

export interface FieldDecision {
  /** Column name by default; compared without case, spaces and punctuation. */
  readonly header: string;
  /** The file is stopped before its first row where this column is not found. */
  readonly required?: true;
  readonly fate: Fate;
  readonly role?: Role;
  /** Why the field is treated so; printed in the data dictionary. */
  readonly why: string;
}

/** What an offence counts as; the last two are left out, counted by that reason. */
export const OFFENCE_CLASSES = [
  'violence with injury',
  'violence without injury',
  'violence and sexual offences',
  'sexual offence',
  'not violence',
] as const;
export type OffenceClass = (typeof OFFENCE_CLASSES)[number];

/** How dates are written: 2025-09-30T23:15:00 or 30/09/2025 23:15. */
export const DATE_FORMATS = ['iso', 'uk'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

export interface Profile<Field extends string = string> {
  readonly id: string;
  readonly title: string;
  readonly kind: 'emergency department' | 'police' | 'police.uk';
  readonly dates: DateFormat;
  /** Fields that together identify a record; where one of them is empty the whole row does. */
  readonly key: readonly Field[];
  readonly fields: Readonly<Record<Field, FieldDecision>>;
  /** Codes as the supplier writes them, lower case, to the canonical value. Other codes count as unmapped. */
  readonly weapons: Readonly<Record<string, Weapon>>;
  readonly placeTypes: Readonly<Record<string, PlaceKind>>;
  /** Only where the profile has a field of role `offence`; a code that is not listed is not violence. */
  readonly offences: Readonly<Record<string, OffenceClass>>;
}
