import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adviceText, adviseOn, examine, findingsText } from '../../commands/doctor.ts';
import { PROFILES } from '../../schemas/profiles.ts';
import type { SourceRow } from '../batch-of.ts';
import { CANARIES, fileOf, GOOD, HEADER_CANARIES, plantedFiles } from '../canary-planting.ts';
import { searchFor } from '../canary-search.ts';
import { changeSettings, makeFolder, openFolder } from '../partnership-folder.ts';
import { workbookOf } from '../workbook.ts';

const search = searchFor(CANARIES);
const OUTLINE = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { code: 'A1', name: 'A town' },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [-3.2, 51.45],
            [-3.15, 51.45],
            [-3.15, 51.5],
            [-3.2, 51.5],
            [-3.2, 51.45],
          ],
        ],
      },
    },
  ],
});

async function soundFolder(): Promise<string> {
  const folder = await makeFolder();
  writeFileSync(join(folder, 'geography/area.geojson'), OUTLINE);
  writeFileSync(join(folder, 'geography/areas.geojson'), OUTLINE);
  await changeSettings(folder, 'addresses: geography/addresses.csv', 'addresses: not supplied');
  await changeSettings(folder, 'exposure: geography/exposure.csv', 'exposure: not supplied');
  return folder;
}

describe('doctor without a file', () => {
  test('finds nothing wrong where nothing is', async () => {
    const findings = await examine(await soundFolder());
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findingsText(findings)).toContain('nothing is wrong');
  }, 30_000);

  const wrongs: [what: string, spoil: (folder: string) => void | Promise<void>, remedy: RegExp][] = [
    ['no folder', (folder) => rmSync(folder, { recursive: true }), /make a partnership folder/],
    ['no outline', (folder) => rmSync(join(folder, 'geography/area.geojson')), /area\.geojson/],
    [
      'outlines whose properties have other names',
      (folder) => changeSettings(folder, 'code_property: code', 'code_property: WD21CD'),
      /set code_property and name_property to two of its properties: code, name/,
    ],
    [
      'no addresses',
      (folder) => changeSettings(folder, 'addresses: not supplied', 'addresses: geography/addresses.csv'),
      /write in cardiff\.yaml "addresses: not supplied"/,
    ],
    [
      'an empty gazetteer',
      (folder) =>
        writeFileSync(join(folder, 'gazetteer/places.csv'), 'id,name,aliases,kind,lat,lng,capacity\n'),
      /the gazetteer is empty/,
    ],
    [
      'no inbox',
      (folder) => rmSync(join(folder, 'inbox/miu'), { recursive: true }),
      /inbox\/miu is not there/,
    ],
    [
      'a key for all to read',
      (folder) => chmodSync(join(folder, 'secrets/partnership.key'), 0o644),
      /run chmod 600/,
    ],
    [
      'data for all to read',
      (folder) => {
        writeFileSync(join(folder, 'data/old.duckdb'), '');
        chmodSync(join(folder, 'data/old.duckdb'), 0o644);
      },
      /run chmod go-rwx/,
    ],
    [
      'a store that is none',
      (folder) => writeFileSync(join(folder, 'data/store.duckdb'), 'no store', { mode: 0o600 }),
      /restore it from a backup/,
    ],
    [
      'no list of codes',
      (folder) => changeSettings(folder, 'profile: istv-csv', 'profile: ecds-csv'),
      /code_lists of ed/,
    ],
  ];
  for (const [what, spoil, remedy] of wrongs) {
    test.skipIf(process.platform === 'win32')(
      `${what} is found, with what to do`,
      async () => {
        const folder = await soundFolder();
        await spoil(folder);
        const wrong = (await examine(folder)).filter(({ ok }) => !ok);
        expect(wrong.length).toBeGreaterThan(0);
        expect(wrong.map((each) => each.remedy).join('\n')).toMatch(remedy);
      },
      30_000,
    );
  }
});

