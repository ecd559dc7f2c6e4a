import { NEVER, Subject } from 'rxjs';
import { run } from '../../src/cli/run.js';
import type { Terminal } from '../../src/cli/terminal.js';

/** A command that runs in this process. */
export interface Running {
  readonly out: string[];
  readonly err: string[];
  /** What was written as bytes. */
  readonly bytes: Uint8Array[];
  readonly statuses: string[];
  readonly code: Promise<number>;
  interrupt(): void;
  /** The reader of the standard output goes. */
  closePipe(): void;
  /** The reader of the standard output has read everything. */
  drain(): void;
  /** The first line of the output that matches, now or later; rejects when the command ends before. */
  line(pattern: RegExp): Promise<string>;
  /** The same of the standard error. */
  errLine(pattern: RegExp): Promise<string>;
}

/** What differs from a terminal in a pipe with an empty environment. */
export interface Surroundings extends Partial<Terminal> {
  /** The standard input. */
  readonly stdin?: string | readonly (string | Uint8Array)[];
}

/** A terminal that takes nothing and tells nothing. */
export function quietTerminal(given: Partial<Terminal> = {}): Terminal {
  return {
    version: '1.2.3',
    environment: {},
    interrupts$: NEVER,
    closed$: NEVER,
    hasColours: false,
    isScreen: false,
    showsStatus: false,
    out: () => undefined,
    write: () => undefined,
    isFull: () => false,
    drained$: NEVER,
    err: () => undefined,
    status: () => undefined,
    abandon: () => undefined,
    input: () => Promise.resolve(''),
    chunks: () => chunksOf(''),
    ...given,
  };
}

export function command(args: readonly string[], input = '', { stdin, ...given }: Surroundings = {}): Running {
  const out: string[] = [];
  const err: string[] = [];
  const bytes: Uint8Array[] = [];
  const statuses: string[] = [];
  const interrupts$ = new Subject<void>();
  const closed$ = new Subject<void>();
  const drained$ = new Subject<void>();
  const changes$ = new Subject<void>();
  const note = (list: string[], line: string): void => {
    list.push(line);
    changes$.next();
  };
  const terminal = quietTerminal({
    interrupts$,
    closed$,
    drained$,
    out: (line) => note(out, line),
    err: (line) => note(err, line),
    write: (some) => void bytes.push(some),
    status: (line) => note(statuses, line),
    input: () => Promise.resolve(input),
    chunks: () => chunksOf(stdin ?? input),
    ...given,
  });
  const code = run(args, terminal);
  void code.then(() => changes$.complete());
  const found = (list: string[], pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = list.find((one) => pattern.test(one));
        if (line !== undefined) resolve(line);
      };
      look();
      changes$.subscribe({
        next: look,
        complete: () => reject(new Error(`the command ended without ${pattern.source}: ${err.join()}`)),
      });
    });
  return {
    out,
    err,
    bytes,
    statuses,
    code,
    interrupt: () => interrupts$.next(),
    closePipe: () => closed$.next(),
    drain: () => drained$.next(),
    line: (pattern) => found(out, pattern),
    errLine: (pattern) => found(err, pattern),
  };
}

/** A standard input that ends behind its last part. */
async function* chunksOf(parts: string | readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of [parts].flat()) {
    await Promise.resolve();
    yield typeof part === 'string' ? Buffer.from(part) : part;
  }
}
