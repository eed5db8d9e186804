/** A proposal how to read a file of which nothing is known, and what would become of its first rows. */
import { looksLikeName, matchHeader, plainName } from '../ingest/header.ts';
import { packRows, type RowTexts } from '../ingest/pack-rows.ts';
import type { FileSample } from '../ingest/sample-file.ts';
import { SourceError } from '../ingest/source-error.ts';
import { allocateIncidents, PLACE_KINDS, WEAPONS } from '../schemas/incident.ts';
import {
  type DateFormat,
  type FieldDecision,
  OFFENCE_CLASSES,
  type Profile,
  type Role,
} from '../schemas/profile.ts';
import { ProfileSettings, profileFromSettings } from '../schemas/profile-settings.ts';
import { PROFILES } from '../schemas/profiles.ts';
import { emptyTally, type Tally } from '../schemas/tally.ts';
import { allocateTextBatch } from '../schemas/text-batch.ts';
import { anonymise } from '../transform/anonymise.ts';
import { openDoor } from '../transform/door.ts';
import type { LossReport } from './loss-report.ts';
import { lossOf } from './loss-report.ts';
import type { Partnership } from './partnership.ts';

/** What is proposed: a profile that fits, or one to describe, and what it would do. */
export interface Proposal {
  /** The profile that fits, built in or of the folder's cardiff.yaml, or the id of the one described. */
  readonly profile: string;
  /** For cardiff.yaml; empty where a profile fits. */
  readonly description: ProfileSettings | undefined;
  /** How the file writes its dates, where the profile that fits would not read them. */
  readonly dates: DateFormat | undefined;
  /** Columns of which nothing is proposed, by name where that cannot be a value. */
  readonly unassigned: readonly string[];
  readonly missing: readonly string[];
  readonly tried: Tally;
  readonly loss: LossReport;
}

const SAMPLE_ID = 'our-source';

/** A name such as warehouses give, with a digit or two; longer numbers are values. */
const COLUMN_NAME = /^[A-Za-z](?!.*\d{3})[\w ()/?.-]{0,79}$/;

/** Shapes of values, by which a column's part is told. */
const SHAPES = {
  iso: /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/,
  uk: /^\d\d[/.-]\d\d[/.-]\d{4}( \d\d:\d\d(:\d\d)?)?$/,
  clock: /^\d\d:\d\d(:\d\d(\.\d+)?)?$|^\d{1,2}$/,
  decimal: /^[+-]?\d+(\.\d+)?$/,
  age: /^\d{1,3}$/,
  sex: /^(m|f|male|female|[0129xu])$/i,
} as const;
type Shape = keyof typeof SHAPES;

/** Words in a column's name, and values that must fit, to the part that it plays; the first that fits counts. */
const PARTS: readonly (readonly [
  name: RegExp,
  shapes: readonly Shape[],
  part: Role | 'drop' | 'key' | 'counts',
])[] = [
  [/nhs.?(no|num)/i, [], 'person'],
  [
    /name|surname|forename|birth|\bdob\b|post.?code|phone|mobile|e.?mail|next.of.kin|\bgp\b|practice|ethnic|residen|home/i,
    [],
    'drop',
  ],
  [/\bage\b|_age|age_/i, ['age'], 'age'],
  [
    /arriv|attend.*(date|time)|record.*(date|time|at)|report.*(date|time|at)|known/i,
    ['iso', 'uk'],
    'known_at',
  ],
  [/arriv|attend/i, ['clock'], 'known_time'],
  [/from|start/i, ['iso', 'uk'], 'occurred_from'],
  [/\bto\b|_to$|until|end/i, ['iso', 'uk'], 'occurred_to'],
  [/incident|assault|injury|occur|commit|offence|call|date|when/i, ['iso', 'uk'], 'occurred'],
  [/incident|assault|injury|occur|time|hour/i, ['clock'], 'occurred_time'],
  [/lat/i, ['decimal'], 'latitude'],
  [/lon|lng/i, ['decimal'], 'longitude'],
  [/east/i, ['decimal'], 'easting'],
  [/north/i, ['decimal'], 'northing'],
  [/lsoa|ward|area.?code/i, [], 'area_code'],
  [/weapon|method|mechanism|means|what.*\bused\b/i, [], 'weapon'],
  [
    /(location|place|premises|venue).*(type|kind|class|code)|(type|kind|class).*(location|place|premises|venue)/i,
    [],
    'place_type',
  ],
  [/location|place|premises|where|scene|venue|address|street/i, [], 'place_text'],
  [/intent|patient.?group|category|reason|complaint/i, [], 'counts'],
  [/offen[cs]e|crime.?(type|class|code)/i, [], 'offence'],
  [/sex|gender/i, ['sex'], 'sex'],
  [/domestic|\bd[va]\b/i, [], 'domestic'],
  [/site|hospital|provider|supplier|force|station/i, [], 'supplier'],
  [/(^|[ _])(id|ref|reference|number|no|ident)$/i, [], 'key'],
];

