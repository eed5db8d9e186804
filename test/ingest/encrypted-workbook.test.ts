/** Workbooks with a password, as programs other than ours encrypt them (test/fixtures/workbooks/README.md). */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adviceText, adviseOn } from '../../commands/doctor.ts';
import { openPartnership } from '../../commands/partnership.ts';
import { readStreams } from '../../ingest/compound-file.ts';
import { searchFor } from '../canary-search.ts';
import { cardiff } from '../cardiff-process.ts';
import { changeSettings, makeFolder, type Opened, openFolder } from '../partnership-folder.ts';

const WORKBOOKS = join(import.meta.dirname, '../fixtures/workbooks');
const PASSWORD = 'Marigold-47 é€';
const AGILE = readFileSync(join(WORKBOOKS, 'agile-aes256-sha512.xlsx'));
const STANDARD = readFileSync(join(WORKBOOKS, 'standard-aes128.xlsx'));
const DAMAGED = 'the workbook is damaged, or was changed after it was encrypted: have it sent again';
const NO_BOX =
  'the file is an old Excel or Word file, or a workbook that is damaged: save it again as CSV or as an XLSX, and deliver that';
const UNKNOWN =
  'the workbook is encrypted in a way that is too old or not known: save it with its password in Excel 2010 or later, and deliver that';
const WRONG =
  'the password in secrets/ed-workbook.txt is not that of this workbook: correct it there, or have the workbook sent with that password';

/** A folder whose emergency department sends workbooks with a password; `secret` is what its file holds. */
async function makeFolderWith(secret: string, file = 'secrets/ed-workbook.txt'): Promise<string> {
  const folder = await makeFolder();
  await changeSettings(
    folder,
    '    name: Emergency department\n',
    `    name: Emergency department\n    password_file: ${file}\n`,
  );
  writeFileSync(join(folder, 'secrets/ed-workbook.txt'), secret, { mode: 0o600 });
  return folder;
}

const openWith = async (secret = PASSWORD): Promise<Opened> => openFolder(await makeFolderWith(secret));

async function deliver(opened: Opened, bytes: Buffer) {
  const path = join(opened.folder, 'inbox/ed/attendances.xlsx');
  writeFileSync(path, bytes);
  const { sources, failures } = await opened.read([path]);
  return { read: sources['ed']?.read, failures: failures.map(({ message }) => message.replace(path, '')) };
}

const incidentsOf = ({ store }: Opened) => store.query('SELECT * FROM incident ORDER BY ALL');

describe('a workbook with its password', () => {
  const plain = readFileSync(join(WORKBOOKS, 'attendances.xlsx'));

  for (const name of [
    'agile-aes256-sha512',
    'agile-aes256-sha256',
    'agile-aes192-sha384',
    'agile-aes128-sha1',
    'standard-aes128',
  ])
    test(`gives the same store as the one without (${name})`, async () => {
      const clear = await openFolder();
      expect(await deliver(clear, plain)).toEqual({ read: 120, failures: [] });
      const opened = await openWith();
      const read = await deliver(opened, readFileSync(join(WORKBOOKS, `${name}.xlsx`)));
      expect(read).toEqual({ read: 120, failures: [] });
      const incidents = await incidentsOf(opened);
      expect(incidents.length).toBeGreaterThan(100);
      expect(incidents).toEqual(await incidentsOf(clear));
    });

  test('is the same file as the one without, to a source that gets both', async () => {
    const opened = await openWith();
    await deliver(opened, plain);
    const path = join(opened.folder, 'inbox/ed/again.xlsx');
    writeFileSync(path, AGILE);
    const { sources } = await opened.read([path]);
    expect(sources['ed']?.files[0]?.notes).toContain('the same file was read before: nothing new');
  });

  for (const [what, secret] of [
    ['a line end', `${PASSWORD}\n`],
    ['a line end of Windows and more lines', `${PASSWORD}\r\nsecond line\r\n`],
    ['a byte-order mark', `\ufeff${PASSWORD}\n`],
  ] as const)
    test(`is opened where the password is written with ${what}`, async () => {
      expect(await deliver(await openWith(secret), AGILE)).toEqual({ read: 120, failures: [] });
    });

  test('is looked at by doctor where its source has the password, and else told what to do', async () => {
    const folder = await makeFolderWith(PASSWORD);
    for (const path of [join(folder, 'inbox/ed/a.xlsx'), join(folder, 'a.xlsx')]) writeFileSync(path, AGILE);
    expect(adviceText(await adviseOn(join(folder, 'inbox/ed/a.xlsx'), folder))).toContain(
      'The profile istv-csv fits',
    );
    await expect(adviseOn(join(folder, 'a.xlsx'), folder)).rejects.toThrow(
      'the workbook is protected with a password: write it into a file of its own that only its owner may read, and name that file under "password_file" of the source in cardiff.yaml',
    );
  });

  test('is read by the command line, which leaves password and plain text nowhere', async () => {
    const folder = await makeFolderWith(PASSWORD);
    const search = searchFor([
      PASSWORD,
      'Marigold-47',
      'Celandine-12',
      'Zebedee Park',
      'xl/worksheets/sheet1',
    ]);
    copyFileSync(join(WORKBOOKS, 'agile-aes256-sha512.xlsx'), join(folder, 'inbox/ed/a.xlsx'));
    writeFileSync(join(folder, 'inbox/ed/altered.xlsx'), altered(AGILE));
    const said: string[] = [];
    for (const args of [['ingest'], ['ingest', '--json'], ['status'], ['doctor'], ['places', 'review']]) {
      const { stdout, stderr } = await cardiff([...args, '--dir', folder]);
      said.push(stdout, stderr);
    }
    expect(said.join('\n')).toContain('120');
    expect(said.join('\n')).toContain(DAMAGED);
    writeFileSync(join(folder, 'secrets/ed-workbook.txt'), 'Celandine-12');
    const { stderr } = await cardiff(['ingest', '--dir', folder]);
    expect(stderr).toContain(WRONG);
    expect(search.inText([...said, stderr].join('\n'), 'what was printed')).toEqual([]);
    expect(await search.inFolder(folder, ['secrets', 'gazetteer'])).toEqual([]);
    // What is looked for is found where it is.
    expect(await search.inFolder(folder, ['gazetteer'])).toEqual([
      { canary: 'Celandine-12', where: 'secrets/ed-workbook.txt' },
    ]);
  }, 60_000);
});

