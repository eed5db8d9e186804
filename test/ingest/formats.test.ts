/** Each format ends in the same incidents: workbooks, XML messages and lists in JSON beside delimited text. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ECDS_CSV, ECDS_REFSETS, ECDS_XML } from '../../schemas/ecds.ts';
import { ISTV } from '../../schemas/istv.ts';
import type { Profile } from '../../schemas/profile.ts';
import { PROFILES } from '../../schemas/profiles.ts';
import { total } from '../../schemas/tally.ts';
import type { SourceRow } from '../batch-of.ts';
import { CODE_LIST, fileOf, GOOD } from '../canary-planting.ts';
import { changeSettings, makeFolder, type Opened, openFolder } from '../partnership-folder.ts';
import { jsonOf, messageOf } from '../record-files.ts';
import { type TestCell, workbookOf, zipOf } from '../workbook.ts';

const DATA = join(import.meta.dirname, '../../../shared/data');
// Continuous integration must not pass for want of the files.
const canRun = existsSync(DATA) || process.env['CI'] !== undefined;

/** What the store holds of a source, without what tells one record or file from another. */
const incidentsOf = ({ store }: Opened, source: string) =>
  store.query(
    `SELECT * EXCLUDE (file_id, source, supplier, key0, key1) FROM incident WHERE source = $1 ORDER BY ALL`,
    [source],
  );

/** A folder with one source of a profile, which has the list of codes for tests. */
async function openWith(profile: Profile, more = ''): Promise<Opened> {
  const folder = await makeFolder();
  mkdirSync(join(folder, 'codes'));
  writeFileSync(join(folder, 'codes/ecds.csv'), CODE_LIST);
  await changeSettings(
    folder,
    'sources:\n',
    `sources:\n  - id: one\n    profile: ${profile.id}\n    name: One\n    expected: false\n    after_commit: keep 30 days\n${
      profile.listed ? '    code_lists: [codes/ecds.csv]\n' : ''
    }${more}`,
  );
  mkdirSync(join(folder, 'inbox/one'));
  return openFolder(folder);
}

async function readFile(opened: Opened, name: string, bytes: string | Buffer) {
  const path = join(opened.folder, 'inbox/one', name);
  writeFileSync(path, bytes);
  const { sources, failures } = await opened.read([path], 'one');
  return { summary: sources['one'], failures };
}

/** Rows of a profile that differ, so that a mix-up shows. */
const rowsOf = (profile: Profile, n = 12): SourceRow[] => {
  const good = GOOD[profile.id] as SourceRow;
  const dated = Object.keys(profile.fields).filter((field) => /^\d{4}-\d\d-0\d/.test(good[field] ?? ''));
  return Array.from({ length: n }, (_, i) => ({
    ...good,
    ...Object.fromEntries(profile.key.filter((field) => field !== 'month').map((field) => [field, `k${i}`])),
    ...Object.fromEntries(
      dated.map((field) => [field, (good[field] as string).replace(/-0\d/, `-0${1 + (i % 6)}`)]),
    ),
  }));
};

const cellsOf = (profile: Profile, rows: readonly SourceRow[]): TestCell[][] => {
  const fields = Object.keys(profile.fields);
  return [
    fields.map((field) => profile.fields[field]?.header as string),
    ...rows.map((row) => fields.map((field) => row[field] ?? '')),
  ];
};

describe('each profile round-trips its fixtures', () => {
  for (const profile of Object.values(PROFILES)) {
    test(profile.id, async () => {
      const opened = await openWith(profile);
      const rows = rowsOf(profile);
      const bytes =
        profile.shape === 'csv'
          ? fileOf(profile, rows)
          : profile.shape === 'xml'
            ? messageOf(rows)
            : jsonOf(profile, rows);
      const { summary, failures } = await readFile(opened, `file.${profile.shape}`, bytes);
      expect(failures).toEqual([]);
      expect([summary?.read, summary?.accepted]).toEqual([12, 12]);
      const stored = await incidentsOf(opened, 'one');
      expect(stored.length).toBe(12);
      // The same file by another name says nothing new.
      const again = await readFile(opened, `again.${profile.shape}`, bytes);
      expect([again.summary?.read, again.summary?.duplicate]).toEqual([12, 12]);
      if (profile.shape !== 'csv') return;
      const sheet = await readFile(opened, 'file.xlsx', workbookOf({ Sheet1: cellsOf(profile, rows) }));
      expect(sheet.failures).toEqual([]);
      expect([sheet.summary?.read, sheet.summary?.duplicate, sheet.summary?.accepted]).toEqual([12, 12, 0]);
    });
  }
});

