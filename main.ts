#!/usr/bin/env node
/** The command line: reads the arguments, runs one command, sets the exit code. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { COMMANDS, help } from './commands/commands.ts';
import { sentenceFor } from './commands/sentence-for.ts';
import { UsageError } from './commands/usage-error.ts';

// Nothing that the product writes is for other users of the machine.
process.umask(0o077);

const OPTIONS = {
  dir: { type: 'string' as const, default: '.' },
  json: { type: 'boolean' as const, default: false },
  help: { type: 'boolean' as const, default: false },
  source: { type: 'string' as const },
  period: { type: 'string' as const },
  as: { type: 'string' as const },
  because: { type: 'string' as const },
  'key-file': { type: 'string' as const },
  from: { type: 'string' as const },
  to: { type: 'string' as const },
  draft: { type: 'boolean' as const, default: false },
  without: { type: 'string' as const, multiple: true, default: [] as string[] },
  knowing: { type: 'string' as const },
  since: { type: 'string' as const },
  until: { type: 'string' as const },
  seed: { type: 'string' as const, default: '1' },
  months: { type: 'string' as const, default: '27' },
  scale: { type: 'string' as const, default: '1' },
  kafka: { type: 'string' as const },
  'create-topics': { type: 'boolean' as const, default: false },
} satisfies ParseArgsConfig['options'];

async function main(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    process.stdout.write(`${help()}\n`);
    if (name === 'help' || name === '--help') return 0;
    throw new UsageError(`"${name}" is no command: wanted one of ${Object.keys(COMMANDS).join(', ')}`);
  }
  const { values, positionals } = parse(name, rest);
  if (values.help) {
    process.stdout.write(`${command.help}\n`);
    return 0;
  }
  const { result, text, code = 0 } = await command.run({ ...values, positionals });
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${text}\n`);
  return code;
}

function parse(name: string, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch {
    throw new UsageError(
      `an option of "cardiff ${name}" is not known or lacks its value: see "cardiff ${name} --help"`,
    );
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`cardiff: ${sentenceFor(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
