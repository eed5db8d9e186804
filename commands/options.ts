/** What a command is given and what it answers. */

/** The options of the command line, with their defaults. */
export interface Options {
  readonly dir: string;
  readonly json: boolean;
  readonly source?: string | undefined;
  readonly period?: string | undefined;
  readonly 'key-file'?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly draft: boolean;
  /** Who approves. */
  readonly as?: string | undefined;
  /** Why a value is withdrawn. */
  readonly because?: string | undefined;
  readonly without: readonly string[];
  /** A file of exact numbers that an attacker holds. */
  readonly knowing?: string | undefined;
  readonly seed: string;
  readonly months: string;
  readonly scale: string;
  readonly 'create-topics': boolean;
  readonly kafka?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly positionals: readonly string[];
}

export interface Outcome {
  /** For --json. */
  readonly result: unknown;
  /** For people. */
  readonly text: string;
  /** Exit code; 0 where it is not given. */
  readonly code?: number;
}
