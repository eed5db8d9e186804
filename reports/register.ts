/**
 * register.jsonl: the only place that touches it. Each line holds the SHA-256 of the one before it. A line is written
 * down in the store first, in the transaction of what it speaks of, and then appended to the file: whatever is killed
 * in between is completed when the register is opened next, and nothing is there twice.
 */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { RegisterEvent, RegisterHead, type RegisterLine } from '../schemas/register.ts';
import type { QuerySql, RunSql } from './sql.ts';

/** What the register needs of the store. */
export interface RegisterStore {
  readonly query: QuerySql;
  readonly run: RunSql;
}

const TABLE =
  'CREATE TABLE IF NOT EXISTS register (n INTEGER PRIMARY KEY, line VARCHAR NOT NULL, written BOOLEAN NOT NULL)';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Checks the file at `path` against the store and against its own chain, and completes what was killed.
 *
 * @throws Error in one sentence with the line that was changed or is missing.
 */
export async function openRegister(path: string, store: RegisterStore): Promise<void> {
  await store.run(TABLE);
  const known = await readKnown(store);
  const bytes = (await readFile(path).catch(absent)) ?? Buffer.alloc(0);
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  const rest = bytes.subarray(whole.length);
  const lines = whole.toString('utf8').split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) {
    if (line === known[i]?.line) continue;
    if (line === known[i + 1]?.line) throw missing(path, i + 1);
    if (known[i]) throw changed(path, i + 1);
    throw new Error(
      `${path}:${i + 1}: data/store.duckdb does not know of this line: restore the store that belongs to the register`,
    );
  }
  const next = known[lines.length];
  if (next?.written) throw rest.length === 0 ? missing(path, next.n) : changed(path, next.n);
  // A line that was being written when the process was killed may end anywhere, within a letter too.
  if (
    !Buffer.from(next?.line ?? '')
      .subarray(0, rest.length)
      .equals(rest)
  )
    throw changed(path, lines.length + 1);
  checkChain(path, known);
  await append(path, store, known.slice(lines.length), whole.length);
}

/** Every line so far, in order. Within a transaction also those that it records. */
export async function readRegister(store: RegisterStore): Promise<RegisterLine[]> {
  return (await readKnown(store)).map(({ n, line }) => parseLine('register.jsonl', n, line));
}

/** Writes events down in the store, in the caller's transaction; `flushRegister` takes them to the file. */
export async function record(
  store: RegisterStore,
  now: number,
  events: readonly RegisterEvent[],
): Promise<void> {
  const last = (await readKnown(store)).at(-1);
  let [n, previous] = last ? [last.n, sha256(last.line)] : [0, null];
  for (const event of events) {
    n += 1;
    const head = { n, at: new Date(now).toISOString(), previous };
    const line = JSON.stringify({ ...head, ...RegisterEvent.parse(event) });
    await store.run('INSERT INTO register VALUES ($1, $2, false)', [n, line]);
    previous = sha256(line);
  }
}

/** Appends to the file what the store has committed and the file does not hold yet. */
export async function flushRegister(path: string, store: RegisterStore): Promise<void> {
  await append(
    path,
    store,
    (await readKnown(store)).filter(({ written }) => !written),
  );
}

async function append(
  path: string,
  { run }: RegisterStore,
  lines: readonly Known[],
  keep?: number,
): Promise<void> {
  if (lines.length > 0) {
    const file = await open(path, 'a', 0o600);
    try {
      if (keep !== undefined) await file.truncate(keep);
      await file.write(lines.map(({ line }) => `${line}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await run('UPDATE register SET written = true WHERE NOT written');
}

interface Known {
  readonly n: number;
  readonly line: string;
  readonly written: boolean;
}

const readKnown = ({ query }: RegisterStore) =>
  query<Known>('SELECT n, line, written FROM register ORDER BY n');

/** @throws Error naming the first line that is not as the one after it says. */
function checkChain(path: string, known: readonly Known[]): void {
  let before: string | null = null;
  for (const [i, { line }] of known.entries()) {
    const { n, previous } = parseLine(path, i + 1, line);
    if (n !== i + 1) throw missing(path, i + 1);
    if (previous !== (before === null ? null : sha256(before))) throw changed(path, Math.max(i, 1));
    before = line;
  }
}

function parseLine(path: string, number: number, line: string): RegisterLine {
  try {
    const { n, at, previous, ...event } = JSON.parse(line);
    return { ...RegisterHead.parse({ n, at, previous }), ...RegisterEvent.parse(event) };
  } catch {
    throw new Error(`${path}:${number}: this is no line of the register: ${REMEDY}`);
  }
}

const REMEDY = 'restore the register from a copy';
const changed = (path: string, line: number) => new Error(`${path}:${line}: the line was changed: ${REMEDY}`);
const missing = (path: string, line: number) => new Error(`${path}:${line}: the line is missing: ${REMEDY}`);

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
