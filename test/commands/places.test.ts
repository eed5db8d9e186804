import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addAlias, buildLists, mergeRows } from '../../commands/gazetteer.ts';
import { openPartnership } from '../../commands/partnership.ts';
import { dismissForm, reviewPlaces, reviewText } from '../../commands/places.ts';
import { readGazetteer } from '../../ingest/gazetteer.ts';
import { makeFolder, openFolder, TEST_NOW } from '../partnership-folder.ts';

const HEADER =
  'SITE CODE,ATTENDANCE ID,NHS NUMBER,ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT,ASSAULT DATE AND TIME,ASSAULT METHOD,ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION';
const row = (id: number, text: string) =>
  `7A4BV,A${id},,2025-09-07T01:20:00,2025-09-06T23:15:00,01,02,"${text}"`;

/** Six records name the Purple Turtle, four the Rusty Bucket; others speak of homes and persons. */
const TEXTS = [
  ...[
    'Purple Turtle',
    'o/s purple turtle',
    'outside the Purple Turtle',
    'purple turtle',
    'PURPLE TURTLE 2am',
    'in purple turtle',
  ],
  ...Array.from({ length: 4 }, () => 'Rusty Bucket'),
  ...Array.from({ length: 9 }, () => 'pts home, quillfeather lane'),
  ...Array.from({ length: 9 }, () => 'Jenny Quillfeather 07700 900123'),
  ...Array.from({ length: 9 }, () => 'Walkabout'),
  ...Array.from({ length: 9 }, () => '12 Quillfeather Street'),
];

async function folderWithTexts(): Promise<string> {
  const folder = await makeFolder();
  const lines = [
    HEADER.replace('SITE CODE', 'SITE CODE (OF TREATMENT)'),
    ...TEXTS.map((text, i) => row(i, text)),
  ];
  await writeFile(join(folder, 'inbox/ed/ISTV.csv'), `${lines.join('\n')}\n`);
  return folder;
}

const review = async (folder: string) =>
  reviewPlaces({ ...(await openPartnership(folder)), now: () => TEST_NOW, today: () => 20_362 });

/** All that is on disk in a folder but the source files. */
async function bytesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('inbox'));
  return (
    await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))
  ).join('\n');
}

test('forms that fewer than five share, homes and persons are not listed, and nothing is written', async () => {
  const folder = await folderWithTexts();
  const before = await bytesOf(folder);
  const found = await review(folder);
  expect(found.forms.map(({ form, people }) => [form, people])).toEqual([['purple turtle', 6]]);
  expect(reviewText(found)).not.toMatch(/bucket|quillfeather/i);
  expect(await bytesOf(folder)).toBe(before);
});

test('people are counted, not their records: one who comes often is one', async () => {
  const folder = await makeFolder();
  const lines = Array.from({ length: 8 }, (_, i) =>
    row(i, 'Purple Turtle').replace(`A${i},,`, `A${i},999 000 0042,`),
  );
  await writeFile(
    join(folder, 'inbox/ed/ISTV.csv'),
    `${[HEADER.replace('SITE CODE', 'SITE CODE (OF TREATMENT)'), ...lines].join('\n')}\n`,
  );
  expect((await review(folder)).forms).toEqual([]);
});

test('an alias is remembered and applied to what comes next', async () => {
  const folder = await folderWithTexts();
  await addAlias(folder, 'purple turtle', 'walkabout', '2024');
  expect((await review(folder)).forms).toEqual([]);
  const { read } = await openFolder(folder);
  const { sources } = await read();
  expect(Math.round((sources['ed']?.located ?? 0) * TEXTS.length)).toBe(15);
});

test('what was read before is read anew once a name is learnt', async () => {
  const folder = await folderWithTexts();
  const opened = await openFolder(folder);
  expect((await opened.read()).sources['ed']).toMatchObject({ accepted: TEXTS.length });
  await addAlias(folder, 'purple turtle', 'walkabout');
  opened.store.close();
  const { read, store } = await openFolder(folder);
  expect((await read()).sources['ed']).toMatchObject({ corrected: 6, duplicate: TEXTS.length - 6 });
  const levels = await store.query(
    'SELECT located_by::VARCHAR AS level, count(*)::INTEGER AS n FROM incident GROUP BY ALL ORDER BY ALL',
  );
  expect(levels).toEqual([
    { level: 'none', n: TEXTS.length - 15 },
    { level: 'place', n: 15 },
  ]);
});

