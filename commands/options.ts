/** What a command is given and what it answers. */

/** The options of the command line, with their defaults. */
export interface Options {
  readonly dir: string;
  readonly json: boolean;
  readonly source?: string | undefined;
  readonly period?: string | undefined;
  readonly draft: boolean;
  readonly without: readonly string[];
  readonly seed: string;
  readonly months: string;
  readonly scale: string;
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
