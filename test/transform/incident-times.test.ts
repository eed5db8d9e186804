import { describe, expect, test } from 'vitest';
import { ISTV } from '../../schemas/istv.ts';
import { POLICE_RMS } from '../../schemas/police-rms.ts';
import { ISTV_ROW, RMS_ROW, runDoor } from './door-run.ts';

const window = (from: string, to: string) =>
  runDoor(POLICE_RMS, [{ ...RMS_ROW, committed_from: from, committed_to: to }]).incidents[0];

describe('a window', () => {
  const cases: [
    what: string,
    from: string,
    to: string,
    precision: string,
    hours: number | null,
    hourOfWeek: number | null,
  ][] = [
    ['without an end is the hour in which it begins', '2025-09-06T23:15:00', '', 'exact', null, 143],
    [
      'that ends before it begins is the hour in which it begins',
      '2025-09-06T23:15:00',
      '2025-09-06T22:15:00',
      'exact',
      null,
      143,
    ],
    [
      'of less than an hour is the hour in which it begins',
      '2025-09-06T23:15:00',
      '2025-09-07T00:14:59',
      'exact',
      null,
      143,
    ],
    ['of more than 24 hours has no hour', '2025-09-06T23:15:00', '2025-09-07T23:15:01', 'window', 24, null],
    ['from midnight to midnight is a day', '2025-09-06T00:00:00', '2025-09-06T00:00:00', 'day', null, null],
    [
      'whose end has no time is the hour in which it begins',
      '2025-09-06T23:15:00',
      '2025-09-08',
      'exact',
      null,
      143,
    ],
    [
      'whose end is no date is the hour in which it begins',
      '2025-09-06T23:15:00',
      '31/31/2025',
      'exact',
      null,
      143,
    ],
    [
      'over the night in March is an hour shorter',
      '2025-03-29T23:00:00',
      '2025-03-31T23:30:00',
      'window',
      47,
      null,
    ],
    [
      'over the night in October is an hour longer',
      '2024-10-26T23:00:00',
      '2024-10-28T23:30:00',
      'window',
      49,
      null,
    ],
  ];
  for (const [what, from, to, precision, hours, hourOfWeek] of cases) {
    test(what, () => {
      const incident = window(from, to);
      expect(incident?.time_precision).toBe(precision);
      expect(incident?.hour_of_week).toBe(hourOfWeek);
      expect(
        incident?.window_from === null ? null : Number(incident?.window_to) - Number(incident?.window_from),
      ).toBe(hours);
      expect(incident?.occurred_on).toBe(from.slice(0, 10));
    });
  }

  test('of up to 24 hours is allotted its hours in proportion, and the same each time', () => {
    const rows = Array.from({ length: 6000 }, (_, i) => ({
      ...RMS_ROW,
      crime_ref: `R${i}`,
      committed_from: '2025-09-06T22:30:00',
      committed_to: '2025-09-07T01:30:00',
    }));
    const { incidents } = runDoor(POLICE_RMS, rows);
    const share = (hour: number) =>
      incidents.filter((incident) => incident.hour_of_week === hour).length / rows.length;
    // Standard error of a third of 6,000: 0.006.
    for (const [hour, expected] of [
      [142, 1 / 6],
      [143, 1 / 3],
      [144, 1 / 3],
      [145, 1 / 6],
    ] as const) {
      expect(Math.abs(share(hour) - expected)).toBeLessThan(0.025);
    }
    expect(
      incidents.filter(({ occurred_on }) => occurred_on === '2025-09-07').length / rows.length,
    ).toBeCloseTo(0.5, 1);
    expect(runDoor(POLICE_RMS, rows.toReversed()).incidents.toReversed()).toEqual(incidents);
  });

  for (const [night, from, to, shares] of [
    [
      'in March leaves out the hour that was skipped',
      '2025-03-30T00:30:00',
      '2025-03-30T03:30:00',
      { 144: 1 / 4, 145: 0, 146: 1 / 2, 147: 1 / 4 },
    ],
    [
      'in October counts the hour that came twice twice',
      '2024-10-27T00:30:00',
      '2024-10-27T02:30:00',
      { 144: 1 / 6, 145: 2 / 3, 146: 1 / 6 },
    ],
  ] as const) {
    test(`on the night of the clocks ${night}`, () => {
      const rows = Array.from({ length: 6000 }, (_, i) => ({
        ...RMS_ROW,
        crime_ref: `R${i}`,
        committed_from: from,
        committed_to: to,
      }));
      const { incidents } = runDoor(POLICE_RMS, rows);
      for (const [hour, expected] of Object.entries(shares)) {
        const share = incidents.filter(({ hour_of_week }) => hour_of_week === Number(hour)).length / 6000;
        expect(Math.abs(share - expected)).toBeLessThan(0.025);
      }
      expect(incidents.every(({ time_precision }) => time_precision === 'window')).toBe(true);
    });
  }
});

describe('a time', () => {
  const cases: [
    written: string,
    arrival: string,
    occurredOn: string,
    precision: string,
    hour: number | null,
  ][] = [
    ['2025-09-06T00:00:00', '', '2025-09-06', 'day', null],
    ['2025-09-06T00:00:01', '', '2025-09-06', 'exact', 120],
    ['2025-09-06T00:59:59', '', '2025-09-06', 'exact', 120],
    ['2025-09-06T23:59:59', '', '2025-09-06', 'exact', 143],
    ['2025-09-07T23:59:59', '', '2025-09-07', 'exact', 167],
    ['2025-09-08T00:00:01', '', '2025-09-08', 'exact', 0],
    ['2025-09-06', '', '2025-09-06', 'day', null],
    ['2025-09-07T00:10:00', '2025-09-06T23:50:00', '2025-09-06', 'day', null],
    ['2025-09-06T23:55:00', '2025-09-06T23:50:00', '2025-09-06', 'day', null],
    ['2025-09-06T23:50:00', '2025-09-06T23:50:00', '2025-09-06', 'exact', 143],
    ['2025-03-30T01:30:00', '', '2025-03-30', 'clock_gap', 146],
    ['2024-10-27T01:30:00', '', '2024-10-27', 'clock_fold', 145],
    ['2025-08-31T23:30:00Z', '', '2025-09-01', 'exact', 0],
  ];
  for (const [written, arrival, occurredOn, precision, hour] of cases) {
    test(`${written}${arrival ? `, known at ${arrival}` : ''}, is ${occurredOn}, ${precision}, hour ${hour}`, () => {
      const [incident] = runDoor(ISTV, [{ ...ISTV_ROW, assault_at: written, arrival_at: arrival }]).incidents;
      expect([incident?.occurred_on, incident?.time_precision, incident?.hour_of_week]).toEqual([
        occurredOn,
        precision,
        hour,
      ]);
      expect(incident?.month).toBe(`${occurredOn.slice(0, 7)}-01`);
    });
  }
});