/**
 * Proposes how to read a sample: the built-in profile that has all the columns it needs, otherwise a description made of
 * the columns' names and the shapes of their values. No value of the sample is in what is returned.
 *
 * @throws SourceError where the first row holds values instead of names.
 */
export async function proposeProfile(
  sample: FileSample,
  partnership: Partnership | undefined,
): Promise<Proposal> {
  const { names } = sample;
  if (names.filter((name) => COLUMN_NAME.test(name.trim())).length < names.length / 2)
    throw new SourceError(
      'the first row does not hold names of columns: deliver the file with its header row',
      1,
    );
  const own = Object.entries(partnership?.settings.profiles ?? {}).map(([id, settings]) =>
    profileFromSettings(id, settings),
  );
  const fitting =
    own.find((profile) => fits(profile, names, ({ fate }) => fate !== 'drop')) ??
    Object.values(PROFILES).find((profile) => profile.shape === 'csv' && fits(profile, names));
  const dates = datesOf(sample);
  const description = fitting ? undefined : describe(sample, dates);
  const profile = fitting
    ? { ...fitting, dates: dates ?? fitting.dates }
    : profileFromSettings(SAMPLE_ID, description as ProfileSettings);
  const header = matchHeader(profile, names);
  const loss = lossOf(profile, header);
  return {
    profile: profile.id,
    description,
    // Where a workbook's cells are dates, they are read in any profile.
    dates:
      fitting && profile.dates !== fitting.dates && !(sample.shape === 'xlsx' && dates === 'iso')
        ? dates
        : undefined,
    unassigned: header.unknown,
    missing: missingOf(profile, loss),
    tried: await tryRows(profile, sample, partnership),
    loss,
  };
}

/** Whether a file has all columns of a profile that it needs. */
const fits = (
  profile: Profile,
  names: readonly string[],
  needs: (field: FieldDecision) => boolean = ({ required }) => required === true,
): boolean => {
  const found = new Set(names.map(plainName));
  return Object.values(profile.fields).every((field) => !needs(field) || found.has(plainName(field.header)));
};

const valuesOf = ({ rows }: FileSample, column: number): string[] =>
  rows.map((row) => (row[column] ?? '').trim()).filter((value) => value !== '');

/** Whether nearly all values have a shape; a column without values has every shape. */
const hasShape = (values: readonly string[], shape: Shape): boolean =>
  values.filter((value) => SHAPES[shape].test(value)).length >= values.length * 0.9;

const isDate = (values: readonly string[]): boolean =>
  values.length > 0 && (hasShape(values, 'iso') || hasShape(values, 'uk'));

/** How the file writes its dates; undefined where it has none. */
function datesOf(sample: FileSample): DateFormat | undefined {
  const columns = sample.names.map((_, i) => valuesOf(sample, i)).filter((values) => values.length > 0);
  if (columns.some((values) => hasShape(values, 'iso'))) return 'iso';
  return columns.some((values) => hasShape(values, 'uk')) ? 'uk' : undefined;
}

function describe(sample: FileSample, dates: DateFormat | undefined): ProfileSettings {
  const columns: Partial<Record<Role, string | string[]>> = {};
  const [key, drop]: [string[], string[]] = [[], []];
  const counts: ProfileSettings['counts'] = {};
  const seen = new Set<string>();
  sample.names.forEach((raw, i) => {
    const name = raw.trim();
    // A name that could be a value is not shown, and so not proposed.
    if (!looksLikeName(name) || seen.has(plainName(name))) return;
    seen.add(plainName(name));
    const values = valuesOf(sample, i);
    const part = PARTS.find(
      ([words, shapes, role]) =>
        words.test(name) &&
        (shapes.length === 0 || shapes.some((shape) => hasShape(values, shape))) &&
        (role === 'place_text' || !Object.hasOwn(columns, role)),
    )?.[2];
    if (part === 'drop') drop.push(name);
    else if (part === 'key') key.push(name);
    else if (part === 'counts')
      counts[name] = { codes: {}, missing: 'not recorded', unlisted: 'in no list of codes' };
    else if (part === 'place_text') columns.place_text = [...[columns.place_text ?? []].flat(), name];
    else if (part) columns[part] = name;
  });
  if (!columns.occurred && !columns.occurred_from) {
    const hidden = sample.names.flatMap((name, i) =>
      !looksLikeName(name.trim()) && isDate(valuesOf(sample, i)) ? [i + 1] : [],
    );
    if (!columns.known_at && hidden.length > 0)
      throw new SourceError(
        `what could be the date of an incident stands in column ${hidden.join(', ')}, the name of which could be a value and is not shown: rename it ("Incident date"), or describe the profile by hand under "profiles" in cardiff.yaml`,
      );
    if (!columns.known_at)
      throw new SourceError(
        'no column holds the date of an incident that could be recognised: write dates as 2025-09-30 or 30/09/2025, or describe the profile by hand under "profiles" in cardiff.yaml',
      );
    columns.occurred = columns.known_at;
    delete columns.known_at;
    if (columns.known_time) columns.occurred_time ??= columns.known_time;
    delete columns.known_time;
  }
  for (const [one, other] of [
    ['latitude', 'longitude'],
    ['easting', 'northing'],
  ] as const)
    if (!columns[one] || !columns[other]) {
      delete columns[one];
      delete columns[other];
    }
  return ProfileSettings.parse({
    title: 'Records of our source',
    kind: columns.offence ? 'police' : 'emergency department',
    dates: dates ?? 'iso',
    key: key.slice(0, 1),
    columns,
    drop,
    counts,
  });
}