describe('doctor with a file', () => {
  for (const profile of Object.values(PROFILES)) {
    test(`${profile.id}: knows it, and shows no value of it`, async () => {
      const folder = await makeFolder();
      const good = GOOD[profile.id] as SourceRow;
      if (profile.shape === 'csv') {
        const path = join(folder, 'file.csv');
        writeFileSync(path, fileOf(profile, [good, good]));
        const advice = await adviseOn(path, folder);
        expect(advice.profile).toBe(profile.id);
        expect('tried' in advice && advice.tried.read).toBe(2);
      }
      for (const [name, bytes] of Object.entries(plantedFiles(profile))) {
        const path = join(folder, name);
        writeFileSync(path, bytes);
        const said = await adviseOn(path, folder).then(
          (advice) => JSON.stringify(advice) + adviceText(advice),
          (error: Error) => error.message,
        );
        expect(search.inText(said.replaceAll(folder, ''), name)).toEqual([]);
      }
    }, 60_000);
  }

  const HEADER = [
    'Attendance number',
    'Surname',
    'Date of birth',
    'Incident date',
    'Incident time',
    'Arrival date',
    'Arrival time',
    'Where it happened',
    'Location type',
    'Mechanism',
    'Intent',
    'Sex',
    'Age',
    'Triage',
  ];
  const row = (i: number) => [
    `${4000 + i}`,
    CANARIES[0] as string,
    '23/02/1961',
    `0${1 + (i % 6)}/09/2025`,
    '23:15',
    `0${2 + (i % 6)}/09/2025`,
    '01:20',
    `outside Walkabout with ${CANARIES[0]}`,
    'P',
    'K',
    'A',
    'F',
    '24',
    CANARIES[5] as string,
  ];
  const rows = [HEADER, ...Array.from({ length: 150 }, (_, i) => row(i))];
  const csv = rows.map((values) => values.join(',')).join('\n');

  test('describes a profile for a file of which it knows nothing, which reads the file once it is completed', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'edds.csv');
    writeFileSync(path, csv);
    const advice = await adviseOn(path, folder);
    const said = adviceText(advice);
    expect(search.inText(said + JSON.stringify(advice), 'advice')).toEqual([]);
    expect(said).toContain('Of the first 100 rows');
    expect(said).toContain('counts: which codes of "Intent" count as an assault');
    expect(said).toContain('codes.weapons');
    expect(said).toContain('no column tells of: coordinates');
    expect(said).toContain('not read: Surname, Date of birth');
    expect(said).toContain('Nothing is proposed for: Triage');

    // What was proposed, with what only a person can know.
    const yaml = (/profiles:\n(?: .*\n?)+/.exec(said) as RegExpExecArray)[0]
      .replace('{ codes: {}, missing', '{ codes: { A: counts, S: self-harm }, missing')
      .replace('weapons: {}', 'weapons: { K: knife_sharp }')
      .replace('place_types: {}', 'place_types: { P: public, H: home }');
    await changeSettings(folder, 'geography:\n', `${yaml}\ngeography:\n`);
    const opened = await openFolder(folder);
    const { sources, failures } = await opened.read([path], 'our-source');
    expect(failures).toEqual([]);
    expect(sources['our-source']).toMatchObject({
      read: 150,
      accepted: 150,
      located: 1,
      time_known: 1,
      unmapped: {},
    });
    const [incident] = await opened.store.query(
      'SELECT DISTINCT weapon::VARCHAR AS weapon, place_id, age_band::VARCHAR AS age FROM incident',
    );
    expect(incident).toEqual({ weapon: 'knife_sharp', place_id: 'walkabout', age: '18-30' });
  }, 60_000);

  test('reads workbooks as well', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'edds.xlsx');
    writeFileSync(path, workbookOf({ Sheet1: rows.slice(0, 20) }));
    const advice = await adviseOn(path, folder);
    expect('tried' in advice && advice.tried.read).toBe(19);
    expect(search.inText(adviceText(advice), 'advice')).toEqual([]);
  });

  test('says so where the first row holds no names, or no date can be told', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'bare.csv');
    writeFileSync(path, [HEADER_CANARIES.join(','), '1,2,3'].join('\n'));
    await expect(adviseOn(path, folder)).rejects.toThrow('does not hold names of columns');
    writeFileSync(path, 'Where it happened,Weapon\na,b\n');
    await expect(adviseOn(path, folder)).rejects.toThrow('no column holds the date');
    writeFileSync(path, 'Weapon,Jo Bloggs\nK,30/09/2025\n');
    const unseen = adviseOn(path, folder);
    await expect(unseen).rejects.toThrow('stands in column 2');
    await expect(unseen).rejects.not.toThrow('Bloggs');
  });

  test('takes columns that are written like names or asked like questions for what they are', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'asked.csv');
    const asked = [
      'Incident Date',
      'Where Did It Happen?',
      'Reason For Attendance',
      'Mary Bloggs',
      'JO BLOGGS',
    ];
    writeFileSync(
      path,
      [[...asked, 'ann bloggs'].join(','), '30/09/2025,Walkabout,Assault,x,y,z'].join('\n'),
    );
    const said = adviceText(await adviseOn(path, folder));
    expect(said).toContain('occurred: "Incident Date"');
    expect(said).toContain('place_text: ["Where Did It Happen?"]');
    expect(said).toContain('counts: which codes of "Reason For Attendance" count as an assault');
    expect(said).not.toMatch(/bloggs/i);
  });

  const QUESTIONS = [
    'Attendance No',
    'Arrived',
    'Age at Attendance',
    'Post Code',
    'Reason for Attendance',
    'When did it happen?',
    'Where did it happen?',
    'What kind of place was it?',
    'What was used?',
  ];
  const ANSWERS = 'A1,30/09/2025 23:40,24,CF10 1AA,Assault,30/09/2025 23:10,Walkabout,Pub,Fist';

  test('tells an age from an hour, the kind of place from its name, and what a place from what was used', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'questions.csv');
    writeFileSync(path, [QUESTIONS.join(','), ANSWERS].join('\n'));
    const advice = await adviseOn(path, folder);
    expect('description' in advice && advice.description).toMatchObject({
      columns: {
        known_at: 'Arrived',
        age: 'Age at Attendance',
        occurred: 'When did it happen?',
        place_text: ['Where did it happen?'],
        place_type: 'What kind of place was it?',
        weapon: 'What was used?',
      },
      drop: ['Post Code'],
    });
    const said = adviceText(advice);
    expect(said).toContain('under sources: profile: our-source');
    expect(said).toContain('one of body, glass_bottle');
    expect(said).not.toContain('no column tells of: offence');
  });

  test('tries a profile of cardiff.yaml, so that what is left to complete can be seen', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'questions.csv');
    writeFileSync(path, [QUESTIONS.join(','), ANSWERS].join('\n'));
    const yaml = (
      /profiles:\n(?: .*\n?)+/.exec(adviceText(await adviseOn(path, folder))) as RegExpExecArray
    )[0]
      .replace('{ codes: {}, missing', '{ codes: { assault: counts }, missing')
      .replace('our-source', 'ours');
    await changeSettings(folder, 'geography:\n', `${yaml}\ngeography:\n`);
    const said = adviceText(await adviseOn(path, folder));
    expect(said).toContain('The profile ours fits. For cardiff.yaml, under sources: profile: ours\n');
    expect(said).toContain('it would keep 1, leave out 0');
    expect(said).toContain('not explained by any code list: What was used?: 1');
    const other = join(folder, 'other.csv');
    writeFileSync(other, 'Incident date,Where it happened\n30/09/2025,Walkabout\n');
    expect(adviceText(await adviseOn(other, folder))).toContain('No profile fits');
  });

  test('a profile of cardiff.yaml reads semicolons, and refuses a file that lacks the day, the key or what counts', async () => {
    const folder = await makeFolder();
    await changeSettings(
      folder,
      'geography:\n',
      'profiles:\n  ours:\n    title: Ours\n    kind: emergency department\n    dates: uk\n    key: [Attendance No]\n    columns: { occurred: When did it happen?, place_text: Where did it happen? }\n    counts: { Reason for Attendance: { codes: { assault: counts } } }\ngeography:\n',
    );
    const opened = await openFolder(folder);
    const path = join(folder, 'ours.csv');
    const asked = ['Attendance No', 'Reason for Attendance', 'When did it happen?', 'Where did it happen?'];
    writeFileSync(path, `${asked.join(';')}\nA1;Assault;30/09/2025 23:10;"Walkabout; ""bar"""\n`);
    const { sources, failures } = await opened.read([path], 'ours');
    expect(failures).toEqual([]);
    expect(sources['ours']).toMatchObject({ read: 1, accepted: 1 });
    for (const lacking of asked.slice(0, 3)) {
      writeFileSync(path, `${asked.filter((name) => name !== lacking).join(';')}\na;b;c\n`);
      const refused = (await opened.read([path], 'ours')).failures[0]?.message;
      expect(refused).toContain('the first row lacks the column');
      expect(refused).toContain(`"${lacking}"`);
    }
  }, 30_000);

  test('says so where a profile fits but for the way in which dates are written', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'police.csv');
    const of = (at: string) => ({
      ...GOOD['police-rms-csv'],
      committed_from: at,
      committed_to: at,
      recorded_at: at,
    });
    const profile = PROFILES['police-rms-csv'] as (typeof PROFILES)[string];
    writeFileSync(path, fileOf(profile, [of('30/09/2025 23:40') as SourceRow]));
    expect(adviceText(await adviseOn(path, folder))).toContain('profile: police-rms-csv, dates: uk');
  });

  test('says so where no column tells which rows are assaults', async () => {
    const folder = await makeFolder();
    const path = join(folder, 'all.csv');
    writeFileSync(path, 'Incident date,Where it happened\n30/09/2025,Walkabout\n');
    expect(adviceText(await adviseOn(path, folder))).toContain('every row counts as one');
  });
});

