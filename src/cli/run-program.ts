import { spawn } from 'node:child_process';
import { Observable } from 'rxjs';

/** The largest answer of a program, in bytes. */
const LONGEST = 16 * 1024 * 1024;

/**
 * Runs a program for one input, without a shell, and emits its output. Errors if it cannot be started, ends with a code
 * other than 0, or prints too much. Unsubscribing kills it. Its standard error is passed through.
 */
export function runProgram(
  [program = '', ...args]: readonly string[],
  input: Uint8Array,
  environment: Readonly<Record<string, string | undefined>>,
): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
    const parts: Uint8Array[] = [];
    let length = 0;
    const fail = (why: string): void => subscriber.error(new Error(`${program} ${why}`));
    child.once('error', (error: NodeJS.ErrnoException) => fail(`cannot be run: ${error.code ?? error.message}`));
    // A program may end without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.stdout.on('data', (chunk: Uint8Array) => {
      parts.push(chunk);
      length += chunk.length;
      if (length > LONGEST) fail(`prints more than ${LONGEST} bytes`);
    });
    child.once('close', (code, signal) => {
      if (code !== 0) return fail(`ended with ${signal ?? `code ${String(code)}`}`);
      subscriber.next(Buffer.concat(parts));
      subscriber.complete();
    });
    return () => {
      if (child.exitCode === null) child.kill();
    };
  });
}
