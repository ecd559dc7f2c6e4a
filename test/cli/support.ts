import { Subject } from 'rxjs';
import { run } from '../../src/cli/run.js';

/** A command that runs in this process. */
export interface Running {
  readonly out: string[];
  readonly err: string[];
  readonly code: Promise<number>;
  interrupt(): void;
  /** The first line of the output that matches, now or later; rejects when the command ends before. */
  line(pattern: RegExp): Promise<string>;
}

export function command(args: readonly string[], input = ''): Running {
  const out: string[] = [];
  const err: string[] = [];
  const interrupts$ = new Subject<void>();
  const lines$ = new Subject<void>();
  const code = run(args, {
    version: '1.2.3',
    interrupts$,
    out: (line) => {
      out.push(line);
      lines$.next();
    },
    err: (line) => err.push(line),
    input: () => Promise.resolve(input),
  });
  void code.then(() => lines$.complete());
  return {
    out,
    err,
    code,
    interrupt: () => interrupts$.next(),
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = out.find((line) => pattern.test(line));
          if (found !== undefined) resolve(found);
        };
        look();
        lines$.subscribe({
          next: look,
          complete: () => reject(new Error(`the command ended without ${pattern.source}: ${err.join()}`)),
        });
      }),
  };
}
