/** cardiff doctor: what is wrong with an installation, or how an unknown file could be read. */
import { access, constants, mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { sourceOfPath } from '../ingest/inbox.ts';
import { sampleFile } from '../ingest/sample-file.ts';
import { SourceError } from '../ingest/source-error.ts';
import type { Profile } from '../schemas/profile.ts';
import { total } from '../schemas/tally.ts';
import { openStore } from '../transform/store.ts';
import { flagText, lossText } from './loss-report.ts';
import { openPartnership, openPartnershipStore, type Partnership, readGeography } from './partnership.ts';
import { printable } from './printable.ts';
import { type Proposal, proposeProfile } from './propose-profile.ts';
import { profileOf } from './source-profile.ts';
import { UsageError } from './usage-error.ts';

/** One thing that was looked at; `remedy` where it is not as it should be. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly remedy?: string;
  /** What is as it should be, and should be known all the same. */
  readonly note?: string;
}

const LEAST_NODE = [20, 19] as const;
const LEAST_FREE_BYTES = 1 << 30;

/** Looks at everything that a partnership folder needs, and goes on after what is wrong. */
export async function examine(folder: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const look = async <T>(what: string, work: () => Promise<T>, note?: string): Promise<T | undefined> => {
    try {
      const result = await work();
      findings.push({ what, ok: true, ...(note ? { note } : {}) });
      return result;
    } catch (error) {
      findings.push({ what, ok: false, remedy: sentenceOf(error) });
      return undefined;
    }
  };
  await look(`Node ${process.versions.node}`, async () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]))
      throw new Error(`wanted Node ${LEAST_NODE.join('.')} or later: install it`);
  });
  await look('the database works', async () => (await openStore(':memory:')).close());
  await look('the typesetter works', async () => {
    await import('../reports/board/typst.ts');
  });
  const partnership = await look('cardiff.yaml, key and gazetteer', () => openPartnership(folder));
  if (!partnership) return findings;
  await look('agreed area and named areas', () => readGeography(partnership));
  if (partnership.places.length === 0)
    findings.push({
      what: 'public places',
      ok: false,
      remedy:
        'the gazetteer is empty, so that no location text can be placed: list public places in gazetteer/',
    });
  for (const source of partnership.settings.sources)
    await look(
      `source ${source.id}`,
      () => examineSource(partnership, source.id),
      tellsNoHome(profileOf(source, partnership)) ? NO_HOME_TOLD : undefined,
    );
  await look('data/ is for its owner alone', () => examineData(folder));
  await look('the store opens', async () => (await openPartnershipStore(folder)).close());
  await look('free space on the disk', async () => {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < LEAST_FREE_BYTES) throw new Error('less than 1 GB is free: free some space');
  });
  return findings;
}

/** Said of an ambulance service whose codes do not tell public from private places. */
const NO_HOME_TOLD =
  'its records do not tell homes, so that only those at a public place of the gazetteer are mapped; where a column tells public from private places, name it under headers.place_type and its values under codes.place_types';

const tellsNoHome = ({ kind, placeTypes }: Profile): boolean =>
  kind === 'ambulance' && Object.keys(placeTypes).length === 0;

async function examineSource({ settings, codeLists, folder }: Partnership, id: string): Promise<void> {
  const source = settings.sources.find((each) => each.id === id);
  if (!source) return;
  const profile = profileOf(source, { settings, codeLists });
  if (profile.listed && !profile.codeLists)
    throw new Error(
      `no list of codes says what counts as assault, so that nothing would be counted: name the national code sets under code_lists of ${id}`,
    );
  const inbox = join(folder, 'inbox', id);
  await access(inbox, constants.R_OK | constants.W_OK).catch(() => {
    throw new Error(`${inbox} is not there or cannot be written: make it, and let this user write to it`);
  });
}

async function examineData(folder: string): Promise<void> {
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const wrong: string[] = [];
  for (const path of [data, ...(await readdir(data)).map((name) => join(data, name))])
    if (((await stat(path)).mode & 0o077) !== 0) wrong.push(path);
  if (wrong.length > 0) throw new Error(`${wrong.join(', ')} can be read by others: run chmod go-rwx on it`);
}

/** Only sentences of our own are passed on. */
const sentenceOf = (error: unknown): string =>
  error instanceof UsageError ||
  error instanceof SourceError ||
  (error instanceof Error && error.constructor === Error)
    ? error.message
    : `does not work (${error instanceof Error ? error.constructor.name : 'unknown'}): install again with npm install`;

