import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { typesetPdf } from '../../reports/board/typst.ts';
import { NIGHTS, type OperationalRow } from '../../reports/operational/rows.ts';
import { taskingDocument } from '../../reports/operational/tasking-document.ts';
import type { Grant } from '../../schemas/grant.ts';
import { WEAPONS } from '../../schemas/incident.ts';
import { NIGHT_BANDS } from '../../schemas/released.ts';
import { findProgram } from '../reports/board/chromium.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** A city of which the third quarter is released, with a partner that may task officers. */
let city: string;
const FOLDER = 'releases/2025-Q3/operational/tasking';

beforeAll(async () => {
  city = await makeCity();
  await inTown(city, async ({ read, publish }) => {
    await read();
    await publish({ period: '2025-Q3', draft: true });
    await publish({ period: '2025-Q3' });
  });
});
afterAll(() => rm(city, { recursive: true, force: true }));

interface Row {
  readonly [column: string]: string;
}

/** The rows of places.csv: no value of the invented city holds a comma but the marking. */
async function rowsOf(folder = city): Promise<Row[]> {
  const text = await readFile(join(folder, FOLDER, 'places.csv'), 'utf8');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT * REPLACE (coalesce(night, '') AS night, coalesce(weapon, '') AS weapon, coalesce(band, '') AS band) FROM read_csv('${join(folder, FOLDER, 'places.csv')}', header = true, all_varchar = true)`,
  );
  connection.closeSync();
  expect(text.split('\n')).toHaveLength(reader.currentRowCount + 2);
  return reader.getRowObjectsJson() as unknown as Row[];
}

const total = (rows: readonly Row[]) => rows.reduce((sum, row) => sum + Number(row['records']), 0);

test('it is in a folder of its own that the board’s manifest does not list, and in no draft', async () => {
  expect(readdirSync(join(city, FOLDER)).sort()).toEqual([
    'SHA256SUMS',
    'dictionary.md',
    'manifest.json',
    'places.csv',
    'tasking.pdf',
  ]);
  expect(existsSync(join(city, 'releases/2025-Q3/partners/tasking'))).toBe(false);
  expect(existsSync(join(city, 'drafts/2025-Q3/board.pdf'))).toBe(true);
  expect(existsSync(join(city, 'drafts/2025-Q3/operational'))).toBe(false);
  const { files } = JSON.parse(await readFile(join(city, 'releases/2025-Q3/manifest.json'), 'utf8'));
  expect(files.filter(({ path }: { path: string }) => path.startsWith('operational'))).toEqual([]);
  const own = JSON.parse(await readFile(join(city, FOLDER, 'manifest.json'), 'utf8'));
  expect(own).toMatchObject({ tier: 'operational', partner: 'tasking', expires: '2999-12-31' });
});

test('every row says for whom, for what not and until when', async () => {
  const rows = await rowsOf();
  expect(rows.length).toBeGreaterThan(50);
  const marks = new Set(rows.map((row) => row['marking']));
  expect([...marks]).toEqual([
    'OPERATIONAL - for Neighbourhood policing alone; NOT EVIDENCE; destroy by 2999-12-31',
  ]);
});

test('no place or cell is below five records, none is a school, and both breakdowns count all of them', async () => {
  const rows = await rowsOf();
  const gazetteer = await readFile(join(city, 'gazetteer/places.csv'), 'utf8');
  const schools = gazetteer
    .split('\n')
    .filter((line) => line.includes(',school,'))
    .map((line) => line.split(',')[0]);
  expect(schools.length).toBeGreaterThan(0);
  const atoms = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row['source']} ${row['level']} ${row['atom']}`;
    atoms.set(key, [...(atoms.get(key) ?? []), row]);
    expect(schools).not.toContain(row['atom']);
  }
  expect(atoms.size).toBeGreaterThan(20);
  for (const own of atoms.values()) {
    const nights = total(own.filter((row) => row['breakdown'] === 'night'));
    expect(nights).toBeGreaterThanOrEqual(5);
    expect(total(own.filter((row) => row['breakdown'] === 'weapon'))).toBe(nights);
  }
});

