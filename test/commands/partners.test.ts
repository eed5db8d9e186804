import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readStatus, statusText } from '../../commands/status.ts';
import { CUTS } from '../../schemas/released.ts';
import { hashFile, hashFolder, listFiles } from '../folder-contents.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

interface Terms {
  tier?: string;
  sources?: string[];
  cuts?: readonly string[];
  formats?: string[];
  from?: string;
  review?: string;
  expires?: string;
  key?: string;
}

const agreement = (partner: string, terms: Terms) => `partner: ${partner}
name: Partner ${partner}
parties: [Hospital, Police]
purpose: To test
lawful_basis: None is needed
tier: ${terms.tier ?? 'released'}
sources: [${(terms.sources ?? ['ed']).join(', ')}]
cuts: [${(terms.cuts ?? ['month']).join(', ')}]
formats: [${(terms.formats ?? ['csv']).join(', ')}]
in_force_from: ${terms.from ?? '2025-01-01'}
review_due: ${terms.review ?? '2026-01-01'}
expires: ${terms.expires ?? '2026-12-31'}
notice: For partner ${partner} alone
${terms.key ? `public_key: ${terms.key}` : 'unencrypted: true'}
`;

/** What the partners of the city may see; four of them receive something. */
const PARTNERS: Readonly<Record<string, Terms>> = {
  schools: { sources: ['ed'], cuts: ['month', 'weapon'], formats: ['csv', 'parquet', 'pdf'] },
  council: {
    tier: 'partnership',
    sources: ['ed', 'police'],
    cuts: ['place', 'month'],
    formats: ['csv', 'pdf'],
  },
  board: { tier: 'partnership', sources: ['police'], cuts: ['night_band'], formats: ['csv'] },
  trust: {
    sources: ['miu', 'police'],
    cuts: ['located', 'place_kind'],
    formats: ['pdf', 'csv'],
    tier: 'partnership',
  },
  former: { from: '2024-01-01', review: '2024-06-01', expires: '2025-10-01' },
  overdue: { review: '2025-10-19' },
  coming: { from: '2025-10-21' },
};
const MADE = ['analysts', 'board', 'council', 'schools', 'trust'];

let city: string;
let identity: string;
const partner = (name: string, path = '') => join(city, 'releases/2025-Q3/partners', name, path);

