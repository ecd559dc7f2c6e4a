import { connect as dial, type Socket } from 'node:net';
import { PacketDecoder } from '../../src/packet/decoder.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import { LARGEST_PACKET } from '../../src/packet/limits.js';
import type {
  AckCommand,
  AckPacket,
  ConnackPacket,
  ConnectPacket,
  Packet,
  PacketCommand,
  ProtocolVersion,
  PublishProperties,
  QoS,
  Subscription,
  SubackPacket,
  SubscribeProperties,
} from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

const PATIENCE = 5000;

export interface PublishOptions {
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly packetId?: number;
  readonly properties?: PublishProperties;
}

/** The packet of one command. */
export type PacketOf<C extends PacketCommand> = C extends AckCommand ? AckPacket : Extract<Packet, { cmd: C }>;

/**
 * A client of any version that does what the test says and nothing else: it answers nothing, keeps no session, and can
 * send any bytes.
 */
export class RawClient {
  private readonly received: Packet[] = [];
  private readonly decoder: PacketDecoder;
  private wake: (() => void) | undefined;
  private ended = false;
  private packetId = 0;
  /** Everything that came in. */
  readonly log: Packet[] = [];

  private constructor(
    private readonly socket: Socket,
    readonly version: ProtocolVersion,
  ) {
    this.decoder = new PacketDecoder({
      protocolVersion: version,
      maximumPacketSize: LARGEST_PACKET,
    });
    socket.on('data', (chunk: Uint8Array) => {
      this.decoder.decode(chunk, (packet) => {
        this.received.push(packet);
        this.log.push(packet);
      });
      this.wake?.();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.ended = true;
      this.wake?.();
    });
  }

  /** Opens a socket to `tcp://host:port` or `unix:/path`; sends nothing. */
  static async open(url: string, version: ProtocolVersion = 5): Promise<RawClient> {
    const { protocol, hostname, port, pathname } = new URL(url);
    const socket = protocol === 'unix:' ? dial({ path: pathname }) : dial({ host: hostname, port: Number(port) });
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket, version);
  }

  /** Opens a socket, sends CONNECT and waits for the CONNACK. */
  static async connect(
    url: string,
    options: Partial<ConnectPacket> = {},
  ): Promise<RawClient & { readonly connack: ConnackPacket }> {
    const client = await RawClient.open(url, options.protocolVersion ?? 5);
    const connack = await client.handshake(options);
    return Object.assign(client, { connack });
  }

  async handshake(options: Partial<ConnectPacket> = {}): Promise<ConnackPacket> {
    this.send(connectPacket({ protocolVersion: this.version, ...options }));
    return this.next('connack');
  }

  /** Sends a packet, or bytes as they are. */
  send(packet: Packet | Uint8Array): void {
    if (packet instanceof Uint8Array) {
      this.socket.write(packet);
      return;
    }
    const out = new WriteBuffer(1024);
    encodeAny(packet, out, this.version);
    for (const chunk of out.take()) this.socket.write(chunk);
  }

  publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): number {
    const { qos = 0, retain = false, dup = false, properties } = options;
    const packetId = qos === 0 ? 0 : (options.packetId ?? this.nextId());
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    this.send(new PublishPacket(topic, bytes, qos, retain, dup, packetId, properties));
    return packetId;
  }

  /** Publishes and goes through the handshake of the QoS; returns the reason code of the first answer. */
  async publishAndWait(topic: string, payload: string, options: PublishOptions = {}): Promise<number> {
    const packetId = this.publish(topic, payload, options);
    if (options.qos === 1) return (await this.next('puback')).reasonCode;
    if (options.qos !== 2) return 0;
    const { reasonCode } = await this.next('pubrec');
    if (reasonCode >= 0x80) return reasonCode;
    this.ack('pubrel', packetId);
    await this.next('pubcomp');
    return reasonCode;
  }

  async subscribe(
    filters: string | readonly (string | Subscription)[],
    qos: QoS = 0,
    properties?: SubscribeProperties,
  ): Promise<SubackPacket> {
    const list = typeof filters === 'string' ? [filters] : filters;
    const subscriptions = list.map((one) => (typeof one === 'string' ? { filter: one, qos } : one));
    const packetId = this.nextId();
    this.send({ cmd: 'subscribe', packetId, subscriptions, properties });
    return this.next('suback');
  }

  ack(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', packetId: number, reasonCode = 0): void {
    this.send({ cmd, packetId, reasonCode });
  }

  /** The next packet, which must be of this command. */
  async next<C extends PacketCommand>(cmd: C): Promise<PacketOf<C>> {
    const packet = await this.take();
    if (packet === undefined) throw new Error(`the connection was closed before ${cmd.toUpperCase()}`);
    if (packet.cmd !== cmd)
      throw new Error(`${packet.cmd.toUpperCase()} came instead of ${cmd.toUpperCase()}: ${show(packet)}`);
    return packet as PacketOf<C>;
  }

  /** The next PUBLISH, answered as its QoS demands. */
  async message(): Promise<PublishPacket> {
    const message = await this.next('publish');
    if (message.qos === 1) this.ack('puback', message.packetId);
    if (message.qos === 2) {
      this.ack('pubrec', message.packetId);
      await this.next('pubrel');
      this.ack('pubcomp', message.packetId);
    }
    return message;
  }

  /** The next packet of any kind, or undefined when the connection was closed. */
  async take(patience = PATIENCE): Promise<Packet | undefined> {
    const deadline = setTimeout(() => this.wake?.(), patience);
    const until = Date.now() + patience;
    try {
      while (this.received.length === 0) {
        if (this.ended) return undefined;
        if (Date.now() >= until) throw new Error(`no packet came within ${patience} ms`);
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      return this.received.shift();
    } finally {
      clearTimeout(deadline);
      this.wake = undefined;
    }
  }

  /**
   * Everything up to now: the broker answers PINGREQ behind what it had to say before.
   * @returns the packets that came before the PINGRESP.
   */
  async settle(): Promise<Packet[]> {
    this.send({ cmd: 'pingreq' });
    const before: Packet[] = [];
    for (;;) {
      const packet = await this.take();
      if (packet === undefined) throw new Error('the connection was closed before PINGRESP');
      if (packet.cmd === 'pingresp') return before;
      before.push(packet);
    }
  }

  /** Waits for the broker to close; returns what came before. */
  async closed(patience = PATIENCE): Promise<Packet[]> {
    const before: Packet[] = [];
    for (;;) {
      const packet = await this.take(patience);
      if (packet === undefined) return before;
      before.push(packet);
    }
  }

  /** Says goodbye and waits for the end. */
  async disconnect(reasonCode = 0, sessionExpiryInterval?: number): Promise<void> {
    const properties = sessionExpiryInterval === undefined ? undefined : { sessionExpiryInterval };
    this.send({ cmd: 'disconnect', reasonCode, properties });
    await this.closed();
  }

  /** Breaks the line without a word, and waits until the socket is gone. */
  async cut(): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }

  private nextId(): number {
    this.packetId = (this.packetId % 65535) + 1;
    return this.packetId;
  }
}

/** A CONNECT with the defaults of a test: a clean start, no keep-alive. */
export function connectPacket(options: Partial<ConnectPacket> = {}): ConnectPacket {
  return { cmd: 'connect', protocolVersion: 5, clientId: '', clean: true, keepalive: 0, ...options };
}

/** The payload as text, for `expect`. */
export const textOf = (message: PublishPacket): string => new TextDecoder().decode(message.payload);

function show(packet: Packet): string {
  return JSON.stringify(packet, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value].slice(0, 64) : value,
  );
}
