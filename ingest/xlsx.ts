/** A sheet of a workbook (XLSX) as rows of text, cell by cell, in bounded memory. */
import type { DateFormat } from '../schemas/profile.ts';
import { SourceError } from './source-error.ts';
import { readXml } from './xml.ts';
import type { ZipArchive } from './zip.ts';

/** The texts that cells share are the one thing held in memory as a whole. */
const MAX_SHARED_BYTES = 96 << 20;
const MAX_COLUMNS = 10_000;
const MAX_STYLES = 100_000;
/** Thirty times what a spreadsheet lets anybody write into a cell. */
const MAX_CELL = 1 << 20;
/** As many as an archive may have parts. */
const MAX_SHEETS = 2000;

/** One row of a sheet; `number` is its number in the sheet, from 1. */
export interface SheetRow {
  readonly number: number;
  readonly values: readonly (string | undefined)[];
}

interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly part: string }[];
  /** Days of serial numbers count from 1904 in workbooks of old Macs. */
  readonly from1904: boolean;
}

/**
 * The rows of the named sheet, or of the first, in lots; rows in which nothing stands are passed over. Cells that are
 * formatted as dates become texts in `dates`; other numbers stay as they are.
 *
 * @throws SourceError where the workbook is damaged, lacks the sheet, or is larger than any delivery.
 */
export async function* readSheet(
  zip: ZipArchive,
  name: string | undefined,
  dates: DateFormat,
): AsyncGenerator<readonly SheetRow[]> {
  const { sheets, from1904 } = await readWorkbook(zip);
  const sheet = name === undefined ? sheets[0] : sheets.find((each) => each.name.trim() === name.trim());
  if (!sheet || !zip.names.includes(sheet.part))
    throw new SourceError(
      name === undefined
        ? 'the workbook holds no sheet: save it again and deliver that'
        : 'the workbook has no sheet of the name that "sheet" in cardiff.yaml gives: correct it, or remove it to read the first',
    );
  const shared = await readSharedTexts(zip);
  const isDate = await readDateStyles(zip);
  const textOf = (cell: Cell) => cellText(cell, shared, isDate, { from1904, dates });
  yield* readRows(zip, sheet.part, textOf);
}

const tooManySheets = () =>
  new SourceError(
    `the workbook names more than ${MAX_SHEETS} sheets or parts: save it again and deliver that`,
  );

async function drain(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of parts);
}