beforeAll(async () => {
  identity = await generateX25519Identity();
  city = await makeCity();
  for (const [name, terms] of Object.entries(PARTNERS)) {
    const text = agreement(
      name,
      name === 'council' ? { ...terms, key: await identityToRecipient(identity) } : terms,
    );
    await writeFile(join(city, `agreements/${name}.yaml`), text);
  }
  await inTown(city, async ({ read, publish }) => {
    await read();
    await publish();
  });
});
afterAll(() => rm(city, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const linesOf = async (folder: string) =>
  (await readFile(join(folder, 'register.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function decrypt(path: string): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(await readFile(path));
}

/** The files of an extract as the partner has them once they are decrypted. */
async function openExtract(name: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const path of listFiles(partner(name)))
    files.set(
      path.replace(/\.age$/, ''),
      path.endsWith('.age') ? await decrypt(partner(name, path)) : readFileSync(partner(name, path)),
    );
  return files;
}
const pdfText = async (bytes: Uint8Array) =>
  (await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true })).text;
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

test('an extract is made for each partner whose agreement is in force, and for nobody else', async () => {
  expect(readdirSync(join(city, 'releases/2025-Q3/partners')).sort()).toEqual(MADE);
  const lines = await linesOf(city);
  const release = lines.find(({ event }) => event === 'release');
  expect(release.recipients).toEqual([...MADE, 'tasking'].sort());
  const withheld = lines.filter(({ event }) => event === 'withheld');
  expect(withheld.map(({ partner: name, because, period }) => [name, period, because])).toEqual([
    ['coming', '2025-Q3', 'the agreement is in force from 2025-10-21'],
    [
      'former',
      '2025-Q3',
      'the agreement expired on 2025-10-01: agree anew and change the dates in agreements/former.yaml',
    ],
    [
      'overdue',
      '2025-Q3',
      "the agreement's review was due on 2025-10-19: review it and set the next date in agreements/overdue.yaml",
    ],
  ]);
  const status = await inTown(city, async ({ partnership, store }) =>
    statusText(await readStatus(partnership, store), partnership.settings),
  );
  for (const { partner: name, because } of withheld)
    expect(status).toContain(`${name} (Partner ${name}), tier released: ${because}`);
  expect(status).toContain('council (Partner council), tier partnership: in force');
});

describe('an extract is the release less what the agreement does not name', () => {
  const tables: Readonly<Record<string, string>> = {
    month: 'months',
    place: 'places',
    weapon: 'weapons',
    place_kind: 'place_kinds',
    night_band: 'night_bands',
    located: 'located',
  };
  const receiving = Object.keys(PARTNERS).filter((name) => MADE.includes(name));

  test.each(receiving)(
    '%s: tables hold the rows of its sources and cuts, each as it was released, and all of them',
    async (name) => {
      const { sources = [], cuts = [], tier, formats = [] } = PARTNERS[name] as Terms;
      const files = await openExtract(name);
      const places = tier === 'partnership' && cuts.includes('place');
      const wanted = [...cuts.map((cut) => tables[cut]), ...(places ? ['partnership_places'] : [])];
      const csv = [...files.keys()].filter((path) => path.startsWith('tables/') && path.endsWith('.csv'));
      expect(csv.sort()).toEqual(wanted.map((table) => `tables/${table}.csv`).sort());
      for (const path of csv) {
        const [head, ...rows] = text(files.get(path)).trimEnd().split('\n');
        const [allHead, ...all] = readFileSync(join(city, 'releases/2025-Q3', path), 'utf8')
          .trimEnd()
          .split('\n');
        expect(head).toBe(allHead);
        expect(rows).toEqual(all.filter((row) => sources.some((source) => row.startsWith(`${source},`))));
        expect(rows.length).toBeGreaterThan(0);
      }
      expect(files.has('extract.pdf')).toBe(formats.includes('pdf'));
      expect([...files.keys()].some((path) => path.endsWith('.parquet'))).toBe(formats.includes('parquet'));
    },
  );

  test('what it does not name is in no file of it: sources, places, categories', async () => {
    const everywhere = async (name: string) => {
      const files = await openExtract(name);
      let all = '';
      for (const [path, bytes] of files) all += path.endsWith('.pdf') ? await pdfText(bytes) : text(bytes);
      return all;
    };
    // A weapon, a kind of place and an area that are in the release, and what the others are called.
    const canaries = {
      weapon: 'Glass or bottle',
      night: '21:00–00:00',
      area: 'Ropewalk',
      police: 'Police,',
      miu: 'Minor injuries',
    };
    const schools = await everywhere('schools');
    expect(schools).toContain(canaries.weapon);
    for (const canary of [canaries.night, canaries.area, canaries.miu]) expect(schools).not.toContain(canary);
    expect(schools).not.toMatch(/^police,/m);
    const council = await everywhere('council');
    expect(council).toContain(canaries.area);
    for (const canary of [canaries.weapon, canaries.night, canaries.miu])
      expect(council).not.toContain(canary);
    const trust = await everywhere('trust');
    for (const canary of [canaries.weapon, canaries.night, canaries.area, 'Emergency department'])
      expect(trust).not.toContain(canary);
    // Every cell of the release, against every extract that has no place.
    const cells =
      readFileSync(join(city, 'releases/2025-Q3/tables/partnership_places.csv'), 'utf8').match(
        /\b89[0-9a-f]{13}\b/g,
      ) ?? [];
    expect(cells.length).toBeGreaterThan(10);
    for (const cell of cells) for (const all of [schools, trust]) expect(all).not.toContain(cell);
  });

  test('all extracts together hold no row that the release does not', async () => {
    const released = new Set(
      CUTS.flatMap((cut) =>
        readFileSync(join(city, `releases/2025-Q3/tables/${tables[cut]}.csv`), 'utf8').split('\n'),
      ),
    );
    for (const line of readFileSync(
      join(city, 'releases/2025-Q3/tables/partnership_places.csv'),
      'utf8',
    ).split('\n'))
      released.add(line);
    for (const name of MADE)
      for (const [path, bytes] of await openExtract(name))
        if (path.startsWith('tables/') && path.endsWith('.csv'))
          for (const row of text(bytes).split('\n')) expect(released.has(row), row).toBe(true);
  });

  test('extract.pdf bears the notice on every page, the tier, the policy and the purpose', async () => {
    const files = await openExtract('council');
    const { text: pages } = await extractText(
      await getDocumentProxy(new Uint8Array(files.get('extract.pdf') as Uint8Array)),
    );
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) {
      expect(page).toContain('For partner council alone');
      expect(page).toContain('OFFICIAL-SENSITIVE');
    }
    expect(pages.join(' ')).toContain('additive-10-5');
    expect(pages.join(' ')).toContain('To test');
  });
});

