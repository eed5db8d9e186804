/** The small form of test/calibration/two-years.ts, whose long form gives the figures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  auditAll,
  invent,
  isAbsent,
  LEAKING_POLICIES,
  live,
  publishLeaking,
  readRest,
  realRuns,
  takeReal,
} from '../calibration/two-years.ts';

const silent = () => undefined;
async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'cardiff-two-years-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return join(home, 'town');
}

test('months and their quarter, with files that come late and come again, leak nothing; what would leak is refused', {
  timeout: 240_000,
}, async () => {
  const life = await invent(await makeHome(), { history: 6, months: 3, after: 9, scale: 1, seed: 3 });
  const published = await live(life, silent);
  expect(published.map(({ period }) => period)).toEqual(['2024-10', '2024-11', '2024-12', '2024-Q4']);
  expect(published.at(-1)?.utility['ed']?.shown.area).toBeGreaterThan(30);
  const { code, text } = await auditAll(life.folder, silent);
  expect(text).toContain('No leak');
  expect(text).not.toMatch(/^nothing to try +partners/m);
  expect(code).toBe(0);

  const { day, period } = await readRest(life);
  const [policy] = Object.values(LEAKING_POLICIES);
  expect(await publishLeaking(life.folder, day, period, policy!)).toMatch(
    /^2025-Q1 is not published: .* would show (ed|miu|police|ambulance), 2025-Q1, \w+, .+ more closely than the policy allows/,
  );
});

if (process.env['CI'] && isAbsent) throw new Error('got no shared data, wanted it on CI');
test.skipIf(isAbsent)('the first real quarter of 2025 leaks nothing', { timeout: 240_000 }, async () => {
  const run = realRuns().at(-1)!.slice(0, 3);
  const life = await takeReal(await makeHome(), run, 5);
  const published = await live(life, silent);
  expect(published.map(({ period }) => period)).toEqual(['2025-01', '2025-02', '2025-03', '2025-Q1']);
  const { code, text } = await auditAll(life.folder, silent);
  expect(text).toContain('No leak');
  expect(code).toBe(0);
});
