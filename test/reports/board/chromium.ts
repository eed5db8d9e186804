/** A browser to look at pages with, driven over a pipe: no port, no profile that was used before. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The browser's program, or undefined where there is none. */
export function findProgram(...names: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: unknown;
  sessionId?: string;
}

/** An open page: what it said and asked for so far, and a way to run a line in it. */
export interface OpenPage {
  said: string[];
  asked: string[];
  run: (expression: string) => Promise<unknown>;
  press: (key: string) => Promise<void>;
  close: () => Promise<void>;
}

/** Opens a page in a fresh browser of the given size and waits until it has loaded. */
export async function openPage(
  program: string,
  url: string,
  width: number,
  height: number,
): Promise<OpenPage> {
  const profile = mkdtempSync(join(tmpdir(), 'cardiff-page-'));
  const browser = spawn(
    program,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-sync',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const said: string[] = [];
  const asked: string[] = [];
  let loaded = (): void => {};
  const ready = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const send = talk(browser, ({ method, params }) => {
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Network.requestWillBeSent')
      asked.push(String((params?.['request'] as { url: string } | undefined)?.url));
    if (
      method === 'Runtime.consoleAPICalled' ||
      method === 'Log.entryAdded' ||
      method === 'Runtime.exceptionThrown'
    ) {
      said.push(JSON.stringify(params));
    }
  });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method: string, params: Record<string, unknown> = {}) =>
    send(method, params, String(sessionId));
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await ask(`${domain}.enable`);
  await ask('Emulation.setDeviceMetricsOverride', {
    width,
    height,
    deviceScaleFactor: 1,
    mobile: width < 500,
  });
  await ask('Page.navigate', { url });
  await ready;
  return {
    said,
    asked,
    run: async (expression) => {
      const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value: unknown }).value;
    },
    press: async (key) => {
      await ask('Input.dispatchKeyEvent', { type: 'keyDown', key });
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', key });
    },
    close: async () => {
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      await send('Browser.close').catch(() => browser.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Commands go out and come back as JSON with a zero byte behind each. */
function talk(browser: ChildProcess, onEvent: (message: Message) => void) {
  const out = browser.stdio[3] as Writable;
  const back = browser.stdio[4] as Readable;
  const waiting = new Map<number, (message: Message) => void>();
  let rest = '';
  back.setEncoding('utf8');
  back.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) onEvent(message);
      else waiting.get(message.id)?.(message);
    }
  });
  let last = 0;
  return (method: string, params: Record<string, unknown> = {}, sessionId?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, (message) =>
        message.error ? reject(new Error(JSON.stringify(message.error))) : resolve(message.result ?? {}),
      );
      out.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
    });
}
