/** A bare kafkajs consumer that only counts. Arguments: broker, topic, how many. Prints its seconds from the first message. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

const [address, topic, wanted] = process.argv.slice(2) as [string, string, string];
const consumer = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).consumer({
  groupId: `count-${randomUUID()}`,
  // As `cardiff listen` asks for them, so that the two differ in what they do with messages alone.
  maxWaitTimeInMs: 250,
  maxBytesPerPartition: 512 << 10,
  maxBytes: 8 << 20,
});
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
let started = 0;
let counted = 0;
await new Promise<void>((resolve) => {
  void consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      started ||= performance.now();
      counted += batch.messages.length;
      if (counted >= Number(wanted)) resolve();
    },
  });
});
process.stdout.write(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
process.exit(0);
