import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { PeerJob } from '../peer/connection.js';
import type { Figures, Job } from '../workload.js';
import type { Programs } from './build.js';

/** A run that takes longer than this has failed, in ms. */
const PATIENCE = 120_000;

/** The peer of the measurements. */
export class Peer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ports: { readonly tcp: number; readonly ws: number },
  ) {}

  static async start(program: string): Promise<Peer> {
    const child = fork(program, { stdio: 'inherit', serialization: 'advanced' });
    const [ports] = (await once(child, 'message')) as [{ tcp: number; ws: number }];
    return new Peer(child, ports);
  }

  url(transport: 'tcp' | 'ws'): string {
    return transport === 'ws' ? `ws://127.0.0.1:${this.ports.ws}/mqtt` : `mqtt://127.0.0.1:${this.ports.tcp}`;
  }

  /** Tells it what to do for the client that comes next. */
  async expect(job: PeerJob): Promise<void> {
    const ready = once(this.child, 'message');
    this.child.send(job);
    await ready;
  }

  stop(): void {
    this.child.disconnect();
  }
}

/** A Mosquitto of our own; undefined where there is none on this machine. */
export async function startMosquitto(): Promise<{ readonly url: string; stop(): void } | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const config = join(folder, 'mosquitto.conf');
  const port = await freePort();
  await writeFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type none\n`);
  const child = spawn('mosquitto', ['-c', config], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` },
  });
  let failed = false;
  child.once('error', () => (failed = true));
  for (let attempt = 0; attempt < 50 && !failed; attempt++) {
    if (await answers(port)) return { url: `mqtt://127.0.0.1:${port}`, stop: () => child.kill() };
    await wait(50);
  }
  child.kill();
  return undefined;
}

/** Runs one client to its end. */
export async function runClient(programs: Programs, job: Job, nodeOptions: readonly string[] = []): Promise<Figures> {
  const [command, args] = commandOf(programs, job, nodeOptions);
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        const line = stdout.trim().split('\n').pop() ?? '';
        if (error === null && line !== '') resolve(JSON.parse(line) as Figures);
        else
          reject(
            new Error(`${job.client} failed at ${job.scenario}: ${stderr || error?.message || 'it said nothing'}`),
          );
      },
    );
  });
}

function commandOf(programs: Programs, job: Job, nodeOptions: readonly string[]): [command: string, args: string[]] {
  if (job.client === 'libmosquitto') {
    const { hostname, port } = new URL(job.url);
    const { scenario, qos, payload, inFlight, messages, warmup } = job;
    const args = [hostname, port, scenario, qos, payload, inFlight, messages, warmup].map(String);
    return [programs.libmosquitto ?? '', args];
  }
  const needsCollection = ['idle', 'subscriptions', 'heap'].includes(job.scenario);
  const options = needsCollection ? ['--expose-gc', ...nodeOptions] : nodeOptions;
  return [process.execPath, [...options, programs[job.client], JSON.stringify(job), programs.library]];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
