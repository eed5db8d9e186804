// Which row of the place cut counts what: read off the frozen geography, with nothing of the protector.
import type { Geography } from '../../../reports/disclosure/partition.ts';

/** The row that counts an atom: its own where that is shown, that of the block that holds it, or the pool's. */
export function rowOf(
  { atoms }: Pick<Geography, 'atoms'>,
  shown: ReadonlySet<string>,
  atom: string | undefined,
): string {
  if (atom === undefined) return 'pool';
  const within = atoms.find((each) => each.cut === 'place' && each.atom === atom)?.within;
  return shown.has(atom) ? atom : rowOf({ atoms }, shown, within);
}
