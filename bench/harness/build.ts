import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);

export const root = fileURLToPath(new URL('../../', import.meta.url));
const output = `${root}node_modules/.cache/bench/`;

/** Programs that can be started. */
export interface Programs {
  readonly rxmqtt: string;
  readonly mqttjs: string;
  readonly raw: string;
  readonly packets: string;
  readonly peer: string;
  /** Where `cc` and the headers of libmosquitto are. */
  readonly libmosquitto: string | undefined;
  /** The library as it is shipped. */
  readonly library: string;
}

/** Makes plain JavaScript of the client processes, so that no loader runs inside them, and compiles the one in C. */
export async function buildPrograms(library: string | undefined): Promise<Programs> {
  await build({
    entryPoints: ['clients/rxmqtt.ts', 'clients/mqttjs.ts', 'clients/raw.ts', 'peer/main.ts'].map(
      (path) => `${root}bench/${path}`,
    ),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: output,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return {
    rxmqtt: `${output}clients/rxmqtt.mjs`,
    mqttjs: `${output}clients/mqttjs.mjs`,
    raw: `${output}clients/raw.mjs`,
    packets: `${output}clients/raw.mjs`,
    peer: `${output}peer/main.mjs`,
    libmosquitto: await compileC(),
    library: library ?? (await builtLibrary()),
  };
}

async function compileC(): Promise<string | undefined> {
  const program = `${output}libmosquitto`;
  try {
    await run('cc', ['-O2', '-o', program, `${root}bench/clients/libmosquitto.c`, '-lmosquitto']);
    return program;
  } catch {
    return undefined;
  }
}

/** What `npm run build` left; built now where there is nothing. */
async function builtLibrary(): Promise<string> {
  const entry = `${root}dist/node/index.js`;
  await access(entry).catch(() => run('npm', ['run', 'build'], { cwd: root }));
  return entry;
}
