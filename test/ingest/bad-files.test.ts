import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Opened, openFolder } from '../partnership-folder.ts';

const HEADER =
  'SITE CODE (OF TREATMENT),ASSAULT DATE AND TIME,ASSAULT METHOD,ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ATTENDANCE ID';
/** A value that no message may repeat. */
const SECRET = 'Quillfeather';
const row = (id: number) => `7A4BV,2025-09-0${1 + (id % 9)}T2${id % 4}:15:00,01,02,${SECRET} ${id},A${id}`;
const GOOD = [HEADER, row(1), row(2), row(3)].join('\n');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const manyRows = Array.from({ length: 80_000 }, (_, i) => row(i)).join('\n');

/** The zip signature, an entry name as spreadsheets have, and some of what follows. */
const XLSX = Buffer.concat([
  Buffer.from('PK\x03\x04\x14\x00\x06\x00'),
  Buffer.from(`xl/worksheets/${SECRET}`),
]);
const HEADERLESS = 'the first row lacks the columns';
const REMEDY =
  'of istv-csv: deliver the file with its header row, or name the columns under "headers" in cardiff.yaml';

const CASES: readonly [what: string, bytes: string | Buffer, line: number | undefined, message: string][] = [
  [
    'a quote that is never closed',
    `${GOOD}\n7A4BV,"2025-09-01T20:00:00,01,02,${SECRET},A9\n${row(4)}\n`,
    5,
    'a quotation mark that is opened in the row starting here is never closed: close it',
  ],
  [
    'a stray quote',
    `${HEADER}\n${row(1)}\n7A4BV,2025-09-01T20:00:00,01,02,the "${SECRET}",A9\n`,
    3,
    'a quotation mark inside a value: quote the whole value and double the mark, or remove it',
  ],
  [
    'text after a closing quote',
    `${HEADER}\n${row(1)}\n7A4BV,2025-09-01T20:00:00,01,02,"${SECRET}" bar,A9\n`,
    3,
    'a quotation mark inside a value: quote the whole value and double the mark, or remove it',
  ],
  [
    'a header of another file',
    `Crime ID,Month,${SECRET}\n1,2,3\n`,
    1,
    `${HEADERLESS} "SITE CODE (OF TREATMENT)", "ASSAULT DATE AND TIME", "ASSAULT METHOD", "ASSAULT LOCATION TYPE" ${REMEDY}`,
  ],
  [
    'data in the first row',
    `${row(1)}\n${row(2)}\n`,
    1,
    `${HEADERLESS} "SITE CODE (OF TREATMENT)", "ASSAULT DATE AND TIME", "ASSAULT METHOD", "ASSAULT LOCATION TYPE" ${REMEDY}`,
  ],
  [
    'one column missing',
    GOOD.replace('ASSAULT METHOD,', `${SECRET},`),
    1,
    `the first row lacks the column "ASSAULT METHOD" ${REMEDY}`,
  ],
  [
    'a column twice',
    GOOD.replace('ATTENDANCE ID', 'Assault_Method'),
    1,
    'two columns are called "ASSAULT METHOD": keep one',
  ],
  [
    'lines that end with a carriage return alone',
    `${HEADER},PATIENT NAME\n${row(1)},Zebedee ${SECRET}\n${row(2)},Zebedee ${SECRET}\n`.replaceAll(
      '\n',
      '\r',
    ),
    1,
    'lines end with a carriage return alone: save the file with LF or CRLF line ends',
  ],
  ['an empty file', '', undefined, 'the file is empty: wanted a header row and rows of data'],
  ['a byte-order mark alone', '\ufeff', undefined, 'the file is empty: wanted a header row and rows of data'],
  [
    'a truncated gzip',
    gzipSync(manyRows).subarray(0, 5000),
    undefined,
    'the gzip file is cut short or damaged: deliver it again',
  ],
  [
    'a gzip damaged in the middle',
    Buffer.from(
      gzipSync(`${HEADER}\n${manyRows}`).map((byte, i) => (i > 3000 && i < 3100 ? byte ^ 0x5a : byte)),
    ),
    undefined,
    'the gzip file is cut short or damaged: deliver it again',
  ],
  [
    'a gzip whose checksum is wrong',
    Buffer.from(gzipSync(GOOD).map((byte, i, all) => (i === all.length - 6 ? byte ^ 1 : byte))),
    undefined,
    'the gzip file is cut short or damaged: deliver it again',
  ],
  [
    'a spreadsheet renamed to .csv',
    XLSX,
    undefined,
    'the spreadsheet is damaged: save it again and deliver that',
  ],
  [
    'an old spreadsheet renamed',
    Buffer.from(`d0cf11e0a1b11ae1${'00'.repeat(600)}`, 'hex'),
    undefined,
    'the file is an old Excel or Word file, or a workbook that is damaged: save it again as CSV or as an XLSX, and deliver that',
  ],
  [
    'a PDF renamed',
    `%PDF-1.7\n${SECRET}\n`,
    undefined,
    'the file is a PDF, whatever its name: save it as CSV or as an XLSX, and deliver that',
  ],
  [
    'a PDF in a gzip',
    gzipSync(`%PDF-1.7\n${SECRET}\n`),
    undefined,
    'the file is a PDF, whatever its name: save it as CSV or as an XLSX, and deliver that',
  ],
  [
    'a NUL byte in a value',
    `${GOOD}\n${row(4)}\0\n`,
    5,
    'a control character: this is not a text file; wanted CSV, saved from the program that made it',
  ],
  [
    'a separator byte in a value',
    `${GOOD}\n${row(4)}\x1f\n`,
    5,
    'a control character: this is not a text file; wanted CSV, saved from the program that made it',
  ],
  [
    'UTF-16 of odd length',
    utf16(GOOD).subarray(0, -1),
    undefined,
    'the file is not valid UTF-16: save it again as UTF-8, or set its encoding',
  ],
  [
    'UTF-16 with half a character',
    Buffer.concat([utf16(GOOD), Buffer.from('00d84100', 'hex')]),
    undefined,
    'the file is not valid UTF-16: save it again as UTF-8, or set its encoding',
  ],
  [
    'UTF-8, then Latin-1',
    Buffer.concat([Buffer.from(`${GOOD}\n${row(4)} café\n`), Buffer.from(`${row(5)} caf\xe9\n`, 'latin1')]),
    undefined,
    'the file is part UTF-8 and part another encoding: save it again as UTF-8, or set its encoding',
  ],
  [
    'Latin-1, then UTF-8',
    Buffer.concat([Buffer.from(`${GOOD}\n${row(5)} caf\xe9\n`, 'latin1'), Buffer.from(`${row(4)} café\n`)]),
    undefined,
    'the file is part UTF-8 and part another encoding: save it again as UTF-8, or set its encoding',
  ],
  [
    'a row that is far too long',
    `${GOOD}\n7A4BV,2025-09-01T20:00:00,01,02,${SECRET.repeat(500_000)},A9\n${row(4)}\n`,
    5,
    'a row of more than 1 MB starts here: wanted line ends (LF or CRLF) between rows',
  ],
  [
    'a quote that is never closed, before many rows',
    `${GOOD}\n7A4BV,"2025-09-01,01,02,${SECRET},A9\n${manyRows}\n`,
    5,
    'a row of more than 1 MB starts here, most likely with a quotation mark that is never closed',
  ],
];

