/** A list of objects in JSON as rows, one object at a time. */
import type { Profile } from '../schemas/profile.ts';
import type { FileHeader } from './header.ts';
import type { RowTexts } from './pack-rows.ts';
import { SourceError } from './source-error.ts';

/** The longest object accepted, in characters. */
const MAX_OBJECT = 1 << 20;

/**
 * Reads the objects of a list in lots. A profile's fields are found by their path (`location.latitude`), in the letters
 * of the profile. Values that are not texts or numbers count as empty. `told` gets what was found.
 *
 * @throws SourceError where the text is no list of objects; never with a value of it.
 */
export async function* readJsonRecords(
  profile: Profile,
  chunks: AsyncIterable<Uint8Array>,
  told: (header: FileHeader) => void,
): AsyncGenerator<readonly RowTexts[]> {
  const names = Object.keys(profile.fields);
  const paths = names.map((name) => (profile.fields[name]?.header ?? '').split('.'));
  const isRead = names.map((name) => profile.fields[name]?.fate !== 'drop');
  const present = new Set<string>();
  const rowOf = (record: unknown): RowTexts =>
    paths.map((path, field) => {
      const value = valueAt(record, path);
      if (value === undefined) return undefined;
      present.add(names[field] as string);
      return isRead[field] ? textOf(value) : undefined;
    });
  const missing = (): string[] =>
    names.filter((name) => profile.fields[name]?.required && !present.has(name));
  let isFirst = true;
  for await (const objects of splitObjects(chunks)) {
    const rows = objects.map(rowOf);
    if (isFirst && rows.length > 0) {
      isFirst = false;
      const [first] = missing();
      if (first)
        throw new SourceError(
          `the objects lack "${profile.fields[first]?.header}" of ${profile.id}: deliver the answer as the service gave it`,
        );
    }
    told({ columns: new Int32Array(0), unknown: [], present: [...present] });
    if (rows.length > 0) yield rows;
  }
}

function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** The objects of a list, as many as each chunk ends. */
async function* splitObjects(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown[]> {
  const decoder = new TextDecoder();
  let state: 'before' | 'within' | 'after' = 'before';
  let line = 1;
  /** The object at hand, as far as it has come, and how many brackets of it are open. */
  let object = '';
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let found: unknown[] = [];

  const take = (part: string) => {
    let from = 0;
    for (let i = 0; i < part.length; i++) {
      const letter = part[i] as string;
      if (letter === '\n') line++;
      if (depth === 0) {
        if (/\s/.test(letter) || (state === 'within' && letter === ',')) continue;
        if (state === 'before' && letter === '[') state = 'within';
        else if (state === 'within' && letter === ']') state = 'after';
        else if (state === 'within' && letter === '{') {
          depth = 1;
          from = i;
        } else throw notAList(line);
      } else if (isText) {
        if (isEscaped) isEscaped = false;
        else if (letter === '\\') isEscaped = true;
        else if (letter === '"') isText = false;
      } else if (letter === '"') isText = true;
      else if (letter === '{' || letter === '[') depth++;
      else if ((letter === '}' || letter === ']') && --depth === 0) {
        found.push(parseObject(object + part.slice(from, i + 1), line));
        object = '';
      }
    }
    if (depth > 0) object += part.slice(from);
    if (object.length > MAX_OBJECT)
      throw new SourceError(
        'an object of more than 1 MB: wanted a list of records of an incident each',
        line,
      );
  };
  for await (const chunk of chunks) {
    take(decoder.decode(chunk, { stream: true }));
    yield found;
    found = [];
  }
  take(decoder.decode());
  if ((state as string) !== 'after') throw notAList(line);
  yield found;
}

/** Text of a JSON parser's complaint is never passed on: it quotes what it found. */
function parseObject(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAList(line);
  }
}

const notAList = (line: number) =>
  new SourceError(
    'this is not a list of objects in JSON, or it is cut short: deliver it as it was given',
    line,
  );
