/**
 * Kills `cardiff ingest` and `cardiff publish` at any instant, runs them to their end, and compares what is then there
 * with an undisturbed run. A script for many kills; test/integration/kill.test.ts does a few.
 */
import { cpSync, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { synth } from '../commands/synth.ts';
import { seededRandom } from '../reports/statistics/seeded-random.ts';
import { cardiff, startCardiff } from './cardiff-process.ts';
import { hashFile, hashFolder, listFiles } from './folder-contents.ts';

const PERIOD = '2025-Q3';

/** What must not depend on kills: the store's rows, with what they were frozen as, and every byte released. */
export interface Outcome {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly releases: Readonly<Record<string, string>>;
  /** The register's events, without their times and hashes of one another. */
  readonly register: readonly string[];
  readonly files: readonly string[];
}

/** Rows by table, in order; where and when a row was read is left out. */
const TABLES: Readonly<Record<string, string>> = {
  incident: 'SELECT * EXCLUDE (file_id) FROM incident',
  file: 'SELECT source, name, bytes, digest, covered_to, read, accepted, corrected, duplicate, superseded, tally FROM file',
  ...Object.fromEntries(
    [
      'release',
      'released',
      'partnership',
      'release_period',
      'month_phase',
      'geography',
      'geography_cell',
      'counted',
    ].map((table) => [table, `SELECT * FROM ${table}`]),
  ),
};

/** Reads what is there once ingest and publish have ended. */
export async function readOutcome(folder: string): Promise<Outcome> {
  const instance = await DuckDBInstance.create(join(folder, 'data/store.duckdb'));
  const connection = await instance.connect();
  try {
    const tables: Record<string, string[]> = {};
    for (const [table, sql] of Object.entries(TABLES)) {
      const rows = (await connection.runAndReadAll(sql)).getRowsJson();
      tables[table] = rows.map((row) => JSON.stringify(row)).sort();
    }
    const register = join(folder, 'register.jsonl');
    return {
      tables,
      releases: hashFolder(join(folder, 'releases')),
      register: existsSync(register)
        ? (await readFile(register, 'utf8'))
            .trimEnd()
            .split('\n')
            .map((line) => JSON.stringify({ ...JSON.parse(line), at: null, previous: null }))
        : [],
      files: listFiles(folder).filter((path) => !path.startsWith('releases/')),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Says what differs between two outcomes; empty where nothing does. */
export function compareOutcomes(wanted: Outcome, got: Outcome): string[] {
  const differences: string[] = [];
  for (const [table, rows] of Object.entries(wanted.tables)) {
    const other = got.tables[table] ?? [];
    const known = new Set(rows);
    const strange = other.filter((row) => !known.has(row)).length;
    if (rows.length !== other.length || strange > 0)
      differences.push(`${table}: ${other.length} rows for ${rows.length}, ${strange} of them others`);
  }
  if (wanted.register.join('\n') !== got.register.join('\n'))
    differences.push(`register.jsonl: ${got.register.length} lines for ${wanted.register.length}, or others`);
  for (const path of new Set([...Object.keys(wanted.releases), ...Object.keys(got.releases)]))
    if (wanted.releases[path] !== got.releases[path]) differences.push(`releases/${path}`);
  for (const path of new Set([...wanted.files, ...got.files]))
    if (wanted.files.includes(path) !== got.files.includes(path))
      differences.push(`${path} is ${got.files.includes(path) ? 'left over' : 'not there'}`);
  return differences;
}

/** What is wrong with a release that is visible: it must be whole or not be there. */
export async function checkRelease(folder: string): Promise<string[]> {
  const release = join(folder, 'releases', PERIOD);
  if (!existsSync(release)) return [];
  const text = await readFile(join(release, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return ['a release has no manifest'];
  const { files } = JSON.parse(text) as { files: { path: string; sha256: string }[] };
  const there = listFiles(release).filter(
    (path) => path !== 'manifest.json' && !/^(partners|operational)\//.test(path),
  );
  const wrong = files.filter(
    ({ path, sha256 }) => !there.includes(path) || hashFile(join(release, path)) !== sha256,
  );
  return [
    ...wrong.map(({ path }) => `${path} is not as the manifest says`),
    ...there
      .filter((path) => !files.some((file) => file.path === path))
      .map((path) => `${path} is not in the manifest`),
  ];
}

export interface Killing {
  readonly kills: number;
  readonly seed: number;
  readonly scale: number;
  readonly months: number;
  readonly say: (line: string) => void;
}

/** Kills as often as asked, in rounds on fresh copies of one folder. Returns every failure found; none is hoped for. */
export async function killAndCompare({ kills, seed, scale, months, say }: Killing): Promise<string[]> {
  const home = await mkdtemp(join(tmpdir(), 'cardiff-kill-'));
  const failures: string[] = [];
  try {
    const source = join(home, 'source');
    await synth(source, { seed, months, scale });
    // One supplier's files are deleted once they are read: also where the kill comes between the two.
    const settings = join(source, 'cardiff.yaml');
    const text = await readFile(settings, 'utf8');
    await writeFile(settings, text.replace('after_commit: keep 30 days', 'after_commit: delete'));
    const calm = join(home, 'calm');
    copy(source, calm);
    const durations = {
      ingest: await timed(['ingest', '--dir', calm]),
      publish: await timed(publishArgs(calm)),
    };
    const wanted = await readOutcome(calm);
    say(
      `undisturbed: ingest ${durations.ingest} ms, publish ${durations.publish} ms, ${wanted.tables['incident']?.length} incidents, ${Object.keys(wanted.releases).length} files released`,
    );
    const random = seededRandom(seed);
    let left = kills;
    for (let round = 1; left > 0; round++) {
      const folder = join(home, `round-${round}`);
      copy(source, folder);
      const plan = { ingest: Math.min(5, Math.ceil(left / 2)), publish: Math.min(5, Math.floor(left / 2)) };
      for (const [task, args] of [
        ['ingest', ['ingest', '--dir', folder]],
        ['publish', publishArgs(folder)],
      ] as const) {
        for (let i = 0; i < plan[task]; i++) {
          // From before the first statement to a little after the last.
          const delay = 150 + Math.floor(random() * durations[task]);
          const killed = await killAfter(args, delay);
          left -= killed ? 1 : 0;
          say(`round ${round}: ${task} ${killed ? `killed after ${delay} ms` : `ended before ${delay} ms`}`);
          failures.push(
            ...(await checkRelease(folder)).map(
              (what) => `round ${round}, ${task} killed at ${delay} ms: ${what}`,
            ),
          );
          if (!killed) break;
        }
        const { code, stderr } = await cardiff(args);
        if (code !== 0) failures.push(`round ${round}: ${task} cannot go on: ${stderr.trim()}`);
      }
      failures.push(
        ...compareOutcomes(wanted, await readOutcome(folder)).map((what) => `round ${round}: ${what}`),
      );
      await rm(folder, { recursive: true });
    }
    return failures;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const publishArgs = (folder: string) => ['publish', '--period', PERIOD, '--dir', folder];

const copy = (from: string, to: string) => cpSync(from, to, { recursive: true, preserveTimestamps: true });

/** How long an undisturbed run takes, in milliseconds. */
async function timed(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await cardiff(args);
  if (code !== 0) throw new Error(`the undisturbed run failed: ${stderr}`);
  return Math.round(performance.now() - started);
}

/** Starts a command and kills it; false where it had ended by then. */
async function killAfter(args: readonly string[], delay: number): Promise<boolean> {
  const { child, ended } = startCardiff(args);
  await Promise.race([sleep(delay), ended]);
  child.kill('SIGKILL');
  return (await ended).code === null;
}

async function main(): Promise<void> {
  const [kills = '50', seed = '1'] = process.argv.slice(2);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const failures = await killAndCompare({
    kills: Number(kills),
    seed: Number(seed),
    scale: 3,
    months: 27,
    say,
  });
  say(failures.length === 0 ? `${kills} kills: nothing differs` : failures.join('\n'));
  process.exitCode = failures.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) await main();
