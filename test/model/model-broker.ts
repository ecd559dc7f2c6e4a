import type { AckPacket, ConnectPacket, Packet, ProtocolVersion } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import type { Line } from './line.js';
import type { AckTraits } from './schedule.js';
import type { VirtualClock } from './virtual-clock.js';

/** What holds an identifier and is no message. */
const SUBSCRIBE = 'SUBSCRIBE';
const UNSUBSCRIBE = 'UNSUBSCRIBE';

/** A message of another client, on its way to ours. */
export interface Inbound {
  readonly number: number;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
}

/** One message in the session of the client. */
interface Delivery {
  readonly message: Inbound;
  readonly qos: 0 | 1 | 2;
  packetId: number;
  phase: 'queued' | 'sent' | 'released';
  /** The connection that has seen it. */
  line: Line | undefined;
}

class Session {
  /**
   * The client has shown that it read CONNACK, and a store has it too. Until then the broker does not say that the
   * session is present: a client that never read "session present: 0", or died before it could write that down, cannot
   * know that its own half is void, whatever it does.
   */
  established = false;
  readonly granted = new Map<string, 0 | 1 | 2>();
  /** QoS 2 identifiers between PUBLISH and PUBREL. */
  readonly received = new Set<number>();
  deliveries: Delivery[] = [];

  /** The lowest that is free, so that identifiers come round soon. */
  freeId(): number {
    const taken = new Set(this.deliveries.map(({ packetId }) => packetId));
    let id = 1;
    while (taken.has(id)) id++;
    return id;
  }
}

/** What the broker tells of what it does. */
export interface BrokerEvents {
  /** A message of the client was taken over. */
  readonly accepted: (payload: Uint8Array) => void;
  readonly acknowledged: (message: Inbound) => void;
  /** Its holders may have left without acknowledging it; then it holds up no other message. */
  readonly mayStay: (message: Inbound) => boolean;
  readonly problem: (text: string) => void;
  /** Deliveries of a lost session. */
  readonly dropped: (messages: readonly Inbound[]) => void;
}

interface Connected {
  readonly line: Line;
  readonly receiveMaximum: number;
  /** Exchanges of the client that wait for our last acknowledgement, by packet identifier. */
  readonly open: Map<number, string>;
  /** Identifiers in the order in which PUBLISH went out, by QoS: acknowledgements must keep to it. */
  readonly expected: Record<1 | 2, number[]>;
  readonly aliases: Map<number, string>;
}

/** A broker with one client. It takes a QoS 2 message over at PUBLISH. */
export class ModelBroker {
  receiveMaximum = 0;
  acks: AckTraits = { delays: [0], twice: false };
  refusals = 0;
  loseSession = false;
  private session: Session | undefined;
  private current: Connected | undefined;
  private turn = 0;

  constructor(
    private readonly clock: VirtualClock,
    private readonly version: ProtocolVersion,
    private readonly events: BrokerEvents,
  ) {}

  /** Messages that the client has not acknowledged to the end. */
  get owed(): number {
    return this.session?.deliveries.length ?? 0;
  }

  /** The client died before its store knew of the new session. */
  unlearn(): void {
    if (this.session !== undefined) this.session.established = false;
  }

  gone(line: Line): void {
    if (this.current?.line === line) this.current = undefined;
  }

  /** Another client publishes. */
  publish(message: Inbound): void {
    const { session } = this;
    const granted = session?.granted.get(message.topic);
    if (session === undefined || granted === undefined) return;
    const qos = Math.min(granted, message.qos) as 0 | 1 | 2;
    if (qos === 0) {
      this.current?.line.send(toPacket(message, 0, 0, false));
      return;
    }
    session.deliveries.push({ message, qos, packetId: 0, phase: 'queued', line: undefined });
    this.pump();
  }

