import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const PROJECT = join(import.meta.dirname, '..');
const FOLDERS = ['schemas', 'ingest', 'transform', 'reports', 'commands', 'bench'];

/** What the files of a folder may import of ours: paths that begin so. The longest folder that fits counts. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'schemas/': ['schemas/'],
  'ingest/': ['ingest/', 'schemas/'],
  'ingest/synth/': ['ingest/synth/', 'schemas/'],
  'transform/': ['transform/', 'schemas/'],
  // Reports see no record and no store: they are given a query function. Geometry of cells is the one thing they ask for.
  'reports/': ['reports/', 'schemas/', 'transform/h3-cell.ts'],
  // The attacker shares nothing with what it attacks.
  'reports/audit/': ['reports/audit/'],
  // Which cell lies in which is a matter of their bits.
  'reports/disclosure/': ['reports/disclosure/', 'reports/sql.ts', 'schemas/', 'transform/h3-cell.ts'],
  'reports/statistics/': ['reports/statistics/'],
  'commands/': ['commands/', 'schemas/', 'ingest/', 'transform/', 'reports/'],
  'main.ts': ['commands/', 'ingest/source-error.ts', 'ingest/kafka-error.ts'],
  'bench/': [''],
};

/** Packages, and the only files that import them. A folder stands for all its files; benchmarks may import any. */
const IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  zod: ['schemas/', 'ingest/', 'reports/', 'commands/'],
  yaml: ['commands/read-yaml.ts'],
  '@duckdb/node-api': ['transform/store.ts'],
  '@duckdb/node-bindings': ['transform/store.ts'],
  'h3-js': ['transform/h3-cell.ts'],
  proj4: ['transform/national-grid.ts'],
  saxes: ['ingest/xml.ts'],
  yauzl: ['ingest/zip.ts'],
  'node-cron': ['reports/schedule.ts'],
  'age-encryption': ['reports/partners/encrypt.ts'],
  highs: ['reports/audit/bounds.ts'],
  unpdf: ['reports/audit/pdf-text.ts'],
  kafkajs: ['ingest/kafka.ts'],
  '@myriaddreamin/typst-ts-node-compiler': ['reports/board/typst.ts'],
};

/** Modules of Node, and the folders that may import them; those that are not listed are open to all but kernels. */
const NODE_IMPORTERS: Readonly<Record<string, readonly string[]>> = {
  // Nothing speaks to a network but Kafka's client, and to this machine the page of a listener's metrics.
  'node:http': ['commands/listen-watch.ts'],
  'node:http2': [],
  'node:https': [],
  'node:net': [],
  'node:tls': [],
  'node:dgram': [],
  'node:dns': [],
  'node:child_process': [],
};

/** Words, and the only files that may use them. */
const WORDS: readonly (readonly [what: string, pattern: RegExp, files: readonly string[]])[] = [
  ['the clock', /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bTemporal\.Now\b/, ['commands/clock.ts']],
  ['the environment', /\bprocess\.env\b/, []],
  ['chance without a seed', /\bMath\.random\(/, []],
  ['a network', /\bfetch\(|\bnew WebSocket\(/, []],
  ['the console', /\bconsole\./, []],
  // Only the disclosure module marks a row as protected.
  [
    'the mark of a released row',
    /\bas (?:unknown as )?(?:readonly )?Released<|\b(?:query|parse)<(?:readonly )?Released<|\bis (?:readonly )?Released</,
    ['reports/disclosure/'],
  ],
  // Only an agreement in force is leave to make files of the tiers that show more.
  [
    'leave to make a tier',
    /\b(?:as|is|satisfies) (?:unknown as )?(?:readonly )?Grant</,
    ['commands/grants.ts'],
  ],
];

/** Every way in which files, by path and text, go against the tables above, in a sentence each. */
function violations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, text]) => [
    ...importsOf(text).flatMap((name) => importViolation(path, name)),
    ...(path.startsWith('bench/') ? [] : WORDS)
      .filter(([, pattern, allowed]) => pattern.test(withoutComments(text)) && !isIn(path, allowed))
      .map(([what]) => `${path} uses ${what}`),
  ]);
}

