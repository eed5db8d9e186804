/** Settings and the command line as a user meets them; the wording of single complaints is in load-settings.test.ts. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { COMMANDS } from '../../commands/commands.ts';
import { loadSettings } from '../../commands/load-settings.ts';
import { ECDS_8_5 } from '../../schemas/policy.ts';
import { cardiff } from '../cardiff-process.ts';
import { listFiles } from '../folder-contents.ts';
import { changeSettings, makeFolder } from '../partnership-folder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const MISSING = 'is missing: "cardiff init FOLDER" makes a file in which every setting is explained';

const OWN_POLICY =
  '{ name: ours, rounding: additive, threshold: 12, base: 6, reserve: 1.5, historyMonths: 12, minAddresses: 8, partnershipThreshold: 6, partnershipBands: [6, 12, 24, 48] }';

/** What is changed, and what is then said; `at` is a text of the line that the complaint is about. */
const WRONG: readonly [what: string, from: string, to: string, at: string, message: string][] = [
  ['no policy', '  policy: additive-10-5\n', '', 'disclosure:', `disclosure.policy: ${MISSING}`],
  [
    'nothing about sexual offences',
    '  sexual_offences_by_place: never\n',
    '',
    'disclosure:',
    `disclosure.sexual_offences_by_place: ${MISSING}`,
  ],
  [
    'sexual offences from no higher threshold',
    'sexual_offences_by_place: never',
    'sexual_offences_by_place: 10',
    'sexual_offences_by_place: 10',
    'disclosure.sexual_offences_by_place: wanted never, or a number above the threshold of the policy: where it is additive, a multiple of its base; else the smallest number that rounds to some multiple',
  ],
  [
    'no after_commit',
    '    after_commit: keep 30 days\n',
    '',
    '- id: ed',
    `sources.0.after_commit: ${MISSING}`,
  ],
  ['no approvals', '  approvals: 0\n', '', 'publish:', `publish.approvals: ${MISSING}`],
  [
    'no addresses',
    '  addresses: geography/addresses.csv\n',
    '',
    'geography:',
    `geography.addresses: ${MISSING}`,
  ],
  [
    'a word for a yes or no',
    'expected: true',
    'expected: maybe',
    'expected: maybe',
    'sources.0.expected: Invalid input: expected boolean, received string',
  ],
  [
    'a policy that is none',
    'policy: additive-10-5',
    'policy: none',
    'policy: none',
    'disclosure.policy: wanted additive-10-5, ecds-8-5, or a policy of your own in the form of these',
  ],
  [
    'a threshold of 0',
    'policy: additive-10-5',
    `policy: ${OWN_POLICY.replace('threshold: 12', 'threshold: 0')}`,
    'policy: {',
    'disclosure.policy.threshold: wanted a whole number from 3 to 1000',
  ],
  [
    'a threshold that values could fall below',
    'policy: additive-10-5',
    `policy: ${OWN_POLICY.replace('threshold: 12', 'threshold: 13')}`,
    'policy: {',
    'disclosure.policy.threshold: wanted a multiple of the base, so that no value is shown below it',
  ],
  [
    'a rule of no policy',
    'policy: additive-10-5',
    `policy: ${OWN_POLICY.replace('reserve', 'noise')}`,
    'policy: {',
    'disclosure.policy.noise: is not a setting: remove it or correct its name',
  ],
  [
    'bands that do not rise',
    'policy: additive-10-5',
    `policy: ${OWN_POLICY.replace('24, 48', '12, 48')}`,
    'policy: {',
    'disclosure.policy.partnershipBands: wanted rising bands of three numbers or more',
  ],
  [
    'a profile that is none',
    'profile: istv-csv',
    'profile: istv',
    'profile: istv',
    'sources.0.profile: is no profile: wanted one of istv-csv, ecds-csv, ecds-xml, ae-legacy-csv, ambulance-csv, police-rms-csv, police-uk-csv, police-uk-json, nibrs-csv',
  ],
  ['a source twice', 'id: miu', 'id: ed', 'sources:', 'sources: two sources have one id'],
  [
    'an unknown key within',
    '  name_property: name',
    '  name_property: name\n  nmae: x',
    'nmae: x',
    'geography.nmae: is not a setting: remove it or correct its name',
  ],
  [
    'an unknown key at the top',
    'time_zone: Europe/London',
    'time_zone: Europe/London\ntimezone: Europe/London',
    'timezone: ',
    'timezone: is not a setting: remove it or correct its name',
  ],
  [
    'a key twice',
    'time_zone: Europe/London',
    'time_zone: Europe/London\ntime_zone: Europe/Paris',
    'time_zone: Europe/Paris',
    'not valid YAML: check indentation, quotes and colons there',
  ],
  [
    'indentation with a tab',
    '    profile: istv-csv',
    '\tprofile: istv-csv',
    '\tprofile: istv-csv',
    'not valid YAML: check indentation, quotes and colons there',
  ],
];

