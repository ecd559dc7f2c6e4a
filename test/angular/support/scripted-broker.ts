import { memory, type ClientOptions, type MemoryPeer, type Packet, type PublishPacket } from '../../../src/index.js';
import { connack, puback, publish, suback, unsuback } from '../../../marble-tests/packets.js';
import { ServerDecoder } from '../../../src/packet/server-decoder.js';
import { encodeAny } from '../../../src/packet/encode-any.js';
import { WriteBuffer } from '../../../src/packet/write-buffer.js';

/** The other end of a client's line: it grants everything, but a filter named `forbidden`. */
export class ScriptedBroker {
  /** What clients asked for: `CONNECT`, `SUBSCRIBE a/b`. */
  readonly log: string[] = [];
  readonly published: PublishPacket[] = [];
  private readonly memory = memory();
  private peer: MemoryPeer | undefined;

  constructor() {
    this.memory.connections$.subscribe((peer) => {
      this.peer = peer;
      const decoder = new ServerDecoder({ protocolVersion: 5, maximumPacketSize: 1e6 });
      peer.incoming$.subscribe({
        next: (bytes) => decoder.decode(bytes, (packet) => this.answer(packet)),
        complete: () => this.log.push('closed'),
      });
    });
  }

  /** Options for a client whose line ends here. */
  options(options: Partial<ClientOptions> = {}): ClientOptions {
    return { url: 'mqtt://memory', transport: this.memory.transport, ...options };
  }

  publish(topic: string, payload: string, properties?: PublishPacket['properties']): void {
    this.send(publish(topic, payload, properties === undefined ? {} : { properties }));
  }

  drop(): void {
    this.peer?.fail();
  }

  private send(packet: Packet): void {
    const out = new WriteBuffer();
    encodeAny(packet, out, 5);
    for (const chunk of out.take()) this.peer?.write(chunk);
  }

  private answer(packet: Packet): void {
    switch (packet.cmd) {
      case 'connect':
        this.log.push('CONNECT');
        return this.send(connack());
      case 'subscribe': {
        const filters = packet.subscriptions.map(({ filter }) => filter);
        this.log.push(`SUBSCRIBE ${filters.join(' ')}`);
        return this.send(suback(packet.packetId, ...filters.map((filter) => (filter === 'forbidden' ? 0x87 : 0))));
      }
      case 'unsubscribe':
        this.log.push(`UNSUBSCRIBE ${packet.filters.join(' ')}`);
        return this.send(unsuback(packet.packetId, ...packet.filters.map(() => 0)));
      case 'publish':
        this.log.push(`PUBLISH ${packet.topic}`);
        this.published.push(packet);
        if (packet.qos === 1) this.send(puback(packet.packetId));
        return;
      default:
        this.log.push(packet.cmd.toUpperCase());
    }
  }
}

/** Everything that was to be done in this tick, and what follows of it, is done. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What is in memory takes some turns of the event loop to come over, and the answer to come back. */
export async function arrived(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settled();
}