/** The names that a file imports, by whatever form. */
const importsOf = (text: string): string[] =>
  [
    ...withoutComments(text).matchAll(
      /(?:\bfrom|\bimport|\bimport\(|\brequire\(|\.resolve\()\s*'([^'\n]+)'/g,
    ),
  ].map(([, name]) => name as string);

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

function importViolation(path: string, name: string): string[] {
  if (name.startsWith('.')) {
    const target = posix.join(posix.dirname(path), name);
    const folder = Object.keys(MAY_IMPORT)
      .filter((prefix) => path.startsWith(prefix))
      .sort((a, b) => b.length - a.length)[0];
    return isIn(target, MAY_IMPORT[folder ?? ''] ?? []) ? [] : [`${path} imports ${target}`];
  }
  if (path.startsWith('bench/')) return [];
  if (name.startsWith('node:')) {
    const isPure = path.startsWith('schemas/') || path.startsWith('reports/statistics/');
    return isPure || !isIn(path, NODE_IMPORTERS[name] ?? ['']) ? [`${path} imports ${name}`] : [];
  }
  const [first = '', second = ''] = name.split('/');
  const importers = IMPORTERS[first.startsWith('@') ? `${first}/${second}` : first];
  // Fonts are a package without code, of which the path is asked for.
  if (first === 'source-sans') return path === 'reports/board/typst.ts' ? [] : [`${path} imports ${name}`];
  return importers && isIn(path, importers) ? [] : [`${path} imports ${name}`];
}

const isIn = (path: string, allowed: readonly string[]) =>
  allowed.some(
    (prefix) => path === prefix || ((prefix === '' || prefix.endsWith('/')) && path.startsWith(prefix)),
  );

function sourceFiles(): Map<string, string> {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return new Map(
    ['main.ts', ...paths].map((path) => [
      relative(PROJECT, join(PROJECT, path)).split(sep).join('/'),
      readFileSync(join(PROJECT, path), 'utf8'),
    ]),
  );
}

test('every file imports and uses only what its place allows', () => {
  const files = sourceFiles();
  expect(files.size).toBeGreaterThan(60);
  expect(violations(files)).toEqual([]);
});

test('the tables speak of files that exist', () => {
  const files = [...sourceFiles().keys()];
  const named = [
    ...Object.keys(MAY_IMPORT),
    ...Object.values(IMPORTERS).flat(),
    ...WORDS.flatMap(([, , allowed]) => allowed),
  ];
  expect(named.filter((name) => !files.some((file) => isIn(file, [name])))).toEqual([]);
});

describe('a violation is found', () => {
  const seeded: [path: string, text: string, sentence: string][] = [
    ['schemas/x.ts', "import { a } from '../ingest/csv.ts';", 'schemas/x.ts imports ingest/csv.ts'],
    ['schemas/x.ts', "import { readFileSync } from 'node:fs';", 'schemas/x.ts imports node:fs'],
    [
      'ingest/x.ts',
      "import type { Store } from '../transform/store.ts';",
      'ingest/x.ts imports transform/store.ts',
    ],
    ['ingest/synth/x.ts', "import { readCsv } from '../csv.ts';", 'ingest/synth/x.ts imports ingest/csv.ts'],
    ['transform/x.ts', "import { readCsv } from '../ingest/csv.ts';", 'transform/x.ts imports ingest/csv.ts'],
    ['transform/x.ts', "import { latLngToCell } from 'h3-js';", 'transform/x.ts imports h3-js'],
    ['transform/x.ts', "export * from '@duckdb/node-api';", 'transform/x.ts imports @duckdb/node-api'],
    [
      'reports/x.ts',
      "import { openStore } from '../transform/store.ts';",
      'reports/x.ts imports transform/store.ts',
    ],
    [
      'reports/x.ts',
      "import duckdb from '@duckdb/node-bindings';",
      'reports/x.ts imports @duckdb/node-bindings',
    ],
    [
      'reports/x.ts',
      "const { a } = await import('../commands/ingest.ts');",
      'reports/x.ts imports commands/ingest.ts',
    ],
    ['reports/x.ts', "import 'h3-js';", 'reports/x.ts imports h3-js'],
    [
      'reports/disclosure/x.ts',
      "import { sum } from '../statistics/sum.ts';",
      'reports/disclosure/x.ts imports reports/statistics/sum.ts',
    ],
    [
      'reports/statistics/x.ts',
      "import { Policy } from '../../schemas/policy.ts';",
      'reports/statistics/x.ts imports schemas/policy.ts',
    ],
    [
      'reports/board/x.ts',
      "import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';",
      'reports/board/x.ts imports @myriaddreamin/typst-ts-node-compiler',
    ],
    ['commands/x.ts', "import cron from 'node-cron';", 'commands/x.ts imports node-cron'],
    ['commands/x.ts', "import express from 'express';", 'commands/x.ts imports express'],
    ['ingest/x.ts', "import { get } from 'node:https';", 'ingest/x.ts imports node:https'],
    ['transform/x.ts', 'const day = Date.now() / 1000;', 'transform/x.ts uses the clock'],
    ['commands/x.ts', 'const today = new Date();', 'commands/x.ts uses the clock'],
    ['main.ts', "if (process.env['DEBUG']) a();", 'main.ts uses the environment'],
    ['ingest/synth/x.ts', 'const draw = Math.random();', 'ingest/synth/x.ts uses chance without a seed'],
    ['commands/listen.ts', "import { Kafka } from 'kafkajs';", 'commands/listen.ts imports kafkajs'],
    [
      'commands/listen.ts',
      "import { createServer } from 'node:http';",
      'commands/listen.ts imports node:http',
    ],
    ['ingest/kafka.ts', "import { connect } from 'node:net';", 'ingest/kafka.ts imports node:net'],
    ['reports/x.ts', 'await fetch(url);', 'reports/x.ts uses a network'],
    ['reports/x.ts', 'const row = made as Released<Row>;', 'reports/x.ts uses the mark of a released row'],
    [
      'reports/x.ts',
      'const rows = made as unknown as readonly Released<Row>[];',
      'reports/x.ts uses the mark of a released row',
    ],
    [
      'reports/x.ts',
      "const rows = await query<Released<Row>>('SELECT 1');",
      'reports/x.ts uses the mark of a released row',
    ],
    [
      'reports/x.ts',
      'const isIt = (row: Row): row is Released<Row> => true;',
      'reports/x.ts uses the mark of a released row',
    ],
    [
      'commands/x.ts',
      "const leave = agreement as Grant<'analyst'>;",
      'commands/x.ts uses leave to make a tier',
    ],
  ];
  for (const [path, text, sentence] of seeded) {
    test(sentence, () => {
      expect(violations(new Map([[path, text]]))).toEqual([sentence]);
    });
  }
  test('and what a comment says is none', () => {
    expect(
      violations(new Map([['reports/x.ts', "// import 'h3-js'; Date.now()\n/* fetch(url) */"]])),
    ).toEqual([]);
  });
});
