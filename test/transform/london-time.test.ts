import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  civilFromDay,
  dayFromCivil,
  dayOfWeek,
  hourOfWeek,
  localToUtcHour,
  monthStart,
  nightOf,
  parseLocalTimes,
  TIME_STATUS,
  type TimeFormat,
} from '../../transform/london-time.ts';

const { OK, MISSING, NOT_A_DATE, IN_GAP, IN_FOLD } = TIME_STATUS;
const LONDON = 'Europe/London';

interface Parsed {
  day: number;
  second: number;
  status: number;
}

function parse(texts: readonly string[], format: TimeFormat): Parsed[] {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  // Digits between the texts show that nothing beyond an end is read.
  const bytes = new Uint8Array(encoded.reduce((total, text) => total + text.length + 1, 0)).fill(0x31);
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  for (const [i, text] of encoded.entries()) {
    bytes.set(text, at);
    starts[i] = at;
    ends[i] = at + text.length;
    at += text.length + 1;
  }
  const n = texts.length;
  const out = { days: new Int32Array(n), seconds: new Int32Array(n), status: new Uint8Array(n) };
  parseLocalTimes(bytes, starts, ends, n, format, out);
  return texts.map((_, i) => ({
    day: out.days[i] as number,
    second: out.seconds[i] as number,
    status: out.status[i] as number,
  }));
}

const epoch = Temporal.PlainDate.from('1970-01-01');
const dayOf = (date: Temporal.PlainDate) => epoch.until(date, { largestUnit: 'day' }).days;

/** What the time zone database says of a local time. */
function expected(local: Temporal.PlainDateTime): Parsed & { utcHour: number } {
  const zoned = local.toZonedDateTime(LONDON, { disambiguation: 'compatible' });
  const later = local.toZonedDateTime(LONDON, { disambiguation: 'later' });
  const earlier = local.toZonedDateTime(LONDON, { disambiguation: 'earlier' });
  const isUnique = later.epochMilliseconds === earlier.epochMilliseconds;
  const isSkipped = !zoned.toPlainDateTime().equals(local);
  return {
    day: dayOf(zoned.toPlainDate()),
    second: zoned.hour * 3600 + zoned.minute * 60 + zoned.second,
    status: isUnique ? OK : isSkipped ? IN_GAP : IN_FOLD,
    utcHour: Math.floor(zoned.epochMilliseconds / 3_600_000),
  };
}

const ukText = (local: Temporal.PlainDateTime) => {
  const [date, time] = local.toString().split('T') as [string, string];
  return `${date.split('-').reverse().join('/')} ${time}`;
};

function expectAgreement(locals: Temporal.PlainDateTime[]): void {
  const wanted = locals.map(expected);
  const times = wanted.map(({ day, second, status }) => ({ day, second, status }));
  expect(parse(locals.map(String), 'iso')).toEqual(times);
  expect(parse(locals.map(ukText), 'uk')).toEqual(times);
  expect(times.map(({ day, second }) => localToUtcHour(day, second))).toEqual(
    wanted.map(({ utcHour }) => utcHour),
  );
}

const secondsIn1996To2037 = { min: 820_454_400, max: 2_114_380_800 };

