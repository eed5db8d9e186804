/** The small form of test/calibration/thinned-south-wales.ts, whose long form gives the figures. */
import { describe, expect, test } from 'vitest';
import { isAbsent, readWards, thin } from '../../calibration/south-wales.ts';
import {
  attack,
  publishAll,
  readMonths,
  scoreVolume,
  VOLUMES,
} from '../../calibration/thinned-south-wales.ts';

if (process.env['CI'] && isAbsent) throw new Error('got no shared data, wanted it on CI');
describe.skipIf(isAbsent)(
  'real violence at the volume of an emergency department',
  { timeout: 240_000 },
  () => {
    test.each(VOLUMES)(
      'at %i located a month, nothing that five quarters show narrows anything, in either tier',
      async (volume) => {
        const score = await scoreVolume(readMonths(), volume, [1]);
        expect(score.examples).toEqual([]);
        expect({ ...score, examples: 0 }).toMatchObject({
          ...{ released: 0, partnership: 0, releasedToKnower: 0, partnershipToKnower: 0 },
        });
        expect(score.targets).toBeGreaterThan(200);
        // Over-suppression is a defect: within a twentieth of what plain suppression shows of the same grid.
        expect(score.quarter.area).toBeGreaterThan(score.plainQuarter.area - 10);
        expect(score.year.cell).toBeGreaterThan(score.plainYear.cell - 10);
        expect(score.year.area).toBeGreaterThan(85);
      },
    );

    test('the attack finds what is planted: a cut that does not add up, a band that is not widened', async () => {
      const areas = readWards(['W06000015']);
      const incidents = thin(readMonths(), areas, 86, 7919);
      const published = await publishAll(incidents, areas, new Uint8Array(32).fill(1));
      const narrow = async (rows: typeof published.rows, partnership = published.partnership) => {
        const found = await attack({ ...published, rows, partnership });
        return found.released.length + found.partnership.length;
      };
      expect(await narrow(published.rows)).toBe(0);
      const own = published.rows.map((row) =>
        row.period === '2025-Q3' && row.level === 'pool'
          ? { ...row, low: row.low + 38, high: row.high + 38 }
          : row,
      );
      expect(await narrow(own)).not.toBe(0);
      const [cell] = published.rows.filter((row) => row.period === '2025-Q3' && row.level === 'area');
      const { source, atom, label } = cell!;
      // A year that ends just above what its quarters hold at least.
      const least = published.rows
        .filter((row) => row.cut === 'place' && row.atom === atom && row.period >= '2024-Q4')
        .reduce((sum, { low }) => sum + low, 0);
      const band = {
        source,
        period: '2025-Q3',
        level: 'area',
        atom,
        label,
        band: `${least}-${least + 2}`,
        low: least,
        high: least + 2,
        hotspot: '',
      } as const;
      expect(await narrow(published.rows, [band])).not.toBe(0);
    });
  },
);
