/** A gazetteer as the CSV that is read again. */
import { GAZETTEER_COLUMNS, type Place } from '../../schemas/gazetteer.ts';

const quoted = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The rows in their order, under a header with all columns. */
export function gazetteerCsv(places: readonly Place[]): string {
  const rows = places.map((place) =>
    GAZETTEER_COLUMNS.map((column) => quoted(textOf(place, column))).join(','),
  );
  return `${[GAZETTEER_COLUMNS.join(','), ...rows].join('\n')}\n`;
}

function textOf(place: Place, column: (typeof GAZETTEER_COLUMNS)[number]): string {
  if (column === 'points') return (place.points ?? []).map((point) => point.join(' ')).join('|');
  const value = place[column];
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.join('|') : String(value);
}
