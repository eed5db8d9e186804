/** The commands of the command line, with their help. Each loads what it needs: all of it takes half a second. */
import { resolve } from 'node:path';
import type { Store } from '../transform/store.ts';
import type { Options, Outcome } from './options.ts';
import type { Partnership } from './partnership.ts';
import { tellOn } from './tell.ts';
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
    help: 'cardiff init FOLDER [--kafka HOST:PORT]\n\nMakes a partnership folder: cardiff.yaml with every setting explained, a fresh key, empty inboxes.\n--kafka sets it up to listen to topics of that broker.\n\nExample: cardiff init our-town',
    run: async (options) => {
      const { init } = await import('./init.ts');
      const folder = folderArgument(options, 'init');
      const files = await init(folder, undefined, options.kafka);
      return {
        result: { folder, files },
        text: `Made ${folder}. Next: read ${folder}/cardiff.yaml, and ${options.kafka ? `run cardiff listen --create-topics --dir ${folder}` : `drop source files in ${folder}/inbox/`}.`,
      };
    },
  },
  ingest: {
    summary: 'reads source files into the store',
    help: 'cardiff ingest [FILE…] [--source ID] [--dir FOLDER] [--json]\n\nReads new files of each inbox, or the named ones. ID is a source of cardiff.yaml or a profile.\n\nExample: cardiff ingest --dir our-town',
    run: async (options) => {
      const [{ ingest }, { ingestText }] = await Promise.all([
        import('./ingest.ts'),
        import('./ingest-text.ts'),
      ]);
      const { sources, failures } = await withStore(options, (partnership, store) =>
        ingest(partnership, store, options.positionals, options.source),
      );
      for (const { message } of failures) process.stderr.write(`cardiff: ${message}\n`);
      return {
        result: { sources, failures },
        text: ingestText(sources, failures.length),
        code: failures.length > 0 ? 1 : 0,
      };
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
          ...Object.entries(made.utility).flatMap(([id, of]) =>
            of
              ? `For your eyes: of ${id}'s records on the map ${of.shown.cell}% stand in a cell of their own and ${of.shown.area}% within a named area; plain suppression would show ${of.plain.cell}% and ${of.plain.area}%.`
              : [],
          ),
        ].join('\n'),
      };
    },
  },
  approve: {
    summary: "records a person's word for a draft",
    help: 'cardiff approve PERIOD --as NAME [--dir FOLDER] [--json]\n\nApproves the draft of the period as it lies in drafts/PERIOD. Where cardiff.yaml asks for approvals, publish waits for that many different people; a draft that changes needs new ones.\n\nExample: cardiff approve 2025-Q3 --as "Jane Smith" --dir our-town',
    run: async (options) => {
      const [period] = options.positionals;
      if (period === undefined)
        throw new UsageError('which period? for example: cardiff approve 2025-Q3 --as "Jane Smith"');
      const { approve } = await import('./approve.ts');
      const result = await withStore(options, (partnership, store) =>
        approve(partnership, store, period, options.as),
      );
      return {
        result,
        text: `The draft of ${period} is approved by ${result.approved_by.join(', ')}; wanted: ${result.wanted}.`,
      };
    },
  },
  retract: {
    summary: 'takes back a released value',
    help: 'cardiff retract PERIOD [SOURCE [CUT [ATOM]]] --because REASON [--dir FOLDER] [--json]\n\nWithdraws a value, a cut, a source or all of a period. Nothing is overwritten: the register, later releases and status say what is withdrawn and why, and later releases leave it out.\n\nExample: cardiff retract 2025-Q3 ed weapon firearm --because "coded wrongly by the supplier" --dir our-town',
    run: async (options) => {
      const { retract, wordsOf } = await import('./retract.ts');
      return withStore(options, async (partnership, store) => {
        const result = await retract(partnership, store, options.positionals, options.because);
        return {
          result,
          text: `Withdrawn: ${wordsOf(result, partnership.settings.sources)}. Tell those who have it: ${options.dir}/register.jsonl lists the recipients.`,
        };
      });
    },
  },
  erase: {
    summary: 'removes records from every file of ours',
    help: 'cardiff erase --source ID (--key-file FILE | --from MONTH --to MONTH) [--dir FOLDER] [--json]\n\nFILE (- for stdin) holds the keys that the supplier knows its records by, one a line. Source files that have been read are removed from the inbox; one that has not been read, or comes again with other content, brings its records back.\nReleased figures hold no record and stay as they are.\n\nExample: cardiff erase --source ed --key-file keys.txt --dir our-town',
    run: async (options) => {
      const [{ erase, readErasure }, { openPartnership }] = await Promise.all([
        import('./erase.ts'),
        import('./partnership.ts'),
      ]);
      const partnership = await openPartnership(resolve(options.dir));
      const erased = await erase(partnership, await readErasure(partnership, options));
      const { source, records, unknown, files } = erased;
      const more = unknown ? `; the store has no record of ${unknown} of the keys` : '';
      return {
        result: erased,
        text: `Erased ${records} records of ${source}${more}. Removed ${files} source files that had been read.`,
        code: records === 0 ? 1 : 0,
      };
    },
  },
  run: {
    summary: 'watches the inboxes and publishes on schedule',
    help: 'cardiff run [--dir FOLDER]\n\nReads what is dropped in the inboxes and the topics that "kafka" in cardiff.yaml names, and at the times of publish.schedule makes the draft or release of the latest quarter. Ctrl-C ends it.\n\nExample: cardiff run --dir our-town',
    run: async (options) => {
      const { runForever } = await import('./run.ts');
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      await runForever(resolve(options.dir), stop.signal, (line) => process.stderr.write(`${line}\n`));
      return { result: {}, text: 'stopped' };
    },
  },
  listen: {
    summary: 'consumes Kafka topics into the store, or into the partnership’s topic',
    help: 'cardiff listen [--create-topics] [--dir FOLDER] [--json]\n\nReads the topics that "kafka" in cardiff.yaml names, until Ctrl-C. It tells of itself on stderr, a line of JSON each; metrics and health are on 127.0.0.1.\n--create-topics makes the topics that are not there, with the settings they should have.\n\nExample: cardiff listen --create-topics --dir our-town',
    run: async (options) => {
      const [{ listen, listenText }, { makeTopics }, { openPartnership }] = await Promise.all([
        import('./listen.ts'),
        import('./kafka-cluster.ts'),
        import('./partnership.ts'),
      ]);
      const partnership = await openPartnership(resolve(options.dir));
      const tell = tellOn(process.stderr, partnership.now);
      if (options['create-topics'])
        for (const topic of await makeTopics(partnership)) tell('topic-made', { topic });
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      const stopped = await listen(partnership, stop.signal, tell);
      return {
        result: { stopped },
        text: listenText(stopped),
        code: Object.keys(stopped).length > 0 ? 1 : 0,
      };
    },
  },
  status: {
    summary: 'what is in the store, what was published, what is late',
    help: 'cardiff status [--dir FOLDER] [--json]\n\nExact figures, for the operator alone.\n\nExample: cardiff status --dir our-town',
    run: async (options) => {
      const { readStatus, statusText } = await import('./status.ts');
      return withStore(options, async (partnership, store) => {
        const status = await readStatus(partnership, store);
        return { result: status, text: statusText(status, partnership.settings) };
      });
    },
  },
  quality: {
    summary: 'how well records are filled in, by supplier, month and shift',
    help: 'cardiff quality [--dir FOLDER] [--json]\n\nFor each supplier what is complete and what is not, changes of coding and of volume, what the missing depends on, and what it does to the map. --json prints the whole scorecard.\nExact figures, for the operator alone.\n\nExample: cardiff quality --dir our-town',
    run: async (options) => {
      const [{ quality }, { qualityText }] = await Promise.all([
        import('./quality.ts'),
        import('./quality-text.ts'),
      ]);
      return withStore(options, async (partnership, store) => {
        const result = await quality(partnership, store);
        return { result, text: qualityText(result) };
      });
    },
  },
  audit: {
    summary: 'attacks what was released',
    help: 'cardiff audit [RELEASE\u2026] [--knowing FILE.csv] [--dir FOLDER] [--json]\n\nTries to learn from released files what nobody published: from all releases, or those named (2025-Q3, or a folder).\n--knowing gives the attacker exact numbers as well: source,period,cut,atom,records.\nExit code 1 where something is known more closely than the policy lets it be, with what and where.\n\nExample: cardiff audit --dir our-town',
    run: async (options) => (await import('./audit.ts')).audit(options),
  },
  doctor: {
    summary: 'what is wrong with this installation, or how an unknown file could be read',
    help: 'cardiff doctor [FILE] [--dir FOLDER] [--json]\n\nWithout a file: looks at everything that the folder needs and says how to mend what is wrong.\nWith one: proposes a profile for it, says what would become of its first hundred rows, and what is missing. No value of the file is shown. A workbook with a password is looked at where it lies in the inbox of a source that has it.\n\nExample: cardiff doctor --dir our-town',
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
  gazetteer: {
    summary: 'builds and mends the list of public places',
    help: 'cardiff gazetteer build FILE… [--dir FOLDER]\ncardiff gazetteer duplicates\ncardiff gazetteer merge KEPT_ID OTHER_ID\ncardiff gazetteer alias NAME ID [--since DATE] [--until DATE]\n\nbuild makes gazetteer/lists.csv out of food-hygiene registers (.xml), outlines of areas, or points of places and lines of streets with the property "name" (.geojson), postcode lists (Code-Point Open, .csv) and gazetteers (.csv). It makes the file anew, so name all of them each time; what other files of the folder have stays theirs.\nduplicates lists rows that are probably one place, merge makes one of two, alias adds a name.\n\nExample: cardiff gazetteer build FHRS556en-GB.xml codepoint_cf.csv wards.geojson --dir our-town',
    run: async (options) => (await import('./gazetteer-command.ts')).gazetteerCommand(options),
  },
  places: {
    summary: 'what texts name that the gazetteer does not know',
    help: 'cardiff places review [--dir FOLDER] [--json]\ncardiff places alias FORM ID [--since DATE] [--until DATE]\ncardiff places dismiss FORM\n\nreview reads the files that are still in the inboxes, in memory, and lists what the records of at least five people name alike and the gazetteer does not know. alias makes it a name of a place, dismiss puts it aside; both are remembered, and the next ingest reads the files anew.\n\nExample: cardiff places review --dir our-town',
    run: async (options) => (await import('./places-command.ts')).placesCommand(options),
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
  const { openPartnership, openPartnershipStore } = await import('./partnership.ts');
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
