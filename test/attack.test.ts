/** Hostile and broken surroundings: each is refused in one sentence or got over, and nothing hangs or half happens. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ingest, newFiles } from '../commands/ingest.ts';
import { openPartnership, readGeography } from '../commands/partnership.ts';
import { printable } from '../commands/printable.ts';
import { findSource, profileOf } from '../commands/source-profile.ts';
import { synth } from '../commands/synth.ts';
import * as inbox from '../ingest/inbox.ts';
import type { Settings } from '../schemas/settings.ts';
import { cardiff, type Ended } from './cardiff-process.ts';
import { changeSettings, makeFolder, openFolder, TEST_KEY } from './partnership-folder.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const HEADER =
  'SITE CODE (OF TREATMENT),ASSAULT DATE AND TIME,ASSAULT METHOD,ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ATTENDANCE ID';
const row = (id: string) => `7A4BV,2025-09-06T23:15:00,01,02,Walkabout,${id}`;
const fileOf = (id: string) => `${HEADER}\n${row(id)}\n`;

/** One sentence of our own on stderr, and the exit code. */
function expectRefusal({ code, stderr }: Ended, exit: number, says: RegExp): void {
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/unexpected/);
  expect(code).toBe(exit);
}

describe('words of the language in the place of names', () => {
  test.each(['__proto__', 'constructor', 'toString'])('%s is no command, source or field', async (word) => {
    expectRefusal(await lastLine(cardiff([word])), 2, /is no command: wanted one of/);
    const settings = { sources: [] as Settings['sources'], profiles: {} } as unknown as Settings;
    expect(() => findSource(settings, word)).toThrow(`"${word}" is no source`);
    const source = findSource(settings, 'istv-csv');
    const headers = Object.fromEntries([[word, 'x']]);
    expect(() => profileOf({ ...source, headers }, {})).toThrow(`"${word}" is no field`);
  });
});

const lastLine = async (running: Promise<Ended>): Promise<Ended> => {
  const result = await running;
  return { ...result, stderr: `${result.stderr.trimEnd().split('\n').at(-1)}\n` };
};

describe('cardiff.yaml and the key', () => {
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`),
  ].join('\n');
  test.each([
    ['aliases that multiply', bomb, /an alias \(\*name\) means nothing or far too much/],
    ['an alias of nothing', '<<: *nope', /an alias \(\*name\) means nothing or far too much/],
    ['a list as a key', '? [a, b]\n: 2', /is not a setting/],
    ['__proto__', '__proto__: { partnership: x }', /__proto__: is not a setting/],
  ])('%s', async (_, more, says) => {
    const folder = await makeFolder();
    const path = join(folder, 'cardiff.yaml');
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n${more}\n`);
    expectRefusal(await cardiff(['status', '--dir', folder]), 2, says);
  });

  const key = (folder: string) => join(folder, 'secrets/partnership.key');
  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'a folder',
      (folder) => {
        rmSync(key(folder));
        mkdirSync(key(folder), { mode: 0o700 });
      },
      /is no file: restore the key/,
    ],
    ['half a byte too much', (folder) => writeFileSync(key(folder), `${TEST_KEY}0`), /holds no key/],
    ['zeros', (folder) => writeFileSync(key(folder), '0'.repeat(64)), /one digit again and again/],
  ])('a key that is %s', async (_, spoil, says) => {
    const folder = await makeFolder();
    spoil(folder);
    expectRefusal(await cardiff(['status', '--dir', folder]), 2, says);
  });

  test('a key with a byte-order mark and CRLF is the same key', async () => {
    const folder = await makeFolder();
    writeFileSync(key(folder), `\ufeff${TEST_KEY}\r\n`);
    const { partnership } = await openFolder(folder);
    expect(Buffer.from(partnership.key).toString('hex')).toBe(TEST_KEY);
  });
});