describe('what comes with an extract', () => {
  test.each(MADE)(
    '%s: checksums are right, and the manifest lists the content of every file',
    async (name) => {
      const sums = readFileSync(partner(name, 'SHA256SUMS'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('  '));
      expect(sums.map(([, path]) => path)).toEqual(
        listFiles(partner(name)).filter((path) => path !== 'SHA256SUMS'),
      );
      for (const [hash, path] of sums) expect(hashFile(partner(name, path)), path).toBe(hash);
      const files = await openExtract(name);
      const manifest = JSON.parse(text(files.get('manifest.json')));
      expect(manifest).toMatchObject({
        partner: name,
        period: '2025-Q3',
        release_manifest: hashFile(join(city, 'releases/2025-Q3/manifest.json')),
      });
      for (const { path, sha256: hash, bytes } of manifest.files) {
        expect(sha256(files.get(path) as Uint8Array), path).toBe(hash);
        expect(files.get(path)?.length, path).toBe(bytes);
      }
      expect(manifest.files.map(({ path }: { path: string }) => path).sort()).toEqual(
        [...files.keys()].filter((path) => !['manifest.json', 'SHA256SUMS'].includes(path)).sort(),
      );
      const line = (await linesOf(city)).find((each) => each.event === 'extract' && each.partner === name);
      expect(line.manifest).toBe(hashFile(partner(name, 'manifest.json')));
      expect(line.files).toEqual(
        manifest.files.map(({ path, sha256: hash }: { path: string; sha256: string }) => ({
          path,
          sha256: hash,
        })),
      );
    },
  );

  test('the data package and the dictionary say what every column means', async () => {
    for (const name of MADE) {
      const files = await openExtract(name);
      const { resources } = JSON.parse(text(files.get('datapackage.json')));
      for (const { path, schema } of resources) {
        const head = text(files.get(path)).split('\n')[0]?.split(',');
        expect(schema.fields.map((field: { name: string }) => field.name)).toEqual(head);
        for (const field of schema.fields)
          expect(text(files.get('dictionary.md'))).toContain(
            `| ${field.name} | ${field.type} | ${field.description} |`,
          );
      }
      expect(resources.length).toBe([...files.keys()].filter((path) => path.endsWith('.csv')).length);
    }
  });
});

describe('encryption', () => {
  test('with a key nothing is plain but the manifest and the checksums', () => {
    const plain = listFiles(partner('council')).filter((path) => !path.endsWith('.age'));
    expect(plain).toEqual(['SHA256SUMS', 'manifest.json']);
    for (const path of listFiles(partner('council')).filter((each) => each.endsWith('.age')))
      expect(readFileSync(partner('council', path)).subarray(0, 21).toString()).toBe('age-encryption.org/v1');
    // No number of a table stands in what is plain.
    expect(Object.keys(JSON.parse(readFileSync(partner('council', 'manifest.json'), 'utf8')))).not.toContain(
      'utility',
    );
  });

  test('another key opens nothing', async () => {
    const other = new Decrypter();
    other.addIdentity(await generateX25519Identity());
    const bytes = await readFile(partner('council', 'tables/places.csv.age'));
    await expect(other.decrypt(bytes)).rejects.toThrow();
  });

  test('asked again no byte changes; removed, it is made anew with the same content and no second line', async () => {
    const folder = await copyOf(city);
    const before = hashFolder(join(folder, 'releases'));
    const register = await readFile(join(folder, 'register.jsonl'), 'utf8');
    await inTown(folder, ({ publish }) => publish());
    expect(hashFolder(join(folder, 'releases'))).toEqual(before);
    await rm(join(folder, 'releases/2025-Q3/partners/council'), { recursive: true });
    await inTown(folder, ({ publish }) => publish());
    const after = hashFolder(join(folder, 'releases'));
    const changed = Object.keys(before).filter((path) => before[path] !== after[path]);
    expect(changed.length).toBeGreaterThan(3);
    for (const path of changed) expect(path).toMatch(/partners\/council\/(.+\.age|SHA256SUMS)$/);
    expect(await readFile(join(folder, 'register.jsonl'), 'utf8')).toBe(register);
  });
});

describe('agreements change, releases do not', () => {
  test('what becomes of an agreement later changes no extract that is there; a new one gets its own', async () => {
    const folder = await copyOf(city);
    const before = hashFolder(join(folder, 'releases'));
    await changeFile(
      folder,
      'agreements/schools.yaml',
      'cuts: [month, weapon]',
      'cuts: [month, weapon, place]',
    );
    await changeFile(folder, 'agreements/coming.yaml', '2025-10-21', '2025-10-20');
    await changeFile(folder, 'agreements/trust.yaml', 'review_due: 2026-01-01', 'review_due: 2025-02-01');
    await inTown(folder, async ({ publish }) => {
      await publish();
      await publish();
    });
    const after = hashFolder(join(folder, 'releases'));
    for (const [path, hash] of Object.entries(before)) expect(after[path], path).toBe(hash);
    const added = Object.keys(after).filter((path) => !(path in before));
    expect(added.length).toBeGreaterThan(3);
    for (const path of added) expect(path).toMatch(/^2025-Q3\/partners\/coming\//);
    const lines = (await linesOf(folder)).slice((await linesOf(city)).length);
    expect(lines.map(({ event, partner: name }) => [event, name])).toEqual([
      ['extract', 'coming'],
      ['withheld', 'trust'],
    ]);
  });

  test('an extract that somebody changed is refused', async () => {
    const folder = await copyOf(city);
    await appendFile(join(folder, 'releases/2025-Q3/partners/schools/tables/months.csv'), 'ed,x\n');
    await expect(inTown(folder, ({ publish }) => publish())).rejects.toThrow(
      /partners\/schools is not as it was made: remove the folder and publish 2025-Q3 again$/,
    );
  });

  test('analyst.duckdb is there while an agreement of its tier is in force', async () => {
    const folder = await copyOf(city);
    expect(existsSync(join(folder, 'data/analyst.duckdb'))).toBe(true);
    await changeFile(
      folder,
      'agreements/analysts.yaml',
      'review_due: 2999-12-31\nexpires: 2999-12-31',
      'review_due: 2025-10-01\nexpires: 2025-10-01',
    );
    await inTown(folder, ({ publish }) => publish());
    expect(existsSync(join(folder, 'data/analyst.duckdb'))).toBe(false);
    expect(existsSync(join(folder, 'data/board.duckdb'))).toBe(true);
  });
});
