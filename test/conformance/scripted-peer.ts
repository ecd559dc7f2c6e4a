import { connect, memory, type ClientOptions, type MemoryPeer, type MqttClient } from '../../src/index.js';
import { ServerDecoder } from '../../src/packet/server-decoder.js';
import type { ProtocolVersion } from '../../src/packet/packets.js';

/** Bytes from `'20 02 00 00'`. */
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));

/** The CONNACK that accepts and says nothing else. */
export const ACCEPTED: Readonly<Record<ProtocolVersion, string>> = {
  3: '2002 0000',
  4: '2002 0000',
  5: '2003 00 00 00',
};

/** Lets everything that is due in this turn of the event loop happen. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client, and the other end of its line in the hands of a test that writes bytes. */
export class ScriptedPeer {
  readonly client: MqttClient;
  /** Packets of the client on the newest connection, in hex. */
  sent: string[] = [];
  /** Topics and payloads that the client delivered. */
  readonly delivered: string[] = [];
  connections = 0;
  private peer: MemoryPeer | undefined;

  constructor(version: ProtocolVersion, options: Partial<ClientOptions> = {}) {
    const net = memory();
    net.connections$.subscribe((peer) => {
      this.connections++;
      this.peer = peer;
      this.sent = [];
      const frames = new ServerDecoder({ protocolVersion: version, maximumPacketSize: 1e9 });
      peer.incoming$.subscribe((bytes) => {
        this.sent.push(...splitPackets(bytes));
        // What a client writes is held against the same rules as what it reads.
        frames.decode(bytes, () => undefined);
      });
    });
    this.client = connect({
      url: 'mqtt://scripted',
      clientId: 'c',
      protocolVersion: version,
      keepalive: 0,
      reconnect: false,
      ...options,
      transport: net.transport,
    });
    this.client.messages$.subscribe((message) => this.delivered.push(`${message.topic}=${message.text()}`));
  }

  get closed(): boolean {
    return this.peer?.closed === true;
  }

  /** Writes bytes as one chunk, or one by one. */
  write(bytes: string | Uint8Array, oneByOne = false): void {
    const data = typeof bytes === 'string' ? hex(bytes) : bytes;
    if (!oneByOne) return this.peer?.write(data);
    for (let at = 0; at < data.length; at++) this.peer?.write(data.subarray(at, at + 1));
  }

  /** Closes the broker's side. */
  end(): void {
    this.peer?.end();
  }

  fail(): void {
    this.peer?.fail();
  }

  /** What the client did since the last call: packets in hex, then `closed` once its side is gone. */
  take(): string[] {
    const { sent } = this;
    this.sent = [];
    return this.closed ? [...sent, 'closed'] : sent;
  }
}

/** The packets of a chunk that holds whole ones. */
function splitPackets(bytes: Uint8Array): string[] {
  const packets: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let body = at + 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[body++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    packets.push(Buffer.from(bytes.subarray(at, body + length)).toString('hex'));
    at = body + length;
  }
  return packets;
}
