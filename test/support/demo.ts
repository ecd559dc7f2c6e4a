import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bundledProgram } from './bundled-program.js';

const program = bundledProgram('examples/demo/main.ts');

export interface DemoRun {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly complaints: string;
}

/** Runs the demo as a process of its own; `interruptAt` sends it SIGINT when a line holds that text. */
export function runDemo(args: readonly string[], interruptAt?: string): Promise<DemoRun> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: join(__dirname, '../..'),
  });
  let output = '';
  let complaints = '';
  let interrupted = false;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (interrupted || interruptAt === undefined || !output.includes(interruptAt)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, lines: output.split('\n').slice(0, -1), complaints }));
  });
}

/** The counts of the closing line. */
export function closingCounts({ lines }: DemoRun): { published: number; received: number; lost: number } {
  const closing = /^published (\d+), received (\d+), lost (\d+)$/.exec(lines.at(-1) ?? '');
  if (closing === null) throw new Error(`the demo has no closing line; it said:\n${lines.join('\n')}`);
  const [published = NaN, received = NaN, lost = NaN] = closing.slice(1).map(Number);
  return { published, received, lost };
}

/** The first words of the lines that tell of the connection. */
export function statesOf({ lines }: DemoRun): string[] {
  return lines.flatMap((line) => /^(idle|connecting|connected|reconnecting|ended)\b/.exec(line)?.[1] ?? []);
}
