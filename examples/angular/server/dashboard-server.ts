import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { SimulatedPlant } from './simulated-plant.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** What a page of this application needs, and no more. Angular's styles stand in the page. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'";

export interface DashboardServer {
  /** Where the application is: `http://127.0.0.1:4200`. */
  readonly url: string;
  /** The broker; undefined while it is stopped. */
  readonly broker: Broker | undefined;
  /** What publishes; its devices can be switched off. */
  readonly plant: SimulatedPlant;
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  close(): Promise<void>;
}

export interface DashboardOptions {
  /** The folder that `ng build` made. */
  readonly folder: string;
  readonly port: number;
}

/** Serves the application, and at `/mqtt` the broker, so that one address is all that a browser needs to know. */
export async function startDashboard({ folder, port }: DashboardOptions): Promise<DashboardServer> {
  let broker: Broker | undefined = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
  const [brokerUrl = ''] = await broker.listening;
  const plant = new SimulatedPlant(brokerUrl);
  const server = serveFiles(folder);
  const sockets = passOn(server, Number(new URL(brokerUrl).port));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const stopBroker = async (): Promise<void> => {
    const stopped = broker;
    broker = undefined;
    await stopped?.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get broker() {
      return broker;
    },
    plant,
    stopBroker,
    async startBroker() {
      broker ??= createBroker({ listeners: [brokerUrl] });
      await broker.listening;
    },
    async close() {
      await plant.stop();
      await stopBroker();
      server.close();
      server.closeAllConnections();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** Files of the folder, whose names need no encoding; anything else is the application's to show. */
function serveFiles(folder: string): Server {
  return createServer((request, response) => {
    const path = normalize((request.url ?? '/').split('?')[0] ?? '/');
    const file = extname(path) in TYPES ? join(folder, path) : join(folder, 'index.html');
    readFile(file).then(
      (content) => {
        const type = TYPES[extname(file)] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
}

/** Hands upgrades to the broker, as a reverse proxy does. */
function passOn(server: Server, port: number): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('upgrade', (request, near: Socket) => {
    const far = connect({ port, host: '127.0.0.1' });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    const headers = request.rawHeaders.reduce(
      (text, part, at) => text + part + (at % 2 === 0 ? ': ' : '\r\n'),
      `GET ${request.url ?? '/'} HTTP/1.1\r\n`,
    );
    far.write(`${headers}\r\n`);
    near.pipe(far).pipe(near);
  });
  return sockets;
}
