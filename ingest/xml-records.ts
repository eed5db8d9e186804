/** The records of an XML message as rows: the text of the elements that a profile names. */
import type { Profile, XmlShape } from '../schemas/profile.ts';
import type { FileHeader } from './header.ts';
import { plainName } from './header.ts';
import type { RowTexts } from './pack-rows.ts';
import { SourceError } from './source-error.ts';
import { readXml } from './xml.ts';

/** The longest text of an element, which comments may divide. */
const MAX_TEXT = 1 << 20;

/**
 * Reads records of an XML profile in lots. Of an element that occurs more than once in a record the first counts.
 * `told` gets, at the end, which elements were found; others are not named: there are too many that are not needed.
 *
 * @throws SourceError where the message is not well formed, of another version, or holds no record.
 */
export async function* readXmlRecords(
  profile: Profile,
  chunks: AsyncIterable<Uint8Array>,
  told: (header: FileHeader) => void,
): AsyncGenerator<readonly RowTexts[]> {
  const shape = profile.xml as XmlShape;
  const names = Object.keys(profile.fields);
  const fieldOf = new Map(
    names.map((name, field) => [plainName(profile.fields[name]?.header as string), field]),
  );
  const isRead = names.map((name) => profile.fields[name]?.fate !== 'drop');
  const present = new Set<number>();
  let row: (string | undefined)[] = [];
  let rows: RowTexts[] = [];
  let field: number | undefined;
  let text = '';
  let isFirst = true;
  let records = 0;

  const events = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (isFirst) checkVersion(shape, attributes);
      isFirst = false;
      if (shape.begins.includes(name)) row = [];
      field = fieldOf.get(plainName(name));
      text = '';
    },
    text: (part: string) => {
      if (field !== undefined && isRead[field]) text += part;
      if (text.length > MAX_TEXT)
        throw new SourceError('a text of more than 1 MB: wanted records of an incident each');
    },
    close: (name: string) => {
      if (field !== undefined && fieldOf.get(plainName(name)) === field) {
        present.add(field);
        if (isRead[field]) row[field] ??= text.trim();
      }
      field = undefined;
      if (name !== shape.ends) return;
      rows.push(row);
      row = [];
      records++;
    },
  };
  const found = (): FileHeader => ({
    columns: new Int32Array(0),
    unknown: [],
    present: [...present].map((i) => names[i] as string),
  });
  for await (const lot of readXml(chunks, events, () => rows)) {
    rows = [];
    told(found());
    if (lot.length > 0) yield lot;
  }
  if (records === 0)
    throw new SourceError(`the message holds no <${shape.ends}>: deliver a message with records in it`);
}

function checkVersion({ versions }: XmlShape, attributes: Readonly<Record<string, string>>): void {
  const version = attributes['SchemaVersion'];
  if (version !== undefined && versions.includes(version)) return;
  const got = version !== undefined && /^\d-\d-\d$/.test(version) ? version : 'none that is known';
  throw new SourceError(`the message's SchemaVersion is ${got}: wanted ${versions.join(' or ')}`, 1);
}
