import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { inForce, readAgreements, whyNotInForce } from '../../commands/agreements.ts';
import { cardiff } from '../cardiff-process.ts';
import { makeFolder } from '../partnership-folder.ts';

const SOURCES = ['ed', 'miu', 'police'];
const KEY = 'age1uhjplc82nkx7yfwn2qj7ga6ptpqtwlfzrum7jrfcqyv6s30a5g5qk7fmtx';

const AGREEMENT = `partner: ropewalk
name: Ropewalk ward partnership
parties: [City council, University hospital]
purpose: To light the streets where people are hurt
lawful_basis: Crime and Disorder Act 1998, section 17A
tier: partnership
sources: [ed, police]
cuts: [month, place]
formats: [csv, pdf]
in_force_from: 2025-04-01
review_due: 2025-12-31
expires: 2026-03-31
notice: For the ward partnership alone
unencrypted: true
`;

const OPERATIONAL = `operational:
  dpia: Record 12 of 1 March 2025
  legal_basis: Licensing Act 2003
  no_reidentification: true
  contact: The analyst of the board
  use_as_evidence: None
`;

let folder: string;
beforeEach(async () => {
  folder = await makeFolder();
});

function write(text: string, name = 'ropewalk.yaml'): string {
  const path = join(folder, 'agreements', name);
  mkdirSync(join(folder, 'agreements'), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const said = () =>
  readAgreements(folder, SOURCES).then(
    () => 'nothing',
    (error: Error) => error.message,
  );

test('an agreement is read, and the folder may hold none', async () => {
  expect(await readAgreements(folder, SOURCES)).toEqual([]);
  write(AGREEMENT);
  write(
    AGREEMENT.replace('partner: ropewalk', 'partner: ambulance').replace(
      'unencrypted: true',
      `public_key: ${KEY}`,
    ),
    'ambulance.yaml',
  );
  const [ambulance, ropewalk] = await readAgreements(folder, SOURCES);
  expect(ambulance).toMatchObject({ partner: 'ambulance', public_key: KEY });
  expect(ropewalk).toMatchObject({ partner: 'ropewalk', cuts: ['month', 'place'], unencrypted: true });
});

test('the example of init is in force nowhere, and valid once it is given a name', async () => {
  expect(await readAgreements(folder, SOURCES)).toEqual([]);
  const example = join(folder, 'agreements/licensing.yaml.example');
  const text = readFileSync(example, 'utf8');
  renameSync(example, join(folder, 'agreements/licensing.yaml'));
  const [agreement] = await readAgreements(folder, SOURCES);
  // Every term is in it, and every line that is no term explains one.
  expect(Object.keys(agreement ?? {}).sort()).toEqual(
    [...text.matchAll(/^([a-z_]+):/gm)].map(([, term]) => term).sort(),
  );
  for (const term of ['operational', 'unencrypted', 'dpia', 'no_reidentification', 'use_as_evidence'])
    expect(text).toContain(term);
});

/** What is changed, and what is then said of the line that begins with `at`. */
const BAD: readonly [what: string, from: string, to: string, at: string, message: string | RegExp][] = [
  [
    'an unknown cut',
    'cuts: [month, place]',
    'cuts: [month, street]',
    'cuts',
    /cuts\.1: Invalid option: expected one of "month"\|"place"/,
  ],
  ['no cut at all', 'cuts: [month, place]', 'cuts: []', 'cuts', /cuts: Too small/],
  ['a cut twice', 'cuts: [month, place]', 'cuts: [month, month]', 'cuts', 'cuts: something is named twice'],
  [
    'an unknown source',
    'sources: [ed, police]',
    'sources: [ed, fire]',
    'sources',
    'sources.1: is no source of cardiff.yaml: wanted one of ed, miu, police',
  ],
  [
    'an unknown tier',
    'tier: partnership',
    'tier: secret',
    'tier',
    /tier: Invalid option: expected one of "released"/,
  ],
  [
    'an unknown format',
    'formats: [csv, pdf]',
    'formats: [csv, xlsx]',
    'formats',
    /formats\.1: Invalid option/,
  ],
  [
    'a misspelt term',
    'purpose: To',
    'pupose: To',
    'pupose',
    'pupose: is not a term of an agreement: remove it or correct its name',
  ],
  [
    'a term that is missing',
    'lawful_basis: Crime and Disorder Act 1998, section 17A\n',
    '',
    'partner',
    /lawful_basis: is missing: "cardiff init FOLDER" makes an example/,
  ],
  [
    'a day that is none',
    'expires: 2026-03-31',
    'expires: 2026-02-30',
    'expires',
    'expires: wanted a day such as 2026-03-31',
  ],
  [
    'an expiry before the review',
    'expires: 2026-03-31',
    'expires: 2025-12-30',
    'expires',
    'expires: lies before review_due: correct one of the two',
  ],
  [
    'a review before the beginning',
    'review_due: 2025-12-31',
    'review_due: 2025-03-31',
    'review_due',
    'review_due: lies before in_force_from: correct one of the two',
  ],
  [
    'neither key nor "unencrypted"',
    'unencrypted: true\n',
    '',
    'partner',
    'public_key: is missing: name an age public key, or write "unencrypted: true"',
  ],
  [
    '"unencrypted: false"',
    'unencrypted: true',
    'unencrypted: false',
    'unencrypted',
    /unencrypted: Invalid input: expected true/,
  ],
  [
    'both key and "unencrypted"',
    'unencrypted: true',
    `unencrypted: true\npublic_key: ${KEY}`,
    'unencrypted',
    'unencrypted: there is a public_key as well: keep one of the two',
  ],
  [
    'a key with a wrong letter',
    'unencrypted: true',
    `public_key: ${KEY.replace('hjplc', 'hjpqc')}`,
    'public_key',
    'public_key: is no age public key: copy it again from the partner, whole',
  ],
  [
    'a private key',
    'unencrypted: true',
    'public_key: AGE-SECRET-KEY-1XYZ',
    'public_key',
    'public_key: wanted an age public key (age1…)',
  ],
  [
    'another name than the file',
    'partner: ropewalk',
    'partner: candlewick',
    'partner',
    'partner: the file is ropewalk.yaml: give the file and the partner one name',
  ],
  [
    'a name that cannot be a folder',
    'partner: ropewalk',
    'partner: ../ropewalk',
    'partner',
    'partner: wanted lower-case letters, digits and hyphens',
  ],
  [
    'a notice that no page holds',
    'notice: For',
    `notice: ${'x'.repeat(121)}`,
    'notice',
    'notice: wanted at most 120 characters, since it stands on every page',
  ],
  [
    'the tier operational without its terms',
    'tier: partnership',
    'tier: operational',
    'partner',
    /operational: is missing: the tier operational needs dpia, legal_basis, no_reidentification/,
  ],
  [
    'operational terms in another tier',
    'unencrypted: true\n',
    `unencrypted: true\n${OPERATIONAL}`,
    'operational',
    'operational: belongs to the tier operational alone, and this is partnership',
  ],
  [
    'an operational partner that promises nothing',
    'tier: partnership',
    `tier: operational\n${OPERATIONAL.replace('true', 'false')}`,
    '  no_reidentification',
    /operational\.no_reidentification: Invalid input: expected true/,
  ],
  [
    'broken YAML',
    'parties: [',
    'parties: [[',
    'purpose',
    'not valid YAML: check indentation, quotes and colons there',
  ],
];

describe('an agreement that cannot be understood is refused with file and line', () => {
  test.each(BAD)('%s', async (_, from, to, at, message) => {
    expect(AGREEMENT).toContain(from);
    const text = AGREEMENT.replace(from, to);
    const path = write(text);
    const line = text.split('\n').findIndex((each) => each.startsWith(at)) + 1;
    const got = await said();
    expect(got.startsWith(`${path}:${line}: `), got).toBe(true);
    const rest = got.slice(`${path}:${line}: `.length);
    if (typeof message === 'string') expect(rest).toBe(message);
    else expect(rest).toMatch(message);
    expect(got).not.toContain('\n');
  });

  test('a file that would be passed over', async () => {
    const path = write(AGREEMENT, 'ropewalk.yml');
    expect(await said()).toBe(
      `${path} is not read: an agreement is PARTNER.yaml, one that is none ends with .example`,
    );
  });

  test('a folder that cannot be looked into', async () => {
    const inside = join(folder, 'agreements');
    renameSync(inside, `${inside}-away`);
    writeFileSync(inside, '');
    await expect(readAgreements(folder, SOURCES)).rejects.toThrow(`${inside} cannot be looked into`);
  });

  test('publish and status stop at it, with exit code 2 and one sentence', async () => {
    write(AGREEMENT.replace('cuts: [month, place]', 'cuts: [month, street]'));
    const { code, stderr } = await cardiff(['status', '--dir', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cardiff: \S+agreements\/ropewalk\.yaml:8: cuts\.1: Invalid option[^\n]+\n$/);
  });
});

describe('an agreement holds from its first day to its last, while its review is not overdue', () => {
  const days: [day: string, why: string | null][] = [
    ['2025-03-31', 'the agreement is in force from 2025-04-01'],
    ['2025-04-01', null],
    ['2025-12-31', null],
    [
      '2026-01-01',
      "the agreement's review was due on 2025-12-31: review it and set the next date in agreements/ropewalk.yaml",
    ],
    [
      '2026-03-31',
      "the agreement's review was due on 2025-12-31: review it and set the next date in agreements/ropewalk.yaml",
    ],
    [
      '2026-04-01',
      'the agreement expired on 2026-03-31: agree anew and change the dates in agreements/ropewalk.yaml',
    ],
  ];
  test.each(days)('%s', async (day, why) => {
    write(AGREEMENT);
    const [agreement] = await readAgreements(folder, SOURCES);
    expect(whyNotInForce(agreement!, day)).toBe(why);
    expect(inForce(agreement!, day)).toBe(why === null);
  });
});
