/** Which disclosure policy holds: one for each calendar year, from its first frozen month on. */
import type { SexualOffences } from '../reports/disclosure/reported.ts';
import type { Policy } from '../schemas/policy.ts';
import type { Settings } from '../schemas/settings.ts';
import type { Store } from '../transform/store.ts';
import { Refused } from './refused.ts';

/** The policy that a period is, or was, protected with: its year's, or that of the settings for a year not begun. */
export async function policyOf(store: Store, settings: Settings, period: string): Promise<Policy> {
  return (await readPolicy(store, Number(period.slice(0, 4)))) ?? settings.disclosure.policy;
}

/** The policies of the years that were begun, by year. */
export async function policiesOfYears(store: Store): Promise<ReadonlyMap<number, Policy>> {
  const rows = await store.query<{ year: number; policy: string }>(
    'SELECT year, policy FROM policy_of_year ORDER BY year',
  );
  return new Map(rows.map(({ year, policy }) => [year, JSON.parse(policy) as Policy]));
}

/** In which years sexual offences are counted: as the policy of each says, and that of the settings for the others. */
export async function sexualOffencesCounted(store: Store, { disclosure }: Settings): Promise<SexualOffences> {
  const isCounted = ({ sexualOffencesByPlace }: Policy) => sexualOffencesByPlace !== 'never';
  const counted = isCounted(disclosure.policy);
  const others = [...(await policiesOfYears(store))].filter(([, policy]) => isCounted(policy) !== counted);
  return { counted, except: others.map(([year]) => year) };
}

/**
 * Records the policy of the settings for each of the years that are frozen with a period, in the caller's transaction.
 * A year before the period's that was begun with another one keeps it: its months were frozen by that.
 *
 * @throws Refused where the period's own year was begun with another one.
 */
export async function holdPolicy(
  store: Store,
  { disclosure }: Settings,
  period: string,
  years: Iterable<number>,
) {
  const { policy } = disclosure;
  const own = Number(period.slice(0, 4));
  for (const year of [...new Set([own, ...years])].toSorted((a, b) => a - b)) {
    const known = await readPolicy(store, year);
    if (known === undefined)
      await store.run('INSERT INTO policy_of_year VALUES ($1, $2)', [year, JSON.stringify(policy)]);
    else if (year === own && JSON.stringify(known) !== JSON.stringify(policy)) {
      throw new Refused(
        `${year} was begun with the policy ${known.name} and cardiff.yaml has other rules now: a policy holds for a calendar year. Restore it, and change it from ${year + 1} on`,
      );
    }
  }
}

async function readPolicy(store: Store, year: number): Promise<Policy | undefined> {
  const [row] = await store.query<{ policy: string }>('SELECT policy FROM policy_of_year WHERE year = $1', [
    year,
  ]);
  return row && (JSON.parse(row.policy) as Policy);
}
