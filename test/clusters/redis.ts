import { env } from '../support/debian.js';
import { freePorts } from '../support/free-ports.js';
import { ServerProcess } from './server-process.js';

/** A Redis on a free port, or on this one, that keeps nothing on disk. */
export async function startRedis(at?: number): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const [port = 0] = at === undefined ? await freePorts(1) : [at];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const command = { name: 'redis-server', args, env, ready: 'Ready to accept connections', patience: 20_000 };
  const server = new ServerProcess(command);
  await server.start();
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop() };
}
