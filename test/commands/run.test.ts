import { appendFileSync, existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { wallClock } from '../../commands/clock.ts';
import { openPartnershipStore } from '../../commands/partnership.ts';
import { isSchedule, wasDue } from '../../reports/schedule.ts';
import { cardiff, projectFolder, type Started, startCardiff, startNode } from '../cardiff-process.ts';
import { changeSettings, makeFolder } from '../partnership-folder.ts';
import { changeFile, copyOf, inTown, makeCity } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** `cardiff run` as its command starts it, but for how often it looks: arguments are the folder and milliseconds. */
const RUN = `
import { runForever } from './dist/commands/run.js';
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
await runForever(process.argv[1], stop.signal, (line) => process.stderr.write(line + '\\n'), Number(process.argv[2]));
console.log('stopped');
`;

function startRun(folder: string, pollMs: number): Started {
  const started = startNode(['--input-type=module', '-e', RUN, folder, String(pollMs)], {
    cwd: projectFolder(),
  });
  onTestFinished(() => {
    started.child.kill('SIGKILL');
  });
  return started;
}

async function stop({ child, ended }: Started) {
  child.kill('SIGTERM');
  return ended;
}

async function queryStore<Row>(folder: string, sql: string): Promise<Row[]> {
  const store = await openPartnershipStore(folder);
  try {
    return await store.query<Row>(sql);
  } finally {
    store.close();
  }
}

const HEADER =
  'crime_ref,offence_code,offence,recorded_at,committed_from,committed_to,location_text,premises,premises_type\n';
const policeRow = (i: number) =>
  `C${i},8N,Assault with injury,2025-09-02T10:00:00,2025-09-01T2${i % 4}:15:00,2025-09-01T2${i % 4}:15:00,Walkabout,,street\n`;

test('a file that is dropped while it runs is read once, when it is all there', async () => {
  const folder = await makeFolder();
  // A look every second and a half: on a busy machine, too, the other file changes between two of them.
  const run = startRun(folder, 1500);
  await run.says('watching 3 inboxes');
  // One lies there whole; beside it another is still being written, for longer than three looks take.
  await writeFile(join(folder, 'inbox/police/whole.csv'), HEADER + [1, 2, 3].map(policeRow).join(''));
  const slow = join(folder, 'inbox/police/slow.csv');
  await writeFile(slow, HEADER);
  for (let i = 10; i < 110; i++) {
    appendFileSync(slow, policeRow(i).slice(0, 30));
    await sleep(40);
    appendFileSync(slow, policeRow(i).slice(30));
  }
  await run.says('police: read 3 rows of 1 files, accepted 3');
  await run.says('police: read 100 rows of 1 files, accepted 100');
  await sleep(2000);
  const { code, stdout, stderr } = await stop(run);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'stopped\n' });
  expect(stderr.match(/police: read/g)).toHaveLength(2);
  const files = await queryStore(folder, 'SELECT name, read, accepted FROM file ORDER BY id');
  expect(files).toEqual([
    { name: 'whole.csv', read: 3, accepted: 3 },
    { name: 'slow.csv', read: 100, accepted: 100 },
  ]);
  expect(await queryStore(folder, 'SELECT count(*)::INTEGER AS n FROM incident')).toEqual([{ n: 103 }]);
});