/** Number of the first line that begins with or holds the text, outside the comments. */
function lineOf(text: string, part: string): number {
  const bare = text.replaceAll(/^[ \t]*#.*$/gm, (line) => ' '.repeat(line.length));
  const at = bare.indexOf(part);
  if (at < 0) throw new Error(`there is no "${part}"`);
  return bare.slice(0, at).split('\n').length;
}

describe('cardiff.yaml is refused with file, line and setting', () => {
  test.each(WRONG)('%s', async (_, from, to, at, message) => {
    const folder = await makeFolder();
    await changeSettings(folder, from, to);
    const path = join(folder, 'cardiff.yaml');
    // The comment that explains the setting may lie between a section and its first key.
    const text = await readFile(path, 'utf8');
    const said = await loadSettings(folder).then(
      () => 'nothing',
      (error: Error) => error.message,
    );
    expect(said).toBe(`${path}:${lineOf(text, at)}: ${message}`);
  });
});

test('a policy of the partnership’s own, and a known one by its name, are read as data', async () => {
  const folder = await makeFolder();
  await changeSettings(folder, 'policy: additive-10-5', 'policy: ecds-8-5');
  expect((await loadSettings(folder)).disclosure.policy).toEqual(ECDS_8_5);
  await changeSettings(folder, 'policy: ecds-8-5', `policy: ${OWN_POLICY}`);
  await changeSettings(folder, 'sexual_offences_by_place: never', 'sexual_offences_by_place: 18');
  expect((await loadSettings(folder)).disclosure.policy).toEqual({
    ...{ name: 'ours', rounding: 'additive', threshold: 12, base: 6, reserve: 1.5, historyMonths: 12 },
    ...{ minAddresses: 8, partnershipThreshold: 6, partnershipBands: [6, 12, 24, 48] },
    sexualOffencesByPlace: 18,
  });
});

/** A partnership folder that the tests of the command line share and do not change. */
let town: string;

beforeAll(async () => {
  town = join(await mkdtemp(join(tmpdir(), 'cardiff-town-')), 'town');
  expect(await cardiff(['init', town])).toMatchObject({ code: 0 });
});

afterAll(() => rm(join(town, '..'), { recursive: true, force: true }));

async function expectRefused(args: readonly string[], code: number, message: RegExp): Promise<void> {
  const ended = await cardiff(args);
  expect(ended.stderr).toMatch(message);
  // One sentence, on stderr.
  expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(ended).toMatchObject({ code, stdout: '' });
}

describe('a new partnership folder', () => {
  test('is for its owner alone, and holds a key of its own', async () => {
    for (const path of listFiles(town)) expect(statSync(join(town, path)).mode & 0o077, path).toBe(0);
    for (const name of ['secrets', 'data', 'inbox', 'inbox/ed'])
      expect(statSync(join(town, name)).mode & 0o777, name).toBe(0o700);
    expect(statSync(join(town, 'secrets/partnership.key')).mode & 0o777).toBe(0o600);
    const other = join(town, '../other');
    await cardiff(['init', other]);
    const key = (folder: string) => readFileSync(join(folder, 'secrets/partnership.key'), 'utf8').trim();
    expect(key(town)).toMatch(/^[0-9a-f]{64}$/);
    expect(key(other)).not.toBe(key(town));
  });

  test('says what comes next, and status tells of files that could not be read', async () => {
    const other = join(town, '../streaming');
    expect((await cardiff(['init', other, '--kafka', '127.0.0.1:9092'])).stdout).toContain(
      `and run cardiff listen --create-topics --dir ${other}.`,
    );
    await writeFile(join(other, 'inbox/ed/broken.csv'), 'a;b\n1;2\n');
    expect(await cardiff(['ingest', '--dir', other])).toMatchObject({
      code: 1,
      stdout: 'nothing was read\n',
    });
    expect((await cardiff(['status', '--dir', other])).stdout).toContain(
      'still to be read: 1 file in inbox/ed: cardiff ingest\n',
    );
  });

  test('is not made over another', async () => {
    const before = readFileSync(join(town, 'secrets/partnership.key'), 'utf8');
    await expectRefused(['init', town], 2, /cardiff\.yaml exists: choose another folder/);
    expect(readFileSync(join(town, 'secrets/partnership.key'), 'utf8')).toBe(before);
  });

  test('whose settings are deleted keeps its key when it is made again', async () => {
    const folder = join(town, '../again');
    await cardiff(['init', folder]);
    const before = readFileSync(join(folder, 'secrets/partnership.key'), 'utf8');
    await rm(join(folder, 'cardiff.yaml'));
    const { code } = await cardiff(['init', folder]);
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'secrets/partnership.key'), 'utf8')).toBe(before);
  });

  test('whose making was killed after any of its files is made when it is asked for again', async () => {
    const whole = join(town, '../whole');
    const { stdout } = await cardiff(['init', whole, '--json']);
    const files: string[] = JSON.parse(stdout).files;
    for (const [made, killedAt] of files.entries()) {
      const folder = join(town, `../killed-${made}`);
      await cp(whole, folder, { recursive: true });
      for (const path of files.slice(made)) await rm(join(folder, path));
      await writeFile(join(folder, `${killedAt}.unfinished`), 'half');
      expect(await cardiff(['init', folder])).toMatchObject({ code: 0 });
      expect(listFiles(folder)).toEqual(listFiles(whole));
    }
  });
});

