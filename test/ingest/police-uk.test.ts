import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SourceSummary } from '../../commands/ingest.ts';
import { total } from '../../schemas/tally.ts';
import { openStore } from '../../transform/store.ts';
import { openFolder } from '../partnership-folder.ts';

const DATA = join(import.meta.dirname, '../../../shared/data/police_uk');
// Continuous integration must not pass for want of the files.
const canRun = existsSync(DATA) || process.env['CI'] !== undefined;
const VIOLENCE = /^"?Violen(?:ce and sexual offences|t crime)"?$/;

const filesOf = (force: string) =>
  readdirSync(join(DATA, force))
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => join(DATA, force, name));

/** Data lines, and those of violence among them, by hand: these files have no quoted line ends. */
function countLines(paths: readonly string[]): { rows: number; violence: number } {
  const counts = { rows: 0, violence: 0 };
  for (const path of paths) {
    const [header = '', ...lines] = readFileSync(path, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const column = header.split(',').indexOf('Crime type');
    counts.rows += lines.length;
    counts.violence += lines.filter((line) =>
      line.split(',').some((value, i) => i >= column - 1 && VIOLENCE.test(value)),
    ).length;
  }
  return counts;
}

test.runIf(canRun)(
  'police.uk: eighteen months of South Wales and three of Gwent',
  async () => {
    const opened = await openFolder();
    const paths = [...filesOf('south-wales'), ...filesOf('gwent')];
    expect(paths.length).toBe(21);
    const lines = countLines(paths);
    const first = (await opened.read(paths, 'police-uk-csv')).sources['police-uk-csv'] as SourceSummary;

    expect(first.read).toBe(lines.rows);
    expect(first.rejected).toEqual({});
    expect(first.read).toBe(first.accepted + first.duplicate + total(first.excluded));
    expect(first.accepted + first.duplicate).toBe(lines.violence);
    const [stored] = await opened.store.query<{ rows: number }>(
      'SELECT count(*)::INTEGER AS rows FROM incident',
    );
    expect(stored?.rows).toBe(first.accepted - first.superseded);
    expect(first.time_known).toBe(0);
    expect(first.located).toBeGreaterThan(0.95);
    expect(first.located).toBeLessThan(1);

    // By month and LSOA of Cardiff, counted by DuckDB from the files: distinct rows of a key, all rows without one.
    const list = paths.map((path) => `'${path}'`).join(', ');
    const files = `read_csv([${list}], all_varchar = true, header = true)`;
    const counter = await openStore(':memory:');
    try {
      const expected = await counter.query<{ month: string; rows: number }>(`
      SELECT "Month" AS month, (count(DISTINCT "Crime ID") + count(*) FILTER ("Crime ID" IS NULL))::INTEGER AS rows
      FROM ${files} WHERE "LSOA name" LIKE 'Cardiff %' AND "Crime type" = 'Violence and sexual offences'
      GROUP BY ALL ORDER BY ALL`);
      expect(expected.length).toBe(18);
      const codes = await counter.query<{ code: string }>(
        `SELECT DISTINCT "LSOA code" AS code FROM ${files} WHERE "LSOA name" LIKE 'Cardiff %'`,
      );
      const found = await opened.store.query(`
      SELECT strftime(month, '%Y-%m') AS month, count(*)::INTEGER AS rows FROM incident
      WHERE area_code IN (${codes.map(({ code }) => `'${code}'`).join(', ')}) GROUP BY ALL ORDER BY ALL`);
      expect(found).toEqual(expected);
      // From 3,300 to 4,400 a month in South Wales, a quarter to a third of them in Cardiff.
      for (const { rows } of expected.slice(-9)) expect(rows).toBeGreaterThan(900);
    } finally {
      counter.close();
    }

    const again = (await opened.read(paths, 'police-uk-csv')).sources['police-uk-csv'] as SourceSummary;
    expect(again).toMatchObject({
      read: lines.rows,
      accepted: 0,
      corrected: 0,
      superseded: 0,
      duplicate: lines.violence,
    });
    expect(await opened.store.query('SELECT count(*)::INTEGER AS rows FROM incident')).toEqual([stored]);
  },
  60_000,
);
