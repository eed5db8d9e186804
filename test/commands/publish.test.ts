import { cpSync, existsSync, readdirSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { suppliersAwaited } from '../../commands/coverage.ts';
import type { Store } from '../../transform/store.ts';
import { cardiff } from '../cardiff-process.ts';
import { hashFolder } from '../folder-contents.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

const SEPTEMBER = 'inbox/police/rms_2025-09.csv';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** All that is delivered is read but for the police's September, which lies beside the inbox. */
let waiting: string;
/** Everything is read. */
let ready: string;
/** The third quarter is released as well. */
let released: string;
const folders: string[] = [];

beforeAll(async () => {
  waiting = await makeCity();
  folders.push(waiting);
  await rename(join(waiting, SEPTEMBER), join(waiting, 'late.csv'));
  await inTown(waiting, ({ read }) => read());
  ready = keptCopy(waiting);
  await rename(join(ready, 'late.csv'), join(ready, SEPTEMBER));
  await inTown(ready, ({ read }) => read([join(ready, SEPTEMBER)]));
  released = keptCopy(ready);
  await inTown(released, ({ publish }) => publish());
});

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

function keptCopy(folder: string): string {
  const copy = `${folder}-${folders.length}`;
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  folders.push(copy);
  return copy;
}

const FROZEN = [
  'release',
  'released',
  'partnership',
  'release_period',
  'month_phase',
  'geography',
  'counted',
  'counted_supplier',
  'policy_of_year',
];

async function countFrozen(store: Store): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of FROZEN) {
    const [row] = await store.query<{ n: number }>(`SELECT count(*)::INTEGER AS n FROM ${table}`);
    counts[table] = row?.n ?? -1;
  }
  return counts;
}

const NOTHING_FROZEN = Object.fromEntries(FROZEN.map((table) => [table, 0]));

