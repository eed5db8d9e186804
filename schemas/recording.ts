/** How a source's records of a quarter were filled in, as far as anyone may know: classes of shares, and no counts. */
import { z } from 'zod';

/** What a reception can do something about. */
export const RECORDING_MEASURES = [
  'place_undescribed',
  'place_at_night',
  'home_described',
  'time_copied',
  'time_unknown',
  'weapon_unknown',
] as const;
export type RecordingMeasure = (typeof RECORDING_MEASURES)[number];

/** Shares by which classes are told apart, in the words of a page. */
export const SHARE_WORDS = {
  '1/20': '1 in 20',
  '1/10': '1 in 10',
  '1/5': '1 in 5',
  '1/3': 'a third',
  '1/2': 'half',
  '2/3': 'two thirds',
} as const;
export type Share = keyof typeof SHARE_WORDS;

/** Released tier: the class of one measure. */
export const RecordingRow = z.object({
  source: z.string().describe('Source of the records'),
  period: z.string().describe('Quarter (2025-Q3) in which the incidents occurred'),
  measure: z.enum(RECORDING_MEASURES).describe('What is wrong with the records that are counted'),
  from_share: z.string().describe('At least this share of the records that it can be; empty for none'),
  to_share: z.string().describe('Fewer than this share; empty for all'),
  low: z.number().int().describe('Smallest number of records that the class holds'),
});
export type RecordingRow = z.infer<typeof RecordingRow>;
