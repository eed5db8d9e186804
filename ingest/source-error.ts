/** A file that cannot be read as a whole. The message names line and remedy, and never a value of the file. */
export class SourceError extends Error {
  readonly line: number | undefined;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}
