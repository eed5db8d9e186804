/** The one place where an agreement becomes leave to make files of its tier. */
import type { Agreement } from '../schemas/agreement.ts';
import type { Grant, GrantedTier } from '../schemas/grant.ts';
import { inForce } from './agreements.ts';

/** The agreements of a tier that are in force on a day (YYYY-MM-DD). */
export function grantsOf<Tier extends GrantedTier>(
  agreements: readonly Agreement[],
  tier: Tier,
  day: string,
): Grant<Tier>[] {
  return agreements.filter(
    (agreement): agreement is Grant<Tier> => agreement.tier === tier && inForce(agreement, day),
  );
}
