import { expect, test } from 'vitest';
import { IncidentMessage } from '../../schemas/incident-message.ts';

type Draft = ReturnType<typeof messageOf>;

/** A message of one incident in the street. */
const messageOf = () => ({
  format: 1,
  source: 'ed',
  profile: 'istv-csv',
  key: '0123456789abcdef',
  origin: 'cluster',
  topic: 'ed-attendances',
  generation: 0,
  partition: 0,
  from: 7,
  next: 8,
  tally: {
    read: 1,
    passed: 1,
    rejected: {},
    excluded: {},
    unmapped: {},
    located: 1,
    homeGated: 0,
    timeKnown: 1,
    coveredTo: 20_340,
  },
  left_out: [],
  bad: [],
  terms: ['Hospital', 'walkabout', 'W05000844'],
  columns: {
    offset: [7],
    key: ['0'.repeat(32)],
    keyed: [0],
    version: [null],
    person: [null],
    occurred_on: [20_340],
    month: [20_332],
    hour_of_week: [143],
    time_precision: ['exact'],
    window_from: [null],
    window_to: [null],
    cell: ['89195a3298bffff'],
    located_by: ['place'],
    place_kind: ['street'],
    weapon: ['knife_sharp'],
    age_band: ['18-30'],
    sex: ['male'],
    supplier: [0],
    area_code: [2],
    place_id: [1],
    offence: [null],
    noted: [0],
  } as Record<string, (string | number | null)[]>,
});

const nowhere = { cell: [null], place_id: [null], area_code: [null] };

test.each<[what: string, change: (message: Draft) => void]>([
  ['an incident in the street', () => undefined],
  [
    'one at a home, without a place',
    ({ columns }) => Object.assign(columns, nowhere, { place_kind: ['home'] }),
  ],
])('%s is taken', (_, change) => {
  const message = messageOf();
  change(message);
  expect(IncidentMessage.safeParse(message).error).toBeUndefined();
});

const atHome = (place: object) => (message: Draft) => {
  Object.assign(message.columns, nowhere, { place_kind: ['home'] }, place);
};
test.each<[what: string, change: (message: Draft) => void]>([
  ['a home with a cell', atHome({ cell: ['89195a3298bffff'] })],
  ['a home with a place', atHome({ place_id: [1] })],
  ['a home with an area', atHome({ area_code: [2] })],
  ['a cell finer than 9', ({ columns }) => Object.assign(columns, { cell: ['8a195a3298bffff'] })],
  ['an offset that was not read', ({ columns }) => Object.assign(columns, { offset: [8] })],
  ['a text that it does not have', ({ columns }) => Object.assign(columns, { place_id: [3] })],
  ['a column more', ({ columns }) => Object.assign(columns, { patient_name: ['Jo Bloggs'] })],
  ['a column that is longer', ({ columns }) => Object.assign(columns, { noted: [0, 0] })],
  ['a part of a day', ({ columns }) => Object.assign(columns, { occurred_on: [20_340.5] })],
  ['an incident without a month', ({ columns }) => Object.assign(columns, { month: [null] })],
])('%s is refused', (_, change) => {
  const message = messageOf();
  change(message);
  expect(IncidentMessage.safeParse(message).success).toBe(false);
});