describe('a password that cannot be used', () => {
  test('is asked for where there is none', async () => {
    const { failures } = await deliver(await openFolder(), AGILE);
    expect(failures[0]).toContain('the workbook is protected with a password');
  });

  for (const [what, bytes] of [
    ['Agile', AGILE],
    ['Standard', STANDARD],
  ] as const)
    test(`is said to be wrong, and by which file (${what} Encryption)`, async () => {
      const opened = await openWith('Celandine-12');
      expect(await deliver(opened, bytes)).toEqual({ read: 0, failures: [`: ${WRONG}`] });
      expect(await incidentsOf(opened)).toEqual([]);
    });

  const wrongs: [what: string, spoil: (path: string) => void, message: RegExp][] = [
    ['is missing', (path) => rmSync(path), /^source ed: password_file names no file: write the password/],
    [
      'is a folder',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
      /^source ed: password_file names no file/,
    ],
    ['is empty', (path) => writeFileSync(path, ''), /ed-workbook\.txt holds no password: wanted up to 255/],
    ['begins with an empty line', (path) => writeFileSync(path, `\n${PASSWORD}`), /holds no password/],
    ['is longer than any', (path) => writeFileSync(path, PASSWORD.repeat(20)), /holds no password/],
    ...(process.platform === 'win32'
      ? []
      : ([
          [
            'can be read by others',
            (path) => chmodSync(path, 0o644),
            /ed-workbook\.txt can be read by others/,
          ],
          [
            'is in a folder that others can read',
            (path) => chmodSync(join(path, '..'), 0o755),
            /secrets can be read by others/,
          ],
        ] as [string, (path: string) => void, RegExp][])),
  ];
  for (const [what, spoil, message] of wrongs)
    test(`stops every command where its file ${what}`, async () => {
      const folder = await makeFolderWith(PASSWORD);
      spoil(join(folder, 'secrets/ed-workbook.txt'));
      const error = await openPartnership(folder).then(
        () => undefined,
        (thrown: Error) => thrown,
      );
      expect(error?.message).toMatch(message);
      expect(error?.message).not.toContain('Marigold');
    });

  test('is not repeated where it stands in the settings itself', async () => {
    const folder = await makeFolderWith(PASSWORD, 'Celandine-12');
    await expect(openPartnership(folder)).rejects.toThrow(/^(?!.*Celandine).*password_file names no file/);
  });
});