/** The store's whole content, as text. */
async function contentOf({ store }: Opened): Promise<string> {
  const rows = await Promise.all(
    ['incident', 'file'].map((table) => store.query(`SELECT t::VARCHAR AS row FROM ${table} t ORDER BY ALL`)),
  );
  return JSON.stringify(rows);
}

/** A partnership whose store holds a file already, so that "unchanged" says something. */
async function openWithOneFile(): Promise<Opened> {
  const opened = await openFolder();
  const path = join(opened.folder, 'inbox/ed/first.csv');
  writeFileSync(path, GOOD);
  const { failures } = await opened.read([path]);
  expect(failures).toEqual([]);
  return opened;
}

async function expectRefused(opened: Opened, path: string, message: string): Promise<void> {
  const before = await contentOf(opened);
  const { sources, failures } = await opened.read([path], 'ed');
  expect(failures).toEqual([{ file: path, message }]);
  expect(JSON.stringify({ sources, failures })).not.toContain(SECRET);
  expect(sources['ed']?.read).toBe(0);
  expect(await contentOf(opened)).toBe(before);
}

describe('a file that cannot be read is refused in one sentence and leaves the store as it was', () => {
  for (const [what, bytes, line, message] of CASES) {
    test(what, async () => {
      const opened = await openWithOneFile();
      const path = join(opened.folder, 'inbox/ed/bad.csv');
      writeFileSync(path, bytes);
      await expectRefused(opened, path, `${path}${line ? `:${line}` : ''}: ${message}`);
    });
  }

  test('a line without end is refused before it is in memory', async () => {
    const opened = await openWithOneFile();
    const path = join(opened.folder, 'inbox/ed/line.csv');
    const out = createWriteStream(path);
    out.write(`${HEADER}\n`);
    const megabyte = Buffer.alloc(1 << 20, `${SECRET} `);
    for (let i = 0; i < 50; i++) if (!out.write(megabyte)) await once(out, 'drain');
    await new Promise((resolve) => out.end(resolve));
    const before = process.memoryUsage();
    await expectRefused(
      opened,
      path,
      `${path}:2: a row of more than 1 MB starts here: wanted line ends (LF or CRLF) between rows`,
    );
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(120 << 20);
  });

  test('a gzip that unpacks to a line without end is refused', async () => {
    const opened = await openWithOneFile();
    const path = join(opened.folder, 'inbox/ed/line.csv.gz');
    writeFileSync(path, gzipSync(Buffer.concat([Buffer.from(`${HEADER}\n`), Buffer.alloc(50 << 20, 'x')])));
    await expectRefused(
      opened,
      path,
      `${path}:2: a row of more than 1 MB starts here: wanted line ends (LF or CRLF) between rows`,
    );
  });

  test('a folder', async () => {
    const opened = await openWithOneFile();
    const path = join(opened.folder, 'inbox/ed/folder.csv');
    mkdirSync(path);
    await expectRefused(opened, path, `${path}: this is a folder: name the files in it`);
  });

  test('a file that is not there', async () => {
    const opened = await openWithOneFile();
    const path = join(opened.folder, 'inbox/ed/none.csv');
    await expectRefused(opened, path, `${path}: there is no such file: check its name`);
  });

  // A file of the system that nobody may read from its beginning, not even the superuser.
  test.runIf(process.platform === 'linux')('a file that cannot be read', async () => {
    const opened = await openWithOneFile();
    const path = '/proc/self/mem';
    await expectRefused(
      opened,
      path,
      `${path}: the file cannot be read: check that it is yours to read and still there`,
    );
  });
});

