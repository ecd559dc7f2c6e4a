import type { MqttError } from '../../src/errors.js';
import type { Packet } from '../../src/packet/packets.js';
import type { MqttMessage } from '../../src/index.js';
import type { PublishPacket } from '../../src/packet/publish-packet.js';
import type { PublishReceipt } from '../../src/session/outgoing-publish.js';
import type { Line } from './line.js';
import type { Inbound } from './model-broker.js';
import type { Schedule } from './schedule.js';

/** One exchange of a message with one session of the broker. */
interface Exchange {
  readonly packetId: number;
  readonly session: number;
  /** Its place in the order of sending. */
  readonly place: number;
  line: Line;
  /** The client has read PUBREC. */
  received: boolean;
  /** A process has read it; whether the store knows of it is another matter. */
  mayRelease: boolean;
  /** PUBREL was written. */
  released: boolean;
}

/** A publish of the application, and all that became of it. */
export interface Outbound {
  readonly number: number;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly payload: string;
  /** s; 0: none. */
  readonly expiry: number;
  readonly at: number;
  readonly process: number;
  outcome: 'pending' | 'cancelled' | 'killed' | 'done' | MqttError;
  accepted: number;
  exchange: Exchange | undefined;
  /** Times that it was written at QoS 0. */
  written: number;
  /** Of a message whose process was killed: the store has it. */
  durable: boolean;
}

/** An observer of the application, also over processes. */
export class Observer {
  readonly counts = new Map<number, number>();
  /** The last message that was new, by QoS. */
  readonly newest = new Map<number, number>();
  /** Messages that it may see again at QoS 2. */
  readonly pardoned = new Set<number>();
  open = true;
  constructor(
    readonly topic: string,
    readonly qos: 0 | 1 | 2,
    readonly manual: number,
    readonly echo: number,
  ) {}
}

/** A message of the broker at QoS 1 or 2 that the client has read and not acknowledged on this connection. */
interface Reading {
  readonly number: number;
  readonly topic: string;
  readonly qos: 1 | 2;
  readonly observers: readonly Observer[];
}

export interface OracleWorld {
  readonly now: () => number;
  readonly stored: (payload: string) => boolean;
  readonly ending: () => boolean;
}

const isKnown = (cmd: string): boolean => cmd === 'publish' || cmd === 'pubrel';

/** Knows what has to come of a schedule, and notes where it does not. */
export class Oracle {
  readonly problems: string[] = [];
  readonly outbound: Outbound[] = [];
  readonly observers: Observer[] = [];
  process = 1;
  private session = 0;
  private places = 0;
  private readonly open = new Map<number, Outbound>();
  /** Packet identifiers of SUBSCRIBE and UNSUBSCRIBE that wait for their answer. */
  private readonly requests = new Set<number>();
  /** Packet identifiers of SUBSCRIBE alone. */
  private readonly subscribes = new Set<number>();
  /** Connections in a row that ended without SUBACK: after two, the client looks for a filter to blame, and tries it last. */
  private withoutSuback = 0;
  private readonly inbound = new Map<number, Inbound>();
  private readonly readings = new Map<number, Reading>();
  /** Who was there when a message was read for the first time. */
  private readonly promised = new Map<number, readonly Observer[]>();
  /** QoS 2 messages of the broker for which PUBREC was written. */
  private readonly received = new Set<number>();
  private readonly newest = new Map<string, number>();
  private readonly lastPlace = new WeakMap<Line, number>();
  private readonly aliases = new WeakMap<Line, Map<number, string>>();
  /** Publishes that the client believes it has sent: it may have written them to a connection that was gone. */
  private readonly claimed = new Set<number>();
  /** Connections on which SUBSCRIBE has to come first. */
  private readonly subscribeFirst = new WeakSet<Line>();

  constructor(
    private readonly schedule: Schedule,
    private readonly world: OracleWorld,
  ) {}