describe.each(['UTC', 'Pacific/Auckland', 'Europe/London'])('with the machine in %s', (zone) => {
  beforeAll(() => {
    vi.stubEnv('TZ', zone);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test('every half hour around every change of the clocks from 1996 to 2036 is that of the time zone database', () => {
    for (let year = 1996; year <= 2036; year++) {
      for (const month of [3, 10]) {
        const last = Temporal.PlainDate.from({ year, month, day: 31 });
        const sunday = last.subtract({ days: last.dayOfWeek % 7 });
        const midnight = sunday.toPlainDateTime().subtract({ hours: 12 });
        expectAgreement(Array.from({ length: 96 }, (_, k) => midnight.add({ minutes: 30 * k })));
      }
    }
  }, 20_000);

  test('random local times are those of the time zone database', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(secondsIn1996To2037), { minLength: 1, maxLength: 20 }), (seconds) => {
        expectAgreement(
          seconds.map((second) =>
            Temporal.Instant.fromEpochMilliseconds(second * 1000)
              .toZonedDateTimeISO('UTC')
              .toPlainDateTime(),
          ),
        );
      }),
      { seed: 9, numRuns: 100 },
    );
  });

  test('instants with an offset become local times', () => {
    const anyOffset = fc.constantFrom('UTC', '+01:00', '-05:30', '+13:00', '-11:00');
    const nearChanges = fc
      .tuple(
        fc.constantFrom('2025-03-30T01:00Z', '2025-10-26T01:00Z', '2024-12-31T23:59Z', '2024-02-29T00:00Z'),
        fc.integer({ min: -9000, max: 9000 }),
      )
      .map(([text, off]) => Temporal.Instant.from(text).epochMilliseconds / 1000 + off);
    fc.assert(
      fc.property(fc.oneof(fc.integer(secondsIn1996To2037), nearChanges), anyOffset, (second, offset) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(second * 1000);
        const text = offset === 'UTC' ? instant.toString() : instant.toString({ timeZone: offset });
        const local = instant.toZonedDateTimeISO(LONDON);
        expect(parse([text], 'iso')).toEqual([
          {
            day: dayOf(local.toPlainDate()),
            second: local.hour * 3600 + local.minute * 60 + local.second,
            status: OK,
          },
        ]);
      }),
      { seed: 9, numRuns: 500 },
    );
  });
});

test.each([
  ['2025-03-30 00:59', 0, 59, OK],
  ['2025-03-30 01:00', 2, 0, IN_GAP],
  ['2025-03-30 01:59', 2, 59, IN_GAP],
  ['2025-03-30 02:00', 2, 0, OK],
  ['2025-10-26 00:59', 0, 59, OK],
  ['2025-10-26 01:00', 1, 0, IN_FOLD],
  ['2025-10-26 01:59', 1, 59, IN_FOLD],
  ['2025-10-26 02:00', 2, 0, OK],
])('at a change of the clocks %s is read as hour %i, minute %i', (text, hour, minute, status) => {
  const [time] = parse([text], 'iso');
  expect(time).toMatchObject({ second: hour * 3600 + minute * 60, status });
});

test('a date alone has no second of the day', () => {
  const day = dayFromCivil(2024, 2, 29);
  expect(parse(['2024-02-29', ' 2024-02-29 '], 'iso')).toEqual(
    Array.from({ length: 2 }, () => ({ day, second: -1, status: OK })),
  );
  expect(parse(['29/02/2024', '29-02-2024', '29.02.2024\t'], 'uk')).toEqual(
    Array.from({ length: 3 }, () => ({ day, second: -1, status: OK })),
  );
});

test('seconds, fractions and spaces are allowed where the format has them', () => {
  const noon = { day: dayFromCivil(2024, 7, 1), second: 43_201, status: OK };
  const iso = ['2024-07-01T12:00:01', '2024-07-01 12:00:01.999', '  2024-07-01T12:00:01.5Z  '];
  expect(parse(iso, 'iso')).toEqual([noon, noon, { ...noon, second: noon.second + 3600 }]);
  expect(parse(['01/07/2024 12:00:01 '], 'uk')).toEqual([noon]);
});

test('empty texts are missing', () => {
  for (const format of ['iso', 'uk'] as const) {
    expect(parse(['', '  ', '\t'], format).map(({ status }) => status)).toEqual([MISSING, MISSING, MISSING]);
  }
});