describe('a file that is not left alone while it is read is refused', () => {
  const CHANGED = 'the file changed while it was read: wait until it is written, then run the command again';
  const changes: [what: string, change: (path: string) => void, message: string][] = [
    ['it grows', (path) => appendFileSync(path, `${row(5)}\n`), CHANGED],
    ['it shrinks', (path) => truncateSync(path, 40), CHANGED],
    ['it is replaced', (path) => writeFileSync(path, GOOD), CHANGED],
    [
      'it vanishes',
      (path) => rmSync(path),
      'the file cannot be read: check that it is yours to read and still there',
    ],
  ];
  for (const [what, change, message] of changes) {
    test(what, async () => {
      const opened = await openWithOneFile();
      const path = join(opened.folder, 'inbox/ed/moving.csv');
      writeFileSync(path, `${HEADER}\n${manyRows}\n`);
      // The time is asked for once the file is open, before its first row.
      let changed = false;
      const { now } = opened.partnership;
      Object.assign(opened.partnership, {
        now: () => {
          if (!changed) change(path);
          changed = true;
          return now();
        },
      });
      await expectRefused(opened, path, `${path}: ${message}`);
      expect(changed).toBe(true);
    });
  }

  test('a file that is still being written by another program', async () => {
    const opened = await openWithOneFile();
    const path = join(opened.folder, 'inbox/ed/growing.csv');
    writeFileSync(path, `${HEADER}\n${manyRows}\n`);
    const writer = spawn('sh', ['-c', `while sleep 0.005; do echo '${row(7)}' >> '${path}'; done`]);
    try {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await expectRefused(opened, path, `${path}: ${CHANGED}`);
    } finally {
      writer.kill();
    }
  });
});

