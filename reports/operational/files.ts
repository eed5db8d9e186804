/** The files of the operational tier, in a folder and with a mark of their own. */
import type { Grant } from '../../schemas/grant.ts';
import { typesetPdf } from '../board/typst.ts';
import { csvLine } from '../csv-line.ts';
import { columnsOf } from '../table.ts';
import type { ReleaseFile } from '../write-release.ts';
import { OperationalRow } from './rows.ts';
import { operationalMarking, type TaskingContent, taskingDocument } from './tasking-document.ts';

/** tasking.pdf and places.csv of one partner, by the formats of its agreement. The same rows give the same bytes. */
export function operationalFiles(grant: Grant<'operational'>, content: TaskingContent): ReleaseFile[] {
  const { sources, formats } = grant;
  const own = {
    ...content,
    sources: content.sources.filter(({ id }) => sources.includes(id)),
    rows: content.rows.filter((row) => sources.includes(row.source)),
  };
  return [
    ...(formats.includes('pdf')
      ? [{ path: 'tasking.pdf', content: typesetPdf(taskingDocument(grant, own)) }]
      : []),
    ...(formats.includes('csv')
      ? [
          { path: 'places.csv', content: placesCsv(grant, own.rows) },
          { path: 'dictionary.md', content: dictionary(grant, content) },
        ]
      : []),
  ];
}

/** Each row carries the mark, since rows are copied out of files. */
function placesCsv(grant: Grant<'operational'>, rows: readonly OperationalRow[]): string {
  const columns = columnsOf(OperationalRow).map(({ name }) => name as keyof OperationalRow);
  const marking = operationalMarking(grant).join('; ');
  return [['marking', ...columns], ...rows.map((row) => [marking, ...columns.map((column) => row[column])])]
    .map(csvLine)
    .join('');
}

function dictionary(grant: Grant<'operational'>, { partnership, period }: TaskingContent): string {
  const lines = columnsOf(OperationalRow).map(
    ({ name, type, description }) => `| ${name} | ${type} | ${description} |`,
  );
  return `# places.csv: ${partnership}, ${period}\n\n${operationalMarking(grant).join('. ')}.\n\n| column | type | meaning |\n| --- | --- | --- |\n| marking | string | For whom, for what not, and until when |\n${lines.join('\n')}\n`;
}
