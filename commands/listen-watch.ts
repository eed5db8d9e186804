/** What can be seen of a listener from outside: counts, lag and health. It holds names and numbers, never a value. */
import { createServer, type Server } from 'node:http';
import type { Tally } from '../schemas/tally.ts';
import { printable } from './printable.ts';

/** What `cardiff listen` tells of itself, a line of JSON each. */
export type Tell = (event: string, details?: Readonly<Record<string, string | number>>) => void;

interface Metric {
  readonly help: string;
  readonly type: 'counter' | 'gauge';
}

const METRICS = {
  cardiff_rows_total: { help: 'Rows of the source read', type: 'counter' },
  cardiff_incidents_total: { help: 'Incidents made of them', type: 'counter' },
  cardiff_rejected_total: { help: 'Rows and messages that could not be read', type: 'counter' },
  cardiff_excluded_total: { help: 'Rows that are not about violence', type: 'counter' },
  cardiff_unknown_keys_total: {
    help: 'Values of JSON records under keys that no field takes',
    type: 'counter',
  },
  cardiff_messages_total: { help: 'Messages read', type: 'counter' },
  cardiff_commits_total: { help: 'Commits', type: 'counter' },
  cardiff_commit_seconds_total: { help: 'Seconds spent in commits', type: 'counter' },
  cardiff_last_commit_rows: { help: 'Rows of the latest commit', type: 'gauge' },
  cardiff_last_commit_seconds: { help: 'Seconds that the latest commit took', type: 'gauge' },
  cardiff_last_success_timestamp_seconds: { help: 'When the latest commit ended', type: 'gauge' },
  cardiff_lag_messages: { help: 'Messages of a partition that are not committed yet', type: 'gauge' },
  cardiff_missing_offsets_total: {
    help: 'Offsets that were gone before they could be read',
    type: 'counter',
  },
  cardiff_source_stopped: { help: '1 where a source was stopped', type: 'gauge' },
  cardiff_topic_findings: {
    help: 'Settings of topics that are not as they should be, when listening began; the log says which',
    type: 'gauge',
  },
  cardiff_restarts_total: { help: 'How often reading had to begin anew', type: 'counter' },
  cardiff_consuming: { help: '1 while messages are read, 0 while something is waited for', type: 'gauge' },
} as const satisfies Record<string, Metric>;
export type MetricName = keyof typeof METRICS;
type Labels = Readonly<Record<string, string | number>>;

export interface Watch {
  readonly add: (name: MetricName, by: number, labels?: Labels) => void;
  readonly set: (name: MetricName, value: number, labels?: Labels) => void;
  /** What is waited for; undefined while all is well. */
  readonly waitFor: (reason: string | undefined) => void;
  readonly addTally: (source: string, tally: Tally) => void;
  readonly metrics: () => string;
  readonly health: () => { ok: boolean; reason?: string; last_success?: string };
}

const escaped = (value: string | number) =>
  String(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

export function createWatch(): Watch {
  const values = new Map<string, Map<string, number>>();
  let waiting: string | undefined = 'not started yet';
  const of = (name: MetricName, labels: Labels) => {
    const series = values.get(name) ?? new Map<string, number>();
    values.set(name, series);
    const parts = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
    return { series, key: parts.length > 0 ? `{${parts.join(',')}}` : '' };
  };
  const add: Watch['add'] = (name, by, labels = {}) => {
    const { series, key } = of(name, labels);
    series.set(key, (series.get(key) ?? 0) + by);
  };
  const set: Watch['set'] = (name, value, labels = {}) => {
    const { series, key } = of(name, labels);
    series.set(key, value);
  };
  return {
    add,
    set,
    waitFor: (reason) => {
      waiting = reason;
      set('cardiff_consuming', reason === undefined ? 1 : 0);
    },
    addTally: (source, { read, passed, rejected, excluded }) => {
      add('cardiff_rows_total', read, { source });
      add('cardiff_incidents_total', passed, { source });
      for (const [name, counts] of [
        ['cardiff_rejected_total', rejected],
        ['cardiff_excluded_total', excluded],
      ] as const)
        for (const [field, reasons] of Object.entries(counts))
          for (const [reason, n] of Object.entries(reasons))
            add(name, n, { source, field: printable(field), reason });
    },
    metrics: () =>
      Object.entries(METRICS)
        .flatMap(([name, { help, type }]) => [
          `# HELP ${name} ${help}`,
          `# TYPE ${name} ${type}`,
          ...[...(values.get(name) ?? [])].map(([key, value]) => `${name}${key} ${value}`),
        ])
        .join('\n')
        .concat('\n'),
    health: () => {
      const at = values.get('cardiff_last_success_timestamp_seconds')?.get('');
      return {
        ok: waiting === undefined,
        ...(waiting === undefined ? {} : { reason: waiting }),
        ...(at === undefined ? {} : { last_success: new Date(at * 1000).toISOString() }),
      };
    },
  };
}

/** Serves /metrics and /health to this machine alone. Port 0 takes a free one. Returns the port. */
export async function serveWatch(
  watch: Watch,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const isGet = request.method === 'GET';
    if (isGet && request.url === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(watch.metrics());
    } else if (isGet && request.url === '/health') {
      const health = watch.health();
      response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(health)}\n`);
    } else {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', () =>
      reject(new Error(`port ${port} on 127.0.0.1 is taken: choose another for kafka.metrics_port`)),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  // A scraper that is slow must not keep the process alive.
  server.unref();
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
