import type { BoardGeography, NamedArea } from './content.ts';
import { isInside } from './projection.ts';

type AreaByCell = Map<string, NamedArea | undefined>;
/** Outlines have thousands of corners, and every table asks for the same cells again. */
const areasByCell = new WeakMap<BoardGeography, AreaByCell>();

/** The named area that a cell belongs to, by its centre. */
export function areaOfCell(geography: BoardGeography, cell: string): NamedArea | undefined {
  const known: AreaByCell = areasByCell.get(geography) ?? new Map();
  areasByCell.set(geography, known);
  if (!known.has(cell)) {
    const centre = geography.cellCentre(cell);
    known.set(
      cell,
      geography.areas.find((area) => isInside(centre, area.rings)),
    );
  }
  return known.get(cell);
}