describe('a workbook', () => {
  const serial = (days: number, style = 2) => ({ number: days, style });
  const HEADER = [
    'SITE CODE (OF TREATMENT)',
    'ASSAULT DATE AND TIME',
    'ASSAULT METHOD',
    'ASSAULT LOCATION TYPE',
    'LATITUDE',
    'LONGITUDE',
    'ATTENDANCE ID',
  ];
  // 2025-09-06 23:15 is day 45906 and 23.25 hours.
  const row = (when: TestCell, id: string): TestCell[] => [
    '7A4BV',
    when,
    { number: 1 },
    { number: 2 },
    { number: 51.479 },
    { number: -3.178 },
    id,
  ];
  const when = async (rows: TestCell[][], more = '', options = {}) => {
    const opened = await openWith(ISTV, more);
    const read = await readFile(
      opened,
      'book.xlsx',
      workbookOf({ Notes: [['nothing']], Data: rows }, options),
    );
    const found = await opened.store.query<{ at: string }>(
      `SELECT occurred_on::VARCHAR || ' ' || coalesce(hour_of_week::VARCHAR, 'no hour') || ' ' || located_by::VARCHAR AS at FROM incident ORDER BY 1`,
    );
    return { ...read, at: found.map(({ at }) => at) };
  };

  test('is read from the sheet that the settings name, with its dates', async () => {
    const { at } = await when(
      [
        HEADER,
        row(serial(45906 + 23.25 / 24), 'a'),
        row(serial(45906, 1), 'b'),
        row('2025-09-06T23:15:00', 'c'),
      ],
      '    sheet: Data\n',
    );
    expect(at).toEqual([
      '2025-09-06 143 coordinates',
      '2025-09-06 143 coordinates',
      '2025-09-06 no hour coordinates',
    ]);
  });
  test('has its dates in the form of the profile', async () => {
    const { at } = await when(
      [HEADER, row(serial(45906 + 23.25 / 24), 'a')],
      '    sheet: Data\n    dates: uk\n',
    );
    expect(at).toEqual(['2025-09-06 143 coordinates']);
  });
  test('of an old Mac counts days from 1904', async () => {
    const { at } = await when([HEADER, row(serial(45906 - 1462 + 23.25 / 24), 'a')], '    sheet: Data\n', {
      from1904: true,
    });
    expect(at).toEqual(['2025-09-06 143 coordinates']);
  });
  test('whose dates are plain numbers is refused with the reason', async () => {
    const { failures, at } = await when([HEADER, row({ number: 45906.96875 }, 'a')], '    sheet: Data\n');
    expect(failures[0]?.message).toContain('a serial number of a spreadsheet');
    expect(at).toEqual([]);
  });
  test('without the sheet, or whose first sheet is another, is refused', async () => {
    expect((await when([HEADER], '    sheet: Dato\n')).failures[0]?.message).toContain(
      'no sheet of the name that "sheet" in cardiff.yaml gives',
    );
    expect((await when([HEADER, row('2025-09-06', 'a')])).failures[0]?.message).toContain(
      'the first row lacks the columns',
    );
  });
  test.runIf(canRun)('of the city of Austin is read whole', async () => {
    const path = join(DATA, 'us_and_other_police/aggravated_assaults.xlsx');
    const folder = await makeFolder();
    await changeSettings(
      folder,
      'geography:\n',
      `profiles:
  austin:
    title: Aggravated assaults in Austin
    kind: police
    columns:
      occurred: date
      longitude: longitude
      latitude: latitude
      place_type: location_category
    drop: [location_type]
    codes:
      place_types: { residence: home, street: street, commercial: public }
geography:
`,
    );
    const opened = await openFolder(folder);
    const { sources, failures } = await opened.read([path], 'austin');
    expect(failures).toEqual([]);
    // The sheet says that it reaches from A1 to E8697, header included.
    expect(sources['austin']?.read).toBe(8696);
    expect(total(sources['austin']?.rejected ?? {})).toBeLessThan(10);
  });

  const sheet1 = (text: string) => ({ name: 'xl/worksheets/sheet1.xml', text });
  const book = { name: 'xl/workbook.xml', text: '<workbook><sheets><sheet name="a"/></sheets></workbook>' };
  const bad: [what: string, bytes: () => Buffer, message: string][] = [
    ['an archive of other things', () => zipOf([{ name: 'a.txt', text: 'a' }]), 'no workbook (XLSX)'],
    [
      'one that unpacks to a hundred megabytes of nothing',
      () => zipOf([book, sheet1(' '.repeat(100 << 20))]),
      'unpacks to far more',
    ],
    [
      'one that says it is small and is not',
      () => zipOf([book, { ...sheet1(`<worksheet>${' '.repeat(1 << 20)}</worksheet>`), claims: 50 }]),
      'damaged',
    ],
    [
      'texts that expand by entities',
      () =>
        zipOf([
          book,
          sheet1('<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><worksheet>&c;</worksheet>'),
        ]),
      'a document type definition',
    ],
    [
      'a sheet that breaks off',
      () => zipOf([book, sheet1('<worksheet><sheetData><row>')]),
      'not well-formed XML',
    ],
    ['an empty sheet', () => zipOf([book, sheet1('<worksheet/>')]), 'the sheet is empty'],
    [
      'shared texts beyond measure',
      () =>
        zipOf([
          book,
          sheet1('<worksheet/>'),
          { name: 'xl/sharedStrings.xml', text: '<sst/>', claims: 200 << 20 },
        ]),
      'far more',
    ],
    [
      'two thousand parts and one',
      () => zipOf(Array.from({ length: 2001 }, (_, i) => ({ name: `${i}`, text: '' }))),
      'far more',
    ],
    [
      'a cell without end',
      () =>
        zipOf([
          book,
          sheet1(
            `<worksheet><row><c t="inlineStr"><is>${`<t>${'x'.repeat(1 << 16)}</t>`.repeat(20)}</is></c></row></worksheet>`,
          ),
        ]),
      'a cell of more than 1 MB',
    ],
    [
      'sheets without number',
      () => zipOf([{ ...book, text: `<workbook>${'<sheet name="a"/>'.repeat(2001)}</workbook>` }]),
      'more than 2000 sheets',
    ],
    ['half of one', () => workbookOf({ a: [HEADER] }).subarray(0, 500), 'damaged'],
    [
      'one whose rows are not those that were packed',
      () => {
        const bytes = zipOf([
          book,
          sheet1(`<worksheet><sheetData>${'<row/>'.repeat(9)}</sheetData></worksheet>`),
        ]);
        const sum = bytes.lastIndexOf('PK\x01\x02') + 16;
        bytes.writeUInt8(bytes.readUInt8(sum) ^ 1, sum);
        return bytes;
      },
      'the spreadsheet is damaged',
    ],
  ];
  for (const [what, bytes, message] of bad) {
    test(`${what} is refused`, async () => {
      const opened = await openWith(ISTV);
      const { failures } = await readFile(opened, 'bad.xlsx', bytes());
      expect(failures[0]?.message).toContain(message);
      expect((await incidentsOf(opened, 'one')).length).toBe(0);
    });
  }
});

