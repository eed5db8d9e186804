/** cardiff audit: the attacker at the command line. Reads released files and what anyone may know; opens no store. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { type AuditedRelease, auditReleases, type KnownCount } from '../reports/audit/audit.ts';
import { readKnowing } from '../reports/audit/file-attacks.ts';
import type { AuditReport, Leak } from '../reports/audit/report.ts';
import { now } from './clock.ts';
import type { Options, Outcome } from './options.ts';
import { startProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

const PERIOD = /^\d{4}-(?:Q[1-4]|\d{2})$/;
const READ = /\.(?:csv|json|geojson|html|pdf)$/;

/** Attacks the named releases, or all of the folder; exit code 1 where something leaks. @throws UsageError */
export async function audit({ dir, positionals, knowing }: Options): Promise<Outcome> {
  const folder = resolve(dir);
  const all = (await readdir(join(folder, 'releases')).catch(() => [])).filter((name) => PERIOD.test(name));
  const named = positionals.map((name) =>
    PERIOD.test(name) ? join(folder, 'releases', name) : resolve(name),
  );
  const folders = named.length > 0 ? named : all.sort().map((name) => join(folder, 'releases', name));
  if (folders.length === 0)
    throw new UsageError(`${folder} has no releases: publish one first, or name the folder of one`);
  const progress = startProgress('auditing', process.stderr, now);
  try {
    const releases = [];
    for (const each of folders) releases.push(await readFolder(each));
    progress.update(0.1, `attacking ${releases.length} releases`);
    const register = await readFile(join(folder, 'register.jsonl'), 'utf8').catch(() => '');
    const known = knowing === undefined ? [] : await readKnown(knowing);
    const report = await auditReleases(releases, { register, knowing: known });
    return { result: report, text: auditText(report), code: report.leaks.length > 0 ? 1 : 0 };
  } finally {
    progress.done();
  }
}

/** The files of a release that an attack reads. @throws UsageError where there is no such release. */
export async function readFolder(folder: string): Promise<AuditedRelease> {
  const names = await readdir(folder, { recursive: true }).catch(() => {
    throw new UsageError(
      `${folder} is no release: wanted a period such as 2025-Q3, or the folder of a release`,
    );
  });
  const files = new Map<string, string | Uint8Array>();
  for (const name of names.sort()) {
    const path = name.replaceAll('\\', '/');
    if (!(await stat(join(folder, name))).isFile()) continue;
    // The names of the others are looked at as well.
    files.set(path, READ.test(path) ? await readFile(join(folder, name)) : '');
  }
  return { period: basename(folder), files };
}

async function readKnown(path: string): Promise<KnownCount[]> {
  const known = readKnowing(await readFile(path, 'utf8'));
  const bad = known.findIndex(
    ({ source, period, records }) => !source || !period || !Number.isSafeInteger(records) || records < 0,
  );
  if (known.length === 0 || bad >= 0)
    throw new UsageError(
      `${path}, line ${Math.max(0, bad) + 2}: wanted the columns source,period,cut,atom,records with a whole number of records`,
    );
  return known;
}

const LEAKS_SHOWN_OF_AN_ATTACK = 5;

/** The report for a person at a screen. */
export function auditText({ releases, tiers, attacks, leaks }: AuditReport): string {
  const lines = [
    `Attacked ${releases} ${releases === 1 ? 'release' : 'releases'}, tiers: ${tiers.join(', ')}.`,
    '',
  ];
  for (const { attack, tier, targets, narrowest } of attacks) {
    const own = leaks.filter((leak) => leak.attack === attack).length;
    const said = own > 0 ? `LEAKS ${own}` : targets === 0 ? 'nothing to try' : 'held';
    lines.push(`${said.padEnd(14)} ${attack} [${tier}]: ${targets.toLocaleString('en-GB')} tried`);
    if (narrowest)
      lines.push(
        `${' '.repeat(15)}narrowest: ${narrowest.width} of ${narrowest.nominal} numbers remain possible (${narrowest.where})`,
      );
  }
  lines.push('');
  if (leaks.length === 0)
    lines.push('No leak: nothing that was tried knows more than the policy lets be known.');
  for (const { attack } of attacks) {
    const own = leaks.filter((leak) => leak.attack === attack);
    for (const leak of own.slice(0, LEAKS_SHOWN_OF_AN_ATTACK)) lines.push(leakText(leak));
    if (own.length > LEAKS_SHOWN_OF_AN_ATTACK)
      lines.push(`      … and ${own.length - LEAKS_SHOWN_OF_AN_ATTACK} more by the same attack: see --json`);
  }
  lines.push(
    'An interval is promised, not a probability. Recipients of rows (operational and analyst tiers) are outside of this.',
  );
  return lines.join('\n');
}

function leakText({ where, low, high, nominalLow, nominalHigh, why }: Leak): string {
  const between = (from: number, to: number) =>
    from === to ? `${from}` : Number.isFinite(to) ? `${from} to ${to}` : `${from} or more`;
  const proved =
    low === 0 && high === 0 && nominalHigh === 0
      ? ''
      : `: proved ${between(low, high)}, allowed ${between(nominalLow, nominalHigh)}`;
  return `LEAK  ${where}${proved} (${why})`;
}
