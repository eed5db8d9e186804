/** YAML files that people write: every complaint has file and line. */
import { readFile } from 'node:fs/promises';
import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UsageError } from './usage-error.ts';

/** What complaints about a kind of file say. */
export interface YamlWords {
  /** The file is not there. */
  readonly absent: string;
  /** Of the file as a whole. */
  readonly whole: string;
  /** A key that the schema does not know. */
  readonly unknown: string;
  /** A key that is not there. */
  readonly missing: string;
}

/** Reads a YAML file as `schema` says. @throws UsageError naming file, line and remedy. */
export async function readYaml<T>(path: string, schema: z.ZodType<T>, words: YamlWords): Promise<T> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${path} ${words.absent}`);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [syntax] = document.errors;
  if (syntax)
    throw new UsageError(
      `${path}:${lines.linePos(syntax.pos[0]).line}: not valid YAML: check indentation, quotes and colons there`,
    );
  const parsed = schema.safeParse(plainValues(document, path));
  if (parsed.success) return parsed.data;
  // A name that is misspelt leaves the right one missing: the misspelt one is what to tell.
  const { issues } = parsed.error;
  const issue = (issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]) as z.core.$ZodIssue;
  const keys = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] as string] : issue.path;
  const line = lineOf(document.contents as Node | null, keys, lines);
  const what =
    issue.code === 'unrecognized_keys'
      ? words.unknown
      : issue.code !== 'custom' && keys.length > 0 && !document.hasIn(keys)
        ? words.missing
        : issue.message;
  throw new UsageError(`${path}:${line}: ${keys.join('.') || words.whole}: ${what}`);
}

/** The document as plain values. @throws UsageError for an alias of nothing, and for aliases that multiply. */
function plainValues(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new UsageError(`${path}: an alias (*name) means nothing or far too much: write the values out`);
  }
}

/** The line of the innermost node that exists on the way to a setting. */
function lineOf(root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => (item.key as { value?: unknown }).value === key);
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[key as number];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}
