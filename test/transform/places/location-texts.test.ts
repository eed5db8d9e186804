/** How well texts as receptionists write them are placed, on the real registers, wards and postcodes of Cardiff and the Vale. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createPlaceResolver,
  type PlaceResolver,
  resolvePlace,
} from '../../../transform/places/resolve-place.ts';
import { cardiffPartnershipGazetteer, hasCardiffLists } from '../../cardiff-lists.ts';
import {
  inWords,
  type Label,
  readLabels,
  readNamedLabels,
  type Verdict,
  verdictOf,
} from './location-labels.ts';

/** Texts that name a place, a street, a junction or a postcode can be placed at street or better. */
const RESOLVABLE = new Set(['place', 'street', 'junction', 'postcode']);

interface Score {
  readonly n: number;
  readonly right: number;
  readonly wrong: number;
  /** Of what was placed. */
  readonly precision: number;
  /** Of what can be. */
  readonly recall: number;
}

function scoreOf(verdicts: readonly Verdict[]): Score {
  const count = (of: Verdict) => verdicts.filter((verdict) => verdict === of).length;
  const [n, right, wrong] = [verdicts.length, count('right'), count('wrong')];
  return { n, right, wrong, precision: right / Math.max(1, right + wrong), recall: right / Math.max(1, n) };
}

/** Scores labels, prints a line a kind and each text that went wrong, and returns the scores by kind. */
function score(
  resolver: PlaceResolver,
  title: string,
  labels: readonly Label[],
  showTexts = true,
): Map<string, Score> & { readonly all?: Score } {
  const judged = labels.map((label) => ({ label, ...verdictOf(resolver, label) }));
  const lines = judged
    .filter(({ verdict }) => verdict !== 'right')
    .map(
      ({ label, verdict, resolved }) =>
        `  ${verdict} ${label.kind}: ${label.text} -> ${inWords(resolver, resolved)}`,
    );
  const of = (test: (kind: string) => boolean) =>
    scoreOf(judged.filter(({ label }) => test(label.kind)).map(({ verdict }) => verdict));
  const kinds = [...new Set(labels.map(({ kind }) => kind))];
  const scores = new Map(kinds.map((kind) => [kind, of((other) => other === kind)]));
  const atStreet = of((kind) => RESOLVABLE.has(kind));
  // A text that names nothing and is placed all the same is as false as one that is placed elsewhere.
  const falsely = judged.filter(
    ({ label, verdict }) => !RESOLVABLE.has(label.kind) && verdict === 'wrong',
  ).length;
  scores.set('street or better', {
    ...atStreet,
    precision: atStreet.right / (atStreet.right + atStreet.wrong + falsely),
  });
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const table = [...scores].map(
    ([kind, { n, right, wrong, precision, recall }]) =>
      `  ${kind.padEnd(18)}${String(n).padStart(4)} texts, ${String(right).padStart(4)} right, ${String(wrong).padStart(3)} wrong; precision ${percent(precision)}, found ${percent(recall)}`,
  );
  process.stdout.write(`${title}\n${table.join('\n')}\n${showTexts ? `${lines.join('\n')}\n` : ''}`);
  return scores;
}

describe.skipIf(!hasCardiffLists())(
  'texts of locations, against the lists in ../shared/data/geography',
  () => {
    let resolver: PlaceResolver;
    beforeAll(async () => {
      resolver = createPlaceResolver(await cardiffPartnershipGazetteer());
    }, 60_000);

    test('our own set: at least 95% of what is placed is right, and 85% of what can be is found at street or better', () => {
      const labels = readLabels('location-texts.csv');
      expect(labels.length).toBeGreaterThan(400);
      const street = score(resolver, 'location-texts.csv', labels).get('street or better') as Score;
      expect(street.precision).toBeGreaterThan(0.95);
      expect(street.recall).toBeGreaterThan(0.85);
    });

    test('a set by somebody who had not seen the resolver', () => {
      const labels = readNamedLabels('location-texts-blind.csv', resolver.map.places);
      expect(labels.length).toBeGreaterThan(360);
      const scores = score(resolver, 'location-texts-blind.csv', labels);
      const street = scores.get('street or better') as Score;
      expect(street.precision).toBeGreaterThan(0.95);
      expect(street.recall).toBeGreaterThan(0.85);
      expect(scores.get('home')?.wrong).toBe(0);
    });

    test('a second set, by somebody who had not seen the resolver as it has become', () => {
      const labels = readNamedLabels('location-texts-blind-second.csv', resolver.map.places);
      expect(labels.length).toBeGreaterThan(120);
      const scores = score(resolver, 'location-texts-blind-second.csv', labels);
      const street = scores.get('street or better') as Score;
      // Its first score; nothing may be changed for its texts, so that it goes on to tell what unseen texts would.
      expect(street.precision).toBeGreaterThanOrEqual(75 / 77);
      expect(street.recall).toBeGreaterThanOrEqual(75 / 89);
      expect(scores.get('home')?.wrong).toBe(0);
    });

    test('all of them: what each level is worth, no home is placed, and few public places are taken for homes', () => {
      const { places } = resolver.map;
      const all = [
        ...readLabels('location-texts.csv'),
        ...readNamedLabels('location-texts-blind.csv', places),
        ...readNamedLabels('location-texts-blind-second.csv', places),
      ];
      expect(all.length).toBeGreaterThan(1000);
      const scores = score(resolver, `all ${all.length} texts`, all, false);
      const street = scores.get('street or better') as Score;
      expect(street.precision).toBeGreaterThan(0.98);
      expect(street.recall).toBeGreaterThan(0.92);
      for (const kind of ['place', 'street', 'junction', 'postcode', 'area', 'ambiguous', 'nothing'])
        expect(scores.get(kind)?.precision, kind).toBeGreaterThan(0.95);
      expect(scores.get('home')?.wrong).toBe(0);
      const open = all.filter(({ kind }) => ['place', 'street', 'junction', 'area'].includes(kind));
      const refused = open.filter(({ text }) => resolvePlace(resolver, text).gate !== 'none');
      const share = refused.length / open.length;
      process.stdout.write(
        `  ${refused.length} of ${open.length} texts of public places are taken for homes (${(share * 100).toFixed(1)}%)\n`,
      );
      expect(share).toBeLessThan(0.01);
    });
  },
);