  arrived(line: Line, packet: Packet): void {
    if (packet.cmd === 'connect') return this.accept(line, packet);
    const { current, session } = this;
    if (current?.line !== line || session === undefined) return;
    session.established = true;
    switch (packet.cmd) {
      case 'publish':
        return this.published(current, session, packet);
      case 'pubrel': {
        const known = session.received.delete(packet.packetId);
        if (known && !current.open.has(packet.packetId)) current.open.set(packet.packetId, 'released');
        return this.acknowledge(current, ack('pubcomp', packet.packetId, known || this.version < 5 ? 0 : 0x92));
      }
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return this.acknowledged(current, session, packet);
      case 'subscribe': {
        this.claim(current, packet.packetId, SUBSCRIBE);
        for (const { filter, qos } of packet.subscriptions) session.granted.set(filter, qos);
        const reasonCodes = packet.subscriptions.map(({ qos }) => qos);
        return this.acknowledge(current, { cmd: 'suback', packetId: packet.packetId, reasonCodes });
      }
      case 'unsubscribe': {
        this.claim(current, packet.packetId, UNSUBSCRIBE);
        for (const filter of packet.filters) session.granted.delete(filter);
        const reasonCodes = this.version === 5 ? packet.filters.map(() => 0) : [];
        return this.acknowledge(current, { cmd: 'unsuback', packetId: packet.packetId, reasonCodes });
      }
      case 'pingreq':
        return line.send({ cmd: 'pingresp' });
      case 'disconnect':
        return this.gone(line);
      default:
        this.events.problem(`the client sent ${packet.cmd.toUpperCase()}`);
    }
  }

  private accept(line: Line, packet: ConnectPacket): void {
    this.current?.line.end('reset');
    if (this.refusals > 0) {
      this.refusals--;
      // Server unavailable.
      line.send({ cmd: 'connack', sessionPresent: false, reasonCode: this.version === 5 ? 0x88 : 3 });
      return;
    }
    if (packet.clean || this.loseSession || this.session?.established === false) this.forget();
    this.loseSession = false;
    const sessionPresent = this.session !== undefined;
    this.session ??= new Session();
    const { receiveMaximum } = this;
    line.receiveMaximum = receiveMaximum > 0 && this.version === 5 ? receiveMaximum : 65535;
    this.current = {
      line,
      receiveMaximum: packet.properties?.receiveMaximum ?? 65535,
      open: new Map(),
      expected: { 1: [], 2: [] },
      aliases: new Map(),
    };
    for (const delivery of this.session.deliveries) delivery.line = undefined;
    const properties =
      this.version === 5 ? { topicAliasMaximum: 2, ...(receiveMaximum > 0 ? { receiveMaximum } : {}) } : undefined;
    line.send({ cmd: 'connack', sessionPresent, reasonCode: 0, properties });
    this.pump();
  }

  private forget(): void {
    if (this.session === undefined) return;
    this.events.dropped(this.session.deliveries.map(({ message }) => message));
    this.session = undefined;
  }

  private published(current: Connected, session: Session, packet: PublishPacket): void {
    const { packetId, qos, payload } = packet;
    if (qos === 0) return this.events.accepted(payload);
    this.claim(current, packetId, Buffer.from(payload).toString());
    const messages = [...current.open.values()].filter((what) => what !== SUBSCRIBE && what !== UNSUBSCRIBE).length;
    const { receiveMaximum } = current.line;
    if (messages > receiveMaximum) {
      this.events.problem(`${messages} messages are open, and Receive Maximum is ${receiveMaximum}`);
    }
    if (qos === 1) {
      this.events.accepted(payload);
      return this.acknowledge(current, ack('puback', packetId));
    }
    if (!session.received.has(packetId)) this.events.accepted(payload);
    session.received.add(packetId);
    this.acknowledge(current, ack('pubrec', packetId));
  }

