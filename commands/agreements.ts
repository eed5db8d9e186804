/** The agreements of a partnership: who may receive what, and whether that holds on a day. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isPublicKey } from '../reports/partners/encrypt.ts';
import { Agreement } from '../schemas/agreement.ts';
import { readYaml } from './read-yaml.ts';
import { UsageError } from './usage-error.ts';

const YAML = '.yaml';

/**
 * Reads agreements/PARTNER.yaml of a partnership folder, in the order of their names, whether in force or not.
 *
 * @throws UsageError naming file, line and remedy: one that cannot be understood stops everything.
 */
export async function readAgreements(folder: string, sourceIds: readonly string[]): Promise<Agreement[]> {
  const inside = join(folder, 'agreements');
  const names = await readdir(inside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`${inside} cannot be looked into: see that it is a folder and yours to read`);
  });
  const agreements: Agreement[] = [];
  for (const name of names.sort()) {
    if (name.startsWith('.') || name.endsWith('.example')) continue;
    const path = join(folder, 'agreements', name);
    if (!name.endsWith(YAML))
      throw new UsageError(
        `${path} is not read: an agreement is PARTNER.yaml, one that is none ends with .example`,
      );
    agreements.push(await readYaml(path, agreementIn(name.slice(0, -YAML.length), sourceIds), WORDS));
  }
  return agreements;
}

const WORDS = {
  absent: 'cannot be read: check that it is a file and yours to read',
  whole: 'the agreement',
  unknown: 'is not a term of an agreement: remove it or correct its name',
  missing: 'is missing: "cardiff init FOLDER" makes an example in which every term is explained',
};

/** An agreement that fits its file's name, the sources of the settings, and a key that exists. */
const agreementIn = (partner: string, sourceIds: readonly string[]) =>
  Agreement.superRefine((agreement, context) => {
    const refuse = (path: PropertyKey[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (agreement.partner !== partner)
      refuse(['partner'], `the file is ${partner}${YAML}: give the file and the partner one name`);
    for (const [i, source] of agreement.sources.entries()) {
      if (!sourceIds.includes(source))
        refuse(['sources', i], `is no source of cardiff.yaml: wanted one of ${sourceIds.join(', ')}`);
    }
    if (agreement.public_key !== undefined && !isPublicKey(agreement.public_key))
      refuse(['public_key'], 'is no age public key: copy it again from the partner, whole');
  });

/** Why nothing is made under the agreement on a day (YYYY-MM-DD), in a sentence; null where it is in force. */
export function whyNotInForce(
  { partner, in_force_from, review_due, expires }: Agreement,
  day: string,
): string | null {
  const mend = `in agreements/${partner}${YAML}`;
  if (day < in_force_from) return `the agreement is in force from ${in_force_from}`;
  if (day > expires) return `the agreement expired on ${expires}: agree anew and change the dates ${mend}`;
  if (day > review_due)
    return `the agreement's review was due on ${review_due}: review it and set the next date ${mend}`;
  return null;
}

/** Whether something may be made under the agreement on a day (YYYY-MM-DD). */
export const inForce = (agreement: Agreement, day: string): boolean => whyNotInForce(agreement, day) === null;
