/** Reads a food-hygiene register as the Food Standards Agency publishes it (XML), one establishment at a time. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SourceError } from '../source-error.ts';
import { readXml } from '../xml.ts';

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
 * All establishments of a register. A file that declares entities is not read, nor one that is not well-formed.
 *
 * @throws SourceError with file and line.
 */
export async function* readFoodRegister(path: string): AsyncGenerator<Establishment> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SourceError(`${path} is not there: supply the register's XML file`);
  let current: Record<string, string> | undefined;
  let field: string | undefined;
  let ready: Establishment[] = [];
  let seen = 0;
  let isRegister = false;
  const events = {
    open: (name: string) => {
      if (name === 'FHRSEstablishment') isRegister = true;
      if (name === 'EstablishmentDetail') current = {};
      field = FIELDS[name];
    },
    text: (text: string) => {
      if (current && field) current[field] = (current[field] ?? '') + text;
    },
    close: (name: string) => {
      field = undefined;
      if (name !== 'EstablishmentDetail' || !current) return;
      ready.push(establishmentOf(current));
      seen++;
      current = undefined;
    },
  };
  try {
    for await (const lot of readXml(createReadStream(path), events, () => ready)) {
      ready = [];
      yield* lot;
    }
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(`${path}${error.line ? `:${error.line}` : ''}: ${error.message}`);
  }
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
