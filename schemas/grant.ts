/** Leave to make files of the tiers that show more than the protected cube: only an agreement in force gives it. */
import type { Agreement } from './agreement.ts';

declare const grantedMark: unique symbol;
export type GrantedTier = 'operational' | 'analyst';
/** An agreement of that tier that was in force when it was asked for. Writers of these tiers take nothing else. */
export type Grant<Tier extends GrantedTier> = Agreement & {
  readonly tier: Tier;
  readonly [grantedMark]: true;
};