describe('the key of the folder', () => {
  test('is refused where others may read it, before anything is read', async () => {
    const folder = await makeFolder();
    await chmod(join(folder, 'secrets/partnership.key'), 0o644);
    await expectRefused(
      ['ingest', '--dir', folder],
      2,
      /secrets\/partnership\.key can be read by others \(mode 644\): run chmod 600 on it/,
    );
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  });

  test('is missed where it is not there', async () => {
    const folder = await makeFolder();
    await rm(join(folder, 'secrets/partnership.key'));
    await expectRefused(['status', '--dir', folder], 2, /partnership\.key is not there: restore the key/);
  });
});

describe('the command line', () => {
  const names = Object.keys(COMMANDS);

  test('help lists every command', async () => {
    for (const { code, stdout } of await Promise.all(
      [['help'], ['--help'], []].map((args) => cardiff(args)),
    )) {
      expect(code).toBe(0);
      for (const name of names) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
  });

  test('each command has help with an example of it, and asked for help does nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cardiff-help-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const helped = await Promise.all(names.map((name) => cardiff([name, '--help'], { cwd: folder })));
    for (const [i, { code, stdout, stderr }] of helped.entries()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^cardiff ${names[i]}\\b`));
      expect(stdout).toMatch(new RegExp(`Example: cardiff ${names[i]}\\b`));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [['frobnicate'], /"frobnicate" is no command: wanted one of init, /],
    [['constructor'], /"constructor" is no command/],
    [
      ['ingest', '--verbose'],
      /an option of "cardiff ingest" is not known or lacks its value: see "cardiff ingest --help"/,
    ],
    [['publish', '--period'], /an option of "cardiff publish" is not known or lacks its value/],
    [['init'], /which folder\? for example: cardiff init city/],
    [['synth', 'x', '--months', 'two'], /--months: wanted a whole number of 1 or more/],
    [
      ['status', '--dir', '/nowhere/at/all'],
      /cardiff\.yaml is not there: make a partnership folder with "cardiff init FOLDER"/,
    ],
  ])('%j is wrong usage: exit code 2', async (args, message) => {
    const { code, stderr } = await cardiff(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  test('a file that lies in no inbox needs --source, and an unknown source is refused', async () => {
    const file = join(town, '../loose.csv');
    await writeFile(file, 'a,b\n');
    await expectRefused(
      ['ingest', file, '--dir', town],
      2,
      /lies in no inbox: say which source it is from with --source ID/,
    );
    await expectRefused(
      ['ingest', file, '--dir', town, '--source', 'fire'],
      2,
      /"fire" is no source: wanted one of ed, miu, police, /,
    );
  });

  test('a schedule that is none stops run before it starts', async () => {
    const folder = await makeFolder();
    await changeSettings(folder, '"0 7 * * *"', '"at seven"');
    await expectRefused(
      ['run', '--dir', folder],
      2,
      /publish\.schedule: "at seven" is no cron expression: wanted, for example, "0 7 \* \* \*"/,
    );
  });

  test('a failure ends with 1, and a file that cannot be read is told with its name', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'inbox/ed/letter.csv'), 'Dear Sir,\n');
    const { code, stderr } = await cardiff(['ingest', '--dir', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cardiff: \S+\/inbox\/ed\/letter\.csv(:1)?: /);
    expect(stderr).not.toContain('Dear');
    await expectRefused(
      ['publish', '--dir', folder],
      1,
      /no source has delivered a whole quarter yet: run "cardiff ingest" first/,
    );
  });
});

describe('--json prints one object on stdout and nothing else', () => {
  async function jsonOf(args: readonly string[], code = 0): Promise<Record<string, unknown>> {
    const ended = await cardiff([...args, '--json']);
    expect(ended.code).toBe(code);
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    const value: unknown = JSON.parse(ended.stdout);
    expect(value).toBeTypeOf('object');
    return value as Record<string, unknown>;
  }

  test('init, synth, ingest, status, publish', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cardiff-json-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(await jsonOf(['init', join(folder, 'town')])).toMatchObject({ folder: join(folder, 'town') });
    const city = join(folder, 'city');
    expect(await jsonOf(['synth', city, '--months', '15', '--scale', '0.5'])).toMatchObject({ folder: city });
    const { sources } = (await jsonOf(['ingest', '--dir', city])) as { sources: Record<string, Summary> };
    expect(Object.keys(sources)).toEqual(['ed', 'miu', 'police', 'ambulance']);
    for (const source of Object.values(sources)) expect(sumOf(source)).toBe(source.read);
    const status = await jsonOf(['status', '--dir', city]);
    expect(status).toMatchObject({ released: [], next: { period: '2025-Q3', waits_for: [] } });
    const made = await jsonOf(['publish', '--dir', city, '--draft']);
    expect(made).toMatchObject({ period: '2025-Q3', draft: true, made: true });
    for (const file of made['files'] as string[])
      expect(existsSync(join(city, 'drafts/2025-Q3', file))).toBe(true);
  });
});

interface Summary {
  read: number;
  accepted: number;
  rejected: Record<string, Record<string, number>>;
  duplicate: number;
  excluded: Record<string, Record<string, number>>;
}

/** accepted + rejected + duplicate + excluded */
function sumOf({ accepted, rejected, duplicate, excluded }: Summary): number {
  const parts = [rejected, excluded].flatMap((part) =>
    Object.values(part).flatMap((reasons) => Object.values(reasons)),
  );
  return parts.reduce((sum, n) => sum + n, accepted + duplicate);
}
