/** The list of public places of a partnership: gazetteer/*.csv. */
import { z } from 'zod';
import { PLACE_KINDS } from './incident.ts';

/**
 * What a row of the gazetteer is: a place with a door, a street, a unit postcode, an area such as a ward or a town; or a
 * town elsewhere, whose name tells that a text does not speak of here.
 */
export const PLACE_LEVELS = ['place', 'street', 'postcode', 'area', 'elsewhere'] as const;
export type PlaceLevel = (typeof PLACE_LEVELS)[number];

const degrees = z.number().min(-180).max(180);

export const Place = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9:_-]{0,39}$/)
    .describe('Short and lasting; used in the store instead of the name'),
  name: z.string().min(1),
  aliases: z
    .array(z.string())
    .describe('Other names, separated by |; a former name with its dates: NAME [2004..2013-06]'),
  kind: z.enum(PLACE_KINDS).exclude(['home']),
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  capacity: z.number().int().nonnegative().nullable(),
  level: z
    .enum(PLACE_LEVELS)
    .optional()
    .describe('place, street, postcode or area; by default as the kind says'),
  street: z.string().optional().describe('Id of the street that a place is on'),
  areas: z.array(z.string()).optional().describe('Ids of the areas that it lies in, separated by |'),
  postcode: z.string().optional(),
  points: z
    .array(z.tuple([degrees, degrees]))
    .optional()
    .describe('Of a street: points along it, as "lat lng" separated by |'),
  radius: z
    .number()
    .nonnegative()
    .optional()
    .describe('Of an area: metres from its point within which it lies'),
  provenance: z.string().optional().describe('Where the row comes from'),
});
export type Place = z.infer<typeof Place>;

/** What a row is; a row that does not say is a street or a place, by its kind. */
export const levelOf = ({ level, kind }: Pick<Place, 'level' | 'kind'>): PlaceLevel =>
  level ?? (kind === 'street' ? 'street' : 'place');

/** Columns of gazetteer/*.csv; those after `capacity` may be missing. */
export const GAZETTEER_COLUMNS = [
  'id',
  'name',
  'aliases',
  'kind',
  'lat',
  'lng',
  'capacity',
  'level',
  'street',
  'areas',
  'postcode',
  'points',
  'radius',
  'provenance',
] as const;
