/** What each file of tables holds, for programs (Frictionless Data Package) and for people (a dictionary). */
import { createHash } from 'node:crypto';
import type { SummaryContent } from './board/content.ts';
import { namedRules } from './board/rules.ts';
import type { ReleasedTable, TableColumn } from './table.ts';

const FORMATS = {
  csv: { mediatype: 'text/csv', encoding: 'utf-8' },
  parquet: { mediatype: 'application/vnd.apache.parquet' },
  geojson: { mediatype: 'application/geo+json', encoding: 'utf-8' },
};

/** A file of a table: its path from the package, and its bytes where they are at hand. */
export interface TableFile {
  readonly table: ReleasedTable;
  readonly format: keyof typeof FORMATS;
  readonly path: string;
  readonly content?: string;
}

/** Frictionless Data Package (version 2) of the files. */
export function dataPackage(
  content: Pick<SummaryContent, 'partnership' | 'period' | 'policy' | 'earlierPolicies' | 'notes'>,
  files: readonly TableFile[],
): string {
  const { partnership, period, policy, notes } = content;
  const about = {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: `violence-${period.toLowerCase()}`,
    title: `${partnership}: ${period}`,
    description: [
      `Disclosure policy ${policy.name}. A value stands for any true number from low to high.`,
      ...notes,
    ].join('\n'),
    version: period,
    policy: namedRules(content),
    resources: files.map(resource),
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

function resource({ table: { name, title, columns }, format, path, content }: TableFile) {
  const bytes = content === undefined ? undefined : Buffer.from(content);
  return {
    // One table in several formats is several resources, and each has a name of its own.
    name: format === 'csv' ? name : `${name}-${format}`,
    title,
    path,
    format,
    ...FORMATS[format],
    ...(bytes && {
      bytes: bytes.length,
      hash: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    }),
    ...(format !== 'geojson' && {
      type: 'table',
      schema: {
        fields: columns.map(field),
        primaryKey: columns.map((column) => column.name).filter((column) => KEY.includes(column)),
        ...(format === 'csv' && { missingValues: ['', '*'] }),
      },
    }),
  };
}

/** What tells the rows of one table apart. */
const KEY = ['source', 'period', 'first_quarter', 'cut', 'level', 'atom'];

const field = ({ name, type, description, required, values }: TableColumn) => ({
  name,
  type,
  description,
  constraints: { required, ...(values && { enum: values }) },
});

/** What each column of each table means, as Markdown. */
export function dictionaryOf(
  { partnership, period }: Pick<SummaryContent, 'partnership' | 'period'>,
  tables: readonly ReleasedTable[],
): string {
  const parts = tables.map(({ name, title, columns }) =>
    [
      `## ${name}\n\n${title}.\n`,
      '| column | type | meaning |',
      '| --- | --- | --- |',
      ...columns.map(({ name: column, type, description }) => `| ${column} | ${type} | ${description} |`),
    ].join('\n'),
  );
  return `# Data dictionary: ${partnership}, ${period}\n\n${parts.join('\n\n')}\n`;
}
