import { Subscription } from 'rxjs';
import { ConnectError } from '../errors.js';
import { createDecoder, encode } from '../packet/codec.js';
import type { PacketDecoder } from '../packet/decoder.js';
import type { ConnectPacket, Packet, ProtocolVersion } from '../packet/packets.js';
import { MemoryConnection } from '../transport/memory.js';
import type { AcceptedConnection } from '../transport/transport.js';
import { corrupted, type Fault } from './faults.js';
import { Framer } from './framer.js';
import { Lane, type LanePace } from './lane.js';
import type { ClientLine, LineConnection, Refusal } from './test-line.js';

/** What a relay asks of the broker that it leads to. */
export interface RelayPort {
  /** The line of the client that says CONNECT. */
  lineOf(connect: ConnectPacket): ClientLine;
  /** Opens the way to the broker, and gives our end of it. */
  openWay(relay: Relay): MemoryConnection;
  /** Makes the broker forget the session of the client that is about to connect. */
  forgetSession(connect: ConnectPacket): void;
  closed(relay: Relay): void;
}

/**
 * One connection of a client, led past everything that a test does to its line. The packets of both directions are read
 * for the log and for the faults, and travel as the bytes that they were.
 */
export class Relay implements LineConnection, LanePace {
  /** Of the client, once it has said CONNECT. */
  clientId: string | undefined;
  /** Its client was known before CONNECT. */
  readonly isNamed: boolean;
  private far: MemoryConnection | undefined;
  private version: ProtocolVersion = 5;
  private readonly toBroker = new Lane(this);
  private readonly toClient = new Lane(this);
  private fromClient = createDecoder({ receiver: 'server' });
  private fromBroker: PacketDecoder | undefined;
  private readonly readings = new Subscription();
  private isOver = false;

  constructor(
    /** Our end of the client's connection. */
    private readonly near: AcceptedConnection,
    private readonly port: RelayPort,
    /** The client's own end, where it is in this process. */
    private readonly client?: MemoryConnection,
    private line?: ClientLine,
  ) {
    this.isNamed = line !== undefined;
    if (line !== undefined) line.connection = this;
    const framer = new Framer();
    const end = (): void => this.clientLeft();
    this.readings.add(
      near.incoming$.subscribe({
        next: (chunk) => framer.push(chunk).forEach((frame) => this.fromClientSide(frame)),
        error: end,
        complete: end,
      }),
    );
  }

  get latency(): number {
    return this.line?.latency ?? 0;
  }

  get frozenUntil(): number {
    return this.line?.frozenUntil ?? -Infinity;
  }

  cut(): void {
    const { near, far } = this;
    const failure = new ConnectError('the line to the broker broke; the test has cut it');
    this.over();
    if (near instanceof MemoryConnection) near.fail(failure);
    else near.destroy();
    far?.fail(failure);
  }

  close(reasonCode: number, serverReference?: string): void {
    if (this.version === 5) {
      const properties = serverReference === undefined ? undefined : { serverReference };
      this.send({ cmd: 'disconnect', reasonCode, properties });
    }
    this.toClient.send(() => this.endNear());
  }

  congest(congested: boolean): void {
    this.client?.setCongested(congested);
  }

  pump(): void {
    this.toBroker.pump();
    this.toClient.pump();
  }

  /** Sends a packet to the client in the broker's name. */
  send(packet: Packet): void {
    this.toClient.send(() => this.deliver(packet, encode(packet, this.version)));
  }

  /** Takes both ends away, as the end of a test does. */
  destroy(): void {
    const { near, far } = this;
    this.over();
    near.destroy();
    far?.destroy();
  }

  private fromClientSide(bytes: Uint8Array): void {
    if (this.isOver) return;
    const packet = this.read(this.fromClient, bytes);
    if (packet?.cmd === 'connect') {
      this.version = packet.protocolVersion;
      this.clientId = packet.clientId;
      if (this.line === undefined) {
        this.line = this.port.lineOf(packet);
        this.line.connection = this;
        if (this.line.isDown()) return this.cut();
      }
    } else if (packet === undefined) {
      this.fromClient = createDecoder({ receiver: 'server', protocolVersion: this.version });
    }
    const { line } = this;
    const fault = packet && line?.faults.take(packet, '>');
    line?.log.packet('>', packet, mishapOf(fault));
    if (packet?.cmd === 'connect' && fault === undefined) {
      const refusal = line?.nextRefusal();
      if (refusal !== undefined) return this.refuse(refusal);
    }
    this.pass(this.toBroker, fault, bytes, (intact) => {
      if (packet?.cmd === 'connect' && line?.forgetsSession() === true) this.port.forgetSession(packet);
      write((this.far ??= this.openFar()), intact, line?.pieces);
    });
  }

