import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { boardDocument } from '../../../reports/board/board-document.ts';
import type { Block, ReportDocument } from '../../../reports/board/document.ts';
import { coverageTable } from '../../../reports/board/method.ts';
import { renderBoard, renderSummary } from '../../../reports/board/render.ts';
import { summaryDocument } from '../../../reports/board/summary-document.ts';
import { typesetPdf, typesetWithin } from '../../../reports/board/typst.ts';
import type { PartnershipRow, Released } from '../../../schemas/released.ts';
import { findProgram, openPage } from './chromium.ts';
import { boardContent, HOSTILE, monthContent, summaryContent } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'cardiff-board-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const board = renderBoard(boardContent);
const summary = renderSummary(summaryContent);
const SENSITIVE = 'OFFICIAL-SENSITIVE - partnership, not for publication';
const DRAFT = 'DRAFT - nothing is frozen';

/** Where a tool is missing the test is skipped by name; on CI it fails. */
function needs(program: string | undefined) {
  return process.env['CI'] ? test : test.skipIf(program === undefined);
}
const poppler = findProgram('pdfinfo');
const browser = findProgram('chromium', 'chromium-browser', 'google-chrome');

function poppled(tool: string, pdf: Uint8Array, ...options: string[]): string {
  const file = join(folder, 'a.pdf');
  writeFileSync(file, pdf);
  const sink = tool === 'pdftotext' ? ['-'] : [];
  return execFileSync(tool, [...options, file, ...sink], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** The text of a PDF, its lines joined. */
function textOf(pdf: Uint8Array): string {
  return poppled('pdftotext', pdf).replace(/\s+/g, ' ');
}

test('the same content gives the same bytes, in another time zone too', () => {
  vi.stubEnv('TZ', 'Pacific/Auckland');
  const again = renderBoard(boardContent);
  const summaryAgain = renderSummary(summaryContent);
  vi.unstubAllEnvs();
  expect(Buffer.from(again['board.pdf']).equals(board['board.pdf'])).toBe(true);
  expect(again['board.html']).toBe(board['board.html']);
  expect(Buffer.from(summaryAgain).equals(summary)).toBe(true);
});

test('a public summary cannot be made of partnership rows', () => {
  // @ts-expect-error a board's content has rows
  const wrong: Parameters<typeof renderSummary>[0] = boardContent;
  expect(wrong).toBe(boardContent);
});

test('no word of a partnership row comes into the public summary, whatever is handed over', () => {
  const row = { ...boardContent.rows[0], level: 'place', label: 'CANARY-PLACE' } as Released<PartnershipRow>;
  const smuggled = { ...summaryContent, rows: [row] } as unknown as typeof summaryContent;
  expect(JSON.stringify(summaryDocument(smuggled))).toBe(JSON.stringify(summaryDocument(summaryContent)));
});

test('the words of the reports', async () => {
  await expect(wordsOf(boardDocument(boardContent))).toMatchFileSnapshot('../../golden/board.txt');
  await expect(wordsOf(summaryDocument(summaryContent))).toMatchFileSnapshot(
    '../../golden/board-summary.txt',
  );
});

test.each([
  ['people about', 'more than the number of people about explains'],
  ['elsewhere', 'a busy place can stand out because people are there'],
  [undefined, 'a busy place can stand out because people are there'],
] as const)('the first page says what stands out against: %s', (standsOut, words) => {
  const content = standsOut ? { ...boardContent, standsOut } : boardContent;
  expect(boardDocument(content).messages.at(-1)?.text).toContain(words);
  expect(wordsOf(boardDocument(content)).includes('because people are there')).toBe(
    standsOut !== 'people about',
  );
});

test('on paper a map numbers what is listed beside it, and nothing else', () => {
  const { front, body } = boardDocument(boardContent);
  const blocks = [...front, ...body].flatMap((block) => (block.kind === 'paper' ? block.blocks : [block]));
  const pairs = blocks.flatMap((block) => {
    if (block.kind !== 'pair') return [];
    const [picture] = block.left;
    const [table] = block.right;
    return picture?.kind === 'picture' &&
      table?.kind === 'table' &&
      picture.picture.svg.includes('class="map"')
      ? [{ svg: picture.picture.svg, table: table.table }]
      : [];
  });
  expect(pairs).toHaveLength(2);
  for (const { svg, table } of pairs) {
    const numbers =
      svg
        .split('class="numbers"')[1]
        ?.match(/>\d+</g)
        ?.map((found) => found.slice(1, -1)) ?? [];
    expect(numbers.length).toBeGreaterThan(9);
    for (const number of numbers) expect(table.rows.map(({ cells }) => cells[0])).toContain(number);
    expect(table.note).toContain('listed at the end');
  }
});

test('no page speaks of a pool outside its method, of a cell by its index, or of an interval among its messages', () => {
  const documents = [
    boardDocument(boardContent),
    boardDocument(monthContent),
    summaryDocument(summaryContent),
  ];
  for (const document of documents) {
    const words = wordsOf(document);
    expect(words).not.toContain('in the pool');
    expect(words).not.toMatch(/cell [0-9a-f]{15}/);
    expect(document.messages.map(({ text }) => text).join()).not.toContain('95%');
    expect(words.match(/95% interval/g)?.length).toBeLessThanOrEqual(2);
  }
});

test('how the geography was chosen is said in plain words, once', () => {
  const notes = ['A', 'B'].map(
    (name) => `${name}: Partition: named areas, expected from 12 months of history.`,
  );
  const words = wordsOf(boardDocument({ ...boardContent, notes: [...notes, 'Another note.'] }));
  expect(words).not.toContain('Partition');
  expect(words.match(/shown by named areas, chosen from 12 months of history/g)).toHaveLength(1);
  expect(words).toContain('* Another note.');
});

test('a month says when places follow, and has no map', () => {
  const document = boardDocument(monthContent);
  expect(document.maps).toEqual([]);
  expect(document.messages.map(({ lead }) => lead)).toContain('Places follow with the quarter');
  expect(renderBoard(monthContent)['board.html']).not.toContain('class="map"');
});

test('a report with nothing released yet is still a report', () => {
  const empty = { ...boardContent, released: [], rows: [] };
  const { 'board.pdf': pdf, 'board.html': html } = renderBoard(empty);
  expect(pdf.length).toBeGreaterThan(10_000);
  expect(html).toContain('too small to be shown');
});

test('names are text: nothing of them is markup or typesetting', () => {
  const hostile = {
    ...boardContent,
    partnership: HOSTILE[0]!,
    notes: HOSTILE,
    policyLines: HOSTILE,
    sources: boardContent.sources.map((source, i) => ({ ...source, name: HOSTILE[i]! })),
    geography: {
      ...boardContent.geography,
      areas: boardContent.geography.areas.map((area, i) => ({ ...area, name: HOSTILE[i % HOSTILE.length]! })),
    },
  };
  const { 'board.html': html } = renderBoard(hostile);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<\/script>/g)).toHaveLength(1);
  expect(html).not.toContain('<img');
  expect(html).not.toContain('\u202e');
});