describe('the schedule', () => {
  /** A city whose files are read, and whose schedule comes once a year. */
  let city: string;

  beforeAll(async () => {
    city = await makeCity();
    await changeFile(city, 'cardiff.yaml', 'schedule: "0 7 * * *"', 'schedule: "0 0 1 1 *"');
    await inTown(city, ({ read }) => read());
  });

  afterAll(() => rm(city, { recursive: true, force: true }));

  const lastKept = (folder: string) =>
    queryStore<{ at_time: string }>(folder, `SELECT at_time FROM last_success WHERE task = 'publish'`);

  test('a draft is made when it is due, and not again after a restart; SIGTERM ends it cleanly', async () => {
    const folder = await copyOf(city);
    const draft = join(folder, 'drafts/2025-Q3');
    const first = startCardiff(['run', '--dir', folder]);
    onTestFinished(() => {
      first.child.kill('SIGKILL');
    });
    await first.says('watching 4 inboxes; schedule "0 0 1 1 *" makes a draft');
    await first.says(`made ${draft}`);
    const asked = performance.now();
    expect(await stop(first)).toMatchObject({ code: 0, stdout: 'stopped\n' });
    expect(performance.now() - asked).toBeLessThan(4000);
    expect(existsSync(join(draft, 'manifest.json'))).toBe(true);
    expect(existsSync(join(folder, 'releases'))).toBe(false);
    const [kept] = await lastKept(folder);
    expect(Date.now() - Date.parse(kept?.at_time ?? '')).toBeLessThan(60_000);

    await rm(draft, { recursive: true });
    const second = startRun(folder, 100);
    await second.says('watching');
    await sleep(1500);
    expect(await stop(second)).toMatchObject({ code: 0 });
    expect(existsSync(draft)).toBe(false);
    expect(await lastKept(folder)).toEqual([kept]);

    await queryStore(folder, `UPDATE last_success SET at_time = '2024-12-31T00:00:00.000Z'`);
    const third = startRun(folder, 100);
    await third.says(`made ${draft}`);
    expect(await stop(third)).toMatchObject({ code: 0 });
  });

  test('a period that waits for a source is said once, and asked again at the next scheduled time', async () => {
    const folder = await copyOf(city);
    await changeSettings(folder, 'on_schedule: draft', 'on_schedule: release');
    await queryStore(folder, `DELETE FROM file WHERE source = 'police' AND name LIKE '%2025-09%'`);
    await rm(join(folder, 'inbox'), { recursive: true });
    const run = startRun(folder, 100);
    await run.says('2025-Q3 is not published: it waits for police (delivered up to 2025-08-31)');
    await sleep(800);
    const { code, stderr } = await stop(run);
    expect(code).toBe(0);
    expect(stderr.match(/waits for police/g)).toHaveLength(1);
    expect(await lastKept(folder)).toHaveLength(1);
    expect(existsSync(join(folder, 'releases'))).toBe(false);
  });
});

const HOLD = `
import { openPartnershipStore } from './dist/commands/partnership.js';
await openPartnershipStore(process.argv[1]);
console.log('holding');
process.stdin.resume();
`;

test('a second process says who holds the store, in one sentence', async () => {
  const folder = await makeFolder();
  const holder = startNode(['--input-type=module', '-e', HOLD, folder], { cwd: projectFolder() });
  onTestFinished(() => {
    holder.child.kill('SIGKILL');
  });
  await holder.says('holding');
  for (const args of [['status'], ['ingest'], ['publish'], ['run']]) {
    const { code, stdout, stderr } = await cardiff([...args, '--dir', folder]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    // What run says before it opens the store is no error.
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `cardiff: the store is in use by another process (PID ${holder.child.pid}): wait until it ends, or stop it`,
    );
  }
});

