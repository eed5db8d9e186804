/** The small form of test/calibration/hotspots-on-synth.ts, whose long form gives the figures. */
import { expect, test } from 'vitest';
import { countFalseAlarms, scorePlanted } from '../calibration/hotspots-on-synth.ts';

test('planted spots are found through the whole pipeline, and nothing else is', {
  timeout: 40_000,
}, async () => {
  const [ed, police] = await scorePlanted(1);
  const missed = (score: typeof ed) => score?.spots.filter((spot) => !spot.found && !spot.hidden);
  expect(missed(ed)).toEqual([]);
  expect(missed(police)).toEqual([]);
  expect(ed?.spots.filter((spot) => spot.hidden)).toEqual([]);
  expect(police?.spots.filter((spot) => spot.hidden)).toHaveLength(1);
  for (const score of [ed, police])
    expect([...(score?.false ?? []), ...(score?.falseAlone ?? [])]).toEqual([]);
});

test('of 200 cities with nothing planted, at most 5% have a star that is called', { timeout: 60_000 }, () => {
  const seeds = Array.from({ length: 200 }, (_, i) => 5000 + i);
  expect(countFalseAlarms(seeds, 1).stars.length).toBeLessThanOrEqual(10);
});
