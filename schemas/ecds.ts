/** Emergency Care Data Set: attendances as SUS and local warehouses write them, and the CDS message in XML. */
import { z } from 'zod';
import { COUNTS, type FieldDecision, type InclusionRule, type Profile } from './profile.ts';

const text = z.string().optional();
const date = z.string().describe('YYYY-MM-DD');
const time = z.string().optional().describe('hh:mm:ss, local time');

export const EcdsRecord = z.object({
  ident: text,
  site_code: text,
  arrival_date: text,
  arrival_time: text,
  attendance_category: text,
  duplicate: text,
  update_type: text,
  injury_date: date,
  injury_time: time,
  intent: z.string(),
  mechanism: text,
  place: text,
  latitude: text,
  longitude: text,
  location_text: text,
  activity_status: text,
  activity_type: text,
  alcohol_or_drugs: text,
  arrival_mode: text,
  chief_complaint: text,
  nhs_number: text,
  patient_name: text,
  birth_date: text,
  postcode: text,
  area_of_residence: text,
  gp_practice: text,
  ethnic_category: text,
  age: text,
  sex: text,
});
type Field = keyof z.infer<typeof EcdsRecord>;
type Decided = Readonly<Record<Field, Omit<FieldDecision, 'header'>>>;

const identifies = { fate: 'drop', why: 'identifies a person' } as const;
const notNeeded = { fate: 'drop', why: 'not needed to know where, when and with what' } as const;
const cell = 'becomes a cell of about 0.1 square kilometres';

const decided = {
  ident: { fate: 'digest', why: 'tells a repeated or corrected record' },
  site_code: { fate: 'keep', role: 'supplier', why: 'which hospital supplied the record' },
  arrival_date: {
    fate: 'coarsen',
    role: 'known_at',
    why: 'an injury cannot be later than the arrival; tells what a file covers; how many days lie between is kept',
  },
  arrival_time: {
    fate: 'coarsen',
    role: 'known_time',
    why: 'belongs to the date of arrival; its part of the day is kept',
  },
  attendance_category: {
    fate: 'gate',
    role: 'inclusion',
    why: 'only a first attendance counts, or one injury would count twice',
  },
  duplicate: {
    fate: 'gate',
    role: 'inclusion',
    why: 'a record that the warehouse marks as a duplicate is left out',
  },
  update_type: {
    fate: 'gate',
    role: 'inclusion',
    why: 'a record that its supplier cancels leaves the store',
  },
  injury_date: { required: true, fate: 'coarsen', role: 'occurred', why: 'the day is kept' },
  injury_time: { fate: 'coarsen', role: 'occurred_time', why: 'the hour is kept, minutes are not' },
  intent: {
    required: true,
    fate: 'gate',
    role: 'inclusion',
    why: 'only what the list of codes counts as assault comes further; the code is not kept',
  },
  mechanism: { fate: 'coarsen', role: 'weapon', why: 'grouped by weapon, as the list of codes says' },
  place: {
    fate: 'coarsen',
    role: 'place_type',
    why: 'the home gate; the kind of place, as the list of codes says',
  },
  latitude: { fate: 'coarsen', role: 'latitude', why: cell },
  longitude: { fate: 'coarsen', role: 'longitude', why: cell },
  location_text: {
    fate: 'coarsen',
    role: 'place_text',
    why: 'free text, compared with the list of public places in memory and not kept',
  },
  activity_status: notNeeded,
  activity_type: notNeeded,
  alcohol_or_drugs: notNeeded,
  arrival_mode: notNeeded,
  chief_complaint: notNeeded,
  nhs_number: { fate: 'digest', role: 'person', why: 'counts distinct persons; keyed, in the store only' },
  patient_name: identifies,
  birth_date: identifies,
  postcode: { fate: 'drop', why: 'home place' },
  area_of_residence: { fate: 'drop', why: 'home place' },
  gp_practice: { fate: 'drop', why: 'tells of the home place' },
  ethnic_category: { fate: 'drop', why: 'not needed, and narrows down who it is' },
  age: { fate: 'coarsen', role: 'age', why: 'five bands' },
  sex: { fate: 'coarsen', role: 'sex', why: 'four values' },
} satisfies Decided;

const csvHeaders = {
  ident: 'EC_Ident',
  site_code: 'Site_Code_Of_Treatment',
  arrival_date: 'Arrival_Date',
  arrival_time: 'Arrival_Time',
  attendance_category: 'EC_AttendanceCategory',
  duplicate: 'Der_Dupe_Flag',
  update_type: 'CDS_Update_Type',
  injury_date: 'EC_Injury_Date',
  injury_time: 'EC_Injury_Time',
  intent: 'EC_Injury_Intent_SNOMED_CT',
  mechanism: 'EC_Injury_Mechanism_SNOMED_CT',
  place: 'EC_Place_Of_Injury_SNOMED_CT',
  latitude: 'EC_Place_Of_Injury_Latitude',
  longitude: 'EC_Place_Of_Injury_Longitude',
  location_text: 'Assault_Location_Description',
  activity_status: 'EC_Injury_Activity_Status_SNOMED_CT',
  activity_type: 'EC_Injury_Activity_Type_SNOMED_CT',
  alcohol_or_drugs: 'EC_Injury_Alcohol_Drug_Involvement_SNOMED_CT',
  arrival_mode: 'EC_Arrival_Mode_SNOMED_CT',
  chief_complaint: 'EC_Chief_Complaint_SNOMED_CT',
  nhs_number: 'NHS_Number',
  patient_name: 'Patient_Name',
  birth_date: 'Date_Of_Birth',
  postcode: 'Postcode',
  area_of_residence: 'Der_Postcode_LSOA_Code',
  gp_practice: 'GP_Practice_Code',
  ethnic_category: 'Ethnic_Category',
  age: 'Age_At_Arrival',
  sex: 'Sex',
} satisfies Record<Field, string>;

