// What an audit found, in words and whole numbers that a released file may carry.

/** What was tried and what came of it. */
export interface AuditReport {
  /** How many releases were read. */
  readonly releases: number;
  readonly tiers: readonly string[];
  readonly attacks: readonly AttackResult[];
  readonly leaks: readonly Leak[];
}

/** Who holds the files that an attack may use: anyone, or a signatory, who also holds what anyone does. */
export type AuditedTier = 'released' | 'partnership' | 'public';

/** One attack on one tier. */
export interface AttackResult {
  /** In plain words. */
  readonly attack: string;
  readonly tier: AuditedTier;
  /** How many cells, rows, texts or outcomes were tried. */
  readonly targets: number;
  /** Of those that are intervals, the one that keeps the fewest whole numbers beside those that it should keep. */
  readonly narrowest: Narrowest | null;
}

/** Widths are numbers of whole numbers that remain possible. */
export interface Narrowest {
  /** Source, period, cut and atom in words. */
  readonly where: string;
  readonly width: number;
  readonly nominal: number;
}

/** Something that the files prove and should not. */
export interface Leak {
  readonly attack: string;
  /** Source, period, cut and atom in words. */
  readonly where: string;
  /** What is proved. */
  readonly low: number;
  readonly high: number;
  /** What the policy lets be known. */
  readonly nominalLow: number;
  readonly nominalHigh: number;
  readonly why: string;
}