test('the settings of a fresh folder name every profile', async () => {
  const text = readFileSync(join(await makeFolder(), 'cardiff.yaml'), 'utf8');
  for (const id of Object.keys(PROFILES)) expect(text).toContain(id);
});

describe('a profile that makes no sense is refused with its line', () => {
  const cases: [yaml: string, message: RegExp][] = [
    ['columns: { weapon: W }', /wanted one of occurred/],
    ['columns: { occurred: D, latitude: L }', /both latitude and longitude/],
    ['columns: { occurred: D, weapon: d }', /two parts are read from the column/],
    ['columns: { occurred: [D, E] }', /only place_text/],
    ['columns: { occurred: D }\n    keep: [NAME]', /is not a setting/],
    ['columns: { occurred: D, patient_name: N }', /columns/],
    ['columns: { occurred: D }\n    needed: [X]', /is no column of this profile/],
  ];
  for (const [yaml, message] of cases) {
    test(yaml, async () => {
      const folder = await makeFolder();
      await changeSettings(
        folder,
        'geography:\n',
        `profiles:\n  ours:\n    title: Ours\n    kind: police\n    ${yaml}\ngeography:\n`,
      );
      await expect(openFolder(folder)).rejects.toThrow(message);
      await expect(openFolder(folder)).rejects.toThrow(/cardiff\.yaml:\d+: profiles/);
    });
  }
});