  private claim(current: Connected, packetId: number, what: string): void {
    const holder = current.open.get(packetId);
    if (holder !== undefined && holder !== what) {
      this.events.problem(`packet identifier ${packetId} is used for ${what} while ${holder} has it`);
    }
    current.open.set(packetId, what);
  }

  /** Later or sooner, once or twice. */
  private acknowledge(current: Connected, packet: Packet & { packetId: number }): void {
    const { delays, twice } = this.acks;
    const send = (): void => {
      if (packet.cmd !== 'pubrec') current.open.delete(packet.packetId);
      current.line.send(packet);
      if (twice && packet.cmd.startsWith('pub')) current.line.send(packet);
    };
    const delay = delays[this.turn++ % delays.length] ?? 0;
    if (delay === 0) send();
    else this.clock.plan(delay, send);
  }

  private acknowledged(current: Connected, session: Session, packet: AckPacket): void {
    const found = session.deliveries.find(({ packetId }) => packetId === packet.packetId);
    if (found?.line !== current.line) {
      return this.events.problem(`${packet.cmd.toUpperCase()} ${packet.packetId} answers nothing`);
    }
    const { expected, line } = current;
    if (packet.cmd === 'pubrec') {
      if (found.qos !== 2) return this.events.problem(`PUBREC ${packet.packetId} for a QoS 1 message`);
      if (expected[2].includes(packet.packetId)) this.inOrder(expected[2], packet);
      if (found.phase === 'sent') this.events.acknowledged(found.message);
      found.phase = 'released';
      return line.send(ack('pubrel', packet.packetId));
    }
    if (packet.cmd === 'puback') {
      if (found.qos !== 1) return this.events.problem(`PUBACK ${packet.packetId} for a QoS 2 message`);
      if (expected[1].includes(packet.packetId)) this.inOrder(expected[1], packet);
      this.events.acknowledged(found.message);
    } else if (found.phase !== 'released') {
      return this.events.problem(`PUBCOMP ${packet.packetId} without PUBREL`);
    }
    session.deliveries.splice(session.deliveries.indexOf(found), 1);
    this.pump();
  }

  /** [MQTT-4.6.0-2] [MQTT-4.6.0-3] */
  private inOrder(expected: number[], { cmd, packetId }: AckPacket): void {
    let first = expected.shift();
    while (first !== undefined && first !== packetId && this.mayStay(first)) first = expected.shift();
    if (first !== packetId)
      this.events.problem(`${cmd.toUpperCase()} ${packetId} came before that of ${first ?? 'none'}`);
  }

  private mayStay(packetId: number): boolean {
    const found = this.session?.deliveries.find((delivery) => delivery.packetId === packetId);
    return found !== undefined && this.events.mayStay(found.message);
  }

  private pump(): void {
    const { current, session } = this;
    if (current === undefined || session === undefined) return;
    const { line } = current;
    for (const delivery of session.deliveries) {
      if (delivery.line === line) continue;
      const used = session.deliveries.filter((other) => other.line === line).length;
      if (used >= current.receiveMaximum) return;
      delivery.line = line;
      if (delivery.phase === 'released') {
        line.send(ack('pubrel', delivery.packetId));
        continue;
      }
      const dup = delivery.phase === 'sent';
      if (!dup) delivery.packetId = session.freeId();
      delivery.phase = 'sent';
      if (delivery.qos > 0) current.expected[delivery.qos as 1 | 2].push(delivery.packetId);
      line.send(toPacket(delivery.message, delivery.qos, delivery.packetId, dup));
      if (this.current !== current) return;
    }
  }
}

const ack = (cmd: AckPacket['cmd'], packetId: number, reasonCode = 0): AckPacket => ({ cmd, packetId, reasonCode });

function toPacket(message: Inbound, qos: 0 | 1 | 2, packetId: number, dup: boolean): PublishPacket {
  return new PublishPacket(message.topic, Buffer.from(`${message.number}`), qos, false, dup, packetId, undefined);
}