/** The findings in lines for a person. */
export function findingsText(findings: readonly Finding[]): string {
  const wrong = findings.filter(({ ok }) => !ok).length;
  return [
    ...findings.map(({ what, ok, remedy, note }) =>
      ok ? `fine   ${what}${note ? `: ${note}` : ''}` : `WRONG  ${what}: ${remedy}`,
    ),
    wrong === 0 ? 'nothing is wrong' : `${wrong} of ${findings.length} to mend`,
  ].join('\n');
}

/** What is proposed for a file, and the profiles to try for messages and lists. */
export type FileAdvice = Proposal | { readonly profile: string; readonly shape: 'xml' | 'json' };

/** Looks at the first rows of a file. @throws SourceError naming the file where it cannot be read. */
export async function adviseOn(path: string, folder: string): Promise<FileAdvice> {
  // The file can be looked at before there is a folder; with one, its public places are recognised.
  const partnership = await openPartnership(folder).catch(() => undefined);
  try {
    const source = sourceOfPath(folder, path) ?? '';
    const sample = await sampleFile(path, partnership?.passwords.get(source));
    if (sample.shape === 'xml') return { profile: 'ecds-xml', shape: 'xml' };
    if (sample.shape === 'json') return { profile: 'police-uk-json', shape: 'json' };
    return await proposeProfile(sample, partnership);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(`${printable(path)}${error.line ? `:${error.line}` : ''}: ${error.message}`);
  }
}

/** The advice in lines for a person: settings to copy, what they would do, and what is missing. */
export function adviceText(advice: FileAdvice): string {
  if ('shape' in advice) {
    const what = advice.shape === 'xml' ? 'an XML message' : 'a list in JSON';
    return `This is ${what}: read it with profile ${advice.profile}.`;
  }
  const { profile, description, dates, unassigned, missing, tried, loss } = advice;
  const share = (n: number) => `${n} of ${tried.passed}`;
  return [
    description
      ? `No profile fits. For cardiff.yaml, to be checked and completed:\n\n${profileYaml(profile, description)}\n\nand under sources: profile: ${profile}. Once it is there, look at the file again.`
      : `The profile ${profile} fits. For cardiff.yaml, under sources: profile: ${profile}${dates ? `, dates: ${dates}` : ''}`,
    `\nOf the first ${tried.read} rows it would keep ${tried.passed}, leave out ${total(tried.excluded)} and reject ${total(tried.rejected)}.`,
    ...(['rejected', 'excluded'] as const).flatMap((part) =>
      Object.entries(tried[part]).flatMap(([field, reasons]) =>
        Object.entries(reasons).map(([reason, n]) => `  ${part}: ${field}: ${reason}: ${n}`),
      ),
    ),
    ...Object.entries(tried.unmapped).map(([field, n]) => `  not explained by any code list: ${field}: ${n}`),
    ...flagText(tried.flagged),
    `  located ${share(tried.located)}, at home ${share(tried.homeGated)}, hour known ${share(tried.timeKnown)}`,
    ...lossText(loss),
    ...(unassigned.length > 0 ? [`\nNothing is proposed for: ${unassigned.join(', ')}`] : []),
    ...(missing.length > 0 ? ['\nMissing:', ...missing.map((what) => `  ${what}`)] : []),
  ].join('\n');
}

/** A description as it stands in cardiff.yaml; JSON's quoting is YAML's too. */
function profileYaml(id: string, settings: NonNullable<Proposal['description']>): string {
  const { title, kind, dates, key, columns, drop, counts } = settings;
  const text = (value: unknown) => JSON.stringify(value);
  return [
    'profiles:',
    `  ${id}:`,
    `    title: ${text(title)}`,
    `    kind: ${kind}`,
    `    dates: ${dates}`,
    `    key: ${text(key)}`,
    '    columns:',
    ...Object.entries(columns).map(([part, names]) => `      ${part}: ${text(names)}`),
    ...(drop.length > 0 ? [`    drop: ${text(drop)}`] : []),
    ...(Object.keys(counts).length > 0
      ? [
          '    counts:',
          ...Object.entries(counts).map(
            ([column, rule]) =>
              `      ${text(column)}: { codes: {}, missing: ${text(rule.missing)}, unlisted: ${text(rule.unlisted)} }`,
          ),
        ]
      : []),
    '    codes: { weapons: {}, place_types: {}, offences: {} }',
  ].join('\n');
}
