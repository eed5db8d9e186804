// The one file that imports Typst.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { packageRoot, readAsset } from './asset.ts';
import type { ReportDocument } from './document.ts';
import { fontCoverage } from './font-coverage.ts';
import { footing } from './footing.ts';
import type { ReceptionPage } from './reception-page.ts';

const REPORT = 'report.typ';
const FONTS = ['Regular', 'It', 'Semibold', 'Bold'];

/** What was set for the last so many documents is kept: forms of one, drafts and partners' extracts share most of it. */
const DOCUMENTS_KEPT = 10;

/**
 * The document as PDF/UA-1: tagged, fonts embedded, the same bytes for the same document. The words go in as data,
 * never as Typst source. Letters that the font lacks become '?'. Throws when Typst has anything to complain of.
 */
export const typesetPdf = (document: ReportDocument): Uint8Array => typeset(REPORT, document).pdf;

/** The first of several forms of a document that has no more than so many pages, or else the first with the fewest. */
export function typesetWithin(pages: number, forms: readonly ReportDocument[]): Uint8Array {
  let made = typeset(REPORT, forms[0] as ReportDocument);
  for (const form of forms.slice(1)) {
    if (made.pages <= pages) break;
    const shorter = typeset(REPORT, form);
    if (shorter.pages < made.pages) made = shorter;
  }
  return made.pdf;
}

/** The page for a reception, in the same way. */
export const typesetReception = (page: ReceptionPage): Uint8Array => typeset('reception.typ', page).pdf;

function typeset(
  template: string,
  document: ReportDocument | ReceptionPage,
): { readonly pdf: Uint8Array; readonly pages: number } {
  typeface ??= readTypeface();
  const { fonts, covered } = typeface;
  const workspace = join(packageRoot(), 'reports', 'board');
  const compiler = NodeCompiler.create({ workspace, fontArgs: [{ fontBlobs: fonts }] });
  const data = withinCoverage(JSON.stringify({ ...document, footing: footing(document) }), covered);
  compiler.mapShadow(join(workspace, 'report.json'), Buffer.from(data));
  const compiled = compiler.compile({ mainFileContent: readAsset(template) });
  const error = compiled.takeError() ?? compiled.takeWarnings();
  const result = compiled.result;
  if (error || !result) {
    throw new Error(`typst: ${error ? JSON.stringify(error.shortDiagnostics) : 'no document'}`);
  }
  const { year, month, day } = document.date;
  const pdf = compiler.pdf(result, {
    pdfStandard: 'ua-1',
    creationTimestamp: Date.UTC(year, month - 1, day) / 1000,
  });
  compiler.evictCache(DOCUMENTS_KEPT);
  return { pdf: new Uint8Array(pdf), pages: result.numOfPages };
}

interface Typeface {
  readonly fonts: Buffer[];
  /** Letters that every font has. */
  readonly covered: ReadonlySet<number>;
}

/** Read once, for the first document. */
let typeface: Typeface | undefined;

function readTypeface(): Typeface {
  const folder = dirname(createRequire(import.meta.url).resolve('source-sans/package.json'));
  const fonts = FONTS.map((style) => readFileSync(join(folder, 'TTF', `SourceSans3-${style}.ttf`)));
  const [first, ...others] = fonts.map(fontCoverage) as [Set<number>, ...Set<number>[]];
  return { fonts, covered: new Set([...first].filter((code) => others.every((font) => font.has(code)))) };
}

/** A letter without a glyph would be looked for in whatever fonts the machine has. ASCII is in every font. */
const withinCoverage = (json: string, covered: ReadonlySet<number>): string =>
  json.replace(/[^ -~]/gu, (letter) => (covered.has(letter.codePointAt(0) as number) ? letter : '?'));