test('a dismissal is remembered as a digest that only the key explains', async () => {
  const folder = await folderWithTexts();
  const partnership = await openPartnership(folder);
  await dismissForm(partnership, 'purple turtle');
  await dismissForm(partnership, 'Purple  Turtle');
  expect((await review(folder)).forms).toEqual([]);
  const text = await readFile(join(folder, 'gazetteer/dismissed.csv'), 'utf8');
  expect(text).toMatch(/^digest,dismissed_on\n[0-9a-f]{32},\d{4}-\d\d-\d\d\n$/);
  expect(await bytesOf(folder)).not.toMatch(/turtle/i);
});

test('a name needs a place that exists, and dates that are dates', async () => {
  const folder = await makeFolder();
  await expect(addAlias(folder, 'x', 'nowhere')).rejects.toThrow(/has the id "nowhere"/);
  await expect(addAlias(folder, 'x|y', 'walkabout')).rejects.toThrow(/the name: wanted/);
  await expect(addAlias(folder, 'x', 'walkabout', 'last year')).rejects.toThrow(/--since and --until/);
  await writeFile(join(folder, 'gazetteer/aliases.csv'), 'alias,place,since,until\nx,nowhere,,\n');
  await expect(readGazetteer(folder)).rejects.toThrow(/aliases.csv:2: place/);
});

test('points and lines with names become places and streets, however many pieces a street is in', async () => {
  const folder = await makeFolder();
  const path = join(folder, 'named.geojson');
  const feature = (type: string, coordinates: unknown, properties: unknown) => ({
    type: 'Feature',
    geometry: { type, coordinates },
    properties,
  });
  const features = [
    feature('Point', [-3.19, 51.48], { name: 'Y Mochyn Du', kind: 'licensed' }),
    feature('Point', [-3.18, 51.49], { name: 'Somebody', kind: 'home' }),
    feature('Point', [-3.17, 51.49], {}),
    feature(
      'LineString',
      [
        [-3.2, 51.48],
        [-3.2, 51.481],
      ],
      { name: 'Sophia Close' },
    ),
    feature(
      'LineString',
      [
        [-3.2, 51.482],
        [-3.2, 51.483],
      ],
      { name: 'Sophia Close' },
    ),
  ];
  await writeFile(path, JSON.stringify({ type: 'FeatureCollection', features }));
  expect((await buildLists(folder, [path])).rows).toEqual({ place: 1, street: 1 });
  const rows = await readGazetteer(folder);
  expect(rows.find(({ name }) => name === 'Y Mochyn Du')).toMatchObject({
    id: 'p-y-mochyn-du',
    kind: 'licensed',
    provenance: 'named.geojson',
  });
  expect(rows.find(({ id }) => id === 'st-sophia-close')?.points).toHaveLength(4);
});

test('lists are built beside what is written by hand, and merged rows stay merged', async () => {
  const folder = await makeFolder();
  const list = join(folder, 'list.csv');
  await writeFile(
    list,
    'id,name,aliases,kind,lat,lng,capacity\nwalkabout,Walkabout Bar,,licensed,51.479,-3.178,1\na,The Flora,Flora,licensed,51.48,-3.18,\nb,Flora Hotel,,licensed,51.48,-3.18,\n',
  );
  expect((await buildLists(folder, [list])).rows).toEqual({ place: 2 });
  await addAlias(folder, 'The Flo', 'b');
  await mergeRows(folder, 'a', 'b');
  const names = async () =>
    (await readGazetteer(folder)).map(({ id, name, aliases, provenance }) => [id, name, aliases, provenance]);
  const wanted = [
    ['a', 'The Flora', ['Flora', 'Flora Hotel', 'The Flo'], 'by hand; merged b'],
    ['walkabout', 'Walkabout', ['The Walkie'], undefined],
    ['st-mary', 'St Mary Street', ['St Mary St'], undefined],
  ];
  expect(await names()).toEqual(wanted);
  expect((await buildLists(folder, [list])).rows).toEqual({});
  expect(await names()).toEqual(wanted);
});
