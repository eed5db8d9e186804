/** cardiff synth: a partnership folder of an invented city. */
import { synthesise } from '../ingest/synth/synthesise.ts';
import { cellCentre, cellsWithin, cellText, neighbours } from '../transform/h3-cell.ts';
import { now } from './clock.ts';
import { init } from './init.ts';
import { writeInventedAgreements } from './invented-agreements.ts';
import { startProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

export interface SynthOptions {
  readonly seed: number;
  readonly months: number;
  readonly scale: number;
}

/** Reads the numbers of the command line. @throws UsageError where one is none. */
export function synthOptions(options: { seed: string; months: string; scale: string }): SynthOptions {
  const number = (name: 'seed' | 'months' | 'scale', least: number, whole: boolean) => {
    const value = Number(options[name]);
    if (!(value >= least) || (whole && !Number.isSafeInteger(value))) {
      throw new UsageError(`--${name}: wanted a ${whole ? 'whole ' : ''}number of ${least} or more`);
    }
    return value;
  };
  return {
    seed: number('seed', 0, true),
    months: number('months', 1, true),
    scale: number('scale', 0.01, false),
  };
}

/** Makes the folder and writes the city's source files, gazetteer, geography and truth into it. */
export async function synth(
  folder: string,
  options: SynthOptions,
): Promise<{ path: string; rows: number }[]> {
  await init(folder, 'Violence Prevention Board of an invented city', undefined, true);
  await writeInventedAgreements(folder);
  const progress = startProgress('inventing a city', process.stderr, now);
  try {
    const { files } = await synthesise(
      {
        folder,
        ...options,
        progress: (done, total) => progress.update(done / total, `${done} of ${total} files`),
      },
      { cellCentre, cellsWithin, cellText, neighbours },
    );
    return files;
  } finally {
    progress.done();
  }
}
