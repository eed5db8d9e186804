import { expect, test } from 'vitest';
import { ALL_THAT_WAS_READ, limitToAgreedArea } from '../../../reports/disclosure/reported.ts';
import { openStore } from '../../../transform/store.ts';

test('records located outside the agreed area are not reported; those without a place are', async () => {
  const store = await openStore(':memory:');
  try {
    await store.run('CREATE TABLE incident (id INTEGER, cell UBIGINT, month DATE, offence VARCHAR)');
    await store.run(
      'INSERT INTO incident BY NAME SELECT * FROM (VALUES (1, 617700169958293503), (2, 617700169958555647), (3, NULL)) AS given (id, cell)',
    );
    const ids = async () =>
      (await store.query<{ id: number }>('SELECT id FROM reported ORDER BY id')).map((row) => row.id);
    await limitToAgreedArea(store.run, [617_700_169_958_293_503n], ALL_THAT_WAS_READ);
    expect(await ids()).toEqual([1, 3]);
    await limitToAgreedArea(
      store.run,
      [617_700_169_958_293_503n, 617_700_169_958_555_647n],
      ALL_THAT_WAS_READ,
    );
    expect(await ids()).toEqual([1, 2, 3]);
  } finally {
    store.close();
  }
});

test('a sexual offence is reported in the years whose policy counts it', async () => {
  const store = await openStore(':memory:');
  try {
    await store.run('CREATE TABLE incident (id INTEGER, cell UBIGINT, month DATE, offence VARCHAR)');
    await store.run(`INSERT INTO incident VALUES (1, NULL, '2025-12-01', 'sexual offence'),
      (2, NULL, '2026-01-01', 'sexual offence'), (3, NULL, '2025-12-01', 'violence with injury'), (4, NULL, '2025-12-01', NULL)`);
    for (const [counted, except, wanted] of [
      [true, [], [1, 2, 3, 4]],
      [false, [], [3, 4]],
      [true, [2025], [2, 3, 4]],
      [false, [2025], [1, 3, 4]],
    ] as const) {
      await limitToAgreedArea(store.run, [], { counted, except });
      expect(
        (await store.query<{ id: number }>('SELECT id FROM reported ORDER BY id')).map(({ id }) => id),
      ).toEqual(wanted);
    }
  } finally {
    store.close();
  }
});
