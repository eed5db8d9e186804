/** Code that must not compile: each snippet is compiled as a file of the project, and has to fail where it says. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');
mkdirSync(join(PROJECT, 'dist'), { recursive: true });
const folder = mkdtempSync(join(PROJECT, 'dist/type-lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROW = `{ source: 'ed', period: '2025-Q3', cut: 'place', atom: '89195a32863ffff', level: 'cell', label: 'x', threshold_on: 'records', value: 3, low: 3, high: 3 }`;
const AGREEMENT = `{ partner: 'p', name: 'p', parties: ['p'], purpose: 'p', lawful_basis: 'p', tier: 'analyst', sources: ['ed'], cuts: ['month'], formats: ['csv'], in_force_from: '2025-01-01', review_due: '2025-01-01', expires: '2025-01-01', notice: 'n', unencrypted: true }`;

const IMPORTS = `
import { toCsv, releasedTable } from '../../reports/table.ts';
import { toGeoJson } from '../../reports/geojson.ts';
import { releasedTables, partnershipTable, releaseFiles } from '../../reports/release-files.ts';
import { type Recording, renderBoard, renderReceptions, renderSummary } from '../../reports/board/render.ts';
import type { RecordingRow } from '../../schemas/recording.ts';
import { writeAnalystSnapshot } from '../../reports/analyst-snapshot.ts';
import { operationalFiles } from '../../reports/operational/files.ts';
import { readReleased } from '../../reports/disclosure/frozen.ts';
import { grantsOf } from '../../commands/grants.ts';
import { type PartnershipRow, type Released, ReleasedRow } from '../../schemas/released.ts';
import type { Agreement } from '../../schemas/agreement.ts';
import type { Grant } from '../../schemas/grant.ts';
import type { AnalystContent } from '../../reports/analyst-snapshot.ts';
import type { TaskingContent } from '../../reports/operational/tasking-document.ts';
import type { OperationalRow } from '../../reports/operational/rows.ts';
import type { BoardContent } from '../../reports/board/content.ts';
import type { QuerySql, RunSql, WriteFile } from '../../reports/sql.ts';
declare const query: QuerySql;
declare const run: RunSql;
declare const writeFile: WriteFile;
declare const content: BoardContent;
declare const analyst: AnalystContent;
declare const tasking: TaskingContent;
declare const recording: Recording;
declare const classes: RecordingRow[];
declare const counted: OperationalRow[];
declare const protectedRows: Released<ReleasedRow>[];
declare const bands: Released<PartnershipRow>[];
const row: ReleasedRow = ${ROW};
const agreement: Agreement = ${AGREEMENT};
export const use = [toCsv, releasedTable, toGeoJson, releasedTables, partnershipTable, releaseFiles, renderBoard, renderReceptions, renderSummary, recording, classes,
  writeAnalystSnapshot, operationalFiles, readReleased, grantsOf, ReleasedRow, query, run, writeFile, content, analyst, tasking, counted, protectedRows, bands, row, agreement];
`;

/** What goes the way that the project means. */
const MAY: Readonly<Record<string, string>> = {
  'rows that passed the disclosure module are written': `
    releasedTables(protectedRows).map(toCsv);
    toCsv(releasedTable('t', 't', ReleasedRow, protectedRows));
    toCsv(partnershipTable(bands));
    toGeoJson(partnershipTable(bands), content.geography);
    renderBoard({ ...content, released: protectedRows });
    await releaseFiles(run, content, { starred: [], geography: [], recording });
    renderReceptions({ ...content, rows: undefined as never }, recording);`,
  'frozen rows are read back by the module': `
    releasedTables(await readReleased(query, 'ed', ['2025-Q3']));`,
  'an agreement in force is leave': `
    const [grant] = grantsOf([agreement], 'analyst', '2025-01-01');
    if (grant) await writeAnalystSnapshot([grant], writeFile, 'path', analyst);
    for (const each of grantsOf([agreement], 'operational', '2025-01-01')) operationalFiles(each, tasking);`,
};

