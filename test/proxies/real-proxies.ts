import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { env } from '../support/debian.js';
import { freePort } from '../support/free-ports.js';

export const USERNAME = 'hall';
export const PASSWORD = 'c0rrect-horse';

/** Real proxies on free ports of the loopback interface, each with a configuration of its own. */
export class RealProxies {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rxmqtt-proxies-'));
  private readonly running: ChildProcess[] = [];

  constructor() {
    // Squid and dante go on as users of their own.
    chmodSync(this.folder, 0o777);
  }

  /** Asks for credentials. */
  async squid(): Promise<number> {
    const port = await freePort();
    const hash = execFileSync('openssl', ['passwd', '-apr1', PASSWORD], { env }).toString().trim();
    const users = this.file('users', `${USERNAME}:${hash}\n`);
    const config = this.file(
      'squid.conf',
      `http_port 127.0.0.1:${port}
       auth_param basic program /usr/lib/squid/basic_ncsa_auth ${users}
       auth_param basic children 1
       acl known proxy_auth REQUIRED
       http_access allow known
       http_access deny all
       cache deny all
       access_log none
       cache_log ${this.folder}/squid.log
       pid_filename ${this.folder}/squid.pid
       coredump_dir ${this.folder}
       shutdown_lifetime 0 seconds
       pinger_enable off
      `.replace(/^ +/gm, ''),
    );
    return this.start(port, 'squid', '-N', '-f', config);
  }

  /** Admits every connection, or only those to the named ports. */
  async tinyproxy(...ports: number[]): Promise<number> {
    const port = await freePort();
    const config = this.file(
      `tinyproxy-${port}.conf`,
      ['Port ' + port, 'Listen 127.0.0.1', 'Timeout 60', 'MaxClients 20', 'LogLevel Critical']
        .concat(ports.map((allowed) => `ConnectPort ${allowed}`))
        .join('\n') + '\n',
    );
    return this.start(port, 'tinyproxy', '-d', '-c', config);
  }

  /** SOCKS without credentials. */
  async dante(): Promise<number> {
    const port = await freePort();
    const config = this.file(
      'danted.conf',
      `errorlog: ${this.folder}/danted.log
       logoutput: ${this.folder}/danted.log
       internal: 127.0.0.1 port = ${port}
       external: 127.0.0.1
       clientmethod: none
       socksmethod: none
       user.privileged: root
       user.unprivileged: nobody
       client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
       socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
      `.replace(/^ +/gm, ''),
    );
    return this.start(port, 'danted', '-f', config, '-p', `${this.folder}/danted.pid`);
  }

  /** SOCKS with credentials. */
  async microsocks(): Promise<number> {
    const port = await freePort();
    return this.start(port, 'microsocks', '-i', '127.0.0.1', '-p', String(port), '-u', USERNAME, '-P', PASSWORD);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.running.map(async (child) => {
        const gone = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        const patience = new AbortController();
        void delay(5000, undefined, { signal: patience.signal }).then(
          () => child.kill('SIGKILL'),
          () => undefined,
        );
        if (child.exitCode === null) await gone;
        patience.abort();
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  private file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o644 });
    return path;
  }

  private async start(port: number, command: string, ...args: string[]): Promise<number> {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.running.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    for (let patience = 100; patience > 0; patience--) {
      if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
      if (await isOpen(port)) return port;
      await delay(100);
    }
    throw new Error(`${command} does not listen: ${said}`);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
