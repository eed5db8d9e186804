/**
 * Two years of a partnership's life, day by day: files arrive, some late and some again with corrections; each month
 * and each quarter is published when its time has come; five partners receive their extracts; then the attacker reads
 * everything that ever left. A script, run for the figures, whose small form is a test.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest } from '../../commands/ingest.ts';
import { init } from '../../commands/init.ts';
import { openPartnership, openPartnershipStore } from '../../commands/partnership.ts';
import { type Publication, publish } from '../../commands/publish.ts';
import { Refused } from '../../commands/refused.ts';
import { synth } from '../../commands/synth.ts';
import { monthText, parseMonth, quarterText } from '../../reports/disclosure/period.ts';
import { seededRandom } from '../../reports/statistics/seeded-random.ts';
import { cardiff, projectFolder } from '../cardiff-process.ts';

const DAY_MS = 86_400_000;
/** Days of the month in which files of the month before come, that month is published, files of the month before that one come again whole and corrected, and the quarter before is published. */
const FILES = 9;
const MONTH_OUT = 10;
const AGAIN = 15;
const QUARTER_OUT = 20;
/** Shares of the rows of a file that are not in it, or not right, when it comes first. */
const LATE = 0.04;
const WRONG = 0.03;

/** One supplier's file of one month, as it is in the end. */
export interface SourceFile {
  readonly source: string;
  readonly month: string;
  readonly name: string;
  readonly text: string;
}

/** Why rows of a file differ when they come first: a field by its header, and what stood in it. */
const FIRST_SAID: Readonly<Record<string, readonly [header: string, value: string]>> = {
  ed: ['ASSAULT METHOD', '01'],
  miu: ['ASSAULT METHOD', '01'],
  police: ['premises_type', 'Street'],
  ambulance: ['category', 'Fall'],
  streets: ['Latitude', '51.481600'],
};

/** A file as it comes first: some rows are missing, and in some a field is wrong. */
export function firstVersion({ source, text }: SourceFile, random: () => number): string {
  const [header = '', ...rows] = text.split('\n');
  const names = header.replace('\ufeff', '').trimEnd().split(',');
  const [name, value] = FIRST_SAID[source]!;
  const column = names.indexOf(name);
  if (column < 0) throw new Error(`files of ${source} lack the column ${name}`);
  const kept = rows.flatMap((row) => {
    const fields = splitLine(row);
    const drawn = random();
    // A value in quotation marks may go on in the next line.
    if (drawn >= LATE + WRONG || fields.length !== names.length || row.split('"').length % 2 === 0)
      return [row];
    if (drawn < LATE) return [];
    fields[column] = value;
    return [fields.join(',')];
  });
  return [header, ...kept].join('\n');
}

/** The fields of a line as they are written, quotation marks and all. */
const splitLine = (line: string): string[] => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/);

/** Five partners, each with its own detail, sources, breakdowns and dates; nothing is encrypted, so that all collude. */
const PARTNERS = (sources: readonly string[], first: string): Readonly<Record<string, string>> => {
  const [one = ''] = sources;
  const terms = (name: string, tier: string, of: readonly string[], cuts: string, from: string) =>
    `name: ${name}
parties: [Council, Hospital, Police]
purpose: To prevent violence
lawful_basis: Public task
tier: ${tier}
sources: [${of.join(', ')}]
cuts: [${cuts}]
formats: [csv, pdf]
in_force_from: ${from}
review_due: 2999-12-31
expires: 2999-12-31
notice: For the partner alone
unencrypted: true
`;
  const later = `${monthText(parseMonth(first) + 7)}-01`;
  return {
    council: terms('Council', 'released', sources, 'month, located, place_kind', '2018-01-01'),
    health: terms('Health board', 'released', [one], 'month, place, weapon, night_band', later),
    licensing: terms('Licensing team', 'partnership', sources.slice(0, 2), 'place, night_band', '2018-01-01'),
    tasking: `${terms('Neighbourhood policing', 'operational', [sources.at(-1) ?? ''], 'month, place', '2018-01-01')}operational:
  dpia: Assessment 1
  legal_basis: Prevention of crime
  no_reidentification: true
  contact: Data steward
  use_as_evidence: Never
`,
    analysts: terms('Analysts', 'analyst', sources, 'month, place, weapon', '2018-01-01'),
  };
};

