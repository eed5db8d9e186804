import { expect, test } from 'vitest';
import { isPrintedName } from '../../ingest/printed-name.ts';

test.each([
  ['Tŷ Gŵyr', true],
  ['Rope & Anchor 😀', true],
  ['a'.repeat(120), true],
  ['a'.repeat(121), false],
  [' ', false],
  ['Rope\ud800walk', false],
  ['Rope\u0000walk', false],
  ['Rope\u202ewalk', false],
  ['Rope\u2028walk', false],
])('%j can be printed: %s', (name, can) => {
  expect(isPrintedName(name)).toBe(can);
});
