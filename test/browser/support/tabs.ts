import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { chromiumPath, FLAGS } from './chromium.js';

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

/** A tab of a Chromium that treats it as a user's: in the background it is hidden, and may be frozen. */
export interface Tab {
  /** The value of an expression, a promise awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Puts another tab in front of it. */
  hide(): Promise<void>;
  show(): Promise<void>;
  /** Stops its scripts and timers, as browsers do with tabs that were hidden for long. It must be hidden. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

export interface Tabs {
  /** Resolves once the page has loaded. */
  open(url: string): Promise<Tab>;
  stop(): Promise<void>;
}

/**
 * Chromium by its DevTools protocol alone. The tabs of playwright will not do for these tests: it keeps every one of them
 * visible and awake.
 */
export async function startTabs(): Promise<Tabs> {
  const profile = mkdtempSync(join(tmpdir(), 'rxmqtt-chromium-'));
  const args = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...FLAGS, 'about:blank'];
  // In a group of its own, so that its helper processes end with it.
  const chromium = spawn(chromiumPath(), args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const exited = once(chromium, 'exit');
  const closed = once(chromium, 'close');
  const address = await new Promise<string>((resolve, reject) => {
    let log = '';
    chromium.once('exit', () => reject(new Error(`Chromium ended at its start: ${log}`)));
    chromium.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const found = /DevTools listening on (ws:\S+)/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const socket = new WebSocket(address);
  await new Promise((resolve) => socket.once('open', resolve));
  const send = requests(socket);
  return {
    open: (url) => openTab(send, url),
    async stop() {
      socket.close();
      chromium.kill();
      await exited;
      killGroup(chromium.pid!);
      // The last helper process is gone when no process holds the pipe any more; until then, it may write to the profile.
      await closed;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function requests(socket: WebSocket): Send {
  const waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (e: Error) => void }>();
  let last = 0;
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as {
      id?: number;
      result?: Record<string, unknown>;
      error?: { message: string };
    };
    const request = waiting.get(answer.id ?? 0);
    if (answer.error === undefined) request?.resolve(answer.result ?? {});
    else request?.reject(new Error(answer.error.message));
  });
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      last++;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params, sessionId }));
    });
}

async function openTab(send: Send, url: string): Promise<Tab> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const session = sessionId as string;
  const evaluate = async (expression: string): Promise<unknown> => {
    const request = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await send('Runtime.evaluate', request, session);
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  };
  await send('Page.navigate', { url }, session);
  await evaluate(`new Promise((resolve) => document.readyState === 'complete' ? resolve() : (onload = resolve))`);
  const setState = async (state: 'frozen' | 'active'): Promise<void> => {
    await send('Page.setWebLifecycleState', { state }, session);
  };
  const untilVisibility = async (state: string): Promise<void> => {
    await evaluate(`new Promise((resolve) => {
      const look = () => document.visibilityState === '${state}' && resolve();
      document.addEventListener('visibilitychange', look);
      look();
    })`);
  };
  return {
    evaluate,
    async hide() {
      const { targetId: other } = await send('Target.createTarget', { url: 'about:blank' });
      await send('Target.activateTarget', { targetId: other });
      await untilVisibility('hidden');
    },
    async show() {
      await send('Target.activateTarget', { targetId });
      await untilVisibility('visible');
    },
    freeze: () => setState('frozen'),
    thaw: () => setState('active'),
  };
}
