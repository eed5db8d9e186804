/** The small form of test/kill.ts. */
import { expect, test } from 'vitest';
import { killAndCompare } from '../kill.ts';

test('after kills at any instant, what is stored and released is as it would have been', {
  timeout: 120_000,
}, async () => {
  const failures = await killAndCompare({ kills: 4, seed: 3, scale: 0.5, months: 15, say: () => undefined });
  expect(failures).toEqual([]);
});
