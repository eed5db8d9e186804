import { describe, expect, test } from 'vitest';
import { type AuditOptions, auditReleases } from '../../../reports/audit/audit.ts';
import { htmlText } from '../../../reports/audit/text-attack.ts';
import { CELL, type Extra, type Row, releasesOf, row, rowsOf, TRUTH } from './leaky.ts';

const attack = (rows: readonly Row[], extra: Extra = {}, options: AuditOptions = {}) =>
  auditReleases(releasesOf(rows, extra), options);
const wheres = async (rows: readonly Row[], extra: Extra = {}, options: AuditOptions = {}) =>
  (await attack(rows, extra, options)).leaks.map(({ attack: by, where }) => `${by} | ${where}`);
const change = (rows: readonly Row[], period: string, atom: string, to: (row: Row) => Row[]): Row[] =>
  rows.flatMap((each) => (each.period === period && each.atom === atom ? to(each) : [each]));

describe('careful tables', () => {
  test.each([0, 1, 2, 3, 4])('hold, whatever the carry (%i)', async (carry) => {
    const report = await attack(rowsOf(TRUTH, {}, carry));
    expect(report.leaks).toEqual([]);
    expect(report.releases).toBe(4);
    const shown = report.attacks[0]!;
    expect(shown.targets).toBe(12 + 4 * 3 + 3 * 6 + 5);
    expect(shown.narrowest!.width).toBe(shown.narrowest!.nominal);
  });

  test('and the same files give the same report', async () => {
    expect(await attack(rowsOf())).toEqual(await attack(rowsOf()));
  });
});

