/** One ingest, measured from inside: seconds, and megabytes at most. Arguments: folder, profile, file. */
import { ingest } from '../commands/ingest.ts';
import { openPartnership, openPartnershipStore } from '../commands/partnership.ts';

const [folder, profile, file] = process.argv.slice(2) as [string, string, string];
const started = performance.now();
const partnership = await openPartnership(folder);
const store = await openPartnershipStore(folder);
const { failures } = await ingest(partnership, store, [file], profile);
store.close();
if (failures[0]) throw new Error(failures[0].message);
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
