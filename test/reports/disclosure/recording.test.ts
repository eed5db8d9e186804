import { describe, expect, test } from 'vitest';
import { buildReleased } from '../../../reports/disclosure/cube.ts';
import { FROZEN_TABLES, writeFrozen } from '../../../reports/disclosure/frozen.ts';
import {
  buildRecording,
  classBounds,
  classOf,
  RECORDING_TABLES,
  readRecording,
  writeRecording,
} from '../../../reports/disclosure/recording.ts';
import { nominalInterval } from '../../../reports/disclosure/rounding.ts';
import { NOTED } from '../../../schemas/noted.ts';
import { ADDITIVE_10_5, ECDS_8_5, type Policy } from '../../../schemas/policy.ts';
import { openTestStore, type TestIncident } from './store-fixture.ts';

const KEY = new Uint8Array(32).fill(7);
const PART = ['1/3', '1/2', '2/3'] as const;
const ALL = ['1/20', '1/10', '1/5'] as const;

describe('bounds', () => {
  const at = (value: number, shares: Parameters<typeof classBounds>[0] = PART, of = value) =>
    classBounds(shares, of, { value, low: value - 4 }, ADDITIVE_10_5).map((bound) => bound.at);
  test.each([
    [10, []],
    [15, []],
    [20, [10]],
    [25, [13]],
    [30, [10, 20]],
    [45, [15, 30]],
    [60, [20, 30, 40]],
    [300, [100, 150, 200]],
  ] as const)('in %i records: %j', (value, wanted) => {
    expect(at(value)).toEqual(wanted);
  });
  test('in a pool they are shares of everything, and none reaches into what the pool may be without', () => {
    expect(at(25, ALL, 240)).toEqual([12]);
    expect(at(60, ALL, 240)).toEqual([12, 24, 48]);
    expect(at(10, ALL, 240)).toEqual([]);
  });
  test('each class holds as many numbers as the threshold', () => {
    for (const policy of [ADDITIVE_10_5, ECDS_8_5])
      for (let value = 10; value <= 500; value += 5) {
        const bounds = classBounds(PART, value, { value, low: value - 4 }, policy);
        let before = 0;
        for (const bound of bounds) {
          expect(bound.at - before).toBeGreaterThanOrEqual(policy.threshold);
          before = bound.at;
        }
      }
  });
});

/** Every whole with every part, as somebody sees them who knows all rules: values, classes and nothing else. */
test('whatever class a part is in, the whole keeps all its numbers, and so does the part: every input of a small universe', () => {
  const { threshold, base } = ADDITIVE_10_5;
  const MOST = 95;
  const seen = new Map<string, { wholes: Set<number>; parts: Set<number>; value: number }>();
  for (let whole = threshold; whole <= MOST + base; whole++)
    for (let phase = 0; phase < base; phase++) {
      const value = base * Math.floor((whole + phase) / base);
      if (value > MOST - base) continue;
      const { low } = nominalInterval(value, threshold, base);
      const bounds = classBounds(PART, value, { value, low }, ADDITIVE_10_5);
      for (let part = 0; part <= whole; part++) {
        const output = `${value} ${classOf(bounds, part)}`;
        const of = seen.get(output) ?? { wholes: new Set(), parts: new Set(), value };
        seen.set(output, of);
        of.wholes.add(whole);
        of.parts.add(part);
      }
    }
  expect(seen.size).toBeGreaterThan(40);
  for (const { wholes, parts, value } of seen.values()) {
    const { low, high } = nominalInterval(value, threshold, base);
    expect([Math.min(...wholes), Math.max(...wholes), wholes.size]).toEqual([low, high, high - low + 1]);
    // No class is "some but few", and none is narrower than the threshold.
    expect(Math.min(...parts) === 0 || Math.min(...parts) >= threshold).toBe(true);
    expect(parts.size).toBeGreaterThanOrEqual(threshold);
  }
});

