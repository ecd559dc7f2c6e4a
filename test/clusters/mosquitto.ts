import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuration } from './configuration.js';
import { freePorts } from '../support/free-ports.js';
import { env } from '../support/debian.js';
import { ServerProcess } from './server-process.js';

/** A Mosquitto on a free port. */
export async function startMosquitto(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-mosquitto-'));
  const [MQTT = 0] = await freePorts(1);
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, configuration('mosquitto.conf', { MQTT }));
  const command = { name: 'mosquitto', args: ['-v', '-c', file], env, ready: ' running', patience: 20_000 };
  const server = new ServerProcess(command);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `mqtt://127.0.0.1:${MQTT}`, stop };
}