/** A copy with a byte of the encrypted workbook changed. */
function altered(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(
    readStreams(copy, ['EncryptedPackage']).get('EncryptedPackage')?.subarray(5000, 5016) ?? '',
  );
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

/** A copy in which one text of the description stands for another of the same length. */
function replaced(bytes: Buffer, from: string | Buffer, to: string | Buffer): Buffer {
  const copy = Buffer.from(bytes);
  expect(Buffer.byteLength(to)).toBe(Buffer.byteLength(from));
  const at = copy.indexOf(from);
  expect(at).toBeGreaterThan(0);
  Buffer.from(to).copy(copy, at);
  return copy;
}

/** Where the directory's entry of a name begins. */
const entryOf = (bytes: Buffer, name: string) => bytes.indexOf(Buffer.from(`${name}\0`, 'utf16le'));

/** A copy with numbers written into it, by where they stand. */
function written(bytes: Buffer, numbers: readonly (readonly [at: number, n: number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, n] of numbers) copy.writeUInt32LE(n, at);
  return copy;
}

const PACKAGE = entryOf(AGILE, 'EncryptedPackage');
const INFO = entryOf(AGILE, 'EncryptionInfo');
/** Where the table of chains says what comes after a sector. */
const nextOf = (sector: number) => (AGILE.readUInt32LE(76) + 1) * 512 + 4 * sector;
const FIRST = AGILE.readUInt32LE(PACKAGE + 116);
const DIRECTORY = AGILE.readUInt32LE(48);

describe('a workbook with a password that is damaged or hostile is refused in one sentence', () => {
  const cases: [what: string, bytes: Buffer, message: string][] = [
    ['cut off after the header', AGILE.subarray(0, 512), NO_BOX],
    ['cut off in the header', AGILE.subarray(0, 40), NO_BOX],
    ['cut off in the middle', AGILE.subarray(0, 8000), NO_BOX],
    ['cut off at the end', AGILE.subarray(0, -600), NO_BOX],
    ['with a byte altered', altered(AGILE), DAMAGED],
    ['with sectors of no size', written(AGILE, [[30, 0]]), NO_BOX],
    ['whose directory leads round in a circle', written(AGILE, [[nextOf(DIRECTORY), DIRECTORY]]), NO_BOX],
    ['whose package leads round in a circle', written(AGILE, [[nextOf(FIRST), FIRST]]), NO_BOX],
    ['whose package leads out of the file', written(AGILE, [[nextOf(FIRST), 0x00ff_ffff]]), NO_BOX],
    ['whose package begins outside the file', written(AGILE, [[PACKAGE + 116, 0x7fff_ffff]]), NO_BOX],
    [
      'whose package claims to be larger than the file',
      written(AGILE, [[PACKAGE + 120, 0xffff_fff0]]),
      NO_BOX,
    ],
    [
      'whose list of tables leads round in a circle',
      written(AGILE, [
        [68, FIRST],
        [(FIRST + 2) * 512 - 4, FIRST],
      ]),
      NO_BOX,
    ],
    ['whose table is nowhere', written(AGILE, [[76, 0xffff_fff0]]), NO_BOX],
    ['whose description leads out of the file', written(AGILE, [[INFO + 116, 0x7fff_ffff]]), NO_BOX],
    ['whose description is empty', written(AGILE, [[INFO + 120, 0]]), DAMAGED],
    ['whose description is no XML', replaced(AGILE, '<keyData', '<<keyDat'), DAMAGED],
    ['without the seal', replaced(AGILE, '<dataIntegrity', '<dataIntegrite'), DAMAGED],
    ['with a seal of no length', replaced(AGILE, 'encryptedHmacValue="', 'encryptedHmacVal00="'), DAMAGED],
    [
      'that asks for more rounds than any',
      replaced(AGILE, 'spinCount="100000"', 'spinCount="9e9999"'),
      'the workbook asks for more than 10,000,000 rounds of hashing, as no Excel does: have it saved and sent again',
    ],
    ['of another cipher', replaced(AGILE, 'cipherAlgorithm="AES"', 'cipherAlgorithm="RC2"'), UNKNOWN],
    ['of another hash', replaced(AGILE, 'hashAlgorithm="SHA512"', 'hashAlgorithm="WHRLPL"'), UNKNOWN],
    [
      'of RC4',
      replaced(STANDARD, Buffer.from('0e66000004800000', 'hex'), Buffer.from('0168000004800000', 'hex')),
      UNKNOWN,
    ],
    ['of Standard Encryption, cut off', STANDARD.subarray(0, 9000), NO_BOX],
    [
      'that is an old workbook',
      replaced(AGILE, Buffer.from('EncryptedPackage', 'utf16le'), Buffer.from('WorkbookWorkbook', 'utf16le')),
      'the file is an old Excel or Word file, whatever its name: save it as CSV or as an XLSX, and deliver that',
    ],
  ];
  for (const [what, bytes, message] of cases)
    test(what, async () => {
      const opened = await openWith();
      expect(await deliver(opened, bytes)).toEqual({ read: 0, failures: [`: ${message}`] });
      expect(await incidentsOf(opened)).toEqual([]);
    });

  test('larger than is decrypted', async () => {
    const opened = await openWith();
    const path = join(opened.folder, 'inbox/ed/large.xlsx');
    writeFileSync(path, AGILE);
    truncateSync(path, (256 << 20) + 1);
    const { failures } = await opened.read([path]);
    expect(failures[0]?.message).toContain(
      'a workbook with a password of more than 256 MB: deliver it in parts',
    );
  });

  test('with any byte of the first sectors set to anything', async () => {
    for (let at = 0; at < 4096; at += 7)
      for (const value of [0, 1, 0xfe, 0xff]) {
        const copy = Buffer.from(AGILE);
        copy.writeUInt8(value, at);
        try {
          const found = readStreams(copy, ['EncryptionInfo', 'EncryptedPackage']);
          for (const stream of found.values()) expect(stream.length).toBeLessThanOrEqual(AGILE.length);
        } catch (error) {
          expect((error as Error).message).toBe(NO_BOX);
        }
      }
  });
});
