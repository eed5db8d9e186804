/** Reads a food-hygiene register as the Food Standards Agency publishes it (XML), one establishment at a time. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SaxesParser } from 'saxes';
import { SourceError } from '../source-error.ts';

export interface Establishment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Up to four lines, the last without the postcode. */
  readonly address: readonly string[];
  readonly postcode: string;
  /** NaN where the register gives no point. */
  readonly lat: number;
  readonly lng: number;
}

/** No element of a register is longer; one that is stands for a file that is something else. */
const MOST_CHARACTERS = 1 << 20;
const FIELDS: Readonly<Record<string, string>> = {
  FHRSID: 'id',
  BusinessName: 'name',
  BusinessType: 'type',
  AddressLine1: 'line1',
  AddressLine2: 'line2',
  AddressLine3: 'line3',
  AddressLine4: 'line4',
  PostCode: 'postcode',
  Latitude: 'lat',
  Longitude: 'lng',
};

/**
 * All establishments of a register. Entities that a file declares itself are not expanded: a reference to one ends
 * the reading, as does anything else that is not well-formed.
 *
 * @throws SourceError with file and line.
 */
export async function* readFoodRegister(path: string): AsyncGenerator<Establishment> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SourceError(`${path} is not there: supply the register's XML file`);
  const parser = new SaxesParser();
  let current: Record<string, string> | undefined;
  let field: string | undefined;
  let ready: Establishment[] = [];
  let seen = 0;
  let isRegister = false;
  let sinceElement = 0;
  parser.on('error', () => {
    throw new SourceError(
      `${path}:${parser.line}: not well-formed XML, or a reference to an entity of its own: supply the file as published`,
    );
  });
  parser.on('doctype', () => {
    throw new SourceError(
      `${path}:${parser.line}: a document type is declared: supply the file as published`,
    );
  });
  parser.on('opentag', ({ name }) => {
    sinceElement = 0;
    if (name === 'FHRSEstablishment') isRegister = true;
    if (name === 'EstablishmentDetail') current = {};
    field = FIELDS[name];
  });
  parser.on('text', (text) => {
    if (current && field) current[field] = (current[field] ?? '') + text;
  });
  parser.on('closetag', ({ name }) => {
    sinceElement = 0;
    field = undefined;
    if (name !== 'EstablishmentDetail' || !current) return;
    ready.push(establishmentOf(current));
    seen++;
    current = undefined;
  });
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    const text = decoder.decode(chunk, { stream: true });
    sinceElement += text.length;
    parser.write(text);
    if (sinceElement > MOST_CHARACTERS)
      throw new SourceError(
        `${path}:${parser.line}: an element of more than 1 MB: supply the file as published`,
      );
    yield* ready;
    ready = [];
  }
  parser.close();
  yield* ready;
  if (!isRegister || seen === 0)
    throw new SourceError(
      `${path} holds no establishments: supply a register as the Food Standards Agency publishes it`,
    );
}

function establishmentOf(values: Readonly<Record<string, string>>): Establishment {
  const value = (name: string) => (values[name] ?? '').replace(/\s+/g, ' ').trim();
  const number = (name: string) => (value(name) === '' ? Number.NaN : Number(value(name)));
  return {
    id: value('id'),
    name: value('name'),
    type: value('type'),
    address: ['line1', 'line2', 'line3', 'line4'].map(value).filter((line) => line !== ''),
    postcode: value('postcode').toUpperCase(),
    lat: number('lat'),
    lng: number('lng'),
  };
}
