/** Something about the cluster that a person has to put right, or wait for. */
export class KafkaError extends Error {
  /** False where trying again cannot help. */
  readonly passes: boolean;
  constructor(message: string, passes: boolean) {
    super(message);
    this.passes = passes;
  }
}
