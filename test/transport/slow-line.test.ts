import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Subscription } from 'rxjs';
import { WebSocketServer } from 'ws';
import { nodeTransport } from '../../src/transport/node-transport.js';
import { opened } from './lines.js';

/** Far more than the buffers of both ends hold, which is one write for the sender. */
const SIZE = 24 * 1024 * 1024;
/** How long the sender bears with a peer that takes nothing, and how long this one takes for all of it, in ms. */
const PATIENCE = 500;
const DURATION = 2000;

const keep = new Subscription();
afterAll(() => keep.unsubscribe());

/** Lets a socket read as much as is due by now. */
function readSlowly(socket: Socket): void {
  const began = performance.now();
  const trickle = setInterval(() => {
    if (socket.bytesRead < (SIZE * (performance.now() - began)) / DURATION) socket.resume();
    else socket.pause();
  }, 5);
  socket.pause();
  socket.once('close', () => clearInterval(trickle));
}

/** A TCP server that reads slowly, and how many bytes it got until the end. */
async function startTcp(): Promise<{ readonly port: number; readonly received: Promise<number> }> {
  const server = createServer({ pauseOnConnect: true });
  keep.add(() => server.close());
  const received = new Promise<number>((resolve) => {
    server.once('connection', (socket) => {
      socket.on('data', () => undefined);
      socket.on('error', () => undefined);
      readSlowly(socket);
      socket.once('close', () => resolve(socket.bytesRead));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, received };
}

async function startWebSocket(): Promise<{ readonly port: number; readonly received: Promise<number> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  keep.add(() => server.close());
  const received = new Promise<number>((resolve) => {
    server.once('connection', (webSocket, { socket }) => {
      readSlowly(socket);
      webSocket.on('error', () => undefined);
      webSocket.once('message', (data: Buffer) => resolve(data.length));
      webSocket.once('close', () => resolve(0));
    });
  });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received };
}

test.each([
  ['mqtt', startTcp],
  ['ws', startWebSocket],
])('over %s, end() waits for a peer that takes one large write slowly', async (scheme, start) => {
  const { port, received } = await start();
  const target = { url: `${scheme}://127.0.0.1:${port}`, subprotocol: 'mqtt', socket: { closeTimeout: PATIENCE } };
  const connection = await opened(nodeTransport(target), keep);
  keep.add(connection.incoming$.subscribe({ error: () => undefined }));
  connection.out.append(new Uint8Array(SIZE));
  connection.commit();
  connection.end();
  expect(await received).toBe(SIZE);
});