const elements = {
  ident: 'CDSUniqueIdentifier',
  site_code: 'OrganisationSiteIdentifier_OfTreatment',
  arrival_date: 'EmergencyCareArrivalDate',
  arrival_time: 'EmergencyCareArrivalTime',
  attendance_category: 'EmergencyCareAttendanceCategory',
  duplicate: 'Der_Dupe_Flag',
  update_type: 'CDSUpdateType',
  injury_date: 'InjuryDate',
  injury_time: 'InjuryTime',
  intent: 'EmergencyCareInjuryIntent_SnomedCt',
  mechanism: 'EmergencyCareInjuryMechanism_SnomedCt',
  place: 'EmergencyCarePlaceOfInjury_SnomedCt',
  latitude: 'EmergencyCarePlaceOfInjury_Latitude',
  longitude: 'EmergencyCarePlaceOfInjury_Longitude',
  location_text: 'AssaultLocationDescription',
  activity_status: 'EmergencyCareInjuryActivityStatus_SnomedCt',
  activity_type: 'EmergencyCareInjuryActivityType_SnomedCt',
  alcohol_or_drugs: 'EmergencyCareInjuryAlcoholOrDrugInvolvement_SnomedCt',
  arrival_mode: 'EmergencyCareArrivalMode_SnomedCt',
  chief_complaint: 'EmergencyCareChiefComplaint_SnomedCt',
  nhs_number: 'NHSNumber',
  patient_name: 'PersonName',
  birth_date: 'PersonBirthDate',
  postcode: 'PostcodeOfUsualAddress',
  area_of_residence: 'OrganisationIdentifier_ResidenceResponsibility',
  gp_practice: 'GeneralPractice_PatientRegistration',
  ethnic_category: 'EthnicCategory',
  age: 'AgeAtCdsActivityDate',
  sex: 'PersonStatedGenderCode',
} satisfies Record<Field, string>;

const named = (headers: Readonly<Record<Field, string>>) =>
  Object.fromEntries(
    Object.entries(decided).map(([field, decision]) => [
      field,
      { ...decision, header: headers[field as Field] },
    ]),
  ) as Record<Field, FieldDecision>;

const UNCLASSIFIABLE = 'unclassifiable: the code is in no list of codes';
const REFSET = 'unclassifiable: the id of a list of codes instead of a code';

/** The lists that the data set names, by the field whose codes they define. */
export const ECDS_REFSETS = {
  place: '991291000000101',
  intent: '991431000000101',
  mechanism: '991281000000103',
} as const satisfies Partial<Record<Field, string>>;

/** Records that do not count, before any list of codes is looked at. */
const inclusion: Partial<Record<Field, InclusionRule>> = {
  update_type: { codes: { '1': 'cancelled by the supplier' }, missing: COUNTS, unlisted: COUNTS },
  duplicate: {
    codes: { '0': COUNTS, '1': 'marked as a duplicate' },
    missing: COUNTS,
    unlisted: 'marked as a duplicate',
  },
  attendance_category: {
    codes: {
      '1': COUNTS,
      x: COUNTS,
      '2': 'follow-up attendance',
      '3': 'follow-up attendance at another department',
      '4': 'planned attendance',
    },
    missing: COUNTS,
    unlisted: 'attendance category is in no list of codes',
  },
  intent: {
    codes: Object.fromEntries(Object.values(ECDS_REFSETS).map((refset) => [refset, REFSET])),
    missing: 'intent not recorded',
    unlisted: UNCLASSIFIABLE,
  },
};

const shared = {
  kind: 'emergency department',
  dates: 'iso',
  key: ['ident'],
  // Member codes change with each release, so that none is built in: the partnership supplies the list.
  weapons: {},
  placeTypes: {},
  offences: {},
  inclusion,
  listed: ['intent', 'mechanism', 'place'],
} as const satisfies Partial<Profile<Field>>;

export const ECDS_CSV: Profile<Field> = {
  ...shared,
  id: 'ecds-csv',
  title: 'Emergency care attendances for assault (ECDS)',
  shape: 'csv',
  fields: named(csvHeaders),
};

export const ECDS_XML: Profile<Field> = {
  ...shared,
  id: 'ecds-xml',
  title: 'Emergency care attendances for assault (CDS message 6-2-2 or 6-2-3)',
  shape: 'xml',
  xml: { begins: ['CDSMessageHeader'], ends: 'EmergencyCare', versions: ['6-2-2', '6-2-3'] },
  fields: named(elements),
};