  private fromBrokerSide(bytes: Uint8Array): void {
    const packet = this.read((this.fromBroker ??= createDecoder({ protocolVersion: this.version })), bytes);
    if (packet === undefined) this.fromBroker = undefined;
    const fault = packet && this.line?.faults.take(packet, '<');
    if (fault?.kind === 'drop') this.line?.log.packet('<', packet, 'lost');
    this.pass(this.toClient, fault, bytes, (intact) => this.deliver(packet, intact, mishapOf(fault)));
  }

  private pass(lane: Lane, fault: Fault | undefined, bytes: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    switch (fault?.kind) {
      case 'drop':
        return;
      case 'delay':
        return lane.sendLate(fault.ms, () => arrive(bytes));
      case 'corrupt':
        return lane.send(() => arrive(corrupted(bytes)));
      case 'duplicate':
        lane.send(() => arrive(bytes));
    }
    lane.send(() => arrive(bytes));
  }

  private deliver(packet: Packet | undefined, bytes: Uint8Array, mishap?: 'lost' | 'corrupted'): void {
    this.line?.log.packet('<', packet, mishap);
    write(this.near, bytes, this.line?.pieces);
  }

  private refuse({ reasonCode, serverReference }: Refusal): void {
    const properties = serverReference === undefined ? undefined : { serverReference };
    this.toBroker.send(() => {
      this.send({ cmd: 'connack', sessionPresent: false, reasonCode, properties });
      this.toClient.send(() => this.endNear());
    });
  }

  /** The way to the broker is opened when the first bytes get there. */
  private openFar(): MemoryConnection {
    const far = this.port.openWay(this);
    const framer = new Framer();
    const end = (): void => this.toClient.send(() => this.endNear());
    this.readings.add(
      far.incoming$.subscribe({
        next: (chunk) => framer.push(chunk).forEach((frame) => this.fromBrokerSide(frame)),
        error: end,
        complete: end,
      }),
    );
    return far;
  }

  private read(decoder: PacketDecoder, bytes: Uint8Array): Packet | undefined {
    let read: Packet | undefined;
    try {
      decoder.decode(bytes, (packet) => (read = packet));
    } catch {
      // A packet that cannot be read travels like any other: what becomes of it is what the test is about.
      return undefined;
    }
    return read;
  }

  private clientLeft(): void {
    if (this.isOver) return;
    this.line?.log.closed();
    this.leave();
    this.toClient.clear();
    this.toBroker.send(() => {
      this.over();
      this.far?.end();
    });
  }

  private endNear(): void {
    if (this.isOver) return;
    const { near, far } = this;
    this.over();
    near.end();
    far?.destroy();
  }

  private leave(): void {
    if (this.line?.connection === this) this.line.connection = undefined;
  }

  /** Nothing passes any more. */
  private over(): void {
    if (this.isOver) return;
    if (this.line?.connection === this) this.line.log.closed();
    this.isOver = true;
    this.leave();
    this.toBroker.clear();
    this.toClient.clear();
    this.readings.unsubscribe();
    this.port.closed(this);
  }
}

const mishapOf = (fault: Fault | undefined): 'lost' | 'corrupted' | undefined => {
  if (fault?.kind === 'drop') return 'lost';
  return fault?.kind === 'corrupt' ? 'corrupted' : undefined;
};

/** Writes bytes, in pieces where the line splits them. */
function write(to: AcceptedConnection, bytes: Uint8Array, pieces = Infinity): void {
  for (let at = 0; at < bytes.length; at += pieces) {
    to.out.append(bytes.subarray(at, Math.min(bytes.length, at + pieces)));
    to.commit();
  }
}
