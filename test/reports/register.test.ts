import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { flushRegister, openRegister, readRegister, record } from '../../reports/register.ts';
import type { RegisterEvent } from '../../schemas/register.ts';
import { openStore, type Store } from '../../transform/store.ts';

const AT = Date.UTC(2026, 0, 5, 9);
const EVENTS: RegisterEvent[] = ['2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4'].map((period) => ({
  event: 'refusal',
  period,
  because: `${period} waits for “police”`,
}));

let path: string;
let store: Store;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cardiff-register-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  path = join(folder, 'register.jsonl');
  store = await openStore(':memory:');
  onTestFinished(() => store.close());
  await openRegister(path, store);
});

const text = () => readFileSync(path, 'utf8');
const write = async (events: readonly RegisterEvent[]) => {
  await record(store, AT, events);
  await flushRegister(path, store);
};

test('each line has its number, its time and the hash of the line before it', async () => {
  await write(EVENTS.slice(0, 2));
  await write(EVENTS.slice(2));
  const lines = text().split('\n').slice(0, -1);
  expect(lines).toHaveLength(4);
  for (const [i, line] of lines.entries()) {
    expect(JSON.parse(line)).toEqual({
      n: i + 1,
      at: '2026-01-05T09:00:00.000Z',
      previous:
        i === 0
          ? null
          : createHash('sha256')
              .update(lines[i - 1] as string)
              .digest('hex'),
      ...EVENTS[i],
    });
  }
  expect(await readRegister(store)).toEqual(lines.map((line) => JSON.parse(line)));
  await openRegister(path, store);
  expect(text()).toBe(lines.map((line) => `${line}\n`).join(''));
});

describe('a register that was tampered with is refused with the line', () => {
  const cases: [what: string, change: (lines: string[]) => string[], said: string][] = [
    ['a changed word', (l) => l.with(1, l[1]!.replace('police', 'nobody')), ':2: the line was changed'],
    [
      'a changed last line',
      (l) => l.with(3, l[3]!.replace('2025-Q4', '2025-Q1')),
      ':4: the line was changed',
    ],
    ['a line that is no JSON', (l) => l.with(2, '{"n":3'), ':3: the line was changed'],
    ['the first line taken out', (l) => l.slice(1), ':1: the line is missing'],
    ['a line taken out of the middle', (l) => l.toSpliced(2, 1), ':3: the line is missing'],
    ['the last line taken out', (l) => l.slice(0, 3), ':4: the line is missing'],
    ['everything taken out', () => [], ':1: the line is missing'],
    ['two lines exchanged', (l) => [l[0]!, l[2]!, l[1]!, l[3]!], ':2: the line is missing'],
    ['a line twice', (l) => [...l, l[3]!], ':5: data/store.duckdb does not know of this line'],
  ];
  test.each(cases)('%s', async (_, change, said) => {
    await write(EVENTS);
    const lines = change(text().split('\n').slice(0, -1));
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
    const before = text();
    await expect(openRegister(path, store)).rejects.toThrow(`${path}${said}`);
    expect(text()).toBe(before);
  });

  test('a file that is gone', async () => {
    await write(EVENTS);
    rmSync(path);
    await expect(openRegister(path, store)).rejects.toThrow(`${path}:1: the line is missing`);
  });

  test('a last line without its end, although it had been written', async () => {
    await write(EVENTS);
    truncateSync(path, Buffer.byteLength(text()) - 5);
    await expect(openRegister(path, store)).rejects.toThrow(`${path}:4: the line was changed`);
  });

  test('a line changed in the store and in the file alike breaks the chain', async () => {
    await write(EVENTS);
    await store.run("UPDATE register SET line = replace(line, 'police', 'nobody') WHERE n = 2");
    writeFileSync(
      path,
      text()
        .split('\n')
        .map((line, i) => (i === 1 ? line.replace('police', 'nobody') : line))
        .join('\n'),
    );
    await expect(openRegister(path, store)).rejects.toThrow(`${path}:2: the line was changed`);
  });

  test('the register of another store', async () => {
    await write(EVENTS);
    const other = await openStore(':memory:');
    onTestFinished(() => other.close());
    await expect(openRegister(path, other)).rejects.toThrow(
      `${path}:1: data/store.duckdb does not know of this line: restore the store that belongs to the register`,
    );
  });
});

describe('a process that is killed', () => {
  test('wherever the writing of a line stops, opening completes it and writes nothing twice', async () => {
    await write(EVENTS.slice(0, 2));
    const before = text();
    await record(store, AT, EVENTS.slice(2));
    const rows = await store.query<{ line: string }>('SELECT line FROM register ORDER BY n');
    const whole = rows.map(({ line }) => `${line}\n`).join('');
    const rest = Buffer.from(whole.slice(before.length));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: rest.length }), async (bytes) => {
        writeFileSync(path, before);
        appendFileSync(path, rest.subarray(0, bytes));
        await store.run('UPDATE register SET written = n <= 2');
        await openRegister(path, store);
        expect(text()).toBe(whole);
        await openRegister(path, store);
        expect(text()).toBe(whole);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('what a transaction that failed recorded is nowhere', async () => {
    await write(EVENTS.slice(0, 1));
    const failing = store.transaction(async () => {
      await record(store, AT, EVENTS.slice(1));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await flushRegister(path, store);
    await write(EVENTS.slice(3));
    expect((await readRegister(store)).map(({ n, ...line }) => [n, 'period' in line && line.period])).toEqual(
      [
        [1, '2025-Q1'],
        [2, '2025-Q4'],
      ],
    );
    await openRegister(path, store);
  });
});
