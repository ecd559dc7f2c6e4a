import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { killWithUs } from './kill-with-us.js';

export interface Command {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What it prints when it runs. */
  readonly ready: string;
  /** How long it may take to come up, in ms. */
  readonly patience: number;
}

/** A line that a server has printed, and when. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

/** A server in a process group of its own, which can be killed, stopped and started again. */
export class ServerProcess {
  /** Everything that its processes have printed, the oldest first. */
  readonly lines: Line[] = [];
  private child: ChildProcess | undefined;
  private closed: Promise<unknown> = Promise.resolve();

  private unguard = (): void => undefined;

  constructor(private readonly command: Command) {}

  async start(): Promise<void> {
    this.unguard();
    const { name, args, env, ready, patience } = this.command;
    const from = this.lines.length;
    const child = spawn(name, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.child = child;
    this.closed = new Promise((resolve) => child.once('close', resolve));
    child.once('error', () => undefined);
    if (child.pid !== undefined) this.unguard = killWithUs(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.on('data', (chunk: Buffer) => {
        const texts = (rest + chunk.toString()).split('\n');
        rest = texts.pop() ?? '';
        const at = Date.now();
        for (const text of texts) this.lines.push({ at, text });
      });
    }
    const started = Date.now();
    const isUp = (): boolean => this.lines.slice(from).some(({ text }) => text.includes(ready));
    while (!isUp()) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() - started > patience) {
        const said = this.lines.slice(from).map(({ text }) => text);
        throw new Error(`${name} does not come up:\n${said.slice(-40).join('\n')}`);
      }
      await delay(50);
    }
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.closed;
  }

  /** Stops it as its service does. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    const patience = new AbortController();
    void delay(20_000, undefined, { signal: patience.signal }).then(
      () => this.signal('SIGKILL'),
      () => undefined,
    );
    await this.closed;
    patience.abort();
    // What a script has left of its group.
    this.signal('SIGKILL');
    this.unguard();
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  private signal(signal: NodeJS.Signals): void {
    try {
      if (this.child?.pid !== undefined) process.kill(-this.child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
