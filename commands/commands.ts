/** The commands of the command line, with their help. What is large is loaded by the command that needs it. */
import { resolve } from 'node:path';
import type { Store } from '../transform/store.ts';
import { ingest } from './ingest.ts';
import { ingestText } from './ingest-text.ts';
import { init } from './init.ts';
import type { Options, Outcome } from './options.ts';
import type { Partnership } from './partnership.ts';
import { openPartnership, openPartnershipStore } from './partnership.ts';
import { readStatus, statusText } from './status.ts';
import { UsageError } from './usage-error.ts';

export interface Command {
  readonly summary: string;
  readonly help: string;
  readonly run: (options: Options) => Promise<Outcome>;
}

function folderArgument({ positionals }: Options, command: string): string {
  const [folder] = positionals;
  if (folder === undefined) throw new UsageError(`which folder? for example: cardiff ${command} city`);
  return resolve(folder);
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    summary: 'makes a partnership folder',
    help: 'cardiff init FOLDER\n\nMakes a partnership folder: cardiff.yaml with every setting explained, a fresh key, empty inboxes.\n\nExample: cardiff init our-town',
    run: async (options) => {
      const folder = folderArgument(options, 'init');
      const files = await init(folder);
      return {
        result: { folder, files },
        text: `Made ${folder}. Next: read ${folder}/cardiff.yaml, and drop source files in ${folder}/inbox/.`,
      };
    },
  },
  ingest: {
    summary: 'reads source files into the store',
    help: 'cardiff ingest [FILE…] [--source ID] [--dir FOLDER] [--json]\n\nReads new files of each inbox, or the named ones. ID is a source of cardiff.yaml or a profile.\n\nExample: cardiff ingest --dir our-town',
    run: async (options) => {
      const { sources, failures } = await withStore(options, (partnership, store) =>
        ingest(partnership, store, options.positionals, options.source),
      );
      for (const { message } of failures) process.stderr.write(`cardiff: ${message}\n`);
      return { result: { sources, failures }, text: ingestText(sources), code: failures.length > 0 ? 1 : 0 };
    },
  },
  publish: {
    summary: 'freezes a period and makes its release',
    help: 'cardiff publish [--period PERIOD] [--draft] [--without SOURCE] [--dir FOLDER] [--json]\n\nPERIOD is a month (2025-09: figures of the area) or a quarter (2025-Q3: places too), by default the latest quarter delivered.\nRefuses until every expected source covers its end, or its absence is recorded with --without.\n--draft freezes nothing, goes to drafts/, and says so on every page.\n\nExample: cardiff publish --period 2025-Q3 --draft --dir our-town',
    run: async (options) => {
      const { publish } = await import('./publish.ts');
      const { period, draft, without } = options;
      const made = await withStore(options, (partnership, store) =>
        publish(partnership, store, { period, draft, without }),
      );
      const said = made.made
        ? `Made ${made.folder}`
        : `${made.folder} was released before; made anew, it has the same bytes`;
      return {
        result: made,
        text: [
          `${said}:`,
          ...made.files.map((file) => `  ${file}`),
          ...made.notes.map((note) => `Note: ${note}`),
        ].join('\n'),
      };
    },
  },
  run: {
    summary: 'watches the inboxes and publishes on schedule',
    help: 'cardiff run [--dir FOLDER]\n\nReads what is dropped in the inboxes, and at the times of publish.schedule makes the draft or release of the latest quarter. Ctrl-C ends it.\n\nExample: cardiff run --dir our-town',
    run: async (options) => {
      const { runForever } = await import('./run.ts');
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      await runForever(resolve(options.dir), stop.signal, (line) => process.stderr.write(`${line}\n`));
      return { result: {}, text: 'stopped' };
    },
  },
  status: {
    summary: 'what is in the store, what was published, what is late',
    help: 'cardiff status [--dir FOLDER] [--json]\n\nExact figures, for the operator alone.\n\nExample: cardiff status --dir our-town',
    run: async (options) => {
      const status = await withStore(options, readStatus);
      return { result: status, text: statusText(status) };
    },
  },
  doctor: {
    summary: 'what is wrong with this installation, or how an unknown file could be read',
    help: 'cardiff doctor [FILE] [--dir FOLDER] [--json]\n\nWithout a file: looks at everything that the folder needs and says how to mend what is wrong.\nWith one: proposes a profile for it, says what would become of its first hundred rows, and what is missing. No value of the file is shown.\n\nExample: cardiff doctor --dir our-town',
    run: async (options) => {
      const { adviceText, adviseOn, examine, findingsText } = await import('./doctor.ts');
      const [file] = options.positionals;
      if (file !== undefined) {
        const advice = await adviseOn(resolve(file), resolve(options.dir));
        return { result: advice, text: adviceText(advice) };
      }
      const findings = await examine(resolve(options.dir));
      return {
        result: { findings },
        text: findingsText(findings),
        code: findings.every(({ ok }) => ok) ? 0 : 1,
      };
    },
  },
  synth: {
    summary: 'invents a city to try everything on',
    help: 'cardiff synth FOLDER [--seed N] [--months N] [--scale X]\n\nMakes a partnership folder with the messy source files of an invented city, and truth.json with what was planted.\n\nExample: cardiff synth city --seed 7 --months 27',
    run: async (options) => {
      const { synth, synthOptions } = await import('./synth.ts');
      const folder = folderArgument(options, 'synth');
      const files = await synth(folder, synthOptions(options));
      return {
        result: { folder, files },
        text: `Invented a city in ${folder}: ${files.length} files. Next: cardiff ingest --dir ${folder}`,
      };
    },
  },
  dictionary: {
    summary: 'prints the data dictionary',
    help: 'cardiff dictionary\n\nPrints, as Markdown, every field of every source and what becomes of it, and every column of the tables.\n\nExample: cardiff dictionary > dictionary.md',
    run: async () => {
      const { dictionary } = await import('./dictionary.ts');
      return { result: { markdown: dictionary() }, text: dictionary().trimEnd() };
    },
  },
  demo: {
    summary: 'invents a city and runs everything on it',
    help: 'cardiff demo [--dir FOLDER]\n\nInvents a city in FOLDER (by default ./city), or takes the partnership folder that is there, reads its files and publishes the latest quarter.\n\nExample: cardiff demo --dir city',
    run: async (options) => (await import('./demo.ts')).demo(options),
  },
};

/** Opens the partnership and its store for one task. */
async function withStore<T>(
  { dir }: Options,
  work: (partnership: Partnership, store: Store) => Promise<T>,
): Promise<T> {
  const partnership = await openPartnership(resolve(dir));
  const store = await openPartnershipStore(partnership.folder);
  try {
    return await work(partnership, store);
  } finally {
    store.close();
  }
}

/** The overview of all commands. */
export function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const list = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `cardiff COMMAND [--dir FOLDER] [--json] [--help]\n\n${list.join('\n')}\n\nStart with: cardiff demo --dir city`;
}
