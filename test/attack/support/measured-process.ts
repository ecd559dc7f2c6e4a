import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Figures } from './figures.js';

interface Answer {
  readonly id: number;
  readonly value: unknown;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A process that is attacked, or that stands beside: it answers questions about itself. */
export class MeasuredProcess {
  private readonly waiting = new Map<number, Waiting>();
  private questions = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', ({ id, value }: Answer) => {
      this.waiting.get(id)?.resolve(value);
      this.waiting.delete(id);
    });
    child.once('exit', (code, signal) => {
      const error = new Error(`the process ended with ${signal ?? code ?? 'nothing'}`);
      for (const { reject } of this.waiting.values()) reject(error);
      this.waiting.clear();
    });
  }

  /**
   * Starts a program of this folder; ends with what it said when it was ready.
   * @param heap - MB of the heap at which it dies.
   */
  static async start<Ready>(program: string, argument: object, heap = 1500): Promise<[MeasuredProcess, Ready]> {
    const child = fork(join(__dirname, program), [JSON.stringify(argument)], {
      execArgv: ['--import', 'tsx', '--expose-gc', `--max-old-space-size=${heap}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const started = new MeasuredProcess(child);
    return [started, (await started.answer(0)) as Ready];
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks a question that the program answers. */
  async ask<Value>(name: string, argument?: object | number | string): Promise<Value> {
    const id = ++this.questions;
    const answer = this.answer(id);
    this.child.send({ id, name, argument });
    return (await answer) as Value;
  }

  /** What it did since it was asked last. */
  measure(): Promise<Figures> {
    return this.ask('measure');
  }

  async stop(): Promise<void> {
    if (!this.isAlive) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  private answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.isAlive) this.waiting.set(id, { resolve, reject });
      else reject(new Error('the process has ended'));
    });
  }
}
