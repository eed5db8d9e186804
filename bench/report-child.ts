/** Store to report, measured from inside, on an invented city. Argument: folder. */
import { ingest } from '../commands/ingest.ts';
import { openPartnership, openPartnershipStore } from '../commands/partnership.ts';
import { publish } from '../commands/publish.ts';
import { synth } from '../commands/synth.ts';

const [folder] = process.argv.slice(2) as [string];
await synth(folder, { seed: 1, months: 27, scale: 1 });
const partnership = await openPartnership(folder);
const store = await openPartnershipStore(folder);
await ingest(partnership, store, []);
const [row] = await store.query<{ n: number }>('SELECT count(*)::INTEGER AS n FROM incident');
const started = performance.now();
await publish(partnership, store, { draft: false, without: [] });
const seconds = (performance.now() - started) / 1000;
store.close();
process.stdout.write(JSON.stringify({ incidents: row?.n, seconds }));