describe('careless tables', () => {
  test('each part rounded by itself', async () => {
    const down = (counts: readonly number[]) => counts.map((count) => 5 * Math.floor(count / 5));
    expect(await wheres(rowsOf(TRUTH, { roundCut: down }))).not.toEqual([]);
  });

  test('cuts with carries of their own tell the total', async () => {
    const truth = [
      { place: { home: 30, unlocated: 20, W01: 30, rest: 24 }, weapon: { body: 60, unknown: 44 } },
    ];
    const rows = rowsOf(truth, { startOf: (cut) => (cut === 'place' ? 0 : 4) }, 0);
    const found = await attack(rows);
    expect(found.leaks.some(({ where }) => where === 'ed, 2024-Q1, the quarter as a whole')).toBe(true);
  });

  test('an unkeyed pass: the carry is what everyone can see', async () => {
    // The row prints the interval that a pass from 0 leaves: it says more than its value may.
    const rows = change(rowsOf(TRUTH, {}, 0), '2024-Q1', 'home', (each) => [
      { ...each, low: each.value, high: each.value + 4 },
    ]);
    expect(await wheres(rows)).toContainEqual(expect.stringContaining('ed, 2024-Q1, place, home'));
  });

  test('a pool without a reserve', async () => {
    const truth = [
      {
        place: { home: 31, unlocated: 17, [CELL]: 9, W01: 28, W02: 8, rest: 0 },
        weapon: { body: 71, unknown: 22 },
      },
    ];
    const geography = [
      ['place', CELL, 'block', CELL],
      ['place', 'W01', 'block', '89195a3299bffff'],
      ['place', 'W02', 'block', '89195a329cfffff'],
    ] as [string, string, string, string][];
    const found = await attack(rowsOf(truth), { geography });
    expect(found.leaks).toContainEqual(
      expect.objectContaining({ where: `ed, 2024-Q1, place, ${CELL}`, nominalLow: 0, nominalHigh: 9 }),
    );
  });

  test.each([
    ['nothing else', '', 5],
    ['ground of its own', '89195a329cfffff', 0],
  ])('cells that are too small in the row of an area that holds them and %s', async (_, own, leaks) => {
    const [one, other] = [CELL, '89195a3299bffff'];
    const truth = [
      { place: { home: 31, unlocated: 17, W01: 17, rest: 22 }, weapon: { body: 71, unknown: 16 } },
    ];
    const geography = [
      ['place', one, 'block', one, 'W01'],
      ['place', other, 'block', other, 'W01'],
      ['place', 'W01', 'block', own],
      ['place', 'W02', 'reserve', '89195a32dcfffff'],
    ] as [string, string, string, string, string?][];
    const found = await attack(rowsOf(truth), { geography });
    expect(found.leaks.length).toBe(leaks);
    if (leaks > 0) expect(found.leaks.map(({ where }) => where)).toContain(`ed, 2024-Q1, place, ${one}`);
  });

  test.each(['records', 'persons'])(
    'a cell that one year leaves out by chance, as its quarters show: years stay laid over quarters (%s)',
    async (threshold_on) => {
      const year = (period: string, low: number) => ({ period, level: 'cell', atom: CELL, low, high: null });
      const rows = rowsOf().map((each) => ({ ...each, threshold_on }));
      const others = { ...year('2024-Q4', 10), level: 'area', atom: 'W01' };
      const found = await attack(rows, { bands: [year('2024-Q3', 20), others] });
      expect(found.leaks).toEqual([]);
      expect(found.attacks.filter(({ attack: by }) => by.includes('years by themselves'))).toEqual([]);
    },
  );

  test('all cells of an area that one year leaves out by chance: years stay laid over quarters', async () => {
    const year = (period: string, atom: string) => ({ period, level: 'cell', atom, low: 40, high: null });
    const found = await attack(rowsOf(), {
      bands: [year('2024-Q3', '89195a3299bffff'), year('2024-Q4', CELL)],
    });
    expect(found.leaks).toEqual([]);
    expect(found.attacks.filter(({ attack: by }) => by.includes('years by themselves'))).toEqual([]);
  });

  test('a period issued again', async () => {
    const rows = [
      ...rowsOf(),
      row(
        '2024-02',
        'month',
        '2024-02',
        rowsOf().find((each) => each.atom === '2024-02')!.value + 5,
        'month',
      ),
    ];
    expect(await wheres(rows)).toContainEqual(expect.stringContaining('2024-02'));
  });

  test('a block below the threshold, and one split for a partner', async () => {
    const header = 'source,period,cut,atom,level,label,threshold_on,value,low,high\n';
    const split = `${header}ed,2024-Q4,place,W01a,area,Elsewhere in W01a,records,25,21,29\n`;
    expect(await wheres(rowsOf(), { files: { 'partners/council/tables/places.csv': split } })).toEqual([
      expect.stringContaining('W01a'),
    ]);
  });

  test('another figure for a partner', async () => {
    const [first] = rowsOf().filter((each) => each.atom === 'W01');
    const text = `source,period,cut,atom,level,label,threshold_on,value,low,high\n${Object.values({ ...first!, value: first!.value + 5 }).join(',')}\n`;
    expect(await wheres(rowsOf(), { files: { 'partners/council/tables/places.csv': text } })).toHaveLength(1);
    const same = `source,period,cut,atom,level,label,threshold_on,value,low,high\n${Object.values(first!).join(',')}\n`;
    expect(await wheres(rowsOf(), { files: { 'partners/council/tables/places.csv': same } })).toEqual([]);
  });

  test('another figure on a map than in the table, and a number that a feature carries with it', async () => {
    const [first] = rowsOf().filter((each) => each.atom === 'W01');
    const map = (properties: object) => {
      const feature = { type: 'Feature', id: 'ed W01', geometry: null, properties };
      const text = JSON.stringify({ type: 'FeatureCollection', features: [feature] });
      return wheres(rowsOf(), { files: { 'public/tables/places.geojson': text } });
    };
    expect(await map({ ...first! })).toEqual([]);
    const other = await map({ ...first!, value: first!.value + 10, low: first!.low + 10 });
    expect(other.length).toBeGreaterThan(0);
    expect(await map({ ...first!, records: 28 })).toEqual([
      'columns beyond those of the tables | 2024-Q4, public/tables/places.geojson, column records',
    ]);
    await expect(
      attack(rowsOf(), { files: { 'public/tables/places.geojson': '{"features":' } }),
    ).rejects.toThrow('places.geojson holds no features');
  });

  test('exact figures in the manifest', async () => {
    expect(await wheres(rowsOf(), { manifest: { sources: [{ id: 'ed', accepted: 483 }] } })).toEqual([
      'exact figures in manifests and register | 2024-Q4, manifest.json, sources, 0, accepted',
    ]);
    expect(await wheres(rowsOf(), { manifest: { sources: [{ id: 'ed', accepted: 485 }] } })).toEqual([]);
  });

  test('a threshold on records where persons are known', async () => {
    const rows = rowsOf().map((each) => ({
      ...each,
      threshold_on: each.atom === 'W02' ? 'records' : 'persons',
    }));
    const found = await wheres(rows);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((text) => text.includes('repeat attender') && text.includes('W02'))).toBe(true);
  });

  test('everybody of one kind', async () => {
    const rows = rowsOf().filter((each) => !(each.period === '2024-Q4' && each.cut === 'weapon'));
    const sum = rowsOf()
      .filter((each) => each.period === '2024-Q4' && each.cut === 'weapon')
      .reduce((all, each) => all + each.value, 0);
    expect(await wheres([...rows, row('2024-Q4', 'weapon', 'body', sum)])).toContainEqual(
      expect.stringContaining('homogeneity'),
    );
  });

  test('two sources in one pass, to whoever knows one of them', async () => {
    // One table of both: what one supplier knows of its own part, taken away, leaves the other's.
    const both = rowsOf();
    const informed = await attack(
      both,
      {},
      {
        knowing: ['home', 'unlocated', CELL, 'W02', 'pool']
          .map((atom) => {
            const { place } = TRUTH[0]!;
            const records = atom === 'pool' ? place['rest']! : place[atom]!;
            return { source: 'ed', period: '2024-Q1', cut: 'place', atom, records };
          })
          .concat([{ source: 'ed', period: '2024-Q1', cut: 'total', atom: 'total', records: 125 }]),
      },
    );
    expect(informed.leaks).toContainEqual(
      expect.objectContaining({ where: 'ed, 2024-Q1, place, Elsewhere in W01', low: 28, high: 28 }),
    );
  });
});

