import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { WebSocketServer } from 'ws';
import { connect, type MqttClient } from '../../src/index.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

/** A broker that accepts everything, acknowledges QoS 1, and remembers what came in. */
export class Peer {
  readonly packets: Packet[] = [];
  /** Bytes of each message of the WebSocket. */
  readonly messages: number[] = [];
  private readonly decoder = new ServerDecoder({ protocolVersion: 4, maximumPacketSize: 1e6 });

  constructor(private readonly write: (bytes: Uint8Array) => void) {}

  receive(chunk: Uint8Array): void {
    const out = new WriteBuffer();
    this.messages.push(chunk.length);
    this.decoder.decode(chunk, (packet) => {
      this.packets.push(packet);
      const answer = answerTo(packet);
      if (answer !== undefined) encodeAny(answer, out, 4);
    });
    for (const bytes of out.take()) this.write(bytes);
  }

  /** Sends packets in one chunk. */
  send(packets: readonly Packet[]): void {
    const out = new WriteBuffer(1 << 20);
    for (const packet of packets) encodeAny(packet, out, 4);
    for (const bytes of out.take()) this.write(bytes);
  }
}

/** A connected client, its peer, and the port that tells the client's socket from the peer's. */
export interface Pair {
  readonly client: MqttClient;
  readonly peer: Peer;
  readonly port: number;
  close(): Promise<void>;
}

export async function overTcp(): Promise<Pair> {
  let peer: Peer | undefined;
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    const mine = new Peer((bytes) => socket.write(bytes));
    peer = mine;
    socket.on('data', (chunk) => mine.receive(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await connected(`mqtt://127.0.0.1:${port}`);
  const close = async (): Promise<void> => {
    await client.end();
    server.close();
    await once(server, 'close');
  };
  return { client, peer: peer as unknown as Peer, port, close };
}

export async function overWebSocket(): Promise<Pair> {
  let peer: Peer | undefined;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (webSocket) => {
    const mine = new Peer((bytes) => webSocket.send(bytes));
    peer = mine;
    webSocket.on('message', (data) => mine.receive(data as Buffer));
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await connected(`ws://127.0.0.1:${port}/mqtt`);
  const close = async (): Promise<void> => {
    await client.end();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client, peer: peer as unknown as Peer, port, close };
}

async function connected(url: string): Promise<MqttClient> {
  const client = connect(url, { protocolVersion: 4 });
  await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
  return client;
}

function answerTo(packet: Packet): Packet | undefined {
  switch (packet.cmd) {
    case 'connect':
      return { cmd: 'connack', sessionPresent: false, reasonCode: 0 };
    case 'publish':
      return packet.qos === 1 ? { cmd: 'puback', packetId: packet.packetId, reasonCode: 0 } : undefined;
    case 'subscribe':
      return { cmd: 'suback', packetId: packet.packetId, reasonCodes: packet.subscriptions.map(({ qos }) => qos) };
    default:
      return undefined;
  }
}
