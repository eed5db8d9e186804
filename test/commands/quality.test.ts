/** Faults planted in the files of an invented city are found, and nobody else is called. */

import { cpSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { quality } from '../../commands/quality.ts';
import { qualityText } from '../../commands/quality-text.ts';
import type { Quality } from '../../reports/quality/quality.ts';
import { readHeader, splitLine } from '../csv-cells.ts';
import { copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000 });

let city: string;
/** The same, read as it is, and what is measured of it. */
let whole: string;
let clean: Quality;
beforeAll(async () => {
  city = await makeCity(27);
  whole = `${city}-whole`;
  cpSync(city, whole, { recursive: true, preserveTimestamps: true });
  clean = await measure(whole);
}, 120_000);
afterAll(() => Promise.all([city, whole].map((folder) => rm(folder, { recursive: true, force: true }))));

type Change = (row: Record<string, string>, month: string) => Record<string, string> | undefined;

/** Changes the rows of a source's files; those that become nothing are left out. */
async function changeRows(folder: string, source: string, change: Change): Promise<void> {
  const inbox = join(folder, 'inbox', source);
  for (const name of await readdir(inbox)) {
    const month = name.slice(5, 12);
    const [head = '', ...lines] = (await readFile(join(inbox, name), 'utf8')).trimEnd().split(/\r?\n/);
    const header = readHeader(head);
    const changed = lines.flatMap((line) => {
      const cells = splitLine(line);
      const row = change(Object.fromEntries(header.map((column, i) => [column, cells[i] ?? ''])), month);
      return row ? [header.map((column) => `"${(row[column] ?? '').replaceAll('"', '""')}"`).join(',')] : [];
    });
    await writeFile(join(inbox, name), [head, ...changed, ''].join('\n'));
  }
}

/** The hospitals of the city, one of them changed. */
async function measured({ source, change }: { source: string; change: Change }): Promise<Quality> {
  const folder = await copyOf(city);
  await rm(join(folder, 'inbox/police'), { recursive: true });
  await changeRows(folder, source, change);
  return measure(folder);
}

const measure = (folder: string): Promise<Quality> =>
  inTown(folder, async ({ partnership, store, read }) => {
    await read();
    return quality(partnership, store);
  });

const said = ({ signals }: Quality) =>
  signals.map(({ source, kind, element, month, value }) => [source, kind, element, month, value].join(' '));

describe('a city as it is', () => {
  test('no supplier is called for a change of coding', () => {
    expect(clean.signals.filter(({ kind }) => kind === 'coding')).toEqual([]);
  });

  test('the scorecard adds up: shifts to months, and shares are of what can be asked', () => {
    expect(clean.scorecard.length).toBeGreaterThan(1000);
    const months = new Map<string, number>();
    const shifts = new Map<string, number>();
    for (const { source, supplier, month, shift, measure, records, of } of clean.scorecard) {
      if (measure !== 'values_unmapped') expect(records).toBeLessThanOrEqual(of);
      if (supplier === '') continue;
      const into = shift === 'all' ? months : shifts;
      const name = [source, supplier, month, measure].join('|');
      into.set(name, (into.get(name) ?? 0) + records);
    }
    expect(shifts).toEqual(months);
  });

  test('what the city was invented with is measured: midnights, copies, texts that are empty', async () => {
    const share = (measure: string) => {
      const rows = clean.scorecard.filter(
        (row) => row.source === 'ed' && row.shift === 'all' && row.measure === measure,
      );
      const sum = (of: 'records' | 'of') => rows.reduce((total, row) => total + row[of], 0);
      return sum('records') / sum('of');
    };
    // 3% each, as ingest/synth/istv-files.ts has it.
    expect(share('time_midnight')).toBeCloseTo(0.03, 1);
    expect(share('time_copied')).toBeGreaterThan(0.015);
    expect(share('time_copied')).toBeLessThan(0.05);
    expect(share('weapon_unlisted')).toBeLessThan(0.02);
  });

  test('the text says all of it in lines', () => {
    const text = qualityText(clean);
    expect(text).toContain('On the map, of records of public places');
    expect(text).toContain('No change of coding');
    expect(text).toContain('Located by:');
    expect(text.split('\n').every((line) => line.length < 250)).toBe(true);
  });

  test('bounds of the map hold what is shown and what is weighted', () => {
    expect(clean.mapEffect.length).toBeGreaterThan(5);
    for (const { shown, weighted, least, most } of clean.mapEffect) {
      expect(least).toBeLessThanOrEqual(Math.min(shown, weighted) + 1e-9);
      expect(most).toBeGreaterThanOrEqual(Math.max(shown, weighted) - 1e-9);
    }
  });
});

const METHOD = 'ASSAULT METHOD';
const TEXT = 'ASSAULT LOCATION DESCRIPTION';
const AT = 'ASSAULT DATE AND TIME';

test('a month in which a supplier stops recording weapons is found, and nobody else is called', async () => {
  const found = await measured({
    source: 'ed',
    change: (row, month) => (month === '2024-11' ? { ...row, [METHOD]: '' } : row),
  });
  expect(said(found).filter((line) => line.includes('coding'))).toEqual([
    'ed coding weapon 2024-11 left empty',
    'ed coding weapon 2024-12 left empty',
  ]);
});