test('the page may load nothing, and runs nothing but its own script', () => {
  expect(board['board.html']).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-`);
  expect(board['board.html']).not.toMatch(/(?:src|href)="(?!#)/);
  expect(board['board.html']).not.toContain(' style="');
});

needs(poppler)('every PDF is tagged, with its fonts embedded', () => {
  for (const pdf of [board['board.pdf'], summary]) {
    expect(poppled('pdfinfo', pdf)).toMatch(/Tagged:\s+yes/);
    const fonts = poppled('pdffonts', pdf).trim().split('\n').slice(2);
    expect(fonts.length).toBeGreaterThan(1);
    for (const font of fonts) expect(font).toMatch(/SourceSans3.* yes yes yes +\d+ +\d+$/);
  }
});

needs(poppler)('each page of the board report is marked, and so is each of a draft', () => {
  const pages = poppled('pdftotext', renderBoard({ ...boardContent, draft: true })['board.pdf'])
    .split('\f')
    .slice(0, -1);
  expect(pages.length).toBeGreaterThan(2);
  for (const page of pages) {
    expect(page).toContain(SENSITIVE);
    expect(page).toContain(DRAFT);
  }
  expect(textOf(board['board.pdf'])).not.toContain(DRAFT);
});

needs(poppler)('where names are long the public summary shows less, and stays at two pages', () => {
  const longer = {
    ...summaryContent,
    sources: summaryContent.sources.map((source) => ({
      ...source,
      name: `${source.name} of the whole of the county and its neighbours`,
    })),
  };
  const pagesOf = (pdf: Uint8Array) => poppled('pdftotext', pdf).split('\f').length - 1;
  expect(pagesOf(typesetPdf(summaryDocument(longer)))).toBe(3);
  expect(pagesOf(renderSummary(longer))).toBe(2);
});

test('a summary that two pages cannot hold is not made smaller for nothing', () => {
  const best = summaryDocument(summaryContent);
  const smaller = { ...best, title: 'Smaller' };
  expect(typesetWithin(1, [best, smaller])).toEqual(typesetPdf(best));
});

test('months that no source delivered are not among those that are said to be released', () => {
  const released = summaryContent.released.filter(
    ({ cut, atom }) => cut !== 'month' || !atom.includes('2025-02'),
  );
  const said = coverageTable({ ...summaryContent, released }).rows[0]?.cells[2];
  expect(said).toMatch(/^\w+ 20\d\d to January 2025; March to \w+ 2025$/);
});

needs(poppler)('the public summary is two marked pages', () => {
  const pages = poppled('pdftotext', summary).split('\f').slice(0, -1);
  expect(pages).toHaveLength(2);
  for (const page of pages) expect(page).toContain('PUBLIC - protected figures, free to share');
  expect(pages.join('')).not.toContain('SENSITIVE');
});

needs(poppler)('the sentences of the first page can be read as text', () => {
  const text = textOf(board['board.pdf']);
  for (const { lead } of boardDocument(boardContent).messages) expect(text).toContain(lead);
  expect(text).toContain('An interval is promised, not a probability');
});

needs(browser)(
  'the page opens from a disk without a word or a request, and map and list are linked',
  async () => {
    const file = join(folder, 'board.html');
    writeFileSync(file, board['board.html']);
    const url = pathToFileURL(file).href;
    const page = await openPage(browser ?? 'chromium', url, 1280, 1600);
    const told = `document.querySelector('.sheet:not([hidden]) .told').textContent`;
    try {
      await page.run(`document.querySelector('tr[data-key="ed-3"]').click()`);
      expect(await page.run(told)).toBe('3. The Golden Lamb, Riverside: 40+');
      expect(await page.run(`document.querySelector('.map .chosen').dataset.key`)).toBe('ed-3');

      await page.run(
        `document.querySelector('.map .cells [data-key="ed-1"]').dispatchEvent(new Event('focus'))`,
      );
      await page.run(`document.querySelector('.map [tabindex="0"]').focus()`);
      const first = await page.run(told);
      await page.press('ArrowRight');
      expect(await page.run(told)).not.toBe(first);
      expect(
        await page.run(
          `document.activeElement.dataset.key === document.querySelector('tr.chosen').dataset.key`,
        ),
      ).toBe(true);

      await page.press('+');
      expect(await page.run(`document.querySelector('.map .view').getAttribute('transform')`)).toContain(
        'scale(1.6)',
      );
      await page.run(`document.querySelector('[data-zoom="all"]').click()`);
      expect(await page.run(`document.querySelector('.map .view').getAttribute('transform')`)).toBe(
        'translate(0 0) scale(1)',
      );

      await page.run(`document.querySelectorAll('.sources input')[1].click()`);
      expect(await page.run(`document.querySelector('.sheet:not([hidden])').dataset.sheet`)).toBe('Police');
      expect(await page.run('document.title')).toContain('Violence');
      expect(page.said).toEqual([]);
      expect(page.asked).toEqual([url]);
    } finally {
      await page.close();
    }
  },
  60_000,
);

needs(browser)(
  'on a phone nothing is wider than the screen',
  async () => {
    const file = join(folder, 'phone.html');
    writeFileSync(file, board['board.html']);
    const page = await openPage(browser ?? 'chromium', pathToFileURL(file).href, 375, 800);
    try {
      expect(await page.run('document.documentElement.scrollWidth')).toBe(375);
      expect(page.said).toEqual([]);
    } finally {
      await page.close();
    }
  },
  60_000,
);

/** A document's words, one a line, without its drawings: those are described by their alternative text. */
function wordsOf(document: ReportDocument): string {
  const blocks = [...document.front, ...document.body, ...document.appendix];
  const messages = document.messages.map(({ lead, text }) => `* ${lead} ${text}`);
  return [
    document.partnership,
    document.title,
    ...document.marking,
    '',
    ...messages,
    ...blocks.flatMap(wordsOfBlock),
    '',
  ].join('\n');
}

function wordsOfBlock(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return ['', `## ${block.text}`];
    case 'subheading':
      return [`### ${block.text}`];
    case 'text':
      return [block.text];
    case 'points':
      return block.items.map((item) => `* ${item}`);
    case 'terms':
      return block.items.map(({ term, text }) => `${term}: ${text}`);
    case 'table': {
      const { title, columns, rows, note } = block.table;
      return [
        `### ${title}`,
        ...[columns.map((column) => column.title), ...rows.map(({ cells }) => cells)].map((cells) =>
          cells.join(' | '),
        ),
        note ?? '',
      ];
    }
    case 'picture': {
      const { title, reading, alt, note } = block.picture;
      return [`### ${title}`, reading, `[${alt}]`, note ?? ''];
    }
    case 'key':
      return block.items.map((item) => `(key) ${item.text}`);
    case 'pair':
      return [...block.left, ...block.right].flatMap(wordsOfBlock);
    case 'keep':
    case 'paper':
      return block.blocks.flatMap(wordsOfBlock);
    case 'newpage':
      return ['', '---'];
  }
}
