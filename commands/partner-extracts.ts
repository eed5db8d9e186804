/** The extracts of a release: one folder a partner whose agreement is in force, and the reason where nothing is made. */
import { dirname, join } from 'node:path';
import type { BoardContent } from '../reports/board/content.ts';
import { encryptTo } from '../reports/partners/encrypt.ts';
import { extractContent, extractFiles } from '../reports/partners/extract.ts';
import {
  addChecksums,
  addFiles,
  beginRelease,
  brokenChecksums,
  type FinishedRelease,
  finishRelease,
  manifestHash,
  placeRelease,
  type ReleaseFile,
} from '../reports/write-release.ts';
import type { Agreement } from '../schemas/agreement.ts';
import type { Grant } from '../schemas/grant.ts';
import type { RegisterEvent, RegisterLine } from '../schemas/register.ts';
import type { Released, StarredRow } from '../schemas/released.ts';
import type { Store } from '../transform/store.ts';
import { whyNotInForce } from './agreements.ts';
import { grantsOf } from './grants.ts';
import { linesOf } from './register.ts';

/** What is ready for the partners of a release, and what the register is to say of it. */
export interface StagedExtracts {
  readonly events: readonly RegisterEvent[];
  readonly notes: readonly string[];
  /** Paths of what was made, from the release's folder. */
  readonly files: readonly string[];
  /** Puts what was made in its place, once the register has it. */
  readonly place: () => Promise<void>;
}

export interface ExtractsInput {
  readonly store: Store;
  readonly agreements: readonly Agreement[];
  readonly register: readonly RegisterLine[];
  /** The release's folder. */
  readonly folder: string;
  readonly period: string;
  /** The local day (YYYY-MM-DD) on which they are made. */
  readonly day: string;
  /** SHA-256 of the release's manifest. */
  readonly release: string;
  /** The release's content, less all that was withdrawn so far. */
  readonly content: BoardContent;
  /** The files of the operational tier for a partner; none where none was frozen with the period. */
  readonly operational: (grant: Grant<'operational'>) => Promise<readonly ReleaseFile[]>;
  /** What stands beside it as a star. */
  readonly starred: readonly Released<StarredRow>[];
}

/** The folder of a partner within a release: rows of the operational tier are kept apart. */
const homeOf = ({ tier, partner }: Agreement) =>
  `${tier === 'operational' ? 'operational' : 'partners'}/${partner}`;

/**
 * Makes what is due to each partner and is not there yet. An extract that is there stays as it was made.
 *
 * @throws Error where one is not as it was made.
 */
export async function stageExtracts(input: ExtractsInput): Promise<StagedExtracts> {
  const { agreements, register, folder, period, day } = input;
  const events: RegisterEvent[] = [];
  const notes: string[] = [];
  const files: string[] = [];
  const made: (readonly [FinishedRelease, string])[] = [];
  for (const agreement of agreements) {
    const { partner, name } = agreement;
    const said = [...linesOf(register, 'extract'), ...linesOf(register, 'withheld')]
      .filter((line) => line.period === period && line.partner === partner)
      .sort((a, b) => a.n - b.n);
    const [grant] = grantsOf([agreement], 'operational', day);
    const tasking = grant && (await input.operational(grant));
    const because =
      whyNotInForce(agreement, day) ??
      (grant && isErased(register, period, grant.sources) ? COUNTS_ERASED : null) ??
      (tasking?.length === 0 ? `nothing of the operational tier was frozen with ${period}` : null);
    if (because !== null) {
      notes.push(`Nothing is made for ${name}: ${because}.`);
      const last = said.at(-1);
      if (last?.event !== 'withheld' || last.because !== because)
        events.push({ event: 'withheld', period, partner, because });
      continue;
    }
    const target = join(folder, homeOf(agreement));
    const known = linesOf(said, 'extract').at(-1)?.manifest;
    const there = await manifestHash(target);
    if (there !== undefined) {
      if (there === known && (await brokenChecksums(target)).length === 0) continue;
      throw new Error(`${target} is not as it was made: remove the folder and publish ${period} again`);
    }
    const { extract, event } = await makeExtract(input, agreement, tasking);
    if (extract.manifest !== known) events.push(event);
    made.push([extract, target]);
    const suffix = agreement.public_key === undefined ? '' : '.age';
    files.push(...extract.files.map(({ path }) => `${homeOf(agreement)}/${path}${suffix}`));
  }
  return {
    events,
    notes,
    files,
    place: async () => {
      for (const [extract, target] of made) await placeRelease(extract, target);
    },
  };
}

/** Why exact counts of a period are not made again once a record that may be among them was erased. */
export const COUNTS_ERASED =
  'a record that may be among its counts was erased, and they were removed with it';

/** Whether records of a source were erased after the period was released. */
function isErased(register: readonly RegisterLine[], period: string, sources: readonly string[]): boolean {
  const released = linesOf(register, 'release').find((line) => line.period === period);
  return linesOf(register, 'erasure').some(
    (line) => released !== undefined && line.n > released.n && sources.includes(line.source),
  );
}

async function makeExtract(
  { store, folder, period, release, content, starred }: ExtractsInput,
  agreement: Agreement,
  tasking: readonly ReleaseFile[] | undefined,
) {
  const { partner, name, tier, cuts, formats, notice, public_key: key } = agreement;
  const own = extractContent(content, agreement);
  const sources = own.sources.map(({ id }) => id);
  const unfinished = await addFiles(
    await beginRelease(dirname(join(folder, homeOf(agreement)))),
    tasking ?? extractFiles(store.run, own, starred, agreement),
    key === undefined ? undefined : (bytes) => encryptTo(key, bytes),
  );
  const extract = await finishRelease(unfinished, {
    release: period,
    period,
    partnership: content.partnership,
    partner,
    name,
    tier,
    notice,
    expires: agreement.expires,
    policy: content.policy,
    sources,
    cuts,
    formats,
    encryption: key === undefined ? null : { format: 'age', each_file_is: 'PATH.age', recipient: key },
    notes: own.notes,
    release_manifest: release,
  });
  await addChecksums(extract);
  const event: RegisterEvent = {
    event: 'extract',
    period,
    partner,
    tier,
    sources,
    cuts,
    formats,
    encrypted: key !== undefined,
    manifest: extract.manifest,
    files: extract.files.map(({ path, sha256 }) => ({ path, sha256 })),
  };
  return { extract, event };
}
