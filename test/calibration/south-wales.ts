/** Real violence as police.uk publishes it, laid over Cardiff's or South Wales's wards, and thinned to a hospital's volume. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Area } from '../../reports/disclosure/partition.ts';
import { cellsWithin, createCellIndex, pointsToCells, type Rings } from '../../transform/h3-cell.ts';
import { projectFolder } from '../cardiff-process.ts';
import type { TestIncident } from '../reports/disclosure/store-fixture.ts';

const POLICE = join(projectFolder(), '../shared/data/police_uk/south-wales');
const WARDS = join(projectFolder(), '../shared/data/geography/wards_by_lad');
/** Whether the data are not there. */
export const isAbsent = !existsSync(POLICE) || !existsSync(WARDS);
export const CARDIFF = ['W06000015'];
export const FORCE = ['11', '12', '13', '14', '15', '16', '24'].map((n) => `W060000${n}`);

interface Ward {
  properties: { WD13CD: string; WD13NM: string };
  geometry: { coordinates: Rings };
}

/** The wards of some districts with their cells. */
export function readWards(districts: readonly string[]): Area[] {
  const taken = new Set<bigint>();
  return districts.flatMap((district) => {
    const text = readFileSync(join(WARDS, `${district}.json`), 'utf8');
    return (JSON.parse(text) as { features: Ward[] }).features.map(({ properties, geometry }) => {
      const cells = cellsWithin(geometry.coordinates).filter((cell) => !taken.has(cell));
      for (const cell of cells) taken.add(cell);
      return { code: properties.WD13CD, name: properties.WD13NM, cells };
    });
  });
}

/** Violence and sexual offences of the months from `first` (2024) on. */
export function readViolence(first = '2024'): TestIncident[] {
  const found: TestIncident[] = [];
  const index = createCellIndex();
  const cells = new BigUint64Array(1);
  for (const file of readdirSync(POLICE)
    .filter((name) => name >= first)
    .toSorted()) {
    for (const line of readFileSync(join(POLICE, file), 'utf8').split('\n')) {
      const fields = line.split(',');
      if (fields[9] !== 'Violence and sexual offences') continue;
      const isLocated = fields[4] !== '';
      pointsToCells(index, Float64Array.of(Number(fields[5])), Float64Array.of(Number(fields[4])), 1, cells);
      found.push({ source: 'police', month: fields[1]!, cell: isLocated ? cells[0]! : null });
    }
  }
  return found;
}

/** Keeps about `perMonth` located incidents a month within the areas; Mulberry32 draws them. */
export function thin(
  violence: readonly TestIncident[],
  areas: readonly Area[],
  perMonth: number,
  seed: number,
): TestIncident[] {
  const inside = new Set(areas.flatMap((area) => area.cells));
  const within = violence.filter(({ cell }) => cell != null && inside.has(cell));
  const months = new Set(within.map(({ month }) => month)).size;
  let state = seed;
  return within.filter(() => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < (perMonth * months) / within.length;
  });
}
