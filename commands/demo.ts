/** cardiff demo: everything once, from source files to the board's report. */
import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { ingest } from './ingest.ts';
import { ingestText } from './ingest-text.ts';
import type { Options, Outcome } from './options.ts';
import { openPartnership, openPartnershipStore } from './partnership.ts';
import { publish } from './publish.ts';
import { synth, synthOptions } from './synth.ts';

/** Runs the pipeline on the folder, inventing a city in it where it holds no partnership, and lists what was made. */
export async function demo(options: Options): Promise<Outcome> {
  const folder = resolve(options.dir === '.' ? 'city' : options.dir);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (!(await stat(join(folder, 'cardiff.yaml')).catch(() => undefined))) {
    say(`inventing a city in ${folder}`);
    await synth(folder, synthOptions(options));
  }
  const partnership = await openPartnership(folder);
  const store = await openPartnershipStore(folder);
  try {
    say('reading its source files');
    const { sources, failures } = await ingest(partnership, store, []);
    for (const { message } of failures) say(`cardiff: ${message}`);
    say('protecting, analysing and drawing');
    const release = await publish(partnership, store, { draft: false, without: [] });
    const made = [
      ...release.files.map((file) => join(release.folder, file)),
      join(folder, 'data', 'store.duckdb'),
      ...release.snapshots,
    ].map((path) => relative(process.cwd(), path));
    const text = [
      ingestText(sources),
      '',
      `${release.made ? 'Made' : 'As it was released before'}, for ${release.period}:`,
      ...made.map((path) => `  ${path}`),
      '',
      `Open ${relative(process.cwd(), join(release.folder, 'board.html'))} in a browser, and board.pdf beside it.`,
    ].join('\n');
    return { result: { sources, failures, release, made }, text, code: failures.length > 0 ? 1 : 0 };
  } finally {
    store.close();
  }
}