describe('what can be read is read', () => {
  const accepted: [what: string, text: string | Buffer, read: number, rejected: number][] = [
    ['semicolons', GOOD.replaceAll(',', ';'), 3, 0],
    ['tabs', GOOD.replaceAll(',', '\t'), 3, 0],
    ['bars', GOOD.replaceAll(',', '|'), 3, 0],
    ['a header alone', `${HEADER}\r\n`, 0, 0],
    ['ragged rows among good ones', `${GOOD}\n7A4BV,2025-09-01T20:00:00\n${row(5)},more\n${row(6)}\n`, 6, 2],
    ['a column that is not known', GOOD.replace('ATTENDANCE ID', 'TRIAGE COLOUR'), 3, 0],
    ['UTF-16', utf16(GOOD), 3, 0],
    ['Latin-1', Buffer.from(`${GOOD}\n${row(4)} caf\xe9\n`, 'latin1'), 4, 0],
    [
      'headers in other letters',
      GOOD.toUpperCase().replace('ASSAULT DATE AND TIME', 'assault_date-and  TIME'),
      3,
      0,
    ],
    ['a gzip of two parts', Buffer.concat([gzipSync(`${GOOD}\n`), gzipSync(`${row(4)}\n`)]), 4, 0],
  ];
  for (const [what, text, read, rejected] of accepted) {
    test(what, async () => {
      const opened = await openFolder();
      const path = join(opened.folder, 'inbox/ed/good.csv');
      writeFileSync(path, text);
      const { sources, failures } = await opened.read();
      expect(failures).toEqual([]);
      const summary = sources['ed'];
      expect([summary?.read, summary?.accepted]).toEqual([read, read - rejected]);
      expect(summary?.rejected).toEqual(rejected > 0 ? { row: { 'wrong number of columns': rejected } } : {});
      expect(JSON.stringify(sources)).not.toContain(SECRET);
    });
  }

  test('a bad file does not keep the next from being read', async () => {
    const opened = await openFolder();
    writeFileSync(join(opened.folder, 'inbox/ed/a.csv'), 'nothing\n');
    writeFileSync(join(opened.folder, 'inbox/ed/b.csv'), GOOD);
    const { sources, failures } = await opened.read();
    expect(failures.length).toBe(1);
    expect(sources['ed']?.accepted).toBe(3);
  });

  test('a column that is not known is named as a column, and a value in its place is not', async () => {
    const opened = await openFolder();
    const path = join(opened.folder, 'inbox/ed/named.csv');
    writeFileSync(path, `${HEADER},Triage colour,999 000 1234,CF10 1AA\n${row(1)},red,1,2\n`);
    const { sources } = await opened.read();
    expect(sources['ed']?.files[0]?.notes).toEqual([
      'dropped columns that istv-csv does not know: Triage colour, column 8, column 9',
    ]);
  });
});

describe('which source', () => {
  test('a file that lies in no inbox needs a source', async () => {
    const opened = await openFolder();
    await expect(opened.read(['/tmp/elsewhere.csv'])).rejects.toThrow(
      '/tmp/elsewhere.csv lies in no inbox: say which source it is from with --source ID',
    );
  });
  test('a source that is not known', async () => {
    const opened = await openFolder();
    await expect(opened.read(['/tmp/elsewhere.csv'], 'edd')).rejects.toThrow(
      '"edd" is no source: wanted one of ed, miu, police, istv-csv, ecds-csv, ecds-xml, ae-legacy-csv, ambulance-csv, police-rms-csv, police-uk-csv, police-uk-json, nibrs-csv',
    );
  });
});
