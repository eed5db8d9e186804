import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { allocateIncidents } from '../../schemas/incident.ts';
import { IncidentMessage } from '../../schemas/incident-message.ts';
import { ISTV } from '../../schemas/istv.ts';
import { MOST_NOTED, NOTED, type NotedName, notedSql } from '../../schemas/noted.ts';
import { emptyTally } from '../../schemas/tally.ts';
import { anonymise } from '../../transform/anonymise.ts';
import { openDoor } from '../../transform/door.ts';
import { appendMessage, incidentsToColumns } from '../../transform/incident-message.ts';
import { batchOf, type SourceRow } from '../batch-of.ts';
import { ISTV_ROW, settingsFor } from './door-run.ts';

type Codes = Readonly<Record<NotedName, string>>;

function codesOf(noted: number): Codes {
  const codes = Object.entries(NOTED).map(([name, { shift, bits, values }]) => [
    name,
    values[(noted >> shift) & (2 ** bits - 1)],
  ]);
  return Object.fromEntries(codes) as Codes;
}

/** What is noted of rows, which are all kept. */
function notedOf(rows: readonly SourceRow[]): number[] {
  const door = openDoor(settingsFor(ISTV), rows.length);
  const incidents = allocateIncidents(rows.length, door.terms);
  anonymise(door, batchOf(ISTV, rows), incidents, emptyTally());
  expect(incidents.n).toBe(rows.length);
  return Array.from(incidents.noted.subarray(0, rows.length));
}

const CASES: readonly (readonly [what: string, row: SourceRow, codes: Partial<Codes>])[] = [
  [
    'a good row',
    {},
    {
      arrival: '00-03',
      delay: 'by the next day',
      time: 'an hour',
      copied: 'no',
      weapon_code: 'a listed code',
    },
  ],
  ['midnight to the second', { assault_at: '2025-09-06T00:00:00' }, { time: 'midnight', copied: 'no' }],
  ['a minute past midnight', { assault_at: '2025-09-06T00:01:00' }, { time: 'an hour' }],
  ['only the day', { assault_at: '2025-09-06' }, { time: 'only the day' }],
  ['the arrival copied', { assault_at: '2025-09-07T01:20:00' }, { copied: 'yes', time: 'an hour' }],
  ['a second beside the arrival', { assault_at: '2025-09-07T01:19:59' }, { copied: 'no' }],
  [
    'midnight on both is midnight, not a copy',
    { assault_at: '2025-09-07T00:00:00', arrival_at: '2025-09-07T00:00:00' },
    { copied: 'no', time: 'midnight' },
  ],
  [
    'after the arrival',
    { assault_at: '2025-09-07T01:20:01' },
    { time: 'later than the arrival', copied: 'no' },
  ],
  ['a day after the arrival', { assault_at: '2025-09-08T00:30:00' }, { time: 'later than the arrival' }],
  ['no arrival', { arrival_at: '' }, { arrival: 'not told', delay: 'not told' }],
  [
    'an arrival without an hour',
    { arrival_at: '2025-09-07' },
    { arrival: 'not told', delay: 'by the next day' },
  ],
  ['two days later', { arrival_at: '2025-09-08T06:00:00' }, { arrival: '06-12', delay: 'within a week' }],
  ['seven days later', { arrival_at: '2025-09-13T17:59:59' }, { arrival: '12-18', delay: 'within a week' }],
  ['eight days later', { arrival_at: '2025-09-14T18:00:00' }, { arrival: '18-21', delay: 'later' }],
  ['no weapon', { method: '' }, { weapon_code: 'nothing' }],
  ['a weapon that is not listed', { method: '99' }, { weapon_code: 'a code that is not listed' }],
  ['"unknown" is a listed code', { method: '24' }, { weapon_code: 'a listed code' }],
  [
    'no kind of place, a text',
    { location_type: '', location_text: 'Walkabout' },
    { place_code: 'nothing', place_text: 'something' },
  ],
  ['a kind of place that is not listed', { location_type: '7' }, { place_code: 'a code that is not listed' }],
  ['no text', { location_text: '' }, { place_text: 'nothing' }],
  [
    'a text for a home',
    { location_type: '01', location_text: 'pt flat' },
    { place_text: 'something', place_code: 'a listed code' },
  ],
];

test.each(CASES)('%s', (_, row, codes) => {
  const [noted] = notedOf([{ ...ISTV_ROW, ...row }]);
  expect(codesOf(noted as number)).toMatchObject(codes);
});

test('rows together give what each gives by itself', () => {
  const rows = CASES.map(([, row]) => ({ ...ISTV_ROW, ...row }));
  expect(notedOf(rows)).toEqual(rows.flatMap((row) => notedOf([row])));
});

test('between two sides nothing of it is lost', () => {
  const rows = CASES.map(([, row], i) => ({ ...ISTV_ROW, ...row, attendance_id: `A${i}` }));
  const door = openDoor(settingsFor(ISTV), rows.length);
  const sent = allocateIncidents(rows.length, door.terms);
  const tally = emptyTally();
  anonymise(door, batchOf(ISTV, rows), sent, tally);
  const offsets = Float64Array.from(rows, (_, i) => i);
  const message = IncidentMessage.parse({
    ...{ format: 1, source: 'test', profile: ISTV.id, key: '0'.repeat(16), origin: 'o', topic: 't' },
    ...{ generation: 0, partition: 0, from: 0, next: rows.length, left_out: [], bad: [] },
    tally: { ...tally, coveredTo: tally.coveredTo ?? null },
    ...incidentsToColumns(sent, offsets),
  });
  const received = allocateIncidents(rows.length, []);
  appendMessage(message, 0, 0, { places: new Set(), numbers: new Map() }, received);
  expect(received.noted).toEqual(sent.noted);
});

test('SQL reads every code as it is written', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const columns = (Object.keys(NOTED) as NotedName[]).map((name) => `${notedSql(name)} AS ${name}`);
  const reader = await connection.runAndReadAll(
    `SELECT range::USMALLINT AS noted, ${columns.join(', ')} FROM range(${MOST_NOTED + 1})`,
  );
  for (const { noted, ...codes } of reader.getRowObjectsJS()) {
    const wanted = codesOf(noted as number);
    for (const [name, code] of Object.entries(codes))
      expect(code ?? undefined, `${name} of ${noted}`).toBe(wanted[name as NotedName]);
  }
});
