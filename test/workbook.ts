/** Workbooks and archives for tests, made by hand so that they can be wrong in every way. */
import { crc32, deflateRawSync } from 'node:zlib';

/** One part of an archive; `claims` replaces the unpacked size that the archive states. */
export interface Part {
  readonly name: string;
  readonly text: string | Buffer;
  readonly claims?: number;
}

/** A zip archive of parts. */
export function zipOf(parts: readonly Part[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, claims } of parts) {
    const bytes = Buffer.from(text);
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claims ?? bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    central.writeUInt16LE(20, 4);
    common.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    files.push(local);
    directory.push(central, Buffer.from(name));
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

/** A cell: a text, or a number with the style of a plain number (0), a date (1) or a date and time (2). */
export type TestCell = string | { readonly number: number; readonly style?: number };

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const columnName = (column: number): string =>
  (column >= 26 ? columnName(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));

/** A workbook of sheets by name. Texts are shared ones in the first sheet and inline in the others. */
export function workbookOf(
  sheets: Readonly<Record<string, readonly (readonly TestCell[])[]>>,
  { from1904 = false } = {},
): Buffer {
  const shared: string[] = [];
  const cellOf = (cell: TestCell, r: string, isShared: boolean) => {
    if (typeof cell !== 'string') return `<c r="${r}" s="${cell.style ?? 0}"><v>${cell.number}</v></c>`;
    if (cell === '') return '';
    if (isShared) return `<c r="${r}" t="s"><v>${shared.push(cell) - 1}</v></c>`;
    return `<c r="${r}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`;
  };
  const parts = Object.values(sheets).map((rows, s) => ({
    name: `xl/worksheets/sheet${s + 1}.xml`,
    text: `<worksheet><sheetData>${rows
      .map(
        (cells, y) =>
          `<row r="${y + 1}">${cells.map((cell, x) => cellOf(cell, `${columnName(x)}${y + 1}`, s === 0)).join('')}</row>`,
      )
      .join('')}</sheetData></worksheet>`,
  }));
  const names = Object.keys(sheets);
  return zipOf([
    {
      name: 'xl/workbook.xml',
      text: `<?xml version="1.0"?><workbook xmlns:r="r"><workbookPr date1904="${from1904 ? 1 : 0}"/><sheets>${names
        .map((name, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`)
        .join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: `<Relationships>${names.map((_, i) => `<Relationship Id="rId${i + 1}" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}</Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      text: '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
    },
    ...parts,
    {
      name: 'xl/sharedStrings.xml',
      text: `<sst>${shared.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`,
    },
  ]);
}