/** What a person has to supply before the file is of full use. */
function missingOf(profile: Profile, loss: LossReport): string[] {
  const has = (role: Role) => Object.values(profile.fields).some((field) => field.role === role);
  // A hospital knows neither how long a window is nor what the law calls it.
  const unasked = profile.kind === 'emergency department' ? ['window of time', 'offence'] : [];
  return [
    ...loss.lacks
      .filter((element) => !unasked.includes(element))
      .map((element) => `no column tells of: ${element}`),
    ...(profile.key.length === 0 ? ['no column identifies a record: a corrected one would count again'] : []),
    ...(has('weapon') && Object.keys(profile.weapons).length === 0 && !profile.listed
      ? [`codes.weapons: the meaning of each code of a weapon, one of ${WEAPONS.join(', ')}`]
      : []),
    ...(has('place_type') && Object.keys(profile.placeTypes).length === 0 && !profile.listed
      ? [
          `codes.place_types: the meaning of each kind of place, one of ${PLACE_KINDS.join(', ')}; until it is listed, a kind counts as a home`,
        ]
      : []),
    ...(profile.kind !== 'police.uk' && loss.lacks.includes('kind of place')
      ? ['place_type: without it, only what names a public place is mapped, since it could be a home']
      : []),
    ...(has('offence') && Object.keys(profile.offences).length === 0
      ? [
          `codes.offences: the class of each offence, one of ${OFFENCE_CLASSES.join(', ')}; one that is not listed is left out`,
        ]
      : []),
    ...Object.entries(profile.inclusion)
      .filter(([, rule]) => rule && Object.keys(rule.codes).length === 0)
      .map(
        ([field]) =>
          `counts: which codes of "${profile.fields[field]?.header}" count as an assault, for example codes: { "1": counts, "2": self-harm }`,
      ),
    ...(profile.kind === 'emergency department' && !has('inclusion') && !profile.listed
      ? ['counts: no column tells which rows are assaults, so that every row counts as one']
      : []),
    ...(profile.listed ? ['code_lists: the national code sets, with what counts as assault'] : []),
  ];
}

/** Any key will do: what it makes is not kept. */
const NO_KEY = new Uint8Array(32).fill(1);

/** What would become of the rows of a sample; nothing of them is kept. */
async function tryRows(
  profile: Profile,
  { names, rows }: FileSample,
  partnership: Partnership | undefined,
): Promise<Tally> {
  const { columns } = matchHeader(profile, names);
  const fields = Object.keys(profile.fields).length;
  const shaped = rows.map((row): RowTexts => {
    const texts: (string | undefined)[] = new Array(fields);
    columns.forEach((field, i) => {
      if (field >= 0) texts[field] = row[i];
    });
    return texts;
  });
  const capacity = Math.max(1, rows.length);
  const door = openDoor(
    {
      source: SAMPLE_ID,
      profile,
      key: NO_KEY,
      places: partnership?.places ?? [],
      wider: partnership?.wider ?? [],
      sites: [],
      today: partnership?.today() ?? 75_000,
    },
    capacity,
  );
  const tally = emptyTally();
  const incidents = allocateIncidents(capacity, door.terms);
  async function* lots() {
    yield shaped;
  }
  for await (const batch of packRows(lots(), () => allocateTextBatch(capacity, fields, 4 << 20)))
    anonymise(door, batch, incidents, tally);
  return tally;
}