test('exact months from elsewhere give the carry, and with it what comes first in a breakdown', async () => {
  const truth = TRUTH.slice(0, 1).map(({ place, weapon }) => ({
    place: { ...place, home: 10 },
    weapon: { ...weapon, body: weapon['body']! - 21 },
  }));
  const rows = rowsOf(truth, {}, 4);
  expect((await attack(rows)).leaks).toEqual([]);
  // The three months of the 104 records, as the fixture divides them.
  const knowing = [34, 37, 33].map((records, i) => ({
    source: 'ed',
    period: `2024-0${i + 1}`,
    cut: 'month',
    atom: `2024-0${i + 1}`,
    records,
  }));
  const { leaks } = await attack(rows, {}, { knowing });
  expect(leaks).toContainEqual(expect.objectContaining({ where: 'ed, 2024-Q1, place, home', low: 10 }));
});

test('exact months from elsewhere tell of the month between them and so of its quarter, and of no part of it', async () => {
  const truth = TRUTH.slice(0, 1).map(({ place, weapon }) => ({
    place: { ...place, unlocated: place['unlocated']! + 7 },
    weapon: { ...weapon, body: weapon['body']! + 7 },
  }));
  // 132 records: months of 44, 46 and 42.
  const rows = rowsOf(truth, {}, 0);
  const knowing = (months: Readonly<Record<string, number>>) =>
    Object.entries(months).map(([period, records]) => ({
      ...{ source: 'ed', period, cut: 'month', atom: period, records },
    }));
  const around = knowing({ '2024-01': 44, '2024-03': 42 });
  const { leaks } = await attack(rows, {}, { knowing: around });
  expect(leaks).toEqual([
    expect.objectContaining({ where: 'ed, 2024-02, months, 2024-02', low: 46, high: 48 }),
    expect.objectContaining({ where: 'ed, 2024-Q1, the quarter as a whole', low: 132, high: 134 }),
  ]);
  const all = [...around, ...knowing({ '2024-02': 46 })];
  expect((await attack(rows, {}, { knowing: all })).leaks).toEqual([]);
});

