/** A period that waits for a source: an answer, not a fault. */
export class NotReady extends Error {}
