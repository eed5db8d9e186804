import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { approve } from '../../commands/approve.ts';
import { checkPlan, publicationPlan } from '../../commands/plan.ts';
import { retract } from '../../commands/retract.ts';
import { readStatus, statusText } from '../../commands/status.ts';
import { synth } from '../../commands/synth.ts';
import type { RegisterLine } from '../../schemas/register.ts';
import { cardiff } from '../cardiff-process.ts';
import { hashFile, hashFolder, listFiles } from '../folder-contents.ts';
import { TEST_KEY } from '../partnership-folder.ts';
import { changeFile, copyOf, inTown, makeCity, type Town } from './city.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

/** A city whose second quarter is released. */
let city: string;
beforeAll(async () => {
  city = await makeCity();
  await inTown(city, async ({ read, publish }) => {
    await read();
    await publish({ period: '2025-Q2' });
  });
});
afterAll(() => rm(city, { recursive: true, force: true }));

const register = (folder: string) => readFile(join(folder, 'register.jsonl'), 'utf8');
const linesOf = async (folder: string): Promise<RegisterLine[]> =>
  (await register(folder))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const statusOf = ({ partnership, store }: Town) =>
  readStatus(partnership, store).then((status) => statusText(status, partnership.settings));

describe('a release in the register', () => {
  test('with the hash of its manifest and of every file, its plan and its recipients', async () => {
    const lines = await linesOf(city);
    expect(lines.map(({ event }) => event)).toEqual([
      'geography',
      'geography',
      'geography',
      'geography',
      'release',
      'extract',
      'extract',
    ]);
    const line = lines.find(({ event }) => event === 'release');
    if (line?.event !== 'release') throw new Error('no release');
    const folder = join(city, 'releases/2025-Q2');
    expect(line).toMatchObject({ period: '2025-Q2', recipients: ['analysts', 'tasking'], approved_by: [] });
    expect(line.manifest).toBe(hashFile(join(folder, 'manifest.json')));
    const hashes = Object.entries(hashFolder(folder)).filter(
      ([path]) => path !== 'manifest.json' && !/^(partners|operational)\//.test(path),
    );
    expect(Object.fromEntries(line.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(
      Object.fromEntries(hashes),
    );
    expect(line.plan).toMatchObject({
      policy: { name: 'additive-10-5' },
      sources: ['ed', 'miu', 'police', 'ambulance'],
    });
    const { plan } = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    expect(plan).toEqual({ ...line.plan, policy: 'additive-10-5' });
  });

  test('once: asked again, nothing is added', async () => {
    const folder = await copyOf(city);
    await inTown(folder, ({ publish }) => publish({ period: '2025-Q2' }));
    expect(await register(folder)).toBe(await register(city));
  });

  test('no line holds a number but its own, the policy’s and those of names', async () => {
    for (const { n, ...line } of await linesOf(city)) {
      const numbers: unknown[] = [];
      const plan = 'plan' in line ? { ...line.plan, policy: null } : null;
      JSON.stringify({ ...line, plan }, (_, value: unknown) => {
        if (typeof value === 'number') numbers.push(value);
        return value;
      });
      expect(numbers).toEqual([]);
    }
  });

  test('a release that was removed is made anew only with the bytes that the register knows', async () => {
    const folder = await copyOf(city);
    await rm(join(folder, 'releases'), { recursive: true });
    await changeFile(folder, 'geography/areas.geojson', '"name":"Candlewick"', '"name":"Chandlery"');
    await expect(inTown(folder, ({ publish }) => publish({ period: '2025-Q2' }))).rejects.toThrow(
      /^2025-Q2 was released before, and would now differ in [^:]*board\.pdf/,
    );
    expect(existsSync(join(folder, 'releases/2025-Q2'))).toBe(false);
  });
});

describe('refusals', () => {
  test('each is in the register with its reason, and status tells the last one', async () => {
    const folder = await copyOf(city);
    await changeFile(folder, 'geography/areas.geojson', '"name":"Candlewick"', '"name":"Chandlery"');
    await inTown(folder, async (town) => {
      const said = await town.publish({ period: '2025-Q2' }).catch((error: Error) => error.message);
      const last = (await linesOf(folder)).at(-1);
      expect(last).toMatchObject({ event: 'refusal', period: '2025-Q2', because: said });
      expect(await statusOf(town)).toContain(`last refused: ${said}`);
    });
  });

  test('wrong usage is none', async () => {
    const folder = await copyOf(city);
    await inTown(folder, async ({ publish }) => {
      await expect(publish({ period: 'soon' })).rejects.toThrow('is no period');
      await expect(publish({ without: ['fire'] })).rejects.toThrow('there is no such source');
    });
    expect(await register(folder)).toBe(await register(city));
  });

  test.each(['publish', 'status', 'approve', 'retract'])(
    'a changed line stops %s, in one sentence with its number',
    async (command) => {
      const folder = await copyOf(city);
      await changeFile(folder, 'register.jsonl', '"recipients":["analysts","tasking"]', '"recipients":[]');
      const args =
        {
          publish: [],
          status: [],
          approve: ['2025-Q3', '--as', 'Jane'],
          retract: ['2025-Q2', '--because', 'wrong'],
        }[command] ?? [];
      const before = hashFolder(join(folder, 'releases'));
      const { code, stdout, stderr } = await cardiff([command, ...args, '--dir', folder]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^cardiff: \S+register\.jsonl:5: the line was changed: restore the register from a copy\n$/,
      );
      expect(hashFolder(join(folder, 'releases'))).toEqual(before);
    },
  );

  test('an earlier release that is not as it was released stops the next', async () => {
    const folder = await copyOf(city);
    await changeFile(folder, 'releases/2025-Q2/public/tables/months.csv', 'ed,', 'ed ,');
    await expect(inTown(folder, ({ publish }) => publish())).rejects.toThrow(
      /^2025-Q3 is not published: \S+2025-Q2\/public\/tables\/months\.csv is not as it was released: remove/,
    );
    await rm(join(folder, 'releases/2025-Q2'), { recursive: true });
    await expect(inTown(folder, ({ publish }) => publish())).rejects.toThrow(
      /2025-Q2 is not there, and it must be known what was released: make it again with "cardiff publish --period 2025-Q2"$/,
    );
    await inTown(folder, async ({ publish }) => {
      await publish({ period: '2025-Q2' });
      await publish();
    });
  });
});

describe('a kill between the store, the folder and the register', () => {
  const kills: [what: string, folder: boolean, lines: number][] = [
    ['before the folder is in its place', false, 0],
    ['before the register has a line', true, 0],
    ['before the register has the last line', true, 5],
    ['before the store knows that it has them', true, 6],
  ];
  test.each(kills)(
    '%s: what is frozen is completed, and nothing is there twice',
    async (_, isThere, lines) => {
      const folder = await copyOf(city);
      const text = await register(folder);
      await writeFile(
        join(folder, 'register.jsonl'),
        text
          .split('\n')
          .slice(0, lines)
          .map((line) => `${line}\n`)
          .join(''),
      );
      if (!isThere) await rm(join(folder, 'releases/2025-Q2'), { recursive: true });
      await inTown(folder, async (town) => {
        await town.store.run('UPDATE register SET written = false');
        await statusOf(town);
        expect(await register(folder)).toBe(text);
        await town.publish({ period: '2025-Q2' });
      });
      expect(await register(folder)).toBe(text);
      expect(hashFolder(join(folder, 'releases'))).toEqual(hashFolder(join(city, 'releases')));
      expect(listFiles(folder).filter((path) => path.includes('unfinished'))).toEqual([]);
    },
  );
});

describe('the plan of a year', () => {
  test('another source under a frozen year is refused, and nothing is frozen', async () => {
    const folder = await copyOf(city);
    const source = '  - { id: fire, profile: istv-csv, name: Fire, expected: false, after_commit: delete }\n';
    await changeFile(folder, 'cardiff.yaml', '\ngeography:\n', `${source}\ngeography:\n`);
    await inTown(folder, async ({ publish, store }) => {
      await expect(publish()).rejects.toThrow(
        /^2025-Q3 is not published: it would have another set of sources than 2025-Q2, which fixed the plan of 2025 \(line 5 of the register\): restore what cardiff\.yaml said, and change it from 2026 on$/,
      );
      const [frozen] = await store.query<{ n: number }>(
        "SELECT count(*)::INTEGER AS n FROM release WHERE period = '2025-Q3'",
      );
      expect(frozen?.n).toBe(0);
      // What is out is made again as it was planned.
      expect((await publish({ period: '2025-Q2' })).made).toBe(false);
    });
    expect((await linesOf(folder)).at(-1)).toMatchObject({ event: 'refusal', period: '2025-Q3' });
  });

  test('so are another policy and another cut; the next year may have them', async () => {
    const lines = await linesOf(city);
    const plan = await inTown(city, async ({ partnership }) => publicationPlan(partnership.settings));
    expect(() => checkPlan('2025-Q3', plan, lines)).not.toThrow();
    const reordered = {
      ...plan,
      policy: Object.fromEntries(Object.entries(plan.policy).reverse()),
    } as typeof plan;
    expect(() => checkPlan('2025-Q3', reordered, lines)).not.toThrow();
    const policy = { ...plan.policy, threshold: 5 };
    expect(() => checkPlan('2025-Q3', { ...plan, policy }, lines)).toThrow('another policy than 2025-Q2');
    const fewer = { ...plan, cuts: plan.cuts.slice(1), policy };
    expect(() => checkPlan('2025-08', fewer, lines)).toThrow(
      'another policy and another set of cuts than 2025-Q2',
    );
    expect(() => checkPlan('2026-01', fewer, lines)).not.toThrow();
  });
});

describe('approvals', () => {
  const asking = async () => {
    const folder = await copyOf(city);
    await changeFile(folder, 'cardiff.yaml', 'approvals: 0', 'approvals: 2');
    return folder;
  };

  test('a period is frozen once two people have approved its draft as it is', async () => {
    const folder = await asking();
    await inTown(folder, async (town) => {
      const { partnership, store, publish } = town;
      const say = (as: string) => approve(partnership, store, '2025-Q3', as);
      await expect(publish()).rejects.toThrow(
        '2025-Q3 is not published: there is no draft of it as it would be now, for 2 people to approve. Make one with "cardiff publish --draft --period 2025-Q3"',
      );
      await expect(say('Jane Smith')).rejects.toThrow('there is no draft of 2025-Q3: make it again with');
      await publish({ draft: true });
      expect(await say('Jane Smith')).toEqual({ period: '2025-Q3', approved_by: ['Jane Smith'], wanted: 2 });
      await expect(say('  jane   SMITH ')).rejects.toThrow(
        'jane SMITH has approved this draft already: another person must approve it too',
      );
      await expect(publish()).rejects.toThrow(
        '2025-Q3 is not published: its draft has 1 of 2 approvals (Jane Smith). Record one with "cardiff approve 2025-Q3 --as NAME"',
      );
      expect(await statusOf(town)).toContain('the draft of 2025-Q3 has 1 of 2 approvals: Jane Smith');
      await say('Ali Khan');
      expect((await publish()).made).toBe(true);
      expect(
        (await linesOf(folder)).find((line) => line.event === 'release' && line.period === '2025-Q3'),
      ).toMatchObject({
        approved_by: ['Jane Smith', 'Ali Khan'],
      });
      await expect(say('Third')).rejects.toThrow('2025-Q3 is released: there is nothing left to approve');
      expect((await publish()).made).toBe(false);
    });
  });

  test('a draft that changes needs new approvals', async () => {
    const folder = await asking();
    await inTown(folder, async ({ partnership, store, publish }) => {
      await publish({ draft: true });
      for (const as of ['Jane', 'Ali']) await approve(partnership, store, '2025-Q3', as);
      await retract(partnership, store, ['2025-Q2', 'ed', 'weapon', 'body'], 'coded wrongly');
      await expect(publish()).rejects.toThrow('there is no draft of it as it would be now');
      await publish({ draft: true });
      await expect(publish()).rejects.toThrow('its draft has 0 of 2 approvals. Record one');
    });
  });

  test('a draft is what is then published, also where a year ends with too little to be shown', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cardiff-small-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await synth(folder, { seed: 1, months: 15, scale: 1 });
    await writeFile(join(folder, 'secrets/partnership.key'), `${TEST_KEY}\n`);
    await inTown(folder, async ({ read, publish }) => {
      await read();
      await publish({ draft: true });
      await publish();
    });
    expect(hashFolder(join(folder, 'drafts/2025-Q3/tables'))).toEqual(
      hashFolder(join(folder, 'releases/2025-Q3/tables')),
    );
  });

  test('what lies in drafts must be what the register knows', async () => {
    const folder = await asking();
    await inTown(folder, async ({ partnership, store, publish }) => {
      await publish({ draft: true });
      const draft = join(folder, 'drafts/2025-Q3');
      await writeFile(join(draft, 'board.html'), 'all is well');
      await expect(approve(partnership, store, '2025-Q3', 'Jane')).rejects.toThrow(
        /drafts\/2025-Q3 was changed \(board\.html\): make it again with "cardiff publish --draft --period 2025-Q3" and read it$/,
      );
      await writeFile(join(draft, 'manifest.json'), '{}\n');
      await expect(approve(partnership, store, '2025-Q3', 'Jane')).rejects.toThrow(
        'is not the draft that the register knows',
      );
    });
  });

  test('made again without a change, a draft keeps its approvals and has one line', async () => {
    const folder = await asking();
    await inTown(folder, async ({ partnership, store, publish }) => {
      const period = '2025-07';
      await publish({ period, draft: true });
      await approve(partnership, store, period, 'Jane');
      await publish({ period, draft: true });
      await approve(partnership, store, period, 'Ali');
      await publish({ period });
    });
    expect((await linesOf(folder)).filter(({ event }) => event === 'draft')).toHaveLength(1);
  });

  test.each([
    [['approve'], /which period\? for example: cardiff approve 2025-Q3 --as "Jane Smith"/],
    [['approve', '2025-Q3'], /who approves\? for example: cardiff approve 2025-Q3 --as/],
    [['approve', '2025-Q3', '--as', 'a\u202eb'], /--as: wanted a name of up to 120 characters on one line/],
    [['retract'], /which period\? for example: cardiff retract/],
    [['retract', '2025-Q2'], /--because: wanted a reason/],
    [['retract', '2025-Q2', 'ed', 'street', '--because', 'wrong'], /"street" is no cut: wanted one of month/],
    [
      ['retract', '2025-Q2', 'ed', 'weapon', 'sword', '--because', 'wrong'],
      /nothing was released as Emergency department, 2025-Q2, weapon, sword: see the tables/,
    ],
    [['retract', '2025-Q3', '--because', 'wrong'], /nothing was released as 2025-Q3/],
  ])('%j is wrong usage: exit code 2', async (args, message) => {
    const before = await register(city);
    const { code, stderr } = await cardiff([...args, '--dir', city]);
    expect({ code, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(message);
    expect(await register(city)).toBe(before);
  });
});

test('a value that is withdrawn stays where it was released; later releases leave it out and say so', async () => {
  const folder = await copyOf(city);
  const table = (period: string, name: string) =>
    readFile(join(folder, `releases/${period}/tables/${name}.csv`), 'utf8');
  expect(await table('2025-Q2', 'weapons')).toMatch(/^ed,2025-Q2,weapon,body,/m);
  await inTown(folder, async (town) => {
    await retract(
      town.partnership,
      town.store,
      ['2025-Q2', 'ed', 'weapon', 'body'],
      'coded wrongly by the supplier',
    );
    // Asked again, as after a kill, it is withdrawn once.
    for (let time = 0; time < 2; time++)
      await retract(town.partnership, town.store, ['2025-05', 'ed', 'month'], 'a file was read twice');
    expect(await statusOf(town)).toContain(
      'Withdrawn: Emergency department, 2025-Q2, weapon, body. coded wrongly by the supplier\nWithdrawn: Emergency department, 2025-05, month. a file was read twice',
    );
    await town.publish();
    // What was released is as it was, and is made anew as it was.
    await town.publish({ period: '2025-Q2' });
    await rm(join(folder, 'releases/2025-Q2'), { recursive: true });
    await town.publish({ period: '2025-Q2' });
    expect((await town.publish()).made).toBe(false);
  });
  const outside = (path: string) => !path.startsWith('2025-Q3') && !/partners|operational/.test(path);
  const [before, after] = [city, folder].map((each) =>
    Object.entries(hashFolder(join(each, 'releases'))).filter(([path]) => outside(path)),
  );
  expect(after).toEqual(before);

  expect(await table('2025-Q3', 'weapons')).not.toMatch(/^ed,2025-Q2,weapon,body,/m);
  expect(await table('2025-Q3', 'weapons')).toMatch(/^ed,2025-Q3,weapon,body,/m);
  expect(await table('2025-Q3', 'months')).not.toMatch(/^ed,2025-05,/m);
  expect(await table('2025-Q3', 'months')).toMatch(/^ed,2025-06,/m);
  const { retractions } = JSON.parse(await readFile(join(folder, 'releases/2025-Q3/manifest.json'), 'utf8'));
  expect(retractions).toEqual([
    {
      period: '2025-Q2',
      source: 'ed',
      cut: 'weapon',
      atom: 'body',
      because: 'coded wrongly by the supplier',
    },
    { period: '2025-05', source: 'ed', cut: 'month', atom: null, because: 'a file was read twice' },
  ]);
  for (const name of ['board.pdf', 'public/summary.pdf']) {
    const bytes = new Uint8Array(await readFile(join(folder, 'releases/2025-Q3', name)));
    const { text } = await extractText(await getDocumentProxy(bytes), { mergePages: true });
    expect(text.replace(/\s+/g, ' '), name).toContain(
      'Withdrawn: Emergency department, 2025-Q2, weapon, body. coded wrongly by the supplier',
    );
  }
  // The extract of the analysts was made anew after the value was withdrawn.
  const extract = await readFile(
    join(folder, 'releases/2025-Q2/partners/analysts/tables/weapons.csv'),
    'utf8',
  );
  expect(extract).not.toMatch(/^ed,2025-Q2,weapon,body,/m);
});
