/** A wrong command or setting, told in one sentence; the process ends with 2. */
export class UsageError extends Error {}
