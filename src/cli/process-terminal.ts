import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { filter, fromEvent, merge, share } from 'rxjs';
import { askSecret } from './ask-secret.js';
import type { Terminal } from './terminal.js';

/** How many bytes may wait for the reader of the standard output. */
const MOST_WAITING = 1024 * 1024;
const CLEAR_LINE = '\r\u001b[K';

/** The terminal, the pipes and the signals of this process. */
export function processTerminal(version: string): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isGone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EPIPE';
  // Without a listener, a reader that leaves ends the process with an error.
  const failed$ = fromEvent(stdout, 'error').pipe(share());
  failed$.subscribe((error) => {
    if (isGone(error)) return;
    stderr.write(`rxmqtt: the output cannot be written: ${(error as Error).message}\n`);
    process.exit(1);
  });
  stderr.on('error', () => undefined);
  let shown = '';
  const aside = (write: () => void): void => {
    if (shown !== '') stderr.write(CLEAR_LINE);
    write();
    if (shown !== '') stderr.write(shown);
  };
  return {
    version,
    environment: env,
    interrupts$: merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')),
    closed$: failed$.pipe(filter(isGone)),
    hasColours: stdout.isTTY && env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb',
    isScreen: stdout.isTTY,
    showsStatus: stderr.isTTY,
    out: (line) => aside(() => stdout.write(`${line}\n`)),
    write: (bytes) => void stdout.write(bytes),
    isFull: () => stdout.writableLength > MOST_WAITING,
    drained$: fromEvent(stdout, 'drain'),
    err: (line) => aside(() => stderr.write(`${line}\n`)),
    status(line) {
      if (!stderr.isTTY || line === shown) return;
      stderr.write(CLEAR_LINE + line);
      shown = line;
    },
    abandon: (code) => process.exit(code),
    input: () => text(stdin),
    chunks: () => stdin,
    ...(stdin.isTTY && { askSecret, ask }),
  };
}

/** Asks a question. Rejects on Ctrl+C and at the end of the input. */
async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  reader.once('close', () => ended.abort());
  try {
    return await reader.question(question, { signal: ended.signal });
  } catch {
    process.stderr.write('\n');
    throw new Error('nothing was answered; nothing was done');
  } finally {
    reader.close();
  }
}