/** Replaces the agreements of a folder by those of five partners. */
async function writePartners(folder: string, sources: readonly string[], first: string): Promise<void> {
  await rm(join(folder, 'agreements'), { recursive: true, force: true });
  await mkdir(join(folder, 'agreements'));
  for (const [partner, text] of Object.entries(PARTNERS(sources, first)))
    await writeFile(join(folder, 'agreements', `${partner}.yaml`), `partner: ${partner}\n${text}`);
}

/** Takes the files out of the inboxes of a folder: they come when their time has come. */
function takeFiles(folder: string, sources: readonly string[]): SourceFile[] {
  return sources.flatMap((source) =>
    readdirSync(join(folder, 'inbox', source)).map((name) => {
      const text = readFileSync(join(folder, 'inbox', source, name), 'utf8');
      rmSync(join(folder, 'inbox', source, name));
      return { source, month: /\d{4}-\d{2}/.exec(name)![0], name, text };
    }),
  );
}

/** A partnership folder with everything but its files, which are still to come. */
export interface Life {
  readonly folder: string;
  readonly files: readonly SourceFile[];
  /** The first month (2024-01) that is published, and how many are; what is older is there from the beginning. */
  readonly first: string;
  readonly months: number;
  readonly seed: number;
}

const SYNTH_SOURCES = ['ed', 'miu', 'police', 'ambulance'];

/** The invented city, `months` of it after as much history as `history` says. */
export async function invent(
  folder: string,
  {
    history,
    months,
    after,
    scale,
    seed,
  }: { readonly [name in 'history' | 'months' | 'after' | 'scale' | 'seed']: number },
): Promise<Life> {
  await synth(folder, { seed, months: history + months + after, scale });
  await writeFile(join(folder, 'secrets/partnership.key'), `${keyOf(seed)}\n`);
  const files = takeFiles(folder, SYNTH_SOURCES);
  const first = monthText(parseMonth(files[0]!.month) + history);
  await writePartners(folder, SYNTH_SOURCES, first);
  return { folder, files, first, months, seed };
}

export interface Published {
  readonly period: string;
  readonly utility: Publication['utility'];
}
type Say = (line: string) => void;

/** Percentages of the incidents on the map in a cell, within a named area, and at all; beside those of plain suppression. */
const utilityText = (utility: Published['utility']): string =>
  Object.entries(utility)
    .map(([source, of]) =>
      of
        ? `; ${source} ${[of.shown, of.plain].map(({ cell, area, whole }) => `${cell}/${area}/${whole}%`).join(' (plain suppression ')})`
        : `; ${source} months alone`,
    )
    .join('');

/** What the partnership is like when its time has come: its store is open, and the clock stands where it is set. */
async function onDay<T>(
  folder: string,
  day: string,
  work: (town: {
    read: () => ReturnType<typeof ingest>;
    publish: (period: string) => Promise<Publication>;
  }) => Promise<T>,
): Promise<T> {
  const now = Date.parse(`${day}T11:00:00Z`);
  const partnership = {
    ...(await openPartnership(folder)),
    now: () => now,
    today: () => Date.parse(day) / DAY_MS,
  };
  const store = await openPartnershipStore(folder);
  try {
    return await work({
      read: () => ingest(partnership, store, []),
      publish: (period) => publish(partnership, store, { period, draft: false, without: [] }),
    });
  } finally {
    store.close();
  }
}

const dayAfter = (month: number, day: number) => `${monthText(month + 1)}-${String(day).padStart(2, '0')}`;

/**
 * Lives through the months: what is older than the first is there from the beginning, and each month's files come with
 * rows missing and wrong, and a month later as they should have been.
 */