test('somebody who knows the whole exactly is left five numbers of the part or more', () => {
  const { threshold, base } = ADDITIVE_10_5;
  for (let whole = threshold; whole <= 300; whole++)
    for (let phase = 0; phase < base; phase++) {
      const value = base * Math.floor((whole + phase) / base);
      const { low } = nominalInterval(value, threshold, base);
      const bounds = classBounds(PART, value, { value, low }, ADDITIVE_10_5);
      const sizes = new Map<number, number>();
      for (let part = 0; part <= whole; part++) {
        const at = classOf(bounds, part);
        sizes.set(at, (sizes.get(at) ?? 0) + 1);
      }
      for (const size of sizes.values()) expect(size).toBeGreaterThanOrEqual(5);
    }
});

/**
 * A pool of what is unknown, something else that is always in it, and a block that failed: what the pool holds is seen
 * with the class of the unknown, and the block that failed must stay anything below the threshold.
 */
test('the class of what is unknown tells nothing of what else is in its pool', () => {
  const { threshold, base } = ADDITIVE_10_5;
  const MOST = 70;
  const seen = new Map<string, { pools: Set<number>; failed: Set<number>; value: number }>();
  for (let unknown = 0; unknown <= MOST; unknown++)
    for (let other = 0; unknown + other <= MOST + base; other++)
      for (let failed = 0; failed < threshold; failed++)
        for (let phase = 0; phase < base; phase++) {
          const pool = unknown + other + failed;
          if (pool < threshold) continue;
          const value = base * Math.floor((pool + phase) / base);
          if (value > MOST - base) continue;
          const { low } = nominalInterval(value, threshold, base);
          const bounds = classBounds(ALL, 240, { value, low }, ADDITIVE_10_5);
          const output = `${value} ${classOf(bounds, unknown)}`;
          const of = seen.get(output) ?? { pools: new Set(), failed: new Set(), value };
          seen.set(output, of);
          of.pools.add(pool);
          of.failed.add(failed);
        }
  for (const { pools, failed, value } of seen.values()) {
    const { low, high } = nominalInterval(value, threshold, base);
    expect([Math.min(...pools), Math.max(...pools), pools.size]).toEqual([low, high, high - low + 1]);
    expect(failed.size).toBe(threshold);
  }
});

const CELLS = Array.from({ length: 6 }, (_, i) => BigInt('0x8919581ac03ffff') + (BigInt(i) << 20n));
const AREAS = [{ code: 'A', name: 'Area', cells: CELLS }];
const bits = (codes: Partial<Record<keyof typeof NOTED, number>>) =>
  Object.entries(codes).reduce(
    (sum, [name, code]) => sum | (code << NOTED[name as keyof typeof NOTED].shift),
    0,
  );
const NIGHT = 5;
const DAY = 2;

/** 27 months of 70 records: 30 on the map, 25 not located, 15 at home; all of the last two as `of` says. */
function months(
  of: (i: number, kind: 'map' | 'unlocated' | 'home') => number | undefined,
  unknown = 20,
): TestIncident[] {
  return Array.from({ length: 27 }, (_, m) => {
    const at = 2023 * 12 + 6 + m;
    const month = `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`;
    return Array.from({ length: 70 }, (_, i): TestIncident => {
      const kind = i < 30 ? 'map' : i < 55 ? 'unlocated' : 'home';
      const noted = of(i, kind);
      return {
        source: 'ed',
        month,
        cell: kind === 'map' ? CELLS[i % 6]! : null,
        placeKind: kind === 'home' ? 'home' : 'street',
        weapon: i % unknown === 0 ? 'unknown' : i > 0 && i < 7 ? 'firearm' : 'body',
        hourOfWeek: i % 9 === 0 ? null : (i * 7) % 168,
        ...(noted !== undefined && { noted }),
      };
    });
  }).flat();
}

async function quarterOf(incidents: readonly TestIncident[], policy: Policy = ADDITIVE_10_5) {
  const store = await openTestStore();
  for (const statement of [...FROZEN_TABLES, ...RECORDING_TABLES]) await store.run(statement);
  await store.add(incidents);
  const shared = { query: store.query, policy, source: 'ed', period: '2025-Q3' };
  const cube = await buildReleased({ ...shared, key: KEY, areas: AREAS });
  const build = () => buildRecording({ ...shared, rows: cube.rows, geography: cube.geography });
  return { store, cube, build };
}

const saying = (rows: Awaited<ReturnType<typeof buildRecording>>) =>
  Object.fromEntries(
    rows.map(({ measure, from_share, to_share }) => [measure, `${from_share}..${to_share}`]),
  );

