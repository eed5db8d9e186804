// The attacker reads CSV and GeoJSON. Parquet is the third form of the same tables: nothing may stand in it that they lack.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseCsv } from '../../reports/audit/read-release.ts';
import { release } from '../../reports/disclosure/release.ts';
import { toGeoJson } from '../../reports/geojson.ts';
import { writeParquet } from '../../reports/parquet.ts';
import { partnershipTable, releasedTables } from '../../reports/release-files.ts';
import { quoted } from '../../reports/sql.ts';
import { toCsv } from '../../reports/table.ts';
import type { PartnershipRow, ReleasedRow, StarredRow } from '../../schemas/released.ts';
import { openTestStore } from './disclosure/store-fixture.ts';

const place = { source: 'ed', period: '2025-Q3', cut: 'place', level: 'area' } as const;
const shown: ReleasedRow = {
  ...{ ...place, atom: 'W1', label: 'Elsewhere in "Splott", east', threshold_on: 'persons' },
  ...{ value: 15, low: 11, high: 19 },
};
const starred: StarredRow = { ...shown, atom: 'W2', label: 'W2', value: null, low: 1, high: null };
const band: PartnershipRow = {
  ...{ source: 'ed', period: '2025-Q3', level: 'place', atom: 'P1', label: 'The Lamb', band: '40+' },
  ...{ low: 40, high: null, hotspot: 'likely' },
};
// What a row carries beside its columns stays behind in every form.
const withMore = <Row extends object>(row: Row): Row => ({ ...row, records: 13 });
const tables = [
  ...releasedTables(release([withMore(shown)]), release([withMore(starred)])),
  partnershipTable(release([withMore(band)])),
];

test.each(tables.map((table) => [table.name, table] as const))(
  '%s holds the same columns and values as CSV, as GeoJSON and as Parquet',
  async (_, table) => {
    const { header, rows } = parseCsv(toCsv(table));
    const texts = rows.map((row) => row.map((text) => (text === '*' ? '' : text)));
    const asText = (row: object) => Object.values(row).map((value) => (value === null ? '' : String(value)));

    const nowhere = { areas: [], cellBoundary: () => [] } as never;
    const { features } = JSON.parse(toGeoJson(table, nowhere)) as { features: { properties: object }[] };
    expect(features.map(({ properties }) => Object.keys(properties))).toEqual(rows.map(() => header));
    expect(features.map(({ properties }) => asText(properties))).toEqual(texts);

    const folder = await mkdtemp(join(tmpdir(), 'cardiff-parquet-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { run, query } = await openTestStore();
    const path = join(folder, `${table.name}.parquet`);
    await writeParquet(async (sql, values) => void (await run(sql, values)), table, path);
    const inParquet = await query<object>(`SELECT * FROM read_parquet(${quoted(path)})`);
    expect(inParquet.map((row) => Object.keys(row))).toEqual(rows.map(() => header));
    expect(inParquet.map(asText)).toEqual(texts);
    const about = await query(`SELECT value FROM parquet_kv_metadata(${quoted(path)})`);
    expect(about).toEqual([]);
  },
);
