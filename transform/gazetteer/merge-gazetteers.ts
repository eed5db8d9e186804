/** Several gazetteers as one. */
import type { Place } from '../../schemas/gazetteer.ts';

/** The rows of all lists; of two with one id the first, with the other's names and what else only the other knows. */
export function mergeGazetteers(lists: readonly (readonly Place[])[]): Place[] {
  const rows = new Map<string, Place>();
  for (const place of lists.flat()) {
    const known = rows.get(place.id);
    rows.set(place.id, known ? absorb(known, place) : place);
  }
  return [...rows.values()];
}

/** A row with the names of another that is the same place. */
export function absorb(kept: Place, other: Place): Place {
  const names = [other.name, ...other.aliases].filter(
    (name) => name !== kept.name && !kept.aliases.includes(name),
  );
  return {
    ...other,
    ...kept,
    aliases: [...kept.aliases, ...names],
    capacity: kept.capacity ?? other.capacity,
  };
}
