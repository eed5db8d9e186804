import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocateIncidents } from '../../schemas/incident.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import { emptyTally } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { openDoor } from '../../transform/door.ts';
import {
  beginMerge,
  mergeStaged,
  readMergeCounts,
  STORE_TABLES,
  stageIncidents,
} from '../../transform/merge.ts';
import { openStore } from '../../transform/store.ts';
import { batchOf } from '../batch-of.ts';

/** What a supplier says of a crime at some version; 49 is no violence. */
interface Version {
  readonly ref: string;
  readonly version: string;
  readonly offence: string;
}

const settings = {
  source: 'police',
  profile: POLICE_RMS,
  key: new Uint8Array(32).fill(7),
  places: [],
  sites: [],
  today: 20_362,
};

const rowOf = ({ ref, version, offence }: Version) => ({
  crime_ref: ref,
  record_version: version,
  offence_code: offence,
  committed_from: '2025-09-06T23:15:00',
  premises_type: 'street',
  // What a version says hangs on its number, so that the same version is the same record.
  victim_age: String(20 + (version.length * 7 + Number(version.at(-1) ?? 0))),
});

/** Merges records in this order and these portions; the store's rows and the sum of the counts. */
async function merged(records: readonly Version[], sizes: readonly number[]) {
  const store = await openStore(':memory:');
  try {
    await store.run(STORE_TABLES);
    const door = openDoor(settings, 64);
    const tally = emptyTally();
    const counts = await store.transaction(async () => {
      const merge = await beginMerge(store, 'police', 1);
      for (let at = 0, portion = 0; at < records.length; portion++) {
        const part = records.slice(at, at + (sizes[portion % sizes.length] as number));
        const incidents = allocateIncidents(64, door.terms);
        anonymise(door, batchOf(POLICE_RMS, part.map(rowOf)), incidents, tally);
        await stageIncidents(store, merge, incidents);
        await mergeStaged(store, merge);
        at += part.length;
      }
      return readMergeCounts(store);
    });
    const rows = await store.query<{ row: string }>(
      'SELECT t::VARCHAR AS row FROM incident t ORDER BY key0, key1',
    );
    return { rows: rows.map(({ row }) => row), counts, tally };
  } finally {
    store.close();
  }
}

const version = fc.record({
  ref: fc.constantFrom('A', 'B', 'C'),
  version: fc.constantFrom('1', '2', '3', '4', '10'),
});
/** Whether a version speaks of violence hangs on it alone. */
const withOffence = ({ ref, version: number }: { ref: string; version: string }): Version => ({
  ref,
  version: number,
  offence: number === '3' ? '49' : '8N',
});

test('where a supplier numbers versions, the highest stands, in whatever order they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(version, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      async (versions, order, sizes) => {
        const records = versions.map(withOffence);
        const shuffled = records
          .map((record) => ({ record, at: order.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ record }) => record);
        const sorted = [...records].sort((a, b) => Number(a.version) - Number(b.version));
        const [got, wanted] = [await merged(shuffled, sizes), await merged(sorted, [64])];
        expect(got.rows).toEqual(wanted.rows);
        for (const { rows, counts, tally } of [got, wanted]) {
          expect(tally.passed).toBe(counts.accepted + counts.duplicate);
          expect(rows.length).toBe(counts.accepted - counts.corrected - counts.withdrawn);
        }
        expect((await merged(shuffled, [64])).counts).toEqual(got.counts);
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

test('a version may be a time; without one the later record stands', async () => {
  const at = (number: string, offence = '8N') => ({ ref: 'A', version: number, offence });
  const last = (await merged([at('2025-09-10T10:00:00')], [1])).rows;
  expect((await merged([at('2025-09-10T10:00:00'), at('2025-09-09T23:00:01')], [1])).rows).toEqual(last);
  const plain = (await merged([at('')], [1])).rows;
  expect((await merged([at('2025-09-10T10:00:00'), at('')], [1])).rows).toEqual(plain);
});
