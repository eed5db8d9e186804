/** The part of cardiff.yaml that is about Kafka. What safety hangs on has no default: somebody has to write it down. */
import { z } from 'zod';

const file = z.string().min(1);
const name = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,200}$/, 'wanted letters, digits, dots, hyphens and underscores');
const hours = z.number().int().min(1).max(8784);

export const ClusterSettings = z
  .strictObject({
    brokers: z.array(z.string().regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, 'wanted host:port')).min(1),
    tls: z
      .union([z.literal('off'), z.strictObject({ ca: file, cert: file.optional(), key: file.optional() })])
      .describe('"off", or files: the authority that signed the brokers, and this client’s own certificate'),
    sasl: z
      .union([
        z.literal('off'),
        z.strictObject({
          mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
          username: z.string().min(1),
          password_file: file.describe('Readable by its owner alone'),
        }),
      ])
      .describe('"off", or how this client says who it is'),
  })
  .refine(({ tls, sasl }) => tls !== 'off' || sasl === 'off' || sasl.mechanism !== 'plain', {
    message: 'a password would be sent in clear: set tls, or use scram-sha-512',
    path: ['sasl'],
  });
export type ClusterSettings = z.infer<typeof ClusterSettings>;

const OutgoingTopic = z.strictObject({
  topic: name,
  partitions: z.number().int().min(1).max(1000).default(3),
  keep_hours: hours.describe('How long the broker keeps what the board has not read'),
});

export const TopicSettings = z.strictObject({
  topic: name,
  generation: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('Raised by one where the topic was made anew: its offsets begin again'),
  partitions: z.number().int().min(1).max(1000).default(3).describe('Where this service makes the topic'),
  keep_hours: hours.describe(
    'How long the broker keeps records; raw ones as briefly as a long weekend allows',
  ),
  sends_to: OutgoingTopic.optional().describe(
    'Mode hospital: the partnership’s topic of depersonalised incidents',
  ),
});
export type TopicSettings = z.infer<typeof TopicSettings>;

/** Raw records are kept by a broker for no longer than this. */
export const MOST_RAW_HOURS = 168;

export const KafkaSettings = z
  .strictObject({
    mode: z
      .enum(['store', 'hospital', 'board'])
      .describe(
        'store: raw topics into this store; hospital: raw topics become depersonalised ones; board: those into this store',
      ),
    cluster: ClusterSettings.describe('Where records come from'),
    partnership: ClusterSettings.optional().describe('Mode hospital: where depersonalised incidents go'),
    group: name.describe(
      'Begins the names of this service’s consumer groups; workers of one hospital share it',
    ),
    topics: z.record(z.string(), TopicSettings).describe('By source'),
    stop_above_bad_share: z
      .number()
      .min(0)
      .max(1)
      .describe('A source stops where more than this share of its latest thousand records cannot be read'),
    metrics_port: z
      .union([z.literal('off'), z.number().int().min(0).max(65535)])
      .describe('Prometheus metrics and health on 127.0.0.1'),
  })
  .superRefine(({ mode, partnership, topics }, context) => {
    const complain = (message: string, path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (mode === 'hospital' && !partnership)
      complain('mode hospital wants the cluster that incidents go to', ['mode']);
    if (mode !== 'hospital' && partnership)
      complain(`mode ${mode} sends nothing: remove it`, ['partnership']);
    for (const [source, { sends_to, keep_hours }] of Object.entries(topics)) {
      if ((mode === 'hospital') !== (sends_to !== undefined))
        complain(
          mode === 'hospital'
            ? 'mode hospital wants sends_to'
            : `mode ${mode} sends nothing: remove sends_to`,
          ['topics', source],
        );
      if (mode !== 'board' && keep_hours > MOST_RAW_HOURS)
        complain(`raw records are kept for ${MOST_RAW_HOURS} hours at most`, [
          'topics',
          source,
          'keep_hours',
        ]);
    }
    const named = Object.values(topics).map(({ topic }) => topic);
    if (new Set(named).size < named.length) complain('two sources have one topic', ['topics']);
  });
export type KafkaSettings = z.infer<typeof KafkaSettings>;
