import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDatedName } from '../../../transform/places/dated-name.ts';
import { createDeletionIndex, findSimilar, slipsAllowed } from '../../../transform/places/deletion-index.ts';
import { editDistance } from '../../../transform/places/edit-distance.ts';
import { hasPersonalDetails } from '../../../transform/places/personal-details.ts';
import { wordsOf } from '../../../transform/places/words.ts';

/** Optimal string alignment as the textbook has it. */
function referenceDistance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
  );
  const at = (i: number, j: number) => d[i]?.[j] as number;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(i - 2, j - 2) + 1);
      (d[i] as number[])[j] = best;
    }
  }
  return at(a.length, b.length);
}

const word = fc.stringMatching(/^[a-d]{1,12}$/);

test('the distance is that of the textbook, up to the limit', () => {
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 4 }), (a, b, limit) => {
      expect(editDistance(a, b, limit)).toBe(Math.min(referenceDistance(a, b), limit + 1));
    }),
    { numRuns: 2000, seed: 4 },
  );
});

test('the index finds what comparing with every word finds', () => {
  const isSwap = (a: string, b: string) => [...a].sort().join('') === [...b].sort().join('');
  fc.assert(
    fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 40 }), word, (vocabulary, asked) => {
      const found = new Map<string, number>();
      findSimilar(createDeletionIndex(vocabulary), asked, 2, (number, slips) =>
        found.set(vocabulary[number] as string, slips),
      );
      const wanted = vocabulary.flatMap((other): [string, number][] => {
        const slips = referenceDistance(asked, other);
        const isAllowed = slips > 0 && slips <= slipsAllowed(other) && asked.length >= 3;
        return isAllowed && (other.length > 4 || isSwap(asked, other)) ? [[other, slips]] : [];
      });
      // Two slips are looked for among the first ten letters, and from words of five letters on.
      const within = wanted.filter(
        ([other, slips]) => slips === 1 || (other.length <= 10 && asked.length >= 5 && asked.length <= 10),
      );
      for (const [other, slips] of within) expect([other, found.get(other)]).toEqual([other, slips]);
      for (const [other, slips] of found) expect(wanted).toContainEqual([other, slips]);
    }),
    { numRuns: 1000, seed: 8 },
  );
});

describe('dates of a former name', () => {
  const day = (date: string) => Date.parse(date) / 86_400_000;
  test.each([
    ['Oceana', 'Oceana', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['Oceana [2008..2013]', 'Oceana', day('2008-01-01'), day('2013-12-31')],
    ['Oceana [..2013-02]', 'Oceana', Number.NEGATIVE_INFINITY, day('2013-02-28')],
    ['Oceana [2008-03-15..]', 'Oceana', day('2008-03-15'), Number.POSITIVE_INFINITY],
  ])('%s', (text, name, from, until) => {
    expect(readDatedName(text)).toEqual({ name, from, until });
  });
  test('what is no pair of dates is refused', () => {
    for (const text of ['Oceana [old]', 'Oceana [2008]', '[2008..2013]'])
      expect(readDatedName(text)).toBeUndefined();
  });
});

test('words are plain, whatever they are written in', () => {
  for (const [text, words] of [
    ["O'Neill’s", ['oneills']],
    ['The Yard, the Hayes', ['yard', 'hayes']],
    ['Tŷ & Tŵr', ['ty', 'and', 'twr']],
    ['ｈｏｍｅ', ['home']],
    ['hоme', ['home']],
    ['ho\u00adme', ['home']],
    ['the Co-op', ['coop']],
    ['- -', []],
  ] as const)
    expect(wordsOf(text).words).toEqual(words);
});

test('personal details are seen, and places are none', () => {
  const personal = [
    'Walkabout - friend mob 07700 900123',
    'dob 01/02/1990',
    'see Mrs Jones',
    'a.b@example.org',
    'hit by man called Rhys Evans',
    'NHS no 999 000 0042',
    '24 yo male, City Road',
    'car AB12 CDE',
  ];
  expect(personal.filter((text) => !hasPersonalDetails(text))).toEqual([]);
  const plain = [
    'Walkabout, 2am',
    'CF10 1AA',
    'junction 33 M4',
    'Bar 33',
    '10 Feet Tall',
    'St Mary Street 0230hrs',
  ];
  expect(plain.filter(hasPersonalDetails)).toEqual([]);
});