export async function live({ folder, files, first, months, seed }: Life, say: Say): Promise<Published[]> {
  const random = seededRandom(seed);
  const from = parseMonth(first);
  const arrive = async (which: readonly SourceFile[]) => {
    for (const { source, name, text } of which) await writeFile(join(folder, 'inbox', source, name), text);
  };
  const of = (month: number) => files.filter((file) => file.month === monthText(month));
  const published: Published[] = [];
  const told = new Set<string>();
  const put = async (day: string, period: string) => {
    const started = performance.now();
    const { utility, notes } = await onDay(folder, day, (town) => town.publish(period));
    const seconds = (performance.now() - started) / 1000;
    published.push({ period, utility });
    say(`${day}  ${period} published in ${seconds.toFixed(1)} s${utilityText(utility)}`);
    for (const note of notes.filter((each) => !told.has(each.replace(period, '')))) {
      told.add(note.replace(period, ''));
      say(`            ${note}`);
    }
  };
  const read = async (day: string) => {
    const { sources, failures } = await onDay(folder, day, (town) => town.read());
    if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join('; '));
    return sources;
  };
  await arrive(files.filter(({ month }) => month < first));
  await read(dayAfter(from - 1, FILES));
  for (let month = from; month < from + months; month++) {
    await arrive(of(month).map((file) => ({ ...file, text: firstVersion(file, random) })));
    await read(dayAfter(month, FILES));
    await put(dayAfter(month, MONTH_OUT), monthText(month));
    await arrive(of(month - 1));
    const again = Object.values(await read(dayAfter(month, AGAIN)));
    const sum = (name: 'accepted' | 'corrected') => again.reduce((total, each) => total + each[name], 0);
    say(
      `${dayAfter(month, AGAIN)}  files of ${monthText(month - 1)} again: ${sum('accepted') - sum('corrected')} records late, ${sum('corrected')} corrected`,
    );
    const quarter = quarterText(month - 2);
    if (month % 3 === 2 && month - 2 >= from) await put(dayAfter(month, QUARTER_OUT), quarter);
  }
  return published;
}

const SHARED = join(projectFolder(), '../shared/data');
const STREETS = join(SHARED, 'police_uk/south-wales');
const WARDS = join(SHARED, 'geography/wards_by_lad/W06000015.json');
/** Whether the real months are not there. */
export const isAbsent = !existsSync(STREETS) || !existsSync(WARDS);

/** The real months of South Wales, in runs of months that follow on each other. */
export function realRuns(): string[][] {
  const runs: string[][] = [];
  for (const name of readdirSync(STREETS).toSorted()) {
    const month = name.slice(0, 7);
    const run = runs.at(-1);
    if (run && parseMonth(run.at(-1)!) + 1 === parseMonth(month)) run.push(month);
    else runs.push([month]);
  }
  return runs;
}

/**
 * A partnership of Cardiff that has what police.uk publishes of some months as its only source, as if they followed on
 * each other from the first on.
 */
export async function takeReal(
  folder: string,
  months: readonly string[],
  seed: number,
  first = months[0]!,
): Promise<Life> {
  await init(folder, 'Violence Prevention Board of Cardiff');
  const settings = join(folder, 'cardiff.yaml');
  const text = await readFile(settings, 'utf8');
  const source =
    '  - { id: streets, profile: police-uk-csv, name: Street-level crime, expected: true, after_commit: keep 30 days }\n';
  await writeFile(
    settings,
    text
      .replace(/^sources:\n(?: .*\n)+/m, `sources:\n${source}`)
      .replace('geography/area.geojson', 'geography/areas.geojson')
      .replace('code_property: code', 'code_property: WD13CD')
      .replace('name_property: name', 'name_property: WD13NM')
      .replace('geography/addresses.csv', 'not supplied')
      .replace('geography/exposure.csv', 'not supplied'),
  );
  await copyFile(WARDS, join(folder, 'geography/areas.geojson'));
  await mkdir(join(folder, 'inbox/streets'));
  await writeFile(join(folder, 'secrets/partnership.key'), `${keyOf(seed)}\n`);
  await writePartners(folder, ['streets'], first);
  const files = months.map((was, i): SourceFile => {
    const [name, month] = [`${was}-south-wales-street.csv`, monthText(parseMonth(first) + i)];
    const text = readFileSync(join(STREETS, name), 'utf8').replaceAll(`,${was},`, `,${month},`);
    return { source: 'streets', month, name, text };
  });
  return { folder, files, first, months: months.length, seed };
}

/** A key that is always the same for a seed. */
const keyOf = (seed: number) => createHash('sha256').update(`two years ${seed}`).digest('hex');