describe('an inbox', () => {
  test('links, pipes, folders and names that are no text: the files are read, what is not is told or passed over', async () => {
    const folder = await makeFolder();
    const ed = join(folder, 'inbox/ed');
    writeFileSync(join(ed, 'good.csv'), fileOf('1'));
    writeFileSync(join(ed, 'two\nlines "q".csv'), fileOf('2'));
    writeFileSync(join(ed, '\u001b[31mred\u202e.csv'), fileOf('3'));
    writeFileSync(Buffer.concat([Buffer.from(`${ed}/latin`), Buffer.from([0xff])]), fileOf('4'));
    symlinkSync('/etc/passwd', join(ed, 'link.csv'));
    symlinkSync('/nowhere', join(ed, 'dangling.csv'));
    mkdirSync(join(ed, 'folder.csv'));
    execFileSync('mkfifo', [join(ed, 'pipe.csv')]);
    const { code, stdout, stderr } = await cardiff(['ingest', '--dir', folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ed: read 3 = accepted 3 /m);
    // A name that is no UTF-8 cannot be opened: it is told, and does not stop the others.
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('there is no such file');
    for (const sign of ['\u001b', '\u202e']) expect(stdout + stderr).not.toContain(sign);
  });

  test('one that is no folder is told, and does not keep the others from being read', async () => {
    const folder = await makeFolder();
    rmSync(join(folder, 'inbox/miu'), { recursive: true });
    writeFileSync(join(folder, 'inbox/miu'), '');
    writeFileSync(join(folder, 'inbox/ed/good.csv'), fileOf('1'));
    const { code, stdout, stderr } = await cardiff(['ingest', '--dir', folder]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ed: read 1 = accepted 1 /m);
    expect(stderr).toMatch(/^cardiff: \S+inbox\/miu cannot be looked into: let this user read it[^\n]*\n$/);
  });

  test('a file that cannot be removed does not keep the others from being read', async () => {
    const folder = await makeFolder();
    await changeSettings(folder, 'after_commit: keep 30 days', 'after_commit: delete');
    for (const id of ['1', '2']) writeFileSync(join(folder, 'inbox/ed', `${id}.csv`), fileOf(id));
    const { partnership, store, read } = await openFolder(folder);
    const refuse = vi
      .spyOn(inbox, 'disposeOf')
      .mockRejectedValue(Object.assign(new Error('EACCES'), { code: 'EACCES' }));
    try {
      const { sources, failures } = await read();
      expect(sources['ed']?.accepted).toBe(2);
      expect(failures.map(({ message }) => message.replace(/^.*?: /, ''))).toEqual(
        Array(2).fill(
          'its records are stored, but it cannot be removed as after_commit asks: let this user write to the inbox',
        ),
      );
      writeFileSync(join(folder, 'inbox/ed/3.csv'), fileOf('3'));
      const again = await ingest(partnership, store, []);
      expect(again.sources['ed']?.accepted).toBe(1);
      expect(again.failures).toHaveLength(3);
    } finally {
      refuse.mockRestore();
    }
    const source = partnership.settings.sources[0] as Settings['sources'][number];
    expect(await newFiles(partnership, store, source)).toEqual([]);
    expect(readdirSync(join(folder, 'inbox/ed'))).toEqual([]);
  });

  test('a file that takes the place of one while that is stored is not removed unread', async () => {
    const folder = await makeFolder();
    await changeSettings(folder, 'after_commit: keep 30 days', 'after_commit: delete');
    const path = join(folder, 'inbox/ed/a.csv');
    writeFileSync(path, fileOf('1'));
    const { partnership, store } = await openFolder(folder);
    // The supplier delivers again when the rows have just been stored.
    let replaced = false;
    const late = {
      ...store,
      transaction: async <T>(work: () => Promise<T>) => {
        const result = await store.transaction(work);
        if (!replaced) writeFileSync(path, fileOf('22'));
        replaced = true;
        return result;
      },
    };
    expect((await ingest(partnership, late, [])).sources['ed']).toMatchObject({ accepted: 1 });
    expect(existsSync(path)).toBe(true);
    expect((await ingest(partnership, store, [])).sources['ed']).toMatchObject({ accepted: 1 });
    expect(existsSync(path)).toBe(false);
  });

  test('thousands of columns are dropped without naming each; beyond ten thousand the file is refused', async () => {
    const folder = await makeFolder();
    const names = Array.from({ length: 9_000 }, (_, i) => `c${i}`).join(',');
    writeFileSync(join(folder, 'inbox/ed/wide.csv'), `${HEADER},${names}\n${row('1')}${','.repeat(9_000)}\n`);
    const { code, stdout } = await cardiff(['ingest', '--dir', folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/read 1 = accepted 1 /);
    expect(stdout).toMatch(/column 46 and 8960 more/);
    expect(stdout.length).toBeLessThan(3000);
    writeFileSync(join(folder, 'inbox/ed/wider.csv'), `${HEADER},"${'","'.repeat(200_000)}"\n`);
    const refused = await cardiff(['ingest', '--dir', folder]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/wider\.csv:1: more than 10000 columns/);
  });

  test('names are printed on one line and without what steers a terminal', () => {
    expect(printable('a\n\u001b[31mb\u202e\u2028c')).toBe('a??[31mb??c');
    expect(printable('Ymchwil tŷ 2025-09 (1).csv')).toBe('Ymchwil tŷ 2025-09 (1).csv');
  });
});

describe('the gazetteer', () => {
  const place = (name: string) => `id,name,aliases,kind,lat,lng,capacity\np,"${name}",,street,51.48,-3.17,\n`;
  test.each([
    ['right-to-left marks', place('Bar \u202elive'), /places\.csv:2: name: wanted up to 120 characters/],
    ['ten thousand letters', place('x'.repeat(10_000)), /places\.csv:2: name: wanted up to 120 characters/],
    ['a line end', place('St\nMary'), /name: wanted up to 120 characters/],
    ['nothing', '', /places\.csv: the file is empty/],
    ['an open quotation mark', `${place('a')}"`, /places\.csv:3: a quotation mark/],
  ])('%s', async (_, text, says) => {
    const folder = await makeFolder();
    writeFileSync(join(folder, 'gazetteer/places.csv'), text);
    expectRefusal(await cardiff(['status', '--dir', folder]), 1, says);
  });
});

describe('publishing', () => {
  let city: string;
  beforeAll(async () => {
    city = join(await mkdtemp(join(tmpdir(), 'cardiff-attacked-')), 'city');
    await synth(city, { seed: 5, months: 15, scale: 1 });
    expect(await cardiff(['ingest', '--dir', city])).toMatchObject({ code: 0 });
    await cp(join(city, 'geography'), join(city, '../geography'), { recursive: true });
  });
  afterAll(() => rm(join(city, '..'), { recursive: true, force: true }));

  interface Areas {
    features: { properties: Record<string, unknown> }[];
  }
  const polygon = (...corners: [number, number][]) =>
    JSON.stringify({ type: 'Polygon', coordinates: [[...corners, corners[0]]] });
  const file = (name: string, text: string) => (folder: string) =>
    writeFileSync(join(folder, 'geography', name), text);
  const figure = (name: string, value: string) => (folder: string) => {
    const path = join(folder, 'geography', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/(\n[^,]+),.*/, `$1,${value}`));
  };
  const areas = (change: (properties: Record<string, unknown>, i: number) => void) => (folder: string) => {
    const path = join(folder, 'geography/areas.geojson');
    const json = JSON.parse(readFileSync(path, 'utf8')) as Areas;
    json.features.forEach(({ properties }, i) => {
      change(properties, i);
    });
    writeFileSync(path, JSON.stringify(json));
  };
  const pipe = (name: string) => (folder: string) => {
    rmSync(join(folder, 'geography', name));
    execFileSync('mkfifo', [join(folder, 'geography', name)]);
  };

  test.each<[string, (folder: string) => void, RegExp]>([
    ['people below 0', figure('exposure.csv', '-5'), /exposure\.csv:2: people: wanted a number/],
    ['endless people', figure('exposure.csv', '1e400'), /exposure\.csv:2: people: wanted a number/],
    ['people in hexadecimal', figure('exposure.csv', '0x10'), /exposure\.csv:2: people: wanted a number/],
    ['no people', file('exposure.csv', 'cell,people\n'), /exposure\.csv holds no figure above 0/],
    ['an empty file', file('addresses.csv', ''), /addresses\.csv: the file is empty/],
    ['an outline that is a pipe', pipe('area.geojson'), /area\.geojson is not there/],
    ['figures that are a pipe', pipe('exposure.csv'), /exposure\.csv is not there/],
    [
      'the whole world',
      file('area.geojson', polygon([-180, -90], [180, -90], [180, 90], [-180, 90])),
      /area\.geojson: an outline covers \d+ km/,
    ],
    [
      'the whole island',
      file('area.geojson', polygon([-10, 49], [3, 49], [3, 60], [-10, 60])),
      /area\.geojson: an outline covers \d+ km/,
    ],
    [
      'a point',
      file('area.geojson', polygon([-3.8, 51.3], [-3.8, 51.3], [-3.8, 51.3])),
      /area\.geojson(: an outline encloses nothing| holds no cell)/,
    ],
    [
      'latitude before longitude',
      file('area.geojson', polygon([51.3, -3.8], [51.4, -3.8], [51.4, -3.6], [51.3, -3.6])),
      /areas\.geojson: no area lies in .*longitude before latitude/,
    ],
    ['one code twice', areas((p) => Object.assign(p, { code: 'A1' })), /two areas have the code A1/],
    [
      'a code that reports use',
      areas((p, i) => Object.assign(p, i === 0 ? { code: 'pool' } : {})),
      /the code "pool" cannot be used/,
    ],
    [
      'a code with a formula',
      areas((p, i) => Object.assign(p, i === 0 ? { code: '=1+1' } : {})),
      /the code "=1\+1" cannot be used/,
    ],
    [
      'a name with right-to-left marks',
      areas((p, i) => Object.assign(p, i === 0 ? { code: 'A1', name: 'a\u202eb' } : {})),
      /the name of A1 cannot be printed/,
    ],
    [
      'a population below 0',
      areas((p, i) => Object.assign(p, i === 0 ? { code: 'A1', population: -5 } : {})),
      /the population of A1: wanted a whole number above 0/,
    ],
  ])('%s', async (_, spoil, says) => {
    await rm(join(city, 'geography'), { recursive: true });
    await cp(join(city, '../geography'), join(city, 'geography'), { recursive: true });
    spoil(city);
    await expect(readGeography(await openPartnership(city))).rejects.toThrow(says);
  });

  test('names that are markup stay names, and a snapshot that cannot be written leaves nothing half-made', async () => {
    await rm(join(city, 'geography'), { recursive: true });
    await cp(join(city, '../geography'), join(city, 'geography'), { recursive: true });
    const hostile = [
      '<script>alert(1)</script>',
      '#read("/etc/passwd")',
      ']]> -->',
      '</svg><img src=x onerror=alert(1)>',
      '=HYPERLINK("http://x","y")',
    ];
    areas((p, i) => Object.assign(p, { name: hostile[i % hostile.length] }))(city);
    mkdirSync(join(city, 'data/board.duckdb/in-the-way'), { recursive: true });
    const failed = await cardiff(['publish', '--period', '2025-Q3', '--dir', city]);
    expect(failed.code).toBe(1);
    expect(readdirSync(join(city, 'data')).filter((name) => name.includes('.new'))).toEqual([]);
    rmSync(join(city, 'data/board.duckdb'), { recursive: true });
    const { code, stdout } = await cardiff(['publish', '--period', '2025-Q3', '--dir', city]);
    expect(code).toBe(0);
    expect(stdout).toContain('it has the same bytes');
    const release = join(city, 'releases/2025-Q3');
    const html = readFileSync(join(release, 'board.html'), 'utf8');
    expect(html).not.toMatch(/<script>alert|<img src=x/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).not.toContain('root:x:0');
    for (const path of ['board.pdf', 'public/summary.pdf'])
      expect(readFileSync(join(release, path)).subarray(0, 5).toString()).toBe('%PDF-');
    const cells = readFileSync(join(release, 'tables/partnership_places.csv'), 'utf8').split(/[\n,]/);
    expect(cells.filter((value) => /^"?[=+@-]/.test(value))).toEqual([]);
  });
});
