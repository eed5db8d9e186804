// What the agreed area reports: a source may deliver records from beyond it, and those are nobody's business here.
import type { Run } from './frozen.ts';

/** In which years what is recorded as a sexual offence is counted: those of `except`, or all but those. */
export interface SexualOffences {
  readonly counted: boolean;
  readonly except: readonly number[];
}
/** For what no figure is released of: what settings had counted when it was read. */
export const ALL_THAT_WAS_READ: SexualOffences = { counted: true, except: [] };

/**
 * Makes the temporary view `reported`, which all counts are taken from: the incidents of the store without those that
 * are located outside the agreed area. Incidents without a place count, since their supplier serves the area. Sexual
 * offences that were read while settings counted them are left out of years whose policy does not.
 */
export async function limitToAgreedArea(
  run: Run,
  cells: readonly bigint[],
  { counted, except }: SexualOffences,
): Promise<void> {
  await run('CREATE OR REPLACE TEMP TABLE agreed_cell (cell UBIGINT)');
  await run('INSERT INTO agreed_cell SELECT unnest($1::JSON::UBIGINT[])', [
    JSON.stringify(cells.map(String)),
  ]);
  const isCounted = `${counted} <> list_contains([${except.join(', ')}]::BIGINT[], year(month))`;
  await run(`CREATE OR REPLACE TEMP VIEW reported AS
    SELECT * FROM incident WHERE (cell IS NULL OR cell IN (SELECT cell FROM agreed_cell))
      AND (offence IS DISTINCT FROM 'sexual offence' OR ${isCounted})`);
}
