/** npm run bench: the machine, the versions, and each part against what a user would otherwise have. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { init } from '../commands/init.ts';
import { benchDisclosure } from './disclosure.ts';
import { loadTime } from './duckdb-floor.ts';
import { benchKernel } from './kernel.ts';
import { benchPlaces } from './places.ts';
import { writeIstvFile, writePoliceUkFile } from './source-files.ts';

const say = (line = '') => process.stdout.write(`${line}\n`);
const run = promisify(execFile);
const RUNS = 3;

function version(name: string): string {
  const path = join(import.meta.dirname, '..', '..', 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

/** One ingest in a process of its own: seconds from its first line to its last, and its largest resident size. */
async function ingestOnce(folder: string, profile: string, file: string): Promise<Measured> {
  const child = join(import.meta.dirname, 'ingest-child.js');
  const { stdout } = await run(process.execPath, [child, folder, profile, file]);
  return JSON.parse(stdout) as Measured;
}

/** File to store against DuckDB's own load of the same file, by turns in one sitting. */
async function fileToStore(
  work: string,
  title: string,
  profile: string,
  file: string,
  rows: number,
): Promise<void> {
  const ours: Measured[] = [];
  const floor: number[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    floor.push(await loadTime(file, join(work, 'floor.duckdb')));
    const folder = join(work, `partnership-${turn}`);
    await init(folder);
    ours.push(await ingestOnce(folder, profile, file));
    await rm(folder, { recursive: true });
  }
  const seconds = median(ours.map((each) => each.seconds));
  const load = median(floor);
  say(
    `${title}: ${seconds.toFixed(1)} s; DuckDB's CREATE TABLE AS SELECT * FROM read_csv of the same file ${load.toFixed(1)} s; ` +
      `ratio ${(seconds / load).toFixed(2)}; ${((seconds / rows) * 1e6).toFixed(2)} µs a row; at most ${Math.max(...ours.map((each) => each.megabytes)).toFixed(0)} MB (medians of ${RUNS})`,
  );
}

async function memory(work: string): Promise<void> {
  for (const millions of [1, 4, 16]) {
    const file = join(work, 'rows.csv');
    await writePoliceUkFile(file, millions * 1e6);
    const folder = join(work, 'partnership');
    await init(folder);
    const { seconds, megabytes } = await ingestOnce(folder, 'police-uk-csv', file);
    say(
      `memory at ${millions} million police.uk rows: ${megabytes.toFixed(0)} MB at most, ${seconds.toFixed(1)} s`,
    );
    await rm(folder, { recursive: true });
    await rm(file);
  }
}

async function storeToReport(work: string): Promise<void> {
  const child = join(import.meta.dirname, 'report-child.js');
  const { stdout } = await run(process.execPath, [child, join(work, 'city')]);
  const { incidents, seconds } = JSON.parse(stdout) as { incidents: number; seconds: number };
  say(
    `store to report: ${seconds.toFixed(1)} s for a quarter of an invented city with ${incidents} incidents in the store`,
  );
}

async function main(): Promise<void> {
  const [cpu] = cpus();
  say(
    `${cpu?.model ?? 'unknown processor'}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.version}, DuckDB ${version('@duckdb/node-api')}, h3-js ${version('h3-js')}`,
  );
  say();
  const work = await mkdtemp(join(tmpdir(), 'cardiff-bench-'));
  try {
    benchKernel(say);
    say();
    benchDisclosure(say);
    say();
    benchPlaces(say);
    say();
    const police = join(work, 'police.csv');
    await writePoliceUkFile(police, 4e6);
    await fileToStore(work, 'police.uk file of 4 million rows to store', 'police-uk-csv', police, 4e6);
    await rm(police);
    const istv = join(work, 'istv.csv');
    await writeIstvFile(istv, 2e6);
    await fileToStore(
      work,
      'ISTV file of 2 million rows to store, attendance and person digests',
      'istv-csv',
      istv,
      2e6,
    );
    await rm(istv);
    say();
    await memory(work);
    say();
    await storeToReport(work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

await main();
