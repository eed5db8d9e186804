// Real violence as published by police.uk: whether the protected cube is still of use. Over-suppression is a defect.
import { describe, expect, test } from 'vitest';
import { buildReleased } from '../../../reports/disclosure/cube.ts';
import type { Area } from '../../../reports/disclosure/partition.ts';
import { ADDITIVE_10_5 } from '../../../schemas/policy.ts';
import type { ReleasedRow } from '../../../schemas/released.ts';
import { CARDIFF, FORCE, isAbsent, readViolence, readWards, thin } from '../../calibration/south-wales.ts';
import { openTestStore, type TestIncident } from './store-fixture.ts';

const KEY = new Uint8Array(32).fill(1);
// Ten months come before the quarter.
const POLICY = { ...ADDITIVE_10_5, historyMonths: 10 };

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
