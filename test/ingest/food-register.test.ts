import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFoodRegister } from '../../ingest/places/food-register.ts';
import { readPostcodeList } from '../../ingest/places/postcode-list.ts';

const ROW = (name: string) =>
  `<EstablishmentDetail><FHRSID>7</FHRSID><BusinessName>${name}</BusinessName><BusinessType>Pub/bar/nightclub</BusinessType><AddressLine1>1 High Street</AddressLine1><PostCode>CF10 1AA</PostCode><Geocode><Longitude>-3.1</Longitude><Latitude>51.4</Latitude></Geocode></EstablishmentDetail>`;
const register = (rows: string, before = '') =>
  `<?xml version="1.0"?>${before}<FHRSEstablishment><EstablishmentCollection>${rows}</EstablishmentCollection></FHRSEstablishment>`;

async function fileWith(text: string | Buffer, name = 'register.xml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-register-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

test('an establishment is read with its address and point', async () => {
  const path = await fileWith(register(ROW('Dog &amp; Duck')));
  expect(await all(readFoodRegister(path))).toEqual([
    {
      id: '7',
      name: 'Dog & Duck',
      type: 'Pub/bar/nightclub',
      address: ['1 High Street'],
      postcode: 'CF10 1AA',
      lat: 51.4,
      lng: -3.1,
    },
  ]);
});

const BOMB = `<!DOCTYPE x [<!ENTITY a "${'ha'.repeat(50)}">${[...'bcdefghij'].map((letter, i) => `<!ENTITY ${letter} "${`&${'abcdefghi'[i]};`.repeat(10)}">`).join('')}]>`;
test.each([
  ['entities that multiply', register(ROW('&j;'), BOMB), /a document type definition/],
  [
    'an entity from outside',
    register(ROW('&x;'), '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    /document type/,
  ],
  ['an entity that is not declared', register(ROW('&secret;')), /not well-formed/],
  ['tags that do not close', '<FHRSEstablishment><EstablishmentDetail>', /not well-formed/],
  ['another document', '<html><body/></html>', /holds no establishments/],
  ['an element of megabytes', register(ROW('x'.repeat(3 << 20))), /more than 1 MB/],
  ['no XML at all', 'id,name\n1,2\n', /not well-formed/],
])('%s end the reading with file and remedy', async (_, text, message) => {
  const path = await fileWith(text);
  const error = await all(readFoodRegister(path)).catch((caught: Error) => caught);
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toContain(path);
  expect((error as Error).message).not.toContain('root:');
});

test('a postcode list is read, and what is none is refused with its line', async () => {
  const good = await fileWith(
    '"CF101AA",10,318278,176229,"W92000004","","","","W06000015","W05000857"\n"CF99 9ZZ",90,0,0,"","","","","",""\n',
    'list.csv',
  );
  expect(await all(readPostcodeList(good))).toEqual([
    { postcode: 'CF101AA', easting: 318278, northing: 176229, ward: 'W05000857' },
  ]);
  for (const bad of ['hello,world\n', 'CF101AA,10,x,176229\n', `${'x'.repeat(3 << 20)}\n`]) {
    const path = await fileWith(`"CF101AA",10,318278,176229\n${bad}`, 'list.csv');
    await expect(all(readPostcodeList(path))).rejects.toThrow(
      /list.csv(:2: wanted postcode|: a line of more)/,
    );
  }
});