test('what is not in the calendar or not in the format is not a date', () => {
  const iso = [
    '2023-02-29',
    '1900-02-29',
    '2024-02-31',
    '2024-04-31',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '0000-01-01',
    '24-01-01',
    '2024-1-1',
    '2024/01/01',
    '01/07/2024',
    '2024-01-01T',
    '2024-01-01T1:00',
    '2024-01-01T24:00',
    '2024-01-01T12:60',
    '2024-01-01T12:00:60',
    '2024-01-01T12',
    '2024-01-01T12:00:',
    '2024-01-01T12:00:00.',
    '2024-01-01T12:00+1',
    '2024-01-01T12:00+0100',
    '2024-01-01T12:00+99:00',
    '2024-01-01T12:00z',
    '2024-01-01  12:00',
    '2024-01-01T12:00 Z',
    '2024-01-01x12:00',
    'yesterday at ten',
    '2024-01-01T12.00',
    '2024-01-01T12:0a',
  ];
  const uk = [
    '29/02/2023',
    '31/04/2024',
    '01/13/2024',
    '00/01/2024',
    '01/07/24',
    '01/07/24 12:00',
    '1/7/2024',
    '01/07-2024',
    '2024-07-01',
    '01/07/2024T12:00',
    '01/07/2024 24:00',
    '01/07/2024 12:00Z',
    '01/07/2024 12:00:00.5',
    '01 07 2024',
  ];
  for (const [format, texts] of [
    ['iso', iso],
    ['uk', uk],
  ] as const) {
    const good = parse(texts, format).flatMap(({ status }, i) => (status === NOT_A_DATE ? [] : [texts[i]]));
    expect(good).toEqual([]);
  }
});

test('a bad text leaves no trace of a good one before it', () => {
  const out = { days: Int32Array.of(5), seconds: Int32Array.of(5), status: Uint8Array.of(5) };
  parseLocalTimes(new Uint8Array(3), Int32Array.of(0), Int32Array.of(3), 1, 'iso', out);
  expect(out).toEqual({
    days: Int32Array.of(0),
    seconds: Int32Array.of(-1),
    status: Uint8Array.of(NOT_A_DATE),
  });
});

test('days and dates are those of the calendar, from 1800 to 2200', () => {
  let date = Temporal.PlainDate.from('1800-01-01');
  for (let day = dayOf(date); date.year < 2200; day++, date = date.add({ days: 1 })) {
    if (date.day > 2 && date.day < 28) continue;
    expect(dayFromCivil(date.year, date.month, date.day)).toBe(day);
    expect(civilFromDay(day)).toEqual({ year: date.year, month: date.month, day: date.day });
    expect(dayOfWeek(day)).toBe(date.dayOfWeek - 1);
    expect(monthStart(day)).toBe(dayFromCivil(date.year, date.month, 1));
  }
}, 20_000);

test('the hour of the week begins on Monday at midnight', () => {
  const monday = dayFromCivil(2024, 7, 1);
  expect(hourOfWeek(monday, 0)).toBe(0);
  expect(hourOfWeek(monday, 3599)).toBe(0);
  expect(hourOfWeek(monday + 6, 86_399)).toBe(167);
  expect(hourOfWeek(dayFromCivil(1969, 12, 29), 3600)).toBe(1);
  expect(hourOfWeek(monday, -1)).toBe(-1);
});

test.each([
  ['Saturday 21:00', 5 * 24 + 21, 5, 3],
  ['Saturday 23:59', 5 * 24 + 23, 5, 3],
  ['Sunday 00:00', 6 * 24, 5, 4],
  ['Sunday 02:59', 6 * 24 + 2, 5, 4],
  ['Sunday 03:00', 6 * 24 + 3, 5, 5],
  ['Sunday 05:59', 6 * 24 + 5, 5, 5],
  ['Sunday 06:00', 6 * 24 + 6, 6, 0],
  ['Monday 00:00', 0, 6, 4],
  ['Monday 12:00', 12, 0, 1],
  ['Monday 18:00', 18, 0, 2],
])('%s belongs to the night that began on its day', (_, hour, day, band) => {
  expect(nightOf(hour)).toEqual({ dayOfWeek: day, band });
});
