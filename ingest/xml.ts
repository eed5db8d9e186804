/** XML as a stream of events, by saxes: memory is bounded, and no entity of the document's own is ever expanded. */
import { SaxesParser } from 'saxes';
import { SourceError } from './source-error.ts';

/** What is told of a document while it is read; names are without their prefix. */
export interface XmlEvents {
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text: (text: string) => void;
  readonly close: (name: string) => void;
}

/** The longest tag, text or comment; elements within elements; and how much is given to the parser at once. */
const MAX_PIECE = 1 << 20;
const MAX_DEPTH = 64;
const PORTION = 1 << 16;

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

/**
 * Reads UTF-8 chunks as XML and calls `events`. `afterChunk` is called with what was read, for those who pass records on.
 *
 * @throws SourceError with the line where the document is not well formed, has a document type definition (with which
 * entities are defined that multiply or name other files), or an unreasonably long or deep part.
 */
export async function* readXml<T>(
  chunks: AsyncIterable<Uint8Array>,
  events: XmlEvents,
  afterChunk: () => T,
): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  const parser = new SaxesParser({ xmlns: false });
  let failure: SourceError | undefined;
  const fail = (words: string) => {
    failure ??= new SourceError(words, parser.line);
  };
  let depth = 0;
  let sinceEvent = 0;
  const seen = () => {
    sinceEvent = 0;
  };
  parser.on('error', () => fail('not well-formed XML: supply it as it was made, unchanged'));
  parser.on('doctype', () =>
    fail('a document type definition (<!DOCTYPE): remove it, what is read here has none'),
  );
  parser.on('comment', seen);
  parser.on('processinginstruction', seen);
  parser.on('opentag', ({ name, attributes }) => {
    seen();
    if (++depth > MAX_DEPTH) fail(`elements more than ${MAX_DEPTH} deep`);
    if (!failure) events.open(localName(name), attributes as Record<string, string>);
  });
  const text = (value: string) => {
    seen();
    if (!failure) events.text(value);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', ({ name }) => {
    seen();
    depth--;
    if (!failure) events.close(localName(name));
  });
  const write = (part: string) => {
    for (let at = 0; at < part.length && !failure; at += PORTION) {
      const portion = part.slice(at, at + PORTION);
      sinceEvent += portion.length;
      parser.write(portion);
      if (sinceEvent > MAX_PIECE) fail('a tag or text of more than 1 MB: wanted records of an incident each');
    }
    if (failure) throw failure;
  };
  for await (const chunk of chunks) {
    write(decoder.decode(chunk, { stream: true }));
    yield afterChunk();
  }
  write(decoder.decode());
  parser.close();
  if (failure) throw failure;
  yield afterChunk();
}
