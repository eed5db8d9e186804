/** cardiff.yaml: every setting of a partnership. A safety setting has no default. */
import { z } from 'zod';
import { PLACE_KINDS, WEAPONS } from './incident.ts';
import { KafkaSettings } from './kafka-settings.ts';
import { isSmallestShown, POLICIES, type Policy, PolicyRules } from './policy.ts';
import { DATE_FORMATS, OFFENCE_CLASSES } from './profile.ts';
import { ProfileSettings } from './profile-settings.ts';
import { PROFILES } from './profiles.ts';

const file = z.string().min(1);

export const SourceSettings = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'wanted lower-case letters, digits and hyphens')
    .describe('Names the inbox folder and the source in every table'),
  profile: z.string().describe('A built-in profile, or one of those described under profiles'),
  name: z.string().min(1).describe('What reports call the source'),
  expected: z.boolean().describe('Whether publishing waits until this source covers the period'),
  after_commit: z
    .union([z.literal('delete'), z.string().regex(/^keep \d+ days$/, 'wanted "delete" or "keep N days"')])
    .describe('What becomes of a source file once its records are in the store'),
  covers_within_days: z
    .number()
    .int()
    .min(0)
    .max(31)
    .default(3)
    .describe('A source covers a period when its records reach to within so many days of its end'),
  encoding: z.enum(['auto', 'utf-8', 'utf-16', 'latin-1']).default('auto'),
  dates: z.enum(DATE_FORMATS).optional(),
  sheet: z.string().min(1).optional().describe('The sheet of a workbook; without it the first is read'),
  password_file: file
    .optional()
    .describe('Holds the password of its workbooks in its first line; readable by its owner alone'),
  code_lists: z
    .array(file)
    .default([])
    .describe('CSV files of the national code sets, with what counts as assault'),
  own_points: z
    .array(
      z.strictObject({
        lat: z.number().min(-90).max(90),
        lng: z.number().min(-180).max(180),
        metres: z.number().min(1).max(1000).default(50),
      }),
    )
    .default([])
    .describe('Where the supplier itself is: points there are not mapped'),
  repeated_share: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.25)
    .describe(
      'A point that more than this share of the points of a delivery repeat is not mapped; 1 for never',
    ),
  sites: z
    .array(z.string().regex(/^[A-Za-z0-9]{3,9}$/))
    .default([])
    .describe('Site codes that may supply; a record of another is rejected'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Column names where they differ: field of the profile: name in the file'),
  codes: z
    .strictObject({
      weapons: z.record(z.string(), z.enum(WEAPONS)).default({}),
      place_types: z.record(z.string(), z.enum(PLACE_KINDS)).default({}),
      offences: z.record(z.string(), z.enum(OFFENCE_CLASSES)).default({}),
      counts: z
        .record(z.string(), z.record(z.string(), z.string().min(1).max(80)))
        .default({})
        .describe('By field that decides what counts: code to "counts", or to the reason for leaving out'),
    })
    .prefault({})
    .describe('Codes of this supplier, added to those of the profile'),
});
export type SourceSettings = z.infer<typeof SourceSettings>;

const HIGHER =
  'wanted never, or a number above the threshold of the policy: where it is additive, a multiple of its base; else the smallest number that rounds to some multiple';

/** What may be shown: a policy by its name or written out, and the one choice that it leaves open. */
const Disclosure = z
  .strictObject({
    policy: z.preprocess((given) => {
      const { sexualOffencesByPlace: _, ...known } = POLICIES[String(given)] ?? {};
      return typeof given === 'string' && 'name' in known ? known : given;
    }, PolicyRules),
    sexual_offences_by_place: z
      .union([z.literal('never'), z.number().int()], HIGHER)
      .describe(
        'Whether what is recorded as a sexual offence is counted: never, or with a threshold of its own that then holds for cuts of places',
      ),
  })
  .superRefine(({ policy, sexual_offences_by_place: from }, context) => {
    if (from === 'never' || (from > policy.threshold && isSmallestShown(from, policy))) return;
    context.addIssue({ code: 'custom', path: ['sexual_offences_by_place'], message: HIGHER });
  })
  .transform(({ policy, sexual_offences_by_place: from }): { readonly policy: Policy } => ({
    policy: { ...policy, sexualOffencesByPlace: from },
  }));

export const Settings = z
  .strictObject({
    partnership: z.string().min(1),
    time_zone: z.literal('Europe/London'),
    key_file: file.describe('32 secret bytes or more, readable by its owner alone'),
    sources: z.array(SourceSettings).min(1),
    profiles: z
      .record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/), ProfileSettings)
      .default({})
      .describe('Profiles of this partnership, by id'),
    geography: z.strictObject({
      agreed_area: file.describe('GeoJSON outline of the area that the partnership has agreed on'),
      named_areas: file.describe('GeoJSON outlines of wards, beats or the like'),
      code_property: z.string().default('code'),
      name_property: z.string().default('name'),
      addresses: z
        .union([z.literal('not supplied'), file])
        .describe('CSV of postal addresses by cell, or "not supplied"'),
      exposure: z
        .union([z.literal('not supplied'), file])
        .describe('CSV of people about by cell, or "not supplied"'),
    }),
    disclosure: Disclosure,
    publish: z.strictObject({
      schedule: z.string().min(1).describe('Cron expression in the time zone above'),
      on_schedule: z
        .enum(['draft', 'release'])
        .describe('Whether the schedule makes a draft that a person publishes, or publishes'),
      approvals: z
        .number()
        .int()
        .min(0)
        .max(9)
        .describe('How many people approve the draft of a period before it is frozen'),
    }),
    kafka: KafkaSettings.optional(),
  })
  .refine(
    (settings) => new Set(settings.sources.map((source) => source.id)).size === settings.sources.length,
    {
      message: 'two sources have one id',
      path: ['sources'],
    },
  )
  .superRefine(({ sources, kafka }, context) => {
    for (const id of Object.keys(kafka?.topics ?? {}))
      if (!sources.some((source) => source.id === id))
        context.addIssue({
          code: 'custom',
          message: 'is the id of no source',
          path: ['kafka', 'topics', id],
        });
  })
  .superRefine(({ sources, profiles }, context) => {
    for (const id of Object.keys(profiles))
      if (Object.hasOwn(PROFILES, id))
        context.addIssue({
          code: 'custom',
          path: ['profiles', id],
          message: 'is the name of a built-in profile',
        });
    const known = [...Object.keys(PROFILES), ...Object.keys(profiles)];
    sources.forEach(({ profile }, i) => {
      if (!known.includes(profile))
        context.addIssue({
          code: 'custom',
          path: ['sources', i, 'profile'],
          message: `is no profile: wanted one of ${known.join(', ')}`,
        });
    });
  });
export type Settings = z.infer<typeof Settings>;
