import type { ReportDocument } from './document.ts';

const TIERS: Readonly<Record<ReportDocument['tier'], string>> = {
  public: 'Released tier',
  partnership: 'Partnership tier',
  operational: 'Operational tier',
};

/** Tier and policy in force, as they stand on every page. */
export const footing = ({ tier, policy }: Pick<ReportDocument, 'tier' | 'policy'>): string =>
  `${TIERS[tier]}, policy ${policy}`;