test('fists that become combinations of an unlisted code from some month on are a change of coding', async () => {
  const found = await measured({
    source: 'ed',
    change: (row, month) => (month >= '2025-02' && row[METHOD] === '05' ? { ...row, [METHOD]: '30' } : row),
  });
  const coding = found.signals.filter(({ kind }) => kind === 'coding');
  expect(coding).toMatchObject([
    { source: 'ed', element: 'weapon', month: '2025-02', until: '2025-09', value: 'not a listed code' },
  ]);
  expect(coding[0]?.before).toBeLessThan(3);
  expect(coding[0]?.after).toBeGreaterThan(10);
});

test('places that are no longer described, and times that become midnight, are found where they begin', async () => {
  const found = await measured({
    source: 'ed',
    change: (row, month) => ({
      ...row,
      ...(month >= '2025-04' ? { [TEXT]: '' } : {}),
      ...(month >= '2024-06' && month < '2024-09' ? { [AT]: `${row[AT]?.slice(0, 10)}T00:00:00` } : {}),
    }),
  });
  const lines = said(found).filter((line) => line.includes('coding'));
  expect(lines).toContainEqual(expect.stringMatching(/^ed coding place 2025-04 (not described|on the map)$/));
  expect(lines.filter((line) => line.includes('time')).map((line) => line.split(' ')[3])).toEqual([
    '2024-06',
    '2024-09',
  ]);
  expect(lines.every((line) => line.startsWith('ed'))).toBe(true);
});

test('what is missing at night more than by day is told by arrival, and weighting moves the map towards the night', async () => {
  const found = await measured({
    source: 'ed',
    change: (row) => {
      const hour = Number(row['ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT']?.slice(11, 13));
      return hour < 6 && row['ATTENDANCE ID']?.match(/[0-6]$/) ? { ...row, [TEXT]: '' } : row;
    },
  });
  const rows = found.missingness.filter(
    ({ source, missing, factor }) => source === 'ed' && missing === 'place' && factor === 'arrival',
  );
  expect(rows[0]?.q).toBeLessThan(0.001);
  const share = (value: string) => {
    const row = rows.find((each) => each.value === value);
    return (row?.records ?? 0) / (row?.of ?? 1);
  };
  expect(share('00-03')).toBeGreaterThan(share('12-18') + 0.3);
  expect(qualityText(found)).toContain('place by arrival');
});

test('a month that is not delivered is outside the supplier’s own past', async () => {
  const found = await measured({
    source: 'ed',
    change: (row, month) => (month === '2025-03' ? undefined : row),
  });
  expect(said(found)).toContain('ed volume volume 2025-03 ');
});

test('in any order, twice, and with corrections, the scorecard is that of the last version of each record', async () => {
  const late = await copyOf(city);
  // First without weapons, then corrected: the faults are gone with the rows that had them.
  const inbox = join(late, 'inbox/ed');
  const names = (await readdir(inbox)).sort();
  const texts = new Map<string, string>();
  for (const name of names) texts.set(name, await readFile(join(inbox, name), 'utf8'));
  await changeRows(late, 'ed', (row) => ({ ...row, [METHOD]: '', [TEXT]: '' }));
  const of = ({ scorecard }: Quality) =>
    scorecard.filter(
      ({ source, supplier, measure }) => source === 'ed' && supplier !== '' && measure !== 'late_delivery',
    );
  const corrected = await inTown(late, async ({ partnership, store, read }) => {
    await read();
    for (const [name, text] of texts) await writeFile(join(inbox, name), text);
    await read(names.map((name) => join(inbox, name)));
    await read(names.map((name) => join(inbox, name)));
    return of(await quality(partnership, store));
  });
  expect(corrected).toEqual(of(clean));
});

test('analysts’ scorecard counts the records of their file and no other, and the release has the page of its reception', async () => {
  const folder = await copyOf(whole);
  const made = await inTown(folder, ({ publish }) => publish({ period: '2025-Q3' }));
  expect(made.files.filter((file) => file.includes('receptions'))).toEqual(['public/receptions/ed.pdf']);
  const instance = await DuckDBInstance.create(join(folder, 'data/analyst.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const counted =
    await rows(`SELECT source, supplier, month::VARCHAR AS month, records::INTEGER AS n FROM scorecard
    WHERE measure = 'records' AND shift = 'all' ORDER BY ALL`);
  expect(counted.length).toBeGreaterThan(50);
  expect(counted).toEqual(
    await rows(`SELECT source, supplier, month::VARCHAR AS month, count(*)::INTEGER AS n FROM incident
      GROUP BY ALL ORDER BY ALL`),
  );
  expect(await rows(`FROM scorecard WHERE measure = 'home_described'`)).toEqual([]);
  const unnamed = `SELECT DISTINCT measure FROM scorecard WHERE NOT starts_with(measure, 'located_by_') AND measure NOT IN (SELECT measure FROM measure)`;
  expect(await rows(unnamed)).toEqual([]);
  connection.closeSync();
  instance.closeSync();
});