describe('time and place', () => {
  const band = { period: '2024-Q4', level: 'cell', atom: CELL, low: 20, high: 39 };
  const truth = TRUTH.map((each, q) => ({ ...each, place: { ...each.place, [CELL]: [22, 16, 12, 2][q]! } }));
  const fixed = truth.map(({ place }) => {
    const sum = Object.values(place).reduce((all, count) => all + count, 0);
    return { place, weapon: { body: sum - 46, blunt: 26, unknown: 20 } };
  });

  test('three quarters shown and a band prove the quarter that is hidden', async () => {
    const rows = rowsOf(fixed);
    const lows = rows.filter((each) => each.atom === CELL).reduce((sum, each) => sum + each.low, 0);
    expect(lows).toBeGreaterThan(30);
    const found = await attack(rows, { bands: [band] });
    expect(found.leaks).toContainEqual(
      expect.objectContaining({
        where: `ed, 2024-Q4, place, ${CELL}`,
        low: 0,
        high: 39 - lows,
        nominalHigh: 9,
      }),
    );
    expect((await attack(rows)).leaks).toEqual([]);
  });

  test('a cell that a year leaves out had fewer in each quarter than years show from: the board is promised that', async () => {
    const few = TRUTH.map((each, q) => {
      const place = { ...each.place, [CELL]: [3, 1, 0, 1][q]! };
      const sum = Object.values(place).reduce((all, count) => all + count, 0);
      return { place, weapon: { body: sum - 46, blunt: 26, unknown: 20 } };
    });
    const bands = [
      { period: '2024-Q1', level: 'cell', atom: CELL, low: 5, high: 9 },
      { period: '2024-Q4', level: 'area', atom: 'W01', low: 40, high: null },
    ];
    const { leaks, attacks } = await attack(rowsOf(few), { bands });
    expect(leaks).toEqual([]);
    const hidden = attacks.find(
      ({ attack: by }) => by.startsWith('what is left over') && by.includes('both'),
    );
    expect(hidden!.narrowest).toMatchObject({ width: 5, nominal: 5 });
  });

  describe('an area of three cells that the next year shows, each of them', () => {
    const cells = ['89195a32dc3ffff', '89195a32dc7ffff', '89195a32dcbffff'];
    const geography: NonNullable<Extra['geography']> = [
      ['place', CELL, 'block', CELL],
      ['place', 'W01', 'block', '89195a3299bffff'],
      ['place', 'W02', 'block', '89195a329cfffff'],
      ['place', 'W03', 'reserve', cells.join(' ')],
      ['place', 'W04', 'reserve', '89195a32ddbffff'],
      ['weapon', 'body', 'block', ''],
      ['weapon', 'blunt', 'block', ''],
      ['weapon', 'unknown', 'reserve', ''],
    ];
    const attackArea = async (low: number, high: number | null) => {
      const shown = cells.map((atom) => ({ period: '2024-Q4', level: 'cell', atom, low: 5, high: 9 }));
      const bands = [{ period: '2024-Q1', level: 'area', atom: 'W03', low, high }, ...shown];
      return (await attack(rowsOf(), { bands, geography })).leaks;
    };
    const where = 'ed, 2024-Q1, twelve months, area, W03';

    test('had four each at most, so that a band without an upper end tells no more of them', async () => {
      expect(await attackArea(5, null)).toEqual([]);
    });

    test('a band with an upper end must keep it', async () => {
      expect(await attackArea(5, 14)).toContainEqual(
        expect.objectContaining({ where, low: 5, high: 12, nominalHigh: 14 }),
      );
    });

    test('a band that one of them must have a part in tells of each', async () => {
      expect(await attackArea(10, null)).toContainEqual(
        expect.objectContaining({
          where: `ed, twelve months to 2024-Q1, cell, ${cells[0]}`,
          low: 2,
          high: 4,
        }),
      );
    });
  });

  test('a place that is shown in one year and not in the next and before', async () => {
    const shown = (period: string, atom: string, low: number, high: number) => ({
      period,
      level: 'place',
      atom,
      low,
      high,
    });
    const bands = [
      shown('2024-Q1', 'P2', 20, 39),
      shown('2024-Q2', 'P1', 5, 9),
      shown('2024-Q2', 'P2', 20, 39),
      shown('2024-Q3', 'P2', 20, 39),
    ];
    const { leaks } = await attack(rowsOf(), { bands });
    expect(leaks).toContainEqual(
      expect.objectContaining({ where: 'ed, twelve months to 2024-Q3, place, P1', low: 1, high: 4 }),
    );
    expect(leaks.every(({ where }) => where.includes('P1'))).toBe(true);
  });
});

