import { expect, test } from 'vitest';
import { whyNoBroker } from '../kafka/broker.ts';
import { killAndCompareStreams } from '../kafka/kill.ts';

const missing = whyNoBroker();
if (missing && process.env['CI']) throw new Error(missing);

// npm run kill-kafka does many.
test.skipIf(missing !== undefined || process.env['KAFKA_BROKERS'] !== undefined)(
  `killed listeners and brokers leave nothing out and nothing twice${missing ? ` (left out: ${missing})` : ''}`,
  async () => {
    const said: string[] = [];
    const failures = await killAndCompareStreams({
      records: 12_000,
      kills: 6,
      restarts: 1,
      seed: 3,
      say: (line) => said.push(line),
    });
    expect({ failures, said: failures.length > 0 ? said : [] }).toEqual({ failures: [], said: [] });
  },
  170_000,
);
