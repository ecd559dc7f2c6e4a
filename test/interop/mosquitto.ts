import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { env } from '../support/debian.js';
import { freePorts } from '../support/free-ports.js';

/** What the listener with a password file lets in. */
export const USERNAME = 'hall';
export const PASSWORD = 'correct horse';

const LISTENERS = ['tcp', 'tls', 'ws', 'wss', 'password', 'mutualTls'] as const;
type ListenerName = (typeof LISTENERS)[number];

export interface Mosquitto {
  readonly certificates: Certificates;
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** The URL of a listener: `mqtts://127.0.0.1:40123`. */
  url(listener: ListenerName): string;
  /** Runs mosquitto_pub against the plain TCP listener, to its end. */
  pub(...args: string[]): void;
  /** Starts mosquitto_sub there; resolves with what it printed, line by line, when it has ended by itself. */
  sub(...args: string[]): Promise<string[]>;
  stop(): Promise<void>;
}

const SCHEMES: Readonly<Record<ListenerName, string>> = {
  tcp: 'mqtt',
  tls: 'mqtts',
  ws: 'ws',
  wss: 'wss',
  password: 'mqtt',
  mutualTls: 'mqtts',
};

/**
 * Starts a Mosquitto of its own on free ports of the loopback interface; `more` are lines of its configuration.
 * Rejects when it is not installed or does not come up: a ring without a broker has not passed.
 */
export async function startMosquitto(more: readonly string[] = []): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-mosquitto-'));
  const certificates = makeCertificates();
  const free = await freePorts(LISTENERS.length);
  const ports = Object.fromEntries(LISTENERS.map((name, index) => [name, free[index]])) as Record<ListenerName, number>;
  writeFiles(folder, certificates);
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(config, configuration(folder, ports) + more.map((line) => `${line}\n`).join(''));

  const broker = spawn('mosquitto', ['-v', '-c', config], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => broker.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    broker.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilRunning(broker);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const at = ['-h', '127.0.0.1', '-p', String(ports.tcp)];
  return {
    certificates,
    ports,
    url: (listener) => `${SCHEMES[listener]}://127.0.0.1:${ports[listener]}`,
    pub: (...args) => void execFileSync('mosquitto_pub', [...at, ...args], { env }),
    sub: (...args) => lines(spawn('mosquitto_sub', [...at, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })),
    stop,
  };
}

/**
 * No bound on queued messages: above 1000 Mosquitto drops, which is its policy, not a loss of ours.
 * `user root` keeps it readable for a Mosquitto that was started by root; any other user ignores it.
 */
function configuration(folder: string, ports: Readonly<Record<ListenerName, number>>): string {
  const server = [`cafile ${folder}/ca.crt`, `certfile ${folder}/server.crt`, `keyfile ${folder}/server.key`];
  const listener = (port: number, ...lines: string[]): string[] => ['', `listener ${port} 127.0.0.1`, ...lines];
  return [
    'per_listener_settings true',
    'user root',
    'persistence false',
    'log_dest stderr',
    'max_queued_messages 0',
    ...listener(ports.tcp, 'allow_anonymous true'),
    ...listener(ports.tls, 'allow_anonymous true', ...server),
    ...listener(ports.ws, 'protocol websockets', 'allow_anonymous true'),
    ...listener(ports.wss, 'protocol websockets', 'allow_anonymous true', ...server),
    ...listener(ports.password, 'allow_anonymous false', `password_file ${folder}/passwords`),
    ...listener(ports.mutualTls, 'require_certificate true', 'use_identity_as_username true', ...server),
    '',
  ].join('\n');
}

function writeFiles(folder: string, { ca, server }: Certificates): void {
  writeFileSync(join(folder, 'ca.crt'), ca.cert);
  writeFileSync(join(folder, 'server.crt'), server.cert);
  writeFileSync(join(folder, 'server.key'), server.key);
  execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), USERNAME, PASSWORD], { env });
}

function untilRunning(broker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    broker.once('error', (cause) =>
      reject(
        new Error('mosquitto cannot be started: install the Debian packages mosquitto mosquitto-clients', { cause }),
      ),
    );
    broker.once('close', (code) => reject(new Error(`mosquitto ended with code ${code}:\n${log}`)));
    // Read to its end, for a full pipe would stop the broker.
    broker.stderr?.on('data', (chunk: Buffer) => {
      if (log.includes(' running')) return;
      log += chunk.toString();
      if (log.includes(' running')) resolve();
    });
  });
}

function lines(child: ChildProcess): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let output = '';
    let complaints = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output.split('\n').slice(0, -1));
      else reject(new Error(`mosquitto_sub ended with code ${code}: ${complaints}`));
    });
  });
}