/** Instants in UTC; the schedule is read on the London clock. Kept at the first, is it due at the second? */
const DUE: readonly [what: string, schedule: string, kept: string, now: string, due: boolean][] = [
  ['daily, before the time', '0 7 * * *', '2025-01-10T07:00:01Z', '2025-01-11T06:59:59Z', false],
  ['daily, at the time', '0 7 * * *', '2025-01-10T07:00:01Z', '2025-01-11T07:00:00Z', true],
  ['daily, already kept', '0 7 * * *', '2025-01-11T07:00:01Z', '2025-01-11T23:59:00Z', false],
  ['daily, in summer time', '0 7 * * *', '2025-07-10T06:30:00Z', '2025-07-11T06:00:00Z', true],
  ['daily, not yet in summer time', '0 7 * * *', '2025-07-10T06:30:00Z', '2025-07-11T05:59:59Z', false],
  ['down for three days', '0 7 * * *', '2025-01-10T07:00:01Z', '2025-01-13T12:34:56Z', true],
  ['the half hour that spring skips', '30 1 * * *', '2025-03-29T01:30:01Z', '2025-03-30T01:00:01Z', true],
  ['before the clock goes forward', '30 1 * * *', '2025-03-29T01:30:01Z', '2025-03-30T00:59:59Z', false],
  ['the skipped half hour comes once', '30 1 * * *', '2025-03-30T01:00:02Z', '2025-03-30T23:00:00Z', false],
  [
    'the half hour that autumn repeats, first',
    '30 1 * * *',
    '2025-10-25T00:30:01Z',
    '2025-10-26T00:30:00Z',
    true,
  ],
  ['and not again an hour later', '30 1 * * *', '2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z', false],
  ['nor after that', '30 1 * * *', '2025-10-26T00:30:00Z', '2025-10-26T12:00:00Z', false],
  [
    'down the first time, it is kept the second',
    '30 1 * * *',
    '2025-10-25T12:00:00Z',
    '2025-10-26T01:31:00Z',
    true,
  ],
  ['monthly, within the month', '0 6 1 * *', '2025-02-01T06:00:01Z', '2025-02-28T23:59:00Z', false],
  ['monthly, on the first', '0 6 1 * *', '2025-02-01T06:00:01Z', '2025-03-01T06:00:00Z', true],
  [
    'monthly on the 31st, in a month without',
    '0 6 31 * *',
    '2025-01-31T06:00:01Z',
    '2025-03-30T12:00:00Z',
    false,
  ],
  ['yearly, down for a year', '0 0 1 1 *', '2023-12-31T00:00:00Z', '2024-12-31T00:00:00Z', true],
  // Both the day of the month and that of the week must fit, other than in Vixie's cron: the first Monday.
  ['the first Monday', '0 6 1-7 * 1', '2025-01-01T00:00:00Z', '2025-01-06T06:00:00Z', true],
  [
    'a day of the first week that is no Monday',
    '0 6 1-7 * 1',
    '2025-01-01T00:00:00Z',
    '2025-01-05T23:00:00Z',
    false,
  ],
  ['a Monday after the first week', '0 6 1-7 * 1', '2025-01-07T00:00:00Z', '2025-01-31T00:00:00Z', false],
  ['Sunday as 7', '0 6 * * 7', '2025-01-04T12:00:00Z', '2025-01-05T06:00:00Z', true],
  ['Sunday by name', '0 6 * * sun', '2025-01-04T12:00:00Z', '2025-01-05T06:00:00Z', true],
  ['working days, on a Saturday', '0 6 * * mon-fri', '2025-01-03T12:00:00Z', '2025-01-05T23:00:00Z', false],
  ['every quarter of an hour', '*/15 * * * *', '2025-01-03T12:01:00Z', '2025-01-03T12:14:59Z', false],
  ['the next quarter of an hour', '*/15 * * * *', '2025-01-03T12:01:00Z', '2025-01-03T12:15:00Z', true],
  ['a clock that was put back', '0 7 * * *', '2025-01-13T07:00:01Z', '2025-01-11T12:00:00Z', false],
];

describe('whether a scheduled time has passed since it was last kept', () => {
  test.each(DUE)('%s: %s, kept %s, now %s: %s', (_, schedule, kept, now, due) => {
    const local = (text: string) => wallClock(Date.parse(text), 'Europe/London');
    expect(wasDue(schedule, local(kept), local(now))).toBe(due);
  });

  test.each([
    ['0 7 * * *', true],
    ['0 6 1-7 * 1', true],
    ['0 7 * * mon-fri', true],
    ['at seven', false],
    ['0 24 * * *', false],
    ['0 7 31 2 *', false],
    ['', false],
    // Times that wasDue could not tell, and so would never keep.
    ['0 0 L * *', false],
    ['0 6 * * 1#1', false],
    ['0 6 * * 5L', false],
    ['0 7 15W * *', false],
  ])('%j is a schedule: %s', (expression, is) => {
    expect(isSchedule(expression)).toBe(is);
  });
});

test('what goes wrong while it runs is told in a sentence of our own, and what lasts is told once', async () => {
  const folder = await makeFolder();
  await rm(join(folder, 'inbox/miu'), { recursive: true });
  await writeFile(join(folder, 'inbox/miu'), '');
  const run = startRun(folder, 200);
  await run.says('inbox/miu cannot be looked into: let this user read it');
  await writeFile(join(folder, 'inbox/police/whole.csv'), HEADER + [1, 2, 3].map(policeRow).join(''));
  await run.says('police: read 3 rows of 1 files, accepted 3');
  await rm(join(folder, 'data'), { recursive: true });
  await writeFile(join(folder, 'data'), '');
  await writeFile(join(folder, 'inbox/police/more.csv'), HEADER + policeRow(4));
  await run.says('data cannot be used (EEXIST): check that it is there');
  const { stderr } = await stop(run);
  expect(stderr).not.toMatch(/file already exists/);
  expect(stderr.match(/cannot be looked into/g)).toHaveLength(1);
});
