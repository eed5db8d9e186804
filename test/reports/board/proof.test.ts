import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { AuditReport } from '../../../reports/audit/report.ts';
import type { ProofContent } from '../../../reports/board/proof-document.ts';
import { proofDocument } from '../../../reports/board/proof-document.ts';
import { renderProof } from '../../../reports/board/render.ts';
import { ECDS_8_5 } from '../../../schemas/policy.ts';
import { CUTS } from '../../../schemas/released.ts';
import { findProgram } from './chromium.ts';
import { HOSTILE, summaryContent } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardiff-proof-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const interval = (where: string, width: number, nominal: number) => ({ where, width, nominal });
const report: AuditReport = {
  releases: 9,
  tiers: ['released', 'partnership'],
  attacks: [
    {
      attack: 'adding and subtracting all tables (linear bounds)',
      tier: 'released',
      targets: 1284,
      narrowest: interval('Exampleton Royal Infirmary, July to September 2025, place: Castle', 5, 5),
    },
    {
      attack: 'adding and subtracting all tables (linear bounds)',
      tier: 'partnership',
      targets: 2347,
      narrowest: interval('SECRET-PARTNERSHIP-PLACE', 5, 5),
    },
    {
      attack: 'differences between releases',
      tier: 'released',
      targets: 988,
      narrowest: interval('x', 9, 9),
    },
    {
      attack: 'one record known to the attacker',
      tier: 'released',
      targets: 1284,
      narrowest: interval('x', 5, 5),
    },
    {
      attack: 'one person behind many records',
      tier: 'released',
      targets: 1284,
      narrowest: interval('x', 5, 5),
    },
    { attack: 'rounding undone', tier: 'released', targets: 1284, narrowest: interval('x', 5, 5) },
    {
      attack: 'all tables of a small universe',
      tier: 'released',
      targets: 194481,
      narrowest: interval('x', 5, 5),
    },
    {
      attack: 'with police.uk by month beside it',
      tier: 'public',
      targets: 1284,
      narrowest: interval('x', 5, 5),
    },
    { attack: 'order of rows, names and sizes of files', tier: 'released', targets: 61, narrowest: null },
    { attack: 'words and drawings of PDF and HTML', tier: 'released', targets: 412, narrowest: null },
  ],
  leaks: [],
};
const shares = { cell: 15, area: 60, pool: 5, home: 25, located: 70, timeKnown: 95 };
const content: ProofContent = {
  ...summaryContent,
  cuts: CUTS,
  sources: summaryContent.sources.map(({ id, name }) => ({ id, name, utility: shares })),
  report,
  recipients: [
    {
      name: 'Licensing team',
      tier: 'partnership',
      sources: ['ed', 'police'],
      cuts: ['place'],
      expires: '2026-12-31',
    },
    {
      name: 'Neighbourhood policing',
      tier: 'operational',
      sources: ['ed'],
      cuts: ['place'],
      expires: '2026-06-30',
    },
    { name: HOSTILE[0] ?? '', tier: 'released', sources: ['police'], cuts: ['month'], expires: '2026-12-31' },
  ],
};

const poppler = findProgram('pdfinfo');
const needs = process.env['CI'] ? test : test.skipIf(poppler === undefined);
function poppled(tool: string, pdf: Uint8Array, ...options: string[]): string {
  const file = join(folder, 'a.pdf');
  writeFileSync(file, pdf);
  return execFileSync(tool, [...options, file, ...(tool === 'pdftotext' ? ['-'] : [])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const proof = renderProof(content);

needs('two pages, tagged, with tier and policy on both', () => {
  const info = poppled('pdfinfo', proof);
  expect(info).toMatch(/Tagged: +yes/);
  expect(info).toMatch(/Pages: +2\n/);
  for (const page of ['1', '2']) {
    const text = poppled('pdftotext', proof, '-f', page, '-l', page);
    expect(text).toContain('Released tier, policy additive-10-5');
    expect(text).toContain('PUBLIC - protected figures');
  }
});

needs('two pages still, with more attacks and partners than most have', () => {
  const many = <Item>(items: readonly Item[], n: number) =>
    Array.from({ length: n }, (_, i) => items[i % items.length] as Item);
  const full = renderProof({
    ...content,
    report: { ...report, attacks: many(report.attacks, 30) },
    recipients: many(content.recipients, 40),
    sources: many(content.sources, 4),
  });
  expect(poppled('pdfinfo', full)).toMatch(/Pages: +2\n/);
  expect(poppled('pdftotext', full)).toContain('28 more are in the register');
});

test('the same content gives the same bytes, in another time zone too', () => {
  vi.stubEnv('TZ', 'Pacific/Auckland');
  const again = renderProof(content);
  vi.unstubAllEnvs();
  expect(Buffer.from(again).equals(proof)).toBe(true);
});

const words = (changed: Partial<ProofContent> = {}) =>
  JSON.stringify(proofDocument({ ...content, ...changed }));

test('it is public: nothing of the partnership is named, and its targets are in tens', () => {
  expect(words()).not.toContain('SECRET-PARTNERSHIP-PLACE');
  expect(words()).not.toContain('2,347');
  expect(words()).toContain('about 2,350');
});

test('it says the narrowest interval of all attacks', () => {
  const [first, ...others] = report.attacks;
  const narrow = { ...first, narrowest: interval('x', 3, 5) } as (typeof report.attacks)[number];
  expect(words({ report: { ...report, attacks: [...others, narrow] } })).toContain(
    'holds 3 whole numbers, where the policy promises 5',
  );
});

test('a leak is said first, and nothing tried is not called safe', () => {
  const leak = { attack: 'a', where: 'b', low: 9, high: 9, nominalLow: 0, nominalHigh: 9, why: 'c' };
  const leaking = proofDocument({ ...content, report: { ...report, leaks: [leak] } });
  expect(leaking.messages[1]?.lead).toBe('1 leak found.');
  const untried = proofDocument({ ...content, report: { ...report, attacks: [] } });
  expect(untried.messages[1]?.lead).toBe('Nothing was tried.');
  expect(untried.messages).toHaveLength(2);
});

test('the smallest number that is shown stands for what the policy says', () => {
  expect(words()).toContain('10 stands for 10 to 14');
  expect(words({ policy: ECDS_8_5 })).toContain('10 stands for 8 to 12');
});