test('its numbers are those that analysts count for themselves', async () => {
  const rows = await rowsOf();
  const instance = await DuckDBInstance.create(join(city, 'data/analyst.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  const asked = await connection.runAndReadAll(
    `SELECT source, place_id AS atom, coalesce(night(hour_of_week), '') AS night, coalesce(band(hour_of_week), '') AS band, count(*)::INTEGER AS records
     FROM incident WHERE place_id IS NOT NULL AND month BETWEEN DATE '2024-10-01' AND DATE '2025-09-01' GROUP BY ALL`,
  );
  connection.closeSync();
  instance.closeSync();
  const counted = new Map(
    asked
      .getRowObjectsJson()
      .map((row) => [[row['source'], row['atom'], row['night'], row['band']].join(), Number(row['records'])]),
  );
  const places = rows.filter((row) => row['level'] === 'place' && row['breakdown'] === 'night');
  expect(places.length).toBeGreaterThan(50);
  for (const { source, atom, night, band, records } of places)
    expect(counted.get([source, atom, night, band].join())).toBe(Number(records));
});

const poppler = findProgram('pdfinfo');
const needs = process.env['CI'] ? test : test.skipIf(poppler === undefined);
needs('the sheet is one tagged page that names three places, with its marks, policy and period', () => {
  const pdf = join(city, FOLDER, 'tasking.pdf');
  const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  expect(info).toMatch(/Pages: +1\n/);
  expect(info).toMatch(/Tagged: +yes/);
  const text = execFileSync('pdftotext', [pdf, '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for (const words of [
    'OPERATIONAL - for Neighbourhood policing alone',
    'NOT EVIDENCE',
    'destroy by 2999-12-31',
    'Operational tier, policy additive-10-5',
    'October 2024 to September 2025',
    'records in twelve months. If nothing changes, a year brings',
  ])
    expect(text.replace(/\s+/g, ' ')).toContain(words);
  expect([...text.matchAll(/^[123]\. \S/gm)]).toHaveLength(3);
});

test('what comes later changes no byte of it; without an agreement in force it is not made again', async () => {
  const folder = await copyOf(city);
  const before = await readFile(join(folder, FOLDER, 'tasking.pdf'));
  const csv = await readFile(join(folder, FOLDER, 'places.csv'), 'utf8');
  await inTown(folder, ({ store }) => store.run("DELETE FROM incident_row WHERE place_kind = 'licensed'"));
  await rm(join(folder, FOLDER), { recursive: true });
  await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
  expect(before.equals(await readFile(join(folder, FOLDER, 'tasking.pdf')))).toBe(true);
  expect(await readFile(join(folder, FOLDER, 'places.csv'), 'utf8')).toBe(csv);
  await rm(join(folder, FOLDER), { recursive: true });
  const path = 'agreements/tasking.yaml';
  await changeFile(folder, path, 'expires: 2999-12-31', 'expires: 2025-10-19');
  await changeFile(folder, path, 'review_due: 2999-12-31', 'review_due: 2025-10-19');
  const { notes } = await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
  expect(existsSync(join(folder, FOLDER))).toBe(false);
  expect(notes.join()).toContain(
    'Nothing is made for Neighbourhood policing: the agreement expired on 2025-10-19',
  );
});

test('a period that was frozen without the agreement has nothing for it', async () => {
  const folder = await copyOf(city);
  const { notes } = await inTown(folder, ({ publish }) => publish({ period: '2025-09' }));
  expect(existsSync(join(folder, 'releases/2025-09/operational'))).toBe(false);
  expect(notes.join()).toContain('nothing of the operational tier was frozen with 2025-09');
});

const LONG = 'What nobody would write here, and somebody will. '.repeat(20);
const grant = {
  name: LONG,
  purpose: LONG,
  expires: '2999-12-31',
  operational: { dpia: LONG, legal_basis: LONG, contact: LONG, use_as_evidence: LONG },
} as unknown as Grant<'operational'>;
const sheet = (rows: OperationalRow[]) =>
  taskingDocument(grant, {
    partnership: 'p',
    period: '2025-Q3',
    policy: 'additive-10-5',
    sources: ['ed', 'miu', 'police'].map((id) => ({ id, name: `Source ${id}` })),
    rows,
    threshold: 5,
    located: () => 65,
  });

needs('one page still, with words of any length and every weapon, night and band', () => {
  const rows = ['ed', 'miu', 'police'].flatMap((source) =>
    ['a', 'b', 'c', 'd'].flatMap((atom) => {
      const base = {
        source,
        period: '2025-Q3',
        level: 'place' as const,
        atom,
        label: LONG.slice(0, 120),
        area: 'Ward',
        records: 7,
      };
      const weapon = (name: string): OperationalRow => ({
        ...base,
        breakdown: 'weapon',
        night: '',
        band: '',
        weapon: name,
      });
      const night = (name: string, band: string): OperationalRow => ({
        ...base,
        breakdown: 'night',
        night: name,
        band,
        weapon: '',
      });
      return [
        ...WEAPONS.map(weapon),
        ...NIGHTS.flatMap((name) => NIGHT_BANDS.map((band) => night(name, band))),
      ];
    }),
  );
  const path = join(city, 'long.pdf');
  writeFileSync(path, typesetPdf(sheet(rows)));
  expect(execFileSync('pdfinfo', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toMatch(
    /Pages: +1\n/,
  );
});

test('without a place there is a sheet that says so', () => {
  expect(sheet([]).messages.at(-1)?.text).toBe('No named place has 5 records.');
});
