import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, ReplaySubject, tap, timeout } from 'rxjs';
import { bundledProgram } from '../support/bundled-program.js';
import type { MemberEvent, MemberTask } from './member-task.js';

const program = bundledProgram('test/clusters/programs/member.ts');

type Of<E extends MemberEvent['event']> = Extract<MemberEvent, { event: E }>;

/** A process with clients in it, started by the ring. */
export class MemberProcess {
  readonly events: MemberEvent[] = [];
  private readonly events$ = new ReplaySubject<MemberEvent>();
  private readonly child: ChildProcess;
  /** What it wrote to stderr. */
  complaints = '';

  constructor(task: MemberTask) {
    this.child = spawn(process.execPath, [program, JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.once('close', () => this.events$.error(this.ended));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.complaints += chunk.toString()));
    if (this.child.stdout === null) return;
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as MemberEvent;
      this.events.push(event);
      this.events$.next(event);
    });
  }

  /** Why it tells nothing more. */
  private get ended(): Error {
    return new Error(`a process of the ring has ended:\n${this.complaints}`);
  }

  /** Throws when it has ended, and tells nothing more. */
  check(): void {
    if (this.hasEnded) throw this.ended;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The first event of a kind, or the next one that is told after `from`. */
  next<E extends MemberEvent['event']>(event: E, patience: number, from = 0): Promise<Of<E>> {
    let index = 0;
    const next$ = this.events$.pipe(filter((one): one is Of<E> => index++ >= from && one.event === event));
    return firstValueFrom(next$.pipe(timeout(patience)));
  }

  /** What a publisher has sent, once everything is acknowledged; for as long as it gets on within `patience` ms. */
  published(patience: number): Promise<Of<'published'>> {
    let most = -1;
    const news$ = this.events$.pipe(
      filter((one) => one.event === 'published' || (one.event === 'progress' && one.acked > most)),
      tap((one) => (most = 'acked' in one ? one.acked : most)),
      timeout({ each: patience }),
    );
    return firstValueFrom(news$.pipe(filter((one): one is Of<'published'> => one.event === 'published')));
  }

  /** What a worker has seen by now. */
  summary(): Promise<Of<'summary'>> {
    const from = this.events.length;
    this.tell();
    return this.next('summary', 60_000, from);
  }

  /** Tells it to finish, or to sum up. */
  tell(): void {
    this.child.stdin?.write('\n');
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGKILL');
    await closed;
  }
}
