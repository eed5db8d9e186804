/** The list of public places of a partnership: gazetteer/*.csv. */
import { z } from 'zod';
import { PLACE_KINDS } from './incident.ts';

export const Place = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9:_-]{0,39}$/)
    .describe('Short and lasting; used in the store instead of the name'),
  name: z.string().min(1),
  aliases: z.array(z.string()).describe('Other names, separated by |'),
  kind: z.enum(PLACE_KINDS).exclude(['home']),
  lat: z.number().min(-90).max(90),
  lng: z.number().min(-180).max(180),
  capacity: z.number().int().nonnegative().nullable(),
});
export type Place = z.infer<typeof Place>;
