/** The attacker's word before a release: everything that was released before and the new one, laid side by side. */
import { join } from 'node:path';
import { type AuditedRelease, auditReleases } from '../reports/audit/audit.ts';
import type { AuditReport } from '../reports/audit/report.ts';
import { readReleaseFolder } from '../reports/write-release.ts';
import type { LineOf } from '../schemas/register.ts';
import { Refused } from './refused.ts';

/** Folders whose files are a part of others, or are for one partner alone. */
const OF_PARTNERS = ['partners', 'operational'];

/**
 * Attacks the files in `folder`, which are to be the release of `period`, together with all earlier releases.
 *
 * @throws Refused with what would leak, or where an earlier release is not as it was released.
 */
export async function auditBefore(
  period: string,
  folder: string,
  releases: string,
  earlier: readonly LineOf<'release'>[],
): Promise<AuditReport> {
  const audited: AuditedRelease[] = [];
  for (const line of earlier) audited.push(await readEarlier(period, releases, line));
  const { files } = await readReleaseFolder(folder, OF_PARTNERS);
  const report = await auditReleases([...audited, { period, files }]);
  const [leak] = report.leaks;
  if (leak)
    throw new Refused(
      `${period} is not published: with what was released before it would show ${leak.where} more closely than the policy allows (${leak.attack})`,
    );
  return report;
}

async function readEarlier(
  period: string,
  releases: string,
  { period: name, files: known, manifest }: LineOf<'release'>,
): Promise<AuditedRelease> {
  const folder = join(releases, name);
  const { files, hashes } = await readReleaseFolder(folder, OF_PARTNERS).catch(() => {
    throw new Refused(
      `${period} is not published: ${folder} is not there, and it must be known what was released: make it again with "cardiff publish --period ${name}"`,
    );
  });
  const wanted = new Map([
    ...known.map(({ path, sha256 }) => [path, sha256] as const),
    ['manifest.json', manifest],
  ]);
  const changed = [...new Set([...wanted.keys(), ...hashes.keys()])].find(
    (path) => wanted.get(path) !== hashes.get(path),
  );
  if (changed)
    throw new Refused(
      `${period} is not published: ${join(folder, changed)} is not as it was released: remove ${folder} and make it again with "cardiff publish --period ${name}"`,
    );
  return { period: name, files };
}
