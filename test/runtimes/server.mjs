/** Commands that serve HTTP. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LIMIT = 30_000;

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a command that serves at a port, hands over its address when it answers, and ends it after the use. */
export async function withServer(command, args, cwd, port, use) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = `http://127.0.0.1:${port}`;
  try {
    const due = performance.now() + LIMIT;
    while (!(await answers(url))) {
      if (child.exitCode !== null) throw new Error(`${command} ended:\n${output}`);
      if (performance.now() > due) throw new Error(`${command} does not answer:\n${output}`);
      await delay(100);
    }
    return await use(url);
  } catch (error) {
    throw new Error(`${error.message}\n${output}`.trim(), { cause: error });
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

const answers = (url) =>
  fetch(url).then(
    () => true,
    () => false,
  );