describe('beside the figures', () => {
  const file = (path: string, text: string) => wheres(rowsOf(), { files: { [path]: text } });

  test('formulas in a table', async () => {
    expect(await file('tables/notes.csv', 'label\n=1+1\n')).toEqual([
      'formulas in tables | 2024-Q4, tables/notes.csv, line 2',
    ]);
    expect(await file('tables/notes.csv', "label\n'=1+1\n-5\n")).toEqual([]);
  });

  test('rows in the order of what they hide, and a number in the name of a file', async () => {
    const rows = 'source,atom,value\ned,b,15\ned,a,15\n';
    expect(await file('tables/order.csv', rows)).toHaveLength(1);
    expect(await file('tables/order.csv', 'source,atom,value\ned,a,15\ned,b,15\n')).toEqual([]);
    expect(await file('tables/rows-137.txt', '')).toEqual([
      'order of rows and names of files | 2024-Q4, tables/rows-137.txt',
    ]);
  });

  test('columns that a perturbed table carries with it', async () => {
    const text = 'var1,pre_sdc_count,ckey,count\na,14,66,15\n';
    expect((await file('tables/ons.csv', text)).filter((found) => found.includes('columns'))).toHaveLength(3);
  });

  test('an exact number on a page, and a point that lies elsewhere', async () => {
    const page = (words: string) => `<html><head><title>x</title></head><body><p>${words}</p></body></html>`;
    expect(await file('board.html', page('137 records of violence'))).toEqual([
      expect.stringContaining('words of the board'),
    ]);
    expect(await file('board.html', page('in the year 2024, 10% of 15 records'))).toEqual([]);
    const chart = (y: number, [least, middle, most]: readonly string[]) =>
      page(
        `<svg><circle cx="1" cy="10" r="1"><title>July: ${most}</title></circle><circle cx="2" cy="${y}" r="1"><title>August: ${middle}</title></circle><circle cx="3" cy="30" r="1"><title>May: ${least}</title></circle></svg>`,
      );
    for (const figures of [
      ['0', '50', '100'],
      ['960', '1,010', '1,060'],
    ]) {
      const stray = async (y: number) =>
        (await file('board.html', chart(y, figures))).filter((found) => found.includes('pictures'));
      expect(await stray(20)).toEqual([]);
      expect(await stray(20.4)).toHaveLength(1);
    }
  });

  test('what a page says aloud is read, and what styles it is not', () => {
    expect(htmlText('<style>a{b:137}</style><p aria-label="41">4&#49;</p>')).not.toContain('137');
    expect(htmlText('<p aria-label="45">4</p>')).toContain('45');
  });

  test('a release without rules is refused, and a source that nobody knows', async () => {
    const [first] = releasesOf(rowsOf());
    await expect(auditReleases([{ ...first!, files: new Map([['manifest.json', '{}']]) }])).rejects.toThrow(
      'names no threshold',
    );
    const knowing = [{ source: 'nobody', period: '2024-Q1', cut: 'total', atom: 'total', records: 1 }];
    await expect(attack(rowsOf(), {}, { knowing })).rejects.toThrow('no release has such a source');
  });
});
