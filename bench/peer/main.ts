/** The peer of the measurements, in a process of its own. The harness tells it what to do for the next client. */
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { WebSocketServer } from 'ws';
import { PeerConnection, type PeerJob } from './connection.js';

let job: PeerJob = { filters: 0, topics: ['bench'], again: 0, count: 0, payload: 0, qos: 0, inFlight: 1 };

const tcp = createTcpServer({ noDelay: true }, (socket) => {
  const connection = new PeerConnection({ webSocket: false, write: (bytes) => socket.write(bytes) }, job);
  socket.on('data', (chunk) => connection.receive(chunk));
  socket.on('drain', () => connection.deliver());
  socket.on('error', () => socket.destroy());
});

const http = createServer();
const webSockets = new WebSocketServer({ server: http, handleProtocols: (offered) => [...offered][0] ?? false });
webSockets.on('connection', (webSocket, request) => {
  const socket = request.socket;
  socket.setNoDelay(true);
  const connection = new PeerConnection({ webSocket: true, write: (bytes) => socket.write(bytes) }, job);
  webSocket.on('message', (data) => connection.receive(data as Buffer));
  socket.on('drain', () => connection.deliver());
  webSocket.on('error', () => socket.destroy());
});

process.on('message', (next: PeerJob) => {
  job = next;
  process.send?.({ ready: true });
});
process.on('disconnect', () => process.exit(0));

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

process.send?.({ tcp: await listen(tcp), ws: await listen(http) });