describe('what a period waits for', () => {
  test('a period is refused until every expected source covers it: who and up to when is said, nothing is frozen', async () => {
    const folder = await copyOf(waiting);
    await inTown(folder, async ({ publish, store }) => {
      await expect(publish({ period: '2025-Q3' })).rejects.toThrow(
        '2025-Q3 is not published: it waits for police (delivered up to 2025-08-31). Deliver and ingest the missing files, or record the absence with --without SOURCE',
      );
      expect(await countFrozen(store)).toEqual(NOTHING_FROZEN);
    });
    expect(existsSync(join(folder, 'releases'))).toBe(false);
  });

  test('on the command line the refusal is one sentence on stderr and exit code 1', async () => {
    const { code, stdout, stderr } = await cardiff(['publish', '--dir', waiting, '--period', '2025-Q3']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^cardiff: 2025-Q3 is not published: it waits for police \(delivered up to [^\n]+\n$/,
    );
  });

  test('with the absence recorded it is published, and says so', async () => {
    const folder = await copyOf(waiting);
    const { notes } = await inTown(folder, ({ publish }) => publish({ without: ['police'] }));
    expect(notes).toContain('Published without the source "Police", whose absence is recorded.');
    const manifest = JSON.parse(await readFile(join(folder, 'releases/2025-Q3/manifest.json'), 'utf8'));
    expect(manifest.without).toEqual(['police']);
    expect(manifest.sources.map((source: { id: string }) => source.id)).toEqual(['ed', 'miu', 'ambulance']);
    const again = await inTown(folder, async ({ read, publish }) => {
      await rename(join(folder, 'late.csv'), join(folder, SEPTEMBER));
      await read([join(folder, SEPTEMBER)]);
      return publish({ period: '2025-Q3' });
    });
    expect(again.made).toBe(false);
  });

  test.each([
    ['2025-Q5', '"2025-Q5" is no period: wanted a month (2025-09) or a quarter (2025-Q3)'],
    ['2025-13', '"2025-13" is no period'],
    ['soon', '"soon" is no period'],
    ['2025-Q4', '2025-Q4 ends on 2025-12-31: it can be published once it is over'],
    ['2025-10', '2025-10 ends on 2025-10-31: it can be published once it is over'],
  ])('%s is refused as wrong usage', async (period, message) => {
    await expect(inTown(ready, ({ publish }) => publish({ period }))).rejects.toThrow(message);
  });

  test('a source that is not there cannot be left out', async () => {
    await expect(inTown(ready, ({ publish }) => publish({ without: ['fire'] }))).rejects.toThrow(
      '--without fire: there is no such source in cardiff.yaml',
    );
  });

  test('wrong usage ends with exit code 2', async () => {
    for (const period of ['soon', '2999-Q1']) {
      const { code, stderr } = await cardiff(['publish', '--dir', ready, '--period', period]);
      expect(code).toBe(2);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });
});

test('a draft freezes nothing, goes to drafts/, and a later release is as if it had not been', async () => {
  const folder = await copyOf(ready);
  await inTown(folder, async ({ publish, store }) => {
    const draft = await publish({ draft: true });
    expect(draft.folder).toBe(join(folder, 'drafts/2025-Q3'));
    expect(await countFrozen(store)).toEqual(NOTHING_FROZEN);
    expect(existsSync(join(folder, 'releases'))).toBe(false);
    expect(existsSync(join(folder, 'data/board.duckdb'))).toBe(false);
    const again = await publish({ draft: true });
    expect(again.made).toBe(true);
    await publish();
  });
  expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
});

describe('a release never changes', () => {
  test('asked again, from another folder and in another time zone, it has the same bytes', async () => {
    const folder = await copyOf(ready);
    const env = { TZ: 'Pacific/Auckland' };
    const first = await cardiff(['publish', '--dir', folder, '--period', '2025-Q3', '--json'], {
      cwd: tmpdir(),
      env,
    });
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({ made: true });
    expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
    const second = await cardiff(['publish', '--period', '2025-Q3', '--json'], { cwd: folder });
    expect(JSON.parse(second.stdout)).toMatchObject({ made: false });
    expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
  });

  test('deleted, it is made anew from what was frozen, with the same bytes', async () => {
    const folder = await copyOf(released);
    await rm(join(folder, 'releases'), { recursive: true });
    const { made } = await inTown(folder, ({ publish }) => publish());
    expect(made).toBe(true);
    expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
  });

  test('records that come late change no byte', async () => {
    const folder = await copyOf(released);
    const text = await readFile(join(folder, 'inbox/ed/ISTV_2025-09.csv'), 'utf8');
    await writeFile(join(folder, 'inbox/ed/late.csv'), text.replaceAll('MHI-', 'LATE-'));
    await inTown(folder, async ({ read, publish }) => {
      const { sources } = await read([join(folder, 'inbox/ed/late.csv')]);
      expect(sources['ed']?.accepted).toBeGreaterThan(50);
      expect((await publish()).made).toBe(false);
    });
    expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
  });

  test('an earlier period that is released later does not change it', async () => {
    const folder = await copyOf(released);
    await inTown(folder, async ({ publish }) => {
      await publish({ period: '2025-08' });
      await expect(publish({ period: '2025-Q2' })).rejects.toThrow(
        /^2025-Q2 of ed cannot be frozen after 2025-Q3: quarters are published in order/,
      );
      expect((await publish({ period: '2025-Q3' })).made).toBe(false);
      expect((await publish({ period: '2025-08' })).made).toBe(false);
    });
    expect(hashFolder(join(folder, 'releases/2025-Q3'))).toEqual(
      hashFolder(join(released, 'releases/2025-Q3')),
    );
  });

  test('where it would differ it is refused, and what differs is named', async () => {
    const folder = await copyOf(released);
    await changeFile(folder, 'geography/areas.geojson', '"name":"Candlewick"', '"name":"Chandlery"');
    await expect(inTown(folder, ({ publish }) => publish())).rejects.toThrow(
      /^2025-Q3 was released before, and would now differ in [^:]*board\.pdf[^:]*: a release is never changed\. Restore the settings, key and geography that it was made with$/,
    );
    expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(released, 'releases')));
  });
});

describe('a quarter is provisional until every supplier has delivered', () => {
  const SITES = [
    '    name: Emergency department\n',
    '    name: Emergency department\n    sites: [RVFAA]\n',
  ] as const;

  test('its places are refused, its months are published and say so', async () => {
    const folder = await copyOf(ready);
    await changeFile(folder, 'cardiff.yaml', ...SITES);
    await inTown(folder, async ({ publish, store }) => {
      await expect(publish()).rejects.toThrow(
        '2025-Q3 is provisional until 2025-11-29, or until ed RVFAA has delivered: until then publish its months, which are of the area alone',
      );
      expect(await countFrozen(store)).toEqual(NOTHING_FROZEN);
      const { notes } = await publish({ period: '2025-09' });
      expect(notes).toContain(
        'Provisional: ed RVFAA has not delivered the whole period; what comes later is shown apart.',
      );
      expect((await publish({ draft: true })).made).toBe(true);
    });
  });

  test('or 60 days have passed, or it is there', async () => {
    const folder = await copyOf(ready);
    await changeFile(folder, 'cardiff.yaml', ...SITES);
    await inTown(folder, async ({ store, partnership }) => {
      const { sources } = partnership.settings;
      const awaited = (today: string) => suppliersAwaited(store, sources, '2025-09-30', today);
      expect((await awaited('2025-11-29')).suppliers).toEqual(['ed RVFAA']);
      expect((await awaited('2025-11-30')).suppliers).toEqual([]);
      await store.run(`INSERT INTO term SELECT max(id) + 1, 'RVFAA' FROM term`);
      await store.run(`INSERT INTO incident_row SELECT * REPLACE ((SELECT id FROM term WHERE text = 'RVFAA') AS supplier)
        FROM incident_row WHERE source = (SELECT id FROM term WHERE text = 'ed') AND month = DATE '2025-09-01' LIMIT 1`);
      expect((await awaited('2025-10-20')).suppliers).toEqual([]);
    });
  });
});

