import { execFile, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { root } from '../harness/build.js';
import type { BrokerName, BrokerWorkload, LoadJob } from './broker-workload.js';

const run = promisify(execFile);
const output = `${root}node_modules/.cache/bench/broker/`;

/** Both programs as plain JavaScript, so that no loader runs inside them. */
export async function buildBrokerPrograms(): Promise<void> {
  await build({
    entryPoints: ['serve.ts', 'load.ts'].map((name) => `${root}bench/broker/${name}`),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outdir: output,
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
}

/** A broker that runs. */
export interface RunningBroker {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a broker; undefined where there is none of that name on this machine. */
export async function startBroker(
  name: BrokerName,
  nodeOptions: readonly string[] = [],
): Promise<RunningBroker | undefined> {
  if (name === 'mosquitto') return startMosquitto();
  const child = fork(`${output}serve.mjs`, [name], { execArgv: [...nodeOptions], stdio: 'inherit' });
  const [port] = (await once(child, 'message')) as [number];
  return running(child, port);
}

/** As fast as it can be: no limit that would make it drop or wait, nothing written to a disk or a log. */
async function startMosquitto(): Promise<RunningBroker | undefined> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const config = join(await mkdtemp(join(tmpdir(), 'bench-broker-')), 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'log_type none',
    'persistence false',
    'max_inflight_messages 1000',
    'max_queued_messages 0',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` };
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore', env });
  let failed = false;
  child.once('error', () => (failed = true));
  for (let attempt = 0; attempt < 100 && !failed; attempt++) {
    if (await answers(port)) return running(child, port);
    await wait(50);
  }
  child.kill();
  return undefined;
}

function running(child: ChildProcess, port: number): RunningBroker {
  const ended = once(child, 'exit');
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Messages a second. */
export async function measureRate(workload: BrokerWorkload, port: number, quick: boolean): Promise<number> {
  const job: LoadJob = { ...workload, port, warmup: quick ? 500 : 1000, duration: quick ? 700 : 2000 };
  const { stdout } = await run(process.execPath, [`${output}load.mjs`, JSON.stringify(job)], { timeout: 60_000 });
  return (JSON.parse(stdout) as { rate: number }).rate;
}

/** kB that the process of a broker grows by for each connection of the workload. */
export async function measureIdle(workload: BrokerWorkload, { port, pid }: RunningBroker): Promise<number> {
  const job: LoadJob = { ...workload, port, warmup: 0, duration: 0 };
  const before = await residentSize(pid);
  const load = fork(`${output}load.mjs`, [JSON.stringify(job)], { stdio: 'inherit', execArgv: [] });
  try {
    const failed = once(load, 'exit').then(() => Promise.reject(new Error(`the load failed at ${workload.name}`)));
    await Promise.race([once(load, 'message'), failed]);
    failed.catch(() => undefined);
    await wait(2000);
    return ((await residentSize(pid)) - before) / workload.publishers;
  } finally {
    load.kill('SIGKILL');
  }
}

/** In kB. */
async function residentSize(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN);
}