  problem(text: string): void {
    this.problems.push(`${this.world.now()}: ${text}`);
  }

  // What the application does and sees.

  submitted(topic: string, qos: 0 | 1 | 2, size: number, expiry: number): Outbound {
    const number = this.outbound.length;
    const message: Outbound = {
      number,
      topic,
      qos,
      payload: `#${number};`.padEnd(size, '.'),
      expiry,
      at: this.world.now(),
      process: this.process,
      outcome: 'pending',
      accepted: 0,
      exchange: undefined,
      written: 0,
      durable: false,
    };
    this.outbound.push(message);
    return message;
  }

  succeeded(message: Outbound, receipt: PublishReceipt): void {
    if (message.outcome === 'killed' || message.outcome === 'cancelled') return;
    if (message.outcome !== 'pending') this.problem(`publish ${message.number} settled twice`);
    message.outcome = 'done';
    if (message.qos > 0 && message.accepted === 0) {
      this.problem(`publish ${message.number} succeeded, and the broker never had it`);
    }
    const lost = message.exchange !== undefined && message.exchange.session !== this.session;
    if (receipt.inDoubt === true && !lost) this.problem(`publish ${message.number} is in doubt without a lost session`);
  }

  failed(message: Outbound, error: MqttError): void {
    if (message.outcome === 'killed' || message.outcome === 'cancelled') return;
    if (message.outcome !== 'pending') this.problem(`publish ${message.number} settled twice`);
    message.outcome = error;
    if (!this.mayFail(message, error)) {
      this.problem(`publish ${message.number} at QoS ${message.qos} failed: ${error.code} ${error.message}`);
    }
  }

  delivered(observer: Observer, message: MqttMessage): void {
    const number = Number(Buffer.from(message.payload).toString());
    const before = observer.counts.get(number) ?? 0;
    observer.counts.set(number, before + 1);
    if (!observer.open) this.problem(`message ${number} reached an observer that had left`);
    if (message.topic !== observer.topic) this.problem(`message ${number} reached an observer of another topic`);
    if (before === 0) {
      const newest = observer.newest.get(message.qos) ?? -1;
      // One that others had before this one came may come again, to all.
      const late = this.promised.get(number)?.includes(observer) === false;
      if (number < newest && !late) this.problem(`message ${number} came after ${newest}`);
      observer.newest.set(message.qos, Math.max(newest, number));
    } else if (message.qos === 0 || (message.qos === 2 && !observer.pardoned.delete(number))) {
      this.problem(`message ${number} at QoS ${message.qos} came ${before + 1} times`);
    }
  }

  /** The process dies; the store keeps what `stored` says. */
  killed(): void {
    for (const message of this.outbound) {
      if (message.process !== this.process && message.outcome === 'killed') {
        message.durable = message.durable && this.world.stored(message.payload);
      }
      if (message.exchange !== undefined && !message.exchange.released) message.exchange.received = false;
      if (message.process !== this.process || message.outcome === 'done' || message.outcome === 'killed') continue;
      if (message.outcome !== 'pending' && message.outcome !== 'cancelled') continue;
      message.durable = this.world.stored(message.payload) && message.outcome === 'pending';
      message.outcome = 'killed';
    }
    for (const observer of this.observers) {
      for (const number of observer.counts.keys()) if (!this.received.has(number)) observer.pardoned.add(number);
    }
    this.readings.clear();
    this.process++;
  }

  injected(message: Inbound): void {
    this.inbound.set(message.number, message);
  }

  // What shows on the wire.

  /** The client wrote a packet. */
  written(line: Line, packet: Packet): void {
    if (isKnown(packet.cmd) && this.subscribeFirst.has(line)) {
      this.problem(`${packet.cmd.toUpperCase()} came before the subscriptions were restored`);
    }
    switch (packet.cmd) {
      case 'subscribe':
        this.subscribeFirst.delete(line);
        this.subscribes.add(packet.packetId);
        return this.requestWritten(packet);
      case 'unsubscribe':
        return this.requestWritten(packet);
      case 'publish':
        return this.publishWritten(line, packet);
      case 'pubrel':
        return this.pubrelWritten(line, packet.packetId);
      case 'puback':
      case 'pubrec':
        return this.answerWritten(packet.packetId, packet.cmd);
    }
  }