describe('a policy holds for a calendar year', () => {
  const change = (folder: string) =>
    changeFile(folder, 'cardiff.yaml', 'policy: additive-10-5', 'policy: ecds-8-5');

  test('changed within it, nothing more of the year is frozen, and what was released stays as it is', async () => {
    const folder = await copyOf(ready);
    await inTown(folder, async ({ publish }) => {
      await publish({ period: '2025-Q2' });
    });
    const before = hashFolder(join(folder, 'releases'));
    await change(folder);
    await inTown(folder, async ({ publish, store }) => {
      const frozen = await countFrozen(store);
      await expect(publish({ period: '2025-Q3' })).rejects.toThrow(
        '2025-Q3 is not published: it would have another policy than 2025-Q2, which fixed the plan of 2025',
      );
      expect(await countFrozen(store)).toEqual(frozen);
      expect((await publish({ period: '2025-Q2' })).made).toBe(false);
    });
    expect(hashFolder(join(folder, 'releases'))).toEqual(before);
  });

  test('ecds-8-5 shows stars, zeros and nearest multiples; no pool; the same bytes again', async () => {
    const folder = await copyOf(ready);
    await change(folder);
    await inTown(folder, async ({ publish }) => {
      await publish();
      expect((await publish()).made).toBe(false);
    });
    const places = await readFile(join(folder, 'releases/2025-Q3/public/tables/places.csv'), 'utf8');
    const rows = places
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(-3));
    expect(rows.some(([value]) => value === '*')).toBe(true);
    for (const [value, low, high] of rows) {
      if (value === '*') expect(['1,7', '1,']).toContain(`${low},${high}`);
      else
        expect([Number(low), Number(high)]).toEqual(
          value === '0' ? [0, 0] : [Number(value) - 2, Number(value) + 2],
        );
    }
    expect(places).not.toContain(',pool,');
    const manifest = JSON.parse(await readFile(join(folder, 'releases/2025-Q3/manifest.json'), 'utf8'));
    expect(manifest.policy).toMatchObject({ name: 'ecds-8-5', rounding: 'nearest', threshold: 8 });
  });
});

test('a month is released by itself, and the quarter that follows repeats its figures', async () => {
  const folder = await copyOf(ready);
  await inTown(folder, async ({ publish }) => {
    await publish({ period: '2025-07' });
    await publish({ period: '2025-Q3' });
  });
  const files = readdirSync(join(folder, 'releases/2025-07/tables')).sort();
  expect(files).toEqual(['months.csv', 'months.parquet']);
  const months = async (period: string) =>
    (await readFile(join(folder, `releases/${period}/tables/months.csv`), 'utf8'))
      .split('\n')
      .filter((line) => /^\w+,2025-07,/.test(line));
  expect(await months('2025-07')).not.toEqual([]);
  expect(await months('2025-Q3')).toEqual(await months('2025-07'));
});

test('a quarter of which a month was hardly delivered is compared with nothing, and the operator is told', async () => {
  const folder = await copyOf(ready);
  const { notes } = await inTown(folder, async ({ store, publish }) => {
    await store.run(`DELETE FROM incident_row WHERE source = (SELECT id FROM term WHERE text = 'ed')
      AND month = DATE '2025-08-01' AND key0 % 10 <> 0`);
    return publish({ period: '2025-Q3' });
  });
  const short = 'so few records that a delivery may be missing; this period is not compared with others.';
  expect(notes.filter((note) => note.includes(short))).toEqual([
    expect.stringMatching(
      /^Emergency department: August (2025 has|to September 2025 have) .* "cardiff quality" says more\.$/,
    ),
  ]);
  const page = await readFile(join(folder, 'releases/2025-Q3/board.html'), 'utf8');
  expect(page).toContain(short);
  expect(page).not.toMatch(/Emergency department: [^<]*<[^>]*>[^<]*(fewer|more) than the/);
  const whole = await readFile(join(released, 'releases/2025-Q3/board.html'), 'utf8');
  expect(whole).not.toContain('may be missing');
});
