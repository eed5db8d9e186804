/** What is asked for may not leave, or not yet: an answer, told in one sentence and kept in the register. */
export class Refused extends Error {}

/** A period that waits for a source or a person. */
export class NotReady extends Refused {}
