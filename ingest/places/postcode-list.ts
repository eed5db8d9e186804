/** Reads a list of postcodes as Ordnance Survey publishes it (Code-Point Open, CSV without a header). */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { SourceError } from '../source-error.ts';

export interface ListedPostcode {
  /** Without a space, in capitals. */
  readonly postcode: string;
  /** Metres on the British National Grid. */
  readonly easting: number;
  readonly northing: number;
  /** Code of the ward, empty where the list has none. */
  readonly ward: string;
}

const POSTCODE = /^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$/;
const MOST_CHARACTERS = 4096;

/** All postcodes that have a point. @throws SourceError with file and line. */
export async function* readPostcodeList(path: string): AsyncGenerator<ListedPostcode> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new SourceError(`${path} is not there: supply the postcode list`);
  let line = 0;
  const stream = createReadStream(path, 'latin1');
  let sinceLine = 0;
  stream.on('data', (chunk) => {
    sinceLine = chunk.lastIndexOf('\n') < 0 ? sinceLine + chunk.length : 0;
    if (sinceLine > 1 << 20)
      stream.destroy(new SourceError(`${path}: a line of more than 1 MB: supply a CSV file`));
  });
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (text === '') continue;
    const values =
      text.length > MOST_CHARACTERS ? [] : text.split(',').map((value) => value.replaceAll('"', '').trim());
    const postcode = (values[0] ?? '').replaceAll(' ', '').toUpperCase();
    const [easting, northing] = [Number(values[2] || Number.NaN), Number(values[3] || Number.NaN)];
    if (!POSTCODE.test(postcode) || !Number.isInteger(easting) || !Number.isInteger(northing))
      throw new SourceError(
        `${path}:${line}: wanted postcode, quality, easting, northing and codes, as in Code-Point Open without a header`,
      );
    // Quality 90: no point.
    if (values[1] === '90' || (easting === 0 && northing === 0)) continue;
    yield { postcode, easting, northing, ward: values[9] ?? '' };
  }
}
