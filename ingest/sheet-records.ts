/** The records of a workbook as rows: a sheet whose first row that holds anything names the columns. */
import type { Profile } from '../schemas/profile.ts';
import { type FileHeader, matchHeader } from './header.ts';
import type { RowTexts } from './pack-rows.ts';
import { SourceError } from './source-error.ts';
import { readSheet } from './xlsx.ts';
import type { ZipArchive } from './zip.ts';

/**
 * Reads the records of a workbook in lots, and closes it; what stands beyond the columns that the first row names is not
 * read. `told` gets the header once it is found.
 *
 * @throws SourceError where the workbook cannot be read, or its columns are not the profile's.
 */
export async function* readSheetRecords(
  profile: Profile,
  zip: ZipArchive,
  told: (header: FileHeader) => void,
): AsyncGenerator<readonly RowTexts[]> {
  const fields = Object.keys(profile.fields).length;
  let header: FileHeader | undefined;
  try {
    for await (const lot of readSheet(zip, profile.sheet, profile.dates)) {
      const rows: RowTexts[] = [];
      for (const { values } of lot) {
        if (header) rows.push(rowOf(header, values, fields));
        else {
          header = matchHeader(
            profile,
            Array.from(values, (name) => name ?? ''),
          );
          told(header);
        }
      }
      if (rows.length > 0) yield rows;
    }
  } finally {
    zip.close();
  }
  if (!header) throw new SourceError('the sheet is empty: wanted a header row and rows of data');
}

function rowOf({ columns }: FileHeader, values: readonly (string | undefined)[], fields: number): RowTexts {
  const row: (string | undefined)[] = new Array(fields);
  for (let column = 0; column < columns.length; column++) {
    const field = columns[column] as number;
    if (field >= 0) row[field] = values[column];
  }
  return row;
}
