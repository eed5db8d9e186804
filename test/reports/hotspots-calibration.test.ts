/** The small form of test/calibration/hotspots-on-synth.ts, whose long form gives the figures. */
import { expect, test } from 'vitest';
import { countFalseAlarms, scorePlanted } from '../calibration/hotspots-on-synth.ts';

test('planted spots are found through the whole pipeline, and nothing else is', {
  timeout: 40_000,
}, async () => {
  const [ed, police] = await scorePlanted(1);
  const found = (score: typeof ed) =>
    Object.fromEntries(score?.spots.map((spot) => [spot.name, spot.centre]) ?? []);
  expect(found(ed)).toMatchObject({ 'Vinegar Lane': 'strong', 'Fiddlers Gate': 'strong' });
  expect(found(police)).toMatchObject({ 'Lantern Quay': 'strong', 'Vinegar Lane': 'strong' });
  for (const score of [ed, police])
    expect([...(score?.false ?? []), ...(score?.falseAlone ?? [])]).toEqual([]);
});

test('of 20 cities with nothing planted, at most one has a star that is called', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => 5000 + i);
  expect(countFalseAlarms(seeds, 1).stars.length).toBeLessThanOrEqual(1);
});
