import { expect, test } from 'vitest';
import { limitToAgreedArea } from '../../../reports/disclosure/reported.ts';
import { openStore } from '../../../transform/store.ts';

test('records located outside the agreed area are not reported; those without a place are', async () => {
  const store = await openStore(':memory:');
  try {
    await store.run('CREATE TABLE incident (id INTEGER, cell UBIGINT)');
    await store.run(
      'INSERT INTO incident VALUES (1, 617700169958293503), (2, 617700169958555647), (3, NULL)',
    );
    const ids = async () =>
      (await store.query<{ id: number }>('SELECT id FROM reported ORDER BY id')).map((row) => row.id);
    await limitToAgreedArea(store.run, [617_700_169_958_293_503n]);
    expect(await ids()).toEqual([1, 3]);
    await limitToAgreedArea(store.run, [617_700_169_958_293_503n, 617_700_169_958_555_647n]);
    expect(await ids()).toEqual([1, 2, 3]);
  } finally {
    store.close();
  }
});
