/** The command line as a process of its own: what a user types, and what comes back. `npm test` builds it first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

/** The compiled command line, wherever this file is run from. */
const MAIN = join(projectFolder(), 'dist', 'main.js');

export function projectFolder(): string {
  const folder = dirname(import.meta.dirname);
  return folder.endsWith('dist') ? dirname(folder) : folder;
}

/** How long a process may take to say what is waited for. */
const PATIENCE_MS = 20_000;

export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr holds the text; rejects where the process ends without it or takes too long. */
  readonly says: (text: string) => Promise<void>;
  /** All that stderr and stdout have held so far. */
  readonly said: () => string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `cardiff` with arguments. */
export const startCardiff = (args: readonly string[], options?: ProcessOptions): Started =>
  startNode([MAIN, ...args], options);

/** Runs `cardiff` with arguments to its end. */
export const cardiff = (args: readonly string[], options?: ProcessOptions): Promise<Ended> =>
  startCardiff(args, options).ended;

/** Starts Node with arguments of its own. */
export function startNode(args: readonly string[], { cwd, env }: ProcessOptions = {}): Started {
  const child = spawn(process.execPath, [...args], {
    cwd: cwd ?? process.cwd(),
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    wake();
  });
  let over = false;
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      over = true;
      wake();
      resolve({ code, stdout, stderr });
    });
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`${what} "${text}", but: ${stderr}${stdout}`));
      const timer = setTimeout(() => fail(`in ${PATIENCE_MS / 1000} s it did not say`), PATIENCE_MS);
      const look = () => {
        if ((stderr + stdout).includes(text)) resolve();
        else if (over) fail('it ended without saying');
        else return;
        clearTimeout(timer);
        waiting = waiting.filter((other) => other !== look);
      };
      waiting.push(look);
      look();
    });
  return { child, ended, says, said: () => stderr + stdout };
}
