// Real violence as published by police.uk: whether the protected cube is still of use. Over-suppression is a defect.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildReleased } from '../../../reports/disclosure/cube.ts';
import type { Area } from '../../../reports/disclosure/partition.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';
import type { ReleasedRow } from '../../../schemas/released.ts';
import { cellsWithin, createCellIndex, pointsToCells, type Rings } from '../../../transform/h3-cell.ts';
import { openTestStore, type TestIncident } from './store-fixture.ts';

const POLICE = new URL('../../../../shared/data/police_uk/south-wales/', import.meta.url);
const WARDS = new URL('../../../../shared/data/geography/wards_by_lad/', import.meta.url);
const isAbsent = !existsSync(POLICE) || !existsSync(WARDS);
const CARDIFF = ['W06000015'];
const FORCE = ['11', '12', '13', '14', '15', '16', '24'].map((n) => `W060000${n}`);
const KEY = new Uint8Array(32).fill(1);
// Ten months come before the quarter.
const POLICY = { ...ADDITIVE_10_5, historyMonths: 10 };

interface Ward {
  properties: { WD13CD: string; WD13NM: string };
  geometry: { coordinates: Rings };
}

function readWards(districts: readonly string[]): Area[] {
  const taken = new Set<bigint>();
  return districts.flatMap((district) => {
    const text = readFileSync(new URL(`${district}.json`, WARDS), 'utf8');
    return (JSON.parse(text) as { features: Ward[] }).features.map(({ properties, geometry }) => {
      const cells = cellsWithin(geometry.coordinates).filter((cell) => !taken.has(cell));
      for (const cell of cells) taken.add(cell);
      return { code: properties.WD13CD, name: properties.WD13NM, cells };
    });
  });
}

function readViolence(): TestIncident[] {
  const found: TestIncident[] = [];
  const index = createCellIndex();
  const cells = new BigUint64Array(1);
  for (const file of readdirSync(POLICE)
    .filter((name) => name >= '2024')
    .toSorted()) {
    for (const line of readFileSync(new URL(file, POLICE), 'utf8').split('\n')) {
      const fields = line.split(',');
      if (fields[9] !== 'Violence and sexual offences') continue;
      const isLocated = fields[4] !== '';
      pointsToCells(index, Float64Array.of(Number(fields[5])), Float64Array.of(Number(fields[4])), 1, cells);
      found.push({ source: 'police', month: fields[1]!, cell: isLocated ? cells[0]! : null });
    }
  }
  return found;
}

/** Keeps about `perMonth` located incidents a month within the areas; Mulberry32 draws them. */
function thin(
  violence: readonly TestIncident[],
  areas: readonly Area[],
  perMonth: number,
  seed: number,
): TestIncident[] {
  const inside = new Set(areas.flatMap((area) => area.cells));
  const within = violence.filter(({ cell }) => cell != null && inside.has(cell));
  const months = new Set(within.map(({ month }) => month)).size;
  let state = seed;
  return within.filter(() => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < (perMonth * months) / within.length;
  });
}

function shares(rows: readonly ReleasedRow[], levels: string[]) {
  const total = rows.reduce((sum, row) => sum + row.value, 0);
  const count = (level: string) =>
    rows.filter((row) => row.level === level).reduce((sum, row) => sum + row.value, 0);
  let running = 0;
  return levels.map((level) => {
    running += count(level);
    return Math.round((1000 * running) / total) / 10;
  });
}

async function releasedShares(violence: readonly TestIncident[], areas: readonly Area[]) {
  const store = await openTestStore();
  await store.add(violence);
  const { rows } = await buildReleased({
    ...{ query: store.query, key: KEY, policy: POLICY, source: 'police', period: '2025-Q3', areas },
  });
  const place = rows.filter((row) => row.cut === 'place' && row.level !== 'category');
  for (const cut of ['place', 'month'] as const) {
    expect(rows.some((row) => row.cut === cut)).toBe(true);
  }
  return shares(place, ['cell', 'area', 'pool']);
}

if (process.env['CI'] && isAbsent) throw new Error('got no shared data, wanted it on CI');
describe.skipIf(isAbsent)('on real violence in South Wales', () => {
  test('at police volume two thirds are shown within a named ward, a fifth in a cell', async () => {
    const [cell, area] = await releasedShares(readViolence(), readWards(FORCE));
    expect(cell).toBeGreaterThanOrEqual(17);
    expect(area).toBeGreaterThanOrEqual(66);
  }, 60_000);

  test('at the volume of an emergency department more than half are shown within a named ward', async () => {
    const areas = readWards(CARDIFF);
    const violence = readViolence();
    let withinWards = 0;
    for (let seed = 1; seed <= 6; seed++) {
      withinWards += (await releasedShares(thin(violence, areas, 80, seed * 7919), areas))[1]! / 6;
    }
    expect(withinWards).toBeGreaterThanOrEqual(55);
  }, 60_000);
});
