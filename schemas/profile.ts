/** Source profiles: what a supplier's file holds, and what becomes of each of its fields. A profile is data. */
import type { PlaceKind, Weapon } from './incident.ts';

/**
 * What becomes of a field: kept as it is, made coarser, replaced by a keyed digest, read at the door and then
 * forgotten (`gate`), or not read at all.
 */
export type Fate = 'keep' | 'coarsen' | 'digest' | 'gate' | 'drop';

/**
 * The part that a field plays in making an incident. Several fields may play `place_text` and `inclusion`. A time of day
 * of its own column (`occurred_time`, `known_time`) belongs to the date in `occurred`, `known_at`.
 */
export type Role =
  | 'supplier'
  | 'person'
  | 'occurred'
  | 'occurred_time'
  | 'occurred_from'
  | 'occurred_to'
  | 'occurred_month'
  | 'known_at'
  | 'known_time'
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
  | 'inclusion'
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

/** What an offence counts as; the last is left out, and the one before it unless settings ask for it, counted by that reason. */
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

/** How a file is built: rows under a header, elements of a message, or objects in a list. */
export const FILE_SHAPES = ['csv', 'xml', 'json'] as const;
export type FileShape = (typeof FILE_SHAPES)[number];

/** What suppliers are; reports speak of them by these words. */
export const SOURCE_KINDS = ['emergency department', 'ambulance', 'police', 'police.uk'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Said by an inclusion rule of a record that counts; any other word is the reason why it does not. */
export const COUNTS = 'counts';

/** Which records count as an incident of violence, by the codes of one field. */
export interface InclusionRule {
  /** Codes, lower case, to COUNTS or to the reason for leaving the record out. */
  readonly codes: Readonly<Record<string, string>>;
  /** The same for a record in which the field is empty, and for a code that is not listed. */
  readonly missing: string;
  readonly unlisted: string;
}

/** What a code of a dated list says. */
export interface ListedCode {
  readonly code: string;
  /** First and last local day on which it is valid, as days since 1970-01-01. */
  readonly from: number;
  readonly to: number;
  /** COUNTS or a reason (inclusion), a weapon, or a kind of place. */
  readonly value: string;
}

/** Dated codes that a supplier's national list defines, by the field that holds them. They replace the profile's own. */
export type CodeLists = Readonly<Record<string, readonly ListedCode[]>>;

/** Where the records of an XML message begin and end, by the local names of elements. */
export interface XmlShape {
  /** Names of elements at whose beginning a new record begins: what was read before belongs to none. */
  readonly begins: readonly string[];
  /** The element at whose end a record is whole. */
  readonly ends: string;
  /** Accepted values of the attribute SchemaVersion of the outermost element. */
  readonly versions: readonly string[];
}

export interface Profile<Field extends string = string> {
  readonly id: string;
  readonly title: string;
  readonly kind: SourceKind;
  readonly shape: FileShape;
  /** Only where the shape is XML. */
  readonly xml?: XmlShape;
  /** Name of the sheet of a workbook; without it the first is read. */
  readonly sheet?: string;
  readonly dates: DateFormat;
  /** Fields that together identify a record; where one of them is empty the whole row does. */
  readonly key: readonly Field[];
  readonly fields: Readonly<Record<Field, FieldDecision>>;
  /** Codes as the supplier writes them, lower case, to the canonical value. Other codes count as unmapped. */
  readonly weapons: Readonly<Record<string, Weapon>>;
  readonly placeTypes: Readonly<Record<string, PlaceKind>>;
  /** Only where the profile has a field of role `offence`; a code that is not listed is not violence. */
  readonly offences: Readonly<Record<string, OffenceClass>>;
  /** By field of role `inclusion`. */
  readonly inclusion: Readonly<Partial<Record<Field, InclusionRule>>>;
  /** Codes of a domestic incident, where they are more than yes and no; another code closes the home gate. */
  readonly domestic?: Readonly<Record<string, 'yes' | 'no'>>;
  /** The fields whose codes mean nothing without a list that the partnership supplies. */
  readonly listed?: readonly Field[];
  readonly codeLists?: CodeLists;
  /** True where the day of an incident that is not told is taken to be that of the arrival, its hour unknown. */
  readonly arrivalStandsIn?: true;
}