async function readWorkbook(zip: ZipArchive): Promise<Workbook> {
  if (!zip.names.includes('xl/workbook.xml'))
    throw new SourceError('this is a zip archive and no workbook (XLSX): deliver the file that is in it');
  const targets = new Map<string, string>();
  const relations = 'xl/_rels/workbook.xml.rels';
  if (zip.names.includes(relations)) {
    const open = (_: string, attributes: Readonly<Record<string, string>>) => {
      const { Id: id, Target: target } = attributes as { Id?: string; Target?: string };
      if (targets.size >= MAX_SHEETS) throw tooManySheets();
      if (id !== undefined && target !== undefined)
        targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`);
    };
    await drain(
      readXml(zip.open(relations), { open, text: () => undefined, close: () => undefined }, () => 0),
    );
  }
  const sheets: { name: string; part: string }[] = [];
  let from1904 = false;
  const open = (element: string, attributes: Readonly<Record<string, string>>) => {
    if (element === 'workbookPr') from1904 = /^(1|true)$/.test(attributes['date1904'] ?? '');
    if (element !== 'sheet') return;
    if (sheets.length >= MAX_SHEETS) throw tooManySheets();
    const id = Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key))?.[1] ?? '';
    sheets.push({
      name: attributes['name'] ?? '',
      part: targets.get(id) ?? `xl/worksheets/sheet${sheets.length + 1}.xml`,
    });
  };
  await drain(
    readXml(zip.open('xl/workbook.xml'), { open, text: () => undefined, close: () => undefined }, () => 0),
  );
  return { sheets, from1904 };
}

/** The texts that cells refer to by number. Phonetic hints beside a text are no part of it. */
async function readSharedTexts(zip: ZipArchive): Promise<string[]> {
  const part = 'xl/sharedStrings.xml';
  if (!zip.names.includes(part)) return [];
  if (zip.sizeOf(part) > MAX_SHARED_BYTES)
    throw new SourceError('the workbook holds more text than any delivery: deliver it as CSV');
  const texts: string[] = [];
  let text = '';
  let isText = false;
  let hints = 0;
  const events = {
    open: (name: string) => {
      if (name === 'si') text = '';
      if (name === 'rPh') hints++;
      isText = name === 't' && hints === 0;
    },
    text: (more: string) => {
      if (isText) text += more;
    },
    close: (name: string) => {
      isText = false;
      if (name === 'rPh') hints--;
      if (name === 'si') texts.push(text);
    },
  };
  await drain(readXml(zip.open(part), events, () => 0));
  return texts;
}

/** Numbers of formats that are dates or times in every workbook. */
const BUILT_IN_DATES = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 30, 36, 45, 46, 47, 50, 57]);

/** Which cell styles show a date, by their number. */
async function readDateStyles(zip: ZipArchive): Promise<readonly boolean[]> {
  const part = 'xl/styles.xml';
  if (!zip.names.includes(part)) return [];
  const custom = new Map<string, boolean>();
  const styles: boolean[] = [];
  let within = false;
  const events = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'numFmt' && custom.size < MAX_STYLES)
        custom.set(attributes['numFmtId'] ?? '', isDateFormat(attributes['formatCode'] ?? ''));
      if (name === 'cellXfs') within = true;
      if (name !== 'xf' || !within || styles.length >= MAX_STYLES) return;
      const id = attributes['numFmtId'] ?? '0';
      styles.push(custom.get(id) ?? BUILT_IN_DATES.has(Number(id)));
    },
    text: () => undefined,
    close: (name: string) => {
      if (name === 'cellXfs') within = false;
    },
  };
  await drain(readXml(zip.open(part), events, () => 0));
  return styles;
}

/** Letters of day, month, year, hour or second outside quotation marks and brackets make a format of dates. */
const isDateFormat = (code: string): boolean =>
  /[dmyhs]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '').replace(/general/i, ''));

interface Cell {
  readonly type: string;
  readonly style: number;
  readonly value: string;
}

interface Calendar {
  readonly from1904: boolean;
  readonly dates: DateFormat;
}

function cellText(
  { type, style, value }: Cell,
  shared: readonly string[],
  isDate: readonly boolean[],
  calendar: Calendar,
): string {
  if (type === 's') return shared[Number(value)] ?? '';
  if (type === 'e') return '';
  if (type === 'b') return value === '1' ? 'true' : 'false';
  if (type === 'd') return isoToText(value, calendar.dates);
  if (type === 'str' || type === 'inlineStr' || value === '') return value;
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  if (isDate[style]) return serialToText(number, calendar);
  // 51.479000000000003 is how a workbook writes 51.479; whole numbers of up to 15 digits are exact.
  return Math.abs(number) < 1e15 || !/^\d+$/.test(value) ? String(number) : value;
}

const two = (n: number) => String(n).padStart(2, '0');

/** A serial number (days, of which the part behind the point is the time) as date, date and time, or time alone. */
function serialToText(serial: number, { from1904, dates }: Calendar): string {
  const seconds = Math.round(serial * 86_400);
  const days = Math.floor(seconds / 86_400);
  const second = seconds - days * 86_400;
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  if (days === 0) return clock;
  // Day 60 is a 29 February 1900 that never was; what is before has no part in this.
  const day = new Date((days - (from1904 ? 24_107 : 25_569)) * 86_400_000);
  if (Number.isNaN(day.getTime()) || day.getUTCFullYear() > 9999) return String(serial);
  const [year, month, date] = day.toISOString().slice(0, 10).split('-') as [string, string, string];
  const written = dates === 'iso' ? `${year}-${month}-${date}` : `${date}/${month}/${year}`;
  return second === 0 && Number.isInteger(serial) ? written : `${written} ${clock}`;
}

/** A date that the workbook holds in ISO 8601, in the profile's form. */
function isoToText(value: string, dates: DateFormat): string {
  const [, year, month, day, rest = ''] = /^(\d{4})-(\d\d)-(\d\d)(?:T(.*))?$/.exec(value) ?? [];
  if (year === undefined || dates === 'iso') return value;
  return `${day}/${month}/${year}${rest ? ` ${rest.slice(0, 8)}` : ''}`;
}

async function* readRows(
  zip: ZipArchive,
  part: string,
  textOf: (cell: Cell) => string,
): AsyncGenerator<readonly SheetRow[]> {
  let rows: SheetRow[] = [];
  let number = 0;
  let values: (string | undefined)[] = [];
  let isEmpty = true;
  let column = -1;
  let type = '';
  let style = 0;
  let value = '';
  let isValue = false;
  const events = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'row') {
        number = Number(attributes['r'] ?? number + 1);
        values = [];
        isEmpty = true;
        column = -1;
      } else if (name === 'c') {
        column = columnNumber(attributes['r'], column + 1);
        if (column >= MAX_COLUMNS)
          throw new SourceError(`more than ${MAX_COLUMNS} columns: this is no file of records`);
        type = attributes['t'] ?? 'n';
        style = Number(attributes['s'] ?? 0);
        value = '';
      }
      isValue = name === 'v' || (name === 't' && type === 'inlineStr');
    },
    text: (more: string) => {
      if (isValue) value += more;
      if (value.length > MAX_CELL)
        throw new SourceError('a cell of more than 1 MB: wanted records of an incident each');
    },
    close: (name: string) => {
      isValue = false;
      if (name === 'c') {
        const text = textOf({ type, style, value });
        if (text === '') return;
        values[column] = text;
        isEmpty = false;
      } else if (name === 'row' && !isEmpty) rows.push({ number, values });
    },
  };
  for await (const lot of readXml(zip.open(part), events, () => rows)) {
    rows = [];
    if (lot.length > 0) yield lot;
  }
}

/** The column of a cell named "BC12", from 0; the next one where it is not named. */
function columnNumber(reference: string | undefined, next: number): number {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? '')?.[0];
  if (!letters) return next;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
