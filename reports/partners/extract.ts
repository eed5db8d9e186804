/** A partner's extract: the release's own protected rows, less what its agreement does not name. */
import type { Agreement } from '../../schemas/agreement.ts';
import type { Released, ReleasedRow, StarredRow } from '../../schemas/released.ts';
import type { BoardContent } from '../board/content.ts';
import { typesetPdf } from '../board/typst.ts';
import { dataPackage, dictionaryOf } from '../data-package.ts';
import { fileOf, partnershipTable, releasedTables, written } from '../release-files.ts';
import type { RunSql } from '../sql.ts';
import { toCsv } from '../table.ts';
import type { ReleaseFile } from '../write-release.ts';
import { extractDocument } from './extract-document.ts';

/** What a partner may see of a release. Places over twelve months are for the tier of the partnership alone. */
export function extractContent(content: BoardContent, agreement: Agreement): BoardContent {
  const { tier, sources, cuts } = agreement;
  const others = content.sources.filter(({ id }) => !sources.includes(id));
  const isOfOthers = (note: string) =>
    others.some(({ name }) => note.startsWith(`${name}: `) || note.startsWith(`Withdrawn: ${name}, `));
  return {
    ...content,
    sources: content.sources.filter(({ id }) => sources.includes(id)),
    released: content.released.filter((row) => names(agreement, row)),
    rows:
      tier === 'partnership' && cuts.includes('place')
        ? content.rows.filter((row) => sources.includes(row.source))
        : [],
    notes: content.notes.filter((note) => !isOfOthers(note)),
  };
}

/** Whether an agreement names the source and the cut of a row. */
const names = ({ sources, cuts }: Agreement, { source, cut }: ReleasedRow | StarredRow) =>
  sources.includes(source) && cuts.some((each) => each === cut);

/** The files of what a partner may see, but its manifest. The same content gives the same bytes. */
export function extractFiles(
  run: RunSql,
  content: BoardContent,
  starred: readonly Released<StarredRow>[],
  agreement: Agreement,
): ReleaseFile[] {
  const tables = [
    ...(content.rows.length > 0 ? [partnershipTable(content.rows)] : []),
    ...releasedTables(
      content.released,
      starred.filter((row) => names(agreement, row)),
    ),
  ];
  const packages = agreement.formats.flatMap((format) => {
    if (format === 'pdf') return [];
    const files = tables.map((table) => fileOf(table, format, format === 'csv' ? toCsv(table) : undefined));
    const path = format === 'csv' ? 'datapackage.json' : 'datapackage-parquet.json';
    return [...files.map((file) => written(run, file, '')), { path, content: dataPackage(content, files) }];
  });
  return [
    ...(agreement.formats.includes('pdf')
      ? [{ path: 'extract.pdf', content: typesetPdf(extractDocument(content, agreement)) }]
      : []),
    ...packages,
    { path: 'dictionary.md', content: dictionaryOf(content, tables) },
  ];
}
