/** Source files that are not delimited text, for tests: messages in XML and lists in JSON. */
import { ECDS_XML } from '../schemas/ecds.ts';
import type { Profile } from '../schemas/profile.ts';
import type { SourceRow } from './batch-of.ts';

/** A message with a record for each row, as systems write them. */
export function messageOf(rows: readonly SourceRow[], version = '6-2-3'): string {
  const element = (field: string, row: SourceRow) => {
    const name = ECDS_XML.fields[field as keyof typeof ECDS_XML.fields]?.header;
    const value = row[field]?.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return value === undefined ? '' : `<ns:${name}>${value}</ns:${name}>`;
  };
  const header = ['ident', 'update_type'];
  const records = rows.map((row) => {
    const rest = Object.keys(row).filter((field) => !header.includes(field));
    return `<ns:M><ns:CDSMessageHeader><ns:CDSMessageType>NHSCDS</ns:CDSMessageType></ns:CDSMessageHeader>
  <ns:CDSTransactionHeader_NetChange>${header.map((field) => element(field, row)).join('')}</ns:CDSTransactionHeader_NetChange>
  <ns:EmergencyCare><ns:Group>${rest.map((field) => element(field, row)).join('\n')}</ns:Group></ns:EmergencyCare></ns:M>`;
  });
  return `<ns:CDS-XMLInterchange SchemaVersion="${version}" xmlns:ns="http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/ns">${records.join('\n')}</ns:CDS-XMLInterchange>`;
}

/** Objects by the paths of a profile's fields. */
export function jsonOf(profile: Profile, rows: readonly SourceRow[]): string {
  const objects = rows.map((row) => {
    const object: Record<string, unknown> = {};
    for (const [field, { header }] of Object.entries(profile.fields)) {
      const path = header.split('.');
      const last = path.pop() as string;
      let at = object;
      for (const name of path) {
        at[name] ??= {};
        at = at[name] as Record<string, unknown>;
      }
      at[last] = row[field] ?? '';
    }
    return object;
  });
  return JSON.stringify(objects, null, 1);
}