describe('the ECDS message', () => {
  test('and the columns of ECDS give the same incidents', async () => {
    const rows = rowsOf(ECDS_CSV);
    const csv = await openWith(ECDS_CSV);
    await readFile(csv, 'a.csv', fileOf(ECDS_CSV, rows));
    for (const version of ['6-2-2', '6-2-3']) {
      const xml = await openWith(ECDS_XML);
      const { summary } = await readFile(xml, 'a.xml', messageOf(rows, version));
      expect(summary?.accepted).toBe(12);
      expect(await incidentsOf(xml, 'one')).toEqual(await incidentsOf(csv, 'one'));
    }
  });

  test('with a text without end is refused, whatever divides it', async () => {
    const opened = await openWith(ECDS_XML);
    const long = `${'x'.repeat(1 << 16)}<!-- -->`.repeat(20);
    const start = `<ns:${ECDS_XML.fields.site_code.header}>`;
    const message = messageOf(rowsOf(ECDS_XML, 1)).replace(start, start + long);
    const { failures } = await readFile(opened, 'a.xml', message);
    expect(failures[0]?.message).toContain('a text of more than 1 MB');
  });

  test.runIf(canRun)('whose codes are ids of lists is unclassifiable and not counted', async () => {
    const opened = await openWith(ECDS_XML);
    const bytes = readFileSync(join(DATA, 'ed_records/ecds_xml/ecds_basic_report.xml'));
    const { summary, failures } = await readFile(opened, 'a.xml', bytes);
    expect(failures).toEqual([]);
    expect([summary?.read, summary?.accepted]).toEqual([1, 0]);
    expect(summary?.excluded).toEqual({
      EmergencyCareInjuryIntent_SnomedCt: {
        'unclassifiable: the id of a list of codes instead of a code': 1,
      },
    });
    const empty = readFileSync(join(DATA, 'ed_records/ecds_xml/ecds_empty_report.xml'));
    const without = await readFile(opened, 'b.xml', empty);
    expect(without.summary?.excluded).toEqual({
      EmergencyCareInjuryIntent_SnomedCt: { 'intent not recorded': 1 },
    });
  });

  test('without a list of codes counts nothing, and says what is missing', async () => {
    const opened = await openFolder();
    const path = join(opened.folder, 'a.csv');
    writeFileSync(path, fileOf(ECDS_CSV, rowsOf(ECDS_CSV)));
    const { sources } = await opened.read([path], 'ecds-csv');
    expect(sources['ecds-csv']?.accepted).toBe(0);
    expect(sources['ecds-csv']?.excluded).toEqual({
      EC_Injury_Intent_SNOMED_CT: { 'unclassifiable: the code is in no list of codes': 12 },
    });
    expect(sources['ecds-csv']?.unmapped).toEqual({ EC_Injury_Intent_SNOMED_CT: 12 });
    expect(sources['ecds-csv']?.notes.join()).toContain('code_lists');
  });

  test('leaves out what would count twice, by rule', async () => {
    const opened = await openWith(ECDS_CSV);
    const [row] = rowsOf(ECDS_CSV, 1) as [SourceRow];
    const rows = ['1', 'X', '2', '3', '4', '9', ''].map((attendance_category, i) => ({
      ...row,
      ident: `c${i}`,
      attendance_category,
    }));
    const { summary } = await readFile(
      opened,
      'a.csv',
      fileOf(ECDS_CSV, [...rows, { ...row, ident: 'd', duplicate: '1' }]),
    );
    expect([summary?.read, summary?.accepted]).toEqual([8, 3]);
    expect(summary?.excluded).toEqual({
      EC_AttendanceCategory: {
        'follow-up attendance': 1,
        'follow-up attendance at another department': 1,
        'planned attendance': 1,
        'attendance category is in no list of codes': 1,
      },
      Der_Dupe_Flag: { 'marked as a duplicate': 1 },
    });
  });

  test('takes a record back that its supplier cancels or codes anew', async () => {
    const opened = await openWith(ECDS_XML);
    const rows = rowsOf(ECDS_XML, 3);
    await readFile(opened, 'a.xml', messageOf(rows));
    const { summary } = await readFile(
      opened,
      'b.xml',
      messageOf([
        { ...rows[0], update_type: '1' } as SourceRow,
        { ...rows[1], intent: '900000000000002' } as SourceRow,
      ]),
    );
    expect([summary?.accepted, summary?.superseded]).toEqual([0, 2]);
    expect((await incidentsOf(opened, 'one')).length).toBe(1);
  });

  test('reads codes by the day on which they were valid', async () => {
    const opened = await openWith(ECDS_CSV);
    const [row] = rowsOf(ECDS_CSV, 1) as [SourceRow];
    // Valid up to 2025-06-30 as an assault; not from July.
    const rows = ['2025-06-30', '2025-07-01'].map((injury_date, i) => ({
      ...row,
      ident: `v${i}`,
      injury_date,
      arrival_date: injury_date,
      arrival_time: '23:59:00',
      intent: '900000000000003',
    }));
    const { summary } = await readFile(opened, 'a.csv', fileOf(ECDS_CSV, rows));
    expect(summary?.accepted).toBe(1);
    expect(summary?.excluded).toEqual({ EC_Injury_Intent_SNOMED_CT: { 'not assault': 1 } });
  });

  const hostile: [what: string, xml: string, message: string][] = [
    [
      'entities that multiply',
      `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>${messageOf(rowsOf(ECDS_XML, 1)).replace('NHSCDS', '&c;')}`,
      'a document type definition',
    ],
    [
      'entities of other files',
      `<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>${messageOf(rowsOf(ECDS_XML, 1)).replace('NHSCDS', '&a;')}`,
      'a document type definition',
    ],
    [
      'an entity that is not defined',
      messageOf(rowsOf(ECDS_XML, 1)).replace('NHSCDS', '&xxe;'),
      'not well-formed XML',
    ],
    ['elements without end', `${messageOf([]).replace(/<\/.*$/, '')}${'<a>'.repeat(100_000)}`, 'deep'],
    [
      'a text without end',
      messageOf(rowsOf(ECDS_XML, 1)).replace('NHSCDS', 'x'.repeat(5 << 20)),
      'more than 1 MB',
    ],
    ['a tag without end', messageOf([]).replace('>', ` b="${'x'.repeat(5 << 20)}">`), 'more than 1 MB'],
    ['a document type without end', `<!DOCTYPE ${'x'.repeat(5 << 20)}`, 'more than 1 MB'],
    ['a message that breaks off', messageOf(rowsOf(ECDS_XML, 4)).slice(0, -300), 'not well-formed XML'],
    [
      'another version',
      messageOf(rowsOf(ECDS_XML, 1), '6-1-1'),
      'SchemaVersion is 6-1-1: wanted 6-2-2 or 6-2-3',
    ],
    ['another document', '<html><body/></html>', 'SchemaVersion is none that is known'],
    ['no records', messageOf([]), 'holds no <EmergencyCare>'],
    ['delimited text', fileOf(ECDS_CSV, rowsOf(ECDS_CSV)), 'not well-formed XML'],
  ];
  for (const [what, xml, message] of hostile) {
    test(`with ${what} is refused, and the store is as it was`, async () => {
      const opened = await openWith(ECDS_XML);
      await readFile(opened, 'good.xml', messageOf(rowsOf(ECDS_XML, 2)));
      const before = process.memoryUsage().rss;
      const { failures } = await readFile(opened, 'bad.xml', xml);
      expect(failures[0]?.message).toContain(message);
      expect((await incidentsOf(opened, 'one')).length).toBe(2);
      expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
    });
  }

  test('of a hundred thousand records is read in bounded memory', async () => {
    const opened = await openWith(ECDS_XML);
    const text = messageOf(rowsOf(ECDS_XML, 20_000));
    const { summary } = await readFile(opened, 'large.xml', text);
    expect(summary?.accepted).toBe(20_000);
  }, 60_000);
});

test('the lists of ECDS are those that the data set names', () => {
  expect(ECDS_REFSETS).toEqual({
    place: '991291000000101',
    intent: '991431000000101',
    mechanism: '991281000000103',
  });
});
