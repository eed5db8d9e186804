/**
 * The protected cube: everything that anything published may be computed from.
 * Rows of the two tiers carry a mark that only reports/disclosure can put on them.
 */
import { z } from 'zod';

declare const protectedMark: unique symbol;
/** A row that has passed the disclosure module. Writers of released files take nothing else. */
export type Released<Row> = Row & { readonly [protectedMark]: true };

/** The breakdowns of a period, fixed before it is frozen. */
export const CUTS = ['month', 'place', 'weapon', 'place_kind', 'night_band', 'located'] as const;
export type Cut = (typeof CUTS)[number];

/** The cut of suppliers that delivered after their period was frozen: its rows are part of no other. */
export const LATE = 'late';

/** What an atom of a cut is; `pool` holds together all that is too small to be shown by itself. */
export const ATOM_LEVELS = ['month', 'cell', 'part', 'area', 'category', 'pool'] as const;

/** The code of the area that an atom of level `part` is a part of: the atom is that code, a slash and an H3 cell. */
export const areaOfPart = (atom: string): string => atom.slice(0, Math.max(0, atom.lastIndexOf('/')));

/** The part of the day, by local hour; a night belongs to the day on which it began. */
export const NIGHT_BANDS = ['06-12', '12-18', '18-21', '21-00', '00-03', '03-06'] as const;

const source = z.string().describe('Source of the records. Sources are never added together');
const atom = z
  .string()
  .describe('What is counted: a month, a cell, a part of an area, an area code, a category, or "pool"');
const label = z.string().describe('The same in plain words');

/** Released tier: rounded counts, additive within a period and source. */
export const ReleasedRow = z.object({
  source,
  period: z.string().describe('Month (2025-09) or quarter (2025-Q3) in which the incidents occurred'),
  cut: z
    .enum([...CUTS, LATE])
    .describe(
      'The breakdown that the row belongs to; the rows of one cut add up to the period, but for those of "late"',
    ),
  atom,
  level: z.enum(ATOM_LEVELS).describe('What kind of thing the atom is'),
  label,
  threshold_on: z
    .enum(['records', 'persons'])
    .describe('What the threshold was applied to; the value is always a number of records'),
  value: z
    .number()
    .int()
    .describe('Number of records, rounded to a multiple of the base by keyed additive rounding'),
  low: z.number().int().describe('Smallest true number that the value can stand for'),
  high: z.number().int().describe('Largest true number that the value can stand for'),
});
export type ReleasedRow = z.infer<typeof ReleasedRow>;

/** A row of a policy that shows what is below its threshold as a star: in tables its value is "*". */
export type StarredRow = Omit<ReleasedRow, 'value' | 'high'> & {
  readonly value: null;
  /** Null where it is persons that are too few: their records can be any number. */
  readonly high: number | null;
};

/** The frozen geography in force: which cells and categories each released atom of a source holds together. */
export const GeographyRow = z.object({
  source,
  first_quarter: z.string().describe('The first of the four quarters that the geography holds for'),
  cut: z.enum(CUTS).describe('The breakdown that the atom belongs to'),
  atom,
  level: z.enum(ATOM_LEVELS).describe('What kind of thing the atom is'),
  label,
  role: z
    .enum(['block', 'reserve'])
    .describe('block: shown by itself where it reaches the threshold. reserve: always part of the pool'),
  within: z
    .string()
    .describe('The atom whose row holds this one where it is too small to be shown; empty for the pool'),
  cells: z
    .string()
    .describe('Cells of a place, separated by spaces; a cell that is named nowhere is in the reserve'),
});
export type GeographyRow = z.infer<typeof GeographyRow>;

export const PARTNERSHIP_LEVELS = ['place', 'cell', 'area'] as const;
export const HOTSPOT_LABELS = ['', 'likely', 'strong'] as const;

/** Partnership tier: twelve months to the end of a quarter, in bands. Rows do not overlap. */
export const PartnershipRow = z.object({
  source,
  period: z.string().describe('The quarter (2025-Q3) that ends the twelve months'),
  level: z
    .enum(PARTNERSHIP_LEVELS)
    .describe('place: a named public place; cell: a cell without the places shown; area: what is left of it'),
  atom,
  label,
  band: z.string().describe('Number of records in the twelve months: 5-9, 10-19, 20-39 or 40+'),
  low: z.number().int().describe('Lower end of the band'),
  high: z.number().int().nullable().describe('Upper end of the band; empty for the open one'),
  hotspot: z
    .enum(HOTSPOT_LABELS)
    .describe('Whether the cell stands out from the agreed area: strong (q <= 0.01), likely (q <= 0.05)'),
});
export type PartnershipRow = z.infer<typeof PartnershipRow>;