/** What must not compile. */
const MUST_NOT: Readonly<Record<string, string>> = {
  'a table of rows that nobody protected': `releasedTables([row]);`,
  'a table of rows straight from the store': `releasedTables(await query<ReleasedRow>('SELECT * FROM incident'));`,
  'a table made by hand, written as CSV': `toCsv({ name: 't', title: 't', columns: [], rows: [row] });`,
  'a table by schema of rows that nobody protected': `releasedTable('t', 't', ReleasedRow, [row]);`,
  'rows that a schema has parsed and nobody has protected': `toCsv(releasedTable('t', 't', ReleasedRow, [ReleasedRow.parse(row)]));`,
  'a map of rows that nobody protected': `toGeoJson({ name: 't', title: 't', columns: [], rows: [row] }, content.geography);`,
  'a partnership table of released rows without the mark': `partnershipTable([{ ...row, band: '5-9', hotspot: '' as const, level: 'cell' as const }]);`,
  'a board of rows that nobody protected': `renderBoard({ ...content, released: [row] });`,
  'a summary of rows that nobody protected': `const { rows: _, ...rest } = content; renderSummary({ ...rest, released: [row] });`,
  'a summary that holds rows of the partnership': `renderSummary(content);`,
  'a page for a reception of classes that nobody protected': `await releaseFiles(run, content, { starred: [], geography: [], recording: new Map([['ed', classes]]) });`,
  'a mark that is forged by annotation': `export const forged: Released<ReleasedRow> = row;`,
  'a mark that is forged by a property': `export const forged: Released<ReleasedRow> = { ...row, protectedMark: true };`,
  'a mark that is forged by a symbol of one’s own': `const protectedMark: unique symbol = Symbol('protected'); export const forged: Released<ReleasedRow> = { ...row, [protectedMark]: true };`,
  'a mark that is forged with satisfies': `export const forged = row satisfies Released<ReleasedRow>;`,
  'the mark itself, imported': `const { protectedMark } = await import('../../schemas/released.ts'); export const mark = protectedMark;`,
  'operational rows as released ones': `releasedTables(counted);`,
  'operational rows as a released table': `releasedTable('t', 't', ReleasedRow, counted);`,
  'analysts’ file for an agreement that was not looked at': `await writeAnalystSnapshot([agreement], writeFile, 'path', analyst);`,
  'analysts’ file for nobody': `await writeAnalystSnapshot([], writeFile, 'path', analyst);`,
  'analysts’ file for leave of the operational tier': `await writeAnalystSnapshot([grantsOf([agreement], 'operational', '2025-01-01')[0]!], writeFile, 'path', analyst);`,
  'operational files for an agreement that was not looked at': `operationalFiles(agreement, tasking);`,
  'operational files for leave of the analysts’ tier': `operationalFiles(grantsOf([agreement], 'analyst', '2025-01-01')[0]!, tasking);`,
  'leave that is forged by annotation': `export const forged: Grant<'analyst'> = { ...agreement, tier: 'analyst' };`,
  'leave for a tier that needs none': `export const leave = grantsOf([agreement], 'released', '2025-01-01');`,
};

/** Errors of each snippet, by its file. */
const errors = new Map<string, string[]>();
const fileOf = (kind: string, i: number) => `${kind}-${i}.ts`;

beforeAll(() => {
  for (const [kind, snippets] of Object.entries({ may: MAY, 'must-not': MUST_NOT })) {
    for (const [i, body] of Object.values(snippets).entries())
      writeFileSync(join(folder, fileOf(kind, i)), `${IMPORTS}\n${body}\n`);
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: true, noUnusedLocals: false, rootDir: '../..' },
      include: ['*.ts'],
      // By default what lies in the folder of builds is left out.
      exclude: [],
    }),
  );
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(PROJECT, 'node_modules/typescript/bin/tsc'), '-p', folder, '--pretty', 'false'],
    {
      encoding: 'utf8',
    },
  );
  // Some snippets must fail, so that a compiler that found nothing did not look.
  expect(status).not.toBe(0);
  for (const line of stdout.split('\n')) {
    const [, file, at, code] = /([\w-]+\.ts)\((\d+),\d+\): error (TS\d+)/.exec(line) ?? [];
    if (file && code) errors.set(file, [...(errors.get(file) ?? []), `${at} ${code}`]);
  }
}, 120_000);

test.each(Object.keys(MAY).map((name, i) => [name, i] as const))('compiles: %s', (_, i) => {
  expect(errors.get(fileOf('may', i)) ?? []).toEqual([]);
});

test.each(Object.keys(MUST_NOT).map((name, i) => [name, i] as const))('does not compile: %s', (_, i) => {
  const found = errors.get(fileOf('must-not', i)) ?? [];
  expect(found.length).toBeGreaterThan(0);
  // The fault is in the snippet, not in what it needs.
  const first = IMPORTS.split('\n').length + 1;
  for (const error of found) expect(Number(error.split(' ')[0])).toBeGreaterThanOrEqual(first);
  // What is refused is a type, not a word that is misspelt (2304, 2305), unless the mark is what is asked for.
  const codes = new Set(found.map((error) => error.split(' ')[1]));
  expect(
    ['TS2322', 'TS2345', 'TS2379', 'TS1360', 'TS2339', 'TS2353', 'TS2352', 'TS2740', 'TS2741', 'TS2769'].some(
      (code) => codes.has(code),
    ),
    found.join(),
  ).toBe(true);
});
