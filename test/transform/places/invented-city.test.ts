/** How much of an invented city's emergency records a text locates, and how much of that is where it happened. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readGazetteer } from '../../../ingest/gazetteer.ts';
import { createPlaceResolver, resolvePlace } from '../../../transform/places/resolve-place.ts';
import { withCells } from '../../cardiff-lists.ts';
import { makeCity } from '../../commands/city.ts';

/** Rows of a CSV file, whose values may hold line ends, by the names of its columns. */
async function readRows(path: string): Promise<Record<string, string>[]> {
  const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  const rows: string[][] = [[]];
  for (const [, inQuotes, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(inQuotes?.replaceAll('""', '"') ?? plain ?? '');
    if (end?.endsWith('\n')) rows.push([]);
  }
  const [header = [], ...values] = rows;
  return values.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ''])));
}

test('of public records at least 75% are located, all but 1% of them rightly, and no home', async () => {
  const city = await makeCity(12, 2);
  onTestFinished(() => rm(city, { recursive: true, force: true }));
  const places = withCells(await readGazetteer(city));
  const resolver = createPlaceResolver(places);
  const texts = new Map<string, string>();
  for (const source of ['ed', 'miu']) {
    for (const file of await readdir(join(city, 'inbox', source)))
      for (const row of await readRows(join(city, 'inbox', source, file)))
        texts.set(row['ATTENDANCE ID'] as string, row['ASSAULT LOCATION DESCRIPTION'] as string);
  }
  const counts = new Map<string, { n: number; located: number; wrong: number }>();
  for (const { source, key, place_id: placeId, text: quality } of await readRows(
    join(city, 'truth-records.csv'),
  )) {
    const text = texts.get(key as string);
    if ((source !== 'ed' && source !== 'miu') || text === undefined) continue;
    const { gate, location } = resolvePlace(resolver, text);
    const isLocated = gate === 'none' && (location.level === 'place' || location.level === 'street');
    const isRight = isLocated && places[location.place]?.id === placeId;
    const group =
      quality === 'home' || placeId === '' ? 'home' : quality === 'private' ? 'private' : 'public';
    for (const name of group === 'public' ? ['public', `public, ${quality}`] : [group]) {
      const count = counts.get(name) ?? { n: 0, located: 0, wrong: 0 };
      counts.set(name, count);
      count.n++;
      if (isLocated) count.located++;
      if (isLocated && !isRight) count.wrong++;
    }
  }
  const lines = [...counts].map(
    ([name, { n, located, wrong }]) =>
      `  ${name.padEnd(18)}${String(n).padStart(6)} records, ${((located / n) * 100).toFixed(1)}% located, ${wrong} of ${located} wrongly`,
  );
  process.stdout.write(`an invented city's emergency records\n${lines.join('\n')}\n`);
  const open = counts.get('public') ?? { n: 1, located: 0, wrong: 0 };
  expect(open.n).toBeGreaterThan(1500);
  expect(open.located / open.n).toBeGreaterThan(0.75);
  expect(open.wrong / open.located).toBeLessThan(0.01);
  expect(counts.get('home')?.located).toBe(0);
}, 60_000);
