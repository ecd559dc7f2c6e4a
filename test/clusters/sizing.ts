import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClientOptions } from '../../src/index.js';
import { bundledProgram } from '../support/bundled-program.js';
import { isShort, note } from './findings.js';

/** What one process with clients takes. */
export interface Sizing {
  /** Messages at QoS 1 from one connection through the broker to another. */
  readonly perSecond: number;
  /** Bytes of one more idle connection in this process. */
  readonly connection: number;
  /** Bytes of the whole process, resident. */
  readonly process: number;
}

/** Idle connections of the process, and messages of 100 bytes. */
const CONNECTIONS = isShort ? 50 : 1000;
const MESSAGES = isShort ? 500 : 20_000;

/** Measures a process with clients of a broker, for `docs/scaling.md`. */
export async function measure(name: string, url: string, options: ClientOptions): Promise<Sizing> {
  const task = JSON.stringify({ url, options, connections: CONNECTIONS, messages: MESSAGES });
  const args = ['--expose-gc', bundledProgram('test/clusters/programs/sizing.ts'), task];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10 * 60_000 });
  const sizing = JSON.parse(stdout) as Sizing;
  // Few connections and messages tell only that it works.
  if (isShort) return sizing;
  note(
    'messages a second at QoS 1, from one process to itself',
    name,
    String(Math.round(sizing.perSecond / 100) * 100),
  );
  note('memory of one more connection', name, `${Math.round(sizing.connection / 1024)} kB`);
  note(`memory of the process with ${CONNECTIONS} connections`, name, `${Math.round(sizing.process / 2 ** 20)} MB`);
  return sizing;
}
