/** What the store remembers of a release: decided once, and the same whenever it is made anew. */
import type { AuditReport } from '../reports/audit/report.ts';
import type { Recipient } from '../reports/board/proof-document.ts';
import type { Store } from '../transform/store.ts';

/** DDL of the table; one row a period. */
export const RELEASE_TABLE =
  'CREATE TABLE IF NOT EXISTS release (period VARCHAR PRIMARY KEY, policy VARCHAR, sources VARCHAR, absent VARCHAR, notes VARCHAR, previous VARCHAR, included VARCHAR)';

/** DDL of what the attacker answered when a period was frozen; the release is drawn with the same answer ever after. */
export const AUDIT_TABLE =
  'CREATE TABLE IF NOT EXISTS release_audit (period VARCHAR PRIMARY KEY, report VARCHAR)';

/** What the proof sheet of a frozen period says ever after. */
export interface FrozenAudit {
  readonly report: AuditReport;
  readonly recipients: readonly Recipient[];
}

/** The attacker's answer of a frozen period, and who was due what; undefined where there is none. */
export async function readAudit(store: Store, period: string): Promise<FrozenAudit | undefined> {
  const [row] = await store.query<{ report: string }>('SELECT report FROM release_audit WHERE period = $1', [
    period,
  ]);
  return row && (JSON.parse(row.report) as FrozenAudit);
}

/** What was decided when a period was frozen, and holds for good. */
export interface FrozenRelease {
  readonly sources: readonly string[];
  readonly absent: readonly string[];
  readonly notes: readonly string[];
  /** SHA-256 of the manifest before it; another release may come in between later. */
  readonly previous: string | null;
}

/** The same as it was frozen. */
export interface ReadRelease extends FrozenRelease {
  /** By source, the periods whose rows it shows; an earlier one that is frozen after it is not among them. */
  readonly included: Readonly<Record<string, readonly string[]>>;
}

/** The record of a period; undefined where it is not frozen. */
export async function readRelease(store: Store, period: string): Promise<ReadRelease | undefined> {
  const [row] = await store.query<{
    sources: string;
    absent: string;
    notes: string;
    previous: string | null;
    included: string;
  }>('SELECT sources, absent, notes, previous, included FROM release WHERE period = $1', [period]);
  return (
    row && {
      sources: JSON.parse(row.sources) as string[],
      absent: JSON.parse(row.absent) as string[],
      notes: JSON.parse(row.notes) as string[],
      previous: row.previous,
      included: JSON.parse(row.included) as Record<string, string[]>,
    }
  );
}