test('what is left empty, what comes at night and what is copied is told in classes', async () => {
  const { build } = await quarterOf(
    months((i, kind) =>
      bits({
        arrival: kind === 'unlocated' && i % 5 !== 0 ? NIGHT : DAY,
        place_text: kind === 'home' || (kind === 'unlocated' && i % 5 < 2) ? 1 : 0,
        copied: i % 8 === 0 ? 1 : 0,
      }),
    ),
  );
  expect(saying(await build())).toEqual({
    place_undescribed: '1/2..2/3',
    place_at_night: '2/3..',
    home_described: '2/3..',
    time_copied: '1/10..1/5',
    time_unknown: '1/10..1/5',
    weapon_unknown: '1/20..1/10',
  });
});

test('fewer than the threshold cannot be told from none', async () => {
  const none = await quarterOf(months(() => bits({ arrival: DAY, place_text: 1 })));
  const some = await quarterOf(
    months((i, kind) => bits({ arrival: DAY, place_text: kind === 'unlocated' && i < 33 ? 0 : 1 })),
  );
  const of = async ({ build }: typeof none) => saying(await build())['place_undescribed'];
  expect(await of(none)).toBe('..1/3');
  expect(await of(some)).toBe('..1/3');
});

test('records of an earlier version, which noted nothing, are not taken for good ones', async () => {
  const { build } = await quarterOf(months((i) => (i === 3 ? undefined : bits({ place_text: 1 }))));
  expect(await build()).toEqual([]);
});

test('what a policy of stars shows bounds its classes too', async () => {
  const { build, cube } = await quarterOf(
    months(() => bits({ arrival: NIGHT })),
    ECDS_8_5,
  );
  const low = cube.rows.find(({ cut, atom }) => cut === 'located' && atom === 'unlocated')?.low ?? 0;
  for (const row of await build()) expect(row.low).toBeLessThanOrEqual(low);
});

test('a class of the unknown is left out where the pool holds nothing else for sure', async () => {
  const { store, cube, build } = await quarterOf(months(() => bits({ arrival: DAY })));
  expect(saying(await build())).toHaveProperty('weapon_unknown');
  // As if what else is in the pool were a block that was too small this time.
  const geography = cube.geography.map((row) =>
    row.cut === 'weapon' && row.atom !== 'unknown' ? { ...row, role: 'block' as const } : row,
  );
  const rows = await buildRecording({
    ...{ query: store.query, policy: ADDITIVE_10_5, source: 'ed', period: '2025-Q3' },
    ...{ rows: cube.rows, geography },
  });
  expect(saying(rows)).not.toHaveProperty('weapon_unknown');
});

test('where the pool is the unknown alone, its own interval says the class, and nothing that was counted', async () => {
  const { build, cube } = await quarterOf(months(() => bits({ arrival: DAY }), 3));
  const pool = cube.rows.find(({ cut, level }) => cut === 'weapon' && level === 'pool');
  expect(
    cube.geography.filter((row) => row.cut === 'weapon' && row.role === 'reserve').map(({ atom }) => atom),
  ).toEqual(['unknown']);
  const [row] = (await build()).filter(({ measure }) => measure === 'weapon_unknown');
  expect(row).toMatchObject({ from_share: '1/5', to_share: '', low: pool?.low });
});

test('what is frozen stays as it is, whatever is delivered later', async () => {
  const { store, cube, build } = await quarterOf(months(() => bits({ arrival: DAY, place_text: 1 })));
  const rows = await build();
  expect(await readRecording(store.query, 'ed', '2025-Q3')).toBeUndefined();
  await writeRecording(store.run, 'ed', '2025-Q3', rows);
  if (cube.frozen) await writeFrozen(store.run, cube.frozen);
  await store.add(
    months(() => bits({ arrival: NIGHT, place_text: 0 })).map((incident) => ({
      ...incident,
      supplier: 'late',
    })),
  );
  expect(await readRecording(store.query, 'ed', '2025-Q3')).toEqual(rows);
  // Counted anew it would still be counted from what the quarter's own figures were counted from.
  expect(await build()).toEqual(rows);
});