  /** The client says that it has written a packet. */
  told(packet: Packet): void {
    if (packet.cmd === 'publish') this.claimed.add(this.outboundOf(packet.payload)?.number ?? -1);
  }

  /** The client reads a packet. */
  read(line: Line, packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.reasonCode !== 0) return;
        this.readings.clear();
        this.requests.clear();
        this.withoutSuback = this.subscribes.size > 0 ? this.withoutSuback + 1 : 0;
        this.subscribes.clear();
        if (packet.sessionPresent) return;
        this.session++;
        this.open.clear();
        if (this.withoutSuback < 2 && this.observers.some(({ open }) => open)) this.subscribeFirst.add(line);
        return;
      case 'puback':
      case 'pubcomp':
        return this.exchangeOver(line, packet.packetId, packet.cmd);
      case 'pubrec': {
        const exchange = this.open.get(packet.packetId)?.exchange;
        if (exchange?.line !== line) return;
        exchange.received = true;
        exchange.mayRelease = true;
        return;
      }
      case 'suback':
      case 'unsuback':
        this.requests.delete(packet.packetId);
        this.subscribes.delete(packet.packetId);
        return;
      case 'publish':
        return this.messageRead(packet);
    }
  }

  /** The broker took a message over. */
  accepted(payload: Uint8Array): void {
    const message = this.outboundOf(payload);
    if (message === undefined) return;
    message.accepted++;
    const { number, qos } = message;
    const republished = this.schedule.onSessionLost === 'republish' && this.session > 1;
    if (message.accepted > 1) {
      const repeated = qos === 1 || (qos === 2 && republished) || (qos === 0 && message.process !== this.process);
      if (!repeated) this.problem(`publish ${number} at QoS ${qos} was taken over ${message.accepted} times`);
      return;
    }
    const key = `${message.topic} ${qos}`;
    const newest = this.newest.get(key) ?? -1;
    if (number < newest) this.problem(`publish ${number} was taken over after ${newest}`);
    this.newest.set(key, Math.max(number, newest));
  }

  /** The connection is gone. */
  lineLost(): void {
    this.readings.clear();
  }

  // What must hold at the end.

  /** Nothing is in the way any more, and nothing happens any more. */
  calm(): void {
    for (const message of this.outbound) {
      const { number, outcome, qos } = message;
      if (outcome === 'pending') this.problem(`publish ${number} at QoS ${qos} has not settled`);
      const due = outcome === 'done' ? qos > 0 : outcome === 'killed' && message.durable && this.mustOutlive(message);
      if (due && message.accepted === 0) this.problem(`publish ${number} at QoS ${qos} was lost`);
    }
  }

  /** The client has ended. */
  over(): void {
    for (const { number, outcome } of this.outbound) {
      if (outcome === 'pending') this.problem(`publish ${number} has not settled after the end`);
    }
  }

  private requestWritten({ cmd, packetId }: Packet & { packetId: number }): void {
    if (this.open.has(packetId)) this.problem(`${cmd.toUpperCase()} takes the identifier ${packetId} of a publish`);
    this.requests.add(packetId);
  }

  private publishWritten(line: Line, packet: PublishPacket): void {
    const message = this.outboundOf(packet.payload);
    if (message === undefined) return;
    const { number, qos } = message;
    this.checkTopic(line, packet, message);
    if (packet.qos !== qos) this.problem(`publish ${number} went out at QoS ${packet.qos} instead of ${qos}`);
    const { outcome } = message;
    // Of a killed process, the store may not have learnt of it.
    if (message.process === this.process && (typeof outcome === 'object' || (outcome === 'done' && qos > 0))) {
      this.problem(`publish ${number} went out after it had settled`);
    }
    // It may have been written to a connection that was gone. With a store, it may have been on its way already: in the
    // store, and not yet on the wire.
    const begun = message.exchange !== undefined || this.claimed.has(number) || this.schedule.durable;
    if (outcome === 'cancelled' && !begun) {
      this.problem(`publish ${number} went out after it was cancelled`);
    }
    if (qos === 0) {
      message.written++;
      if (packet.dup) this.problem(`publish ${number} at QoS 0 has DUP`);
      if (message.written > 1 && message.process === this.process)
        this.problem(`publish ${number} at QoS 0 was written twice`);
      return;
    }
    if (this.schedule.durable && !this.world.stored(message.payload)) {
      this.problem(`publish ${number} went out before it was stored`);
    }
    this.checkExpiry(packet, message);
    this.checkExchange(line, packet, message);
  }

  private checkExchange(line: Line, packet: PublishPacket, message: Outbound): void {
    const { number, exchange } = message;
    if (exchange?.session === this.session) {
      if (exchange.packetId !== packet.packetId) this.problem(`publish ${number} changed its packet identifier`);
      if (!packet.dup) this.problem(`publish ${number} was sent again without DUP`);
      if (exchange.line === line) this.problem(`publish ${number} was sent twice on one connection`);
      if (exchange.received || exchange.released) this.problem(`publish ${number} was sent again after PUBREC`);
      exchange.line = line;
      return this.inOrder(line, exchange, number);
    }
    // It is unknown whether a killed process had sent its stored messages.
    if (packet.dup && message.process === this.process && !this.claimed.has(number)) {
      this.problem(`publish ${number} has DUP and was never sent`);
    }
    const holder = this.open.get(packet.packetId);
    if (holder !== undefined) {
      this.problem(`publish ${number} takes the packet identifier ${packet.packetId} of publish ${holder.number}`);
    }
    if (this.requests.has(packet.packetId)) {
      this.problem(`publish ${number} takes the packet identifier ${packet.packetId} of a subscription request`);
    }
    message.exchange = {
      packetId: packet.packetId,
      session: this.session,
      place: this.places++,
      line,
      received: false,
      mayRelease: false,
      released: false,
    };
    this.open.set(packet.packetId, message);
    this.inOrder(line, message.exchange, number);
  }

  /** [MQTT-4.4.0-1] [MQTT-4.6.0-1] */
  private inOrder(line: Line, { place }: Exchange, number: number): void {
    const last = this.lastPlace.get(line) ?? -1;
    if (place < last) this.problem(`publish ${number} was sent again out of order`);
    this.lastPlace.set(line, Math.max(place, last));
  }

  private pubrelWritten(line: Line, packetId: number): void {
    const message = this.open.get(packetId);
    const exchange = message?.exchange;
    if (message === undefined || exchange === undefined) return;
    if (!exchange.mayRelease) this.problem(`PUBREL ${packetId} was sent without PUBREC`);
    exchange.released = true;
    if (exchange.line === line) return;
    exchange.line = line;
    this.inOrder(line, exchange, message.number);
  }

  private exchangeOver(line: Line, packetId: number, cmd: string): void {
    const message = this.open.get(packetId);
    if (message?.exchange?.line !== line) return;
    if ((cmd === 'puback') === (message.qos === 1)) this.open.delete(packetId);
  }

  private messageRead(packet: PublishPacket): void {
    if (packet.qos === 0) return;
    const number = Number(Buffer.from(packet.payload).toString());
    const topic = this.inbound.get(number)?.topic ?? '';
    // When it comes again, those who have come meanwhile are not promised what others have had.
    const observers =
      this.promised.get(number) ?? this.observers.filter((observer) => observer.open && observer.topic === topic);
    this.promised.set(number, observers);
    this.readings.set(packet.packetId, { number, topic, qos: packet.qos, observers });
  }

  /** Nothing is acknowledged that an observer has not seen. */
  private answerWritten(packetId: number, cmd: 'puback' | 'pubrec'): void {
    const reading = this.readings.get(packetId);
    if (reading === undefined) return;
    this.readings.delete(packetId);
    if (cmd === 'pubrec') this.received.add(reading.number);
    for (const observer of reading.observers) {
      if (observer.open && !observer.counts.has(reading.number)) {
        this.problem(`message ${reading.number} was acknowledged before it was delivered`);
      }
    }
  }

  private checkTopic(line: Line, packet: PublishPacket, message: Outbound): void {
    let known = this.aliases.get(line);
    if (known === undefined) this.aliases.set(line, (known = new Map<number, string>()));
    const alias = packet.properties?.topicAlias;
    if (alias !== undefined && packet.topic !== '') known.set(alias, packet.topic);
    const topic = packet.topic === '' ? known.get(alias ?? 0) : packet.topic;
    if (topic !== message.topic) this.problem(`publish ${message.number} went out on topic ${topic ?? 'none'}`);
  }

  private checkExpiry(packet: PublishPacket, message: Outbound): void {
    const left = packet.properties?.messageExpiryInterval;
    if (message.expiry === 0 || this.schedule.version < 5) return;
    // What was sent before, or may have been sent by a process that died, is sent again as it was.
    if (message.exchange !== undefined || this.claimed.has(message.number) || message.process !== this.process) return;
    // It is looked at before it is stored: behind a write that is under way, and then by one of its own.
    const waited = this.world.now() - message.at - 2 * this.schedule.storeLatency;
    if (waited >= (message.expiry + 1) * 1000) this.problem(`publish ${message.number} went out after it had expired`);
    if (left === undefined || left > message.expiry - Math.floor(waited / 1000)) {
      this.problem(`publish ${message.number} went out with ${left ?? 'no'} s to live`);
    }
  }

  private mayFail(message: Outbound, error: MqttError): boolean {
    const { maxMessages, maxBytes, onSessionLost, overflow } = this.schedule;
    const { exchange, qos, expiry } = message;
    switch (error.code) {
      case 'QUEUE_FULL':
        // In a new session, what was in flight waits again with the others.
        if (exchange !== undefined && (overflow !== 'drop-oldest' || exchange.session === this.session)) return false;
        return maxMessages < 10_000 || maxBytes < 1e9;
      case 'EXPIRED':
        return expiry > 0 && this.world.now() - message.at >= expiry * 1000;
      case 'SESSION_LOST':
        if (onSessionLost === 'republish' || (onSessionLost === 'safe' && qos < 2)) return false;
        return exchange !== undefined ? exchange.session !== this.session && !exchange.received : this.session > 1;
      case 'CLOSED':
        return this.world.ending();
      default:
        return false;
    }
  }

  /** Whether a message that the store had when its process died has to arrive all the same. */
  private mustOutlive(message: Outbound): boolean {
    const { maxMessages, maxBytes, onSessionLost, overflow } = this.schedule;
    if (message.expiry > 0) return false;
    if (overflow === 'drop-oldest' && (maxMessages < 10_000 || maxBytes < 1e9)) return false;
    if (message.qos === 0) return message.written === 0;
    // It may have been sent, or have been about to be, in a session that was lost.
    const doubt = this.session > 1 && (onSessionLost === 'fail' || (onSessionLost === 'safe' && message.qos === 2));
    return !doubt;
  }

  private outboundOf(payload: Uint8Array): Outbound | undefined {
    const text = Buffer.from(payload).toString();
    const number = /^#(\d+);\.*$/.exec(text)?.[1];
    const message = this.outbound[Number(number ?? -1)];
    if (message?.payload === text) return message;
    this.problem(`a PUBLISH with a payload that was never published: ${text}`);
    return undefined;
  }
}