/** `cardiff audit` over everything that was released, as its user sees it. */
export async function auditAll(
  folder: string,
  say: Say,
): Promise<{ code: number | null; seconds: number; text: string }> {
  const started = performance.now();
  const { code, stdout, stderr } = await cardiff(['audit', '--dir', folder]);
  const seconds = (performance.now() - started) / 1000;
  say(`${stdout}${stderr}cardiff audit: exit code ${code}, ${seconds.toFixed(1)} s`);
  return { code, seconds, text: stdout };
}

/** What a policy of a partnership's own would have to look like for its first release to leak: rules that settings accept. */
export const LEAKING_POLICIES = {
  'a threshold of four: one record of one’s own tells nearly how many there are':
    'policy: { name: ours, rounding: additive, threshold: 4, base: 4, reserve: 1.5, historyMonths: 12, minAddresses: 8, partnershipThreshold: 5, partnershipBands: [5, 10, 20, 40] }',
  'bands for the board that are narrower than any figure':
    'policy: { name: ours, rounding: additive, threshold: 10, base: 5, reserve: 1.5, historyMonths: 12, minAddresses: 8, partnershipThreshold: 5, partnershipBands: [5, 8, 11, 14, 17, 20, 40] }',
} as const;

/**
 * Publishes the quarter that follows under a policy of the partnership's own, which settings accept at the beginning of
 * a year. Returns why it was refused; the settings are then as they were.
 */
export async function publishLeaking(
  folder: string,
  day: string,
  period: string,
  policy: string,
): Promise<string> {
  const settings = join(folder, 'cardiff.yaml');
  const text = await readFile(settings, 'utf8');
  await writeFile(settings, text.replace(/^ {2}policy: additive-10-5$/m, `  ${policy}`));
  try {
    await onDay(folder, day, (town) => town.publish(period));
    return '';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.message;
  } finally {
    await writeFile(settings, text);
  }
}

/** What comes after the months of a life arrives as it should be. Returns the day on which the next quarter is due. */
export async function readRest({
  folder,
  files,
  first,
  months,
}: Life): Promise<{ day: string; period: string }> {
  const next = parseMonth(first) + months;
  for (const { source, name, text, month } of files)
    if (month >= monthText(next - 1) && month <= monthText(next + 2))
      await writeFile(join(folder, 'inbox', source, name), text);
  const day = dayAfter(next + 2, QUARTER_OUT);
  await onDay(folder, day, (town) => town.read());
  return { day, period: quarterText(next) };
}

async function main(): Promise<void> {
  const say: Say = (line) => process.stdout.write(`${line}\n`);
  const home = await mkdtemp(join(tmpdir(), 'cardiff-two-years-'));
  let isSafe = true;
  const liveAndAudit = async (life: Life) => {
    await live(life, say);
    const { code, seconds } = await auditAll(life.folder, say);
    isSafe &&= code === 0 && seconds < 300;
  };
  const city = async () => {
    say('An invented city, twelve months of history and then 24 months:');
    const life = await invent(join(home, 'city'), { history: 12, months: 24, after: 9, scale: 1, seed: 3 });
    await liveAndAudit(life);
    const { day, period } = await readRest(life);
    for (const [what, policy] of Object.entries(LEAKING_POLICIES)) {
      const refusal = await publishLeaking(life.folder, day, period, policy);
      say(`\nThe next release with ${what}:\n${refusal === '' ? 'PUBLISHED' : refusal}`);
      isSafe &&=
        refusal.includes(`, ${period}, `) && refusal.includes(' more closely than the policy allows ');
    }
  };
  const real = async () => {
    for (const run of realRuns()) {
      say(`\nCardiff as police.uk publishes it, ${run[0]} to ${run.at(-1)}:`);
      await liveAndAudit(await takeReal(join(home, run[0]!), run, 5));
    }
  };
  const together = async () => {
    const months = realRuns().flat();
    say(`\nThe same ${months.length} months as if each followed on the one before:`);
    const first = monthText(parseMonth(months.at(-1)!) - months.length + 1);
    await liveAndAudit(await takeReal(join(home, 'together'), months, 5, first));
  };
  try {
    const [only] = process.argv.slice(2);
    for (const [name, work] of Object.entries({ city, real, together }))
      if ((only ?? name) === name) {
        if (name === 'city' || !isAbsent) await work();
        else say(`The real months are not there: ${SHARED} is missing.`);
      }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  process.exitCode = isSafe ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) await main();
